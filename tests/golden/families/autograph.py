"""Functions with Python control flow on tensors, inside `tf.function`."""

from __future__ import annotations

import functools

import numpy as np

from tests.golden.case import case, integers, normal, uniform

CASES = []


def frozen(*inputs, **options):
    """Makes a case of a function of `tf` that returns a function, which runs inside `tf.function` on the inputs."""

    def decorate(make):
        def run(tf, **given):
            return tf.function(make(tf))(*given.values())

        run.__name__ = make.__name__
        CASES.append(case(run, **options, **{f"x{i}": x for i, x in enumerate(inputs)}))
        return make

    return decorate


def i32(value):
    return np.array(value, np.int32)


def f32(value):
    return np.array(value, np.float32)


@frozen(i32(27))
def collatz(tf):
    def steps(n):
        count = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            count += 1
        return count

    return steps


@frozen(i32(20))
def fizzbuzz(tf):
    def words(n):
        result = tf.TensorArray(tf.string, size=n, element_shape=[])
        for i in tf.range(n):
            if (i + 1) % 15 == 0:
                word = "FizzBuzz"
            elif (i + 1) % 3 == 0:
                word = "Fizz"
            elif (i + 1) % 5 == 0:
                word = "Buzz"
            else:
                word = "a number"
            result = result.write(i, word)
        return result.stack()

    return words


@frozen(normal(4, 3, 2), normal(2, 5), normal(5, 5, seed=1))
def dynamic_rnn(tf):
    def rnn(x, w, u):
        h = tf.zeros([3, 5])
        outputs = tf.TensorArray(tf.float32, size=4)
        for t in tf.range(4):
            h = tf.tanh(x[t] @ w + h @ u)
            outputs = outputs.write(t, h)
        return outputs.stack(), h

    return rnn


@frozen(normal(6, 3), normal(3))
def rows_of_a_tensor(tf):
    def total(x, w):
        s = 0.0
        for row in x:
            s += tf.reduce_sum(row * w) ** 2
        return s

    return total


@frozen(i32(7))
def early_return(tf):
    def grade(n):
        if n > 9:
            return "high"
        n = n * 2
        if n > 9:
            return "middle"
        return "low"

    return grade


@frozen(i32(3))
def return_by_python_condition(tf):
    def f(n, training=False):
        if training:
            return n * 100
        if n > 5:
            return n
        return -n

    return f


@frozen(integers(5, 6, low=0, high=9))
def break_in_nested_loops(tf):
    def find(x):
        row, column, seen = -1, -1, 0
        for i in tf.range(5):
            for j in tf.range(6):
                seen += 1
                if x[i, j] == 7:
                    row, column = i, j
                    break
            if row >= 0:
                break
        return row, column, seen

    return find


@frozen(i32(20))
def continue_and_break(tf):
    def f(n):
        total, i = 0, 0
        while True and i < n:
            i += 1
            if i % 3 == 0:
                continue
            if i > 13:
                break
            total += i
        return total, i

    return f


@frozen(uniform(1, low=1.0, high=9.0)[0])
def newton(tf):
    def root(a):
        x = a
        while tf.abs(x * x - a) > 1e-4:
            x = (x + a / x) / 2.0
        return x

    return root


@frozen(normal(2, 4), normal(4, 4))
def beam_step(tf):
    def step(scores, transition):
        best = tf.constant([[0], [0]])
        for _ in tf.range(2):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(best, tf.TensorShape([2, None]))])
            candidates = tf.reduce_max(scores[:, :, None] + transition, axis=1)
            best = tf.concat([best, tf.argmax(candidates, 1, output_type=tf.int32)[:, None]], 1)
            scores = candidates
        return best, scores

    return step


@frozen(normal(8, 3), normal(8), normal(3, seed=4))
def training_loop(tf):
    def train(xs, ys, w):
        for x, y in zip(tf.unstack(xs), tf.unstack(ys), strict=True):
            with tf.GradientTape() as tape:
                tape.watch(w)
                loss = (tf.reduce_sum(x * w) - y) ** 2
            if loss > 0.5:
                w = w - 0.1 * tape.gradient(loss, w)
        return w

    return train


@frozen(normal(5), f32(0.3))
def branch_in_loop(tf):
    def f(x, a):
        y = tf.zeros([])
        for i in tf.range(5):
            if x[i] > 0.0:
                y = y * a + x[i]
            else:
                y = y - tf.sin(x[i] * a)
        return y

    return f


@frozen(f32(1.5))
def branches_with_gradient(tf):
    def f(x):
        if x > 1.0:
            y = x * x
        elif x > 0.0:
            y = x
        else:
            y = tf.constant(0.0)
        return y * 3.0

    return f


@frozen(f32(-2.0), f32(5.0))
def logic(tf):
    def f(x, y):
        a = x > 0.0 and y > 0.0
        b = x > 0.0 or y > 0.0
        return a, b, not a, 0.0 < y < 6.0, 0.0 < x < y < 10.0, x < y and True, 1.0 if x > y else 2.0

    return f


@frozen(i32(4))
def ints_become_tensors(tf):
    def f(n):
        a, b = 0, 1
        for _ in tf.range(n):
            a, b = b, a + b
        return a, b, tf.is_tensor(a)

    return f


@frozen(i32(5))
def ranges(tf):
    def f(n):
        a = b = c = 0
        for i in range(n):
            a += i
        for i in range(1, n):
            b += i
        for i in tf.range(1, n, 2):
            c += i
        return a, b, c, i

    return f


@frozen(i32([3, 1, 2]))
def builtins(tf):
    def f(x):
        return len(x), abs(-x), int(x[0]), float(x[1]), sorted(x), sorted(x, reverse=True), sorted(x, key=lambda v: -v)

    return f


@frozen(i32(3))
def first_set_in_a_loop(tf):
    def f(n):
        for i in tf.range(n):
            y = i * 2
        return y, i

    return f


@frozen(i32(0))
def first_set_in_a_loop_that_never_runs(tf):
    def f(n):
        i = 0
        while i < n:
            y = i
            i += 1
        return y

    return f


@frozen(i32(3))
def none_before_a_loop(tf):
    def f(n):
        last = None
        for i in tf.range(n):
            last = i
        return last

    return f


@frozen(i32(3))
def attributes(tf):
    class Box:
        pass

    def f(n):
        box = Box()
        box.total = 0
        for i in tf.range(n):
            box.total = box.total + i
        if n > 2:
            box.sign = 1
        else:
            box.sign = -1
        return box.total, box.sign

    return f


@frozen(i32(3))
def items(tf):
    def f(n):
        d, a, k = {"total": 0}, [0, 1], 1
        for i in tf.range(n):
            d["total"] = d["total"] + i
            a[0] = a[0] + 2
            a[k] = a[k] * 2
        return d["total"], a[0], a[1]

    return f


@frozen(i32(3))
def closures(tf):
    offset = 10

    def outer(n):
        scale = 2

        def inner(x, power=1, *rest, sign=1, **others):
            if x > 2:
                return x * scale * power * sign + offset
            return x - len(rest) - len(others)

        return inner(n), inner(n - 2, 1, 2, 3, a=1), (lambda x: x if x > 5 else -x)(n), inner(n, sign=-1)

    return outer


@frozen(i32(3))
def partial_and_callable(tf):
    class Adder:
        def __init__(self, k):
            self.k = k

        def __call__(self, x):
            if x > self.k:
                return x
            return x + self.k

    def scaled(x, by):
        return x * by if x > 0 else x

    def f(n):
        return functools.partial(scaled, by=4)(n), Adder(2)(n), Adder(7)(n)

    return f


@frozen(i32(3))
def methods_and_super(tf):
    class Base:
        secret = 5

        def value(self, x):
            if x > 1:
                x = x + self.secret
            return x

        @classmethod
        def made(cls, x):
            return 1 if x > 0 else cls.secret

        @staticmethod
        def plain(x):
            return 1 if x > 9 else 2

    class Derived(Base):
        def value(self, x):
            if x > 0:
                y = super().value(x) * 2
            else:
                y = x
            return y

    def f(n):
        return Derived().value(n), Base.made(n), Derived.made(-n), Base().plain(n)

    return f


def factorial(n):
    if n <= 1:
        return 1
    return n * factorial(n - 1)


@frozen(i32(3))
def recursion(tf):
    return lambda n: factorial(5) * n


@frozen(i32(3))
def comprehensions_and_generators(tf):
    def doubled(k):
        for i in range(k):
            if i != 1:
                yield 2 * i

    def f(n):
        picked = [n if n > x else x for x in range(5) if x != 2]
        return picked, sum(doubled(4)), {k: n + k for k in (1, 2)}[2]

    return f


@frozen(i32(3))
def tries(tf):
    def f(n):
        for i in range(4):
            try:
                if i == 1:
                    continue
                if i == 3:
                    break
                n = n + 1
                if i == 0:
                    raise KeyError
            except KeyError:
                n = n * 10
            finally:
                n = n + 1
        return n

    return f


@frozen(i32(3))
def maximum_iterations(tf):
    def f(n):
        i = 0
        while i < n:
            tf.autograph.experimental.set_loop_options(maximum_iterations=2)
            i += 1
        return tf.identity(i)

    return f


@frozen(i32(6))
def growing_array(tf):
    def f(n):
        found = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
        k = 0
        for i in tf.range(n):
            if i % 2 == 0:
                found = found.write(k, i * i)
                k += 1
        return found.stack()

    return f


@frozen(integers(3, 4))
def structures_in_branches(tf):
    def f(x):
        if tf.reduce_sum(x) > 0:
            result = {"a": x, "b": (x[0], 1)}
        else:
            result = {"a": -x, "b": (x[1], 2)}
        return result["a"], result["b"]

    return f


@frozen(normal(3, 4))
def map_of_a_function(tf):
    def soft(row):
        if row[0] > 0.0:
            return row * 2.0
        return tf.nn.softmax(row)

    return lambda x: tf.map_fn(soft, x)


@frozen(i32(2))
def strings(tf):
    def f(n):
        s = "a"
        while n > 0:
            s = s + "b"
            n -= 1
        return s

    return f


@frozen(i32(4))
def nested_functions_traced(tf):
    @tf.function
    def inner(x):
        if x > 2:
            return x * 2
        return x

    def f(n):
        total = 0
        for i in tf.range(n):
            total += inner(i)
        return total

    return f


@frozen(f32(0.7))
def loop_until_small(tf):
    def f(x):
        n = 0
        while tf.abs(x) > 0.05 and n < 50:
            x = x * tf.cos(x) * 0.8
            n += 1
        return x, n

    return f


@frozen(i32(10))
def primes(tf):
    def f(n):
        count = 0
        for i in tf.range(2, n):
            is_prime = True
            j = 2
            while j * j <= i:
                if i % j == 0:
                    is_prime = False
                    break
                j += 1
            if is_prime:
                count += 1
        return count

    return f


# What TensorFlow refuses.


@frozen(i32(1))
def only_one_branch_sets(tf):
    def f(x):
        if x > 0:
            y = x
        return y

    return f


@frozen(i32(1))
def only_one_branch_returns(tf):
    def f(x):
        if x > 0:
            return x

    return f


@frozen(i32(1))
def dtypes_of_branches_differ(tf):
    def f(x):
        if x > 0:
            y = 1
        else:
            y = 2.0
        return y

    return f


@frozen(i32(1))
def structures_of_branches_differ(tf):
    def f(x):
        if x > 0:
            y = [x, x]
        else:
            y = [x]
        return y

    return f


@frozen(i32(1))
def none_in_one_branch(tf):
    def f(x):
        y = None
        if x > 0:
            y = x
        return y

    return f


@frozen(i32([1, 2]))
def condition_with_axes(tf):
    def f(x):
        if x > 0:
            return 1
        return 2

    return f


@frozen(i32(1))
def condition_of_integers(tf):
    def f(x):
        if x:
            return 1
        return 2

    return f


@frozen(i32(3))
def loop_changes_dtype(tf):
    def f(n):
        x = tf.constant(1)
        for _ in tf.range(n):
            x = tf.cast(x, tf.float32)
        return x

    return f


@frozen(i32(3))
def loop_changes_shape(tf):
    def f(n):
        x = tf.constant([1])
        for _ in tf.range(n):
            x = tf.concat([x, x], 0)
        return x

    return f


@frozen(i32(3))
def loop_changes_structure(tf):
    def f(n):
        x = [n]
        for i in tf.range(n):
            x = [i, i]
        return x

    return f


@frozen(i32(3))
def loop_leaves_none(tf):
    def f(n):
        x = 1
        for _ in tf.range(n):
            x = None
        return x

    return f


@frozen(i32(3))
def read_before_a_loop_sets(tf):
    def f(n):
        for i in tf.range(n):
            x = x + i  # noqa: F821
        return x  # noqa: F821

    return f


@frozen(i32(3))
def loop_over_a_scalar(tf):
    def f(n):
        for _ in n:
            pass
        return n

    return f


@frozen(i32(3))
def attribute_in_one_branch(tf):
    class Box:
        pass

    def f(n):
        box = Box()
        if n > 2:
            box.x = 1
        return box.x

    return f


@frozen(i32(3))
def unbound(tf):
    def f(n):
        if n is None:
            y = 1
        return y

    return f


@frozen(i32(0))
def case_none_is_true(tf):
    return lambda x: tf.case([(x > 1, lambda: 1), (x > 5, lambda: 2)])


@frozen(i32(3))
def case_without_default(tf):
    return lambda x: tf.case([(x > 5, lambda: 1), (x > 1, lambda: 2)])


@frozen(f32([1.0, 2.0]))
def array_first_written_beside_a_shape_invariant(tf):
    def run(x):
        rows = tf.TensorArray(tf.float32, 0, dynamic_size=True)
        for i in tf.range(3):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
            rows = rows.write(i, tf.reduce_sum(x))
            x = tf.concat([x, x], 0)
        return rows.stack()

    return run


@frozen(f32([1.0, 2.0]))
def while_loop_with_an_array_and_shape_invariants(tf):
    def run(x):
        def body(i, y, rows):
            return i + 1, tf.concat([y, y], 0), rows.write(i, x * tf.cast(i, tf.float32))

        start = (0, x, tf.TensorArray(tf.float32, 0, dynamic_size=True))
        shapes = (tf.TensorShape([]), tf.TensorShape([None]), tf.TensorShape(None))
        _, y, rows = tf.while_loop(lambda i, y, rows: i < 3, body, start, shapes)
        return y, rows.stack()

    return run


@frozen(i32(3))
def while_loop_with_a_ragged_invariant(tf):
    def run(n):
        rows = tf.ragged.constant([[1, 2], [3]])

        def body(i, r):
            return i + 1, tf.ragged.map_flat_values(lambda v: v * 2, r)

        shapes = (tf.TensorShape([]), tf.RaggedTensorSpec([None, None], tf.int32))
        return tf.while_loop(lambda i, r: i < n, body, (0, rows), shapes)[1].to_tensor()

    return run
