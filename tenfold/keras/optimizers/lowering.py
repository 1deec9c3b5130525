"""Optimizers as machine code: their kernels run once on cells, and what they do to these is written into a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.cells import Cell
from tenfold.compiler.program import NotLowered
from tenfold.core import nest
from tenfold.core.variable import Variable

_SPARSE = 4  # times as large as its sparse gradient: a variable of which most rows have none


class Slices(NamedTuple):
    """A sparse gradient in cells."""

    values: Cell
    indices: Cell


def as_cells(b: Builder, operands: Sequence[Any], values: Sequence[Value]) -> list[Any]:
    """Cells in place of tensors, sparse gradients and None, given the values of all their parts."""
    given = iter(values)
    cells: list[Any] = []
    for operand in operands:
        parts = [Cell(b, next(given)) for x in nest.flatten(operand, expand_composites=True) if x is not None]
        cells.append(None if operand is None else Slices(*parts[:2]) if len(parts) > 1 else parts[0])
    return cells


class Lowering:
    """What takes the place of an optimizer's `Workspace` while its update is lowered.

    Args:
      b: builder of the program.
      value_of: gives the value of a variable.
    """

    def __init__(self, b: Builder, value_of: Callable[[Variable], Value]) -> None:
        self._b, self._value_of = b, value_of
        self._cells: dict[int, tuple[Variable, Cell, Value]] = {}  # by node, with the values before

    def array(self, variable: Variable) -> Any:
        """The cell of a variable."""
        if variable._node not in self._cells:
            value = self._value_of(variable)
            self._cells[variable._node] = variable, Cell(self._b, value), value
        return self._cells[variable._node][1]

    def number(self, x: Any) -> Any:
        cell = x if type(x) is Cell else self.array(x)
        return cell.astype(np.float64) if cell.dtype.kind == "f" else cell  # as Python's numbers are

    def scalar(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def constants(self, dtype: np.dtype, *numbers: Any) -> tuple:
        return tuple([x.astype(dtype) if type(x) is Cell else np.array(x, dtype) for x in numbers])

    def run(
        self, kernel: Callable[..., None], arrays: list[Any], numbers: tuple = (), measured: Cell | None = None
    ) -> None:
        first = arrays[0]
        s, t = (Cell(self._b, None, first.dtype, first.shape) for _ in range(2))
        if measured is not None:
            s.value = measured.value
        kernel(*arrays, s, t, *numbers)

    def update(
        self, kernel: Callable[..., None], gradient: Any, variable: Variable, slots: list[Variable], numbers: tuple,
        measure: np.ufunc | None, leaves_rows_alone: bool,
    ) -> None:  # fmt: skip
        p = self.array(variable)
        if type(gradient) is Slices and leaves_rows_alone and prod(p.shape) > _SPARSE * prod(gradient.values.shape):
            raise NotLowered("few rows of many are updated, which NumPy does without touching the others")
        g, measured = self.dense(gradient, variable, measure)
        self.run(kernel, [p, g, *map(self.array, slots)], numbers, measured)

    def dense(self, gradient: Any, variable: Variable, measure: np.ufunc | None) -> tuple[Cell, Cell | None]:
        p = self.array(variable)
        if p.dtype not in (np.float32, np.float64):
            raise NotLowered(f"weights of {p.dtype}")
        if type(gradient) is Slices:
            g = self._sums(gradient.indices, gradient.values, p)
            measured = self._sums(gradient.indices, measure(gradient.values), p) if measure else None
        else:
            g = gradient.astype(p.dtype)
            measured = measure(g) if measure else None
        if g.shape != p.shape:
            raise NotLowered(f"a gradient of shape {g.shape} for a variable of shape {p.shape}")
        return g, measured

    def _sums(self, indices: Cell, slices: Cell, p: Cell) -> Cell:
        """The sums of the slices of each row."""
        return Cell(self._b, self._b.segment_sum(slices.astype(p.dtype).value, indices.value, p.shape[0]))

    def advance(self, counter: Variable) -> bool:
        self.array(counter).value += 1
        return True

    def flush_subnormals(self, variable: Variable) -> None:
        cell, b = self.array(variable), self._b
        if cell.dtype.kind == "f":
            cell.value = b.select(b.lt(b.abs(cell.value), np.finfo(cell.dtype).tiny), 0.0, cell.value)

    def changes(self) -> list[tuple[Variable, Value]]:
        """The variables that were written to, and their new values."""
        return [(v, cell.value) for v, cell, before in self._cells.values() if cell.value is not before]
