"""Random programs for tests: compiled and interpreted, they must say the same."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.executable import compile
from tenfold.compiler.interpreter import interpret
from tenfold.compiler.program import Program

FLOAT_OPS = (
    "neg abs sign sqrt exp log tanh sigmoid sin cos floor ceil round add sub mul div minimum maximum erf log1p expm1 rsqrt floor_div "
    "trunc_div"
).split()
INT_OPS = "neg abs sign add sub mul minimum maximum bitwise_and bitwise_or bitwise_xor bitwise_not shift_left shift_right".split()
COMPARISONS = "eq ne lt le gt ge".split()
DTYPES = "float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
TOLERANCE = {"float32": 2e-5, "float64": 1e-11}


def values(shape: tuple[int, ...], dtype: str, seed: int) -> np.ndarray:
    """Inputs; floats have NaN, infinities, zeros of both signs and denormals among them."""
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind == np.bool_:
        return rng.random(shape) < 0.5
    if kind.kind in "iu":
        info = np.iinfo(kind)
        return rng.integers(max(info.min, -100), min(info.max, 100), shape, endpoint=True).astype(kind)
    array = rng.standard_normal(shape) * 3
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, 1.0]
    where = rng.random(shape) < 0.05
    return np.where(where, rng.choice(special, shape), array).astype(kind)


def assert_same(program: Program, arrays: list[np.ndarray], scale: float = 1.0) -> None:
    """The compiled program agrees with the interpreter, in outputs and in updates."""
    executable = compile(program)
    updated = {number for number, _ in program.updates}
    expected_arrays, given = ([a.copy() if n in updated else a for n, a in enumerate(arrays)] for _ in range(2))
    expected = interpret(program, expected_arrays)
    for _ in range(2):  # the second call uses the arena of the first
        for n in updated:
            given[n][...] = arrays[n]
        found = executable(*given)
        pairs = [*zip(found, expected, strict=True), *((given[n], expected_arrays[n]) for n in sorted(updated))]
        for x, y in pairs:
            assert x.dtype == y.dtype and x.shape == y.shape
            if y.dtype.kind == "f":
                tolerance = TOLERANCE[y.dtype.name] * scale
                np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance, err_msg=str(program))
            else:
                np.testing.assert_array_equal(x, y, err_msg=str(program))


@st.composite
def programs(draw, sizes: tuple[int, ...] = (0, 1, 2, 3, 5, 16, 17, 33, 70)) -> tuple[Program, list[np.ndarray]]:
    """A program of element-wise primitives, views and reductions, and inputs for it."""
    b = Builder()
    dtype = draw(st.sampled_from(DTYPES))
    rank = draw(st.integers(0, 3))
    shape = tuple(draw(st.sampled_from(sizes)) for _ in range(rank))
    inputs: list[Value] = []
    arrays: list[np.ndarray] = []

    def add_input(shape: tuple[int, ...], dtype: str) -> Value:
        inputs.append(b.input(shape, dtype))
        arrays.append(values(shape, dtype, len(inputs)))
        return inputs[-1]

    pool = [add_input(shape, dtype)]
    if draw(st.booleans()):
        pool.append(add_input(tuple(1 if draw(st.booleans()) else n for n in shape), dtype))
    for _ in range(draw(st.integers(1, 9))):
        x = draw(st.sampled_from(pool))
        y = draw(st.sampled_from(pool))
        pool.append(_step(draw, b, x, y))
    outputs = draw(st.lists(st.sampled_from(pool[1:] or pool), min_size=1, max_size=3))
    if draw(st.booleans()):
        candidates = [v for v in pool if v.spec == inputs[0].spec]
        b.update(inputs[0], draw(st.sampled_from(candidates)))
    return b.program(outputs), arrays


def _broadcasts(x: Value, y: Value) -> bool:
    try:
        return np.prod(np.broadcast_shapes(x.shape, y.shape)) <= 20000
    except ValueError:
        return False


def _step(draw, b: Builder, x: Value, y: Value) -> Value:
    choice = draw(
        st.sampled_from(("unary", "binary", "binary", "view", "reduce", "compare", "cast", "normalise", "contract"))
    )
    axes = tuple(a for a in range(x.ndim) if draw(st.booleans()))
    if x.dtype == np.bool_:
        return b.select(x, 2.0, 1.0) if choice != "cast" else b.cast(x, draw(st.sampled_from(DTYPES)))
    if choice == "cast" and (x.dtype.kind != "f"):
        return b.cast(x, draw(st.sampled_from(DTYPES)))
    ops = FLOAT_OPS if x.dtype.kind == "f" else INT_OPS
    if choice == "binary" and y.dtype == x.dtype and _broadcasts(x, y):
        op = draw(st.sampled_from(ops))
        method = getattr(b, op)
        return method(x, y) if _arity(op) == 2 else method(x)
    if choice == "compare" and y.dtype == x.dtype and _broadcasts(x, y):
        return b.select(getattr(b, draw(st.sampled_from(COMPARISONS)))(x, y), x, y)
    if choice == "reduce" and axes:
        op = draw(st.sampled_from(("sum", "max", "min")))
        return b.reduce(op, x, axes, keepdims=draw(st.booleans()))
    if choice == "contract" and x.ndim >= 2 and 0 < x.spec.size <= 4000 and x.dtype.itemsize >= 4:
        small = b.minimum(b.abs(x), b.constant(1, x.dtype)) if x.dtype.kind == "f" else x
        finite = b.select(b.is_nan(small), 0, small) if x.dtype.kind == "f" else x
        return b.contract(finite, finite, transpose_y=True)
    if choice == "normalise" and axes and x.dtype.kind == "f":
        return b.exp(x - b.reduce_max(x, axes, keepdims=True))
    if choice == "view" and x.ndim:
        return _view(draw, b, x, axes)
    op = draw(st.sampled_from([o for o in ops if _arity(o) == 1]))
    return getattr(b, op)(x)


def _arity(op: str) -> int:
    from tenfold.compiler.infer import ELEMENTWISE

    return ELEMENTWISE[op].arity


def _view(draw, b: Builder, x: Value, axes: tuple[int, ...]) -> Value:
    kind = draw(
        st.sampled_from(("transpose", "reverse", "slice", "reshape", "flatten", "expand", "pad", "concat", "cumulate"))
    )
    if kind == "transpose":
        return b.transpose(x, draw(st.permutations(range(x.ndim))))
    if kind == "reverse":
        return b.reverse(x, axes)
    if kind == "slice":
        return b.slice(x, [min(1, n) if n > 1 else 0 for n in x.shape], [n // 2 for n in x.shape], [1] * x.ndim)
    if kind == "reshape":
        return b.reshape(x, x.shape[::-1])
    if kind == "flatten":
        return b.reshape(x, (x.spec.size,))
    if kind == "expand":
        return b.expand_dims(x, (draw(st.integers(0, x.ndim)),)) if x.ndim < 4 else x
    if kind == "pad":
        return b.pad(x, [1] * x.ndim, [2] + [0] * (x.ndim - 1))
    if kind == "concat":
        return b.concat([x, x], draw(st.integers(0, x.ndim - 1)))
    axis = draw(st.integers(0, x.ndim - 1))
    return b.cumulate("add", x, axis, exclusive=draw(st.booleans()), reverse=draw(st.booleans()))
