"""`tf.train.ExponentialMovingAverage`, against figures of TensorFlow 2.21."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf


def test_averages_follow_their_variables() -> None:
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3.0, name="w", dtype=tf.float64)
    averages = tf.train.ExponentialMovingAverage(0.9)
    assert averages.average(v) is None
    averages.apply([v, w])
    v.assign([2.0, 4.0])
    averages.apply([v, w])
    np.testing.assert_allclose(averages.average(v), [1.1, 2.2], rtol=1e-6)
    np.testing.assert_allclose(averages.average(w), 3.0)
    assert averages.average_name(v) == "v/ExponentialMovingAverage" == averages.average(v).name.removesuffix(":0")
    assert not averages.average(v).trainable and averages.average(w).dtype is tf.float64


def test_the_first_updates_count_more_if_their_number_is_known() -> None:
    v, count = tf.Variable([2.0, 4.0]), tf.Variable(1)
    averages = tf.train.ExponentialMovingAverage(0.9, num_updates=count)
    averages.apply([v])
    v.assign([3.0, 3.0])
    averages.apply([v])
    np.testing.assert_allclose(averages.average(v), [2.8181818, 3.1818182], rtol=1e-6)


def test_averages_in_a_function() -> None:
    v = tf.Variable(0.0)
    averages = tf.train.ExponentialMovingAverage(0.5)
    averages.apply([v])

    @tf.function
    def step() -> None:
        v.assign_add(1.0)
        averages.apply([v])

    for _ in range(3):
        step()
    np.testing.assert_allclose(averages.average(v), 2.125)


def test_mistakes() -> None:
    averages = tf.train.ExponentialMovingAverage(0.9)
    with pytest.raises(TypeError, match="half, float, or double"):
        averages.apply([tf.Variable(1)])
    with pytest.raises(TypeError, match="supports variables only"):
        averages.apply([tf.constant(1.0)])
    with pytest.raises(ValueError, match="give the variables"):
        averages.apply()
