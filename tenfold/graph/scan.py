"""Scan: one function run along the steps of sequences, as one op. Its gradient is a scan the other way.

What the function does at a step is a graph. When a tape listens, the scan also returns what the gradient needs of each step; the
gradient of the function, traced once, is the graph of the second scan. Both become native loops where the graphs have machine code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tenfold.autodiff.tape import GradientTape
from tenfold.compiler.program import NotLowered
from tenfold.core.context import recorders, set_recorders, traced_graph
from tenfold.core.op import Op
from tenfold.core.symbol import Spec, Symbol, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph, Node, Step, needed
from tenfold.graph.native import compiled, lowered
from tenfold.graph.run import Program, replay
from tenfold.ops import array as array_ops
from tenfold.ops import creation
from tenfold.ops import matmul as matmul_ops


@dataclass(frozen=True, eq=False)
class Body:
    """What happens at a step.

    Attributes:
      graph: takes the inputs of the step, the states before it, and constants; returns the states after it, and outputs.
      num_xs, num_states: how many of its inputs are inputs of the step, and states.
      backward: what plays it back, if its last outputs are what that needs.
    """

    graph: Graph
    num_xs: int
    num_states: int
    backward: Backward | None = None

    @cached_property
    def program(self) -> Program:
        return Program(compiled(self.graph))

    @cached_property
    def recorded(self) -> Body:
        """This body with what its gradient needs as outputs after the others."""
        return _with_gradient(self)

    @cached_property
    def plain(self) -> Body:
        """This body, of which what is kept are outputs like others."""
        return Body(self.graph, self.num_xs, self.num_states)

    def split(self, values: Sequence[Any]) -> tuple[list, list, list]:
        """Inputs, states and constants."""
        end = self.num_xs + self.num_states
        return list(values[: self.num_xs]), list(values[self.num_xs : end]), list(values[end:])

    def output_specs(self, length: int) -> list[Spec]:
        """Of the states at the end and of all outputs, stacked."""
        results = [(x.dtype, tuple(x.shape)) for x in self.graph.outputs]
        return [
            Spec(dtype, shape if i < self.num_states else (length, *shape)) for i, (dtype, shape) in enumerate(results)
        ]


@dataclass(frozen=True, eq=False)
class Backward:
    """How the gradient of a scan is a scan.

    Attributes:
      body: takes upstream gradients, what was kept, and inputs again as inputs; gradients of the states, and of constants so far,
        as states.
      outputs: which outputs of the first body have upstream gradients, among its states and outputs.
      kept: which outputs of the first body it takes.
      xs, constants: which inputs and constants of the first body it takes again.
      wanted_xs, wanted_states, wanted_constants: those of the first body that have gradients.
      products: for constants whose gradient is a product of matrices at each step: where its factors are found, be it ("y", number of
        an output of the second body), ("kept", output of the first) or ("x", input of the first). Their sum over all steps is one
        product.
    """

    body: Body
    outputs: list[int]
    kept: list[int]
    xs: list[int]
    constants: list[int]
    wanted_xs: list[int]
    wanted_states: list[int]
    wanted_constants: list[int]
    products: dict[int, tuple[tuple[str, int], tuple[str, int]]]


def scan(
    function: Callable[[list[Tensor], list[Tensor]], tuple[list[Tensor], list[Tensor]]],
    xs: Sequence[Tensor],
    states: Sequence[Tensor],
    reverse: bool = False,
) -> tuple[list[Tensor], list[Tensor]]:
    """Runs a function along the first axis of tensors, while a function is traced.

    Args:
      function: takes the tensors' elements at a step and the states, both as lists; returns the new states and the outputs. What else
        it uses, variables also, is the same at each step.
      xs: tensors of shape `(time, ...)`, all sizes known.
      states: what the first step begins with.
      reverse: whether the last step is the first.
    Returns:
      The states at the end, and the outputs of all steps, each of shape `(time, ...)`.
    Raises:
      NotImplementedError: sizes are not known, or the function has effects.
    """
    if any(sizes_in(x._array.shape) for x in (*xs, *states)):
        raise NotImplementedError("a scan over tensors whose sizes are not known")
    body, constants = _traced(function, xs, states)
    return run(body, [*xs, *states, *constants], xs[0]._array.shape[0], reverse)


def run(body: Body, operands: Sequence[Tensor], length: int, reverse: bool) -> tuple[list[Tensor], list[Tensor]]:
    """A scan over a body: the states at the end, and the outputs."""
    count = len(body.graph.outputs)
    if any(not r.is_graph for r in recorders()):
        body = body.recorded
    found = SCAN(*operands, body=body, length=length, reverse=reverse)
    return found[: body.num_states], found[body.num_states : count]


def _traced(function: Callable[..., Any], xs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Body, list[Tensor]]:
    """The body of a scan, and what it uses that is the same at each step."""
    outer = traced_graph()
    inner = Graph(f"{outer.name}, step", outer)
    with inner.tracing():
        set_recorders((inner,))
        given = [inner.input(x._array.dtype, x._array.shape[1:]) for x in xs]
        before = [inner.input(s._array.dtype, s._array.shape) for s in states]
        after, outputs = function(given, before)
        results = [_as_spec(a, b) for a, b in zip(after, before, strict=True)] + list(outputs)
        inner.finish(results)
    constants, nodes = [], []
    for symbol, own in inner.captures:
        constants.append(outer.tensor_of(symbol) if id(symbol) not in inner.seen else inner.seen[id(symbol)])
        inner.inputs.append(own)
    for node in inner.nodes:
        if isinstance(node.op, Step) and node.op.name == "ReadVariableOp":
            constants.append(node.op.variables[0]._read())  # type: ignore[index]
            inner.inputs.append(node.outputs[0])
        elif node.has_effects:
            raise NotImplementedError(f"{node.op.name} in a scan")
        else:
            nodes.append(node)
    inner.captures, inner.nodes, inner.outer = [], nodes, None
    return Body(inner, len(xs), len(states)), constants


def _as_spec(after: Tensor, before: Tensor) -> Tensor:
    if after._array.dtype != before._array.dtype or after._array.shape != before._array.shape:
        raise ValueError(
            f"a state is {before.dtype.name}{before.shape} before a step and {after.dtype.name}{after.shape} after it."
        )
    return after


# The op.


def _kernel(*values, body, length, reverse=False):
    xs, states, constants = body.split(values)
    specs = body.output_specs(length)[body.num_states :]
    stacks = [np.empty(spec.shape, spec.dtype) for spec in specs]
    for t in reversed(range(length)) if reverse else range(length):
        found = body.program(*[x[t] for x in xs], *states, *constants)
        states = found[: body.num_states]
        for stack, output in zip(stacks, found[body.num_states :], strict=True):
            stack[t] = output
    return (*states, *stacks)


def _infer(*values, body, length, reverse=False):
    return body.output_specs(length)


def _lower(b, *values, body, length, reverse=False):
    xs, states, constants = body.split(values)
    num_states, specs = body.num_states, body.output_specs(length)
    stacks = [b.full(s.shape, 0, s.dtype) for s in specs[num_states:]]
    first = b.constant(length - 1 if reverse else 0, np.int64)
    num_changing = 1 + len(specs)

    def cond(b, t, *rest):
        return b.ge(t, 0) if reverse else b.lt(t, length)

    def step(b, t, *rest):
        changing, same = rest[: num_changing - 1], rest[num_changing - 1 :]
        inputs = [b.gather(x, t) for x in same[: len(xs)]]
        found = _step(b, body.graph, [*inputs, *changing[:num_states], *same[len(xs) :]])
        written = [b.write(stack, t, y) for stack, y in zip(changing[num_states:], found[num_states:], strict=True)]
        return [t - 1 if reverse else t + 1, *found[:num_states], *written]

    return b.while_loop(cond, step, [first, *states, *stacks], [*xs, *constants])[1:]


def _step(b: Any, graph: Graph, operands: Sequence[Any]) -> list[Any]:
    """The primitives of a graph's nodes."""
    values: dict[Any, Any] = dict(zip(graph.inputs, operands, strict=True))

    def value(x: Any) -> Any:
        return values[x] if type(x) is Symbol else b.constant(x)

    for node in graph.nodes:
        if isinstance(node.op, Step):
            raise NotLowered(node.op.name)
        values.update(zip(node.outputs, lowered(b, node, [value(x) for x in node.inputs]), strict=True))
    return [value(x) for x in graph.outputs]


def _vjp(dys, values, outs, body, length, reverse):
    how = body.backward
    xs, states, constants = body.split(values)
    if any(not r.is_graph for r in recorders()):  # to be differentiated again: also what was kept
        after, found = run(body.plain, values, length, reverse)
        outs = [*after, *found]
    given = [dys[i] for i in how.outputs]
    d_states = [d for i, d in zip(how.outputs, given, strict=True) if i < body.num_states]
    d_outputs = [d for i, d in zip(how.outputs, given, strict=True) if i >= body.num_states]
    summed = [i for i in how.wanted_constants if i not in how.products]
    after, found = run(
        how.body,
        [
            *d_outputs, *[outs[i] for i in how.kept], *[xs[i] for i in how.xs],
            *d_states, *[creation.zeros_like(constants[i]) for i in summed],
            *[constants[i] for i in how.constants],
        ],
        length,
        not reverse,
    )  # fmt: skip
    d_xs: list[Any] = [None] * len(xs)
    d_before: list[Any] = [None] * len(states)
    d_constants: list[Any] = [None] * len(constants)
    for i, d in zip(how.wanted_xs, found, strict=False):
        d_xs[i] = d
    for i, d in zip([*how.wanted_states], after, strict=False):
        d_before[i] = d
    for i, d in zip(summed, after[len(how.wanted_states) :], strict=True):
        d_constants[i] = d
    sources = {"y": found, "kept": outs, "x": xs}
    for i, factors in how.products.items():
        a, c = (_as_matrix(sources[where][n]) for where, n in factors)
        d_constants[i] = matmul_ops.matmul(a, c, transpose_a=True)
    return tuple([*d_xs, *d_before, *d_constants])


def _as_matrix(stack: Tensor) -> Tensor:
    return array_ops.reshape(stack, (-1, stack._array.shape[-1]))


SCAN = Op("Scan", _kernel, vjp=_vjp, infer=_infer, lower=_lower)


# The gradient of a body.


def _with_gradient(body: Body) -> Body:
    graph = Graph(f"{body.graph.name}, back")
    before = recorders()
    set_recorders((graph,))
    try:
        inputs = [graph.input(x.dtype, x.shape) for x in body.graph.inputs]
        is_floating = [x.dtype.kind in "fcV" for x in body.graph.inputs]
        with GradientTape(watch_accessed_variables=False) as tape:
            sources = [x for x, w in zip(inputs, is_floating, strict=True) if w]
            tape.watch(sources)
            results = replay(body.graph, inputs)
        num_forward = len(graph.nodes)
        outputs = [i for i, x in enumerate(results) if x._array.dtype.kind in "fcV"]
        upstream = [graph.input(results[i]._array.dtype, results[i]._array.shape) for i in outputs]
        found = iter(tape.gradient([results[i] for i in outputs], sources, upstream))
        gradients: list[Tensor | None] = [next(found) if w else None for w in is_floating]
        return _divided(body, graph, inputs, results, outputs, upstream, gradients, num_forward)
    finally:
        set_recorders(before)


def _divided(
    body: Body, graph: Graph, inputs: list[Tensor], results: list[Tensor], outputs: list[int], upstream: list[Tensor],
    gradients: list[Tensor | None], num_forward: int,
) -> Body:  # fmt: skip
    """Two bodies from a graph that runs one and plays it back."""
    num_xs, num_states = body.num_xs, body.num_states
    xs, states, constants = body.split([x._array for x in inputs])
    d_xs, d_states, d_constants = body.split(gradients)
    wanted_xs = [i for i, d in enumerate(d_xs) if d is not None]
    wanted_states = [i for i in range(num_states) if i in outputs]
    wanted_constants = [i for i, d in enumerate(d_constants) if d is not None]
    makers = {x: node for node in graph.nodes for x in node.outputs}
    factors = {}
    for i in wanted_constants:
        pair = _factors(makers.get(d_constants[i]._array), constants)  # type: ignore[union-attr]
        if pair is not None:
            factors[i] = pair
    totals, sums = [], []
    for i in wanted_constants:
        if i not in factors:
            totals.append(graph.input(constants[i].dtype, constants[i].shape))
            sums.append(totals[-1] + d_constants[i])
    after = [d_states[i] if d_states[i] is not None else creation.zeros_like(inputs[num_xs + i]) for i in wanted_states]
    targets: list[Any] = [t._array for t in [*after, *sums, *[d_xs[i] for i in wanted_xs]]]  # type: ignore[union-attr]
    pieces = [x for pair in factors.values() for x in pair]
    backward_nodes = needed([*targets, *pieces], graph.nodes[num_forward:])
    made_back = {x for node in backward_nodes for x in node.outputs}
    forward_results: list[Any] = [x._array for x in results]
    ends = forward_results[:num_states]
    kept_symbols = forward_results[num_states:]  # outputs of the forward body: its own, then what is kept
    kept, kept_as = [], []
    given = {x._array for x in [*upstream, *totals]}
    reads = [x for node in backward_nodes for x in node.reads()] + [x for x in [*targets, *pieces] if type(x) is Symbol]
    for x in dict.fromkeys(reads):
        if x in made_back or x in given or x in xs or x in constants:
            continue
        if x not in kept_symbols:
            kept_symbols.append(x)
        kept.append(num_states + kept_symbols.index(x))
        kept_as.append(x)
    used = set(reads)
    used_xs = [i for i, x in enumerate(xs) if x in used]
    used_constants = [i for i, x in enumerate(constants) if x in used]
    extra: list[Any] = []
    products = {}
    for i, pair in factors.items():
        places = []
        for x in pair:
            if x in xs:
                places.append(("x", xs.index(x)))
            elif x in kept_as:
                places.append(("kept", kept[kept_as.index(x)]))
            else:
                places.append(("y", len(wanted_xs) + len(extra)))
                extra.append(x)
        products[i] = (places[0], places[1])
    up = [x._array for x in upstream]
    up_states = [x for i, x in zip(outputs, up, strict=True) if i < num_states]
    up_outputs = [x for i, x in zip(outputs, up, strict=True) if i >= num_states]
    back_xs = [*up_outputs, *kept_as, *[xs[i] for i in used_xs]]
    back = _part(
        f"{body.graph.name}, back",
        [*back_xs, *up_states, *[t._array for t in totals], *[constants[i] for i in used_constants]],
        [*targets, *extra],
        backward_nodes,
    )
    forward = _part(
        body.graph.name,
        [x._array for x in inputs],
        [*ends, *kept_symbols],
        needed([*ends, *kept_symbols], graph.nodes[:num_forward]),
    )
    backward = Backward(
        Body(back, len(back_xs), len(wanted_states) + len(totals)), outputs, kept, used_xs, used_constants, wanted_xs,
        wanted_states, wanted_constants, products,
    )  # fmt: skip
    return Body(forward, num_xs, num_states, backward)


def _factors(node: Node | None, constants: list) -> tuple[Any, Any] | None:
    """The factors of a product of matrices, transposed times plain, that differ from step to step."""
    if node is None or node.op is not matmul_ops.MATMUL or node.attrs.get("transpose_b"):
        return None
    is_transposed = node.attrs.get("transpose_a")
    a, b = node.inputs
    if not is_transposed or type(a) is not Symbol or type(b) is not Symbol or a in constants or b in constants:
        return None
    return a, b


def _part(name: str, inputs: list, outputs: list, nodes: list[Node]) -> Graph:
    graph = Graph(name)
    graph.inputs, graph.outputs, graph.nodes = inputs, outputs, nodes
    return graph
