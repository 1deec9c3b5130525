"""Node: one step of a traced function, an op or what has effects or runs Python."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.core.op import Op
from tenfold.core.symbol import Size, Symbol, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.labels import Label

if TYPE_CHECKING:
    from tenfold.graph.graph import Graph


@dataclass(frozen=True)
class Step:
    """A node's work where it is no op: a function of tensors with effects, or one that only Python can run.

    Attributes:
      name: TensorFlow's raw op name where it has one.
      run: takes tensors and returns a list of tensors; called while another function is traced, it enters a step again.
      has_effects: whether it must run even if nobody reads its results.
      variables: those that it reads or writes; None if it may write any.
      graphs: those that it runs.
      lower: how the compiler makes machine code of it: from a builder, a function that gives the value of a variable, and the
        values of the operands, the values of its results, and pairs of a variable and the value that it is to get.
      expand: the same with public functions and assignments, which is written to files of other tools.
      resource: the table that it reads or writes, or the asset whose path it gives.
      places: for each graph of a branch or loop, which operands it takes after a loop's variables.
      pure: the same as an op of its variable's value and its operands, whose last result is the variable's new value.
    """

    name: str
    run: Callable[..., list[Tensor]]
    has_effects: bool = True
    variables: tuple[Variable, ...] | None = None
    graphs: tuple[Graph, ...] = ()
    lower: Callable[..., Any] | None = None
    expand: Callable[..., Any] | None = None
    resource: Any = None
    places: Sequence[Sequence[int]] = ()
    pure: Op | None = None


@dataclass(frozen=True, eq=False)
class Node:
    """One op or step with its operands (symbols, or arrays for constants) and results."""

    op: Op | Step
    inputs: tuple[Symbol | np.ndarray, ...]
    attrs: dict[str, Any]
    outputs: tuple[Symbol, ...]
    line: str
    is_single: bool = False  # whether the kernel returns an array and no tuple
    label: Label | None = None  # None if it is called by its op

    @property
    def name(self) -> str:
        """What the user calls it; others may be called the same."""
        return self.op.name if self.label is None else self.label.of(self)

    @property
    def has_effects(self) -> bool:
        return self.op.has_effects

    def is_write(self) -> bool:
        """Whether it may change a variable."""
        return (
            isinstance(self.op, Step) and self.op.has_effects and (self.op.variables is None or bool(self.op.variables))
        )

    def sizes(self) -> list[Size]:
        """The integers among the attributes that are known only when the node runs."""
        return [size for value in self.attrs.values() for size in sizes_in(value)]

    def reads(self) -> list[Symbol]:
        """The symbols that must be there before the node runs."""
        return [x for x in self.inputs if type(x) is Symbol] + [size.source[0] for size in self.sizes()]


def needed(
    outputs: Sequence[Any], nodes: Sequence[Node], with_effects: bool = True, given: Collection[Symbol] = ()
) -> list[Node]:
    """The nodes that outputs depend on, as far as these do not follow from what is given, and those with effects and what they
    depend on.
    """
    wanted = {x for x in outputs if type(x) is Symbol}
    kept = []
    for node in reversed(nodes):
        if (with_effects and node.has_effects) or not wanted.isdisjoint(node.outputs):
            kept.append(node)
            wanted.update(node.reads())
            wanted.difference_update(given)
    return kept[::-1]


_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep


def user_line() -> str:
    """The innermost line outside the package that is running."""
    return running_call()[0]


def running_call() -> tuple[str, FrameType | None]:
    """The innermost line outside the package that is running, and the frame of what it calls."""
    call, frame = None, sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        call, frame = frame, frame.f_back  # type: ignore[assignment]
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}", call
