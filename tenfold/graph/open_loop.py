"""Loops whose number of turns is known only when they run, as scans of unknown length: so their gradients are loops, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tenfold.core.symbol import sizes_in
from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph, needed
from tenfold.graph.row_writes import Line, RowWrite, line_of, row_write, slope_of
from tenfold.graph.run import replay
from tenfold.graph.scan import loop
from tenfold.ops.array import reshape
from tenfold.ops.logic import logical_and


def open_loop(
    operands: Sequence[Tensor], graphs: tuple[Graph, Graph], places: Sequence[Sequence[int]], has_limit: bool
) -> list[Tensor]:
    """The results of a loop as those of a scan.

    Args:
      operands: the loop's variables, the most turns that there may be, and what its graphs capture, at these places.
      graphs: condition and body, without effects.
      has_limit: whether there is a most number of turns.
    Raises:
      NotImplementedError: sizes are not known, or change.
      Exception: of a gradient that cannot be traced.
    """
    cond, body = graphs
    count = len(body.outputs)
    before = [operands[i]._array for i in range(count)]
    writes = {i: write for i in range(count) if (write := _write_of(operands, cond, body, i)) is not None}
    changing = [i for i in range(count) if body.inputs[i] is not body.outputs[i] and i not in writes]
    if any(body.outputs[i].shape != before[i].shape or before[i].dtype.kind == "O" for i in changing):
        raise NotImplementedError("a loop over tensors whose sizes are not known, or change")
    of_cond, of_body = ([operands[i] for i in where] for where in places)
    rows = [write.row for write in writes.values()]
    indices = [write.index for write in writes.values() if write.index is not None]
    part = _part(body, [*[body.outputs[i] for i in changing], *rows, *indices])

    def variables(states: list[Tensor]) -> list[Tensor]:
        """All variables of the loop, where these are those that change."""
        now = dict(zip(changing, states, strict=False))
        return [now.get(i, operands[i]) for i in range(count)]

    def goes_on(states: list[Tensor]) -> Tensor:
        (wanted,) = replay(cond, [*variables(states), *of_cond])
        return logical_and(wanted, states[-1] > 0) if has_limit else wanted

    def turn(states: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        found = replay(part, [*variables(states), *of_body])
        after, written = found[: len(changing)], found[len(changing) :]
        left = [x - 1 for x in states[len(changing) :]]
        shapes = [*[before[i].shape[1:] for i in writes], *[(1,)] * len(indices)]
        return [*after, *left], [reshape(x, shape) for x, shape in zip(written, shapes, strict=True)]

    begin = [*[operands[i] for i in changing], *operands[count : count + has_limit]]
    after, stacks = loop(goes_on, turn, begin)
    results, places_written = variables(after), iter(stacks[len(rows) :])
    for (i, write), stack in zip(writes.items(), stacks, strict=False):
        results[i] = write.result(operands[i], stack, None if write.index is None else next(places_written))
    return results


def _part(graph: Graph, outputs: list[Any]) -> Graph:
    """What of a graph has these outputs."""
    part = Graph(graph.name)
    part.inputs, part.captures, part.seen = graph.inputs, graph.captures, graph.seen
    part.nodes, part.outputs = needed(outputs, graph.nodes), outputs
    return part


def _write_of(operands: Sequence[Tensor], cond: Graph, body: Graph, number: int) -> RowWrite | None:
    """How a loop writes to a variable, if it does nothing with it but to write other rows at each turn."""
    write = row_write(body, body.nodes, number)
    if write is None or any(cond.inputs[number] in node.reads() for node in cond.nodes):
        return None
    shape: Any = operands[number]._array.shape
    if sizes_in(shape[1:]) or sizes_in(write.row.shape) or write.row.dtype.kind == "O":
        return None
    if write.index is None:
        return write
    line = line_of(body, write.index)
    slope = line and slope_of(body, line)
    if not line or not slope:
        return None
    is_after_all = write.grows and shape[0] == 0 and slope == 1 and _begins_with_zero(line, operands, body)
    return replace(write, index=None) if is_after_all else write


def _begins_with_zero(line: Line, operands: Sequence[Tensor], body: Graph) -> bool:
    counter: Any = operands[body.inputs.index(line.of)]._array  # type: ignore[arg-type]
    return type(counter) is np.ndarray and line.offset is not None and line.scale * counter.item() + line.offset == 0
