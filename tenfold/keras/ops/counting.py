"""Different elements, and how many there are of each kind."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.ops.arrays import swapaxes
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike


def _unique_spec(
    x: KerasTensor, sorted: bool, return_index: bool, return_inverse: bool, return_counts: bool, axis: int | None,
    size: int | None, fill_value: Any,
) -> Any:  # fmt: skip
    shape = list(x.shape)
    inverse = tuple(shape) if axis is None else (shape[axis],)
    shape = [size] if axis is None else [*shape[: axis % len(shape)], size, *shape[axis % len(shape) + 1 :]]
    found = [KerasTensor(shape, x.dtype)]
    for is_wanted, of in ((return_index, (size,)), (return_inverse, inverse), (return_counts, (size,))):
        if is_wanted:
            found.append(KerasTensor(of, "int32"))
    return found[0] if len(found) == 1 else tuple(found)


def _ascending(values: Tensor) -> Tensor:
    """The order of slices by their first element, those alike by the second, and so on."""
    rows = tf.reshape(values, (tf.shape(values)[0], -1))
    order = tf.range(tf.shape(rows)[0])
    for column in range(rows.shape[1] - 1, -1, -1):
        order = tf.gather(order, tf.argsort(tf.gather(rows[:, column], order), stable=True))
    return order


def _sized(x: Tensor, size: int | None, fill: Any) -> Tensor:
    """As many slices as are wanted: the first ones, and filled ones behind."""
    if size is None:
        return x
    missing = tf.maximum(size - tf.shape(x)[0], 0)
    paddings = [[0, missing]] + [[0, 0]] * (len(x.shape) - 1)
    found = tf.pad(x[:size], paddings, constant_values=tf.cast(fill, x.dtype))
    return tf.ensure_shape(found, (size, *x.shape[1:]))


@operation_of_class("Unique", spec=_unique_spec)
def unique(
    x: TensorLike, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    """The different elements, or slices, each once.

    Args:
      x: tensor of any shape.
      sorted: whether they are in ascending order, else in that of their first places.
      return_index: whether their first places are wanted, int32.
      return_inverse: whether the number among them of each element or slice is wanted, int32.
      return_counts: whether it is wanted how often each occurs, int32.
      axis: int, along which slices are compared, or None for the elements of the flattened tensor.
      size: how many are wanted, or None for all.
      fill_value: number that stands where there are fewer, 0 by default; their places are 1 and their counts 0.
    Returns:
      Tensor of shape `(different,)`, or x's with another size of the axis; or a tuple of it and what else is wanted, in
      the order of the arguments.
    Example:
      >>> print(tf.keras.ops.unique([3, 1, 3]).numpy())
      [1 3]
      >>> values, counts = tf.keras.ops.unique([3, 1, 3], return_counts=True, size=3)
      >>> print(values.numpy(), counts.numpy())
      [1 3 0] [1 2 0]
    """
    x = convert(x)
    along = 0 if axis is None else axis % len(x.shape)
    slices = tf.reshape(x, [-1]) if axis is None else swapaxes(x, 0, along)
    values, inverse = tf.unique(slices) if axis is None else tf.raw_ops.UniqueV2(x=slices, axis=[0])
    if sorted:
        order = tf.argsort(values) if len(values.shape) == 1 else _ascending(values)
        values, inverse = tf.gather(values, order), tf.gather(tf.math.invert_permutation(order), inverse)
    count = tf.shape(values)[0]
    values = _sized(values, size, 0 if fill_value is None else fill_value)
    found = [values if along == 0 else swapaxes(values, 0, along)]
    if return_index:
        places = tf.math.unsorted_segment_min(tf.range(tf.size(inverse)), inverse, count)
        found.append(_sized(places, size, 1))
    if return_inverse:
        found.append(tf.reshape(inverse, tf.shape(x)) if axis is None else inverse)
    if return_counts:
        found.append(_sized(tf.math.unsorted_segment_sum(tf.ones_like(inverse), inverse, count), size, 0))
    return found[0] if len(found) == 1 else tuple(found)


@operation
def histogram(x: TensorLike, bins: int = 10, range: tuple[float, float] | None = None) -> tuple[Tensor, Tensor]:
    """How many elements lie in each of some equal intervals.

    Args:
      x: floating tensor of shape `(n,)`.
      bins: how many intervals.
      range: where the first begins and the last ends, or None for the least and the greatest element.
    Returns:
      Pair of tensors of x's dtype: the counts, `(bins,)`, and the bounds, `(bins + 1,)`.
    Raises:
      TypeError: bins is no int.
      ValueError: bins is negative, the range is none, or x has other axes.
    Example:
      >>> counts, bounds = tf.keras.ops.histogram([1.0, 2.0, 2.5, 3.0], bins=2)
      >>> print(counts.numpy(), bounds.numpy())
      [1. 3.] [1. 2. 3.]
    """
    if not isinstance(bins, int):
        raise TypeError(f"histogram: bins is {bins!r}; it must be an int.")
    if bins < 0:
        raise ValueError(f"histogram: bins is {bins}; it must not be negative.")
    if range and (not isinstance(range, tuple) or len(range) != 2 or range[1] < range[0]):
        raise ValueError(f"histogram: range is {range!r}; it must be a tuple of two numbers, the smaller one first.")
    x = convert(x)
    if len(x.shape) > 1:
        raise ValueError(f"histogram: x has shape {tuple(x.shape)}; it must have one axis.")
    least, most = (tf.cast(v, x.dtype) for v in range or (tf.reduce_min(x), tf.reduce_max(x)))
    inside = tf.boolean_mask(x, tf.logical_and(x >= least, x <= most))
    bounds = tf.linspace(least, most, bins + 1)
    places = tf.searchsorted(bounds[1:-1], inside, "right")
    return tf.math.unsorted_segment_sum(tf.ones_like(inside), places, bins), bounds
