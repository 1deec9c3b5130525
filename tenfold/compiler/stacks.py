"""Stacks: rows of one size in memory that grows, whose number is known only when a program runs.

A stack is two words, the address and the number of rows; how many fit there, a loop that pushes notes beside it. The memory is that of
the C library. A program frees what it allocates, but for stacks that it returns: these belong to whoever called it.
"""

from __future__ import annotations

import ctypes
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.compiler import loader
from tenfold.compiler.program import StackSpec

if TYPE_CHECKING:
    from tenfold.compiler.parts import Parts

# What a call returns if there is no memory, or if a stack has fewer rows than the loop reads.
EXHAUSTED, UNEVEN = -4, -5
_LEAST_ROWS = 8

_IR = f"""
define internal ptr @stack.row(ptr %stack, i64 %turn, i64 %size, ptr %error) {{
  %count.p = getelementptr i64, ptr %stack, i64 1
  %count = load i64, ptr %count.p
  %is.there = icmp ult i64 %turn, %count
  br i1 %is.there, label %there, label %missing
there:
  %base = load ptr, ptr %stack
  %offset = mul i64 %turn, %size
  %row = getelementptr i8, ptr %base, i64 %offset
  ret ptr %row
missing:
  store i64 {UNEVEN}, ptr %error
  ret ptr null
}}

define internal ptr @stack.push(ptr %stack, ptr %capacity, i64 %turn, i64 %size, ptr %error) {{
entry:
  %room = load i64, ptr %capacity
  %fits = icmp ult i64 %turn, %room
  br i1 %fits, label %place, label %grow
grow:
  %old = load ptr, ptr %stack
  %double = shl i64 %room, 1
  %needed = add i64 %turn, 1
  %more = call i64 @llvm.umax.i64(i64 %double, i64 %needed)
  %rows = call i64 @llvm.umax.i64(i64 %more, i64 {_LEAST_ROWS})
  %product = call {{ i64, i1 }} @llvm.umul.with.overflow.i64(i64 %rows, i64 %size)
  %bytes = extractvalue {{ i64, i1 }} %product, 0
  %is.too.much = extractvalue {{ i64, i1 }} %product, 1
  br i1 %is.too.much, label %exhausted, label %allocate
allocate:
  %memory = call ptr @realloc(ptr %old, i64 %bytes)
  %is.null = icmp eq ptr %memory, null
  br i1 %is.null, label %exhausted, label %grown
grown:
  store ptr %memory, ptr %stack
  store i64 %rows, ptr %capacity
  br label %place
place:
  %base = load ptr, ptr %stack
  %count.p = getelementptr i64, ptr %stack, i64 1
  %count = load i64, ptr %count.p
  %next = add i64 %turn, 1
  %most = call i64 @llvm.umax.i64(i64 %count, i64 %next)
  store i64 %most, ptr %count.p
  %offset = mul i64 %turn, %size
  %row = getelementptr i8, ptr %base, i64 %offset
  ret ptr %row
exhausted:
  store i64 {EXHAUSTED}, ptr %error
  ret ptr null
}}
"""


class Stacks:
    """Writes what procedures do with stacks, whose words are at an address.

    Args:
      parts: gets the functions that are called, when the first call is written.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._numbers = count()
        self._is_declared = False

    def row(self, stack: str, turn: str, size: int) -> tuple[str, str]:
        """The address of a row, null if it is not there, and the line that finds it."""
        name = self._variable()
        return name, f"{name} = call ptr @stack.row(ptr {stack}, i64 {turn}, i64 {size}, ptr %error)"

    def push(self, stack: str, capacity: str, turn: str, size: int) -> tuple[str, str]:
        """The address of a row that is to be written, null if there is no memory, and the line that makes room for it."""
        name = self._variable()
        arguments = f"ptr {stack}, ptr {capacity}, i64 {turn}, i64 {max(size, 1)}, ptr %error"
        return name, f"{name} = call ptr @stack.push({arguments})"

    def clear(self, stack: str) -> list[str]:
        """Lets it have no rows; what it had is not freed."""
        number = self._variable()
        return [
            f"store ptr null, ptr {stack}",
            f"{number} = getelementptr i64, ptr {stack}, i64 1",
            f"store i64 0, ptr {number}",
        ]

    def free(self, stack: str) -> list[str]:
        """Gives its memory back."""
        base = self._variable()
        return [f"{base} = load ptr, ptr {stack}", f"call void @free(ptr {base})"]

    def free_after_error(self, stack: str) -> list[str]:
        """Gives its memory back if something went wrong: the caller will not take it."""
        code, is_wrong, base, unwanted = (self._variable() for _ in range(4))
        return [
            f"{code} = load i64, ptr %error",
            f"{is_wrong} = icmp ne i64 {code}, 0",
            f"{base} = load ptr, ptr {stack}",
            f"{unwanted} = select i1 {is_wrong}, ptr {base}, ptr null",
            f"call void @free(ptr {unwanted})",
        ]

    def _variable(self) -> str:
        if not self._is_declared:
            self._is_declared = True
            self._parts.declare(
                "declare ptr @realloc(ptr, i64)",
                "declare void @free(ptr)",
                "declare i64 @llvm.umax.i64(i64, i64)",
                "declare { i64, i1 } @llvm.umul.with.overflow.i64(i64, i64)",
            )
            self._parts.procedure(_IR)
        return f"%stack{next(self._numbers)}"


def words_of(array: np.ndarray, spec: StackSpec) -> tuple[np.ndarray, np.ndarray]:
    """An array as a stack, and what must live as long.

    Raises:
      TypeError, ValueError: its rows are others.
    """
    if array.dtype != spec.row.dtype or array.shape[1:] != spec.row.shape:
        raise (TypeError if array.dtype != spec.row.dtype else ValueError)(
            f"a stack is {array.dtype.name}{list(array.shape)}; the program takes rows of {spec.row}"
        )
    array = np.ascontiguousarray(array)
    return np.array([array.ctypes.data, len(array)], np.int64), array


def array_of(words: np.ndarray, spec: StackSpec) -> np.ndarray:
    """The rows of a stack that a program has returned, as an array whose memory they are."""
    address, number = words.tolist()
    memory = _Memory(address, number * spec.row.nbytes)
    return np.asarray(memory).view(spec.row.dtype).reshape(number, *spec.row.shape)


class _Memory:
    """Memory of the C library, which is freed with the object."""

    __slots__ = ("_address", "_free", "__array_interface__")

    def __init__(self, address: int, size: int) -> None:
        self._address, self._free = address, _free()
        self.__array_interface__ = {"version": 3, "typestr": "|u1", "shape": (size,), "data": (address, False)}

    def __del__(self) -> None:
        self._free(self._address)


@cache
def _free() -> Any:
    return ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(loader.address_of("free"))
