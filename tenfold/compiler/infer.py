"""Shapes and dtypes of results, by primitive; what does not fit raises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from tenfold.compiler.program import Spec, StackSpec

BOOL = np.dtype(np.bool_)


@dataclass(frozen=True)
class Elementwise:
    """What an element-wise primitive takes: how many operands, of which kinds of dtype; whether the result is boolean."""

    arity: int
    kinds: str  # of NumPy: f float, i signed, u unsigned, b bool
    is_predicate: bool = False


_FLOAT, _REAL, _ANY = "f", "fiu", "fiub"
ELEMENTWISE = {
    "copy": Elementwise(1, _ANY + "c"),
    **{name: Elementwise(1, _REAL) for name in ("neg", "abs", "sign")},
    **{
        name: Elementwise(1, _FLOAT)
        for name in (
            "sqrt", "rsqrt", "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "erfc", "sin", "cos", "tan", "asin", "acos",
            "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "lgamma", "floor", "ceil", "round", "trunc",
        )
    },
    **{name: Elementwise(1, _FLOAT, True) for name in ("is_finite", "is_inf", "is_nan")},
    "logical_not": Elementwise(1, "b"),
    "bitwise_not": Elementwise(1, "iu"),
    **{name: Elementwise(2, _REAL) for name in ("add", "sub", "mul", "minimum", "maximum", "floor_div", "floor_mod", "trunc_div", "trunc_mod", "pow")},
    **{name: Elementwise(2, _FLOAT) for name in ("div", "atan2")},
    **{name: Elementwise(2, _ANY, True) for name in ("eq", "ne")},
    **{name: Elementwise(2, _REAL, True) for name in ("lt", "le", "gt", "ge")},
    **{name: Elementwise(2, "b") for name in ("logical_and", "logical_or", "logical_xor")},
    **{name: Elementwise(2, "iu") for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "shift_left", "shift_right")},
}  # fmt: skip
REDUCTIONS = {"reduce_sum": _REAL, "reduce_prod": _REAL, "reduce_max": _REAL, "reduce_min": _REAL, "reduce_any": "b", "reduce_all": "b"}  # fmt: skip
ARG_REDUCTIONS = ("argmax", "argmin")

_RULES: dict[str, Callable[..., Any]] = {}


def kind(dtype: np.dtype) -> str:
    """NumPy's letter for the kind of a dtype; the float types of ml_dtypes are `f` too."""
    return "f" if dtype.kind == "V" else dtype.kind


def infer(op: str, specs: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """The Spec (for control flow: a tuple of Specs) of what a primitive makes of operands with these Specs.

    Raises:
      TypeError: a dtype that the primitive does not take.
      ValueError: shapes or attributes that do not fit.
    """
    rule = ELEMENTWISE.get(op)
    if rule is not None:
        return _elementwise(op, rule, specs)
    if op in REDUCTIONS:
        _check_kind(op, specs[0].dtype, REDUCTIONS[op])
        return Spec(_without(op, specs[0].shape, **attrs), specs[0].dtype)
    return _RULES[op](*specs, **attrs)


def rule(function: Callable[..., Any]) -> Callable[..., Any]:
    """Registers the rule of the primitive that has the function's name."""
    _RULES[function.__name__.strip("_")] = function
    return function


def check(condition: bool, text: str) -> None:
    if not condition:
        raise ValueError(text)


def _check_kind(op: str, dtype: np.dtype, kinds: str) -> None:
    if kind(dtype) not in kinds:
        raise TypeError(f"{op}: {dtype.name} is not among the kinds of dtype it takes, {kinds!r}")


def _elementwise(op: str, rule: Elementwise, specs: Sequence[Spec]) -> Spec:
    check(len(specs) == rule.arity, f"{op}: got {len(specs)} operands, takes {rule.arity}")
    first = specs[0]
    _check_kind(op, first.dtype, rule.kinds)
    for other in specs[1:]:
        if other != first:
            raise (TypeError if other.dtype != first.dtype else ValueError)(f"{op}: {first} and {other} differ")
    return Spec(first.shape, BOOL) if rule.is_predicate else first


def _without(op: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    check(all(0 <= a < len(shape) for a in axes) and sorted(set(axes)) == list(axes), f"{op}: axes {axes} of {shape}")
    return tuple(n for a, n in enumerate(shape) if a not in axes)


@rule
def constant(*, value):
    return Spec(value.array.shape, value.array.dtype)


@rule
def select(condition, x, y):
    check(condition == Spec(x.shape, BOOL) and x == y, f"select: {condition}, {x}, {y}")
    return x


@rule
def cast(x, *, dtype):
    return Spec(x.shape, dtype)


@rule
def empty(*, shape, dtype):
    return Spec(shape, dtype)


@rule
def iota(*, shape, axis, dtype):
    check(0 <= axis < len(shape), f"iota: axis {axis} of {shape}")
    return Spec(shape, dtype)


@rule
def broadcast(x, *, shape, axes):
    """`axes[i]` is where axis `i` of x goes; an axis of size 1 may become longer."""
    check(
        len(axes) == len(x.shape)
        and list(axes) == sorted(set(axes))
        and all(n in (1, shape[a]) for n, a in zip(x.shape, axes, strict=True)),
        f"broadcast: {x.shape} to {shape} along {axes}",
    )
    return Spec(shape, x.dtype)


@rule
def reshape(x, *, shape):
    check(prod(shape) == x.size, f"reshape: {x.shape} to {shape}")
    return Spec(shape, x.dtype)


@rule
def transpose(x, *, permutation):
    check(sorted(permutation) == list(range(len(x.shape))), f"transpose: {permutation} of {x.shape}")
    return Spec(tuple(x.shape[p] for p in permutation), x.dtype)


@rule
def slice_(x, *, starts, sizes, strides):
    """Element `i` is `x[starts + i * strides]`, `sizes` of them; strides may be negative."""
    for n, start, size, stride in zip(x.shape, starts, sizes, strides, strict=True):
        check(
            size == 0 or (0 <= start < n and 0 <= start + (size - 1) * stride < n),
            f"slice: start {start}, size {size}, stride {stride} of an axis of {n}",
        )
    return Spec(tuple(sizes), x.dtype)


@rule
def bitcast(x, *, dtype):
    check(x.dtype.itemsize == dtype.itemsize and BOOL not in (x.dtype, dtype), f"bitcast: {x} to {dtype.name}")
    return Spec(x.shape, dtype)


@rule
def pad(x, value, *, low, high, inside):
    """`value` before and after each axis, and `inside[a]` times between neighbours."""
    check(
        value == Spec((), x.dtype) and min((*low, *high, *inside), default=0) >= 0, f"pad: {x}, {value}, {low}, {high}"
    )
    sizes = zip(x.shape, low, high, inside, strict=True)
    return Spec(tuple(n + a + b + max(n - 1, 0) * between for n, a, b, between in sizes), x.dtype)


@rule
def window(x, *, taps, strides, dilations):
    """Of `(batch, *spatial, channels)`, what windows see: `(batch, *outputs, *taps, channels)`."""
    batch, *sizes, channels = x.shape
    outputs = tuple((n - (t - 1) * d - 1) // s + 1 for n, t, s, d in zip(sizes, taps, strides, dilations, strict=True))
    check(min(outputs) >= 0 and min(taps) > 0, f"window: of {taps} over {x}, dilated by {dilations}")
    return Spec((batch, *outputs, *taps, channels), x.dtype)


@rule
def concat(*xs, axis):
    first = xs[0]
    for x in xs:
        check(
            x.dtype == first.dtype
            and x.shape[:axis] == first.shape[:axis]
            and x.shape[axis + 1 :] == first.shape[axis + 1 :],
            f"concat: {first} and {x} along axis {axis}",
        )
    return Spec((*first.shape[:axis], sum(x.shape[axis] for x in xs), *first.shape[axis + 1 :]), first.dtype)


def _arg(x, *, axis, dtype):
    check(x.shape[axis] > 0, f"argmax, argmin: axis {axis} of {x.shape} is empty")
    return Spec(x.shape[:axis] + x.shape[axis + 1 :], dtype)


_RULES.update(dict.fromkeys(ARG_REDUCTIONS, _arg))


@rule
def cumulate(x, *, axis, by, exclusive, reverse):
    check(by in ("add", "mul") and 0 <= axis < len(x.shape), f"cumulate: {by} along {axis} of {x}")
    return x


@rule
def argsort(x):
    """The positions, int32, that put the last axis in order, the least first, equal elements in their order."""
    check(x.dtype == np.int32 and len(x.shape) > 0, f"argsort: {x}")
    return x


@rule
def contract(x, y, *, transpose_x, transpose_y, order=None):
    """Batched matrix product: `(..., m, k)` by `(..., k, n)`, each transposed in its last two axes if so said.

    `order` permutes the axes of the result, `(..., m, n)`, whose last one stays.
    """
    (m, k), (k2, n) = x.shape[-2:][:: -1 if transpose_x else 1], y.shape[-2:][:: -1 if transpose_y else 1]
    check(x.shape[:-2] == y.shape[:-2] and k == k2 and x.dtype == y.dtype, f"contract: {x} by {y}")
    shape = (*x.shape[:-2], m, n)
    if order is None:
        return Spec(shape, x.dtype)
    check(sorted(order) == list(range(len(shape))) and order[-1] == len(shape) - 1, f"contract: order {order}")
    return Spec(tuple(shape[a] for a in order), x.dtype)


def convolution_outputs(inputs, taps, strides, dilations, padding):
    """Spatial sizes of a convolution's output."""
    return tuple(
        (n + low + high - (t - 1) * d - 1) // s + 1
        for n, t, s, d, (low, high) in zip(inputs, taps, strides, dilations, padding, strict=True)
    )


def _convolved(x: Spec, w: Spec, strides: Any, dilations: Any, padding: Any, groups: int) -> Spec:
    check(
        len(x.shape) == len(w.shape)
        and x.dtype == w.dtype
        and x.shape[-1] == w.shape[-2] * groups
        and w.shape[-1] % groups == 0,
        f"convolution: {x} by {w}, {groups} groups",
    )
    outputs = convolution_outputs(x.shape[1:-1], w.shape[:-2], strides, dilations, padding)
    check(min(outputs) >= 0, f"convolution: {w} is larger than {x}")
    return Spec((x.shape[0], *outputs, w.shape[-1]), x.dtype)


@rule
def convolution(x, w, *, strides, dilations, padding, groups):
    """x `(batch, *spatial, channels)` by w `(*taps, channels / groups, filters)`, padding `(before, after)` for each axis."""
    return _convolved(x, w, strides, dilations, padding, groups)


@rule
def convolution_input_gradient(dy, w, *, shape, strides, dilations, padding, groups):
    check(
        _convolved(Spec(shape, dy.dtype), w, strides, dilations, padding, groups) == dy,
        f"convolution_input_gradient: {dy}, {w}, {shape}",
    )
    return Spec(shape, dy.dtype)


@rule
def convolution_filter_gradient(x, dy, *, shape, strides, dilations, padding, groups):
    check(
        _convolved(x, Spec(shape, dy.dtype), strides, dilations, padding, groups) == dy,
        f"convolution_filter_gradient: {x}, {dy}, {shape}",
    )
    return Spec(shape, dy.dtype)


@rule
def gather(x, indices, *, axis, batch_dims, in_range=False):
    """`result[b..., a..., i..., c...] = x[b..., a..., indices[b..., i...], c...]`; indices that are known to be in range are not checked."""
    check(
        kind(indices.dtype) in "iu"
        and batch_dims <= min(axis, len(indices.shape))
        and axis < len(x.shape)
        and x.shape[:batch_dims] == indices.shape[:batch_dims],
        f"gather: {indices} from axis {axis} of {x}, batch_dims {batch_dims}",
    )
    return Spec((*x.shape[:axis], *indices.shape[batch_dims:], *x.shape[axis + 1 :]), x.dtype)


@rule
def scatter_add(base, indices, updates, skips_negative=False):
    """`base` with `updates[i...]` added to the row `base[indices[i...]]`, in order; negative indices are errors, or skipped."""
    check(
        kind(indices.dtype) in "iu"
        and updates.shape == indices.shape + base.shape[1:]
        and updates.dtype == base.dtype
        and len(base.shape) > 0,
        f"scatter_add: {updates} at {indices} to {base}",
    )
    return base


@rule
def scatter_fold(base, indices, updates, by, skips_negative=False):
    """As `scatter_add`, by another primitive: what the row and the update give takes its place."""
    check(by in ("mul", "maximum", "minimum"), f"scatter_fold: by {by}")
    return scatter_add(base, indices, updates)


@rule
def write(x, index, value):
    """`x` with row `index` of its first axis replaced by `value`."""
    check(
        kind(index.dtype) in "iu" and index.shape == () and value == Spec(x.shape[1:], x.dtype) and len(x.shape) > 0,
        f"write: {value} at {index} of {x}",
    )
    return x


@rule
def item(x, *, index):
    return x[index]


@rule
def cond(predicate, *operands, then, otherwise):
    check(
        predicate == Spec((), BOOL)
        and then.input_specs == otherwise.input_specs == operands
        and then.output_specs == otherwise.output_specs,
        "cond: the branches' inputs or outputs differ",
    )
    check(not any(isinstance(s, StackSpec) for s in then.output_specs), "cond: a branch may not return a stack")
    return then.output_specs


@rule
def count(x):
    check(isinstance(x, StackSpec), f"count: {x} is no stack")
    return Spec((), np.dtype(np.int64))


@rule
def while_loop(*operands, cond, body, pops=0, pushes=0):
    """Operands are the state, the stacks whose rows the body takes, then what stays as it is; the body gives the new state, then
    the rows of new stacks.
    """
    count = len(body.outputs) - pushes
    state, rows = operands[:count], operands[count : count + pops]
    check(
        cond.output_specs == (Spec((), BOOL),)
        and cond.input_specs == operands
        and all(isinstance(s, StackSpec) for s in rows)
        and body.input_specs == (*state, *(s.row for s in rows), *operands[count + pops :])
        and body.output_specs[:count] == state,
        "while_loop: the state's shapes or dtypes change",
    )
    check(
        not (pops or pushes) or state[0] == Spec((), np.dtype(np.int64)),
        "while_loop: the state of a loop with stacks begins with a counter",
    )
    check(
        not any(isinstance(s, StackSpec) for s in body.output_specs),
        "while_loop: a stack may not change from turn to turn",
    )
    return (*state, *map(StackSpec.of, body.output_specs[count:]))
