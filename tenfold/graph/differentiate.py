"""Graphs parted for tapes: one that runs forward and also returns what gradients need, and those that play it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from tenfold.autodiff.tape import GradientTape
from tenfold.core import nest
from tenfold.core.dtypes import is_differentiable
from tenfold.core.locks import trace_lock
from tenfold.core.symbol import Spec, Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node, Step, needed
from tenfold.graph.run import all_inputs, replay


class Backward(NamedTuple):
    """A graph that plays another one back.

    Attributes:
      graph: takes some of these, in this order: the upstream gradients that there are, the other graph's arguments, its results.
      places: the numbers of those that it takes.
      gradients: for each source None, or the structure of its gradient.
    """

    graph: Graph
    places: list[int]
    gradients: list[Any]


def packed(gradients: list[Any], tensors: Iterable[Tensor]) -> list[Any]:
    """Tensors, one after the other, in the places that gradients have; where one is None, None."""
    remaining = iter(tensors)
    leaves = [x if x is None else next(remaining) for x in nest.flatten(gradients, expand_composites=True)]
    return nest.pack_sequence_as(gradients, leaves, expand_composites=True)


class _Tape(GradientTape):
    """A tape that knows what it has recorded by the symbols."""

    def __init__(self) -> None:
        super().__init__(persistent=True, watch_accessed_variables=False)
        self.tensors: dict[Any, Tensor] = {}

    def record(self, op: Any, inputs: tuple, attrs: dict[str, Any], outputs: tuple) -> None:
        super().record(op, inputs, attrs, outputs)
        self.tensors.update({x._array: x for x in outputs if type(x._array) is Symbol})


class Differentiated:
    """A graph for arguments of known shapes, and its gradients.

    It is traced once more under a tape that is then played back, and parted between the two. What the second part reads of
    the first is kept: the first returns it after its results. A gradient that needs still more, as one may that is to be
    differentiated again, computes it anew.

    Args:
      graph: what is to be differentiated.
      arrays: what it is called with.
      sources: what gradients are wanted of: numbers of arguments, variables, and constants.

    Attributes:
      forward: the first part.
      variables: for each of its results the variable that it is the value of, or None.
    Raises:
      Exception: what the gradient rules raise.
    """

    def __init__(self, graph: Graph, arrays: Sequence[np.ndarray], sources: Sequence[int | Variable | Tensor]) -> None:
        self._joint = joint = Graph(graph.name)
        joint.renews_seeds = False
        self._tape = _Tape()
        with trace_lock:
            with joint.tracing():
                symbols = all_inputs(graph)
                inputs = [joint.input(*Spec.given(x, s), s.name) for x, s in zip(arrays, symbols, strict=True)]
                self._sources = [inputs[x] if isinstance(x, int) else x for x in sources]
                with self._tape:
                    self._tape.watch(self._sources)
                    results = replay(graph, inputs)
                joint.forget_values()
                undo, self._num_forward = joint.checkpoint(), len(joint.nodes)
                self._outputs: list[Any] = [x._array for x in results]
                self._targets: list[Tensor | None] = [*results]
                gradients, upstream, nodes = self._played_back([is_differentiable(x.dtype) for x in self._outputs])
            undo()
        reads = [(node.outputs, _variable(node, "ReadVariableOp")) for node in joint.nodes]
        variables = {outputs[0]: variable for outputs, variable in reads if variable is not None}
        self._known = {x for x in [*joint.inputs, *self._outputs] if type(x) is Symbol}
        made = {*upstream, *[x for node in nodes for x in node.outputs]}
        wanted = [*[x for x in _reads(_arrays(gradients), nodes) if x not in made], *self._irreplaceable(variables)]
        kept = [x for x in dict.fromkeys(wanted) if x not in self._known]
        self._outputs += kept
        self._known.update(kept)
        self._targets += [None if x in variables else self._tape.tensors.get(x) for x in kept]
        self.variables = [variables.get(x) if type(x) is Symbol else None for x in self._outputs]
        self.forward = self._part(joint.inputs, self._outputs, needed(self._outputs, joint.nodes))
        self._backward: dict[Any, Backward] = {}

    def _irreplaceable(self, variables: dict[Symbol, Variable]) -> list[Symbol]:
        """What could not be computed anew: values of variables, as far as they may matter, results of what has effects, as random
        numbers are, and what branches and loops are given.
        """
        written: set[int] = set()
        found: list[Symbol] = []
        for node in self._joint.nodes:
            found += node.outputs if node.has_effects else ()
            if isinstance(node.op, Step):
                written.update([v._node for v in node.op.variables or ()] if node.has_effects else ())
                found += [x for x in node.inputs if type(x) is Symbol and node.op.graphs]
            elif node.op.runs_graph:
                found += [x for x in node.inputs if type(x) is Symbol and x in variables]
        written.difference_update([x._node for x in self._sources])
        return [*found, *[x for x, variable in variables.items() if variable._node not in written]]

    def backward(self, given: tuple[bool, ...], is_recorded: bool) -> Backward:
        """What plays it back.

        Args:
          given: which of the results of `forward` have upstream gradients.
          is_recorded: whether the gradients are to be differentiated.
        Raises:
          NotImplementedError: it would need values that variables had in the first part a second time.
        """
        with trace_lock:
            known = self._backward.get((given, is_recorded))
            if known is None:
                known = self._backward[given, is_recorded] = self._traced_back(given, is_recorded)
        return known

    def _traced_back(self, given: Sequence[bool], is_recorded: bool) -> Backward:
        joint = self._joint
        undo = joint.checkpoint()
        with joint.tracing():
            gradients, upstream, nodes = self._played_back(given, is_recorded)
        undo()
        results = _arrays(gradients)
        made = {*upstream, *[x for node in nodes for x in node.outputs], *self._known}
        again = needed([x for x in _reads(results, nodes) if x not in made], joint.nodes, False, self._known)
        if any(_variable(node, "ReadVariableOp") is not None for node in again):
            raise NotImplementedError(
                f"{joint.name}: a second derivative would need values that variables had a second time. Read them before it."
            )
        nodes = [*again, *nodes]
        reads = set(_reads(results, nodes))
        available = [*upstream, *joint.inputs, *self._outputs]
        places = {x: i for i, x in reversed([*enumerate(available)]) if type(x) is Symbol and x in reads}
        return Backward(self._part([*places], results, nodes), [*places.values()], gradients)

    def _played_back(
        self, given: Sequence[bool], is_recorded: bool = False
    ) -> tuple[list[Any], list[Symbol], list[Node]]:
        """The gradients of the sources, the upstream gradients, and the nodes that compute the first from these."""
        joint, count = self._joint, len(self._joint.inputs)
        wanted = [(x, t) for x, t, is_given in zip(self._outputs, self._targets, given, strict=True) if is_given]
        upstream = [joint.input(*Spec.of(x.dtype, x.shape)) for x, _ in wanted]
        seeds = [(t, u) for (_, t), u in zip(wanted, upstream, strict=True) if t is not None]
        with GradientTape() if is_recorded else nullcontext():
            found = self._tape.gradient([t for t, _ in seeds], self._sources, [u for _, u in seeds])
        del joint.inputs[count:]
        nodes = needed(_arrays(found), joint.nodes[self._num_forward :])
        return found, [u._array for u in upstream], nodes  # type: ignore[misc]

    def _part(self, inputs: list[Symbol], outputs: list[Any], nodes: list[Node]) -> Graph:
        graph = Graph(self._joint.name)
        graph.inputs, graph.outputs, graph.nodes = list(inputs), outputs, nodes
        graph.variables, graph.seen = self._joint.variables, self._joint.seen
        return graph


def _arrays(gradients: list[Any]) -> list[Any]:
    return [x._array for x in nest.flatten(gradients, expand_composites=True) if x is not None]


def _reads(outputs: Sequence[Any], nodes: Sequence[Node]) -> list[Symbol]:
    """The symbols that are read where nodes are run for outputs, each time again."""
    return [*[x for node in nodes for x in node.reads()], *[x for x in outputs if type(x) is Symbol]]


def _variable(node: Node, step: str) -> Variable | None:
    """The variable that a node reads or writes, if it is a step of this name."""
    return node.op.variables[0] if isinstance(node.op, Step) and node.op.name == step and node.op.variables else None
