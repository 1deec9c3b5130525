"""Scan: one function run along the steps of sequences, as one op. Its gradient is a scan the other way.

What the function does at a step is a graph. When a tape listens, the scan also returns what the gradient needs of each step; the
gradient of the function, traced once, is the graph of the second scan. Both become native loops where the graphs have machine code.

A scan of unknown length has a step for each row of what it takes; one that takes no rows goes on as long as its first state, a
boolean, is true. What such a scan returns of each step are rows whose number only the call knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tenfold.compiler import scan as loops
from tenfold.core.context import recorders, set_recorders, traced_graph
from tenfold.core.op import Op
from tenfold.core.symbol import Spec, Symbol, is_stack, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.lowering import write_graph
from tenfold.graph.native import compiled
from tenfold.graph.node import Step
from tenfold.graph.run import Program, replay
from tenfold.graph.staged import may_watch
from tenfold.ops import array as array_ops
from tenfold.ops import creation
from tenfold.ops import matmul as matmul_ops


@dataclass(frozen=True, eq=False)
class Body:
    """What happens at a step.

    Attributes:
      graph: takes the inputs of the step, the states before it, and constants; returns the states after it, and outputs.
      num_xs, num_states: how many of its inputs are inputs of the step, and states.
      length: how many steps there are; None if that is unknown.
      backward: what plays it back, if its last outputs are what that needs.
    """

    graph: Graph
    num_xs: int
    num_states: int
    length: int | None
    backward: Backward | None = None

    @cached_property
    def program(self) -> Program:
        return Program(compiled(self.graph))

    @cached_property
    def _recorded(self) -> dict[tuple[bool, ...], Body]:
        return {}

    def recorded(self, is_watched: Sequence[bool]) -> Body:
        """This body with what its gradient needs as outputs after the others.

        Args:
          is_watched: of which inputs and constants somebody may want gradients.
        """
        from tenfold.graph.scan_gradient import with_gradient

        _, states, _ = self.split(is_watched)
        key = (*is_watched[: self.num_xs], *[True] * len(states), *is_watched[self.num_xs + len(states) :])
        if key not in self._recorded:
            self._recorded[key] = with_gradient(self, key)
        return self._recorded[key]

    @cached_property
    def plain(self) -> Body:
        """This body, of which what is kept are outputs like others."""
        return self if self.backward is None else replace(self, backward=None)

    def split(self, values: Sequence[Any]) -> tuple[list, list, list]:
        """Inputs, states and constants."""
        end = self.num_xs + self.num_states
        return list(values[: self.num_xs]), list(values[self.num_xs : end]), list(values[end:])

    def output_specs(self, length: Any) -> list[Spec]:
        """Of the states at the end and of all outputs, stacked."""
        results = [(x.dtype, tuple(x.shape)) for x in self.graph.outputs]
        states = [Spec(*result) for result in results[: self.num_states]]
        rows = [
            Spec.stack(dtype, shape) if length is None else Spec(dtype, (length, *shape))
            for dtype, shape in results[self.num_states :]
        ]
        return [*states, *rows]


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
      xs: tensors of shape `(time, ...)`, all sizes known; or stacks of as many rows.
      states: what the first step begins with.
      reverse: whether the last step is the first.
    Returns:
      The states at the end, and the outputs of all steps, each of shape `(time, ...)`.
    Raises:
      NotImplementedError: sizes are not known, or the function has effects.
    """
    length = None if is_stack(xs[0]._array) else xs[0]._array.shape[0]
    sizes = [x._array.shape[length is None :] for x in xs] + [x._array.shape for x in states]
    if any(map(sizes_in, sizes)):
        raise NotImplementedError("a scan over tensors whose sizes are not known")
    body, constants = _traced(function, xs, states, length)
    if body.length:
        body, constants = _without_repetition(body, constants)
    left, places = _states_left(body) if body.length else (body, range(len(states)))
    begin = [states[places.index(n)] for n in range(left.num_states)]
    after, outputs = run(left, [*xs, *begin, *constants], reverse)
    return [after[n] for n in places], outputs


def loop(
    cond: Callable[[list[Tensor]], Tensor],
    function: Callable[[list[Tensor]], tuple[list[Tensor], list[Tensor]]],
    states: Sequence[Tensor],
) -> tuple[list[Tensor], list[Tensor]]:
    """Runs a function on states as long as a condition is true of them, while a function is traced.

    Args:
      cond: takes the states, returns a boolean.
      function: takes the states, returns the new ones, and outputs. What else both use, variables also, is the same at each step.
      states: what the first step begins with, all sizes known.
    Returns:
      The states at the end, and the outputs of all steps, as rows.
    Raises:
      NotImplementedError: sizes are not known, or the functions have effects.
    """
    if any(sizes_in(x._array.shape) for x in states):
        raise NotImplementedError("a loop over tensors whose sizes are not known")

    def step(_: list[Tensor], before: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        after, outputs = function(before[1:])
        return [cond(after), *after], outputs

    begin = [cond(list(states)), *states]
    body, constants = _traced(step, [], begin, None)
    after, outputs = run(body, [*begin, *constants])
    return after[1:], outputs


def run(body: Body, operands: Sequence[Tensor], reverse: bool = False) -> tuple[list[Tensor], list[Tensor]]:
    """A scan over a body: the states at the end, and the outputs."""
    found = SCAN(*operands, body=body, reverse=reverse)
    return found[: body.num_states], found[body.num_states :]


def _traced(
    function: Callable[..., Any], xs: Sequence[Tensor], states: Sequence[Tensor], length: int | None
) -> tuple[Body, list[Tensor]]:
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
            constants.append(Variable._read(node.op.variables[0]))  # type: ignore[index]  # a Keras variable would cast it
            inner.inputs.append(node.outputs[0])
        elif node.has_effects:
            raise NotImplementedError(f"{node.op.name} in a scan")
        else:
            nodes.append(node)
    inner.captures, inner.nodes, inner.outer = [], nodes, None
    return Body(inner, len(xs), len(states), length), constants


def _without_repetition(body: Body, constants: list[Tensor]) -> tuple[Body, list[Tensor]]:
    """The body without what is the same at each step, which is computed here, and what it uses then.

    So is its gradient: that of a kernel which steps cast, as under `mixed_float16`, is one product of all steps.
    """
    graph, num_given = body.graph, body.num_xs + body.num_states
    once, each = Graph(graph.name), Graph(graph.name)
    once.inputs = graph.inputs[num_given:]
    same = {*once.inputs}
    for node in graph.nodes:
        read = list(node.reads())
        is_same = isinstance(node.op, Op) and read and same.issuperset(read)
        (once if is_same else each).nodes.append(node)
        if is_same:
            same.update(node.outputs)
    if not once.nodes:
        return body, constants
    reads = [x for node in each.nodes for x in node.reads()]
    handed_on = [x for x in dict.fromkeys([*reads, *graph.outputs]) if type(x) is Symbol and x in same]
    once.outputs = [*handed_on]
    each.inputs, each.outputs = [*graph.inputs[:num_given], *handed_on], graph.outputs
    return Body(each, body.num_xs, body.num_states, body.length), replay(once, constants)


def _states_left(body: Body) -> tuple[Body, Sequence[int]]:
    """The body without states that no step reads and that are what others are, and which of those left each state is."""
    graph, num_xs, num_states = body.graph, body.num_xs, body.num_states
    reads = {id(x) for node in graph.nodes for x in node.reads()} | {id(x) for x in graph.outputs}
    left: list[int] = []
    places: list[int] = []
    for n in range(num_states):
        same = next((m for m in left if graph.outputs[m] is graph.outputs[n]), None)
        if same is None or id(graph.inputs[num_xs + n]) in reads:
            same = n
            left.append(n)
        places.append(left.index(same))
    if len(left) == num_states:
        return body, places
    part = Graph(graph.name)
    part.nodes = graph.nodes
    part.inputs = [
        *graph.inputs[:num_xs],
        *[graph.inputs[num_xs + n] for n in left],
        *graph.inputs[num_xs + num_states :],
    ]
    part.outputs = [*[graph.outputs[n] for n in left], *graph.outputs[num_states:]]
    return Body(part, num_xs, len(left), body.length), places


def _as_spec(after: Tensor, before: Tensor) -> Tensor:
    if after._array.dtype != before._array.dtype or after._array.shape != before._array.shape:
        raise ValueError(
            f"a state is {before.dtype.name}{before.shape} before a step and {after.dtype.name}{after.shape} after it."
        )
    return after


# The op.


def _kernel(*values, body, reverse=False):
    xs, states, constants = body.split(values)
    length = len(xs[0]) if xs and body.length is None else body.length
    specs = body.output_specs(length)[body.num_states :]
    if length is None:
        return _while(body, states, constants, specs)
    stacks = [np.empty(spec.shape, spec.dtype) for spec in specs]
    for t in reversed(range(length)) if reverse else range(length):
        found = body.program(*[x[t] for x in xs], *states, *constants)
        states = found[: body.num_states]
        for stack, output in zip(stacks, found[body.num_states :], strict=True):
            stack[t] = output
    return (*states, *stacks)


def _while(body, states, constants, specs):
    rows: list[list] = [[] for _ in specs]
    while states[0]:
        found = body.program(*states, *constants)
        states = found[: body.num_states]
        for stack, output in zip(rows, found[body.num_states :], strict=True):
            stack.append(output)
    stacks = [
        np.array(stack, spec.dtype).reshape(len(stack), *spec.shape[1:])
        for stack, spec in zip(rows, specs, strict=True)
    ]
    return (*states, *stacks)


def _infer(*values, body, reverse=False):
    return body.output_specs(values[0].shape[0] if body.num_xs and body.length is None else body.length)


def _lower(b, *values, body, reverse=False):
    def step(b, xs, states, constants):
        found = write_graph(b, body.graph, [*xs, *states, *constants])
        return found[: body.num_states], found[body.num_states :]

    xs, states, constants = body.split(values)
    rows = body.graph.outputs[body.num_states :]
    if body.length is None:
        after, stacks = loops.open_scan(b, step, xs, states, constants, len(rows), reverse)
    else:
        shapes = [(tuple(x.shape), x.dtype) for x in rows]
        after, stacks = loops.scan(b, step, body.length, xs, states, constants, shapes, reverse)
    return [*after, *stacks]


def _vjp(dys, values, outs, body, reverse):
    how = body.backward
    xs, states, constants = body.split(values)
    if any(not r.is_graph for r in recorders()):  # to be differentiated again: also what was kept
        after, found = run(body.plain, values, reverse)
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


class _Scan(Op):
    """Where a tape listens, also to a graph that is played back, the body that keeps what its gradient needs is run."""

    __slots__ = ()

    lowers_stacks = runs_graph = True

    def __call__(self, *inputs: Tensor, **attrs: Any) -> Any:
        body: Body = attrs["body"]
        tapes = [r for r in recorders() if not r.is_graph]
        if tapes:
            is_watched = [any(may_watch(tape, [x]) for tape in tapes) for x in inputs]
            attrs = {**attrs, "body": body.plain.recorded(is_watched)}
        return super().__call__(*inputs, **attrs)[: len(body.graph.outputs)]


SCAN = _Scan("Scan", _kernel, vjp=_vjp, infer=_infer, lower=_lower)
