"""`compile`: from a program to something that can be called on NumPy arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tenfold.compiler import cache, interrupts, runtime
from tenfold.compiler.assemble import Module, assemble
from tenfold.compiler.cpus import usable_cores
from tenfold.compiler.interpreter import index_error
from tenfold.compiler.memory import ALIGNMENT
from tenfold.compiler.passes import optimise
from tenfold.compiler.procedure import Step
from tenfold.compiler.program import NotLowered, Program
from tenfold.compiler.target import host
from tenfold.core.errors import InternalError, InvalidArgumentError

__all__ = ["Executable", "NotLowered", "compile"]


def compile(program: Program) -> Executable:
    """Machine code for a program.

    Args:
      program: what to compute; shapes and dtypes of all inputs are part of it.
    Returns:
      A callable of arrays.
    Raises:
      NotLowered: a primitive or a dtype has no machine code, or there is no llvmlite.
    Example:
      >>> from tenfold.compiler.builder import Builder
      >>> b = Builder()
      >>> x, total = b.input((3,), "float32"), b.input((), "float32")
      >>> b.update(total, total + b.reduce_sum(x))
      >>> step = compile(b.program([b.exp(x)]))
      >>> memory = np.zeros((), "float32")
      >>> (y,) = step(np.array([0, 1, 2], "float32"), memory)
      >>> print(y, memory)
      [1.  2.7182817 7.389056 ] 3.0
    """
    try:
        runtime.ensure()
    except ImportError as error:
        raise NotLowered("llvmlite cannot be imported") from error
    entry = cache.read(program)
    if entry is None:
        entry, _ = build(program)
        cache.write(program, entry)
    return Executable(program, entry)


def build(program: Program, is_timed: bool = False) -> tuple[cache.Entry, tuple[Step, ...]]:
    """Compiles a program; `is_timed`: its code notes the clock around steps, in the arena's last bytes."""
    from tenfold.compiler import codegen

    optimised = optimise(program)
    module = assemble(optimised, host(), is_timed, usable_cores())
    objects = codegen.object_files(module.texts)
    known: dict[Any, int] = {}
    for n, literal in enumerate([*cache.literals(program), *cache.literals(optimised)]):
        known.setdefault(literal, n)
    constants = tuple(known[literal] for literal in module.constants)
    return cache.Entry(objects, module.arena_bytes, constants, module.clock_bytes), module.steps


class Executable:
    """A compiled program. Calls from several threads at once are fine; the GIL is released while it runs.

    Attributes:
      program: what it computes.
      arena_bytes: memory for values between kernels, one arena for each thread that is in a call.
    """

    def __init__(self, program: Program, entry: cache.Entry):
        self.program, self.arena_bytes = program, entry.arena_bytes
        self._code = runtime.link(entry.objects)
        function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.py_object, ctypes.py_object, ctypes.c_void_p)
        self._entry = function(self._code.get_function_address("entry"))
        self._inputs = [(s.shape, s.dtype) for s in program.input_specs]
        self._outputs = [(s.shape, np.dtype(s.dtype.type)) for s in program.output_specs]
        self._count = len(self._inputs)
        self._updated = [number for number, _ in program.updates]
        self._table = runtime.table(self._inputs, self._outputs, self._updated)
        known = list(cache.literals(program))
        if any(n >= len(known) for n in entry.constants):  # some came of folding others
            known += cache.literals(optimise(program))
        self._constants = [known[n].array for n in entry.constants]
        self._arenas: list[tuple[int, np.ndarray]] = []

    @cached_property
    def _module(self) -> Module:
        return assemble(optimise(self.program), host())

    @property
    def text(self) -> str:
        """Its LLVM IR."""
        return self._module.texts[0]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What a call does, kernel by kernel."""
        return self._module.steps

    def __call__(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """Runs the program.

        Args:
          *arrays: one for each input, of its shape and dtype. Arrays of updated inputs must be contiguous and writeable, and share
            no memory with each other.
        Returns:
          New arrays, one for each output.
        Raises:
          TypeError, ValueError: an array does not fit.
          InvalidArgumentError: an index is out of range, or an integer is divided by zero; updated inputs are undefined then.
        """
        if len(arrays) != self._count:
            raise TypeError(f"got {len(arrays)} arrays; the program has {self._count} inputs")
        outputs = tuple([_empty(shape, dtype) for shape, dtype in self._outputs])
        arena = self._arenas.pop() if self._arenas else self._new_arena()
        status = self._entry(arrays, outputs, arena[0])
        if status:
            self._recover(status, arrays, outputs, arena)
        self._arenas.append(arena)
        return outputs

    @property
    def last_arena(self) -> int:
        """The address of the arena of the last call that ended."""
        return self._arenas[-1][0]

    def _new_arena(self) -> tuple[int, np.ndarray]:
        memory = np.zeros(self.arena_bytes + ALIGNMENT, np.uint8)
        address = -(-memory.ctypes.data // ALIGNMENT) * ALIGNMENT
        first = runtime.HEADER_WORDS + 2 * self._count + len(self._outputs)
        begin = address - memory.ctypes.data
        header = memory[begin : begin + 8 * (first + len(self._constants))].view(np.int64)
        header[0] = self._table.ctypes.data
        header[first:] = [constant.ctypes.data for constant in self._constants]
        return address, memory

    def _recover(
        self, status: int, arrays: Sequence[Any], outputs: tuple[np.ndarray, ...], arena: tuple[int, Any]
    ) -> None:
        """Makes the inputs what machine code takes and runs again, or raises what is wrong."""
        interrupts.raise_pending()
        if status > 0:
            words = (ctypes.c_int64 * 3).from_address(arena[0] + 8)
            raise InvalidArgumentError(self._message(*words))
        fitting = tuple(self._fitting(n, array) for n, array in enumerate(arrays))
        status = self._entry(fitting, outputs, arena[0])
        if status > 0:
            self._recover(status, fitting, outputs, arena)
        if status == runtime.ALIASED:
            raise ValueError("arrays of inputs that are updated share memory; each must have its own")
        if status < 0:
            raise InternalError("compiled call: inputs that were made to fit do not fit")

    def _fitting(self, number: int, array: Any) -> np.ndarray:
        shape, dtype = self._inputs[number]
        array = np.asarray(array)
        if array.dtype != dtype or array.shape != shape:
            raise (TypeError if array.dtype != dtype else ValueError)(
                f"input {number} is {array.dtype.name}{list(array.shape)}; the program takes {dtype.name}{list(shape)}"
            )
        if number not in self._updated:
            return np.array(array, np.dtype(dtype.type), order="C", copy=True)
        if not (array.flags.c_contiguous and array.flags.writeable and array.flags.aligned):
            raise ValueError(f"input {number} is updated in place; its array must be contiguous, aligned and writeable")
        return array

    def _message(self, code: int, place: int, value: int) -> str:
        program, i = self._module.instruction(code)
        if i.op not in ("gather", "scatter_add", "write"):
            return "Integer division by zero"
        indices = program.instructions[i.operands[1]]
        size = program.instructions[i.operands[0]].shape[i["axis"] if i.op == "gather" else 0]
        at = tuple(int(p) for p in np.unravel_index(place, indices.shape)) if indices.shape else ()
        return index_error(at, value, size)


_empty = np.empty
