"""Whether a graph computes each row of its results from the same row of its arguments, and from no other.

Only then requests may be joined, padded and cut. Ops say by a rule (`Op(rows=)`) where the rows of their results are; what no rule
knows does not have any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tenfold.core.locks import trace_lock
from tenfold.core.symbol import Size, Symbol, evaluate
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node, Step
from tenfold.graph.run import replay
from tenfold.ops.row_rules import elementwise

_COUNTS = (1, 5, 7)  # of rows, for which all sizes are computed
_OTHER_SIZES = (101, 103, 107, 109, 113, 127, 131, 137)  # of axes that are not known either


class Rows(NamedTuple):
    """Where the rows of a value are: `axis` has, `outer` times, all rows with `inner` elements each."""

    axis: int
    outer: int
    inner: int


def has_independent_rows(graph: Graph) -> bool:
    """Whether row `i` of all results depends on row `i` of the arguments only, for any number of rows."""
    if graph.captures or not graph.inputs:
        return False
    if not all(x.shape and type(x.shape[0]) is Size for x in graph.inputs):
        return False
    if len(graph.inputs) > 1:
        try:
            graph = _of_one_batch(graph)
        except Exception:  # it wants numbers of rows that differ
            return False
    first = Rows(0, 1, 1)
    values = Values({x: first for x in graph.inputs}, {x: [_sizes(x, n) for n in _COUNTS] for x in graph.inputs})
    return all(values.take(node) for node in graph.nodes) and all(values.rows(x) == first for x in graph.outputs)


def _of_one_batch(graph: Graph) -> Graph:
    """The graph for arguments of the same number of rows."""
    found = Graph(graph.name)
    found.renews_seeds = False
    with trace_lock, found.tracing():
        tensors = []
        for x in graph.inputs:
            hints = [size.hint for size in x.shape or () if type(size) is Size]
            tensors.append(found.input(x.dtype, x.static_shape, hints, x.name))
        first, *others = found.inputs
        for x in others:
            x.shape = (first.shape[0], *x.shape[1:])  # type: ignore[index]
        found.finish(replay(graph, tensors))
    return found


def _sizes(x: Symbol, count: int) -> tuple[int, ...]:
    sizes = zip(x.shape or (), (count, *_OTHER_SIZES), strict=False)
    return tuple([other if type(size) is Size else size for size, other in sizes])


class Values:
    """The values of a graph that have rows, and those that depend on how many there are.

    Args:
      rows: where those are of its arguments.
      sizes: shapes, for some numbers of rows, of values that sizes may be asked of.
    """

    def __init__(self, rows: dict[Symbol, Rows], sizes: dict[Symbol, list[tuple[int, ...]]]) -> None:
        self._rows, self._known_sizes = rows, sizes
        self._numbers: dict[Symbol, list[np.ndarray]] = {}  # for those numbers of rows

    def rows(self, x: Any) -> Rows | None:
        return self._rows.get(x) if type(x) is Symbol else None

    def __contains__(self, x: Any) -> bool:
        return self.rows(x) is not None

    def __getitem__(self, x: Any) -> Rows:
        return self._rows[x]

    def sizes(self, x: Any) -> list[tuple[int, ...]]:
        """The shapes of a value for some numbers of rows.

        Raises:
          LookupError: they depend on values.
        """
        known = self._known_sizes.get(x) if type(x) is Symbol else None
        return self.evaluated(x.shape) if known is None else known

    def varying_axis(self, x: Any) -> int:
        """The only axis whose size depends on the number of rows."""
        first, *others = self.sizes(x)
        (axis,) = [i for i, size in enumerate(first) if any(other[i] != size for other in others)]
        return axis

    def evaluated(self, values: Sequence[Any]) -> list[tuple]:
        """Values with sizes in them, for some numbers of rows.

        Raises:
          LookupError: they depend on other values.
        """

        def at(which: int, size: Size) -> int:
            symbol, axis = size.source
            if type(axis) is not int:
                raise LookupError("it depends on values")
            return self._known_sizes[symbol][which][axis]

        return [evaluate(tuple(values), partial(at, i)) for i in range(len(_COUNTS))]

    def take(self, node: Node) -> bool:
        """Enters the results of a node; whether they have rows, or have nothing to do with the batch."""
        if node.op.has_effects:
            return False
        if not any(x in self or x in self._numbers for x in node.reads()):
            return True
        try:
            return self._is_constant(node) or self._take_number(node) or self._take_rows(node)
        except (LookupError, TypeError, ValueError, ArithmeticError):  # a form that no rule knows
            return False

    def _is_constant(self, node: Node) -> bool:
        """Whether it asks for sizes only, and for such as are the same for any number of rows."""
        if any(x in self or x in self._numbers for x in node.inputs if type(x) is Symbol):
            return False
        try:
            first, *others = self.evaluated([*node.attrs.values()])
        except LookupError:
            return False
        return all(other == first for other in others)

    def _take_number(self, node: Node) -> bool:
        """Enters results that are made of sizes."""
        if isinstance(node.op, Step):
            return False
        symbols = {x for x in node.inputs if type(x) is Symbol}
        if node.op.name == "Shape":
            found = [[np.array(sizes)] for sizes in self.sizes(node.inputs[0])]
        elif symbols and symbols <= self._numbers.keys():
            found = self._results(node, lambda x, which: self._numbers[x][which])
        else:
            return False
        for x, first, *others in zip(node.outputs, *found, strict=True):
            if not all(np.array_equal(first, other) for other in others):
                self._numbers[x] = [first, *others]
        return True

    def _results(self, node: Node, value: Callable[[Symbol, int], np.ndarray]) -> list[list[np.ndarray]]:
        """What an op returns for some numbers of rows, where `value` says what it is given."""
        found = []
        for which in range(len(_COUNTS)):
            operands = [value(x, which) if type(x) is Symbol else x for x in node.inputs]
            attrs = dict(zip(node.attrs, self.evaluated([*node.attrs.values()])[which], strict=True))
            results = node.op.kernel(*operands, **attrs)  # type: ignore[union-attr]
            found.append([results] if node.is_single else [*results])
        return found

    def _name_sizes(self, node: Node) -> None:
        """Finds sizes that only the op tells, as where two that are unknown meet."""
        if any(
            size.source == (x, i) for x in node.outputs for i, size in enumerate(x.shape or ()) if type(size) is Size
        ):
            samples = self._results(node, lambda x, which: np.broadcast_to(np.zeros((), x.dtype), self.sizes(x)[which]))
            for x, *results in zip(node.outputs, *samples, strict=True):
                self._known_sizes[x] = [result.shape for result in results]

    def _take_rows(self, node: Node) -> bool:
        if any(x in self._numbers for x in node.reads()):
            return False
        if any(type(size.source[1]) is not int and size.source[0] in self for size in node.sizes()):
            return False
        if isinstance(node.op, Step):
            return node.op.name == "while" and self._take_loop(node, node.op)
        rule = node.op.rows or (elementwise if getattr(node.op.infer, "is_elementwise", False) else None)
        if rule is None:
            return False
        self._name_sizes(node)
        place = rule(node, self)
        if place is None:
            return False
        places = place if type(place) is list else [place] * len(node.outputs)
        for x, found in zip(node.outputs, places, strict=True):
            if found is None:
                continue
            rows = self._placed(x, *found)
            if rows is None:
                return False
            self._rows[x] = rows
        return True

    def _placed(self, x: Symbol, axis: int, outer: int) -> Rows | None:
        """Its rows, if the axis has them, for any number of them, and the other sizes do not depend on it."""
        if self.varying_axis(x) != axis:
            return None
        sizes = [shape[axis] for shape in self.sizes(x)]
        inner = sizes[0] // outer
        is_right = inner > 0 and sizes == [outer * inner * count for count in _COUNTS]
        return Rows(axis, outer, inner) if is_right else None

    def _take_loop(self, node: Node, step: Step) -> bool:
        """Enters the results of a loop whose turns do not depend on rows, and keep them where they are."""
        if len(step.places) != 2:
            return False
        variables = [self._variable(x, result) for x, result in zip(node.inputs, node.outputs, strict=False)]
        cond, body = [self._inside(node, variables, *x) for x in zip(step.graphs, step.places, strict=True)]
        if cond is None or body is None or any(x in cond for x in step.graphs[0].outputs):
            return False
        for (rows, sizes), after, result in zip(variables, step.graphs[1].outputs, node.outputs, strict=True):
            if body.rows(after) != rows or body.sizes(after) != sizes:
                return False
            self._known_sizes[result] = sizes
            if rows is not None:
                self._rows[result] = rows
        return True

    def _variable(self, before: Any, result: Symbol) -> tuple[Rows | None, list[tuple[int, ...]]]:
        """Rows and sizes of a loop's variable. Elements of arrays and lists whose size is unknown begin as one, or none, which all rows share."""
        sizes = self.sizes(before)
        pairs = zip(sizes[0], result.shape or (), strict=False)
        shared = [i for i, (size, later) in enumerate(pairs) if size <= 1 and type(later) is Size]
        if before in self or len(shared) != 1:
            return self.rows(before), sizes
        (axis,) = shared
        return Rows(axis, 1, 1), [(*x[:axis], n, *x[axis + 1 :]) for x, n in zip(sizes, _COUNTS, strict=True)]

    def _inside(self, node: Node, variables: Sequence[Any], graph: Graph, places: Sequence[int]) -> Values | None:
        """The values of a graph that a loop runs; None if some depend on several rows."""
        captured = [(self.rows(x), self.sizes(x)) for x in (node.inputs[i] for i in places)]
        symbols = [*graph.inputs, *[x for _, x in graph.captures]]
        given = list(zip(symbols, [*variables, *captured], strict=True))
        found = Values(
            {x: rows for x, (rows, _) in given if rows is not None},
            self._known_sizes | {x: sizes for x, (_, sizes) in given},
        )
        return found if all(found.take(n) for n in graph.nodes) else None
