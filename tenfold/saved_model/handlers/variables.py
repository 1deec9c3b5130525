"""Variables: their handles, reads and writes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import wrap
from tenfold.core.variable import Variable
from tenfold.ops import gather as gather_ops
from tenfold.ops import index as index_ops
from tenfold.ops import sizes as size_ops
from tenfold.ops import static
from tenfold.saved_model.importing import Functions, Values, handles
from tenfold.saved_model.plan import DamagedGraph, PlannedNode


@handles("VarHandleOp")
def _handle(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    raise ValueError(
        f"the graph makes the variable {node.attrs.get('shared_name', node.name)!r} itself. Pass a tf.Variable for {node.name!r} in input_map."
    )


@handles("ReadVariableOp")
def _read(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_variable(node, inputs[0])._read()]


def _variable(node: PlannedNode, value: Any) -> Variable:
    if not isinstance(value, Variable):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) takes a variable and is given a tensor.")
    return value


@handles("AssignVariableOp")
def _assign(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _variable(node, inputs[0]).assign(inputs[1])
    return []


@handles("AssignAddVariableOp")
def _assign_add(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _variable(node, inputs[0]).assign_add(inputs[1])
    return []


@handles("AssignSubVariableOp")
def _assign_sub(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _variable(node, inputs[0]).assign_sub(inputs[1])
    return []


@handles("VarIsInitializedOp")
def _is_initialized(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [wrap(np.array(True))]


@handles("VariableShape")
def _variable_shape(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [size_ops.shape(_variable(node, inputs[0]), node.attrs.get("out_type", dtypes.int32))]


@handles("ResourceGather")
def _gather(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    count = node.attrs.get("batch_dims", 0)
    return [gather_ops.gather(_variable(node, inputs[0]), inputs[1], axis=count, batch_dims=count)]


@handles("ResourceGatherNd")
def _gather_nd(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [gather_ops.gather_nd(_variable(node, inputs[0]), inputs[1])]


_ROWS = {
    f"ResourceScatter{name}": f"scatter_{name.lower()}" for name in ("Add", "Sub", "Mul", "Div", "Min", "Max", "Update")
}
_ELEMENTS = {
    f"ResourceScatterNd{name}": f"scatter_nd_{name.lower()}" for name in ("Add", "Sub", "Min", "Max", "Update")
}


@handles(*_ROWS)
def _scatter(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    getattr(_variable(node, inputs[0]), _ROWS[node.op])(IndexedSlices(inputs[2], inputs[1]))
    return []


@handles(*_ELEMENTS)
def _scatter_nd(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    getattr(_variable(node, inputs[0]), _ELEMENTS[node.op])(inputs[1], inputs[2])
    return []


@handles("ResourceStridedSliceAssign")
def _assign_slice(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    variable, begin, end, strides, value = inputs
    masks = {key: node.attrs.get(key, 0) for key in ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")}  # fmt: skip
    first, last, steps = [static.ints(x, node.op) for x in (begin, end, strides)]
    part: Any = _variable(node, variable)[index_ops.to_index(first, last, steps, **masks)]
    part.assign(value)
    return []
