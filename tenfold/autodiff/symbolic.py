"""`tf.gradients` and `tf.hessians`: derivatives inside a function that is traced, of what it has computed up to there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tenfold.autodiff.endpoints import UnconnectedGradients
from tenfold.autodiff.tape import GradientTape
from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.tensor import Tensor
from tenfold.ops.identity import IDENTITY


class AggregationMethod:
    """How gradients of a value with several readers are added; the sum is the same."""

    ADD_N = 0
    DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def _tape(graph: Any, sources: Sequence[Any], stopped: Collection[int] = ()) -> GradientTape:
    """A tape that has been told what ran in a graph and those around it since `sources` were there.

    Args:
      graph: the graph that is traced.
      sources: tensors and variables.
      stopped: ids of tensors that count as constants.
    Raises:
      NotImplementedError: a step that cannot be entered again depends on `sources`.
    """
    graphs = [graph]
    while graphs[-1].outer is not None:
        graphs.append(graphs[-1].outer)
    ran = [run for g in reversed(graphs) for run in g.ran]
    made = {id(x) for *_, outputs in ran for x in outputs}
    tape = GradientTape(persistent=True, watch_accessed_variables=False)
    tape.watch([x for x in sources if id(x) not in made])
    wanted = {id(x) for x in sources}
    for op, inputs, attrs, outputs in ran:
        is_step = hasattr(op, "run")  # a step of a graph has no gradient rule: it is entered again, for the tape to see
        if any(id(x) in stopped for x in outputs):
            pass
        elif not is_step:
            tape.record(op, inputs, attrs, outputs)
        elif outputs and not tape._nodes.keys().isdisjoint([x._node for x in inputs]):
            if op.has_effects:
                raise NotImplementedError(
                    f"tf.gradients: the gradient of a step with effects ({op.name}) is asked for after it was entered. Use "
                    "tf.GradientTape around it."
                )
            with tape:
                again = op.run(*inputs)
            for output, same in zip(outputs, again, strict=True):
                tape.record(IDENTITY, (same,), {}, (output,))
        tape.watch([x for x in outputs if id(x) in wanted])
    return tape


def _graph(what: str) -> Any:
    graph = traced_graph()
    if graph is None:
        raise RuntimeError(f"{what} is not supported when eager execution is enabled. Use tf.GradientTape instead.")
    return graph


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
) -> list[Any]:
    """The gradients of the sum of `ys`, inside a `tf.function`. Unlike `tf.GradientTape` it need not be asked for beforehand.

    Args:
      ys: tensor, or list of them.
      xs: tensor or variable, or list of them.
      grad_ys: upstream gradients of `ys`, each a tensor or None for ones.
      gate_gradients, aggregation_method: accepted; they do not change the result.
      stop_gradients: tensor, or list of them, that count as constants.
      unconnected_gradients: what stands where `ys` do not depend on an x.
    Returns:
      A list of tensors, `tf.IndexedSlices` (from a gather) or None, one for each of `xs`.
    Raises:
      RuntimeError: outside of a function that is traced.
      ValueError: there are not as many `grad_ys` as `ys`.
      NotImplementedError: `ys` depend on `xs` by a step that writes variables or runs Python.
    Example:
      >>> @tf.function
      ... def slope(x):
      ...     return tf.gradients(x * x, x)[0]
      >>> print(slope(tf.constant(3.0)).numpy())
      6.0
    """
    graph = _graph("tf.gradients")
    targets, sources = nest.flatten(ys), nest.flatten(xs)
    upstream = None if grad_ys is None else nest.flatten(grad_ys)
    if upstream is not None and len(upstream) != len(targets):
        raise ValueError(f"tf.gradients: there are {len(upstream)} grad_ys for {len(targets)} ys; give one for each.")
    stopped = {id(x) for x in nest.flatten(stop_gradients)} if stop_gradients is not None else ()
    tape = _tape(graph, sources, stopped)
    return tape.gradient(targets, sources, upstream, unconnected_gradients)


def hessians(
    ys: Any,
    xs: Any,
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    name: str = "hessians",
) -> list[Tensor]:
    """The second derivatives of the sum of `ys`, inside a `tf.function`.

    Args:
      ys: tensor, or list of them.
      xs: tensor or variable, or list of them.
      gate_gradients, aggregation_method: accepted; they do not change the result.
    Returns:
      A list of tensors, one for each x, of shape `x.shape + x.shape`.
    Raises:
      RuntimeError: outside of a function that is traced.
      NotImplementedError: see `tf.gradients`.
    Example:
      >>> @tf.function
      ... def curvature(x):
      ...     return tf.hessians(tf.reduce_sum(x**3), x)[0]
      >>> print(curvature(tf.constant([1.0, 2.0])).numpy())
      [[ 6.  0.]
       [ 0. 12.]]
    """
    graph = _graph("tf.hessians")
    found = []
    for x in nest.flatten(xs):
        tape, outer = _tape(graph, [x]), _tape(graph, [x])
        with outer:
            slope = tape.gradient(nest.flatten(ys), x, unconnected_gradients=UnconnectedGradients.ZERO)
        found.append(outer.jacobian(slope, x, UnconnectedGradients.ZERO))
    return found
