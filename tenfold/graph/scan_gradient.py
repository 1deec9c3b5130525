"""The gradient of a scan's body: one graph, traced once, parted into a body that runs forward and one that plays it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tenfold.autodiff.backward import dense
from tenfold.autodiff.tape import GradientTape
from tenfold.core import dtypes
from tenfold.core.context import recorders, set_recorders
from tenfold.core.dtypes import is_differentiable
from tenfold.core.symbol import Symbol, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node, needed
from tenfold.graph.run import replay
from tenfold.graph.scan import Backward, Body
from tenfold.ops import creation
from tenfold.ops import matmul as matmul_ops


def with_gradient(body: Body, is_wanted: Sequence[bool]) -> Body:
    """The body with what its gradient needs as outputs after the others, and how it is played back: gradients of the inputs that are
    wanted.
    """
    graph = Graph(f"{body.graph.name}, back")
    before = recorders()
    set_recorders((graph,))
    try:
        inputs = [graph.input(x.dtype, x.shape) for x in body.graph.inputs]
        has_gradient = [wanted and _is_floating(x) for x, wanted in zip(inputs, is_wanted, strict=True)]
        sources = [x for x, has_one in zip(inputs, has_gradient, strict=True) if has_one]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            results = replay(body.graph, inputs)
        num_forward = len(graph.nodes)
        outputs = [i for i, x in enumerate(results) if _is_floating(x)]
        upstream = [graph.input(results[i]._array.dtype, results[i]._array.shape) for i in outputs]
        found = iter(tape.gradient([results[i] for i in outputs], sources, upstream))
        gradients = [_dense(next(found)) if has_one else None for has_one in has_gradient]
        return _Parting(body, graph, num_forward, inputs, results, outputs, upstream, gradients).bodies()
    finally:
        set_recorders(before)


def _is_floating(x: Tensor) -> bool:
    return is_differentiable(x._array.dtype)


def _dense(gradient: Any) -> Tensor | None:
    return None if gradient is None else dense(gradient)


class _Parting:
    """Makes two bodies of a graph that runs one and plays it back.

    Args:
      body: what the graph runs.
      graph: its first `num_forward` nodes run it, the others play it back.
      inputs, results: of the body, in the graph.
      outputs, upstream: numbers of the results that have upstream gradients, and these.
      gradients: of the inputs.
    """

    def __init__(
        self, body: Body, graph: Graph, num_forward: int, inputs: list[Tensor], results: list[Tensor], outputs: list[int],
        upstream: list[Tensor], gradients: list[Tensor | None],
    ) -> None:  # fmt: skip
        self.body, self.graph, self.num_forward, self.outputs = body, graph, num_forward, outputs
        self.inputs, self.upstream = _symbols(inputs), _symbols(upstream)
        self.results: list[Any] = _symbols(results)
        self.xs, self.states, self.constants = body.split(self.inputs)
        self.d_xs, self.d_states, self.d_constants = body.split(gradients)

    def bodies(self) -> Body:
        """The body that runs forward, with the one that plays it back."""
        body, num_states = self.body, self.body.num_states
        wanted_xs, wanted_constants = _numbers_of(self.d_xs), _numbers_of(self.d_constants)
        wanted_states = [i for i in self.outputs if i < num_states]
        factors = {i: pair for i in wanted_constants if (pair := self._factors(i)) is not None}
        after = [self._gradient_of_state(i) for i in wanted_states]
        totals = []
        for i in wanted_constants:
            if i not in factors:
                totals.append(self.graph.input(self.constants[i].dtype, self.constants[i].shape))
                after.append(totals[-1] + self.d_constants[i])
        d_xs: list[Any] = _symbols([self.d_xs[i] for i in wanted_xs])
        targets: list[Any] = [*_symbols(after), *d_xs]
        pieces = [x for pair in factors.values() for x in pair]
        nodes = needed([*targets, *pieces], self.graph.nodes[self.num_forward :])
        nodes = [*self._made_again(nodes), *nodes]
        reads = dict.fromkeys([x for node in nodes for x in node.reads()])
        reads.update(dict.fromkeys([x for x in [*targets, *pieces] if type(x) is Symbol]))
        up_states, up_outputs = self.upstream[: len(wanted_states)], self.upstream[len(wanted_states) :]
        if not up_outputs and all(
            x in [*self.constants, *up_states, *_symbols(totals), *_results(nodes)] for x in reads
        ):
            reads[(self.xs or self.states)[0]] = None  # something must say how many steps there are
        kept = self._kept(reads, nodes, _symbols(totals))
        products, made = self._products(factors, d_xs)
        used_xs, used_constants = ([i for i, x in enumerate(part) if x in reads] for part in (self.xs, self.constants))
        back_xs = [*up_outputs, *kept, *[self.xs[i] for i in used_xs]]
        back_states = [*up_states, *_symbols(totals)]
        back_inputs = [*back_xs, *back_states, *[self.constants[i] for i in used_constants]]
        back_graph = _part(self.graph.name, back_inputs, [*targets, *made], nodes)
        back = Body(back_graph, len(back_xs), len(back_states), body.length)
        places = [self._place(x) for x in kept]
        backward = Backward(
            back, self.outputs, places, used_xs, used_constants, wanted_xs, wanted_states, wanted_constants, products
        )
        nodes = needed(self.results, self.graph.nodes[: self.num_forward])
        graph = _part(body.graph.name, self.inputs, self.results, nodes)
        return Body(graph, body.num_xs, num_states, body.length, backward)

    def _made_again(self, nodes: list[Node]) -> list[Node]:
        """Those of the first part whose results nodes read, but which cannot be kept: how many rows they have differs from step to step."""
        first = self.graph.nodes[: self.num_forward]
        rows = {x for x in _results(first) if sizes_in(x.shape)}
        wanted = [x for node in nodes for x in node.reads() if x in rows]
        return needed(wanted, first, False, {*self.inputs, *_results(first)}.difference(rows))

    def _kept(self, reads: Iterable[Symbol], nodes: list[Node], totals: list) -> list[Symbol]:
        """What the second body reads of the first one's values; they are outputs of the first body from now on."""
        others = {*self.xs, *self.constants, *self.upstream, *totals, *_results(nodes)}
        kept = [x for x in reads if x not in others]
        outputs = self.results[self.body.num_states :]
        self.results += [x for x in kept if not _is_among(x, outputs)]
        return kept

    def _place(self, x: Symbol) -> int:
        """The number of the first body's output that a value is."""
        return self.body.num_states + _number_of(x, self.results[self.body.num_states :])

    def _products(self, factors: dict[int, tuple], d_xs: list) -> tuple[dict[int, Any], list[Symbol]]:
        """Where the factors are found, and those that are more outputs of the second body, after the gradients of inputs."""
        products: dict[int, Any] = {}
        made: list[Symbol] = []
        outputs = self.results[self.body.num_states :]
        for i, pair in factors.items():
            places = []
            for x in pair:
                if x in self.xs:
                    places.append(("x", self.xs.index(x)))
                elif _is_among(x, outputs):
                    places.append(("kept", self._place(x)))
                else:
                    if not _is_among(x, [*d_xs, *made]):
                        made.append(x)
                    places.append(("y", _number_of(x, [*d_xs, *made])))
            products[i] = (places[0], places[1])
        return products, made

    def _factors(self, number: int) -> tuple[Any, Any] | None:
        """The factors of which the gradient of a constant is the product, transposed times plain, at each step."""
        if self.body.length is None:
            return None
        target = self.d_constants[number]._array
        node = next((node for node in self.graph.nodes[self.num_forward :] if _is_among(target, node.outputs)), None)
        if node is None or node.op is not matmul_ops.MATMUL:
            return None
        a, b = node.inputs
        is_plain = not node.attrs.get("transpose_a") or node.attrs.get("transpose_b")
        if is_plain or any(type(x) is not Symbol or x in self.constants for x in (a, b)):
            return None
        return a, b

    def _gradient_of_state(self, number: int) -> Tensor:
        d, state = self.d_states[number], self.states[number]
        return creation.zeros(state.shape, dtypes.from_numpy(state.dtype)) if d is None else d


def _symbols(tensors: Iterable[Any]) -> list[Any]:
    return [t._array for t in tensors]


def _results(nodes: Iterable[Node]) -> list[Symbol]:
    return [x for node in nodes for x in node.outputs]


# Values of a graph, of which some are arrays of constants: these do not compare with symbols.


def _is_among(x: Any, values: Iterable[Any]) -> bool:
    return any(value is x for value in values)


def _number_of(x: Symbol, values: Iterable[Any]) -> int:
    return next(i for i, value in enumerate(values) if value is x)


def _numbers_of(gradients: list) -> list[int]:
    """Which gradients are there."""
    return [i for i, d in enumerate(gradients) if d is not None]


def _part(name: str, inputs: list, outputs: list, nodes: list[Node]) -> Graph:
    graph = Graph(name)
    graph.inputs, graph.outputs, graph.nodes = inputs, outputs, nodes
    return graph
