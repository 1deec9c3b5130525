"""Gradients of the first and second order against differences along a random direction, in double precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tenfold as tf

STEP = 1e-5


def check_gradients(function: Callable[..., Any], *inputs: np.ndarray, order: int = 2, rtol: float = 1e-6) -> None:
    """Checks a function of float64 or complex128 tensors, smooth near `inputs`, that returns a tensor or several.

    Inputs without a gradient are held where they are.
    """
    random = np.random.RandomState(0)

    def value(*xs):
        return tf.add_n([_energy(y) for y in tf.nest.flatten(function(*xs)) if is_differentiable(y)])

    moves = [g is not None for g in _gradients(value, [tf.constant(x) for x in inputs], "none")]
    for _ in range(order):
        directions = [like(x, random) if moving else np.zeros_like(x) for x, moving in zip(inputs, moves, strict=True)]
        slope = sloped(value, directions)
        ahead = value(*[tf.constant(x + STEP * d) for x, d in zip(inputs, directions, strict=True)]).numpy()
        behind = value(*[tf.constant(x - STEP * d) for x, d in zip(inputs, directions, strict=True)]).numpy()
        found = slope(*[tf.constant(x) for x in inputs]).numpy()
        expected = (ahead - behind) / (2 * STEP)
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * max(abs(expected), 1))
        value = slope


def _energy(y: Any) -> Any:
    """A real number that depends on all of a tensor; the square gives even a linear function a second derivative."""
    weights = np.cos(1 + np.arange(y.shape.num_elements())).reshape(y.shape.as_list())
    return tf.reduce_sum(tf.math.real(y * y * weights))


def sloped(function: Callable[..., Any], directions: list[np.ndarray]) -> Callable[..., Any]:
    """The derivative of a real function along directions, by the tape, as a function again."""

    def slope(*xs):
        gradients = _gradients(function, xs, "zero")
        return tf.add_n([inner(g, d) for g, d in zip(gradients, directions, strict=True)])

    return slope


def _gradients(function: Callable[..., Any], xs: Any, unconnected: str) -> list[Any]:
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = function(*xs)
    return tape.gradient(y, xs, unconnected_gradients=unconnected)


def inner(g: Any, d: Any) -> Any:
    """How much a function with the gradient `g` changes along `d`."""
    return tf.reduce_sum(tf.math.real(tf.math.conj(tf.convert_to_tensor(g)) * d))


def like(x: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Standard normal numbers of the shape and the dtype of an array."""
    numbers = random.standard_normal(x.shape)
    return numbers + 1j * random.standard_normal(x.shape) if x.dtype.kind == "c" else numbers


def is_differentiable(y: Any) -> bool:
    return y.dtype.is_floating or y.dtype.is_complex
