"""Loops whose number of turns is known while they are traced, as scans: so their gradients are loops, too.

What the counters of such a loop are follows from constants: they are computed turn by turn, beforehand, with all that depends on
nothing else. What the loop reads of tensors by counters are inputs of the scan, what it writes by them are outputs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.core.context import recorders, traced_graph
from tenfold.core.symbol import Size, Spec, Symbol, counts_turns, evaluate, sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node, Step, needed
from tenfold.graph.open_loop import open_loop
from tenfold.graph.pure import without_effects
from tenfold.graph.row_reads import is_popped, reads_stacks, row_reads
from tenfold.graph.row_writes import RowWrite, row_write
from tenfold.graph.run import Program, all_inputs, replay
from tenfold.graph.scan import Body
from tenfold.graph.scan import run as run_scan
from tenfold.graph.staged import may_watch
from tenfold.graph.tensor_array import grown
from tenfold.ops import array as array_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import scatter as scatter_ops

_log = logging.getLogger("tenfold")
MOST_TURNS = 10_000
_FEW = 16  # elements of what is computed beforehand


def as_scan(
    operands: Sequence[Tensor], graphs: tuple[Graph, Graph], places: Sequence[Sequence[int]], has_limit: bool
) -> list[Tensor] | None:
    """The results of a loop that a tape cares for, or whose arrays grow, as those of a scan; None if it cannot be one.

    Args:
      operands: the loop's variables, the most turns that there may be, and what its graphs capture, at these places.
      graphs: condition and body.
      has_limit: whether there is a most number of turns.
    """
    tapes = [r for r in recorders() if not r.is_graph]
    cond, body = graphs
    grows = any(_writes_unknown_rows(body, i) for i in range(len(body.outputs)))
    has_rows = grows or reads_stacks(row_reads(cond, body))
    if not (tapes or has_rows):
        return None
    if any(node.has_effects for graph in graphs for node in graph.nodes):
        return _writing_scan(operands, graphs, places, has_limit)
    if any(inner.variables for node in body.nodes if isinstance(node.op, Step) for inner in node.op.graphs):
        return None  # the tape of the scan's body would not see them
    constants = [t for t in body.seen.values() if type(t._array) is np.ndarray and t._node]
    if any(may_watch(tape, constants) for tape in tapes if constants):
        return None
    turns = _turns(operands, cond, body, places, has_limit)
    graph: Graph = traced_graph()
    undo = graph.checkpoint()
    try:
        if turns is None or not turns.count:
            if any(map(_may_become_known, operands)):
                return None  # not yet
            if has_rows or any(may_watch(tape, operands) for tape in tapes):
                return open_loop(operands, graphs, places, has_limit)
            return None
        scan = _Scan(operands, graphs, places[1], turns)
        if grows or scan.popped or any(may_watch(tape, scan.sources) for tape in tapes):
            return scan.results()
    except Exception as error:  # of a gradient that cannot be traced, for example
        _log.debug("%s is no scan: %s", body.name, error)
    undo()
    return None


def _writing_scan(
    operands: Sequence[Tensor], graphs: tuple[Graph, Graph], places: Sequence[Sequence[int]], has_limit: bool
) -> list[Tensor] | None:
    """`as_scan` of a loop with effects, if these are that it writes variables and draws random numbers."""
    graph: Graph = traced_graph()
    undo = graph.checkpoint()
    count = len(graphs[1].outputs)
    loop = without_effects((graphs[0], _of_pure_branches(graphs[1])), count, (False, True))
    if loop is None:
        return None
    given = [*operands[:count], *loop.before, *operands[count:]]
    moved = [[i + len(loop.before) if i >= count else i for i in where] for where in places]
    for where, read in zip(moved, loop.read, strict=True):
        where += range(len(given), len(given) + len(read))
        given += read
    found = as_scan(given, (loop.graphs[0], loop.graphs[1]), moved, has_limit)
    if found is None:
        undo()
        return None
    for variable, after in zip(loop.written, found[count:], strict=True):
        graph.assign(variable, after)
    return found[:count]


def _of_pure_branches(graph: Graph) -> Graph:
    """A graph traced once more for the tapes that are there now: so branches in it have no effects."""
    if not any(node.has_effects and isinstance(node.op, Step) and node.op.graphs for node in graph.nodes):
        return graph
    again = Graph(graph.name, traced_graph(), is_part=True)
    again.renews_seeds = False
    with again.tracing():
        given = [again.input(*Spec.of(x.dtype, x.shape), name=x.name) for x in all_inputs(graph)]
        again.finish(replay(graph, given))
    return again


def _writes_unknown_rows(body: Graph, number: int) -> bool:
    """Whether a loop writes rows to a variable of which it is not known how many it has."""
    write = row_write(body, body.nodes, number)
    return write is not None and (write.grows or bool(sizes_in(body.inputs[number].shape[:1])))


def _may_become_known(x: Tensor) -> bool:
    """Whether a call tells sizes that a tensor has, or is."""
    array: Any = x._array
    value = getattr(array, "value", None)
    sizes = sizes_in((*(array.shape or ()), *([] if value is None else value.reshape(-1).tolist())))
    return any(type(size.source[1]) is int and not counts_turns(size) for size in sizes)


def _is_settled(array: Any) -> bool:
    return array.dtype.kind != "O" and array.shape is not None and not sizes_in(array.shape)


@dataclass(frozen=True)
class _Turns:
    """What is known of a loop beforehand.

    Attributes:
      count: how many turns there are.
      tables: what symbols of the body are at each turn.
      last: what counters, by their numbers among the loop's variables, are in the end.
    """

    count: int
    tables: dict[Symbol, np.ndarray]
    last: dict[int, np.ndarray]


def _turns(
    operands: Sequence[Tensor], cond: Graph, body: Graph, places: Sequence[Sequence[int]], has_limit: bool
) -> _Turns | None:
    """Runs a loop on its counters alone; None if its number of turns depends on more, or is large."""
    arrays: list[Any] = [x._array for x in operands]
    count = len(body.outputs)
    counters = [
        i
        for i, (before, after) in enumerate(zip(body.inputs, body.outputs, strict=False))
        if type(arrays[i]) is np.ndarray and _is_small(before) and after.shape == before.shape
    ]
    while True:
        of_cond, of_body = (_known(g, arrays, where, counters) for g, where in zip((cond, body), places, strict=True))
        left = [i for i in counters if type(body.outputs[i]) is not Symbol or body.outputs[i] in of_body]
        if left == counters:
            break
        counters = left
    limit = arrays[count] if has_limit else np.array(MOST_TURNS + 1)
    if not counters or type(limit) is not np.ndarray or not of_cond.issuperset(cond.outputs):
        return None
    symbols = [x for node in body.nodes for x in node.outputs if x in of_body]
    goes_on = _program(cond, arrays, places[0], counters, of_cond, cond.outputs)
    turn = _program(body, arrays, places[1], counters, of_body, [*[body.outputs[i] for i in counters], *symbols])
    values = [arrays[i] for i in counters]
    rows: list[list[np.ndarray]] = []
    while len(rows) < limit and goes_on(values)[0]:
        if len(rows) == MOST_TURNS:
            return None
        found = turn(values)
        rows.append([*values, *found[len(values) :]])
        values = found[: len(values)]
    known = [*[body.inputs[i] for i in counters], *symbols]
    tables = {x: np.stack(column) for x, column in zip(known, zip(*rows, strict=True), strict=bool(rows))}
    return _Turns(len(rows), tables, dict(zip(counters, values, strict=True)))


def _is_small(x: Any) -> bool:
    return x.dtype.kind in "iub" and x.shape is not None and not sizes_in(x.shape) and np.prod(x.shape) <= _FEW


def _known(graph: Graph, arrays: list[Any], places: Sequence[int], counters: Sequence[int]) -> set[Symbol]:
    """The symbols of a graph that follow from counters and constants."""
    known = {graph.inputs[i] for i in counters}
    known |= {inner for inner, i in _captured(graph, places) if type(arrays[i]) is np.ndarray}
    for node in graph.nodes:
        if not isinstance(node.op, Step) and known.issuperset(node.reads()) and all(map(_is_small, node.outputs)):
            known.update(node.outputs)
    return known


def _captured(graph: Graph, places: Sequence[int]) -> Iterable[tuple[Symbol, int]]:
    """What comes after a loop's variables, and which operands it is."""
    inputs = all_inputs(graph)
    return zip(inputs[len(inputs) - len(places) :], places, strict=True)


def _program(
    graph: Graph,
    arrays: list[Any],
    places: Sequence[int],
    counters: Sequence[int],
    known: set[Symbol],
    outputs: Sequence[Any],
) -> Any:
    """A function of the counters that computes known symbols."""
    part = Graph(graph.name)
    captured = [(inner, arrays[i]) for inner, i in _captured(graph, places) if inner in known]
    part.inputs = [*[graph.inputs[i] for i in counters], *[inner for inner, _ in captured]]
    part.outputs = list(outputs)
    part.nodes = [node for node in graph.nodes if known.issuperset(node.outputs) and node.outputs]
    program = Program(part)
    return lambda values: program(*values, *[array for _, array in captured])


class _Scan:
    """A loop as a scan.

    Args:
      operands, graphs: of the loop.
      places: which operands its body captures.
      turns: what is known of it.

    Attributes:
      sources: what the scan begins with and what it uses at each step, as tensors.
      popped: numbers of the variables of which each turn takes the last row away. If there are any, the last turn is the scan's first row.
    """

    def __init__(
        self, operands: Sequence[Tensor], graphs: tuple[Graph, Graph], places: Sequence[int], turns: _Turns
    ) -> None:
        cond, body = graphs
        self._operands, self._body, self._turns = operands, body, turns
        self.popped: list[int] = []
        self._constants = {inner: operands[i] for inner, i in _captured(body, places)}
        self._nodes: list[Node] = []
        for node in body.nodes:
            if isinstance(node.op, Step) and node.op.name == "ReadVariableOp":
                self._constants[node.outputs[0]] = Variable._read(node.op.variables[0])  # type: ignore[index]
            elif not all(x in turns.tables for x in node.outputs):
                self._nodes.append(node)
        self._states = []
        for i, (before, after) in enumerate(zip(body.inputs, body.outputs, strict=False)):
            if before is after:
                self._constants[before] = operands[i]
            elif is_popped(cond, body, i) and self._has_rows(i):
                self._constants[before] = operands[i]
                self.popped.append(i)
            elif i not in turns.last:
                self._states.append(i)
        self.sources = [*self._constants.values(), *[operands[i] for i in self._states]]

    def _has_rows(self, number: int) -> bool:
        """Whether a variable is known to have a row for each turn."""
        rows = self._operands[number]._array.shape[0]
        return not sizes_in(rows) and rows >= self._turns.count

    def results(self) -> list[Tensor]:
        """What the loop's variables are in the end."""
        body, turns = self._body, self._turns
        written = {i: write for i in self._states if (write := self._write_of(i)) is not None}
        states = [i for i in self._states if i not in written]
        outputs = [*[body.outputs[i] for i in states], *[write.row for write in written.values()]]
        operands = [x._array for x in (*[self._operands[i] for i in written], *self.sources)]
        if not all(map(_is_settled, [*operands, *outputs])) or any(
            body.outputs[i].shape != self._operands[i]._array.shape for i in states
        ):
            raise NotImplementedError("a loop over tensors whose sizes are not known, or change")
        rows = {node.outputs[0]: row for node in self._nodes if (row := self._rows_of(node)) is not None}
        nodes = needed(outputs, [node for node in self._nodes if node.outputs[0] not in rows], with_effects=False)
        reads = [*[x for node in nodes for x in node.reads()], *[x for x in outputs if type(x) is Symbol]]
        xs = {x: self._stacked(*rows[x]) for x in dict.fromkeys(reads) if x in rows}
        xs |= {x: wrap(self._in_order(turns.tables[x])) for x in dict.fromkeys(reads) if x in turns.tables}
        constants = {x: t for x, t in self._constants.items() if x in reads}
        graph = Graph(body.name)
        graph.inputs = [*xs, *[body.inputs[i] for i in states], *constants]
        graph.nodes, graph.outputs, graph.seen = nodes, outputs, body.seen
        begin = [self._operands[i] for i in states]
        body_of_scan = Body(graph, len(xs), len(states), turns.count)
        after, stacks = run_scan(body_of_scan, [*xs.values(), *begin, *constants.values()], bool(self.popped))
        found = dict(zip(states, after, strict=True)) | {i: wrap(x) for i, x in turns.last.items()}
        for (i, write), stack in zip(written.items(), stacks, strict=True):
            found[i] = self._put(i, self._in_order(self._index_of(write, i)), stack)
        for i in self.popped:
            before = self._operands[i]
            found[i] = before[: before._array.shape[0] - turns.count]
        return [found.get(i, self._operands[i]) for i in range(len(body.outputs))]

    def _in_order(self, table: Any) -> Any:
        """What is known of each turn, in the order of the scan's rows."""
        return table[::-1] if self.popped else table

    def _table(self, x: Any) -> np.ndarray | None:
        """What an operand is at each turn, if that is known."""
        return self._turns.tables.get(x) if type(x) is Symbol else None

    # What is read by counters.

    def _rows_of(self, node: Node) -> tuple[Symbol, int, np.ndarray] | None:
        """What a node reads of a constant at an index that is known: the constant, the axis, the index at each turn."""
        source: Any = node.inputs[0] if node.inputs else None
        if type(source) is not Symbol or source not in self._constants or isinstance(node.op, Step):
            return None
        axis, index = 0, None
        if node.op.name == "GatherV2" and not node.attrs["batch_dims"] and not sizes_in(node.attrs["axis"]):
            axis, index = node.attrs["axis"], self._table(node.inputs[1])
        elif node.op.name == "StridedSlice":
            axes = [i for i, x in enumerate(node.attrs["index"]) if x != slice(None)]
            if len(axes) == 1 and type(node.attrs["index"][axes[0]]) is Size:
                axis, index = axes[0], self._at_each_turn(node.attrs["index"][axes[0]])
            elif node.attrs["index"] == (-1,) and source in [self._body.inputs[i] for i in self.popped]:
                index = self._constants[source]._array.shape[0] - 1 - np.arange(self._turns.count)
        if index is None or index.ndim != 1:
            return None
        size = self._constants[source]._array.shape[axis]
        return (source, axis, index) if 0 <= index.min() and index.max() < size else None

    def _at_each_turn(self, size: Size) -> np.ndarray | None:
        tables = self._turns.tables
        if not all(leaf.source[0] in tables and type(leaf.source[1]) is tuple for leaf in sizes_in(size)):
            return None

        def at(turn: int) -> int:
            return evaluate(size, lambda leaf: int(tables[leaf.source[0]][turn][leaf.source[1]]))

        return np.array([at(turn) for turn in range(self._turns.count)], np.int64)

    def _stacked(self, source: Symbol, axis: int, index: np.ndarray) -> Tensor:
        x, index = self._constants[source], self._in_order(index)
        if not np.array_equal(index, np.arange(x._array.shape[axis])):
            x = gather_ops.gather(x, wrap(index), axis=axis)
        return x if not axis else array_ops.transpose(x, [axis, *[a for a in range(len(source.shape)) if a != axis]])

    # What is written by counters.

    def _write_of(self, number: int) -> RowWrite | None:
        """How rows of a state are written, where nothing else is done with that state, and no row is written twice."""
        write = row_write(self._body, self._nodes, number)
        if write is None:
            return None
        index, count = self._index_of(write, number), self._body.inputs[number].shape[0]
        if index is None or index.min() < 0 or len(np.unique(index)) < len(index):
            return None
        return write if write.grows or index.max() < count else None

    def _index_of(self, write: RowWrite, number: int) -> np.ndarray | None:
        """Where each turn writes to, if that is known."""
        if write.index is None:
            count = self._operands[number]._array.shape[0]
            return None if sizes_in(count) else count + np.arange(self._turns.count)
        table = self._table(write.index)
        return table.reshape(-1) if table is not None and table[0].size == 1 else None

    def _put(self, number: int, index: Any, stack: Tensor) -> Tensor:
        """A state with what was written to it."""
        rows = self._operands[number]
        shape = rows._array.shape
        count = max(shape[0], index.max() + 1)
        stack = array_ops.reshape(stack, (len(index), *shape[1:]))
        if np.array_equal(index, np.arange(count)):
            return stack
        if count > shape[0]:
            rows = grown(rows, wrap(np.array(count - 1)))
        return scatter_ops.tensor_scatter_nd_update(rows, wrap(index[:, None]), stack)
