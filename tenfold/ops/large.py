"""Large ops in eager code run as machine code, where that is clearly faster than NumPy.

`when_large(op, is_large)` replaces the kernel of an op that has a lowering: arrays for which `is_large` holds are computed by a
program of this one op, compiled when its shapes, dtypes and attributes are first seen; all else, and all that has no machine
code, goes to the NumPy kernel, which also raises the errors. Debugging is as before: an op is one Python call, and
`TENFOLD_COMPILE=0` leaves everything to NumPy.

Which of the two runs depends on op, attributes, shapes and dtypes alone, never on timing or on how often an op ran: the two round
differently, and a training that is saved and resumed must come to the same bits as one that is not. A program costs
some 10 to 50 ms, or 2 ms from the disk cache, so an op is large only where it takes NumPy a good part of a millisecond. So that arrays of ever new shapes are
not slower for it, an op has at most `MOST_PROGRAMS` programs in a process; shapes that come after these run on NumPy. No
usual model comes near: it takes one program for each layer and size of batch.

Operands need not be contiguous: a program reads transposed and repeated ones as they are in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.compiler.program import MACHINE_DTYPES, NotLowered
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op

if TYPE_CHECKING:
    from tenfold.compiler.executable import Executable

MOST_PROGRAMS = 128  # of an op

_Order = tuple[tuple[int, ...], tuple[int, ...]] | None


def when_large(op: Op, is_large: Callable[..., bool]) -> Op:
    """Lets a new op with a lowering run as machine code on large arrays.

    Args:
      op: not registered yet.
      is_large: takes what the kernel takes; small arrays pay for this call only.
    Returns:
      `op`.
    """
    op.kernel = LargeKernel(op, is_large)
    return op


class LargeKernel:
    """A kernel that runs as machine code on large arrays.

    Attributes:
      numpy: the kernel for all others.
      is_large: tells which is which.
      programs: the compiled ones, None where there is no machine code; by shapes, dtypes, places in memory, attributes.
    """

    __slots__ = ("op", "numpy", "is_large", "programs", "__kwdefaults__")

    def __init__(self, op: Op, is_large: Callable[..., bool]) -> None:
        self.op, self.numpy, self.is_large = op, op.kernel, is_large
        self.programs: dict[Any, Executable | None] = {}
        self.__kwdefaults__ = getattr(op.kernel, "__kwdefaults__", None)  # what attributes are by default

    def __call__(self, *arrays: np.ndarray, **attrs: Any) -> Any:
        if not self.is_large(*arrays, **attrs) or os.environ.get("TENFOLD_COMPILE") == "0":
            return self.numpy(*arrays, **attrs)
        stored, orders = zip(*map(_in_memory, arrays), strict=True)
        key = (*[(x.shape, x.dtype) for x in arrays], orders, *attrs.items())
        try:
            program = self.programs[key]
        except TypeError:  # an attribute that is a list
            return self.numpy(*arrays, **attrs)
        except KeyError:
            expected = self.numpy(*arrays, **attrs)  # raises what is wrong with the operands
            if len(self.programs) >= MOST_PROGRAMS:
                return expected
            results = expected if type(expected) is tuple else (expected,)
            program = self.programs[key] = _compiled(self.op, arrays, stored, orders, attrs, results)
        if program is None:
            return self.numpy(*arrays, **attrs)
        try:
            found = program(*stored)
        except InvalidArgumentError:  # an index out of range: the kernel says which
            return self.numpy(*arrays, **attrs)
        return found if len(found) > 1 else found[0]


def first_larger_than(size: int) -> Callable[..., bool]:
    """An `is_large`: whether the first operand has more elements than `size`."""
    return lambda first, *others, **attrs: first.size > size


def _in_memory(x: np.ndarray) -> tuple[np.ndarray, _Order]:
    """A contiguous array of the elements of `x`; and, where that is not `x` itself, its axes in `x`, and those that repeat it."""
    flags = x.flags
    if flags.c_contiguous and flags.aligned:
        return x, None
    repeated = tuple([a for a in range(x.ndim) if not x.strides[a] and x.shape[a] > 1])
    axes = tuple(sorted([a for a in range(x.ndim) if a not in repeated], key=lambda a: -x.strides[a]))
    stored = x.transpose((*repeated, *axes))[(0,) * len(repeated)]
    if stored.flags.c_contiguous and stored.flags.aligned:
        return stored, (axes, repeated)
    return np.array(x, order="C"), None


def _compiled(
    op: Op,
    arrays: tuple[np.ndarray, ...],
    stored: tuple[np.ndarray, ...],
    orders: tuple[_Order, ...],
    attrs: dict[str, Any],
    expected: tuple[np.ndarray, ...],
) -> Executable | None:
    """The program of an op that gives results like those of its kernel; None if it has no machine code."""
    from tenfold.compiler.builder import Builder, Value
    from tenfold.compiler.executable import compile

    if any(x.dtype.char not in MACHINE_DTYPES for x in arrays):
        return None
    b = Builder()
    operands = []
    for x, array, order in zip(arrays, stored, orders, strict=True):
        value = b.input(array.shape, array.dtype)
        if order is not None:
            axes, repeated = order
            value = b.transpose(value, np.argsort(axes).tolist())
            value = b.broadcast_to(b.expand_dims(value, repeated), x.shape)
        operands.append(value)
    lower: Any = getattr(Builder, op.lower) if type(op.lower) is str else op.lower
    try:
        found = lower(b, *operands, **attrs)
        program = b.program([found] if isinstance(found, Value) else list(found))
        if [(s.shape, s.dtype) for s in program.output_specs] != [(x.shape, x.dtype) for x in expected]:
            return None
        return compile(program)
    except (NotLowered, TypeError, ValueError):
        return None
