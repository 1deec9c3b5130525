"""Variance and standard deviation."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential
from tenfold.ops.reduce import reduce_mean


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The variance over axes, the mean of the squared distance from the mean; arguments as in `tf.reduce_sum`.

    Args:
      input_tensor: Tensor of a floating or complex dtype; the variance of complex numbers is real.
    Raises:
      TypeError: the dtype is an integer.
    Example:
      >>> print(tf.math.reduce_variance([1.0, 2.0, 3.0, 6.0]).numpy())
      3.5
    """
    x = convert(input_tensor)
    mean = reduce_mean(x, axis, True)
    if mean.dtype.is_integer:
        raise TypeError(f"Input must be either real or complex. Received integer type {mean.dtype}.")
    distance = x - mean
    if mean.dtype.is_complex:
        squares = cast_ops.real(elementwise.conj(distance) * distance)
    else:
        squares = elementwise.square(distance)
    return reduce_mean(squares, axis, keepdims)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The standard deviation over axes, the square root of `tf.math.reduce_variance`.

    Example:
      >>> print(tf.math.reduce_std([1.0, 3.0]).numpy())
      1.0
    """
    return exponential.sqrt(reduce_variance(input_tensor, axis, keepdims))
