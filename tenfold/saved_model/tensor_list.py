"""Lists of tensors of TensorFlow's graphs (`TensorListReserve` and its kin): one tensor with a row for each element."""

from __future__ import annotations

from typing import Any

from tenfold.core.dtypes import DType
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.tensor import Tensor
from tenfold.graph.tensor_array import GROW
from tenfold.ops import array as array_ops
from tenfold.ops import (
    creation,
    join,
    rearrange,
    scatter,
    static,
)
from tenfold.ops import gather as gather_ops
from tenfold.ops import sizes as size_ops


class TensorList:
    """A list of tensors of one shape, which a loop hands on.

    Sizes of elements that are not known before the first write are 0 until then; elements of unknown rank have no rows.

    Attributes:
      dtype: of the elements.
      element_shape: what is known of their shape.
      size: how many there are.
      rows: the elements, one per row; None as long as their rank is unknown.
      written: the shape of the element that was written last, with sizes that are known only when a graph runs.
    """

    def __init__(
        self, dtype: DType, element_shape: TensorShape, size: Any, rows: Tensor | None = None, written: Any = None
    ) -> None:
        self.dtype, self.element_shape, self.size, self.rows = dtype, element_shape, size, rows
        self.written = written
        if rows is None and element_shape.rank is not None:
            sizes = [0 if n is None else n for n in element_shape.as_list()]
            self.rows = creation.zeros((static.integer(size, "TensorListReserve"), *sizes), dtype)

    def told(self, shape: TensorShape) -> TensorList:
        """The list, knowing more of the shape of its elements."""
        return TensorList(self.dtype, self.element_shape.merge_with(shape), self.size, self.rows)

    def set(self, index: Tensor, item: Tensor, may_grow: bool = False) -> TensorList:
        """The list with an element written; one that may grow has elements up to that."""
        made = self.told(item.shape) if self.rows is None else self
        rows = made._grown(item)
        if may_grow:
            rows = GROW(rows, index)
            made = TensorList(made.dtype, made.element_shape, size_ops.shape(rows)[0], rows)
        at = array_ops.reshape(index, (1, 1))
        written = scatter.tensor_scatter_nd_update(rows, at, array_ops.expand_dims(item, 0))
        return TensorList(made.dtype, made.element_shape, made.size, written, item._array.shape)

    def _grown(self, item: Tensor) -> Tensor:
        """The rows, as large as an element is: before the first write, unknown sizes are 0."""
        rows = self.needed("TensorListSetItem")
        if None not in rows.shape[1:] and None not in item.shape and rows.shape[1:] == item.shape:
            return rows
        if self.element_shape.is_fully_defined():
            return rows
        more = size_ops.shape(item) - size_ops.shape(rows)[1:]
        zeros = creation.zeros_like(more)
        paddings = join.concat([creation.zeros((1, 2), more.dtype), join.stack([zeros, more], axis=1)], 0)
        return rearrange.pad(rows, paddings)

    def get(self, index: Tensor) -> Tensor:
        return gather_ops.gather(self.needed("TensorListGetItem"), index)

    def pushed(self, item: Tensor) -> TensorList:
        """The list with one more element at its end."""
        made = self.told(item.shape) if self.rows is None else self
        rows = join.concat([made._grown(item), array_ops.expand_dims(item, 0)], 0)
        return TensorList(made.dtype, made.element_shape, size_ops.shape(rows)[0], rows)

    def resized(self, size: Tensor) -> TensorList:
        """The list with so many elements: the first ones, or zeros after all."""
        rows = self.needed("TensorListResize")
        return TensorList(
            self.dtype, self.element_shape, size, GROW(rows, size - 1)[: static.integer(size, "TensorListResize")]
        )

    def popped(self) -> tuple[TensorList, Tensor]:
        """The list without its last element, and that."""
        rows = self.needed("TensorListPopBack")
        return TensorList(self.dtype, self.element_shape, size_ops.shape(rows)[0] - 1, rows[:-1]), rows[-1]

    def needed(self, what: str) -> Tensor:
        if self.rows is None:
            raise ValueError(f"{what}: the shape of the elements is not known before one is written.")
        return self.rows

    @property
    def _type_spec(self) -> TensorListSpec:
        return TensorListSpec(self.element_shape, self.dtype)


class TensorListSpec(TypeSpec):
    """What is known of a list."""

    __slots__ = ("_element_shape", "_dtype")

    def __init__(self, element_shape: TensorShape, dtype: DType) -> None:
        self._element_shape, self._dtype = element_shape, dtype

    @property
    def value_type(self) -> type:
        return TensorList

    def _serialize(self) -> tuple:
        return self._element_shape, self._dtype

    @property
    def _component_specs(self) -> Any:
        known = self._element_shape
        return [TensorSpec(None if known.rank is None else [None, *known.as_list()], self._dtype)]

    def _to_components(self, value: TensorList) -> list:
        return [value.needed("a loop over a list")]

    def _from_components(self, components: Any) -> TensorList:
        (rows,) = components
        return TensorList(self._dtype, self._element_shape, size_ops.shape(rows)[0], rows)
