"""Segments, greatest elements and special functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops import operation as _operation
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike, floating, promoted

_unary = functools.partial(_operation.unary, module=__name__)

erf = _unary("erf", tf.math.erf, says="The error function")
erfc = _unary("erfc", tf.math.erfc, says="1 - erf(x), exact for large x")
erfinv = _unary("erfinv", tf.math.erfinv, says="The inverse of the error function")
rsqrt = _unary("rsqrt", tf.math.rsqrt, says="1 / sqrt(x)")


@operation
def logsumexp(x: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) over axes, without overflow."""
    return tf.reduce_logsumexp(convert(x), axis, keepdims)


@operation
def top_k(x: TensorLike, k: int, sorted: bool = True) -> Any:
    """The k greatest elements along the last axis, and their positions, int32.

    Example:
      >>> values, indices = tf.keras.ops.top_k([1, 5, 3], 2)
      >>> print(values.numpy(), indices.numpy())
      [5 3] [1 2]
    """
    return tf.math.top_k(convert(x), k, sorted)


@operation
def in_top_k(targets: TensorLike, predictions: TensorLike, k: int) -> Tensor:
    """Whether the class of each target, shape `(batch,)`, is among the k most likely of `(batch, classes)`."""
    return tf.math.in_top_k(convert(targets), convert(predictions), k)


def _segments(function: Callable[..., Tensor], data: TensorLike, ids: TensorLike, count: int | None) -> Tensor:
    places = convert(ids)
    return function(convert(data), places, tf.reduce_max(places) + 1 if count is None else count)


@operation
def segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The sums of the slices of each segment.

    Args:
      data: tensor of shape `(n, ...)`.
      segment_ids: integers of shape `(n,)`: the segment of each slice.
      num_segments: int, or None for one more than the highest.
      sorted: changes nothing.
    Example:
      >>> print(tf.keras.ops.segment_sum([1, 2, 3], [0, 0, 1]).numpy())
      [3 3]
    """
    return _segments(tf.math.unsorted_segment_sum, data, segment_ids, num_segments)


@operation
def segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The greatest element of each segment, as `segment_sum` has them."""
    return _segments(tf.math.unsorted_segment_max, data, segment_ids, num_segments)


@operation
def segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The least element of each segment, as `segment_sum` has them."""
    return _segments(tf.math.unsorted_segment_min, data, segment_ids, num_segments)


@operation
def segment_prod(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The product of each segment, as `segment_sum` has them."""
    return _segments(tf.math.unsorted_segment_prod, data, segment_ids, num_segments)


@operation
def logdet(x: TensorLike) -> Tensor:
    """The logarithms of determinants of positive definite matrices."""
    return tf.linalg.logdet(floating(x))


@operation
def extract_sequences(x: TensorLike, sequence_length: int, sequence_stride: int) -> Tensor:
    """Windows of a length along the last axis, each `sequence_stride` after the one before: `(..., windows, length)`.

    Example:
      >>> print(tf.keras.ops.extract_sequences([1, 2, 3, 4, 5], 3, 2).numpy())
      [[1 2 3]
       [3 4 5]]
    """
    x = convert(x)
    starts = tf.range(0, tf.shape(x)[-1] - sequence_length + 1, sequence_stride)
    return tf.gather(x, starts[:, None] + tf.range(sequence_length)[None], axis=-1)


@operation
def view_as_complex(x: TensorLike) -> Tensor:
    """Complex numbers, complex64, of the real and the imaginary parts that the last axis, of size 2, holds.

    Raises:
      ValueError: the last axis has another size.
    """
    x = convert(x)
    if not len(x.shape) or x.shape[-1] != 2:
        raise ValueError(f"view_as_complex: x has shape {tuple(x.shape)}; the last axis must have size 2.")
    parts = tf.cast(x, "float32")
    return tf.complex(parts[..., 0], parts[..., 1])


@operation
def view_as_real(x: TensorLike) -> Tensor:
    """The real and the imaginary part of complex numbers, along a new last axis."""
    x = convert(x)
    return tf.stack([tf.math.real(x), tf.math.imag(x)], -1)


@operation_of_class("CDist")
def cdist(x: TensorLike, y: TensorLike) -> Tensor:
    """The Euclidean distances of the rows of `(..., m, k)` and `(..., n, k)`: `(..., m, n)`."""
    a, b = promoted(x, y, weak=float)
    return tf.sqrt(tf.reduce_sum(tf.square(a[..., :, None, :] - b[..., None, :, :]), -1))
