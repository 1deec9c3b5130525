"""Operations on the bits of integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import INTEGER
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops.ufunc import INTEGER_RESULT, binary, unary


@binary("BitwiseAnd", np.bitwise_and, types=INTEGER, vjp=INTEGER_RESULT, lower="bitwise_and")
def bitwise_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits that both have.

    Example:
      >>> print(tf.bitwise.bitwise_and([5, 6], 3).numpy())
      [1 2]
    """


@binary("BitwiseOr", np.bitwise_or, types=INTEGER, vjp=INTEGER_RESULT, lower="bitwise_or")
def bitwise_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits that one of them has.

    Example:
      >>> print(tf.bitwise.bitwise_or([5, 6], 3).numpy())
      [7 7]
    """


@binary("BitwiseXor", np.bitwise_xor, types=INTEGER, vjp=INTEGER_RESULT, lower="bitwise_xor")
def bitwise_xor(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits in which they differ.

    Example:
      >>> print(tf.bitwise.bitwise_xor([5, 6], 3).numpy())
      [6 5]
    """


@unary("Invert", np.invert, types=INTEGER, vjp=INTEGER_RESULT, lower="bitwise_not")
def invert(x: Any, name: str | None = None) -> Tensor:
    """Each bit the other way.

    Example:
      >>> print(tf.bitwise.invert([0, 5]).numpy())
      [-1 -6]
    """


# Shifts are by no less than 0 and by less than all bits, as in TensorFlow; C leaves the others open.


def _within_the_width(x: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.clip(count, 0, 8 * x.dtype.itemsize - 1)


def _lower_within_the_width(b: Any, x: Any, count: Any) -> Any:
    return b.minimum(b.maximum(count, 0), 8 * x.dtype.itemsize - 1)


@binary(
    "LeftShift",
    lambda x, y: np.left_shift(x, _within_the_width(x, y)),
    types=INTEGER,
    vjp=INTEGER_RESULT,
    lower=lambda b, x, y: b.shift_left(x, _lower_within_the_width(b, x, y)),
)
def left_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Moves the bits of `x` by `y` places up.

    Example:
      >>> print(tf.bitwise.left_shift([1, 3], 2).numpy())
      [ 4 12]
    """


@binary(
    "RightShift",
    lambda x, y: np.right_shift(x, _within_the_width(x, y)),
    types=INTEGER,
    vjp=INTEGER_RESULT,
    lower=lambda b, x, y: b.shift_right(x, _lower_within_the_width(b, x, y)),
)
def right_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Moves the bits of `x` by `y` places down; a negative number stays negative.

    Example:
      >>> print(tf.bitwise.right_shift([12, -12], 2).numpy())
      [ 3 -3]
    """


def _population_count_kernel(x):
    return np.bitwise_count(x.view(f"u{x.dtype.itemsize}"))


POPULATION_COUNT = register(Op("PopulationCount", _population_count_kernel, types=INTEGER, vjp=INTEGER_RESULT))
