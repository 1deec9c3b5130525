"""Mistakes in functions: whatever goes wrong, when a function is traced or when it runs, names the user's line."""

import inspect
import traceback

import numpy as np
import pytest

import tenfold as tf

VECTOR, NINE = tf.ones([3]), tf.constant(9)
MATRIX = tf.TensorSpec([None, None])


def in_loop(x, n):
    total = 0.0
    for i in tf.range(n):
        total += tf.gather(x, i)  # BAD
    return total


def in_while(x, n):
    i, total = tf.constant(0), tf.constant(0.0)
    while i < n:
        total += x[i]  # BAD
        i += 1
    return total


def in_branch(x, i):
    if i > 2:
        y = tf.gather(x, i)  # BAD
    else:
        y = x[0]
    return y


def in_branch_of_loop(x, n):
    total = tf.constant(0.0)
    for i in tf.range(n):
        if i > 4:
            total += tf.gather(x, i)  # BAD
    return total


def in_loop_of_loop(x, n):
    total = tf.constant(0.0)
    for i in tf.range(n):
        for j in tf.range(n):
            total += tf.gather(x, i + j)  # BAD
    return total


def in_inner_function(x, i):
    def inner(y):
        return tf.gather(y, i)  # BAD

    return inner(x)


inner_traced = tf.function(in_inner_function)


def in_another_traced_function(x, i):
    return inner_traced(x, i) * 2.0


def in_comprehension(x, i):
    return [
        tf.gather(x, i + n)  # BAD
        for n in range(3)
    ]


def in_map_fn(x, i):
    return tf.map_fn(
        lambda row: tf.gather(row, i),  # BAD
        x[None],
    )


def in_cond(x, i):
    return tf.cond(
        i > 1,
        lambda: tf.gather(x, i),  # BAD
        lambda: x[0],
    )


def in_while_loop(x, n):
    def body(i, total):
        return i + 1, total + tf.gather(x, i)  # BAD

    return tf.while_loop(lambda i, total: i < n, body, [0, 0.0])


def before_its_gradient(x, i):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.gather(x, i) ** 2  # BAD
    return tape.gradient(y, x)


def of_all_equal_rows(x, i):
    return tf.gather(tf.zeros_like(x), i) + 1.0  # BAD


def written(x, i):
    array = tf.TensorArray(tf.float32, size=2)
    for n in tf.range(i):
        array = array.write(n, 1.0)  # BAD
    return array.stack()


def divided(x, n):
    return n // (n - 9)  # BAD


def asserted(x, n):
    tf.debugging.assert_less(n, 5, message="nine")  # BAD
    return x


def in_python(x, n):
    def fail(a):
        raise ValueError("nine")  # BAD

    return tf.py_function(fail, [x], tf.float32)


def of_another_dtype(x, n):
    return tf.py_function(lambda a: a, [x], tf.int32)  # BAD


def line_of(function):
    """Where a function, or one that it calls, is marked."""
    lines, first = inspect.getsourcelines(function)
    return first + next(i for i, line in enumerate(lines) if "# BAD" in line)


def assert_names_line(error, function):
    place = __file__, line_of(function)
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    text = "".join([str(error), *getattr(error, "__notes__", ())])
    assert place in frames or f"{place[0]}:{place[1]}" in text, (text, place)


@pytest.mark.parametrize(
    "function",
    [
        in_loop, in_while, in_branch, in_branch_of_loop, in_loop_of_loop, in_inner_function, in_comprehension, in_map_fn, in_cond,
        in_while_loop, before_its_gradient, of_all_equal_rows, written, divided, asserted, in_python, of_another_dtype,
    ],
)  # fmt: skip
def test_what_fails_when_it_runs(function):
    with pytest.raises((tf.errors.OpError, ValueError, TypeError)) as caught:
        tf.function(function)(VECTOR, NINE)
    assert_names_line(caught.value, function)


def test_what_fails_in_a_function_that_another_one_calls():
    with pytest.raises(tf.errors.InvalidArgumentError, match="= 9 is not in") as caught:
        tf.function(in_another_traced_function)(VECTOR, NINE)
    assert_names_line(caught.value, in_inner_function)


def product(x, y):
    x = x + 1.0
    return tf.matmul(x, y)  # BAD


@pytest.mark.parametrize("signature", [None, [MATRIX, MATRIX]])
def test_shapes_that_do_not_fit(signature):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"matmul.*\(2, 3\) and \(2, 3\)") as caught:
        tf.function(product, input_signature=signature)(tf.ones([2, 3]), tf.ones([2, 3]))
    assert_names_line(caught.value, product)


def makes_a_variable(x, y):
    return x * tf.Variable(1.0)  # BAD


def test_a_variable_that_each_call_would_make():
    with pytest.raises(ValueError, match="singleton") as caught:
        tf.function(makes_a_variable)(1.0, 2.0)
    assert_names_line(caught.value, makes_a_variable)


class Looks(tf.keras.layers.Layer):
    def call(self, x):
        return tf.gather(tf.ones([5, 2]), tf.cast(x[:, 0], tf.int32))  # BAD


@pytest.mark.parametrize("compiled", [True, False])
def test_a_layer_in_fit(compiled):
    model = tf.keras.Sequential([Looks(), tf.keras.layers.Dense(2)])
    model.compile("sgd", "mse", jit_compile=compiled, run_eagerly=not compiled)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"= 77 is not in \[0, 5\)") as caught:
        model.fit(np.full([8, 3], 77, np.float32), np.ones([8, 2], np.float32), verbose=0)
    assert_names_line(caught.value, Looks.call)
