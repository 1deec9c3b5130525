"""Lists to which loops on tensors append: tensors by index, as many as the loop made."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert, register_converter
from tenfold.core.dtypes import DType
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec
from tenfold.core.tensor import Tensor
from tenfold.graph.tensor_array import TensorArray, TensorArraySpec
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import join
from tenfold.ops import sizes as size_ops


class GrownList(TensorArray):
    """What a list becomes in and after a loop on tensors that appends to it. It stacks, concatenates, and converts to a tensor.

    Args:
      items: those that it has before the loop.
      like: one that the loop appends.
    Raises:
      ValueError: the items have different numbers of axes.
    """

    def __init__(self, items: list[Any], like: Tensor) -> None:
        tensors = [convert(item, like.dtype) for item in items]
        shape = like.shape
        for tensor in tensors:
            if tensor.shape.rank != shape.rank:
                raise ValueError(
                    f"a list that a loop on tensors appends to holds a tensor of shape {tensor.shape}, and gets one of shape {like.shape}."
                )
            shape = TensorShape([a if a == b else None for a, b in zip(tensor.shape, shape, strict=True)])
        super().__init__(like.dtype, 0, True, element_shape=shape)
        self._count = convert(0)  # by itself: loops whose number of turns is known find out where items go
        for tensor in tensors:
            self.__dict__.update(self.appended(tensor).__dict__)

    def size(self, name: str | None = None) -> Tensor:
        return self._count

    def appended(self, item: Any) -> GrownList:
        made: Any = self.write(self._count, convert(item, None if isinstance(item, Tensor) else self.dtype))
        made._count = self._count + 1
        return made

    def __getitem__(self, key: Any) -> Tensor:
        rows = self.stack()
        if isinstance(key, slice):
            return rows[key]
        index = convert(key)
        return gather_ops.gather(
            rows, gather_ops.where(index < 0, index + cast_ops.cast(self.size(), index.dtype), index)
        )

    def concatenated(self, axis: int) -> Tensor:
        """All items joined along one of their axes."""
        rows = self.stack()
        rank = len(rows._array.shape) - 1
        axis = axis % rank
        order = [*range(1, axis + 1), 0, *range(axis + 1, rank + 1)]
        moved = array_ops.transpose(rows, order)
        shape = size_ops.shape(moved)
        return array_ops.reshape(moved, join.concat([shape[:axis], [-1], shape[axis + 2 :]], 0))

    @property
    def _type_spec(self) -> GrownListSpec:
        return GrownListSpec(self.element_shape, self.dtype, True, True)


class GrownListSpec(TensorArraySpec):
    """What is known of a list that grows."""

    __slots__ = ()

    @property
    def value_type(self) -> type:
        return GrownList

    @property
    def _component_specs(self) -> Any:
        return [*super()._component_specs, TensorSpec([], "int32")]

    def _to_components(self, value: Any) -> list:
        return [value.stack(), value._count]

    def _from_components(self, components: Any) -> GrownList:
        rows, count = components
        made = object.__new__(GrownList)
        made.__dict__.update(super()._from_components([rows]).__dict__, _rows=rows, _elements=None, _count=count)
        return made


def _to_tensor(value: GrownList, dtype: DType | None, hint: DType | None) -> Tensor:
    return convert(value.stack(), dtype)


register_converter(GrownList, _to_tensor)


def append(target: Any, item: Any) -> Any:
    """`target.append(item)`; the list that it is then."""
    if isinstance(target, GrownList):
        return target.appended(item)
    target.append(item)
    return target
