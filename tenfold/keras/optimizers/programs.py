"""What stands for an optimizer's `apply` where it is called over and over: machine code for many numbers, generated Python for few."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenfold.core.config import settings
from tenfold.core.tensor import Tensor

if TYPE_CHECKING:
    from tenfold.keras.optimizers.optimizer import Optimizer
    from tenfold.tracing.concrete import ConcreteFunction

Program = Callable[[list], bool]  # of gradients; says whether it took them

_OFTEN = 64  # times, after which few numbers that are updated once more get a program: making one takes as long
_MOST_PROGRAMS = 64  # for different variables
_MOST_CHANGES = 8  # of attributes: an optimizer of which one is set over and over does without programs


class Programs:
    """The programs of an optimizer as it is: they are dropped when one of its attributes is set.

    Attributes:
      known: by the ids of variables, the program that updates these, or None where there is none.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[int, ...], Program | None] = {}
        self._asked: dict[tuple[int, ...], int] = {}  # how often for what is not made yet
        self._changes = 0

    def __reduce__(self) -> tuple[Any, ...]:
        return Programs, ()  # a copy makes its own

    def forget(self) -> None:
        """Drops all."""
        if self.known:
            self.known, self._changes = {}, self._changes + 1

    def program(self, optimizer: Optimizer, variables: list) -> Program | None:
        """The program for variables, made if it is due; None where there is none, or none yet."""
        key = tuple(map(id, variables))
        if key in self.known:
            return self.known[key]
        if not optimizer._has_lowering or optimizer.gradient_accumulation_steps:
            return None
        if self._changes > _MOST_CHANGES or len(self.known) >= _MOST_PROGRAMS:
            return None
        if not optimizer._is_large:
            asked = self._asked.get(key, 0)
            if asked < _OFTEN:
                if len(self._asked) >= _MOST_PROGRAMS:
                    self._asked.clear()
                self._asked[key] = asked + 1
                return None
        self.known[key] = program = (
            _compiled(optimizer, variables) if optimizer._is_large else _written(optimizer, variables)
        )
        return program


def _compiled(optimizer: Optimizer, variables: list) -> Program | None:
    """`apply` as a traced function, one call of machine code."""
    from tenfold.graph.native import has_compiler
    from tenfold.tracing.function import Function

    if not has_compiler():
        return None
    function = Function(lambda *gradients: optimizer.apply(gradients, variables), autograph=False)
    usual = [(v._value._array.shape, v._value._array.dtype) for v in variables]
    concrete: ConcreteFunction | None = None  # for gradients like that

    def run(gradients: list) -> bool:
        nonlocal concrete
        if settings.runs_functions_eagerly:
            return False
        for gradient in gradients:
            if type(gradient) is not Tensor:
                return False
        arrays = [g._array for g in gradients]
        if [(x.shape, x.dtype) for x in arrays] != usual:
            function(*gradients)
            return True
        if concrete is None:
            concrete = function.get_concrete_function(*gradients)
        concrete.run_on_arrays(arrays)
        return True

    return run


def _written(optimizer: Optimizer, variables: list) -> Program | None:
    """`apply` as generated Python, if kernels are all that becomes of gradients."""
    from tenfold.keras.optimizers.update_program import update_program

    limits = optimizer.clipnorm, optimizer.global_clipnorm, optimizer.clipvalue
    return update_program(optimizer, variables) if optimizer.loss_scale_factor is None and not any(limits) else None
