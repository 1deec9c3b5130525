"""The element-wise primitives as LLVM instructions on operands of any number of lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.compiler import vector_math
from tenfold.compiler.program import is_narrow
from tenfold.compiler.writer import BOOL, FLOAT32, INT32, INT64, Operand

_REAL: dict[str, Callable[..., Operand]] = {
    "add": Operand.__add__, "sub": Operand.__sub__, "mul": Operand.__mul__, "neg": Operand.__neg__,
    "eq": lambda x, y: x.compare("eq", y), "ne": lambda x, y: x.compare("ne", y), "lt": Operand.__lt__, "le": Operand.__le__,
    "gt": Operand.__gt__, "ge": Operand.__ge__, "copy": lambda x: x, "select": Operand.select,
}  # fmt: skip
_BITS: dict[str, Callable[..., Operand]] = {
    "logical_and": Operand.__and__, "logical_or": Operand.__or__, "logical_xor": Operand.__xor__, "logical_not": Operand.__invert__,
    "bitwise_and": Operand.__and__, "bitwise_or": Operand.__or__, "bitwise_xor": Operand.__xor__, "bitwise_not": Operand.__invert__,
}  # fmt: skip


def apply(op: str, operands: Sequence[Operand]) -> Operand:
    """The result of an element-wise primitive; integers are divided by what is known not to be 0."""
    x = operands[0]
    table = _FLOAT if x.dtype.kind == "f" else _INTEGER
    function: Callable[..., Operand] | None = (
        table.get(op) or _REAL.get(op) or _BITS.get(op) or vector_math.FUNCTIONS.get(op)
    )
    if function is None:
        return x.w.each_lane(vector_math.LIBM[op], *operands)
    return function(*operands)


def cast(x: Operand, dtype: np.dtype) -> Operand:
    """As C converts, but to bool whether not 0."""
    if x.dtype == dtype:
        return x
    if x.dtype.kind == "V":
        return cast(_from_bfloat16(x), dtype)
    if dtype.kind == "V":
        return _to_bfloat16(cast(x, FLOAT32), dtype)
    if dtype == BOOL:
        return x.compare("ne", 0)
    if dtype.kind == "f":
        if x.dtype.kind == "f":
            return x.convert("fpext" if dtype.itemsize > x.dtype.itemsize else "fptrunc", dtype)
        return x.convert("sitofp" if x.dtype.kind == "i" else "uitofp", dtype)
    if x.dtype.kind == "f":
        if dtype == np.uint64:
            return _frozen(x.convert("fptoui", dtype))
        wide = INT32 if dtype.itemsize < 4 or dtype == INT32 else INT64
        return cast(_frozen(x.convert("fptosi", wide)), dtype)
    if dtype.itemsize == x.dtype.itemsize and x.dtype != BOOL:
        return Operand(x.w, x.text, dtype, x.lanes)
    if dtype.itemsize < x.dtype.itemsize:
        return x.convert("trunc", dtype)
    return x.convert("sext" if x.dtype.kind == "i" else "zext", dtype)


def _from_bfloat16(x: Operand) -> Operand:
    bits = Operand(x.w, x.text, np.dtype(np.uint16), x.lanes)
    return bits.convert("zext", INT32).op("shl", 16).real()


def _to_bfloat16(x: Operand, dtype: np.dtype) -> Operand:
    """Rounded to nearest, ties to even."""
    bits = x.bits()
    odd = bits.op("lshr", 16) & 1
    rounded = (bits + 0x7FFF + odd).op("lshr", 16)
    text = x.is_nan().select(0x7FC0, rounded).convert("trunc", np.dtype(np.uint16)).text
    return Operand(x.w, text, dtype, x.lanes)


def bitcast(x: Operand, dtype: np.dtype) -> Operand:
    """The same bits as another dtype of the same size."""
    if "f" in (x.dtype.kind, dtype.kind) and x.dtype != dtype:
        return x.convert("bitcast", dtype)
    return Operand(x.w, x.text, dtype, x.lanes)


def _frozen(x: Operand) -> Operand:
    """Out of range gives whatever the processor gives, not undefined behaviour."""
    return x.w.operand(f"freeze {x}", x.dtype, x.lanes)


def combine(op: str, x: Operand, y: Operand) -> Operand:
    """One step of a reduction."""
    return apply(op, (x, y))


def horizontal(op: str, x: Operand) -> Operand:
    """All lanes combined, by halves."""
    while x.lanes > 1:
        half = x.lanes // 2
        y = combine(op, x.shuffle(range(half)), x.shuffle(range(half, 2 * half)))
        x = y if x.lanes % 2 == 0 else _append(op, y, x.shuffle([2 * half]))
    return x


def _append(op: str, y: Operand, last: Operand) -> Operand:
    return combine(op, horizontal(op, y), last)


def _float_extreme(relation: str) -> Callable[[Operand, Operand], Operand]:
    def extreme(x: Operand, y: Operand) -> Operand:
        return x.is_nan().select(x, x.compare(relation, y).select(x, y))  # y if it is NaN

    return extreme


def _float_sign(x: Operand) -> Operand:
    one = x.const(1.0).intrinsic("copysign", x)
    return (x.is_nan() | x.equals(0.0)).select(x, one)


def _floor_mod(x: Operand, y: Operand) -> Operand:
    r = x.op("frem", y)
    wrong = r.compare("ne", 0.0) & ((r < 0.0) ^ (y < 0.0))
    return wrong.select(r + y, r.equals(0.0).select(r.const(0.0).intrinsic("copysign", y), r))


_FLOAT: dict[str, Callable[..., Operand]] = {
    "div": Operand.__truediv__, "abs": Operand.abs, "sign": _float_sign, "sqrt": lambda x: x.intrinsic("sqrt"),
    "rsqrt": lambda x: 1.0 / x.intrinsic("sqrt"), "floor": lambda x: x.intrinsic("floor"), "ceil": lambda x: x.intrinsic("ceil"),
    "round": lambda x: x.intrinsic("roundeven"), "trunc": lambda x: x.intrinsic("trunc"), "maximum": _float_extreme("gt"),
    "minimum": _float_extreme("lt"), "is_finite": lambda x: x.abs() < np.inf, "is_inf": lambda x: x.abs().equals(np.inf),
    "is_nan": Operand.is_nan, "floor_div": lambda x, y: (x / y).intrinsic("floor"), "floor_mod": _floor_mod,
    "trunc_div": lambda x, y: (x / y).intrinsic("trunc"), "trunc_mod": lambda x, y: x.op("frem", y),
}  # fmt: skip


def _signed(x: Operand) -> bool:
    return x.dtype.kind == "i"


def _integer_abs(x: Operand) -> Operand:
    return (x < 0).select(-x, x) if _signed(x) else x


def _integer_sign(x: Operand) -> Operand:
    positive = cast(x.compare("ne", 0), x.dtype)
    return (x < 0).select(-1, positive) if _signed(x) else positive


def _extreme(name: str) -> Callable[[Operand, Operand], Operand]:
    return lambda x, y: x.intrinsic(("s" if _signed(x) else "u") + name, y)


def _trunc_div(x: Operand, y: Operand) -> Operand:
    if not _signed(x):
        return x.op("udiv", y)
    is_minus_one = y.equals(-1)  # the smallest number divided by -1 would trap
    return is_minus_one.select(-x, x.op("sdiv", is_minus_one.select(1, y)))


def _trunc_mod(x: Operand, y: Operand) -> Operand:
    if not _signed(x):
        return x.op("urem", y)
    is_minus_one = y.equals(-1)
    return x.op("srem", is_minus_one.select(1, y))


def _floored(r: Operand, y: Operand) -> Operand:
    """Where the remainder has not the divisor's sign."""
    return r.compare("ne", 0) & ((r < 0) ^ (y < 0))


def _integer_floor_div(x: Operand, y: Operand) -> Operand:
    if not _signed(x):
        return x.op("udiv", y)
    q = _trunc_div(x, y)
    return _floored(x - q * y, y).select(q - 1, q)


def _integer_floor_mod(x: Operand, y: Operand) -> Operand:
    r = _trunc_mod(x, y)
    return _floored(r, y).select(r + y, r) if _signed(x) else r


def _shift(signed: str, unsigned: str) -> Callable[[Operand, Operand], Operand]:
    def shift(x: Operand, n: Operand) -> Operand:
        bits = 8 * x.dtype.itemsize
        n = _extreme("min")(n, n.const(bits - 1))
        if _signed(x):
            n = _extreme("max")(n, n.const(0))
        return x.op(signed if _signed(x) else unsigned, n)

    return shift


_INTEGER: dict[str, Callable[..., Operand]] = {
    "abs": _integer_abs, "sign": _integer_sign, "maximum": _extreme("max"), "minimum": _extreme("min"), "trunc_div": _trunc_div,
    "trunc_mod": _trunc_mod, "floor_div": _integer_floor_div, "floor_mod": _integer_floor_mod, "shift_left": _shift("shl", "shl"),
    "shift_right": _shift("ashr", "lshr"),
}  # fmt: skip


def is_lowered(op: str, dtype: np.dtype) -> bool:
    """Whether there are instructions for a primitive on operands of `dtype`."""
    if is_narrow(dtype):
        return op in ("cast", "bitcast", "copy", "select")
    table: dict[str, Any] = _FLOAT if dtype.kind == "f" else _INTEGER
    common = (_REAL, _BITS) if dtype.kind != "f" else (_REAL, vector_math.FUNCTIONS, vector_math.LIBM)
    return (
        op in table
        or any(op in names for names in common)
        or op in ("cast", "bitcast", "bounded")
        or op.startswith("reduce_")
    )
