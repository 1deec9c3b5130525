"""Steps that run graphs, and their gradients.

A branch or a loop in a graph is a step that runs its sub-graphs. Where a tape watches what it is given, it gets one more result, a box
with the tape that recorded the sub-graphs while they ran; its gradient is another step, which plays that tape back. Where the
gradient is to be differentiated again, it runs the sub-graphs again instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.autodiff.backward import dense
from tenfold.autodiff.custom import CustomGradient
from tenfold.autodiff.endpoints import UnconnectedGradients
from tenfold.autodiff.tape import GradientTape
from tenfold.core.context import recorders, traced_graph
from tenfold.core.dtypes import is_differentiable
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.lowering import variables_of
from tenfold.graph.node import Step
from tenfold.ops.identity import identity

Body = Callable[..., list[Tensor]]
_BOX = Spec(np.dtype(object), ())


def staged(
    name: str,
    body: Body,
    tensors: Sequence[Tensor],
    specs: Sequence[Spec],
    graphs: Sequence[Graph],
    has_effects: bool = False,
    lower: Callable[..., Any] | None = None,
    gradient: Callable[..., Any] | None = None,
    places: Sequence[Sequence[int]] = (),
) -> list[Tensor]:
    """Runs `body`, or enters it as a step into the graph that is traced.

    Args:
      name: of the step.
      body: function of tensors, which runs the graphs; with `lower`, called while another function is traced, it enters itself again.
      tensors: its arguments.
      specs: of its results.
      graphs: those that it runs.
      has_effects: whether it has any besides those of the graphs.
      lower: how the compiler makes machine code of it, where no tape watches what it is given.
      gradient: takes the arguments and the upstream gradients, and returns gradients of the floating arguments, none of which the
        graphs get in other ways: then there is no box.
      places: see `Step`.
    """
    graph = traced_graph()
    if graph is None or (body is _unboxed and type(tensors[0]._array) is np.ndarray):
        return body(*tensors)
    variables = list({node: v for g in graphs for node, v in g.variables.items()}.values())
    constants = {t._node: t for g in graphs for t in g.seen.values() if type(t._array) is np.ndarray and t._node}
    closed_over: list[Tensor | Variable] = [*variables, *constants.values()]
    nodes = [node for g in graphs for node in g.nodes]
    has_effects = has_effects or any(node.has_effects for node in nodes)
    written = tuple(variables) if any(node.is_write() for node in nodes) else ()
    if gradient is not None and not (closed_over or has_effects):
        return _entered(Step(name, body, False, (), tuple(graphs), lower, places=places), tensors, specs, gradient)
    tapes = [r for r in recorders() if not r.is_graph] if any(is_differentiable(s.dtype) for s in specs) else []
    before = [v._read() if isinstance(v, Variable) else v for v in closed_over] if tapes else []
    tapes = [r for r in tapes if may_watch(r, [*tensors, *before])]
    used = variables_of(graphs) if tapes else []
    wanted_body, wanted_specs = (_boxed(body, closed_over, used), [*specs, _BOX]) if tapes else (body, list(specs))
    can_enter = lower is not None  # traced once more, as for known sizes, it may become something better
    lower = None if tapes else lower

    def enter(*again: Tensor) -> list[Tensor]:
        return staged(name, wanted_body, again, wanted_specs, graphs, has_effects, places=places)

    run = wanted_body if can_enter else enter
    step = Step(name, run, has_effects, written, tuple(graphs), lower, places=places)
    results = graph.step(step, tensors, wanted_specs)
    if not tapes:
        return results
    box = results.pop()
    sources = [*tensors, *before]
    is_floating = [is_differentiable(x._array.dtype) for x in sources]

    def vjp(dys: tuple[Tensor, ...]) -> list[Tensor | None]:
        given = [dy for dy, out in zip(dys, results, strict=True) if is_differentiable(out._array.dtype)]
        wanted = [_spec_of(x) for x, w in zip(sources, is_floating, strict=True) if w]
        if any(not r.is_graph for r in recorders()):  # to be differentiated again
            run = _recomputed(body, closed_over, len(tensors), used)
            found = iter(staged(f"{name}Grad", run, [box, *tensors, *given], wanted, graphs))
        else:
            found = iter(staged(f"{name}Grad", _unboxed, [box, *given], wanted, ()))
        return [next(found) if w else None for w in is_floating]

    for tape in tapes:
        tape.record(CustomGradient(name, vjp), tuple(sources), {}, tuple(results))
    return results


def may_watch(recorder: Any, tensors: Sequence[Tensor]) -> bool:
    """Whether a recorder is no tape, or a tape that watches one of the tensors."""
    return not isinstance(recorder, GradientTape) or any(t._node in recorder._nodes for t in tensors)


def _entered(
    step: Step, tensors: Sequence[Tensor], specs: Sequence[Spec], gradient: Callable[..., Any]
) -> list[Tensor]:
    """Enters a step without effects that has a gradient of its own."""
    results = traced_graph().step(step, tensors, specs)
    is_floating = [is_differentiable(x._array.dtype) for x in tensors]

    def vjp(dys: tuple[Tensor, ...]) -> list[Tensor | None]:
        found = iter(gradient(tensors, dys))
        return [next(found) if is_one else None for is_one in is_floating]

    for tape in recorders():
        if not tape.is_graph:
            tape.record(CustomGradient(step.name, vjp), tuple(tensors), {}, tuple(results))
    return results


def _taped(
    body: Body, closed_over: Sequence[Tensor | Variable], tensors: Sequence[Tensor]
) -> tuple[GradientTape, list[Tensor], list[Tensor | Variable], list[Tensor]]:
    """Runs `body` under a tape: the tape, its targets and sources, and all results."""
    fresh = [identity(t) for t in tensors]
    floating = [t for t in fresh if is_differentiable(t._array.dtype)]
    sources: list[Tensor | Variable] = [*floating]
    sources += [x for x in closed_over if is_differentiable(x.dtype._np)]
    with GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(sources)
        results = body(*fresh)
    return tape, [t for t in results if is_differentiable(t._array.dtype)], sources, results


def _boxed(body: Body, closed_over: Sequence[Tensor | Variable], used: Sequence[Variable]) -> Body:
    """`body` with one more result, which holds what its gradient needs, and what variables were before."""

    def run(*tensors: Tensor) -> list[Tensor]:
        begin = [Variable._read(v) for v in used]
        tape, targets, sources, results = _taped(body, closed_over, tensors)
        box = np.empty((), object)
        box[()] = (tape, targets, sources, begin)
        return [*results, wrap(box)]

    return run


def _unboxed(box: Tensor, *dys: Tensor) -> list[Tensor]:
    """The gradients of what a boxed step was given."""
    tape, targets, sources, _ = box._array[()]
    return [dense(g) for g in tape.gradient(targets, sources, list(dys), UnconnectedGradients.ZERO)]


def _recomputed(body: Body, closed_over: Sequence[Tensor | Variable], count: int, used: Sequence[Variable]) -> Body:
    """The gradients of what `body` is given, by running it again: takes a box, `count` arguments of it, then the upstream ones.

    It reads what variables, those of random streams, too, were before the first run, and leaves them as they are now.
    """

    def run(box: Tensor, *tensors: Tensor) -> list[Tensor]:
        now = [Variable._read(v) for v in used]
        _set(used, box._array[()][3])
        try:
            tape, targets, sources, _ = _taped(body, closed_over, tensors[:count])
        finally:
            _set(used, now)
        found = tape.gradient(targets, sources, list(tensors[count:]), UnconnectedGradients.ZERO)
        return [dense(g) for g in found]

    return run


def _spec_of(tensor: Tensor) -> Spec:
    return Spec.of(tensor._array.dtype, tensor._array.shape)


def _set(variables: Sequence[Variable], values: Sequence[Tensor]) -> None:
    for variable, value in zip(variables, values, strict=True):
        Variable.assign(variable, value)
