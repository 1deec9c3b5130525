"""The update of an optimizer in a function that is traced: a step of the graph that may be lowered, or ops.

What is done by ops, as clipping, is traced before; this is what kernels do (`Optimizer._update_in_place`), with another
workspace in place of the optimizer's: one that lowers kernels to machine code, or one that writes them as ops.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.symbol import Symbol, SymbolError
from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph
from tenfold.graph.node import Step
from tenfold.keras.tracking import unique

if TYPE_CHECKING:
    from tenfold.keras.optimizers.optimizer import Optimizer


def enter_update(optimizer: Optimizer, graph: Graph, gradients: list, variables: list) -> None:
    """Enters the update of variables into a graph: as a step that may be lowered, or by ops where it consists of ops."""
    rate = _traced_rate(optimizer)
    if rate is not None and not optimizer._has_lowering:
        return _update_by_ops(optimizer, gradients, variables, rate)

    def run(again: list) -> None:
        if (inner := traced_graph()) is not None:
            enter_update(optimizer, inner, again[1:], variables)
        else:
            optimizer._update_in_place(again[1:], variables, optimizer.learning_rate if rate is None else again[0])

    def lower(b: Any, value_of: Any, again: list) -> list:
        from tenfold.keras.optimizers.lowering import Lowering

        workspace = Lowering(b, value_of)
        working_in(workspace, optimizer)._update_in_place(again[1:], variables, again[0])
        return workspace.changes()

    def expand(again: list) -> None:
        _update_by_ops(optimizer, again[1:], variables, convert(optimizer.learning_rate) if rate is None else again[0])

    is_lowered = optimizer._has_lowering and rate is not None
    _enter(graph, optimizer, [rate, *gradients], variables, run, lower if is_lowered else None, expand)


def working_in(workspace: Any, optimizer: Optimizer) -> Optimizer:
    """The optimizer with something else in place of its workspace."""
    twin = object.__new__(type(optimizer))
    twin.__dict__.update(optimizer.__dict__)
    twin.__dict__["_workspace"] = workspace
    return twin


def _update_by_ops(optimizer: Optimizer, gradients: list, variables: list, learning_rate: Any) -> None:
    from tenfold.keras.optimizers.expansion import Expansion

    working_in(Expansion(), optimizer)._update_in_place(gradients, variables, learning_rate)


def _traced_rate(optimizer: Optimizer) -> Tensor | None:
    """The learning rate as ops of the graph; None where only Python can compute it."""
    try:
        rate = convert(optimizer.learning_rate)
    except SymbolError:
        return None
    return rate if type(rate._array) is Symbol else None


def _enter(
    graph: Graph,
    optimizer: Optimizer,
    operands: list,
    variables: list,
    run: Callable[[list], None],
    lower: Callable[..., Any] | None,
    expand: Callable[[list], None],
) -> None:
    """Enters a step into a graph, of functions of operands that are tensors, sparse gradients or None."""
    leaves = nest.flatten(operands, expand_composites=True)

    def run_step(*tensors: Tensor, function: Callable[[list], None] = run) -> list[Tensor]:
        given = iter(tensors)
        filled = [None if x is None else next(given) for x in leaves]
        function(nest.pack_sequence_as(operands, filled, expand_composites=True))
        return []

    def lower_step(b: Any, value_of: Any, *values: Any) -> tuple[list, list]:
        from tenfold.keras.optimizers.lowering import as_cells

        return [], lower(b, value_of, as_cells(b, operands, values))  # type: ignore[misc]

    written = tuple(unique([*variables, *optimizer._trainable_variables, *optimizer.variables]))
    expanded = functools.partial(run_step, function=expand)
    step = Step(type(optimizer).__name__, run_step, True, written, (), lower_step if lower else None, expand=expanded)
    graph.step(step, [convert(x) for x in leaves if x is not None], [])
