"""`tf.SparseTensor`: the elements of a tensor that are not zero, and where they stand."""

from __future__ import annotations

from typing import Any, NoReturn

from tenfold.core import dtypes
from tenfold.core.convert import convert, register_converter
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.shapes import TensorShape, as_shape, shape_in
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.tensor import Tensor


class SparseTensor:
    """A tensor of which few elements are not zero: their indices, their values, and the shape of the whole.

    Ops that take sparse tensors are in `tf.sparse`; `tf.sparse.to_dense` makes a tensor that all others take.

    Args:
      indices: int64 Tensor, shape `(n, rank)`; most ops want them in the order of the dense tensor's elements.
      values: Tensor, shape `(n,)`.
      dense_shape: int64 Tensor, shape `(rank,)`.
    Raises:
      ValueError: the shapes of the parts do not fit each other, or `indices` or `dense_shape` is a tensor of another dtype.
    Example:
      >>> x = tf.SparseTensor(indices=[[0, 1], [1, 2]], values=[5, 6], dense_shape=[2, 3])
      >>> print(tf.sparse.to_dense(x).numpy())
      [[0 5 0]
       [0 0 6]]
    """

    __slots__ = ("_indices", "_values", "_dense_shape", "_told_shape", "__weakref__")

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self._indices = _named("indices", indices, dtypes.int64)
        self._values = convert(values)
        self._dense_shape = _named("dense_shape", dense_shape, dtypes.int64)
        self._told_shape: TensorShape | None = None
        count, rank = self._indices.shape.with_rank(2)
        self._values.shape.assert_is_compatible_with([count])
        self._dense_shape.shape.assert_is_compatible_with([rank])

    @property
    def indices(self) -> Tensor:
        return self._indices

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        return self._dense_shape

    @property
    def dtype(self) -> DType:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole, as far as it is known."""
        known = shape_in(self._dense_shape._array)
        return known if self._told_shape is None else known.merge_with(self._told_shape)

    def set_shape(self, shape: Any) -> None:
        """Checks that `shape` fits; a tensor that is traced takes over, for its static shape, the sizes that it did not know.

        Raises:
          ValueError: `shape` is not compatible with the tensor's.
        Example:
          >>> tf.SparseTensor([[0, 1]], [5], [2, 3]).set_shape([None, 3])
        """
        self._told_shape = self.shape.merge_with(as_shape(shape))

    def get_shape(self) -> TensorShape:
        return self.shape

    def with_values(self, new_values: Any) -> SparseTensor:
        """A sparse tensor with other values in the same places.

        Raises:
          ValueError: there are more values or fewer.
        Example:
          >>> print(tf.SparseTensor([[0]], [1.0], [3]).with_values([2]).values.numpy())
          [2]
        """
        return SparseTensor(self._indices, new_values, self._dense_shape)

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """A sparse tensor of another one's parts.

        Raises:
          TypeError: the value has none.
        Example:
          >>> tf.SparseTensor.from_value(tf.SparseTensor([[0]], [5], [3])).shape
          TensorShape([3])
        """
        value = sparse_tensor_value
        if not all(hasattr(value, part) for part in ("indices", "values", "dense_shape")):
            raise TypeError(f"tf.SparseTensor.from_value: expected a SparseTensor, got {value!r}.")
        return cls(value.indices, value.values, value.dense_shape)

    def __mul__(self, other: Any) -> SparseTensor:
        """The product with a dense tensor that broadcasts against this one."""
        from tenfold.ops.sparse import with_dense

        return with_dense.combined(with_dense.SPARSE_DENSE_CWISE_MUL, self, other)

    def __truediv__(self, other: Any) -> SparseTensor:
        """The quotient by a dense tensor that broadcasts against this one; elements without a value stay without."""
        from tenfold.ops.sparse import with_dense

        return with_dense.divided(self, other)

    @property
    def _type_spec(self) -> SparseTensorSpec:
        return SparseTensorSpec(self.shape, self.dtype)

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self._indices!s}, values={self._values!s}, dense_shape={self._dense_shape!s})"


def _named(name: str, value: Any, dtype: DType) -> Tensor:
    try:
        return convert(value, dtype)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


class SparseTensorSpec(TypeSpec):
    """Description of a sparse tensor.

    Args:
      shape: of the whole; None where nothing is known.
      dtype: of the values.
    Example:
      >>> spec = tf.SparseTensorSpec([None, 3], tf.int32)
      >>> spec.is_compatible_with(tf.SparseTensor([[0, 1]], [5], [2, 3]))
      True
    """

    __slots__ = ("_shape", "_dtype")

    value_type = SparseTensor

    def __init__(self, shape: Any = None, dtype: Any = dtypes.float32) -> None:
        self._shape, self._dtype = as_shape(shape), as_dtype(dtype)

    @classmethod
    def from_value(cls, value: SparseTensor) -> SparseTensorSpec:
        """The spec that describes a sparse tensor."""
        return value._type_spec

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> DType:
        return self._dtype

    def _serialize(self) -> tuple:
        return self._shape, self._dtype

    @property
    def _component_specs(self) -> list[TensorSpec]:
        rank = self._shape.rank
        return [
            TensorSpec([None, rank], dtypes.int64),
            TensorSpec([None], self._dtype),
            TensorSpec([rank], dtypes.int64),
        ]

    def _to_components(self, value: SparseTensor) -> list[Tensor]:
        return [value.indices, value.values, value.dense_shape]

    def _from_components(self, components: Any) -> SparseTensor:
        made = SparseTensor.__new__(SparseTensor)  # not looked at: they may be specs, or what stands for tensors
        made._indices, made._values, made._dense_shape = components
        made._told_shape = None
        return made


def _refuse(value: SparseTensor, dtype: Any, hint: Any) -> NoReturn:
    raise ValueError(
        f"Attempt to convert a value of type SparseTensor, {value.dtype.name} of shape {value.shape}, to a Tensor. Make a "
        "dense tensor of it with tf.sparse.to_dense."
    )


register_converter(SparseTensor, _refuse, is_tensor_like=True)
