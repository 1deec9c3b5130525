"""Arithmetic on 16-bit floats: operands are widened to float32, and results rounded again, op by op, as TensorFlow does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.program import Instruction, NotLowered, Program, Rewriter, Spec, is_narrow

_FLOAT32 = np.dtype(np.float32)
# What only moves elements, or changes their dtype, takes them as they are.
_MOVES = frozenset(
    (
        "input", "constant", "empty", "cast", "bitcast", "copy", "select", "broadcast", "reshape", "transpose", "slice", "gather", "window", "pad", "concat",
        "write", "item", "cond", "while_loop",
    )
)  # fmt: skip


def widen(program: Program) -> Program:
    """
    before:   %2 = add %0 %1 : float16
    after:    %2 = cast %0 float32; %3 = cast %1 float32; %4 = add %2 %3; %5 = cast %4 float16
    """
    if not any(isinstance(i.spec, Spec) and is_narrow(i.dtype) for i in program.instructions):
        return program

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        if not _is_narrow_arithmetic(i, [new[o] for o in operands]):
            return new.keep(i, operands)
        wide = [new.emit("cast", (o,), dtype=_FLOAT32) if is_narrow(new[o].dtype) else o for o in operands]
        attrs: dict[str, Any] = dict(i.attrs)
        if i.op == "iota":
            attrs["dtype"] = _FLOAT32
        result = new.emit(i.op, wide, **attrs)
        return result if new[result].spec == i.spec else new.emit("cast", (result,), dtype=i.dtype)

    return program.rewrite(rule)


def _is_narrow_arithmetic(i: Instruction, operands: Sequence[Instruction]) -> bool:
    return i.op not in _MOVES and any(is_narrow(x.dtype) for x in (i, *operands))


def _has_narrow_arithmetic(instructions: Sequence[Instruction], first: int = 0) -> bool:
    """Whether instructions from the first one on, or those of their sub-programs, compute with 16-bit floats."""
    return any(
        _is_narrow_arithmetic(i, [instructions[o] for o in i.operands])
        or any(type(value) is Program and _has_narrow_arithmetic(value.instructions) for _, value in i.attrs)
        for i in instructions[first:]
    )


def lower_widened(
    b: Builder,
    lower: Callable[..., Any] | str | None,
    operands: Sequence[Value],
    attrs: dict[str, Any],
    dtypes: Sequence[np.dtype],
) -> list[Value]:
    """What the lowering of an op writes. What computes with 16-bit floats does so in float32, and rounds once, at its end.

    Args:
      b: the builder.
      lower: as an op has it.
      operands, attrs: of the op.
      dtypes: of its results.
    Raises:
      NotLowered, TypeError, ValueError: there is no machine code for these operands.
    """
    function: Any = getattr(Builder, lower) if type(lower) is str else lower

    def written(operands: Sequence[Value]) -> list[Value]:
        found = function(b, *operands, **attrs)
        return [found] if isinstance(found, Value) else list(found)

    if not any(is_narrow(x.dtype) for x in operands):
        return written(operands)
    count = len(b.instructions)
    try:
        results = written(operands)
        if not _has_narrow_arithmetic(b.instructions, count):
            return results
    except (NotLowered, TypeError, ValueError):  # to NumPy, bfloat16 is no float
        pass
    b.take_back(count)
    results = written([b.cast(x, _FLOAT32) if is_narrow(x.dtype) else x for x in operands])
    return [b.cast(y, dtype) if is_narrow(dtype) else y for y, dtype in zip(results, dtypes, strict=True)]
