"""Arithmetic on 16-bit floats: operands are widened to float32, and results rounded again, op by op, as TensorFlow does."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.compiler.program import Instruction, Program, Rewriter, Spec

_FLOAT32 = np.dtype(np.float32)
# What only moves elements, or changes their dtype, takes them as they are.
_MOVES = frozenset(
    (
        "input", "constant", "empty", "cast", "copy", "select", "broadcast", "reshape", "transpose", "slice", "gather", "window", "pad", "concat",
        "write", "item", "cond", "while_loop",
    )
)  # fmt: skip


def is_narrow(dtype: np.dtype) -> bool:
    """Whether it is float16 or bfloat16."""
    return dtype == np.float16 or dtype.name == "bfloat16"


def widen(program: Program) -> Program:
    """
    before:   %2 = add %0 %1 : float16
    after:    %2 = cast %0 float32; %3 = cast %1 float32; %4 = add %2 %3; %5 = cast %4 float16
    """
    if not any(isinstance(i.spec, Spec) and is_narrow(i.dtype) for i in program.instructions):
        return program

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        if i.op in _MOVES or not any(is_narrow(dtype) for dtype in (i.dtype, *(new[o].dtype for o in operands))):
            return new.keep(i, operands)
        wide = [new.emit("cast", (o,), dtype=_FLOAT32) if is_narrow(new[o].dtype) else o for o in operands]
        attrs: dict[str, Any] = dict(i.attrs)
        if i.op == "iota":
            attrs["dtype"] = _FLOAT32
        result = new.emit(i.op, wide, **attrs)
        return result if new[result].spec == i.spec else new.emit("cast", (result,), dtype=i.dtype)

    return program.rewrite(rule)
