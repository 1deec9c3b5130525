"""Writes programs: a method per primitive, TensorFlow's broadcasting, Python numbers, operators, and a few compositions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.compiler.einsum import einsum
from tenfold.compiler.infer import ELEMENTWISE
from tenfold.compiler.program import Instruction, Literal, Program, Rewriter, Spec


class Value:
    """The result of an instruction while a program is being written."""

    __slots__ = ("builder", "at", "spec", "shape", "dtype")

    def __init__(self, builder: Builder, at: int, spec: Spec):
        self.builder, self.at, self.spec, self.shape, self.dtype = builder, at, spec, spec.shape, spec.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        return f"%{self.at} : {self.spec}"

    def __add__(self, other: Any) -> Value:
        return self.builder.add(self, other)

    def __sub__(self, other: Any) -> Value:
        return self.builder.sub(self, other)

    def __mul__(self, other: Any) -> Value:
        return self.builder.mul(self, other)

    def __truediv__(self, other: Any) -> Value:
        return self.builder.div(self, other)

    def __radd__(self, other: Any) -> Value:
        return self.builder.add(other, self)

    def __rsub__(self, other: Any) -> Value:
        return self.builder.sub(other, self)

    def __rmul__(self, other: Any) -> Value:
        return self.builder.mul(other, self)

    def __rtruediv__(self, other: Any) -> Value:
        return self.builder.div(other, self)

    def __neg__(self) -> Value:
        return self.builder.neg(self)


class Builder:
    """Builds one `Program`.

    Every element-wise primitive of `infer.ELEMENTWISE` is a method: `b.add(x, y)`, `b.tanh(x)`. Operands are values of this builder,
    or Python numbers and NumPy scalars, which take the other operand's dtype; shapes broadcast as TensorFlow's do.

    Example:
      >>> b = Builder()
      >>> x = b.input((4,), "float32")
      >>> program = b.program([b.exp(x) + 1.0])
      >>> program.output_specs[0].shape
      (4,)
    """

    if TYPE_CHECKING:  # the methods made from tables, below

        def __getattr__(self, op: str) -> Callable[..., Value]: ...

    def __init__(self) -> None:
        self._rewriter = Rewriter()
        self._constants: dict[Literal, Value] = {}
        self._inputs: list[Value] = []
        self._updates: dict[int, Value] = {}

    # Making programs.

    def input(self, shape: Sequence[int], dtype: Any) -> Value:
        return self.input_of(Spec(tuple(map(int, shape)), np.dtype(dtype)))

    def input_of(self, spec: Spec) -> Value:
        at = self._rewriter.append(Instruction("input", (), (("number", len(self._inputs)),), spec))
        self._inputs.append(Value(self, at, spec))
        return self._inputs[-1]

    def update(self, variable: Value, value: Any) -> None:
        """The input `variable` holds `value` when the program is done; what reads `variable` still sees the old one."""
        number = next((n for n, known in enumerate(self._inputs) if known.at == variable.at), None)
        value = self.convert(value, variable.dtype)
        if number is None or value.spec != variable.spec:
            raise ValueError(f"update: {variable.spec} = {value.spec}; the first must be an input, and the specs equal")
        self._updates[number] = value

    def program(self, outputs: Sequence[Value]) -> Program:
        updates = tuple((number, value.at) for number, value in sorted(self._updates.items()))
        return Program(tuple(self._rewriter.instructions), tuple(o.at for o in outputs), updates)

    @property
    def instructions(self) -> list[Instruction]:
        """Those written so far."""
        return self._rewriter.instructions

    def take_back(self, count: int) -> None:
        """Leaves the first `count` instructions."""
        del self._rewriter.instructions[count:]
        self._constants = {literal: value for literal, value in self._constants.items() if value.at < count}

    def _emit(self, op: str, *operands: Value, **attrs: Any) -> Value:
        at = self._rewriter.emit(op, (o.at for o in operands), **attrs)
        return Value(self, at, self._rewriter[at].spec)

    # Constants and operands.

    def constant(self, value: Any, dtype: Any = None) -> Value:
        """A value known beforehand; what is the same everywhere is one number, repeated."""
        array = np.array(value, dtype)
        if array.size > 1 and _is_uniform(array):
            return self.broadcast_to(self.constant(array.flat[0], array.dtype), array.shape)
        literal = Literal(array)
        known = self._constants.get(literal)
        if known is None:
            known = self._constants[literal] = self._emit("constant", value=literal)
        return known

    def full(self, shape: Sequence[int], value: Any, dtype: Any) -> Value:
        return self.broadcast_to(self.constant(value, dtype), shape)

    def empty(self, shape: Sequence[int], dtype: Any) -> Value:
        """An array of which nothing is read before it is written, as the first value of a loop that fills it."""
        return self._emit("empty", shape=tuple(shape), dtype=np.dtype(dtype))

    def iota(self, shape: Sequence[int], axis: int, dtype: Any) -> Value:
        """The index along `axis` of each element."""
        return self._emit("iota", shape=tuple(shape), axis=axis, dtype=np.dtype(dtype))

    def convert(self, value: Any, dtype: Any) -> Value:
        """`value` itself if it is one, else a constant."""
        return value if isinstance(value, Value) else self.constant(value, dtype)

    def operands(self, *values: Any) -> list[Value]:
        """Values of one shape, from values and numbers; numbers take the dtype of the first value."""
        dtype = next(v.dtype for v in values if isinstance(v, Value))
        converted = [self.convert(v, dtype) for v in values]
        shape = np.broadcast_shapes(*(v.shape for v in converted))
        return [self.broadcast_to(v, shape) for v in converted]

    # Views.

    def broadcast_to(self, x: Value, shape: Sequence[int]) -> Value:
        shape = tuple(shape)
        if x.shape == shape:
            return x
        return self._emit("broadcast", x, shape=shape, axes=tuple(range(len(shape) - x.ndim, len(shape))))

    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        shape = tuple(shape)
        return x if x.shape == shape else self._emit("reshape", x, shape=shape)

    def expand_dims(self, x: Value, axes: Sequence[int]) -> Value:
        """Puts axes of size 1 where the result has `axes`."""
        rest = iter(x.shape)
        return self.reshape(x, [1 if a in axes else next(rest) for a in range(x.ndim + len(axes))])

    def squeeze(self, x: Value, axes: Sequence[int]) -> Value:
        return self.reshape(x, [n for a, n in enumerate(x.shape) if a not in axes])

    def transpose(self, x: Value, permutation: Sequence[int]) -> Value:
        permutation = tuple(permutation)
        return x if permutation == tuple(range(x.ndim)) else self._emit("transpose", x, permutation=permutation)

    def slice(
        self, x: Value, starts: Sequence[int], sizes: Sequence[int], strides: Sequence[int] | None = None
    ) -> Value:
        """`sizes[a]` elements along each axis, from `starts[a]`, every `strides[a]`-th, backwards if negative."""
        strides = tuple(strides or (1,) * x.ndim)
        if tuple(sizes) == x.shape and strides == (1,) * x.ndim and not any(starts):
            return x
        return self._emit("slice", x, starts=tuple(starts), sizes=tuple(sizes), strides=strides)

    def reverse(self, x: Value, axes: Sequence[int]) -> Value:
        starts = [n - 1 if a in axes and n else 0 for a, n in enumerate(x.shape)]
        return self.slice(x, starts, x.shape, [-1 if a in axes else 1 for a in range(x.ndim)])

    def pad(
        self, x: Value, low: Sequence[int], high: Sequence[int], value: Any = 0, inside: Sequence[int] | None = None
    ) -> Value:
        """`value` before and after each axis, and `inside[a]` times between neighbours."""
        inside = tuple(inside or (0,) * x.ndim)
        if not any((*low, *high, *inside)):
            return x
        return self._emit("pad", x, self.convert(value, x.dtype), low=tuple(low), high=tuple(high), inside=inside)

    def window(
        self,
        x: Value,
        taps: Sequence[int],
        strides: Sequence[int] | None = None,
        dilations: Sequence[int] | None = None,
    ) -> Value:
        """Of `(batch, *spatial, channels)`, what windows see: `(batch, *outputs, *taps, channels)`."""
        ones = (1,) * len(taps)
        return self._emit(
            "window", x, taps=tuple(taps), strides=tuple(strides or ones), dilations=tuple(dilations or ones)
        )

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        return values[0] if len(values) == 1 else self._emit("concat", *values, axis=axis)

    # Element-wise, other than the methods made from the table.

    def select(self, condition: Any, x: Any, y: Any) -> Value:
        dtype = next((v.dtype for v in (x, y) if isinstance(v, Value)), None)
        x, y = self.convert(x, dtype), self.convert(y, dtype)
        return self._emit("select", *self.operands(self.convert(condition, np.bool_), x, y))

    where = select

    def bitcast(self, x: Value, dtype: Any) -> Value:
        """The same bits as another dtype of the same size."""
        dtype = np.dtype(dtype)
        return x if x.dtype == dtype else self._emit("bitcast", x, dtype=dtype)

    def cast(self, x: Value, dtype: Any) -> Value:
        """As TensorFlow converts: to bool whether not 0, floats to integers towards 0."""
        dtype = np.dtype(dtype)
        return x if x.dtype == dtype else self._emit("cast", x, dtype=dtype)

    def square(self, x: Value) -> Value:
        return self.mul(x, x)

    # Reductions; `axes` are all axes if not given.

    def reduce(self, op: str, x: Value, axes: Sequence[int] | None = None, keepdims: bool = False) -> Value:
        axes = tuple(range(x.ndim)) if axes is None else tuple(sorted(a % x.ndim for a in axes))
        y = self._emit(f"reduce_{op}", x, axes=axes) if axes else x
        return self.expand_dims(y, axes) if keepdims else y

    def reduce_mean(self, x: Value, axes: Sequence[int] | None = None, keepdims: bool = False) -> Value:
        """That of integers is cut towards 0."""
        wide = {"i": np.int64, "u": np.uint64}.get(x.dtype.kind)
        total = self.reduce("sum", x if wide is None else self.cast(x, wide), axes, keepdims)
        count = x.spec.size // total.spec.size if total.spec.size else 0
        return total / count if wide is None else self.cast(self.trunc_div(total, max(count, 1)), x.dtype)

    def argmax(self, x: Value, axis: int, dtype: Any = np.int64) -> Value:
        """Where the first largest element is; a NaN is larger than all others."""
        return self._emit("argmax", x, axis=axis % x.ndim, dtype=np.dtype(dtype))

    def argmin(self, x: Value, axis: int, dtype: Any = np.int64) -> Value:
        return self._emit("argmin", x, axis=axis % x.ndim, dtype=np.dtype(dtype))

    def cumulate(self, op: str, x: Value, axis: int, exclusive: bool = False, reverse: bool = False) -> Value:
        """Running sum (`op="add"`) or product (`"mul"`) along an axis."""
        return self._emit("cumulate", x, axis=axis % x.ndim, by=op, exclusive=exclusive, reverse=reverse)

    def argsort(self, x: Value) -> Value:
        """The positions, int32, that put int32 in order along the last axis, the least first, equal elements in their order."""
        return self._emit("argsort", x)

    def softmax(self, x: Value) -> Value:
        """Along the last axis."""
        exps = self.exp(x - self.reduce("max", x, [-1], keepdims=True))
        return exps * (1.0 / self.reduce("sum", exps, [-1], keepdims=True))  # a division takes as long as ten products

    # Contractions.

    def contract(self, x: Value, y: Value, transpose_x: bool = False, transpose_y: bool = False) -> Value:
        """Matrix product of the last two axes; leading axes broadcast."""
        batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        x, y = (self.broadcast_to(v, (*batch, *v.shape[-2:])) for v in (x, y))
        return self._emit("contract", x, y, transpose_x=transpose_x, transpose_y=transpose_y)

    def einsum(self, equation: str, x: Value, y: Value) -> Value:
        """Einstein summation of two values; letters are axes, each at most once in an operand."""
        return einsum(self, equation, x, y)

    # Convolutions, channels last; `options`: strides, dilations, padding as pairs (before, after), groups.

    def convolution(self, x: Value, w: Value, **options: Any) -> Value:
        """x `(batch, *spatial, channels)` by w `(*taps, channels / groups, filters)`."""
        return self._emit("convolution", x, w, **_convolution_options(x.ndim - 2, **options))

    def convolution_input_gradient(self, dy: Value, w: Value, shape: Sequence[int], **options: Any) -> Value:
        """The gradient to x, of this shape."""
        options = _convolution_options(dy.ndim - 2, **options)
        return self._emit("convolution_input_gradient", dy, w, shape=tuple(shape), **options)

    def convolution_filter_gradient(self, x: Value, dy: Value, shape: Sequence[int], **options: Any) -> Value:
        """The gradient to w, of this shape."""
        options = _convolution_options(x.ndim - 2, **options)
        return self._emit("convolution_filter_gradient", x, dy, shape=tuple(shape), **options)

    # Indexing.

    def gather(self, x: Value, indices: Value, axis: int = 0, batch_dims: int = 0, in_range: bool = False) -> Value:
        """Slices of `x` along `axis`; an index outside is an `InvalidArgumentError` when the program runs, unless it is known that there is none."""
        known = {"in_range": True} if in_range else {}
        return self._emit("gather", x, indices, axis=axis, batch_dims=batch_dims, **known)

    def scatter_add(self, base: Value, indices: Value, updates: Value, skips_negative: bool = False) -> Value:
        """`base` plus `updates`, row by row of its first axis; rows that occur often add up. Negative indices are errors, or skipped."""
        known = {"skips_negative": True} if skips_negative else {}
        return self._emit("scatter_add", base, indices, updates, **known)

    def scatter_fold(self, by: str, base: Value, indices: Value, updates: Value, skips_negative: bool = False) -> Value:
        """As `scatter_add`, but by "mul", "maximum" or "minimum"."""
        known = {"skips_negative": True} if skips_negative else {}
        return self._emit("scatter_fold", base, indices, updates, by=by, **known)

    def write(self, x: Value, index: Any, value: Value) -> Value:
        """`x` with row `index` of its first axis replaced; in a loop's state, nothing else is copied."""
        return self._emit("write", x, self.convert(index, np.int64), value)

    def segment_sum(self, updates: Value, indices: Value, count: int, skips_negative: bool = False) -> Value:
        shape = (count, *updates.shape[indices.ndim :])
        return self.scatter_add(self.full(shape, 0, updates.dtype), indices, updates, skips_negative)

    def segment_fold(
        self, by: str, updates: Value, indices: Value, count: int, initial: Any, skips_negative: bool = False
    ) -> Value:
        shape = (count, *updates.shape[indices.ndim :])
        return self.scatter_fold(by, self.full(shape, initial, updates.dtype), indices, updates, skips_negative)

    # Control flow.

    def cond(
        self, predicate: Value, then: Callable[..., Any], otherwise: Callable[..., Any], operands: Sequence[Value]
    ) -> list[Value]:
        """`then(b, *operands)` or `otherwise(b, *operands)`; each is called once, with a builder of its own."""
        branches = [trace(branch, [o.spec for o in operands]) for branch in (then, otherwise)]
        return self._items(self._emit_tuple("cond", predicate, *operands, then=branches[0], otherwise=branches[1]))

    def while_loop(
        self,
        cond: Callable[..., Any],
        body: Callable[..., Any],
        state: Sequence[Value],
        constants: Sequence[Value] = (),
        stacks: Sequence[Value] = (),
        pushes: int = 0,
    ) -> list[Value]:
        """`state = body(b, *state, *constants)` as long as `cond(b, *state, *constants)`; gives the last state.

        With stacks, the first part of the state is a counter, int64. `body` takes, after the state, the row of each of `stacks` at the
        counter; its last `pushes` results are rows, put at the counter onto stacks that grow, which are the last results.
        """
        before, after = [o.spec for o in state], [o.spec for o in constants]
        programs = {
            "cond": trace(lambda b, *v: cond(b, *v[: len(before)], *v[len(before) + len(stacks) :]),
                          [*before, *[s.spec for s in stacks], *after]),
            "body": trace(body, [*before, *[s.spec.row for s in stacks], *after]),  # type: ignore[attr-defined]
        }  # fmt: skip
        numbers = {"pops": len(stacks), "pushes": pushes} if stacks or pushes else {}
        return self._items(self._emit_tuple("while_loop", *state, *stacks, *constants, **programs, **numbers))

    def repeated(self, row: Value, count: Value) -> Value:
        """A stack of so many rows, all the same."""
        body = lambda b, i, count, row: [i + 1, row]  # noqa: E731
        first = self.constant(0, np.int64)
        return self.while_loop(lambda b, i, count, row: b.lt(i, count), body, [first], [count, row], pushes=1)[1]

    def count(self, stack: Value) -> Value:
        """How many rows a stack has, int64."""
        return self._emit("count", stack)

    def _emit_tuple(self, op: str, *operands: Value, **attrs: Any) -> int:
        return self._rewriter.emit(op, (o.at for o in operands), **attrs)

    def _items(self, at: int) -> list[Value]:
        specs = self._rewriter[at].spec
        items = (self._rewriter.emit("item", (at,), index=i) for i in range(len(specs)))
        return [Value(self, i, spec) for i, spec in zip(items, specs, strict=True)]


def _is_uniform(array: np.ndarray) -> bool:
    """Whether all elements are the same bits."""
    bits = np.ascontiguousarray(array).reshape(-1).view(f"u{array.itemsize}")
    return bits[0] == bits[-1] and bool((bits == bits[0]).all())


def _convolution_options(
    rank: int, strides: Any = None, dilations: Any = None, padding: Any = None, groups: int = 1
) -> dict[str, Any]:
    ones = (1,) * rank
    padding = tuple(tuple(p) for p in padding or ((0, 0),) * rank)
    return {
        "strides": tuple(strides or ones),
        "dilations": tuple(dilations or ones),
        "padding": padding,
        "groups": groups,
    }


def trace(function: Callable[..., Any], specs: Sequence[Spec]) -> Program:
    """The program of `function(builder, *inputs)`, which returns a value or a sequence of them."""
    b = Builder()
    outputs = function(b, *map(b.input_of, specs))
    return b.program([outputs] if isinstance(outputs, Value) else list(outputs))


def _method(op: str) -> Callable[..., Value]:
    def method(self: Builder, *operands: Any) -> Value:
        return self._emit(op, *self.operands(*operands))

    method.__name__ = op
    return method


def _reduction(op: str) -> Callable[..., Value]:
    def method(self: Builder, x: Value, axes: Sequence[int] | None = None, keepdims: bool = False) -> Value:
        return self.reduce(op, x, axes, keepdims)

    method.__name__ = f"reduce_{op}"
    return method


for _op in ELEMENTWISE:
    setattr(Builder, _op, _method(_op))
for _op in ("sum", "prod", "max", "min", "any", "all"):
    setattr(Builder, f"reduce_{_op}", _reduction(_op))
