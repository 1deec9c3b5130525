"""`tf.random.Generator` beyond its numbers, which are golden cases of family `random`."""

import numpy as np
import pytest

import tenfold as tf


def test_split_generators_are_independent_of_their_parent():
    parent = tf.random.Generator.from_seed(1)
    children = parent.split(3)
    drawn = [g.normal([4]).numpy().tolist() for g in (parent, *children)]
    assert len({tuple(d) for d in drawn}) == 4


def test_skip_and_back_gives_the_same_numbers():
    g = tf.random.Generator.from_seed(3)
    g.skip(1000)
    g.skip(-1000)
    np.testing.assert_array_equal(g.normal([5]), tf.random.Generator.from_seed(3).normal([5]))


def test_state_variable_restores_the_stream():
    g = tf.random.Generator.from_seed(3)
    g.normal([7])
    saved = g.state.numpy()
    expected = g.normal([7]).numpy()
    g.state.assign(saved)
    np.testing.assert_array_equal(g.normal([7]), expected)


def test_non_deterministic_generators_differ():
    a, b = (tf.random.Generator.from_non_deterministic_state().uniform_full_int([2]).numpy() for _ in range(2))
    assert (a != b).any()


@pytest.mark.parametrize(
    "arguments",
    [{}, {"alg": 1}, {"state": [1, 2, 3]}, {"copy_from": tf.random.Generator.from_seed(1), "alg": 1}],
)
def test_constructor_needs_one_source_of_state(arguments):
    with pytest.raises(ValueError, match="give copy_from, or state and alg"):
        tf.random.Generator(**arguments)


def test_a_failed_draw_does_not_move_the_state():
    g = tf.random.Generator.from_seed(1)
    for call in (lambda: g.normal(3), lambda: g.normal([2], dtype=tf.int32), lambda: g.uniform([2], None)):
        with pytest.raises((ValueError, TypeError, tf.errors.InvalidArgumentError)):
            call()
    np.testing.assert_array_equal(g.state.numpy(), [1, 0, 0])
