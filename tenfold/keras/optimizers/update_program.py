"""Updates that are made over and over as programs: ufunc after ufunc, in place of the layers of Python that choose them.

An optimizer's kernels run once on `Cell`s, as they do to be lowered, and what they do to these is written as Python. The program does
on NumPy what the kernels would do, in the same order: its results are the same, bit for bit, so it does not matter when it takes
over. It spares small models most of what Python does between two ufuncs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.keras.optimizers.in_place import FLUSHED_EVERY, PART, Workspace, as_number
from tenfold.keras.optimizers.optimizer import Optimizer
from tenfold.keras.optimizers.programs import Program
from tenfold.keras.optimizers.traced_update import working_in

# Operators that do what ufuncs do: of arrays, those whose results are exact but for rounding, so that all ways to compute agree.
_OF_ARRAYS: dict[np.ufunc, str] = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/"}
_OF_NUMBERS = _OF_ARRAYS | {np.power: "**", np.floor_divide: "//", np.remainder: "%", np.greater: ">", np.less: "<"}


class NoProgram(Exception):
    """An update does what cannot be written down once for all calls."""


class Cell(NDArrayOperatorsMixin):
    """Stands for an array, or for a number, that kernels compute with: what ufuncs do to it is written into a program.

    Attributes:
      name: what the program calls it. That of an array is the name of its memory; what has no axes has a new one when it changes.
      dtype: NumPy's; None for a number of Python's.
      is_array: whether it is no number.
      origin: for a number of Python's, the one of NumPy's that it was read from.
    """

    origin: Cell | None = None

    def __init__(
        self, writer: Writer, name: str, dtype: Any, shape: tuple[int, ...] = (), is_array: bool = False
    ) -> None:
        self._writer, self.name, self.dtype, self.shape, self.is_array = writer, name, dtype, shape, is_array

    def astype(self, dtype: np.dtype) -> Cell:
        if self.is_array:
            raise NoProgram("an array is cast")
        for number in (self, self.origin):
            if number is not None and number.dtype == dtype:
                return number
        return self._writer.number_of(f"{self._writer.name_of(dtype.type)}({self.name})", dtype)

    def __setitem__(self, key: Any, value: Cell) -> None:
        if key is not Ellipsis:
            raise NoProgram(f"part {key!r} of an array is written")
        self._writer.copy(value, self)

    def __bool__(self) -> bool:
        raise NoProgram("what is done depends on a value")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise NoProgram(f"np.{function.__name__}")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if method != "__call__" or options or ufunc.nout > 1:
            raise NoProgram(f"np.{ufunc.__name__}.{method}")
        return self._writer.write(ufunc, inputs, out[0] if out else None)


class Writer:
    """What takes the place of an optimizer's `Workspace` while its update is written as a program."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lines: list[str] = []
        self._last: list[str] = []  # what is done once in a while, after all else
        self._known: dict[str, str] = {}  # names by the texts that they stand for
        self._cells: dict[int, tuple[Variable, Cell, str]] = {}  # by node, with their names before
        self._constants: dict[Any, str] = {}
        self._scope: dict[str, Any] = {
            "__name__": __name__,
            "Tensor": Tensor,
            "new": Tensor.__new__,
            "asarray": np.asarray,
        }

    def name_of(self, x: Any) -> str:
        """The name of a constant: of numbers that are equal to the bit, the same."""
        is_number = isinstance(x, (np.generic, int, float)) or (isinstance(x, np.ndarray) and not x.shape)
        key = (type(x), np.asarray(x).tobytes()) if is_number else id(x)
        if key not in self._constants:
            self._constants[key] = name = f"c{len(self._constants)}"
            self._scope[name] = x
        return self._constants[key]

    def number_of(self, text: str, dtype: Any) -> Cell:
        """The number that an expression of numbers is, which is computed once."""
        if text not in self._known:
            self._known[text] = name = f"n{len(self._known)}"
            self._lines.append(f"{name} = {text}")
        return Cell(self, self._known[text], dtype)

    def write(self, ufunc: np.ufunc, inputs: tuple, out: Cell | None) -> Cell:
        """Writes what a ufunc does with cells and constants; returns the cell of the result."""
        shape = np.broadcast_shapes(*(getattr(x, "shape", ()) for x in inputs))
        dtypes = {x.dtype for x in inputs if getattr(x, "dtype", None) is not None}
        dtype = dtypes.pop() if dtypes else None
        if dtypes or (out is not None and (out.dtype != dtype or out.shape != shape)):
            raise NoProgram("arrays of several shapes or dtypes meet")
        if shape:
            operands = ", ".join(map(self._beside_arrays, inputs))
            if out is None:
                out = Cell(self, f"a{len(self._lines)}", dtype, shape, True)
                self._lines.append(f"{out.name} = {self.name_of(ufunc)}({operands})")
            else:
                self._lines.append(f"{self.name_of(ufunc)}({operands}, out={out.name})")
            return out
        is_array = any(isinstance(x, Cell) and x.is_array for x in inputs)
        sign = (_OF_ARRAYS if is_array else _OF_NUMBERS).get(ufunc)
        names = map(self._beside_numbers, inputs)
        result = self.number_of(
            f" {sign} ".join(names) if sign else f"{self.name_of(ufunc)}({', '.join(names)})", dtype
        )
        if out is None:
            result.is_array = is_array
            return result
        out.name = result.name
        return out

    def _beside_arrays(self, x: Any) -> str:
        """An operand, which is an array if it is not Python's: ufuncs take those without axes faster than NumPy's numbers."""
        if not isinstance(x, Cell):
            return self.name_of(np.asarray(x) if isinstance(x, np.generic) else x)
        return x.name if x.shape or x.dtype is None else self.number_of(f"asarray({x.name})", x.dtype).name

    def _beside_numbers(self, x: Any) -> str:
        """An operand, which is a number: operators compute with these faster than with arrays without axes."""
        return x.name if isinstance(x, Cell) else self.name_of(x[()] if isinstance(x, np.ndarray) else x)

    def copy(self, source: Cell, target: Cell) -> None:
        """Writes that a cell gets the value of another."""
        if target.shape:
            self._lines.append(f"{self.name_of(np.copyto)}({target.name}, {source.name})")
        else:
            target.name = source.name

    # What optimizers ask a workspace for.

    def array(self, variable: Variable) -> Cell:
        if variable._node not in self._cells:
            array, v = variable._value._array, self.name_of(variable)
            if not variable._has_fixed_shape or array.size > PART:
                raise NoProgram("a variable is large, or may become so")
            name = f"p{len(self._cells)}"
            self._lines.append(f"{name} = {v}._own_array()" if array.ndim else f"{name} = {v}._value._array[()]")
            self._cells[variable._node] = variable, Cell(self, name, array.dtype, array.shape, True), name
        return self._cells[variable._node][1]

    def number(self, x: Any) -> Cell:
        if isinstance(x, Cell):
            return x
        if x._node in self._cells:
            value = self._cells[x._node][1]
            origin = Cell(self, value.name, value.dtype)
        else:
            origin = self.number_of(f"{self.name_of(x)}._value._array[()]", x._value._array.dtype)
        number = self.number_of(f"{origin.name}.item()", None)
        number.origin = origin
        return number

    def constants(self, dtype: np.dtype, *numbers: Any) -> tuple:
        return tuple([x.astype(dtype) if isinstance(x, Cell) else np.array(x, dtype) for x in numbers])

    def scalar(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def run(self, kernel: Callable[..., None], arrays: list[Cell], numbers: tuple = (), measure: Any = None) -> None:
        first = arrays[0]
        if first.shape:
            pair = self._workspace.pair(first.shape, first.dtype)
            s, t = [Cell(self, self.name_of(x), first.dtype, first.shape, True) for x in pair]
        else:
            s, t = [Cell(self, "", first.dtype, (), True) for _ in range(2)]
        if measure is not None:
            measure(arrays[1], out=s)
        kernel(*arrays, s, t, *numbers)

    def update(
        self, kernel: Callable[..., None], gradient: Cell, variable: Variable, slots: list[Variable], numbers: tuple,
        measure: np.ufunc | None, leaves_rows_alone: bool,
    ) -> None:  # fmt: skip
        p = self.array(variable)
        if not gradient.shape:
            gradient = Cell(self, self.number_of(f"{gradient.name}[()]", p.dtype).name, p.dtype, (), True)
        self.run(kernel, [p, gradient, *map(self.array, slots)], numbers, measure)

    def advance(self, counter: Variable) -> bool:
        count = self.number(counter) + 1
        self._cells[counter._node] = counter, count, ""
        self._last.append(f"if {count.name} % {FLUSHED_EVERY}: return True")
        return True

    def flush_subnormals(self, variable: Variable) -> None:
        self._last.append(f"{self.name_of(Workspace.flush_subnormals)}({self.name_of(variable)})")

    def program(self, gradients: list[Cell], variables: Iterable[Variable]) -> Program:
        """The program: a function of gradients that says whether they are such as it was written for, else does nothing."""
        names = [g.name for g in gradients]
        misfits = [f"type({g}) is not Tensor" for g in names]
        lines = [f"if len(gradients) != {len(names)}: return False", f"{', '.join(names)}, = gradients"]
        lines += [f"if {' or '.join(misfits)}: return False"]
        lines += [f"{g} = {g}._array" for g in names]
        misfits = [
            f"{g.name}.dtype is not {self.name_of(g.dtype)} or {g.name}.shape != {self.name_of(g.shape)}"
            for g in gradients
        ]
        misfits += [f"{self.name_of(v)}.constraint is not None" for v in variables]
        lines += [f"if {' or '.join(misfits)}: return False", *self._lines]
        for variable, cell, before in self._cells.values():
            if not cell.shape and cell.name != before:
                v, dtype = self.name_of(variable), self.name_of(variable._value._array.dtype)
                array = f"asarray({cell.name}{'' if cell.dtype else f', {dtype}'})"
                lines.append(f"x = new(Tensor); x._array = {array}; x._node = {v}._node; {v}._value = x")
        lines = _without_unused([*lines, *self._last, "return True"])
        exec("\n    ".join(["def run(gradients):", *lines]), self._scope)
        return self._scope["run"]


def _without_unused(lines: list[str]) -> list[str]:
    """Lines without numbers that no other line reads."""
    kept: list[str] = []
    used: set[str] = set()
    for line in reversed(lines):
        name = line.partition(" = ")[0]
        if name in used or not re.fullmatch(r"n\d+", name):
            kept.append(line)
            used.update(re.findall(r"\bn\d+", line))
    return kept[::-1]


def update_program(optimizer: Optimizer, variables: list[Variable]) -> Program | None:
    """What `optimizer.apply` does with gradients of the variables' shapes and dtypes, as long as none of its attributes changes.

    Returns:
      A function of gradients that says whether it took them; None where there is none.
    """
    writer = Writer(optimizer._workspace)
    gradients = []
    for i, variable in enumerate(variables):
        array = variable._value._array
        if array.dtype not in (np.float32, np.float64):
            return None
        gradients.append(Cell(writer, f"g{i}", array.dtype, array.shape, True))
    rate = optimizer._learning_rate
    if not isinstance(rate, Variable) or type(optimizer).learning_rate is not Optimizer.learning_rate:
        rate = writer.number_of(f"{writer.name_of(as_number)}({writer.name_of(optimizer)}.learning_rate)", None)
    try:
        working_in(writer, optimizer)._update_in_place(gradients, variables, rate)
    except (NoProgram, TypeError, AttributeError):
        return None
    return writer.program(gradients, variables)
