"""Machine code that can be called on NumPy arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.compiler import interrupts, runtime, stacks
from tenfold.compiler.memory import ALIGNMENT
from tenfold.core import aligned
from tenfold.core.errors import InternalError, InvalidArgumentError, ResourceExhaustedError

Shaped = tuple[tuple[int, ...], np.dtype]


class NativeFunction:
    """A function of arrays. Calls from several threads at once are fine; the GIL is released while it runs.

    Attributes:
      arena_bytes: memory for values between kernels, one arena for each thread that is in a call.
      constants: arrays whose addresses the arena holds.

    Args:
      code: for `loader.load`.
      inputs, outputs: their shapes and dtypes.
      updated: numbers of inputs that are written in place.
    """

    def __init__(
        self,
        code: bytes,
        arena_bytes: int,
        inputs: Sequence[Shaped],
        outputs: Sequence[Shaped],
        constants: Sequence[np.ndarray],
        updated: Sequence[int] = (),
    ) -> None:
        self.arena_bytes, self.constants = arena_bytes, constants
        self._code = runtime.load(code)
        function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.py_object, ctypes.py_object, ctypes.c_void_p)
        self._entry = function(self._code.address("entry"))
        self._inputs = list(inputs)
        self._shapes, self._dtypes = [shape for shape, _ in outputs], [np.dtype(dtype.type) for _, dtype in outputs]
        is_any_large = any(
            prod(s) * t.itemsize >= aligned.LARGE for s, t in zip(self._shapes, self._dtypes, strict=True)
        )
        self._empty = aligned.empty if is_any_large else np.empty
        self._count = len(self._inputs)
        self._updated = list(updated)
        self._table = runtime.table(self._inputs, list(outputs), self._updated)
        self._arenas: list[tuple[int, np.ndarray]] = []

    def __call__(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """Runs the code.

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
        outputs = tuple(map(self._empty, self._shapes, self._dtypes))
        arena = self._arenas.pop() if self._arenas else self._new_arena()
        status = self._entry(arrays, outputs, arena[0])
        if status:
            self._recover(status, arrays, outputs, arena)
        self._arenas.append(arena)
        return outputs

    def if_fitting(self, arrays: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...] | None:
        """What a call with as many arrays as inputs returns; None where one is not, as it is in memory, what the code takes."""
        outputs = tuple(map(self._empty, self._shapes, self._dtypes))
        arena = self._arenas.pop() if self._arenas else self._new_arena()
        status = self._entry(arrays, outputs, arena[0])
        if status and status != runtime.MISMATCH:
            self._recover(status, arrays, outputs, arena)
        self._arenas.append(arena)
        return None if status == runtime.MISMATCH else outputs

    @property
    def last_arena(self) -> int:
        """The address of the arena of the last call that ended."""
        return self._arenas[-1][0]

    def _new_arena(self) -> tuple[int, np.ndarray]:
        memory = np.zeros(self.arena_bytes + ALIGNMENT, np.uint8)
        address = -(-memory.ctypes.data // ALIGNMENT) * ALIGNMENT
        first = runtime.HEADER_WORDS + 2 * self._count + len(self._shapes)
        begin = address - memory.ctypes.data
        header = memory[begin : begin + 8 * (first + len(self.constants))].view(np.int64)
        header[0] = self._table.ctypes.data
        header[first:] = [constant.ctypes.data for constant in self.constants]
        return address, memory

    def _recover(
        self, status: int, arrays: Sequence[Any], outputs: tuple[np.ndarray, ...], arena: tuple[int, Any]
    ) -> None:
        """Makes the inputs what machine code takes and runs again, or raises what is wrong."""
        interrupts.raise_pending()
        if status == stacks.EXHAUSTED:
            raise ResourceExhaustedError(None, None, "there is no memory for what a loop keeps for its gradient")
        if status == stacks.UNEVEN:
            raise InternalError("compiled call: a loop reads more rows of a stack than there are")
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
        own = np.dtype(dtype.type)  # the object by which machine code knows it; arrays that were pickled have others
        if number not in self._updated:
            copy = aligned.empty(shape, own)  # np.array would keep the array's dtype
            copy[...] = array
            return copy
        if not (array.flags.c_contiguous and array.flags.writeable and array.flags.aligned):
            raise ValueError(f"input {number} is updated in place; its array must be contiguous, aligned and writeable")
        return array.view(own)

    def _message(self, code: int, place: int, value: int) -> str:
        """What an error that the code notes means."""
        return "an index is out of range, or an integer is divided by zero"
