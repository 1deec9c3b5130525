"""Arrays of tensors of TensorFlow 1 (`TensorArrayV3` and its kin): what flows from one op to the next is the array itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import wrap
from tenfold.graph.tensor_array import TensorArray
from tenfold.ops import creation
from tenfold.ops import sizes as size_ops
from tenfold.saved_model.importing import Functions, Values, handles
from tenfold.saved_model.plan import DamagedGraph, PlannedNode


@handles("TensorArrayV3")
def _made(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """The handle, which nothing needs, and the array."""
    array = TensorArray(
        node.attrs["dtype"], inputs[0], node.attrs.get("dynamic_size", False), False, infer_shape=True,
        element_shape=node.attrs.get("element_shape"),
    )  # fmt: skip
    return [wrap(np.zeros((), np.int32)), array]


def _array(node: PlannedNode, value: Any) -> TensorArray:
    if not isinstance(value, TensorArray):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) takes an array of tensors and is given another value.")
    return value


@handles("TensorArrayWriteV3")
def _write(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _, index, value, array = inputs
    return [_array(node, array).write(index, value)]


@handles("TensorArrayReadV3")
def _read(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_array(node, inputs[2]).read(inputs[1])]


@handles("TensorArrayGatherV3")
def _gather(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_array(node, inputs[2]).gather(inputs[1])]


@handles("TensorArrayScatterV3")
def _scatter(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _, indices, value, array = inputs
    return [_array(node, array).scatter(indices, value)]


@handles("TensorArraySplitV3")
def _split(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _, value, lengths, array = inputs
    return [_array(node, array).split(value, lengths)]


@handles("TensorArrayConcatV3")
def _concat(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    array = _array(node, inputs[1])
    sizes = size_ops.shape(array.stack(), "int64")
    return [array.concat(), creation.fill([sizes[0]], sizes[1])]


@handles("TensorArraySizeV3")
def _size(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_array(node, inputs[1]).size()]


@handles("TensorArrayCloseV3")
def _close(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return []
