"""IndexedSlices: rows of a tensor, the gradient of a gather."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert, register_converter
from tenfold.core.dtypes import DType, as_dtype, float32, int64
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.shapes import TensorShape, shape_in
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.tensor import Tensor


class IndexedSlices:
    """Some rows of a larger tensor: `dense[indices[i]] += values[i]`, zeros elsewhere; an index may recur.

    Args:
      values: Tensor, shape `(n, d1, ...)`.
      indices: Tensor, shape `(n,)`, int32 or int64.
      dense_shape: the shape of the whole, or None if it is not known.

    Example:
      >>> rows = tf.IndexedSlices(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([0, 0]), tf.constant([2, 2]))
      >>> print(tf.convert_to_tensor(rows).numpy())
      [[4. 6.]
       [0. 0.]]
    """

    __slots__ = ("values", "indices", "dense_shape", "__weakref__")

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self.values = convert(values)
        self.indices = convert(indices)
        self.dense_shape = None if dense_shape is None else convert(dense_shape)

    @property
    def shape(self) -> TensorShape:
        if self.dense_shape is None:
            return TensorShape(None)
        return shape_in(self.dense_shape._array)

    @property
    def dtype(self) -> DType:
        return self.values.dtype

    @property
    def device(self) -> str:
        return self.values.device

    @property
    def name(self) -> str:
        return self.values.name  # type: ignore[attr-defined]  # raises TensorFlow's error of eager tensors

    @property
    def _type_spec(self) -> IndexedSlicesSpec:
        values, indices, whole = self.values, self.indices, self.dense_shape
        shape = TensorShape([None]) + values.shape[1:] if whole is None else self.shape
        whole_dtype = None if whole is None else whole.dtype
        return IndexedSlicesSpec(shape, values.dtype, indices.dtype, whole_dtype, indices.shape)

    def consumers(self) -> list:
        return []

    def joined(self, other: IndexedSlices) -> IndexedSlices:
        """The sum with another of the same whole: the rows of both."""
        from tenfold.ops.cast import cast
        from tenfold.ops.join import concat

        indices = concat([self.indices, cast(other.indices, self.indices.dtype)], 0)
        return IndexedSlices(concat([self.values, other.values], 0), indices, self.dense_shape)

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self.values, self.indices, self.dense_shape)

    def __repr__(self) -> str:
        shape = "" if self.dense_shape is None else f", dense_shape={self.dense_shape!s}"
        return f"IndexedSlices(indices={self.indices!s}, values={self.values!s}{shape})"


class IndexedSlicesSpec(TypeSpec):
    """Description of a `tf.IndexedSlices`.

    Args:
      shape: the shape of the whole.
      dtype: dtype of the values.
      indices_dtype: int32 or int64.
      dense_shape_dtype: dtype of `dense_shape`, or None if values have none.
      indices_shape: vector shape: the number of rows.

    Example:
      >>> tf.type_spec_from_value(tf.IndexedSlices(tf.constant([[1.0, 2.0]]), tf.constant([0])))
      IndexedSlicesSpec(TensorShape([None, 2]), tf.float32, tf.int32, None, TensorShape([1]))
    """

    value_type = IndexedSlices

    def __init__(
        self,
        shape: Any = None,
        dtype: Any = float32,
        indices_dtype: Any = int64,
        dense_shape_dtype: Any = None,
        indices_shape: Any = None,
    ) -> None:
        self._shape = TensorShape(shape)
        self._values_dtype = as_dtype(dtype)
        self._indices_dtype = as_dtype(indices_dtype)
        self._dense_shape_dtype = None if dense_shape_dtype is None else as_dtype(dense_shape_dtype)
        self._indices_shape = TensorShape(indices_shape).with_rank(1)

    def _serialize(self) -> tuple:
        whole = self._dense_shape_dtype
        return self._shape, self._values_dtype, self._indices_dtype, whole, self._indices_shape

    @property
    def _component_specs(self) -> tuple:
        values = TensorSpec(self._indices_shape + self._shape[1:], self._values_dtype)
        specs = values, TensorSpec(self._indices_shape, self._indices_dtype)
        if self._dense_shape_dtype is None:
            return specs
        return *specs, TensorSpec([self._shape.rank], self._dense_shape_dtype)

    def _to_components(self, value: IndexedSlices) -> tuple:
        parts = value.values, value.indices
        return parts if value.dense_shape is None else (*parts, value.dense_shape)

    def _from_components(self, components: Any) -> IndexedSlices:
        return IndexedSlices(*components)


def _to_tensor(value: IndexedSlices, dtype: DType | None, hint: DType | None) -> Tensor:
    from tenfold.ops import static
    from tenfold.ops.segment import unsorted_segment_sum

    if dtype is not None and dtype is not value.dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype {value.dtype.name}"
        )
    if value.dense_shape is None:
        raise ValueError(
            "tf.IndexedSlices: a tensor cannot be made without dense_shape, which says how many rows there are. "
            "Give dense_shape."
        )
    if value.values.shape.rank == 0:
        raise InvalidArgumentError("tf.IndexedSlices: values is a scalar; it must have an axis of rows.")
    return unsorted_segment_sum(value.values, value.indices, static.ints(value.dense_shape, "tf.IndexedSlices")[0])


register_converter(IndexedSlices, _to_tensor)
