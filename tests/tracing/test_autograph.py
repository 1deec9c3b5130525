"""AutoGraph: what golden cases cannot say: side effects, sources, errors' lines, what is converted and what is not."""

import functools
import gc
import linecache
import os
import subprocess
import sys
import textwrap
import traceback
import weakref

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tenfold.tracing.autograph import converted


@pytest.fixture(autouse=True)
def _on_numpy(monkeypatch):
    monkeypatch.setattr(settings, "compiles", False)


def same(function, *args):
    """Checks that a function gives the same traced as run eagerly; returns that."""
    eager = function(*args)
    traced = tf.function(function)(*args)
    tf.nest.map_structure(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6), traced, eager)
    return eager


ints = [tf.constant(i) for i in (-3, 0, 2, 7)]


# Returns, breaks, and what Python has beside them.


@pytest.mark.parametrize("n", ints, ids=int)
def test_return_from_a_loop(n):
    def first_beyond(n):
        for i in tf.range(10):
            if i * i > n:
                return i
        return -1

    same(first_beyond, n)


@pytest.mark.parametrize("n", ints, ids=int)
def test_return_from_nested_branches(n):
    def f(n):
        if n > 0:
            if n > 5:
                return n * 100
            y = n + 1
        else:
            y = n - 1
        return y * 2

    same(f, n)


@pytest.mark.parametrize("n", ints, ids=int)
def test_return_from_nested_loops_with_effects_after(n):
    def f(n):
        total = 0
        for i in tf.range(4):
            for j in tf.range(4):
                total += i * j
                if total > n:
                    return total
            total += 1
        return -total

    same(f, n)


@pytest.mark.parametrize("n", ints, ids=int)
def test_endless_loop_left_on_a_tensor(n):
    def f(n):
        i = 0
        while True:
            i += 1
            if i > n:
                break
        return i

    same(f, n)


@pytest.mark.parametrize("n", ints, ids=int)
def test_python_loop_left_on_a_tensor(n):
    def f(n):
        total = 0
        for i in range(6):
            if i == n:
                break
            total += i
        else:
            total += 100
        return total

    same(f, n)


def test_python_loop_without_end_cannot_be_left_on_a_tensor():
    @tf.function
    def f(n):
        import itertools

        for i in itertools.count():
            if i > n:
                break
        return i

    with pytest.raises(NotImplementedError, match="depend on a TF condition"):
        f(tf.constant(3))


@pytest.mark.parametrize("n", ints, ids=int)
def test_else_of_loops(n):
    def f(n):
        s = 0
        for i in tf.range(5):
            if i == n:
                break
            s += i
        else:
            s += 100
        while s > 50:
            s -= 7
        else:
            s -= 1000
        return s

    same(f, n)


@pytest.mark.parametrize("n", ints, ids=int)
def test_assignment_in_conditions(n):
    def f(n):
        i = total = 0
        while (i := i + 1) < n:
            if (double := 2 * i) > 4 and double < 10:
                continue
            total += double
        return i, total

    same(f, n)


def test_returns_in_with_try_and_match():
    def f(x, how):
        with tf.GradientTape() as tape:
            tape.watch(x)
            try:
                match how:
                    case "square":
                        y = x * x
                    case ["times", k]:
                        if x > 0.0:
                            y = x * k
                        else:
                            return x
                    case _:
                        raise KeyError
            except KeyError:
                return -x
            finally:
                x = x + 1.0
        return tape.gradient(y, x) if False else y

    for how in ("square", ["times", 3.0], "other"):
        same(f, tf.constant(2.0), how)
    same(f, tf.constant(-2.0), ["times", 3.0])


def test_walk_over_enumerate_and_zip_of_tensors_is_one_loop():
    traces = []

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def f(x):
        total = 0
        for i, (a, b) in enumerate(zip(x, 2 * x), start=1):  # noqa: B905
            traces.append(i)
            total += i * a * b
        return total

    assert f(tf.constant([1, 2, 3])).numpy() == 1 * 2 + 2 * 8 + 3 * 18
    assert len(traces) == 1


def test_rows_of_a_variable():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])

    def f():
        s = tf.zeros([2])
        for row in v:
            s = s * 2.0 + row
        return s

    same(f)


def test_unknown_number_of_rows():
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def f(x):
        s = tf.zeros([2])
        for row in x:
            s += row
        return s, len(x)

    s, n = f(tf.ones([5, 2]))
    assert s.numpy().tolist() == [5.0, 5.0] and n.numpy() == 5
    assert f(tf.ones([0, 2]))[1].numpy() == 0


def test_values_of_branches_may_differ_in_rank():
    @tf.function
    def f(x):
        if x > 0.0:
            y = x
        else:
            y = tf.stack([x, x])
        return y

    assert f(tf.constant(1.0)).numpy() == 1.0
    assert f(tf.constant(-1.0)).numpy().tolist() == [-1.0, -1.0]


# Python stays Python.


def test_no_tensor_no_difference():
    log = []

    def noted(x):
        log.append(x)
        return x

    def f(k, items):
        out = []
        if noted(k) and noted("second"):
            out.append("yes")
        elif k is None or noted("third"):
            out.append("no")
        while noted(len(items)) > 1:
            out.append(items.pop())
        for item in items:
            if noted(item) == 0:
                continue
            out.append(item)
        return out, 1 < noted(2) < 3, not noted(0), (noted("a") if k else noted("b")), [x for x in out if x != 1]

    for k in (1, 0):
        log.clear()
        expected = f(k, [0, 1, 2])
        python, found = list(log), []
        log.clear()

        @tf.function
        def traced():
            found.append(f(k, [0, 1, 2]))  # noqa: B023

        traced()
        assert found == [expected] and log == python


def test_effects_of_a_trace_as_in_tensorflow():
    seen = []

    @tf.function
    def f(n):
        for _ in tf.range(n):
            seen.append("for")
        while n > 0:
            seen.append("while")
            n -= 1
        if n > 0:
            seen.append("if")
        else:
            seen.append("else")
        for i in tf.range(3):
            seen.append("probed")
            y = i
        return y

    f(tf.constant(3))
    f(tf.constant(4))
    assert seen == ["for", "while", "if", "else", "probed", "probed"]


def test_deleted_and_unbound_variables():
    @tf.function
    def deleted(x):
        y = x
        if x is not None:
            del y
        return y

    @tf.function
    def unbound(flag):
        if flag:
            y = 1
        return y

    for function in (deleted, unbound):
        with pytest.raises(UnboundLocalError):
            function(False)
    assert unbound(True).numpy() == 1


def test_nonlocal_and_global_variables():
    count = 0

    @tf.function
    def f(x):
        def add():
            nonlocal count
            count = count + 1
            if x > 1:
                count = count + x
            else:
                count = count - x

        add()
        add()
        result, count_before = count, 0  # noqa: F841
        return result

    assert f(tf.constant(3)).numpy() == 8
    scope = {"tf": tf, "total": 5}
    source = "def f(x):\n  global total\n  if x > 1:\n    total = total + x\n  return total\n"
    linecache.cache["global.py"] = (len(source), None, source.splitlines(True), "global.py")
    exec(compile(source, "global.py", "exec"), scope)
    assert tf.function(scope["f"])(tf.constant(3)).numpy() == 8


def test_private_names_and_class_cell():
    class Base:
        __limit = 5

        def clipped(self, x):
            if x > self.__limit:
                x = tf.constant(self.__limit)
            return x

    class Derived(Base):
        def clipped(self, x):
            if x > 0:
                x = super().clipped(x)
            return x, __class__.__name__

    def f(x):
        return Derived().clipped(x)[0]

    for x in (9, 3, -3):
        assert tf.function(f)(tf.constant(x)).numpy() == min(x, 5)
    assert tf.function(Base().clipped)(tf.constant(7)).numpy() == 5


def test_default_arguments_decorators_and_caches():
    def doubling(function):
        @functools.wraps(function)
        def run(*args, **kwargs):
            result = function(*args, **kwargs)
            if result > 0:
                result = result * 2
            return result

        return run

    @doubling
    def f(x, *, sign=1):
        if x > 0:
            return x * sign
        return x

    @functools.lru_cache
    def cached(k):
        return k + 1 if k else 0

    @tf.function
    def g(x, k=3):
        return f(x) + f(x, sign=-1) + cached(k)

    assert g(tf.constant(5)).numpy() == 10 - 5 + 4


def test_generators_and_coroutines_are_left_alone():
    def numbers(n):
        for i in range(n):
            if i != 1:
                yield i

    async def waits():
        return 1

    assert converted(numbers) is numbers and converted(waits) is waits
    assert tf.function(lambda x: sum(x * i for i in numbers(4)))(tf.constant(2)).numpy() == 10


def test_libraries_are_left_alone():
    for function in (textwrap.dedent, np.linalg.norm, tf.reduce_sum, tf.map_fn, len, print, dict, "".join):
        assert converted(function) is function


# Assertions, built-in functions.


def test_assert_on_a_tensor_is_checked_at_each_call():
    @tf.function
    def f(x):
        assert x > 0, "x must be positive"
        return x

    assert f(tf.constant(1)).numpy() == 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="x must be positive"):
        f(tf.constant(-1))


def test_assert_on_python_values_is_pythons():
    @tf.function
    def f(k):
        assert k, f"k is {k}"

    with pytest.raises(AssertionError, match="k is 0"):
        f(0)


def test_builtins_of_vectors_and_scalars():
    def f(x):
        a, b = x[0], x[1]
        return max(x), min(x), sum(x), sum(x, 5), max(a, b), min(a, 2), abs(a - b), any(x > 2), all([a > 0, b > 0])

    same(f, tf.constant([3, 1, 2]))


def test_max_of_a_matrix_is_refused():
    with pytest.raises(ValueError, match="reduce_max"):
        tf.function(lambda x: max(x))(tf.ones([2, 2]))


# Gradients.


@pytest.mark.parametrize("x", [0.3, 2.0])
def test_second_derivatives_through_loops_and_branches(x):
    def f(x):
        y = x
        for i in tf.range(3):
            if y > 1.0:
                y = y * x
            else:
                y = tf.sin(y) + x * tf.cast(i, tf.float32)
            if y > 30.0:
                break
        return y

    def derivatives(function, v):
        with tf.GradientTape() as outer:
            outer.watch(v)
            with tf.GradientTape() as inner:
                inner.watch(v)
                y = function(v)
            dy = inner.gradient(y, v)
        return y, dy, outer.gradient(dy, v)

    v = tf.constant(x)
    expected = derivatives(f, v)
    np.testing.assert_allclose(derivatives(tf.function(f), v), expected, rtol=1e-5)
    np.testing.assert_allclose(tf.function(lambda v: derivatives(f, v))(v), expected, rtol=1e-5)


def test_variables_are_written_in_the_branch_that_is_taken():
    v = tf.Variable(1)

    @tf.function
    def f(x):
        if x > 0:
            v.assign_add(x)
        else:
            v.assign(0)
        for _ in tf.range(2):
            v.assign_add(1)
        return v

    assert [f(tf.constant(i)).numpy() for i in (5, -1, 2)] == [8, 2, 6]


# Errors.


def message_of(function, *args):
    with pytest.raises(Exception) as caught:  # noqa: B017
        tf.function(function)(*args)
    return str(caught.value)


def test_errors_name_variable_and_line():
    def f(x):
        if x > 0:
            y = x
        return y

    line = f.__code__.co_firstlineno + 1
    assert message_of(f, tf.constant(1)) == f"'y' must also be initialized in the else branch ({__file__}:{line})"


def test_texts_of_errors_begin_as_tensorflows():
    def shape(n):
        x = tf.constant([1])
        while n > 0:
            x = tf.concat([x, x], 0)
            n -= 1
        return x

    def dtype(n):
        if n > 0:
            y = 1
        else:
            y = 2.0
        return y

    def early(n):
        if n > 0:
            return n

    def undefined(n):
        for i in tf.range(n):
            x = x + i  # noqa: F821
        return x  # noqa: F821

    def none(n):
        y = None
        if n > 0:
            y = n
        return y

    three = tf.constant(3)
    assert "'x' has shape (1,) before the loop, but shape (2,) after one iteration." in message_of(shape, three)
    assert "'y' has dtype int32 in the main branch, but dtype float32 in the else branch" in message_of(dtype, three)
    assert "the else branch must also have a return statement." in message_of(early, three)
    assert "'x' must be defined before the loop" in message_of(undefined, three)
    assert "'y' is None at the end of the else branch." in message_of(none, three)
    assert "condition of if statement expected to be `tf.bool` scalar" in message_of(dtype, tf.constant([1, 2]))


def test_attribute_that_a_loop_on_tensors_appends_to():
    class Holder:
        found: list = []

    def f(n):
        for i in tf.range(n):
            Holder.found.append(i * 2)
        return tf.stack(Holder.found)

    assert "tf.TensorArray" in message_of(f, tf.constant(3))


def test_tracebacks_show_the_users_lines():
    @tf.function
    def f(x):
        for _ in tf.range(3):
            if x[0, 0] > 0.0:
                x = tf.matmul(x, x)
        return x

    with pytest.raises(ValueError, match="matmul") as caught:
        f(tf.ones([1, 2]))
    lines = [x.line for x in traceback.extract_tb(caught.tb) if x.filename == __file__]
    assert lines[-3:] == ["for _ in tf.range(3):", "if x[0, 0] > 0.0:", "x = tf.matmul(x, x)"]
    names = [x.name for x in traceback.extract_tb(caught.tb) if x.filename == __file__]
    assert names[-3:] == ["f"] * 3


def test_errors_at_run_time_name_the_line():
    @tf.function
    def f(x, i):
        if i > 0:
            y = tf.gather(x, i)
        else:
            y = x[0]
        return y

    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        f(tf.constant([1, 2, 3]), tf.constant(7))
    assert any(f"{__file__}:" in note for note in caught.value.__notes__)


# Sources.


def test_lambdas_on_one_line():
    f, g = tf.function(lambda x: x if x > 0 else -x), tf.function(lambda x: x * 2 if x > 0 else x * 3)
    h = tf.function(lambda x: (lambda y: y if y > 1 else x)(x * 2))
    assert [k(tf.constant(-3)).numpy() for k in (f, g, h)] == [3, -9, -3]


def test_no_source_warns_once_and_runs_as_it_is(caplog):
    scope = {}
    exec("def f(x, k):\n  if k: return x\n  return -x", scope)
    f = tf.function(scope["f"])
    assert f(tf.constant(1), True).numpy() == 1 and f(tf.constant(1), False).numpy() == -1
    (record,) = caplog.records
    assert "Define the function in a file" in record.getMessage() and "do_not_convert" in record.getMessage()
    caplog.clear()
    exec("def g(x): return x + 1", scope)  # there is nothing to convert
    assert tf.function(scope["g"])(tf.constant(1)).numpy() == 2 and not caplog.records


@pytest.mark.parametrize("flag", ["-c", "file"])
def test_programs(flag, tmp_path):
    program = """
import tenfold as tf
@tf.function
def f(x):
    if x > 0:
        return x
    return -x
print(f(tf.constant(-3)).numpy())
"""
    path = tmp_path / "program.py"
    path.write_text(program)
    arguments = ["-c", program] if flag == "-c" else [str(path)]
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(tf.__file__))}
    found = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == "3"


def test_what_is_typed_at_the_prompt(monkeypatch):
    typed = ["import tenfold as tf", "@tf.function", "def f(x):", "  if x > 0:", "    return x", "  return -x", "f(1)"]

    class History:
        get_current_history_length = staticmethod(lambda: len(typed))
        get_history_item = staticmethod(lambda i: typed[i - 1])

    monkeypatch.setitem(sys.modules, "readline", History)
    scope = {"__name__": "__main__", "tf": tf}
    exec(compile("\n".join(typed[1:6]) + "\n", "<stdin>", "single", dont_inherit=True), scope)
    assert scope["f"](tf.constant(-3)).numpy() == 3


def test_text_over_several_lines_keeps_its_indentation():
    @tf.function
    def f(x):
        text = """
  a
b"""
        if x > 0:
            n = len(text)
        else:
            n = 0
        return n

    assert f(tf.constant(1)).numpy() == 6


def test_conversion_goes_with_the_function():
    source = "def f(x):\n  if x > 0: x = -x\n  return x\n"
    linecache.cache["gone.py"] = (len(source), None, source.splitlines(True), "gone.py")
    scope = {}
    exec(compile(source, "gone.py", "exec"), scope)
    assert converted(scope["f"]).__code__ is converted(scope["f"]).__code__
    code = weakref.ref(scope.pop("f").__code__)
    gc.collect()
    assert code() is None


# The public namespace.


def test_do_not_convert():
    class Branching(tf.keras.layers.Layer):
        def call(self, x):
            if tf.reduce_sum(x) > 0.0:
                return x
            return -x

    layer = Branching()
    x = tf.constant([-3.0])
    assert tf.function(layer)(x).numpy() == 3.0
    assert tf.function(tf.keras.Sequential([layer]))(x).numpy() == 3.0
    left_alone = tf.autograph.experimental.do_not_convert(lambda x: layer(x))
    for function in (left_alone, lambda x: left_alone(x)):
        with pytest.raises(TypeError, match="Python's if"):
            tf.function(function)(x)
    with pytest.raises(TypeError, match="Python's if"):
        tf.function(layer.call, autograph=False)(x)


def test_to_graph_and_to_code():
    def f(x):
        if x > 0:
            return x
        return -x

    graph = tf.autograph.to_graph(f)
    assert graph(-3) == 3 and graph(tf.constant(-3)).numpy() == 3
    assert tf.function(graph, autograph=False)(tf.constant(-3)).numpy() == 3
    assert "ag__.if_(x > 0" in tf.autograph.to_code(f)
    for convert in (tf.autograph.to_graph, tf.autograph.to_code):
        with pytest.raises(Exception, match="doesn't expose a __code__ object"):
            convert(3)


def test_features_and_verbosity():
    feature = tf.autograph.experimental.Feature
    assert len(feature.all()) == 6 and feature.LISTS not in feature.all_but(feature.LISTS)
    f = tf.function(lambda x: x if x > 0 else -x, experimental_autograph_options=feature.ALL)
    assert f(tf.constant(-1)).numpy() == 1
    tf.autograph.set_verbosity(0)


def test_run_functions_eagerly():
    seen = []

    @tf.function
    def f(x):
        seen.append(1)
        if x > 0:
            return x.numpy()
        return -x.numpy()

    tf.config.run_functions_eagerly(True)
    try:
        assert [f(tf.constant(i)) for i in (2, -2)] == [2, 2] and len(seen) == 2
    finally:
        tf.config.run_functions_eagerly(False)


def test_what_inner_functions_set_is_part_of_loops_and_branches():
    @tf.function
    def counted(n):
        count, found = tf.constant(0), {"sum": tf.constant(0)}

        def add(x):
            nonlocal count
            count += 1
            found["sum"] = found["sum"] + x

        def twice(x):
            add(x)
            add(x)

        for i in tf.range(n):
            twice(i)
        if n > 3:
            add(100)
        return count, found["sum"]

    assert [int(x) for x in counted(tf.constant(3))] == [6, 6]
    assert [int(x) for x in counted(tf.constant(4))] == [9, 112]


def test_a_return_that_depends_on_the_number_of_the_turn():
    """While it was tried which variables a turn sets, its number was 0: what other turns do was not seen."""

    @tf.function
    def find(n):
        for i in tf.range(n):
            if i == 2:
                return i * 10
        return tf.constant(-1)

    assert [int(find(tf.constant(n))) for n in (0, 2, 3, 9)] == [-1, -1, 20, 20]


def test_what_only_a_loop_sets_needs_a_turn():
    """A variable that was set to the loop's target itself was taken for it, and zero."""

    @tf.function
    def last(n):
        for i in tf.range(n):
            found = i
        return found

    assert int(last(tf.constant(3))) == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="at least once to initialize found"):
        last(tf.constant(0))
