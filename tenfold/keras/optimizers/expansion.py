"""Optimizers in public functions, for files of other tools: their kernels run once on cells, and what they do to these is done by ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tenfold.core.convert import convert
from tenfold.core.dtypes import from_numpy
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import division, elementwise, exponential, gather, logic, segment

_FUNCTIONS: dict[np.ufunc, Callable[..., Tensor]] = {
    np.absolute: elementwise.abs, np.sqrt: exponential.sqrt, np.square: elementwise.square, np.add: elementwise.add,
    np.subtract: elementwise.subtract, np.multiply: elementwise.multiply, np.divide: elementwise.divide,
    np.maximum: elementwise.maximum, np.minimum: elementwise.minimum, np.power: exponential.pow, np.greater: logic.greater,
    np.equal: logic.equal, np.floor_divide: division.floordiv, np.remainder: division.floormod,
}  # fmt: skip


class Cell(NDArrayOperatorsMixin):
    """Stands for an array that kernels compute with, also in place: NumPy's ufuncs give it, or make, another tensor."""

    def __init__(self, tensor: Tensor | None, dtype: Any = None, shape: Any = None) -> None:
        self.tensor: Any = tensor  # None for memory that nothing was written to yet
        self.dtype: Any = dtype if tensor is None else tensor._array.dtype
        self.shape: Any = shape if tensor is None else tensor._array.shape

    def astype(self, dtype: Any) -> Cell:
        return Cell(cast_ops.cast(self.tensor, from_numpy(np.dtype(dtype))))

    def __setitem__(self, key: Any, value: Cell) -> None:
        if key is not Ellipsis:
            raise NotImplementedError(f"part {key!r} of an array is written")
        self._put(value.tensor)

    def _put(self, tensor: Tensor) -> None:
        tensor = cast_ops.cast(tensor, from_numpy(self.dtype))
        self.tensor = tensor if tensor._array.shape == self.shape else array_ops.broadcast_to(tensor, self.shape)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Cell:
        if function is not np.where:
            raise NotImplementedError(f"np.{function.__name__}")
        return Cell(gather.where(*[x.tensor if type(x) is Cell else x for x in args]))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        function = _FUNCTIONS.get(ufunc)
        if function is None or method != "__call__" or options:
            raise NotImplementedError(f"np.{ufunc.__name__}.{method}")
        dtype = np.result_type(*[x.dtype if isinstance(x, (Cell, np.generic, np.ndarray)) else x for x in inputs])
        operands = [x.astype(dtype).tensor if type(x) is Cell else convert(np.asarray(x, dtype)) for x in inputs]
        found = function(*operands)
        if out is None:
            return Cell(found)
        out[0]._put(found)
        return out[0]


class Expansion:
    """What takes the place of an optimizer's `Workspace` while its update is written with ops."""

    def __init__(self) -> None:
        self._cells: dict[int, tuple[Variable, Cell, Tensor]] = {}  # by node, with the values before

    def array(self, variable: Variable) -> Cell:
        if variable._node not in self._cells:
            value = variable._read()
            self._cells[variable._node] = variable, Cell(value), value
        return self._cells[variable._node][1]

    def number(self, x: Any) -> Cell:
        cell = self.array(x) if isinstance(x, Variable) else x if type(x) is Cell else Cell(convert(x))
        return cell.astype(np.float64) if cell.dtype.kind == "f" else cell  # as Python's numbers are

    def scalar(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def constants(self, dtype: np.dtype, *numbers: Any) -> tuple:
        return tuple([x.astype(dtype) if type(x) is Cell else np.array(x, dtype) for x in numbers])

    def run(self, kernel: Callable[..., None], arrays: list[Cell], numbers: tuple = (), measured: Any = None) -> None:
        s, t = [Cell(None, arrays[0].dtype, arrays[0].shape) for _ in range(2)]
        if measured is not None:
            s.tensor = measured.tensor
        kernel(*arrays, s, t, *numbers)

    def update(
        self, kernel: Callable[..., None], gradient: Any, variable: Variable, slots: list[Variable], numbers: tuple,
        measure: np.ufunc | None, leaves_rows_alone: bool,
    ) -> None:  # fmt: skip
        p = self.array(variable)
        if isinstance(gradient, IndexedSlices):

            def summed(slices: Cell) -> Cell:
                return Cell(segment.unsorted_segment_sum(slices.tensor, gradient.indices, p.shape[0]))

            slices = Cell(gradient.values).astype(p.dtype)
            g, measured = summed(slices), summed(measure(slices)) if measure else None
        else:
            g = Cell(convert(gradient)).astype(p.dtype)
            measured = measure(g) if measure else None
        self.run(kernel, [p, g, *map(self.array, slots)], numbers, measured)

    def advance(self, counter: Variable) -> bool:
        cell = self.array(counter)
        cell.tensor = cell.tensor + 1
        return True

    def flush_subnormals(self, variable: Variable) -> None:
        cell = self.array(variable)
        if cell.dtype.kind == "f":
            is_small = elementwise.abs(cell.tensor) < np.finfo(cell.dtype).tiny
            cell.tensor = gather.where(is_small, convert(0.0, cell.tensor.dtype), cell.tensor)

    def assign(self) -> None:
        """Assigns what was written to the variables."""
        for variable, cell, before in self._cells.values():
            if cell.tensor is not before:
                variable.assign(cell.tensor)
