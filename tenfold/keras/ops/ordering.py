"""Orders of elements: places of the largest, sorting, quantiles, counts."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike, countable, promoted, result_type


def _position(find: Any, x: TensorLike, axis: int | None, keepdims: bool) -> Tensor:
    x = countable(x)
    rank = len(x.shape)
    found = find(tf.reshape(x, [-1]) if axis is None else x, 0 if axis is None else axis, output_type="int32")
    if not keepdims:
        return found
    return tf.reshape(found, [1] * rank) if axis is None else tf.expand_dims(found, axis)


@operation
def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the greatest element along an axis is, the first of several: int32.

    Args:
      x: tensor of any shape.
      axis: int, or None for the position in the flattened tensor.
      keepdims: whether reduced axes stay, with size 1.
    Example:
      >>> print(tf.keras.ops.argmax([[1, 5], [7, 2]], axis=-1).numpy())
      [1 0]
    """
    return _position(tf.argmax, x, axis, keepdims)


@operation
def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the least element along an axis is, the first of several: int32; in the flattened tensor if axis is None."""
    return _position(tf.argmin, x, axis, keepdims)


@operation
def sort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The elements in ascending order along an axis, of the flattened tensor if axis is None."""
    x = convert(x)
    as_number = countable(x)
    found = tf.sort(tf.reshape(as_number, [-1]), 0) if axis is None else tf.sort(as_number, axis)
    return tf.cast(found, x.dtype)


@operation
def argsort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The positions of the elements in ascending order along an axis, int32; equal ones keep their order.

    Example:
      >>> print(tf.keras.ops.argsort([3.0, 1.0, 2.0]).numpy())
      [1 2 0]
    """
    x = countable(x)
    return tf.argsort(tf.reshape(x, [-1]), 0, stable=True) if axis is None else tf.argsort(x, axis, stable=True)


@operation_of_class("SearchSorted")
def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = "left") -> Tensor:
    """Where values would be inserted into an ascending sequence of shape `(n,)`: int32 of the values' shape.

    Raises:
      ValueError: the sequence has another rank than 1.
    Example:
      >>> print(tf.keras.ops.searchsorted([1, 3, 5], [0, 3, 9]).numpy())
      [0 1 3]
    """
    sequence, wanted = promoted(sorted_sequence, values)
    if len(sequence.shape) != 1:
        raise ValueError(f"searchsorted: sorted_sequence has shape {tuple(sequence.shape)}; it must have one axis.")
    return tf.reshape(tf.searchsorted(sequence, tf.reshape(wanted, [-1]), side), tf.shape(wanted))


@operation
def bincount(x: TensorLike, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """How often each of 0, 1, 2, ... occurs, or the sums of the weights of its occurrences.

    Args:
      x: integers, of shape `(n,)` or `(batch, n)`.
      weights: None, or numbers of x's shape.
      minlength: least number of counts.
      sparse: must be False.
    Raises:
      ValueError: sparse=True.
    Example:
      >>> print(tf.keras.ops.bincount([1, 2, 2], minlength=4).numpy())
      [0 1 2 0]
    """
    if sparse:
        raise ValueError("bincount: sparse=True is not supported; Tenfold has no sparse tensors. Leave it out.")
    x = tf.cast(convert(x), "int32")
    dtype = "int32" if weights is None else result_type(convert(weights).dtype, "int32")
    if weights is not None:
        weights = tf.cast(convert(weights), dtype)
    return tf.math.bincount(x, weights=weights, minlength=minlength, axis=-1, dtype=dtype)


@operation
def argpartition(x: TensorLike, kth: int, axis: int = -1) -> Tensor:
    """Positions along an axis, int32: no element before the kth is greater than it, none after it is less.

    The order is that of `argsort`, which divides at any kth.
    """
    return argsort(x, axis)
