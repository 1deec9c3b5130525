"""Gradients of the first and second order against differences along a random direction, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tenfold as tf

STEP = 1e-5


def check_gradients(function: Callable[..., Any], *inputs: np.ndarray, order: int = 2, rtol: float = 1e-6) -> None:
    """Checks a function of float64 tensors, smooth near `inputs`, that returns a tensor."""
    random = np.random.RandomState(0)

    def value(*xs):
        y = function(*xs)
        weights = np.cos(1 + np.arange(y.shape.num_elements())).reshape(y.shape.as_list())
        return tf.reduce_sum(y * y * weights)  # the square gives even a linear function a second derivative

    for _ in range(order):
        directions = [random.standard_normal(x.shape) for x in inputs]
        slope = sloped(value, directions)
        ahead = value(*[tf.constant(x + STEP * d) for x, d in zip(inputs, directions, strict=True)]).numpy()
        behind = value(*[tf.constant(x - STEP * d) for x, d in zip(inputs, directions, strict=True)]).numpy()
        found = slope(*[tf.constant(x) for x in inputs]).numpy()
        expected = (ahead - behind) / (2 * STEP)
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * max(abs(expected), 1))
        value = slope


def sloped(function: Callable[..., Any], directions: list[np.ndarray]) -> Callable[..., Any]:
    """The derivative of a scalar function along directions, by the tape, as a function again."""

    def slope(*xs):
        with tf.GradientTape() as tape:
            tape.watch(xs)
            y = function(*xs)
        gradients = tape.gradient(y, xs, unconnected_gradients="zero")
        return tf.add_n(
            [tf.reduce_sum(tf.convert_to_tensor(g) * d) for g, d in zip(gradients, directions, strict=True)]
        )

    return slope
