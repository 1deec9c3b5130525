"""compute_gradient: derivatives by the tape beside derivatives by differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.autodiff.endpoints import UnconnectedGradients
from tenfold.autodiff.tape import GradientTape
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap

_DELTA = 1.0 / 1024


def compute_gradient(
    f: Callable[..., Any], x: Sequence[Any], delta: float | None = None
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """The Jacobian of a function by the tape, and by central differences, to be compared.

    Args:
      f: function of tensors that returns one tensor.
      x: its arguments, floating.
      delta: how far an element is moved to either side; 1/1024 by default.
    Returns:
      Two tuples with an array for each argument, shape `(size of the result, size of the argument)`.
    Raises:
      ValueError: `x` is no list or tuple, or an argument is not floating.
    Example:
      >>> by_tape, by_differences = tf.test.compute_gradient(tf.square, [[3.0]])
      >>> print(by_tape[0], by_differences[0])
      [[6.]] [[6.]]
    """
    if not isinstance(x, (list, tuple)):
        raise ValueError(f"tf.test.compute_gradient: x is a {type(x).__name__}; it must be a list of the arguments.")
    arguments = [convert(value) for value in x]
    for i, argument in enumerate(arguments):
        if not argument.dtype.is_floating:
            raise ValueError(
                f"tf.test.compute_gradient: x[{i}] is of dtype {argument.dtype.name}; it must be floating."
            )
    step = _DELTA if delta is None else delta
    return _by_tape(f, arguments), tuple(_by_differences(f, arguments, i, step) for i in range(len(arguments)))


def _by_tape(f: Callable[..., Any], arguments: list[Tensor]) -> tuple[np.ndarray, ...]:
    with GradientTape(persistent=True) as tape:
        for argument in arguments:
            tape.watch(argument)
        result = f(*arguments)
    found = []
    for argument in arguments:
        jacobian = tape.jacobian(result, argument, unconnected_gradients=UnconnectedGradients.ZERO)
        found.append(jacobian.numpy().reshape(result._array.size, argument._array.size))
    return tuple(found)


def _by_differences(f: Callable[..., Any], arguments: list[Tensor], i: int, delta: float) -> np.ndarray:
    array = arguments[i]._array
    columns = []
    for index in range(array.size):
        results = []
        for step in (delta, -delta):
            moved = array.copy()
            moved.reshape(-1)[index] += step
            results.append(f(*arguments[:i], wrap(moved), *arguments[i + 1 :])._array.reshape(-1))
        columns.append((results[0] - results[1]) / (2 * delta))
    return np.stack(columns, axis=1).astype(array.dtype)
