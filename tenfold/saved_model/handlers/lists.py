"""Lists of tensors."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, identity, join, scatter, static
from tenfold.ops import gather as gather_ops
from tenfold.ops import sizes as size_ops
from tenfold.ops.extremes import reduce_max
from tenfold.saved_model.importing import Functions, Values, handles
from tenfold.saved_model.plan import DamagedGraph, PlannedNode
from tenfold.saved_model.tensor_list import TensorList


@handles("TensorListReserve", "EmptyTensorList")
def _reserve(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    size = inputs[1] if node.op == "TensorListReserve" else 0
    return [TensorList(node.attrs["element_dtype"], _element_shape(inputs[0]), size)]


def _element_shape(value: Tensor) -> TensorShape:
    """The shape that a tensor says: a scalar or an empty tensor of -1 is one of unknown rank."""
    array: Any = value._array
    if type(array) is Symbol:
        elements = array.value.reshape(-1).tolist() if array.value is not None else [None] * array.shape[0]
        return TensorShape([n if type(n) is int and n >= 0 else None for n in elements])
    if not array.ndim:
        return TensorShape(None)
    return TensorShape([None if n < 0 else n for n in array.tolist()])


def _list(node: PlannedNode, value: Any) -> TensorList:
    if not isinstance(value, TensorList):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) takes a list of tensors and is given another value.")
    return value


@handles("TensorListFromTensor")
def _from_tensor(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    rows = inputs[0]
    return [TensorList(rows.dtype, rows.shape[1:], size_ops.shape(rows)[0], rows)]


@handles("TensorListSetItem")
def _set_item(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    may_grow = node.attrs.get("resize_if_index_out_of_bounds", False)
    return [_list(node, inputs[0]).set(inputs[1], inputs[2], may_grow)]


@handles("TensorListResize")
def _resize(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_list(node, inputs[0]).resized(inputs[1])]


@handles("TensorListGetItem")
def _get_item(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_list(node, inputs[0]).get(inputs[1])]


@handles("TensorListStack")
def _stack(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    rows = identity.identity(_list(node, inputs[0]).needed("TensorListStack"))
    if type(rows._array) is Symbol:
        shape = _element_shape(inputs[1])
        count = node.attrs.get("num_elements", -1)
        if shape.rank is not None:
            rows.set_shape([None if count < 0 else count, *shape.as_list()])
    return [rows]


@handles("TensorListGather")
def _gather_list(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [gather_ops.gather(_list(node, inputs[0]).needed("TensorListGather"), inputs[1])]


@handles("TensorListConcat", "TensorListConcatV2")
def _concat(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """The elements one after the other, and how many rows each has."""
    rows = _list(node, inputs[0]).needed(node.op)
    count, size = size_ops.shape(rows, "int64")[0], size_ops.shape(rows, "int64")[1]
    return [array_ops.reshape(rows, join.concat([[-1], size_ops.shape(rows)[2:]], 0)), creation.fill([count], size)]


@handles("TensorListScatter", "TensorListScatterV2")
def _scattered(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """A list whose elements at some places are the rows of a tensor; the others are zeros."""
    rows, places, _, *count = inputs
    is_given = bool(count) and (static.is_traced(count[0]) or int(count[0].numpy()) >= 0)
    found = TensorList(rows.dtype, rows.shape[1:], count[0] if is_given else reduce_max(places) + 1)
    return [_written(found, node, rows, places)]


@handles("TensorListScatterIntoExistingList")
def _scattered_into(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_written(_list(node, inputs[0]), node, inputs[1], inputs[2])]


def _written(given: TensorList, node: PlannedNode, rows: Tensor, places: Tensor) -> TensorList:
    at = array_ops.expand_dims(places, 1)
    written = scatter.tensor_scatter_nd_update(given.needed(node.op), at, rows)
    return TensorList(given.dtype, given.element_shape, given.size, written)


@handles("TensorListLength")
def _length(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [convert(_list(node, inputs[0]).size, dtypes.int32)]


@handles("TensorListElementShape")
def _shape_of_element(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [size_ops.shape(_list(node, inputs[0]).needed("TensorListElementShape"), node.attrs["shape_type"])[1:]]


@handles("TensorListPushBack")
def _push(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_list(node, inputs[0]).pushed(inputs[1])]


@handles("TensorListPopBack")
def _pop(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return list(_list(node, inputs[0]).popped())
