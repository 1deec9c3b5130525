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
from tenfold.ops import division, elementwise, exponential, gather, logic, matmul, reduce, segment

_FUNCTIONS: dict[np.ufunc, Callable[..., Tensor]] = {
    np.absolute: elementwise.abs, np.sqrt: exponential.sqrt, np.square: elementwise.square, np.add: elementwise.add,
    np.subtract: elementwise.subtract, np.multiply: elementwise.multiply, np.divide: elementwise.divide,
    np.maximum: elementwise.maximum, np.minimum: elementwise.minimum, np.power: exponential.pow, np.greater: logic.greater,
    np.equal: logic.equal, np.floor_divide: division.floordiv, np.remainder: division.floormod, np.matmul: matmul.matmul,
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

    def reshape(self, shape: Any) -> Cell:
        return Cell(array_ops.reshape(self.tensor, shape))

    @property
    def T(self) -> Cell:
        return Cell(array_ops.transpose(self.tensor))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Cell:
        return Cell(reduce.reduce_sum(self.tensor, axis, keepdims))

    def _put(self, tensor: Tensor) -> None:
        tensor = cast_ops.cast(tensor, from_numpy(self.dtype))
        self.tensor = tensor if tensor._array.shape == self.shape else array_ops.broadcast_to(tensor, self.shape)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Cell:
        if function is not np.where:
            raise NotImplementedError(f"np.{function.__name__}")
        return Cell(gather.where(*[x.tensor if isinstance(x, Cell) else x for x in args]))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        function = _FUNCTIONS.get(ufunc)
        if function is None or method != "__call__" or options:
            raise NotImplementedError(f"np.{ufunc.__name__}.{method}")
        dtype = np.result_type(*[x.dtype if isinstance(x, (Cell, np.generic, np.ndarray)) else x for x in inputs])
        operands = [x.astype(dtype).tensor if isinstance(x, Cell) else convert(np.asarray(x, dtype)) for x in inputs]
        found = function(*operands)
        if out is None:
            return Cell(found)
        out[0]._put(found)
        return out[0]


class VariableCell(Cell):
    """The cell of a variable: what is written to it is assigned."""

    def __init__(self, variable: Variable) -> None:
        self._variable = variable
        self.dtype, self.shape = variable._value._array.dtype, variable._value._array.shape

    @property
    def tensor(self) -> Tensor:
        return self._variable._read()

    @tensor.setter
    def tensor(self, value: Tensor) -> None:
        self._variable.assign(value)


class Expansion:
    """What takes the place of an optimizer's `Workspace` while its update is written with ops."""

    def array(self, variable: Variable) -> Cell:
        return VariableCell(variable)

    def number(self, x: Any) -> Cell:
        cell = self.array(x) if isinstance(x, Variable) else x if isinstance(x, Cell) else Cell(convert(x))
        return cell.astype(np.float64) if cell.dtype.kind == "f" else cell  # as Python's numbers are

    def scalar(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def constants(self, dtype: np.dtype, *numbers: Any) -> tuple:
        return tuple([x.astype(dtype) if isinstance(x, Cell) else np.array(x, dtype) for x in numbers])

    def run(self, kernel: Callable[..., None], arrays: list[Cell], numbers: tuple = (), measured: Any = None) -> None:
        s, t = [Cell(None, arrays[0].dtype, arrays[0].shape) for _ in range(2)]
        if measured is not None:
            s.tensor = measured.tensor
        kernel(*arrays, s, t, *numbers)

    def update(
        self, kernel: Callable[..., None], gradient: Any, variable: Variable, slots: list[Variable], numbers: tuple,
        measure: np.ufunc | None, leaves_rows_alone: bool,
    ) -> None:  # fmt: skip
        g, measured = self.dense(gradient, variable, measure)
        self.run(kernel, [self.array(variable), g, *map(self.array, slots)], numbers, measured)

    def dense(self, gradient: Any, variable: Variable, measure: np.ufunc | None) -> tuple[Cell, Cell | None]:
        p = self.array(variable)
        if not isinstance(gradient, IndexedSlices):
            g = Cell(convert(gradient)).astype(p.dtype)
            return g, measure(g) if measure else None

        def summed(slices: Cell) -> Cell:
            return Cell(segment.unsorted_segment_sum(slices.tensor, gradient.indices, p.shape[0]))

        slices = Cell(gradient.values).astype(p.dtype)
        return summed(slices), summed(measure(slices)) if measure else None

    def advance(self, counter: Variable) -> bool:
        cell = self.array(counter)
        cell.tensor = cell.tensor + 1
        return True

    def flush_subnormals(self, variable: Variable) -> None:
        cell = self.array(variable)
        if cell.dtype.kind == "f":
            is_small = elementwise.abs(cell.tensor) < np.finfo(cell.dtype).tiny
            cell.tensor = gather.where(is_small, convert(0.0, cell.tensor.dtype), cell.tensor)
