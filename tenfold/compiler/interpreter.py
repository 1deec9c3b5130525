"""Runs a program on NumPy, an instruction at a time: what every compiled program is tested against."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.compiler.infer import ELEMENTWISE, kind
from tenfold.compiler.program import Instruction, Program
from tenfold.core.errors import InvalidArgumentError


def interpret(program: Program, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """The outputs of `program` for these inputs; updates are written to `arrays` in place.

    Raises:
      InvalidArgumentError: an index out of range, or an integer divided by zero.
    """
    values: list[Any] = []
    with np.errstate(all="ignore"):
        for i in program.instructions:
            operands = [values[o] for o in i.operands]
            values.append(arrays[i["number"]] if i.op == "input" else _run(i, operands))
    outputs = tuple(np.array(values[o]) for o in program.outputs)
    for number, value in [(number, np.array(values[at])) for number, at in program.updates]:
        arrays[number][...] = value
    return outputs


def _run(i: Instruction, operands: list[Any]) -> Any:
    if i.op in ELEMENTWISE or i.op == "bitcast":
        return elementwise(i.op, operands, i.dtype)
    return np.asarray(_OTHERS[i.op](*operands, **dict(i.attrs))) if i.op not in _FLOW else _FLOW[i.op](i, operands)


def elementwise(op: str, operands: Sequence[np.ndarray], dtype: np.dtype) -> np.ndarray:
    """What an element-wise primitive, `select` or `cast` gives, of `dtype`."""
    if op in _INTEGER_DIVISION and kind(dtype) != "f" and not operands[1].all():
        raise InvalidArgumentError("Integer division by zero")
    if op in ("select", "cast"):
        return (np.where(*operands) if op == "select" else operands[0]).astype(dtype)
    if op == "bitcast":
        return np.ascontiguousarray(operands[0]).view(dtype).reshape(operands[0].shape)
    return np.asarray(_ELEMENTWISE[op](*operands)).astype(dtype, copy=False)


_INTEGER_DIVISION = ("floor_div", "floor_mod", "trunc_div", "trunc_mod")


def _libm(name: str) -> Callable[[np.ndarray], np.ndarray]:
    function = np.frompyfunc(lambda x: _guarded(getattr(math, name), x), 1, 1)
    return lambda x: np.asarray(function(x.astype(np.float64))).astype(x.dtype)


def _guarded(function: Callable[[float], float], x: float) -> float:
    try:
        return function(x)
    except (OverflowError, ValueError):  # lgamma at its poles, and of -inf
        return math.inf


def _sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def _shift(operation: np.ufunc) -> Callable[..., np.ndarray]:
    def shift(x: np.ndarray, n: np.ndarray) -> np.ndarray:
        bits = 8 * x.dtype.itemsize
        return operation(x, np.clip(n, 0, bits - 1))  # as TensorFlow clamps them

    return shift


def _trunc_div(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.dtype.kind == "f":
        return np.trunc(x / y)
    q = np.floor_divide(x, y)
    return q + ((q < 0) & (q * y != x)) if x.dtype.kind == "i" else q


_ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "copy": np.array, "neg": np.negative, "abs": np.abs, "sign": np.sign, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x),
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh, "sigmoid": _sigmoid, "erf": _libm("erf"),
    "erfc": _libm("erfc"), "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "lgamma": _libm("lgamma"),
    "floor": np.floor, "ceil": np.ceil, "round": np.rint, "trunc": np.trunc, "is_finite": np.isfinite, "is_inf": np.isinf,
    "is_nan": np.isnan, "logical_not": np.logical_not, "bitwise_not": np.invert, "add": np.add, "sub": np.subtract,
    "mul": np.multiply, "div": np.divide, "minimum": np.minimum, "maximum": np.maximum, "pow": np.power, "atan2": np.arctan2,
    "floor_div": lambda x, y: np.floor(x / y) if x.dtype.kind == "f" else np.floor_divide(x, y), "floor_mod": np.mod,
    "trunc_div": _trunc_div, "trunc_mod": np.fmod, "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal,
    "gt": np.greater, "ge": np.greater_equal, "logical_and": np.logical_and, "logical_or": np.logical_or,
    "logical_xor": np.logical_xor, "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor,
    "shift_left": _shift(np.left_shift), "shift_right": _shift(np.right_shift),
}  # fmt: skip


def _broadcast(x: np.ndarray, *, shape: Any, axes: Any) -> np.ndarray:
    sizes = iter(x.shape)
    return np.broadcast_to(x.reshape([next(sizes) if a in axes else 1 for a in range(len(shape))]), shape)


def _iota(*, shape: Any, axis: int, dtype: np.dtype) -> np.ndarray:
    return _broadcast(np.arange(shape[axis], dtype=dtype), shape=shape, axes=(axis,))


def _slice(x: np.ndarray, *, starts: Any, sizes: Any, strides: Any) -> np.ndarray:
    for a, (start, size, stride) in enumerate(zip(starts, sizes, strides, strict=True)):
        x = np.take(x, start + np.arange(size) * stride, axis=a)
    return x


def _reduce(operation: Any) -> Callable[..., np.ndarray]:
    identity = {np.maximum: -np.inf, np.minimum: np.inf}

    def reduce(x: np.ndarray, *, axes: Any) -> np.ndarray:
        initial = operation.identity
        if initial is None:
            info = np.finfo if x.dtype.kind == "f" else np.iinfo
            initial = (
                identity[operation]
                if x.dtype.kind == "f"
                else (info(x.dtype).min if operation is np.maximum else info(x.dtype).max)
            )
        wide = np.float64 if x.dtype == np.float32 else x.dtype
        return operation.reduce(x.astype(wide), axis=axes, initial=initial, dtype=wide).astype(x.dtype)

    return reduce


def _cumulate(x: np.ndarray, *, axis: int, by: str, exclusive: bool, reverse: bool) -> np.ndarray:
    operation: Any = np.add if by == "add" else np.multiply
    x = np.moveaxis(x, axis, 0)[:: -1 if reverse else 1]
    if exclusive and len(x):
        x = np.concatenate([np.full_like(x[:1], operation.identity), x[:-1]])
    y = operation.accumulate(x, axis=0, dtype=x.dtype)
    return np.moveaxis(y[:: -1 if reverse else 1], 0, axis)


def _argsort(x: np.ndarray) -> np.ndarray:
    return np.argsort(x, -1, "stable").astype(np.int32)


def _contract(
    x: np.ndarray, y: np.ndarray, *, transpose_x: bool, transpose_y: bool, order: tuple[int, ...] | None = None
) -> np.ndarray:
    x, y = (np.swapaxes(v, -1, -2) if t else v for v, t in ((x, transpose_x), (y, transpose_y)))
    wide = np.float64 if x.dtype == np.float32 else x.dtype
    product = np.matmul(x.astype(wide), y.astype(wide)).astype(x.dtype)
    return product if order is None else product.transpose(order)


def _checked(indices: np.ndarray, size: int) -> np.ndarray:
    wrong = (indices < 0) | (indices >= size)
    if wrong.any():
        at = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise InvalidArgumentError(index_error(tuple(map(int, at)), int(indices[at]), size))
    return indices.astype(np.intp)


def index_error(at: tuple[int, ...], value: int, size: int) -> str:
    """TensorFlow's text about an index out of range."""
    where = f"indices[{','.join(map(str, at))}]" if at else "indices"
    return f"{where} = {value} is not in [0, {size})"


def _gather(x: np.ndarray, indices: np.ndarray, *, axis: int, batch_dims: int, in_range: bool = False) -> np.ndarray:
    indices = _checked(indices, x.shape[axis])
    if not batch_dims:
        return np.take(x, indices, axis=axis)
    rows = [_gather(x[b], indices[b], axis=axis - 1, batch_dims=batch_dims - 1) for b in range(len(x))]
    return (
        np.stack(rows)
        if rows
        else np.zeros((*x.shape[:axis], *indices.shape[batch_dims:], *x.shape[axis + 1 :]), x.dtype)
    )


def _scatter(
    base: np.ndarray, indices: np.ndarray, updates: np.ndarray, by: str = "add", skips_negative: bool = False
) -> np.ndarray:
    result = np.array(base)
    if skips_negative:
        indices, updates = indices[indices >= 0], updates[indices >= 0]
    _SCATTERS[by].at(result, _checked(indices, len(base)), updates)
    return result


_SCATTERS = {"add": np.add, "mul": np.multiply, "maximum": np.maximum, "minimum": np.minimum}


def _pad(x: np.ndarray, value: np.ndarray, *, low: Any, high: Any, inside: Any) -> np.ndarray:
    sizes = zip(x.shape, low, high, inside, strict=True)
    result = np.full([n + a + b + max(n - 1, 0) * between for n, a, b, between in sizes], value, x.dtype)
    places = zip(x.shape, low, inside, strict=True)
    result[tuple(slice(a, a + n + max(n - 1, 0) * between, between + 1) for n, a, between in places)] = x
    return result


def _window(x: np.ndarray, *, taps: Any, strides: Any, dilations: Any) -> np.ndarray:
    rank = len(taps)
    spans = [(t - 1) * d + 1 for t, d in zip(taps, dilations, strict=True)]
    seen = np.lib.stride_tricks.sliding_window_view(x, spans, tuple(range(1, rank + 1)))
    steps = [slice(None, None, s) for s in strides]
    seen = seen[(slice(None), *steps, slice(None), *(slice(None, None, d) for d in dilations))]
    return np.moveaxis(seen, rank + 1, -1)  # it was (batch, *outputs, channels, *taps)


def _patches(x: np.ndarray, taps: Any, strides: Any, dilations: Any, padding: Any, groups: int) -> np.ndarray:
    """(batch, *outputs, groups, *taps, channels / groups)"""
    x = np.pad(x, [(0, 0), *padding, (0, 0)])
    seen = _window(x, taps=taps, strides=strides, dilations=dilations)
    return np.moveaxis(seen.reshape(*seen.shape[:-1], groups, -1), -2, len(taps) + 1)


def _grouped(w: np.ndarray, groups: int) -> np.ndarray:
    """(groups, *taps, channels / groups, filters / groups)"""
    return np.moveaxis(w.reshape(*w.shape[:-1], groups, -1), -2, 0)


def _convolution(
    x: np.ndarray, w: np.ndarray, *, strides: Any, dilations: Any, padding: Any, groups: int
) -> np.ndarray:
    rank = w.ndim - 2
    patches = _patches(_wide(x), w.shape[:-2], strides, dilations, padding, groups)
    kernels = _grouped(_wide(w), groups)
    columns = patches.reshape(*patches.shape[: rank + 2], -1)
    y = np.einsum("...gk,gkf->...gf", columns, kernels.reshape(groups, -1, kernels.shape[-1]))
    return y.reshape(*y.shape[:-2], -1).astype(x.dtype)


def _convolution_filter_gradient(
    x: np.ndarray, dy: np.ndarray, *, shape: Any, strides: Any, dilations: Any, padding: Any, groups: int
) -> np.ndarray:
    rank = len(shape) - 2
    patches = _patches(_wide(x), shape[:-2], strides, dilations, padding, groups)
    columns = patches.reshape(-1, groups, int(np.prod(patches.shape[rank + 2 :])))
    dw = np.einsum("ngk,ngf->kgf", columns, _wide(dy).reshape(-1, groups, shape[-1] // groups))
    return dw.reshape(shape).astype(x.dtype)


def _convolution_input_gradient(
    dy: np.ndarray, w: np.ndarray, *, shape: Any, strides: Any, dilations: Any, padding: Any, groups: int
) -> np.ndarray:
    rank = w.ndim - 2
    sizes = [n + low + high for n, (low, high) in zip(shape[1:-1], padding, strict=True)]
    padded = np.zeros([shape[0], *sizes, shape[-1]], _wide(dy).dtype)
    kernels = _grouped(_wide(w), groups)
    grouped = _wide(dy).reshape(*dy.shape[:-1], groups, w.shape[-1] // groups)
    for tap in np.ndindex(w.shape[:rank]):
        part = np.einsum("...gf,gcf->...gc", grouped, kernels[(slice(None), *tap)])
        spots = zip(tap, dilations, strides, dy.shape[1:-1], strict=True)
        where = (slice(None), *(slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, s, n in spots))
        padded[where] += part.reshape(*part.shape[:-2], -1)
    inside = [slice(low, low + n) for n, (low, _) in zip(shape[1:-1], padding, strict=True)]
    return padded[(slice(None), *inside)].astype(dy.dtype)


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float64) if x.dtype == np.float32 else x


def _write(x: np.ndarray, index: np.ndarray, value: np.ndarray) -> np.ndarray:
    result = np.array(x)
    result[_checked(index, len(x))] = value
    return result


def _cast(x: np.ndarray, *, dtype: np.dtype) -> np.ndarray:
    return x.astype(dtype)


_OTHERS: dict[str, Callable[..., Any]] = {
    "constant": lambda *, value: value.array, "count": lambda x: np.array(len(x)), "iota": _iota, "empty": np.zeros, "select": np.where, "cast": _cast, "broadcast": _broadcast,
    "reshape": lambda x, *, shape: x.reshape(shape), "transpose": lambda x, *, permutation: x.transpose(permutation), "slice": _slice,
    "pad": _pad,
    "window": _window,
    "convolution": _convolution,
    "convolution_input_gradient": _convolution_input_gradient,
    "convolution_filter_gradient": _convolution_filter_gradient,
    "concat": lambda *xs, axis: np.concatenate(xs, axis), "cumulate": _cumulate, "argsort": _argsort, "contract": _contract, "gather": _gather,
    "scatter_add": _scatter, "scatter_fold": _scatter, "write": _write, "argmax": lambda x, *, axis, dtype: np.argmax(x, axis).astype(dtype),
    "argmin": lambda x, *, axis, dtype: np.argmin(x, axis).astype(dtype), "reduce_sum": _reduce(np.add), "reduce_prod": _reduce(np.multiply),
    "reduce_max": _reduce(np.maximum), "reduce_min": _reduce(np.minimum), "reduce_any": _reduce(np.logical_or),
    "reduce_all": _reduce(np.logical_and),
}  # fmt: skip


def _cond(i: Instruction, operands: list[Any]) -> tuple[np.ndarray, ...]:
    return interpret(i["then"] if operands[0] else i["otherwise"], operands[1:])


def _while(i: Instruction, operands: list[Any]) -> tuple[np.ndarray, ...]:
    attrs: dict[str, Any] = dict(i.attrs)
    pops, pushes = attrs.get("pops", 0), attrs.get("pushes", 0)
    count = len(i.spec) - pushes
    state, stacks, constants = operands[:count], operands[count : count + pops], operands[count + pops :]
    pushed: list[dict[int, np.ndarray]] = [{} for _ in range(pushes)]
    while interpret(i["cond"], [*state, *stacks, *constants])[0]:
        turn = int(state[0]) if pops or pushes else 0
        found = interpret(i["body"], [*state, *[stack[turn] for stack in stacks], *constants])
        state = list(found[:count])
        for rows, row in zip(pushed, found[count:], strict=True):
            rows[turn] = row
    specs = [spec.row for spec in i.spec[count:]]
    arrays = [np.array([rows[t] for t in range(len(rows))], s.dtype) for rows, s in zip(pushed, specs, strict=True)]
    return (*state, *[a.reshape(-1, *s.shape) for a, s in zip(arrays, specs, strict=True)])


_FLOW: dict[str, Callable[..., Any]] = {
    "cond": _cond,
    "while_loop": _while,
    "item": lambda i, operands: operands[0][i["index"]],
}
