"""Every element-wise op on the dtypes it takes, on numbers at the edges of its domain, broadcast, and where it refuses."""

import ml_dtypes
import numpy as np

from tests.golden.case import case, integers, normal, uniform

FLOATS = (np.float32, np.float64, np.float16, ml_dtypes.bfloat16)
COMPLEXES = (np.complex64, np.complex128)
INTEGERS = (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)
EDGES = np.array([-np.inf, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.5, 20.0, np.inf, np.nan], np.float32)


def z(*shape, seed=0, dtype=np.complex64):
    return (normal(*shape, seed=seed, dtype=np.float64) + 1j * normal(*shape, seed=seed + 1, dtype=np.float64)).astype(
        dtype
    )


def of(dtype, *shape, seed=0, low=-2.0, high=2.0):
    if dtype in COMPLEXES:
        return z(*shape, seed=seed, dtype=dtype)
    if dtype in INTEGERS:
        return integers(*shape, low=0 if np.dtype(dtype).kind == "u" else -5, high=6, seed=seed, dtype=dtype)
    return uniform(*shape, low=low, high=high, seed=seed).astype(dtype)


SMOOTH = {  # op: the interval that it is smooth in
    "tf.exp": (-2, 2),
    "tf.math.expm1": (-2, 2),
    "tf.math.log": (0.1, 3),
    "tf.math.log1p": (-0.9, 3),
    "tf.sqrt": (0.1, 3),
    "tf.math.rsqrt": (0.1, 3),
    "tf.math.reciprocal": (0.3, 3),
    "tf.square": (-2, 2),
    "tf.sigmoid": (-4, 4),
    "tf.tanh": (-2, 2),
    "tf.sin": (-4, 4),
    "tf.cos": (-4, 4),
    "tf.tan": (-1.2, 1.2),
    "tf.asin": (-0.9, 0.9),
    "tf.acos": (-0.9, 0.9),
    "tf.atan": (-3, 3),
    "tf.sinh": (-2, 2),
    "tf.cosh": (-2, 2),
    "tf.asinh": (-3, 3),
    "tf.acosh": (1.2, 4),
    "tf.atanh": (-0.9, 0.9),
    "tf.negative": (-2, 2),
    "tf.abs": (-2, 2),
    "tf.sign": (-2, 2),
}
STEPS = ("tf.math.ceil", "tf.floor", "tf.round", "tf.math.rint")
BINARY = (
    "tf.add",
    "tf.subtract",
    "tf.multiply",
    "tf.divide",
    "tf.pow",
    "tf.maximum",
    "tf.minimum",
    "tf.math.squared_difference",
    "tf.math.floordiv",
    "tf.math.floormod",
    "tf.truncatediv",
    "tf.math.divide_no_nan",
    "tf.math.multiply_no_nan",
    "tf.math.xlogy",
    "tf.math.xlog1py",
    "tf.math.xdivy",
    "tf.atan2",
)
COMPARISONS = ("tf.equal", "tf.not_equal", "tf.less", "tf.less_equal", "tf.greater", "tf.greater_equal")
KERNEL_MISSING = {  # TensorFlow lists the dtype but has no kernel for it; here the op runs
    ("tf.math.rint", "float16"),
    ("tf.math.rint", "bfloat16"),
    ("tf.math.reciprocal", "int8"),
    ("tf.math.reciprocal", "int16"),
    ("tf.math.reciprocal", "int32"),
    ("tf.math.reciprocal", "int64"),
    ("tf.math.floordiv", "complex64"),
    ("tf.math.floordiv", "complex128"),
    ("tf.truncatediv", "complex64"),
    ("tf.truncatediv", "complex128"),
}
# the half-precision functions of TensorFlow round each step of the computation
COARSE = {np.float16: 5e-3, ml_dtypes.bfloat16: 4e-2}


def name(op, dtype):
    return f"{op} {np.dtype(dtype).name}"


def unary_cases():
    for op, (low, high) in SMOOTH.items():
        yield case(f"{op}(x)", x=EDGES, name=f"{op} edges")
        yield case(f"{op}(x)", x=of(np.float32, low=low, high=high), name=f"{op} scalar")
        yield case(f"{op}(x)", x=np.zeros((0, 3), np.float32), name=f"{op} empty")
        for dtype in FLOATS + COMPLEXES + (np.int8, np.int32, np.int64, np.uint8):
            if (op, np.dtype(dtype).name) not in KERNEL_MISSING:
                x = of(dtype, 2, 3, low=low, high=high)
                yield case(f"{op}(x)", x=x, rtol=COARSE.get(dtype), name=name(op, dtype))
        yield case(second_order(op), x=of(np.float64, 4, low=low, high=high), name=f"{op} second order")
        if (op, "int32") not in KERNEL_MISSING:
            yield case(f"{op}([1, 2])", name=f"{op} list of ints")
        yield case(f"{op}('a')", name=f"{op} string")
        yield case(f"{op}(None)", name=f"{op} None")
    for op in STEPS:
        yield case(f"{op}(x)", x=EDGES, name=f"{op} edges")
        yield case(f"{op}(x)", x=np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 1e10]), name=f"{op} halves")
        for dtype in FLOATS + (np.int8, np.int32, np.int64, np.uint8, np.bool_):
            if (op, np.dtype(dtype).name) not in KERNEL_MISSING:
                yield case(
                    f"{op}(x)", x=of(dtype, 2, 3) if dtype is not np.bool_ else np.array([True]), name=name(op, dtype)
                )
    for op in ("tf.math.is_nan", "tf.math.is_inf", "tf.math.is_finite"):
        for dtype in FLOATS:
            yield case(f"{op}(x)", x=EDGES.astype(dtype), name=name(op, dtype))
        yield case(f"{op}([1, 2])", name=f"{op} ints")
        yield case(f"{op}([1j])", name=f"{op} complex")


def second_order(op):
    """The gradient of the gradient, with the op taken from a dotted name."""
    return f"""
with tf.GradientTape() as tape:
    tape.watch(x)
    y = {op}(x)
tape.gradient(y, x, output_gradients=tf.cos(x))
"""


def binary_cases():
    for op in BINARY:
        positive = {"low": 0.3, "high": 2.0}
        for dtype in FLOATS + COMPLEXES + INTEGERS + (np.bool_,):
            if (op, np.dtype(dtype).name) in KERNEL_MISSING:
                continue
            if dtype is np.bool_:
                if op in ("tf.multiply",):  # the product of truth values is defined here
                    continue
                x = y = np.array([True, False])
            else:
                x = of(dtype, 2, 3, low=0.3 if op == "tf.pow" else -2.0)
                y = of(dtype, 2, 3, seed=5, **positive)
                if dtype in INTEGERS:
                    y = np.abs(y.astype(np.int64)).astype(dtype) + (op != "tf.pow")
                    y = y.astype(dtype)
            yield case(f"{op}(x, y)", x=x, y=y, rtol=COARSE.get(dtype), name=name(op, dtype))
        x, y = EDGES[:, None], EDGES[None, :]
        yield case(f"{op}(x, y)", x=x, y=y, name=f"{op} edges", grad=op not in ("tf.pow", "tf.atan2"))
        for first, second in (
            ((3, 1), (1, 4)),
            ((2, 3), (3,)),
            ((), (2,)),
            ((2,), ()),
            ((), ()),
            ((0, 3), (3,)),
            ((1,), (2, 0)),
        ):
            yield case(
                f"{op}(x, y)",
                x=of(np.float64, *first, **positive),
                y=of(np.float64, *second, seed=3, **positive),
                name=f"{op} {first} with {second}",
            )
        yield case(f"{op}(x, y)", x=normal(3), y=normal(4), name=f"{op} shapes that do not broadcast")
        if op != "tf.math.multiply_no_nan":  # a ValueError; here it is the error of its siblings
            yield case(f"{op}(x, y)", x=normal(3), y=normal(3, dtype=np.float64), name=f"{op} mixed floats")
        yield case(f"{op}(x, 2.0)", x=of(np.float32, 3, **positive), name=f"{op} with a float")
        yield case(f"{op}(x, 2)", x=of(np.float32, 3, **positive), name=f"{op} with an int")
        yield case(f"{op}(x, 1.5)", x=integers(3), name=f"{op} of ints with a float")
        yield case(
            f"{op}(x, np.array([1.0, 2.0, 0.5]))", x=of(np.float32, 3, **positive), name=f"{op} with a float64 array"
        )
        yield case(f"{op}(x, [1.0, 2.0, 0.5])", x=of(np.float64, 3, **positive), name=f"{op} with a list")
        yield case(f"{op}(x, None)", x=normal(3), name=f"{op} with None")
        yield case(f"{op}(x, 'a')", x=normal(3), name=f"{op} with a string")
        if op != "tf.multiply":
            yield case(f"{op}('a', 'b')", name=f"{op} of strings")
        if op not in ("tf.add", "tf.math.multiply_no_nan"):
            yield case(f"{op}(2, x)", x=of(np.float32, 3, **positive), name=f"{op} of an int with floats")
            yield case(
                f"{op}(np.array([1.0, 2.0, 0.5]), x)", x=of(np.float32, 3, **positive), name=f"{op} of a float64 array"
            )
        v = "tf.Variable([1.0, 2.0, 0.5])"
        yield case(f"{op}({v}, x)", x=of(np.float32, 3, **positive), name=f"{op} of a variable")
        if op not in ("tf.math.floordiv", "tf.truncatediv"):
            yield case(
                second_order_of_two(op),
                x=of(np.float64, 2, 3, **positive),
                y=of(np.float64, 3, seed=2, **positive),
                name=f"{op} second order",
            )
    for op in COMPARISONS:
        for dtype in FLOATS + COMPLEXES + INTEGERS + (np.bool_,):
            x = np.array([True, False]) if dtype is np.bool_ else integers(8, low=0, high=3).astype(dtype)
            y = np.array([True, True]) if dtype is np.bool_ else integers(8, low=0, high=3, seed=1).astype(dtype)
            yield case(f"{op}(x, y)", x=x, y=y, name=name(op, dtype))
        yield case(f"{op}(x, y)", x=EDGES[:, None], y=EDGES, name=f"{op} edges")
        yield case(f"{op}(x, y)", x=normal(3), y=normal(4), name=f"{op} shapes that do not broadcast")
        yield case(f"{op}(['a', 'b'], 'b')", name=f"{op} strings")
        yield case(f"{op}(1, x)", x=EDGES, name=f"{op} of an int with floats")
        yield case(f"{op}(x, 1.5)", x=integers(3), name=f"{op} of ints with a float")
        yield case(f"{op}(x, np.array([1.7]))", x=integers(3), name=f"{op} of ints with a float array")
        yield case(f"{op}(x, None)", x=normal(3), name=f"{op} with None")


def second_order_of_two(op):
    return f"""
with tf.GradientTape() as tape:
    tape.watch([x, y])
    z = {op}(x, y)
gradients = tape.gradient(z, [x, y], output_gradients=tf.cos(z))
[g for g in gradients if g is not None]
"""


LOGIC = [
    case(f"tf.{op}({x}, {y})")
    for op in ("logical_and", "logical_or", "math.logical_xor")
    for x, y in (
        ("[[True], [False]]", "[True, False]"),
        ("True", "False"),
        ("[True]", "1"),
        ("tf.constant([1])", "tf.constant([True])"),
        ("tf.constant([True])", "tf.constant([1])"),
        ("[True, False]", "[True, False, True]"),
        ("[True]", "np.array([0])"),
        ("None", "True"),
    )
] + [case(f"tf.logical_not({x})") for x in ("[True, False]", "True", "1", "tf.constant([1])", "np.array([0, 2])", "[]")]

SUMS = [
    case("tf.add_n([x, y, x])", x=normal(2, 3), y=normal(2, 3, seed=1)),
    case("tf.add_n([x, y])", x=integers(2, 3), y=integers(2, 3, seed=1)),
    case("tf.add_n([x, y])", x=normal(2), y=normal(1)),
    case("tf.add_n([x, y])", x=normal(2), y=normal(2, dtype=np.float64)),
    case("tf.add_n([x])", x=normal(2)),
    case("tf.add_n(x)", x=normal(3, 2)),
    case("tf.add_n([])"),
    case("tf.add_n(1.0)"),
    case("tf.add_n([1.0, 2])"),
    case("tf.add_n([[True], [False]])"),
    case("tf.add_n([['a'], ['b']])"),
    case("tf.add_n([tf.gather(x, [1, 1]), tf.ones([2, 2])])", x=normal(3, 2)),
    case("tf.add_n([tf.IndexedSlices(x, tf.constant([0]), tf.constant([3, 2])), tf.ones([3, 2])])", x=normal(1, 2)),
    case("tf.math.accumulate_n([x, y])", x=normal(2, 3), y=normal(2, 3, seed=1)),
    case("tf.math.accumulate_n([x, y], shape=[2, 3], tensor_dtype=tf.float32)", x=normal(2, 3), y=normal(2, 3, seed=1)),
    case("tf.math.accumulate_n([x], shape=[2])", x=normal(2, 3)),
    case("tf.math.accumulate_n([x, y])", x=normal(2, 3), y=normal(2)),
    case("tf.math.accumulate_n([x, y])", x=normal(2), y=integers(2)),
    case("tf.math.accumulate_n([x], tensor_dtype=tf.float64)", x=normal(2)),
    case("tf.math.accumulate_n([])"),
    case("tf.math.accumulate_n(x)", x=normal(2)),
    case("tf.math.scalar_mul(2.0, x)", x=normal(3)),
    case("tf.math.scalar_mul(2, x)", x=normal(3)),
    case("tf.math.scalar_mul(s, x)", s=normal(), x=normal(3)),
    case("tf.math.scalar_mul(2.0, x)", x=integers(3)),
    case("tf.math.scalar_mul(s, x)", s=normal(1), x=normal(3)),
    case("tf.math.scalar_mul(s, x)", s=normal(dtype=np.float64), x=normal(3)),
    case("tf.math.scalar_mul(2.0, np.array([3.0]))"),
    case("tf.math.scalar_mul(2.0, [3.0])", may_extend=True),
    case("tf.math.scalar_mul(2.0, tf.IndexedSlices(x, tf.constant([1])))", x=normal(1, 2)),
    case("tf.math.polyval([1.0, 2.0, 3.0], x)", x=normal(3)),
    case("tf.math.polyval([c, d], x)", c=normal(), d=normal(3), x=normal(3)),
    case("tf.math.polyval([], x)", x=normal(3)),
    case("tf.math.polyval([2], x)", x=normal(3)),
    case("tf.math.polyval([2, 1], x)", x=normal(3)),
    case("tf.math.polyval((1.0, 2.0), x)", x=normal(3)),
    case("tf.math.reciprocal_no_nan(x)", x=EDGES),
    case("tf.math.reciprocal_no_nan(x)", x=z(3)),
    case("tf.math.reciprocal_no_nan([1, 2])"),
    case("tf.math.divide_no_nan(1, 2)"),
    case("tf.truncatemod(x, y)", x=EDGES[:, None], y=EDGES, grad=False),
    case("tf.truncatemod(x, y)", x=integers(9), y=integers(9, low=1, seed=1)),
    case("tf.truncatemod(x, y)", x=integers(9, dtype=np.int8), y=integers(9, low=1, seed=1, dtype=np.int8)),
    case("tf.math.floordiv(x, y)", x=integers(9, low=-50, high=50), y=integers(9, low=-6, high=-1)),
    case("tf.math.floormod(x, y)", x=integers(9, low=-50, high=50), y=integers(9, low=-6, high=-1)),
    case("tf.truncatediv(x, y)", x=integers(9, low=-50, high=50), y=integers(9, low=-6, high=-1)),
    case("tf.math.floordiv(x, [1, 0])", x=integers(2)),
    case("tf.math.floormod(x, 0)", x=integers(2)),
    case("tf.math.floordiv(x, y)", x=np.array(-(2**31), np.int32), y=np.array(-1, np.int32)),
    case("tf.math.floormod(x, y)", x=np.array(-(2**31), np.int32), y=np.array(-1, np.int32)),
    case("tf.pow(x, -1)", x=integers(2)),
    case("tf.pow(x, y)", x=integers(4, dtype=np.int8), y=np.array([0, 1, 5, 9], np.int8)),
    case("tf.pow(x, 2)", x=EDGES),
    case("tf.pow(x, 2.0)", x=normal(2, 3)),
    case("tf.pow(x, 1)", x=EDGES),
    case("tf.pow(x, 0.5)", x=np.float32([-1.0, 0.0, 2.0, np.inf, np.nan])),  # NumPy's is a square root, also of -inf
    case("tf.pow(x, 3)", x=normal(2, 3)),
    case("tf.pow(2.0, x)", x=normal(2, 3)),
    case("tf.pow(x, y)", x=uniform(2, 3, low=-2, high=2, seed=4), y=np.float32([1, 2, 3])),
    case("tf.pow(0.0, x)", x=np.float32([0.0, 1.0, 2.0])),
    case("tf.math.nextafter(x, y)", x=EDGES[:, None], y=EDGES),
    case("tf.math.nextafter(x, y)", x=EDGES.astype(np.float64)[:, None], y=EDGES.astype(np.float64)),
    case("tf.math.nextafter(1, 2)"),
    case("tf.math.nextafter([1.0], [2])"),
    case("tf.math.nextafter(x, y)", x=normal(2, dtype=np.float16), y=normal(2, dtype=np.float16)),
    case("tf.math.log_sigmoid(x)", x=EDGES),
    case("tf.math.log_sigmoid(x)", x=normal(3, dtype=np.float64)),
    case("tf.atan2(y=y, x=x)", x=normal(3), y=normal(3, seed=1)),
    case("tf.math.nextafter(x2=x, x1=y)", x=normal(3), y=normal(3, seed=1)),
    case("tf.abs(x)", x=np.array(-(2**31), np.int32)),
    case("tf.add(x=x, y=1.0, name='sum')", x=normal(3)),
]

CLIP = [
    case("tf.clip_by_value(x, -1.0, 1.0)", x=EDGES),
    case("tf.clip_by_value(x, -1, 1)", x=integers(5)),
    case("tf.clip_by_value(x, low, high)", x=normal(2, 3), low=-np.ones(3, np.float32), high=np.float32(0.5)),
    case("tf.clip_by_value(x, low, high)", x=normal(2, 3), low=normal(2, 1, seed=3), high=normal(2, 3, seed=4)),
    case("tf.clip_by_value(x, 5.0, 3.0)", x=normal(3)),
    case("tf.clip_by_value(x, [[0.0]], 3.0)", x=normal(3)),
    case("tf.clip_by_value(x, [0.0], 3.0)", x=normal()),
    case("tf.clip_by_value(x, [0.0, 1.0], 3.0)", x=normal(3)),
    case("tf.clip_by_value(x, -1.0, 1.0)", x=integers(5)),
    case("tf.clip_by_value(x, tf.constant(0.0, tf.float64), 1.0)", x=normal(3)),
    case("tf.clip_by_value(x, 0.0, 1.0)", x=z(3)),
    case("tf.clip_by_value([1.0, 9.0], 0.0, 2.0)"),
    case("tf.clip_by_value(tf.IndexedSlices(x, tf.constant([1])), -0.5, 0.5)", x=normal(1, 2)),
    case("tf.clip_by_value(x, 0.0, 1.0)", x=normal(3, dtype=np.float16)),
    case("tf.clip_by_value(x, 0.0, 1.0)", x=normal(3).astype(ml_dtypes.bfloat16)),
    case("tf.clip_by_value(x, 1, 3)", x=integers(5, low=0, dtype=np.uint8)),
]

NORMS = [
    case("tf.clip_by_norm(x, 1.0)", x=normal(2, 3)),
    case("tf.clip_by_norm(x, 100.0)", x=normal(2, 3)),
    case("tf.clip_by_norm(x, 1.0, axes=[1])", x=normal(2, 3)),
    case("tf.clip_by_norm(x, 1.0, axes=-2)", x=normal(2, 3, dtype=np.float64)),
    case("tf.clip_by_norm(x, -1.0)", x=normal(3)),
    case("tf.clip_by_norm(x, 2)", x=normal(3)),
    case("tf.clip_by_norm(x, c)", x=normal(3), c=np.float32(0.5)),
    case("tf.clip_by_norm(x, c)", x=normal(3), c=np.float32([0.5, 0.5, 0.5])),
    case("tf.clip_by_norm(x, c)", x=normal(3), c=np.float32([[0.5], [1.5]])),
    case("tf.clip_by_norm(x, 1.0)", x=np.zeros(3, np.float32)),
    case("tf.clip_by_norm(x, 1.0)", x=integers(3)),
    case("tf.clip_by_norm(tf.IndexedSlices(x, tf.constant([1])), 1.0)", x=normal(1, 3)),
    case("tf.clip_by_global_norm([x, None, y], 1.0)", x=normal(3), y=normal(2, 2)),
    case("tf.clip_by_global_norm((x, y), 100.0)", x=normal(3), y=normal(2, 2)),
    case("tf.clip_by_global_norm([x], 1.0, use_norm=tf.constant(2.0))", x=normal(3)),
    case("tf.clip_by_global_norm([x], c)", x=normal(3), c=np.float32(0.5)),
    case("tf.clip_by_global_norm([x, y], 1.0)", x=np.float32([np.inf]), y=normal(2)),
    case("tf.clip_by_global_norm([tf.IndexedSlices(x, tf.constant([1])), y], 1.0)[0]", x=normal(1, 3), y=normal(2)),
    case("tf.clip_by_global_norm('x', 1.0)"),
    case("tf.clip_by_global_norm(3.0, 1.0)"),
]

RAW = [
    case("tf.raw_ops.ApproximateEqual(x=x, y=y, tolerance=0.1)", x=np.float32([1, 2, 3]), y=np.float32([1.05, 2.2, 3])),
    case("tf.raw_ops.ApproximateEqual(x=x, y=y)", x=np.float32([1, 2, 3]), y=np.float32(1)),
    case("tf.raw_ops.ClipByValue(t=x, clip_value_min=tf.constant(0.0), clip_value_max=tf.constant(1.0))", x=normal(5)),
    case("tf.raw_ops.Div(x=x, y=y)", x=integers(5, low=-9, high=9), y=integers(5, low=1)),
    case("tf.raw_ops.Div(x=x, y=y)", x=normal(5), y=normal(5, seed=1)),
    case("tf.raw_ops.Div(x=x, y=y)", x=integers(2), y=np.int32([0, 1])),
    case("tf.raw_ops.Mod(x=x, y=y)", x=integers(5, low=-9, high=9), y=integers(5, low=1)),
    case("tf.raw_ops.Inv(x=x)", x=normal(5)),
    case("tf.raw_ops.Add(x=x, y=y)", x=normal(5), y=normal(5, seed=1)),
    case("tf.raw_ops.TanhGrad(y=x, dy=y)", x=normal(5), y=normal(5, seed=1)),
    case("tf.raw_ops.RsqrtGrad(y=x, dy=y)", x=normal(5), y=normal(5, seed=1)),
    case("tf.raw_ops.Mul(x=x, y=y)", x=normal(5), y=normal(5, seed=1)),
    case("tf.raw_ops.AddV2(x=x, y=y)", x=normal(5), y=normal(5, seed=1)),
    case("tf.raw_ops.LogicalNot(x=x)", x=np.array([True])),
]

CASES = [*unary_cases(), *binary_cases(), *LOGIC, *SUMS, *CLIP, *NORMS, *RAW]
