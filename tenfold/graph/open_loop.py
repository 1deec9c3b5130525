"""Loops whose number of turns is known only when they run, as scans of unknown length: so their gradients are loops, too.

A loop goes on as long as its condition, a state of the scan, is true. One that only counts up to a limit, and reads rows one after the
other of a stack, as the gradient of another loop does, is a scan over these rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tenfold.core.symbol import Symbol, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph
from tenfold.graph.lines import Line, line_of, slope_of
from tenfold.graph.node import needed
from tenfold.graph.row_reads import ROWS_BEFORE, RowRead, counter_of, is_popped, reads_stacks, row_reads
from tenfold.graph.row_writes import RowWrite, row_write
from tenfold.graph.run import all_inputs, replay
from tenfold.graph.scan import loop, scan
from tenfold.ops.array import reshape
from tenfold.ops.cast import cast
from tenfold.ops.elementwise import maximum
from tenfold.ops.gather import where
from tenfold.ops.logic import logical_and
from tenfold.ops.rearrange import reverse
from tenfold.ops.sizes import shape as shape_of


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
    return _OpenLoop(operands, graphs, places, has_limit).results()


class _OpenLoop:
    """A loop as a scan; the arguments are those of `open_loop`."""

    def __init__(
        self, operands: Sequence[Tensor], graphs: tuple[Graph, Graph], places: Sequence[Sequence[int]], has_limit: bool
    ) -> None:
        self._operands, self._limits = operands, operands[len(graphs[1].outputs) :][:has_limit]
        self._cond, self._body = cond, body = graphs
        self._of_cond, self._of_body = ([operands[i] for i in where] for where in places)
        count = len(body.outputs)
        self._counter = None if has_limit else counter_of(cond, body)
        reads = row_reads(cond, body)
        self._reads = {} if self._counter is None or not reads_stacks(reads) else _of_one_direction(reads)
        self._popped = [] if self._counter is None else [i for i in range(count) if is_popped(cond, body, i)]
        self._writes = {i: write for i in range(count) if (write := self._write_of(i)) is not None}
        changing = [i for i in range(count) if body.inputs[i] is not body.outputs[i]]
        self._changing = [i for i in changing if i not in self._writes and i not in self._popped]
        before = [operands[i]._array for i in range(count)]
        if any(body.outputs[i].shape != before[i].shape or before[i].dtype.kind == "O" for i in self._changing):
            raise NotImplementedError("a loop over tensors whose sizes are not known, or change")

    def results(self) -> list[Tensor]:
        """What the loop's variables are in the end."""
        body, operands = self._body, self._operands
        rows = [write.row for write in self._writes.values()]
        indices = [write.index for write in self._writes.values() if write.index is not None]
        part = self._part([*[body.outputs[i] for i in self._changing], *rows, *indices])
        shapes = [*[operands[i]._array.shape[1:] for i in self._writes], *[(1,)] * len(indices)]

        def goes_on(states: list[Tensor]) -> Tensor:
            (wanted,) = replay(self._cond, [*self._variables(states), *self._of_cond])
            return logical_and(wanted, states[-1] > 0) if self._limits else wanted

        def turn(read: list[Tensor], states: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
            found = replay(part, [*self._variables(states), *self._of_body, *read])
            after, written = found[: len(self._changing)], found[len(self._changing) :]
            left = [x - 1 for x in states[len(self._changing) :]]
            return [*after, *left], [reshape(x, shape) for x, shape in zip(written, shapes, strict=True)]

        begin = [*[operands[i] for i in self._changing], *self._limits]
        turns = self._turns() if self._reads or self._popped else None
        if turns is None or not self._reads:
            after, stacks = loop(goes_on, lambda states: turn([], states), begin)
        else:
            falls = next(iter(self._reads.values())).falls
            after, stacks = scan(turn, self._rows_read(turns), begin, falls)
            stacks = [reverse(x, [0]) for x in stacks] if falls else stacks
        results, written_at = self._variables(after), iter(stacks[len(rows) :])
        for (i, write), stack in zip(self._writes.items(), stacks, strict=False):
            results[i] = write.result(operands[i], stack, None if write.index is None else next(written_at))
        for i in self._popped:
            results[i] = operands[i][: shape_of(operands[i])[0] - turns]
        return results

    def _variables(self, states: list[Tensor]) -> list[Tensor]:
        """All variables of the loop, where these are those that change."""
        now = dict(zip(self._changing, states, strict=False))
        return [now.get(i, self._operands[i]) for i in range(len(self._body.outputs))]

    def _part(self, outputs: list[Any], given: bool = True) -> Graph:
        """What of the body has these outputs; `given`: from rows that are read, which it takes after the others."""
        body, part = self._body, Graph(self._body.name)
        reads = list(self._reads) if given else []
        part.inputs, part.seen = [*all_inputs(body), *reads], body.seen
        part.nodes = [node for node in needed(outputs, body.nodes, given=reads) if set(reads).isdisjoint(node.outputs)]
        part.outputs = outputs
        return part

    # Rows.

    def _write_of(self, number: int) -> RowWrite | None:
        """How the loop writes to a variable, if it does nothing with it but to write other rows at each turn."""
        cond, body, operands = self._cond, self._body, self._operands
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
        is_after_all = write.grows and shape[0] == 0 and slope == 1 and self._begins_with_zero(line)
        return replace(write, index=None) if is_after_all else write

    def _begins_with_zero(self, line: Line) -> bool:
        counter: Any = self._operands[self._body.inputs.index(line.of)]._array  # type: ignore[arg-type]
        return (
            type(counter) is np.ndarray and line.offset is not None and line.scale * counter.item() + line.offset == 0
        )

    def _turns(self) -> Tensor:
        """How many turns there are, of which the loop counts each."""
        part = Graph(self._cond.name)
        part.inputs, part.outputs, part.seen = all_inputs(self._cond), list(self._counter or ()), self._cond.seen
        counter, limit = replay(part, [*self._operands[: len(self._body.outputs)], *self._of_cond])
        return maximum(cast(reshape(limit, ()) - reshape(counter, ()), "int32"), 0)

    def _rows_read(self, turns: Tensor) -> list[Tensor]:
        """The rows that turns read, as stacks."""
        given = [*self._operands[: len(self._body.outputs)], *self._of_body]
        tensors = dict(zip(all_inputs(self._body), given, strict=True))
        firsts = [read.index for read in self._reads.values() if read.index is not None]
        found = iter(replay(self._part(firsts, given=False), given))
        stacks = []
        for read in self._reads.values():
            rows = tensors[read.source]
            if read.index is None:
                end = shape_of(rows)[0]
            else:
                first = cast(reshape(next(found), ()), "int32")
                end = where(turns > 0, first + (1 if read.falls else turns), 0)
            stacks.append(ROWS_BEFORE(rows, end, turns))
        return stacks


def _of_one_direction(reads: dict[Symbol, RowRead]) -> dict[Symbol, RowRead]:
    """The reads that one scan can do: those of the first one's direction, and those that take rows away."""
    falls = any(read.index is None for read in reads.values()) or any(read.falls for read in list(reads.values())[:1])
    return {x: read for x, read in reads.items() if read.falls == falls}
