"""Ops whose attributes here are not those of TensorFlow: how they are written.

`FORMS` has, by name, a function of one that makes tensors of host values, of the op's tensors and of its attributes, which gives
the inputs and attributes that TensorFlow wants. Reading needs no such table: `tf.raw_ops` takes TensorFlow's arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from tenfold.core import dtypes
from tenfold.core.symbol import Size
from tenfold.saved_model.nodes import Nodes, Value

Host = Callable[[Any, Any], Value]
Form = tuple[list[Any], dict[str, Any]]


def _squeeze(host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> Form:
    return list(tensors), {"squeeze_dims": attrs.get("axis", ())}


def _stitch(host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> Form:
    half = len(tensors) // 2
    return [tensors[:half], tensors[half:]], {}


def _cross(host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> Form:
    n = attrs["sparse_count"]
    others = {key: value for key, value in attrs.items() if key != "sparse_count"}
    return [tensors[:n], tensors[n : 2 * n], tensors[2 * n : 3 * n], tensors[3 * n :]], others


def _cross_v2(host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> Form:
    *columns, separator = tensors
    return [*_cross(host, columns, attrs)[0], separator], {}


def _concat(host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> Form:
    n = len(tensors) // 3
    return [tensors[:n], tensors[n : 2 * n], tensors[2 * n :]], attrs


def _sliced(index: Any) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
    """Begin, end and strides of a NumPy index, and TensorFlow's masks."""
    begin, end, strides = [], [], []
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    for i, item in enumerate(index if type(index) is tuple else (index,)):
        bit = 1 << i
        first, last, stride = 0, 0, 1
        if item is Ellipsis:
            masks["ellipsis_mask"] |= bit
        elif item is None:
            masks["new_axis_mask"] |= bit
        elif type(item) is slice:
            stride = 1 if item.step is None else item.step
            if item.start is None:
                masks["begin_mask"] |= bit
            else:
                first = item.start
            if item.stop is None or (type(item.stop) is int and item.stop >= sys.maxsize):
                masks["end_mask"] |= bit
            else:
                last = item.stop
        else:
            masks["shrink_axis_mask"] |= bit
            first, last = item, item + 1
            if type(item) is int and item == -1:  # up to the end, not up to element 0
                masks["end_mask"] |= bit
        begin.append(first)
        end.append(last)
        strides.append(stride)
    return [tuple(begin), tuple(end), tuple(strides)], masks


def _index_type(parts: Sequence[tuple[Any, ...]]) -> Any:
    known = [abs(x) for part in parts for x in part if type(x) is not Size]
    return dtypes.int64 if any(x >= 1 << 31 for x in known) else dtypes.int32


def _strided_slice(host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> Form:
    parts, masks = _sliced(attrs["index"])
    dtype = _index_type(parts)
    return [tensors[0], *[host(part, dtype) for part in parts], *tensors[1:]], masks


def _strided_slice_grad(host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> Form:
    parts, masks = _sliced(attrs["index"])
    dtype = _index_type([attrs["shape"], *parts])
    return [*[host(part, dtype) for part in (attrs["shape"], *parts)], tensors[0]], masks


FORMS: dict[str, Callable[[Host, Sequence[Value], dict[str, Any]], Form]] = {
    "Squeeze": _squeeze,
    "DynamicStitch": _stitch,
    "ParallelDynamicStitch": _stitch,
    "SparseConcat": _concat,
    "SparseCross": _cross,
    "SparseCrossV2": _cross_v2,
    "StridedSlice": _strided_slice,
    "StridedSliceGrad": _strided_slice_grad,
    "TensorStridedSliceUpdate": _strided_slice,
}


def _sum_to(nodes: Nodes, host: Host, tensors: Sequence[Value], attrs: dict[str, Any]) -> list[Value]:
    """The sum of a gradient along the axes of a broadcast, which only sizes at run time tell."""
    have = nodes.add("Shape", list(tensors), {"out_type": dtypes.int32})[0]
    wanted = host(attrs["shape"], dtypes.int32)
    axes = nodes.add("BroadcastGradientArgs", [wanted, have])[0]
    return nodes.add("Reshape", [nodes.add("Sum", [tensors[0], axes])[0], wanted])


# Tenfold's own ops that no public functions express.
WRITERS: dict[str, Callable[[Nodes, Host, Sequence[Value], dict[str, Any]], list[Value]]] = {"SumTo": _sum_to}
