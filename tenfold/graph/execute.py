"""Calls of graphs: as programs; where tapes listen, as programs that keep what gradients need."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from tenfold.autodiff.custom import CustomGradient
from tenfold.autodiff.recording import Recording
from tenfold.autodiff.tape import GradientTape
from tenfold.core.context import recorders
from tenfold.core.symbol import sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.differentiate import Differentiated, packed
from tenfold.graph.graph import Graph
from tenfold.graph.run import has_open_shapes, replay, run_program, specialized, stored

_log = logging.getLogger("tenfold")
_MOST_SHAPES = 16  # that one graph is differentiated for; for others it runs op by op


def execute(graph: Graph, tensors: Sequence[Tensor]) -> list[Tensor]:
    """Runs a graph on the tensors of its arguments and captured values."""
    active = recorders()
    if not active:
        return [wrap(x) for x in run_program(graph, [t._array for t in tensors])]
    tapes = [r for r in active if isinstance(r, GradientTape)]
    return _recorded(graph, tensors, tapes) if len(tapes) == len(active) else replay(graph, tensors)


def known_graph(graph: Graph, tensors: Sequence[Tensor]) -> Graph:
    """The graph for tensors of these shapes, if they are known and its own are not; else itself."""
    if not has_open_shapes(graph) or any(sizes_in(t._array.shape) or t._array.shape is None for t in tensors):
        return graph
    try:
        return specialized(graph, [t._array for t in tensors])
    except Exception as error:  # of a branch that may never be taken
        _log.debug("%s is not known for these shapes: %s", graph.name, error)
        return graph


def _recorded(graph: Graph, tensors: Sequence[Tensor], tapes: Sequence[GradientTape]) -> list[Tensor]:
    """Runs a graph as one op that tapes record."""
    for variable in graph.closed_over.variables:
        for tape in tapes:
            tape.variable_read(variable)
    candidates: list[Any] = [*tensors, *graph.closed_over.variables, *graph.closed_over.constants]
    watched = tuple([any([x._node in tape._nodes for tape in tapes]) for x in candidates])
    arrays = [t._array for t in tensors]
    if True not in watched:
        return [wrap(x) for x in run_program(graph, arrays)]
    count = len(tensors)

    def differentiated() -> Differentiated | None:
        sources = [i if i < count else x for i, x in enumerate(candidates) if watched[i]]
        try:
            return Differentiated(graph, arrays, sources)
        except Exception as error:  # that of a gradient, which is to be raised when it is asked for
            _log.debug("%s runs op by op under tapes: %s", graph.name, error)
            return None

    key = watched, tuple([x.shape for x in arrays]) if has_open_shapes(graph) else None
    is_known = key in graph.programs or len(graph.programs) < _MOST_SHAPES
    parts = stored(graph, key, differentiated) if is_known else None
    if parts is None:
        return replay(graph, tensors)
    results = [wrap(x) for x in run_program(parts.forward, arrays)]
    made: list[Tensor | None] = [*results]
    for i, variable in enumerate(parts.variables):
        if variable is not None:
            results[i]._node, made[i] = variable._node, None

    def vjp(dys: tuple[Tensor | None, ...]) -> list[Any]:
        backward = parts.backward(tuple([dy is not None for dy in dys]), any(not r.is_graph for r in recorders()))
        values = [*[dy for dy in dys if dy is not None], *tensors, *results]
        return packed(backward.gradients, execute(backward.graph, [values[i] for i in backward.places]))

    call: Any = _Call(graph.name, vjp)
    sources = tuple([x for x, is_watched in zip(candidates, watched, strict=True) if is_watched])
    for tape in tapes:
        tape.record(call, sources, {}, tuple(made))
    return results[: len(graph.outputs)]


class _Call(CustomGradient):
    """Stands in records for a graph that has run. Its results include what is kept, most of which no gradient flows to; in place
    of values of variables they are None.
    """

    __slots__ = ()

    def keep(self, inputs: tuple, attrs: dict, outputs: tuple, recording: Recording) -> None:
        sources = [x._node if x._node in recording._nodes else None for x in inputs]
        if any(sources):
            results = tuple([None if x is None else recording.watched(x) for x in outputs])
            recording.enter(([sources, self.vjp, ()], results, [None] * len(outputs)))
