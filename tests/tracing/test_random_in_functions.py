"""Random ops in branches and loops of functions: part of native code, with the numbers that TensorFlow draws."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tenfold.graph.native import Segment, compiled


@pytest.fixture(autouse=True)
def _unset_afterwards():
    yield
    tf.random.set_seed(None)


def walk(x):
    for _ in tf.range(5):
        x = x + tf.random.normal((3,))
        if x[0] > 0.0:
            x = x * tf.random.uniform((3,))
    return x + tf.random.normal((3,)), tf.random.uniform((2,), seed=4)


# What TensorFlow 2.21 gives for three calls after tf.random.set_seed(3).
EXPECTED = [
    [-4.495059, 1.756258, -3.020153, 0.9237367, 0.37043047],
    [-1.3921272, 6.1736007, -0.53815067, 0.77825224, 0.22485542],
    [-3.305164, -0.8180718, -1.7876873, 0.5149554, 0.06285036],
]


@pytest.mark.parametrize("is_compiled", [True, False])
def test_loops_and_branches_draw_what_tensorflow_draws_and_again_after_set_seed(is_compiled, monkeypatch):
    monkeypatch.setattr(settings, "compiles", is_compiled)
    function = tf.function(walk)
    for _ in range(2):
        tf.random.set_seed(3)
        found = [np.concatenate([y.numpy() for y in function(tf.zeros(3))]) for _ in range(3)]
        np.testing.assert_allclose(found, EXPECTED, rtol=1e-5)


def test_random_numbers_in_a_loop_are_part_of_a_native_call():
    graph = compiled(tf.function(walk).get_concrete_function(tf.zeros(3)).graph)
    assert [type(node.op) for node in graph.nodes] == [Segment]


def test_compiled_and_other_calls_go_on_from_each_other(monkeypatch):
    tf.random.set_seed(3)
    function = tf.function(lambda: tf.random.normal((4,)))
    expected = [function().numpy() for _ in range(4)]
    tf.random.set_seed(3)
    found = []
    for flag in (True, False, True, False):
        monkeypatch.setattr(settings, "compiles", flag)
        function.get_concrete_function().graph.programs.clear()
        found.append(function().numpy())
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("is_traced", [False, True])
def test_a_second_derivative_draws_the_numbers_of_the_first_run(is_traced):
    noisy = tf.function(lambda x: tf.cond(x[0] > 0.0, lambda: x * x * tf.random.normal((2,)), lambda: x))

    def slopes(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = noisy(x)
            first = inner.gradient(y, x)
        return y, first, outer.gradient(first, x)

    x = tf.constant([1.0, 2.0])
    y, first, second = (tf.function(slopes) if is_traced else slopes)(x)
    np.testing.assert_allclose(first, 2.0 * y / x, rtol=1e-6)
    np.testing.assert_allclose(second, 2.0 * y / (x * x), rtol=1e-6)


def test_set_seed_in_a_function_that_is_traced_enters_nothing():
    tf.random.set_seed(3)
    first = tf.function(lambda: tf.random.normal((2,)))
    expected = first().numpy()

    @tf.function
    def second(x):
        tf.random.set_seed(3)  # when it is traced
        return x + 1.0

    assert [node.op.name for node in second.get_concrete_function(tf.ones(2)).graph.nodes] == ["AddV2"]
    np.testing.assert_array_equal(first(), expected)
