import numpy as np

from tests.golden.case import case, integers, normal, uniform

X = normal(2, 3, 4)
CONTINUOUS = ["tf.reduce_sum", "tf.reduce_mean", "tf.reduce_prod", "tf.reduce_max", "tf.reduce_min"]
CONTINUOUS += ["tf.math.reduce_euclidean_norm", "tf.reduce_logsumexp", "tf.math.reduce_std", "tf.math.reduce_variance"]
ARITHMETIC = CONTINUOUS[:6]
LOGIC = ["tf.reduce_all", "tf.reduce_any"]
NARROW = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint32, np.uint64]
BITS = integers(3, 4, low=0, high=2).astype(bool)
NANS = np.array([[1, np.nan, 3, 2], [np.nan, np.nan, np.nan, np.nan], [-np.inf, 1, np.inf, np.nan]], np.float32)


CASES = [
    *(case(f"{f}(x)", x=X) for f in CONTINUOUS),
    *(case(f"{f}(x, axis={a})", x=X) for f in CONTINUOUS for a in (0, 1, -1, (0, 2), [1, 2], (-1, 0, 1), [])),
    *(case(f"{f}(x, axis={a}, keepdims=True)", x=X) for f in CONTINUOUS for a in (None, 1, (0, 2))),
    *(case(f"{f}(x, 1)", x=normal(3, 4, dtype=np.float64)) for f in CONTINUOUS),
    *(case(f"{f}(x)", x=np.float32(2.5)) for f in CONTINUOUS),
    *(case(f"{f}(x)", x=np.array(2.5, np.float32)) for f in CONTINUOUS),
    *(case(f"{f}(x, axis=0)", x=np.zeros((0, 3), np.float32)) for f in CONTINUOUS),
    *(case(f"{f}(x, axis=1)", x=np.zeros((0, 3), np.float32)) for f in CONTINUOUS),
    *(case(f"{f}(x)", x=np.zeros((0, 3), np.int32)) for f in ARITHMETIC),
    *(case(f"{f}(x, axis=1)", x=uniform(3, 8, low=0.5, dtype=np.float16)) for f in CONTINUOUS),
    *(
        case(f"{f}(tf.cast(x, tf.bfloat16), axis=1)", grad=False, name=f"{f} bfloat16", x=uniform(3, 8, low=0.5))
        for f in CONTINUOUS
    ),
    *(
        case(f"{f}(x, axis=1)", x=integers(3, 4, low=0, dtype=t), name=f"{f} {np.dtype(t).name}")
        for f in ARITHMETIC
        for t in NARROW
    ),
    *(case(f"{f}(x, 0)", x=normal(3, 2) + 1j * normal(3, 2, seed=1), name=f"{f} complex") for f in ARITHMETIC[:3]),
    case("tf.math.reduce_std(x, 0)", grad=False, x=normal(3, 2) + 1j * normal(3, 2, seed=1)),
    case("tf.math.reduce_variance(x, 0)", x=normal(3, 2) + 1j * normal(3, 2, seed=1)),
    case("tf.math.reduce_euclidean_norm(x)", grad=False, x=np.array([3 + 4j, 1])),
    *(case(f"{f}(x)", x=np.array([1 + 1j])) for f in ("tf.reduce_max", "tf.reduce_min", "tf.reduce_logsumexp")),
    *(case(f"{f}(x)", x=np.array([True])) for f in CONTINUOUS),
    *(case(f"{f}(x)", x=np.array([b"a"], object)) for f in CONTINUOUS),
    *(case(f"{f}(x, {a})", x=X) for f in CONTINUOUS for a in (3, -4, "[0, 0]", "[0, -3]", "1.0", "[None]")),
    case("tf.reduce_sum(x, tf.constant([0, 1], tf.int64))", x=X),
    case("tf.reduce_sum(x, tf.constant(1))", x=X),
    case("tf.reduce_sum(x, np.int8(1))", x=X),
    case("tf.reduce_sum(x, np.array([0, 2]))", x=X),
    case("tf.reduce_sum(x, range(2))", x=X),
    case("tf.reduce_sum(x, tf.Variable(1))", x=X),
    case("tf.reduce_sum(x, {0})", x=X),
    case("tf.reduce_sum(x, keepdims=None)", x=X),
    case("tf.reduce_sum(x, 0, 1)", x=X),
    case("tf.reduce_sum([[1, 2], [3, 4]], 1)"),
    case("tf.reduce_sum(np.array([1.0, 2.0]))"),
    case("tf.reduce_sum(tf.Variable([1.0, 2.0]))"),
    case("tf.reduce_sum(None)"),
    case("tf.reduce_sum([[1], [2, 3]])"),
    case("tf.reduce_sum(3)"),
    case("tf.reduce_sum(input_tensor=x, axis=0, keepdims=True, name='s')", x=X),
    # Integers: overflow of sums wraps, means are computed wide and cut towards zero.
    case("tf.reduce_sum(tf.constant([100, 100], tf.int8))"),
    case("tf.reduce_sum(tf.constant([200, 100], tf.uint8))"),
    case("tf.reduce_mean(tf.constant([200] * 10, tf.uint8))"),
    case("tf.reduce_mean(tf.constant([2**31 - 1] * 2))"),
    case("tf.reduce_mean(tf.constant([2**63 - 1] * 2))"),
    case("tf.reduce_mean([[-7, -4], [7, 4], [-1, 0]], 1)"),
    case("tf.reduce_prod(tf.constant([100, 100], tf.int8))"),
    case("tf.math.reduce_euclidean_norm([3, 5])"),
    case("tf.math.reduce_euclidean_norm(tf.constant([100, 100], tf.int8))"),
    case("tf.reduce_sum(x)", x=np.full(4096, 1, np.float16)),
    case("tf.reduce_sum(x)", x=np.full(2, 60000, np.float16)),
    # Ties, zeros, infinities, NaN.
    case("tf.reduce_max(x, 1)", x=np.array([[1, 3, 3], [2, 2, 2]], np.float32)),
    case("tf.reduce_min(x)", x=np.array([[1, 3, 1], [2, 1, 2]], np.float32)),
    case("tf.reduce_prod(x, 1)", x=np.array([[1, 0, 3], [0, 2, 0], [2, 3, 4]], np.float32)),
    case("tf.reduce_prod(x)", x=np.array([[1, 0, 3], [5, 2, 7]], np.float32)),
    case("tf.reduce_max(x, 1)", grad=False, x=NANS),
    case("tf.reduce_min(x, 1)", grad=False, x=NANS),
    case("tf.reduce_max(x, 1)", grad=False, x=normal(70, 80)),
    case("tf.reduce_max(x, -1, True)", grad=False, x=normal(7, 80, 9)),
    case("tf.reduce_min(x, 1)", x=normal(70, 80).T.copy()),
    case("tf.reduce_logsumexp(x)", x=np.array([1000, 1000, -1000], np.float32)),
    case("tf.reduce_logsumexp(x, 1)", grad=False, x=np.array([[-np.inf, -np.inf], [np.inf, 1]], np.float32)),
    case("tf.reduce_logsumexp([1, 2])"),
    case("tf.math.reduce_std([1, 2])"),
    case("tf.math.reduce_variance([1, 2])"),
    case("tf.math.reduce_variance(x)", x=np.full(3, 2, np.float32)),
    # Logic.
    *(case(f"{f}(x)", x=BITS) for f in LOGIC),
    *(case(f"{f}(x, axis={a}, keepdims={k})", x=BITS) for f in LOGIC for a in (0, -1, (0, 1), []) for k in (0, 1)),
    *(case(f"{f}(x, 0)", x=np.zeros((0, 2), bool)) for f in LOGIC),
    *(
        case(f"{f}({x})")
        for f in LOGIC
        for x in ("[1, 0]", "[1.0]", "np.array([1.0, 0.0])", "tf.constant([1])", "['a']")
    ),
    *(case(f"{f}(True)") for f in LOGIC),
    # Positions.
    *(
        case(f"tf.{f}(x, {a}, tf.{t})", x=X)
        for f in ("argmax", "argmin")
        for a in (None, 0, 1, -1, 3, -4)
        for t in ("int32", "int64")
    ),
    *(
        case(f"tf.argmax(x, 0, {t})", x=X)
        for t in ("tf.int16", "tf.uint16", "tf.float32", "tf.int8", "'int32'", "np.int32")
    ),
    *(case(f"tf.argmin(x, 0, {t})", x=X) for t in ("tf.int16", "tf.uint16")),
    *(case(f"tf.{f}(x, axis={a})", x=NANS[:, :3]) for f in ("argmax", "argmin") for a in (0, 1)),
    *(
        case(f"tf.{f}(x)", x=integers(5, 2, dtype=t))
        for f in ("argmax", "argmin")
        for t in (np.int8, np.uint8, np.int64)
    ),
    *(case(f"tf.{f}(x, 1)", x=BITS) for f in ("argmax", "argmin")),
    *(case(f"tf.{f}(x, 1)", x=np.array([[1, 5, 5], [2, 2, 2]], np.float32)) for f in ("argmax", "argmin")),
    *(
        case(f"tf.argmax(x{a})", x=v)
        for v in (np.zeros((0, 3), np.float32), np.array(1.0), np.array([1j]), np.array([b"a"], object))
        for a in ("", ", 1")
    ),
    *(case(f"tf.argmax(x, {a})", x=X) for a in ("1.0", "tf.constant(1, tf.int64)")),
    case("tf.argmax(tf.cast(x, tf.bfloat16), 1)", x=X),
    case("tf.argmax([1, 3, 2])"),
    case("tf.math.argmax(input=x, axis=1)", x=X),
    # Counts.
    *(case(f"tf.math.count_nonzero(x, {a})", x=integers(3, 4, low=0, high=2)) for a in (None, 0, (0, 1), 2)),
    case("tf.math.count_nonzero(x, 1, True, tf.int32)", x=integers(3, 4, low=0, high=2)),
    case("tf.math.count_nonzero(x, dtype=tf.float32)", x=X),
    case("tf.math.count_nonzero(['', 'a', 'b'])"),
    case("tf.math.count_nonzero([True, False])"),
    case("tf.math.count_nonzero([1j, 0])"),
    case("tf.math.count_nonzero(x)", x=np.array([0.0, -0.0, np.nan])),
    case("tf.math.zero_fraction(x)", x=integers(3, 4, low=0, high=2).astype(np.float32)),
    case("tf.math.zero_fraction([0, 1, 2])"),
    case("tf.math.zero_fraction([])"),
    case("tf.math.zero_fraction(['', 'b'])"),
]
