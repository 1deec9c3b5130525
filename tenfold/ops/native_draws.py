"""Random draws as machine code, where many numbers are drawn: the same, to the bit, so it does not matter when it takes over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.compiler import philox as programs
from tenfold.compiler.program import NotLowered
from tenfold.core.config import settings
from tenfold.ops.philox import Stream

if TYPE_CHECKING:
    from tenfold.compiler.executable import Executable

Draw = Callable[[Stream, int, np.dtype], np.ndarray]
Write = Callable[[Any, programs.Stream, int, np.dtype], Any]

_WORTH = 1 << 22  # numbers of one draw: NumPy needs as long for them as it takes to make a program
_LEAST = 1 << 14  # numbers that a small draw counts for, whose time is that of some forty calls of NumPy
_MOST = 64  # draws that are known
_WORD = (1 << 64) - 1


def native_when_worth(draw: Draw, write: Write) -> Draw:
    """A draw that becomes machine code for sizes that come over and over.

    Args:
      draw: on NumPy.
      write: writes the same numbers as a program.
    """
    # By size and dtype: how many numbers were drawn so far, then the program, None where there is none.
    known: dict[tuple[int, np.dtype], int | Executable | None] = {}

    def run(stream: Stream, size: int, dtype: np.dtype) -> np.ndarray:
        if not settings.compiles:
            return draw(stream, size, dtype)
        program = known.get((size, dtype), 0)
        if type(program) is int:
            if len(known) >= _MOST and not program:
                known.clear()
            made = _program(write, size, dtype) if program >= _WORTH else program + max(size, _LEAST)
            known[size, dtype] = program = made
        if program is None or type(program) is int:
            return draw(stream, size, dtype)
        place = np.array((stream.key, stream.counter & _WORD, stream.counter >> 64), np.uint64)
        return program(place)[0]  # type: ignore[operator]

    return run


def _program(write: Write, size: int, dtype: np.dtype) -> Executable | None:
    from tenfold.compiler.builder import Builder
    from tenfold.compiler.executable import compile

    b = Builder()
    place = b.input((3,), "uint64")
    stream = programs.Stream(*[b.reshape(b.slice(place, [i], [1]), ()) for i in range(3)])
    try:
        return compile(b.program([write(b, stream, size, dtype)]))
    except NotLowered:
        return None
