"""Scans as TensorFlow's loops: While, with lists of tensors for what each step gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenfold.core import dtypes
from tenfold.graph.graph import Graph
from tenfold.graph.scan import Body as ScanBody
from tenfold.saved_model.nodes import Body, Library, Nodes, Value
from tenfold.saved_model.values import dtype_of

Write = Callable[[Body, Graph, Sequence[Value]], list[Value]]


def write_scan(
    nodes: Nodes, library: Library, prefix: str, write: Write, scan: ScanBody, reverse: bool, operands: Sequence[Value]
) -> list[Value]:
    """Writes a scan; its results.

    TensorFlow's gradient of a loop wants a counter and a limit (-1 for none) as the first variables.

    Args:
      nodes: where to.
      library: gets the functions of condition and body.
      prefix: of their names.
      write: writes a graph into a function, for values of its inputs; gives its results.
      scan: what happens at a step.
      reverse: whether the last row is the first.
      operands: of the scan.
    """
    xs, states, constants = scan.split(operands)
    outputs = scan.graph.outputs[scan.num_states :]
    goes_by_flag = scan.length is None and not xs
    limit = _limit(nodes, scan, xs)
    lists: list[Value] = []
    for x in outputs:
        shape, element = nodes.constant(x.shape, dtypes.int32), {"element_dtype": dtype_of(x)}
        if goes_by_flag:
            lists += nodes.add("EmptyTensorList", [shape, nodes.constant(-1, dtypes.int32)], element)
        else:
            lists += nodes.add("TensorListReserve", [shape, limit], element)
    inputs = [nodes.constant(0, dtypes.int32), limit, *states, *lists, *xs, *constants]
    first_list, first_x = 2 + len(states), 2 + len(states) + len(lists)

    def begun(kind: str) -> tuple[Body, list[Value]]:
        body = Body(library, f"{prefix}scan_{kind}")
        return body, [body.argument(f"variable_{i}", value.dtype, None) for i, value in enumerate(inputs)]

    cond, given = begun("cond")
    cond.finish([given[2]] if goes_by_flag else cond.add("Less", given[:2]), [])
    body, given = begun("body")
    turn, size = given[:2]
    one = body.constant(1, dtypes.int32)
    (following,) = body.add("AddV2", [turn, one])
    place = body.add("Sub", [size, following])[0] if reverse else turn
    axis = body.constant(0, dtypes.int32)
    rows = [body.add("GatherV2", [x, place, axis])[0] for x in given[first_x : first_x + len(xs)]]
    found = write(body, scan.graph, [*rows, *given[2:first_list], *given[first_x + len(xs) :]])
    written = []
    for handle, row in zip(given[first_list:first_x], found[len(states) :], strict=True):
        if goes_by_flag:
            written += body.add("TensorListPushBack", [handle, row])
        else:
            written += body.add("TensorListSetItem", [handle, place, row])
    body.finish([following, size, *found[: len(states)], *written, *given[first_x:]], [])
    shapes = [(), (), *[tuple(x.shape) for x in scan.graph.outputs[: len(states)]], *[()] * len(lists)]
    attrs = {"cond": cond.name, "body": body.name, "output_shapes": shapes + [None] * (len(inputs) - len(shapes))}
    after = nodes.add("While" if body.is_stateful else "StatelessWhile", [inputs], attrs)
    results = after[2:first_list]
    for handle, x in zip(after[first_list:first_x], outputs, strict=True):
        shape = nodes.constant(x.shape, dtypes.int32)
        number = -1 if scan.length is None else scan.length
        results += nodes.add("TensorListStack", [handle, shape], {"element_dtype": dtype_of(x), "num_elements": number})
    return results


def _limit(nodes: Nodes, scan: ScanBody, xs: Sequence[Value]) -> Value:
    """How many steps there are, -1 if that is unknown."""
    if scan.length is not None:
        return nodes.constant(scan.length, dtypes.int32)
    if not xs:
        return nodes.constant(-1, dtypes.int32)
    (shape,) = nodes.add("Shape", [xs[0]], {"out_type": dtypes.int32})
    first, after = nodes.constant((0,), dtypes.int32), nodes.constant((1,), dtypes.int32)
    return nodes.add("StridedSlice", [shape, first, after, after], {"shrink_axis_mask": 1})[0]
