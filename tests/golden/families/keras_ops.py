"""`tf.keras.ops`: values, gradients, dtypes by Keras' promotion, KerasTensors, traced functions."""

import numpy as np

from tests.golden.case import case, integers, normal, uniform

DTYPES = (
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32",
    "float64",
)  # fmt: skip
NUMBERS = (2, 1.5)
X, Y = normal(3, 4), uniform(3, 4, low=0.1, high=0.9)
TALL = normal(2, 3, 4)
IMAGE, SERIES = normal(2, 6, 6, 3), normal(2, 8, 3)
HOLES = np.where(X > 1, np.nan, X).astype(np.float32)
SQUARE = normal(3, 3) + 3 * np.eye(3, dtype=np.float32)


def dtypes_of_pairs(name):
    """The dtype of each pair of operands, or that there is an error."""

    def run(tf):
        operation = getattr(tf.keras.ops, name)
        operands = [tf.cast([[1, 0], [0, 1]], dtype) for dtype in DTYPES]
        operands += [] if name in ("matmul", "einsum") else NUMBERS
        pairs = [(a, b) for a in operands for b in operands][name == "multiply" :]  # tf.multiply takes bools here
        return [_dtype_or_error(operation, a, b) for a, b in pairs]

    return case(run, name=f"dtypes of {name}", grad=False)


def dtypes_of_one(name, *args):
    def run(tf):
        operation = getattr(tf.keras.ops, name)
        return [_dtype_or_error(operation, tf.cast([[1, 0], [1, 1]], dtype), *args) for dtype in DTYPES]

    return case(run, name=f"dtypes of {name}{args or ''}", grad=False)


def _dtype_or_error(operation, *operands):
    try:
        result = operation(*operands)
    except Exception:
        return "error"
    return (result[0] if isinstance(result, (tuple, list)) else result).dtype.name


def dtypes_of_pairs_of_complex(name):
    def run(tf):
        operands = [tf.cast([1, 0], dtype) for dtype in ("complex64", "complex128", "int32", "float64")] + [1.5]
        return [_dtype_or_error(getattr(tf.keras.ops, name), a, b) for a in operands[:2] for b in operands]

    return case(run, name=f"complex dtypes of {name}", grad=False)


def result_types(tf):
    given = (*DTYPES, bool, int, float)
    return [tf.keras.backend.result_type(a, b) for a in given for b in given] + [
        tf.keras.backend.result_type("int8", "uint8", float),
        tf.keras.backend.result_type("int64", "float16", "bfloat16"),
        tf.keras.backend.result_type("uint32", "int8", int),
        tf.keras.backend.result_type(),
    ]


def arange_dtypes(tf):
    ops = tf.keras.ops
    given = [(3,), (3.0,), (0, 3.0), (np.int64(1), 3), (np.float64(0), 2), (np.int16(0), np.int8(3), 1.0)]
    return [(ops.arange(*limits).dtype.name, ops.arange(*limits)) for limits in given]


def on(code, grad=True, rtol=1e-5, atol=1e-6, **inputs):
    return case(f"tf.keras.ops.{code}", grad=grad, rtol=rtol, atol=atol, **(inputs or {"x": X}))


def functional(tf):
    """A model of operations: shapes, names, and what it computes."""
    ops = tf.keras.ops
    tf.keras.backend.clear_session()
    x = tf.keras.Input((3, 4), name="x")
    y = ops.sum(ops.relu(x), axis=1, keepdims=True)
    y = ops.concatenate([y, x[:, :1]], axis=1)
    y = ops.expand_dims(y, 1) * 2.0
    y = ops.where(ops.greater(y, 1), y, 0.5)
    y = ops.clip(ops.transpose(y, (0, 1, 3, 2)), 0, ops.shape(x)[1])
    y = ops.einsum("abcd,abce->abde", y, y)
    first, _ = ops.split(y, 2, axis=-1)
    first = ops.cast(ops.add(first, 1), "float64")
    model = tf.keras.Model(x, first)
    names = [layer["config"]["name"] for layer in model.get_config()["layers"]]
    classes = [(layer["module"], layer["class_name"]) for layer in model.get_config()["layers"]]
    return first.shape, first.dtype, names, classes, model(TALL)


def traced(tf):
    """A loss written with operations, in a traced function, with its gradient."""
    ops = tf.keras.ops
    w = tf.Variable(X[:, :3])

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            shares = ops.softmax(ops.matmul(x, w) / ops.sqrt(ops.shape(x)[-1]), axis=-1)
            loss = ops.mean(ops.square(shares - ops.one_hot(ops.argmax(x, axis=-1), 3)))
        return loss, tape.gradient(loss, w)

    return step(tf.constant(X[:2, :3]))


def loops(tf):
    ops = tf.keras.ops

    def of(x):
        total, totals = ops.scan(lambda c, e: (c + e, c * e), tf.zeros(4), x)
        back = ops.scan(lambda c, e: (c + e, c), tf.zeros(4), x, reverse=True)[1]
        return (
            total, totals, back, ops.map(lambda e: e * e, x), ops.vectorized_map(lambda e: e + 1, x),
            ops.fori_loop(0, 3, lambda i, v: v + x[i], tf.zeros(4)),
            ops.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, v * 2), (0, x))[1],
            ops.associative_scan(lambda a, b: a * b, x), ops.associative_scan(lambda a, b: a + b, x, reverse=True, axis=1),
            ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x), ops.switch(1, [lambda e: e, lambda e: 2 * e], x),
        )  # fmt: skip

    return of(tf.constant(X)), tf.function(of)(tf.constant(X))


UNARY = (
    "absolute", "arcsinh", "arctan", "ceil", "cos", "cosh", "deg2rad", "exp", "exp2", "expm1", "floor", "isfinite", "isinf",
    "isnan", "negative", "rad2deg", "reciprocal", "round", "sign", "signbit", "sin", "sinc", "sinh", "square", "tan", "tanh", "trunc",
    "nan_to_num", "erf", "erfc", "relu", "relu6", "selu", "sigmoid", "log_sigmoid", "hard_sigmoid", "hard_silu", "hard_tanh",
    "silu", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "tanh_shrink", "leaky_relu", "elu", "celu", "gelu", "glu",
    "hard_shrink", "soft_shrink", "squareplus", "softmax", "log_softmax", "logsumexp", "sum", "mean", "max", "min", "prod", "var",
    "std", "all", "any", "amax", "amin", "ptp", "argmax", "argmin", "cumsum", "cumprod", "sort", "argsort", "average", "median",
    "count_nonzero", "ravel", "transpose", "flip", "fliplr", "flipud", "rot90", "diff", "tril", "triu", "diagonal", "trace",
    "zeros_like", "ones_like", "copy", "norm", "normalize", "layer_normalization", "rms_normalization", "logical_not", "size",
)  # fmt: skip
POSITIVE = (
    "arccos", "arcsin", "arctanh", "log", "log10", "log1p", "log2", "sqrt", "rsqrt", "cbrt", "erfinv", "i0",
)  # fmt: skip
BINARY = (
    "add", "subtract", "multiply", "divide", "divide_no_nan", "maximum", "minimum", "power", "mod", "floor_divide", "arctan2",
    "hypot", "logaddexp", "equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or",
    "logical_xor", "isclose", "allclose", "fmax", "fmin", "heaviside", "inner", "vdot", "outer", "kron", "append",
)  # fmt: skip

CASES = [
    case(result_types, grad=False),
    case(arange_dtypes, grad=False),
    *map(dtypes_of_pairs, (
        "add", "subtract", "multiply", "divide", "maximum", "minimum", "power", "matmul", "equal", "less", "floor_divide",
        "mod", "outer", "dot", "arctan2", "logical_and",
    )),
    *map(dtypes_of_one, (
        "sum", "mean", "max", "prod", "cumsum", "var", "std", "exp", "sqrt", "log", "floor", "ceil", "absolute", "square",
        "negative", "sign", "relu", "softmax", "argmax", "argsort", "any", "count_nonzero", "sort", "trunc",
        "median", "norm", "trace", "nan_to_num", "diff", "isnan", "logical_not", "average", "tanh", "expm1", "one_hot",
    )[:-1]),
    dtypes_of_one("one_hot", 3),
    dtypes_of_one("full_like", 2),
    dtypes_of_one("quantile", 0.5),
    dtypes_of_one("clip", 0, 1),
    *(on(f"{name}(x)") for name in UNARY),
    *(on(f"{name}(x)", x=Y) for name in POSITIVE),
    on("arccosh(x)", x=Y + 1.5),
    *(on(f"{name}(x, y)", x=X, y=Y) for name in BINARY),
    *(on(f"{name}(x, axis=1, keepdims=True)") for name in (
        "sum", "mean", "max", "min", "prod", "var", "std", "all", "any", "argmax", "argmin", "median", "logsumexp", "norm")),
    *(on(f"{name}(x, axis=1)") for name in ("cumsum", "cumprod", "sort", "argsort", "softmax", "flip", "average", "diff")),
    *(on(f"{name}(x, axis=(0, 1))") for name in ("sum", "mean", "var", "max", "softmax", "quantile")[:-1]),
    *(on(f"{name}(x)", x=HOLES, grad=False) for name in (
        "nansum", "nanmean", "nanvar", "nanstd", "nanprod", "nanmax", "nanmin", "nancumsum", "nancumprod")),
    *(on(f"quantile(x, [0.2, 0.7], axis=1, method={m!r}, keepdims=True)") for m in ("linear", "lower", "higher", "nearest")),
    on("percentile(x, 30.0, axis=0)"),
    on("max(x, axis=0, initial=0.5)"), on("min(x, initial=-0.5)"),
    on("average(x, axis=1, weights=w)", x=X, w=Y[0]),
    on("reshape(x, (4, -1))"), on("expand_dims(x, (0, -1))"), on("squeeze(x)", x=X[:1]), on("squeeze(x, 0)", x=X),
    on("transpose(x, (2, 0, 1))", x=TALL), on("swapaxes(x, 0, -1)", x=TALL), on("moveaxis(x, (0, 1), (-1, 0))", x=TALL),
    on("broadcast_to(x, (2, 3, 4))"), on("concatenate([x, y], axis=1)", x=X, y=Y),
    on("concatenate([x, y], axis=-1)", x=X, y=integers(3, 2)), on("stack([x, y], axis=-1)", x=X, y=Y),
    on("hstack([x, y])", x=X, y=Y), on("vstack([x, y])", x=X, y=Y), on("dstack([x, y])", x=X, y=Y),
    on("split(x, 2, axis=1)"), on("split(x, [1, 3], axis=1)"), on("split(x, 5, axis=1)", grad=False), on("array_split(x, 3, axis=1)"),
    on("hsplit(x, 2)"), on("vsplit(x, 3)"), on("take(x, [-1, 0], axis=1)"), on("take(x, [[5, -1]])"),
    on("take_along_axis(x, i, axis=1)", x=X, i=integers(3, 2, low=-4, high=4)),
    on("take_along_axis(x, i)", x=X, i=integers(5, low=0, high=12)),
    on("where(x > 0, x, 1)"), on("where(x > 0)", grad=False), on("nonzero(x > 0)", grad=False), on("where(x > 0, x)", grad=False),
    on("select([x > 1, x > 0], [x, 2 * x], 7)"), on("flip(x, (0, 1))"), on("rot90(x, 3)"), on("rot90(x, 2)", x=SQUARE),
    on("roll(x, 2)"), on("roll(x, 1, axis=1)"), on("roll(x, (1, 2), axis=(0, 1))"),
    on("repeat(x, 2)"), on("repeat(x, 2, axis=1)"), on("repeat(x, [1, 0, 2], axis=0)"), on("tile(x, 2)"), on("tile(x, (2, 1, 2))"),
    on("pad(x, 1)", x=X[0]), on("pad(x, (1, 2))", x=X[0]), on("pad(x, ((0, 1), (2, 0)), constant_values=3.0)"), on("pad(x, ((1, 1), (2, 1)), mode='reflect')"),
    on("pad(x, ((1, 1), (2, 1)), mode='symmetric')"), on("pad(x, 1, mode='reflect', constant_values=1.0)", grad=False),
    on("diag(x, 1)"), on("diag(x, -1)", x=X[0]), on("diagflat(x, 1)"), on("diagonal(x, 1, 1, 2)", x=TALL), on("trace(x, 1)"),
    on("tril(x, 1)"), on("triu(x, -1)"), on("diff(x, 2, 0)"),
    on("matmul(x, y)", x=X, y=normal(4, 2)), on("matmul(x, y)", x=TALL, y=normal(4, 2)), on("matmul(x, y)", x=X[0], y=normal(4, 2)),
    on("matmul(x, y)", x=X, y=X[0]), on("matmul(x, y)", x=X, y=X, grad=False),
    on("dot(x, y)", x=TALL, y=normal(4, 2)), on("dot(x, y)", x=X, y=X[0]), on("dot(x, 2)"),
    on("tensordot(x, y, axes=1)", x=TALL, y=normal(4, 2)), on("tensordot(x, y, axes=((1, 2), (0, 1)))", x=TALL, y=X),
    on("einsum('ij,kj->ik', x, y)", x=X, y=Y), on("einsum('ij,kj->ik', x, y)", x=X, y=integers(2, 4)),
    on("cross(x, y)", x=normal(2, 3), y=normal(2, 3, seed=1)), on("isin(x, [1, 3])", x=integers(4, 3)),
    on("isin(x, [1, 3], invert=True)", x=integers(4, 3)), on("digitize(x, [-0.5, 0.0, 1.0])", grad=False),
    on("searchsorted(x, y, side='right')", x=np.sort(X[0]), y=X[1], grad=False), on("bincount(x, minlength=7)", x=integers(9, low=0)),
    on("bincount(x, weights=w)", x=integers(9, low=0), w=normal(9), grad=False), on("unravel_index(x, (3, 4))", x=integers(5, low=0)),
    on("view(x, 'int32')", grad=False), on("round(x, 1)", grad=False), on("round(x, -1)", x=integers(6, low=-50, high=50)), on("clip(x, -0.5, 0.5)"), on("clip(x, y, 2.0)", x=X, y=Y),
    on("zeros((2, 3))", grad=False), on("ones((2,), dtype='int32')", grad=False), on("full((2, 2), 3)", grad=False),
    on("full((2, 2), 3, dtype='int8')", grad=False), on("eye(3, 4, 1)", grad=False), on("eye(2, dtype='int32')", grad=False),
    on("identity(2)", grad=False), on("tri(3, 4, -1)", grad=False), on("linspace(0, 1, 5)", grad=False), on("linspace(x, y, 4, axis=-1)", x=X, y=Y),
    on("linspace(0.0, 1.0, 4, endpoint=False, retstep=True)", grad=False), on("logspace(0, 2, 3)", grad=False),
    on("arange(5)", grad=False), on("arange(1, 6, 2, dtype='float32')", grad=False), on("meshgrid(x, y)", x=X[0], y=Y[0]),
    on("meshgrid(x, y, indexing='ij')", x=X[0], y=Y[0]), on("vander(x)", x=X[0]), on("vander(x, 3, True)", x=X[0]),
    *(on(f"{name}(7)", grad=False) for name in ("bartlett", "blackman", "hamming", "hanning")), on("kaiser(7, 2.0)", grad=False),
    on("full_like(x, 2)"), on("array([1, 2.5])", grad=False), on("array([1, 2], dtype='float16')", grad=False),
    *(on(f"bitwise_{name}(x, y)", x=integers(6), y=integers(6, seed=1)) for name in ("and", "or", "xor")),
    on("bitwise_not(x)", x=integers(6)), on("left_shift(x, 2)", x=integers(6)), on("right_shift(x, 1)", x=integers(6)),
    on("top_k(x, 2)"), on("in_top_k(t, x, 2)", t=integers(3, low=0, high=4), x=X, grad=False),
    *(on(f"segment_{name}(x, i, 4)", x=X, i=np.array([0, 2, 2], np.int32)) for name in ("sum", "max", "min", "prod")),
    on("logsumexp(x, axis=0)"), on("convert_to_tensor([1, 2.5])", grad=False), on("convert_to_tensor([1, 2], dtype='float16')", grad=False),
    on("convert_to_numpy(x)", grad=False), on("is_tensor(x)", grad=False), on("shape(x)", grad=False), on("ndim(x)", grad=False), on("dtype(x)", grad=False),
    on("cast(x, 'int32')"), on("cast(x, 'float64')"), on("saturate_cast(x, 'uint8')", x=X * 300, grad=False), on("stop_gradient(x) * x"),
    on("unstack(x, axis=1)"), on("slice(x, (1, 0), (2, 3))"), on("slice_update(x, (1, 2), y)", x=X, y=Y[:2, :2], grad=False),
    on("slice_update(x, (2, 3), y)", x=X, y=Y[:2, :2], grad=False), on("scatter([[0], [2], [0]], x, (4, 4))"),
    *(on(f"scatter_update(x, [[0, 1], [2, 3]], y, {r!r})", x=X, y=Y[0, :2]) for r in (None, "add", "max", "min")),
    on("softmax(x, axis=None)"), on("gelu(x, approximate=False)"), on("leaky_relu(x, 0.3)"), on("threshold(x, 0.5, 9.0)"), on("sparsemax(x)", x=X[:, :1]),
    on("one_hot(x, 4)", x=integers(2, 3)), on("one_hot(x, 4, axis=0, dtype='int32')", x=integers(2, 3)), on("multi_hot(x, 4)", x=integers(2, 3, low=0, high=4)),
    *(on(f"binary_crossentropy(t, x, from_logits={f})", t=np.round(Y), x=Y) for f in (True, False)),
    *(on(f"categorical_crossentropy(t, x, from_logits={f})", t=np.eye(4, dtype=np.float32)[:3], x=Y) for f in (True, False)),
    *(on(f"sparse_categorical_crossentropy(t, x, from_logits={f})", t=integers(3, low=0, high=4), x=Y) for f in (True, False)),
    on("moments(x, [0])"), on("moments(x, [0, 1], keepdims=True)"), on("normalize(x, axis=0, order=1)"), on("normalize(x, order=3)"),
    on("batch_normalization(x, m, v, 1, offset=m, scale=v)", x=X, m=X[0], v=Y[0]),
    on("layer_normalization(x, g, b, axis=-1, epsilon=1e-3)", x=X, g=X[0], b=Y[0]), on("layer_normalization(x, axis=(1, 2))", x=TALL),
    on("rms_normalization(x, g, epsilon=1e-3)", x=X, g=Y[0]),
    on("conv(x, k)", x=IMAGE, k=normal(3, 3, 3, 2), rtol=1e-4, atol=1e-5), on("conv(x, k, 2, 'same')", x=SERIES, k=normal(3, 3, 2), rtol=1e-4, atol=1e-5),
    on("conv(x, k, dilation_rate=2)", x=IMAGE, k=normal(2, 2, 3, 2), rtol=1e-4, atol=1e-5),
    on("depthwise_conv(x, k, 2, 'same')", x=IMAGE, k=normal(3, 3, 3, 2), rtol=1e-4, atol=1e-5), on("depthwise_conv(x, k)", x=SERIES, k=normal(3, 3, 2), rtol=1e-4, atol=1e-5),
    on("separable_conv(x, k, p)", x=IMAGE, k=normal(3, 3, 3, 2), p=normal(1, 1, 6, 2), rtol=1e-4, atol=1e-5),
    *(on(f"{name}_pool(x, 2)", x=IMAGE) for name in ("max", "average")), *(on(f"{name}_pool(x, 3, 2, 'same')", x=SERIES) for name in ("max", "average")),
    on("depth_to_space(x, 2)", x=normal(1, 2, 2, 8)), on("space_to_depth(x, 2)", x=IMAGE), on("psnr(x, y, 1.0)", x=X, y=Y), on("polar(x, y)", x=X, y=Y, grad=False),
    on("dot_product_attention(q, k, v)", q=normal(2, 3, 2, 4), k=normal(2, 5, 2, 4), v=normal(2, 5, 2, 4, seed=1)),
    on("dot_product_attention(q, q, q, is_causal=True, scale=0.3)", q=normal(2, 3, 2, 4)),
    on("dot_product_attention(q, k, k, bias=b)", q=normal(2, 3, 4, 4), k=normal(2, 5, 2, 4), b=normal(2, 4, 3, 5)),
    on("dot_product_attention(q, q, q, mask=m)", q=normal(1, 3, 2, 4), m=np.tril(np.ones((1, 1, 3, 3), bool)), grad=False),
    *(on(f"{name}(x)", x=SQUARE, rtol=1e-4, atol=1e-5) for name in ("det", "slogdet", "inv", "pinv")), on("lu_factor(x)", x=SQUARE, grad=False),
    *(on(f"{name}(x)", x=SQUARE @ SQUARE.T, rtol=1e-4, atol=1e-5) for name in ("cholesky", "logdet", "cholesky_inverse")),
    on("cholesky(x, upper=True)", x=SQUARE @ SQUARE.T, rtol=1e-4, atol=1e-5), on("svd(x, compute_uv=False)", rtol=1e-4, atol=1e-5), on("matrix_rank(x)", grad=False),
    on("eigh(x)[0]", x=SQUARE @ SQUARE.T, rtol=1e-4, atol=1e-5), on("solve(x, y)", x=SQUARE, y=X[:, 0], rtol=1e-4, atol=1e-5), on("solve(x, y)", x=SQUARE, y=X, rtol=1e-4, atol=1e-5),
    on("solve_triangular(x, y, lower=True)", x=SQUARE, y=X, rtol=1e-4, atol=1e-5), on("cdist(x, y)", x=X, y=Y), on("qr(x, mode='other')", grad=False),
    *(on(f"norm(x, {o}, axis=1)") for o in (1, 2, 3)), *(on(f"norm(x, {o!r}, axis=(0, 1))", rtol=1e-4) for o in (1, -1, 2, "fro", "nuc")), on("norm(x, 'nuc', axis=1)", grad=False),
    case("tf.keras.ops.jvp(lambda v: v * v, (x,), (y,))", x=X, y=Y, grad=False),
    on("fmod(x, y)", x=X, y=Y), on("fmod(x, 3)", x=integers(6)), on("ldexp(x, 2)"), on("logaddexp2(x, y)", x=X, y=Y),
    on("angle(x)", x=(X + 1j * Y).astype(np.complex64), grad=False), on("gcd(x, y)", x=integers(9), y=integers(9, seed=1, low=1)),
    on("lcm(x, y)", x=integers(9), y=integers(9, seed=1, low=1)), on("view_as_real(x)", x=(X + 1j * Y).astype(np.complex64), grad=False),
    on("view_as_complex(x)", x=X[:, :2], grad=False), on("nanargmax(x, axis=1)", x=HOLES, grad=False), on("nanargmin(x)", x=HOLES, grad=False), on("corrcoef(x)"), on("trapezoid(x, axis=0)"), on("trapezoid(x, y)", x=X, y=Y),
    on("trapezoid(x, w)", x=X, w=Y[0]), on("trapezoid(x, dx=0.5)"), on("unique(x)", x=integers(9)), on("unique(x, sorted=False)", x=integers(9)),
    on("unique(x, return_inverse=True, return_counts=True)", x=integers(3, 4)), on("geomspace(1, 1000, 4)", grad=False),
    on("geomspace(x, y, 3)", x=Y, y=Y + 1), on("lstsq(x, y)", x=normal(5, 3), y=normal(5), grad=False, rtol=1e-4, atol=1e-5), on("extract_sequences(x, 2, 1)"),
    on("conv_transpose(x, k, 2)", x=IMAGE, k=normal(2, 2, 4, 3), rtol=1e-4, atol=1e-5), on("conv_transpose(x, k, 2, 'same')", x=SERIES, k=normal(3, 2, 3), rtol=1e-4, atol=1e-5),
    on("conv_transpose(x, k, 2, 'same', output_padding=0)", x=IMAGE, k=normal(3, 3, 4, 3), rtol=1e-4, atol=1e-5),
    on("fft((x, y))", x=X, y=Y), on("fft2((x, y))", x=TALL, y=TALL[::-1].copy()), on("ifft2((x, y))", x=TALL, y=TALL[::-1].copy()),
    *(on(code, x=X, y=Y) for code in ("rfft(x)", "rfft(x, 6)", "irfft((x, y))")),
    on("rfft(x, fft_length=3)", grad=False), on("irfft((x, y), 5)", x=X, y=Y, grad=False), on("layer_normalization(x, g, rms_scaling=True)", x=X, g=X[0]), on("cdist(x, y)", x=X, y=Y), *(on(f"nanquantile(x, {a})", x=HOLES, grad=False) for a in ("0.3", "[0.25, 0.5], axis=1", "0.3, axis=0, keepdims=True", "[0.2, 0.9], axis=(0, 1), keepdims=True")),
    *(on(f"nanquantile(x, 0.4, axis=1, method={m!r})", x=HOLES, grad=False) for m in ("lower", "higher", "midpoint", "nearest")), on("nanpercentile(x, 30, axis=1)", x=HOLES, grad=False),
    on("nanmedian(x, axis=0)", x=HOLES, grad=False), on("nanmedian(x)", x=HOLES.astype(np.float64), grad=False), on("nanmedian(x, axis=1)", x=np.full((2, 3), np.nan, np.float32), grad=False),
    *(on(f"histogram(x, {a})", x=X.ravel(), grad=False) for a in ("10", "bins=4", "3, (-1.0, 0.5)")), on("histogram(x)", grad=False), on("histogram(x, 2.0)", x=X[0], grad=False), on("histogram(x, -1)", x=X[0], grad=False), on("histogram(x, 2, (1, 0))", x=X[0], grad=False),
    *(on(f"correlate(x, y, {m!r})", x=X[0], y=Y[0, :n]) for m in ("valid", "same", "full") for n in (2, 3, 4)), on("correlate(x, y, 'other')", x=X[0], y=X[1]), on("correlate(x, y)", x=integers(5), y=integers(2), grad=False),
    *(on(f"unique(x, {a})", x=integers(4, 3, low=0, high=2), grad=False) for a in ("axis=0", "axis=1", "axis=-1, return_inverse=True, return_counts=True, return_index=True", "axis=0, size=6, fill_value=9, return_counts=True", "sorted=False, axis=0")),
    *(on(f"unique(x, {a})", x=integers(9), grad=False) for a in ("size=12, return_counts=True, return_index=True", "size=3, fill_value=7, return_counts=True", "return_index=True")),
    on("fft(x)", grad=False), on("fft((x, y))", x=X, y=Y[1:], grad=False), on("fft((x, y))", x=integers(3), y=integers(3), grad=False),
    *(on(f"stft(x, {a})", x=normal(2, 20)) for a in ("5, 3, 6", "6, 2, 6, window='hamming'", "4, 2, 8, window=None", "4, 4, 4, center=False", "3, 1, 4, window=[1, 2, 3]")),
    *(on(f"istft(ops.stft(x, {a}), {a})".replace("ops.", "tf.keras.ops."), x=normal(2, 20), rtol=1e-4, atol=1e-5)
      for a in ("5, 3, 6", "6, 2, 6, window='hamming'", "4, 2, 8, window=None", "4, 2, 4, window=[1, 2, 3, 1]")),
    on("istft((x, y), 4, 2, 4, length=7)", x=normal(5, 3), y=normal(5, 3, seed=1)), on("istft((x, y), 4, 2, 4, center=False)", x=normal(5, 3), y=normal(5, 3, seed=1)),
    on("stft(x, 4, 0, 4)", grad=False), on("stft(x, 5, 1, 4)", grad=False), on("stft(x, 4, 1, 4, window='box')", grad=False),
    on("stft(x, 4, 1, 4)", x=integers(9), grad=False), on("stft(x, 4, 1, 4, window=[1.0])", x=normal(2, 20), grad=False),
    *(on(f"unfold(x, {a})", x=normal(2, 3, 6, 5)) for a in ("2", "(2, 3), stride=2", "(2, 1), dilation=(2, 1), padding=(1, 2), stride=(1, 2)")),
    on("unfold(x, 2)", x=integers(1, 2, 3, 3)), on("unfold(x, 2)", grad=False),
    on("fold(x, (4, 5), 2)", x=normal(2, 8, 12)), on("fold(x, (4, 5), (2, 1), dilation=(2, 1), padding=(1, 2), stride=(1, 2))", x=normal(2, 4, 20)), on("fold(x, 4, 2)", grad=False),
    *(on(f"adaptive_{n}_pool(x, {a})", x=IMAGE) for n in ("average", "max") for a in ("(2, 4)", "5", "(2, 3), 'channels_first'")),
    *(on(f"adaptive_{n}_pool(x, 3)", x=SERIES) for n in ("average", "max")), on("adaptive_max_pool(x, 2)", grad=False),
    *(on(f"rearrange(x, {a})", x=normal(2, 4, 6)) for a in ("'a b c -> c (a b)'", "'a (h b) c -> a h (c b)', b=2", "'a b c->b a c'", "'a b (c d) -> a (d c) b', c=2, d=3")),
    *(dtypes_of_pairs_of_complex(name) for name in ("add", "multiply")), on("angle(x)", x=(X + 1j * Y).astype(np.complex128), grad=False),
    on("view_as_complex(x)", x=X[:, :2].astype(np.float64), grad=False), on("view_as_complex(x)", x=integers(3, 2), grad=False),
    case(functional, grad=False, rtol=1e-5), case(traced, grad=False), case(loops, grad=False, rtol=1e-5),
]  # fmt: skip
