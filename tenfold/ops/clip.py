"""Limits on the norms of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.symbol import may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import logic, matrices
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.elementwise import add, divide, maximum, minimum, multiply, subtract
from tenfold.ops.exponential import sqrt
from tenfold.ops.ufunc import beside


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """Scales a tensor down so that its Euclidean norm is at most `clip_norm`.

    Args:
      t: Tensor or `tf.IndexedSlices` of a floating dtype.
      clip_norm: number; a negative one counts as 0.
      axes: the axes along which norms are taken; None for one norm of all elements.
    Raises:
      ValueError: `clip_norm` has more axes or elements than `t`.
      tf.errors.InvalidArgumentError: the elements are integers.
    Example:
      >>> print(tf.clip_by_norm([3.0, 4.0], 1.0).numpy())
      [0.6 0.8]
    """
    if isinstance(t, IndexedSlices):
        return IndexedSlices(clip_by_norm(t.values, clip_norm, axes), t.indices, t.dense_shape)
    x = convert(t)
    square = reduce_ops.reduce_sum(multiply(x, x), axes, keepdims=True)
    is_zero = logic.less_equal(square, 0)  # where the root has no gradient
    norm = gather_ops.where(is_zero, square, sqrt(gather_ops.where(is_zero, 1, square)))
    limit = cast_ops.cast(maximum(beside(x, clip_norm), 0), x.dtype)
    scaled = multiply(x, limit)
    if not may_equal(scaled._array.shape, x._array.shape):
        raise ValueError(f"Shapes {x.shape} and {scaled.shape} are incompatible")
    return divide(scaled, maximum(norm, limit))


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list, Tensor]:
    """Scales tensors down together, so that the norm of all their elements is at most `clip_norm`.

    Args:
      t_list: list or tuple of tensors, `tf.IndexedSlices` and None.
      clip_norm: number.
      use_norm: the norm to scale by, if it is not `tf.linalg.global_norm(t_list)`.
    Returns:
      The scaled tensors, all NaN if the norm is not finite, with None where None was; and the norm.
    Raises:
      TypeError: `t_list` is neither list nor tuple.
    Example:
      >>> clipped, norm = tf.clip_by_global_norm([[3.0], None, [4.0]], 1.0)
      >>> print(clipped[0].numpy(), clipped[1], clipped[2].numpy(), norm.numpy())
      [0.6] None [0.8] 5.0

    References: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
    """
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
    norm = convert(matrices.global_norm(t_list) if use_norm is None else use_norm)
    scale = multiply(clip_norm, minimum(divide(1.0, norm), divide(beside(norm, 1), clip_norm)))
    scale = add(scale, subtract(norm, norm))  # NaN unless the norm is finite
    return [_scaled(t, scale) for t in t_list], norm


def _scaled(t: Any, scale: Tensor) -> Any:
    if t is None:
        return None
    if isinstance(t, IndexedSlices):
        return IndexedSlices(_scaled(t.values, scale), t.indices, t.dense_shape)
    x = convert(t)
    return multiply(x, cast_ops.cast(scale, x.dtype))
