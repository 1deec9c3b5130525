"""Functions with gradients of their own in graphs: an op made for the one place where such a function is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenfold.autodiff.backward import dense
from tenfold.core.context import set_recorders, traced_graph
from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.execute import execute
from tenfold.graph.graph import Graph

Vjp = Callable[[tuple[Tensor, ...]], Sequence]


class OwnGradient(Op):
    """An op that hands on the results of a function, and has the gradient that the function says.

    Its operands are the results, the sources, and what the gradient captures.

    Attributes:
      gradient: a graph of the gradients of the results; None if it cannot be had.
      has_gradient: which of the sources it has gradients of.
    """

    __slots__ = ("gradient", "has_gradient")

    gradient: Graph | None
    has_gradient: list[bool]


def with_own_gradient(name: str, results: Sequence[Tensor], sources: Sequence[Tensor], vjp: Vjp) -> list[Tensor]:
    """The results of a function, which has been traced, as those of one op whose gradient is `vjp`.

    The gradient is traced now, as a graph: whoever differentiates the graph that is being traced runs it then.

    Args:
      name: of the function.
      results: what it returned.
      sources: its arguments, and the values of the variables that it read.
      vjp: makes the gradients of the sources from those of the results; what it raises is raised when it is asked for.
    """
    count = len(results)
    gradient = Graph(f"{name}_grad", traced_graph())
    found: list[Any] = []
    refused: Exception | None = None
    with gradient.tracing():
        set_recorders((gradient,))  # type: ignore[arg-type]
        dys = tuple([gradient.input(*Spec.of(x._array.dtype, x._array.shape)) for x in results])
        try:
            found = [None if g is None else dense(g) for g in vjp(dys)]
        except Exception as error:
            refused = error
        gradient.finish([g for g in found if g is not None])
    captured = [gradient.tensor_of(outer) for outer, _ in gradient.captures]

    def kernel(*values: Any) -> tuple:
        return values[:count]

    def rule(dys: Sequence[Tensor], values: Sequence[Tensor]) -> list[Tensor | None]:
        if refused is not None:
            raise refused
        gradients = iter(execute(gradient, [*dys, *values[len(values) - len(captured) :]]))
        of_sources = [None if g is None else next(gradients) for g in found]
        return [None] * count + of_sources + [None] * len(captured)

    op = OwnGradient(
        name,
        kernel,
        vjp=rule,
        infer=lambda *values: [Spec(x.dtype, x.shape) for x in values[:count]],
        lower=lambda b, *values: list(values[:count]),
    )
    op.gradient, op.has_gradient = None if refused else gradient, [g is not None for g in found]
    outer = traced_graph()
    return [wrap(x) for x in outer.add(op, [t._array for t in (*results, *sources, *captured)], {})]
