import numpy as np

from tests.golden.case import case, integers, normal

X = normal(2, 3, 4)
TIES = np.array([[3, 1, 3, 1, 2], [0, 0, 0, 0, 0]], np.float32)
DIRECTIONS = ["", ", direction='ASCENDING'", ", direction='DESCENDING'"]
INTEGERS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint32, np.uint64)
EXTREMES = np.array([0, 255, 3, 0, 255], np.uint8)

CASES = [
    # Sorting.
    *(case(f"tf.{f}(x{d})", x=X) for f in ("sort", "argsort") for d in DIRECTIONS),
    *(
        case(f"tf.{f}(x, {a}{d})", x=X)
        for f in ("sort", "argsort")
        for a in (0, 1, 2, -1, -2, -3)
        for d in DIRECTIONS[1:]
    ),
    *(case(f"tf.{f}(x{d})", x=TIES) for f in ("sort", "argsort") for d in DIRECTIONS),
    *(
        case(f"tf.{f}(x{d})", x=integers(3, 5, low=0, dtype=t), name=f"{f} {np.dtype(t).name}{d}")
        for f in ("sort", "argsort")
        for t in INTEGERS
        for d in DIRECTIONS[1:]
    ),
    *(case(f"tf.{f}(x{d})", x=EXTREMES) for f in ("sort", "argsort") for d in DIRECTIONS[1:]),
    *(
        case(f"tf.{f}(x{d})", x=np.array([-128, 5, 127, -128], np.int8))
        for f in ("sort", "argsort")
        for d in DIRECTIONS[1:]
    ),
    *(
        case(f"tf.{f}(x{d})", x=np.array([np.nan, 1, np.inf, -np.inf], np.float32))
        for f in ("sort", "argsort")
        for d in DIRECTIONS[1:]
    ),
    *(
        case(f"tf.{f}(x{d})", grad=False, x=normal(6, dtype=np.float16))
        for f in ("sort", "argsort")
        for d in DIRECTIONS[1:]
    ),
    *(case(f"tf.{f}(x)", x=normal(6, dtype=np.float64)) for f in ("sort", "argsort")),
    *(case(f"tf.{f}(x)", grad=False, x=np.zeros((2, 0), np.float32)) for f in ("sort", "argsort")),
    *(
        case(f"tf.{f}({args})")
        for f in ("sort", "argsort")
        for args in (
            "1.0",
            "[1], 1",
            "[1], -2",
            "[1], None",
            "[1], direction='up'",
            "[True]",
            "['a']",
            "[1j]",
            "[[3, 1, 2]]",
        )
    ),
    case("tf.argsort(x, -1, 'DESCENDING', True)", x=TIES),
    # The largest.
    *(case(f"tf.math.top_k(x, {k})", x=X) for k in (0, 1, 2, 3, 4, 5, -1, "[2, 3]", "2.0", "tf.constant(2, tf.int64)")),
    *(case(f"tf.math.top_k(x, {k})", x=normal(3, 200)) for k in (1, 5, 40, 60, 200)),
    *(case(f"tf.math.top_k(x, {k})", x=integers(3, 200)) for k in (1, 5, 40, 60, 200)),
    case("tf.math.top_k(x, 5)", x=np.round(normal(4, 200))),
    case("tf.nn.top_k(x)", x=X),
    case("tf.math.top_k(x, 3)", x=TIES),
    *(
        case(f"tf.math.top_k(x, 2, index_type={t})", grad=False, x=X)
        for t in ("tf.int16", "tf.int32", "tf.int64", "tf.float32")
    ),
    *(
        case("tf.math.top_k(x, 3)", x=integers(3, 5, low=0, dtype=t), name=f"top_k {np.dtype(t).name}")
        for t in INTEGERS
    ),
    *(case(f"tf.math.top_k({x}, 1)") for x in ("1.0", "[True]", "['a']", "[1j]", "[3, 4]", "[[1.0], [2.0]]")),
    case("tf.math.top_k(x, 2)", x=np.zeros((0, 3), np.float32), grad=False),
    case("tf.math.top_k(x, 0)", x=np.zeros((2, 0), np.float32), grad=False),
    case("tf.math.top_k(x, 3)", x=np.array([np.nan, 1, 2], np.float32)),
    case("tf.math.top_k(x, 1).values + tf.math.top_k(x, 1).values", x=X),
    case("type(tf.math.top_k([1])).__name__"),
    case("tf.math.top_k(input=x, k=2, sorted=True, name='n')", x=X),
    case("tf.math.approx_max_k(x, 2)", x=X),
    case("tf.nn.approx_max_k(x, k=1, aggregate_to_topk=False)", x=X),
    case("tf.math.approx_max_k(x, 5)", x=X),
    case("tf.math.approx_max_k(x, 2)", x=normal(4, dtype=np.float64)),
    # Targets among the largest.
    *(
        case(f"tf.math.in_top_k({t}, x, {k})", x=normal(3, 4))
        for t in ("[0, 1, 2]", "[3, 3, -1]", "[0, 4, 1]")
        for k in (0, 1, 2, 4, 9)
    ),
    case("tf.nn.in_top_k(targets=[0, 2], predictions=x, k=2)", x=TIES),
    case("tf.math.in_top_k([0, 1], x, 3)", x=np.array([[np.nan, 1, 2], [0, 1, np.inf]], np.float32)),
    case("tf.math.in_top_k([0, 1], [[1, 2], [3, 4]], 1)"),
    case("tf.math.in_top_k([0, 1], [[0.5, 0.2], [0.5, 0.2]], 1)"),
    *(
        case(f"tf.math.in_top_k({args}, 1)", x=normal(2, 4))
        for args in (
            "[0], x",
            "0, x",
            "[0.0, 1.0], x",
            "[0, 1], tf.cast(x, tf.float64)",
            "tf.constant([0, 1], tf.int64), x",
            "[0, 1], x[0]",
        )
    ),
    # Search.
    *(
        case(f"tf.searchsorted({s}, {v}, side='{side}')")
        for s, v in (
            ("[1, 3, 3, 5]", "[0, 3, 6, 5]"),
            ("[1.0, 3.0]", "[0.5, 3.0]"),
            ("[[1, 3, 5], [2, 4, 6]]", "[[3], [3]]"),
            ("[[[1, 3, 5], [2, 4, 6]]]", "[[[3, 2], [3, 9]]]"),
            ("tf.zeros([0])", "[1.0]"),
            ("[1, 3]", "tf.zeros([0], tf.int32)"),
        )
        for side in ("left", "right")
    ),
    *(
        case(f"tf.searchsorted({args})")
        for args in (
            "[1, 3], 3",
            "3, 3",
            "[1, 3], [[0, 3], [1, 2]]",
            "[[1, 3], [2, 4]], [3, 3]",
            "[[1, 3], [2, 4]], [[3]]",
            "[1, 3], [0.0]",
            "[1, 3], [0], side='x'",
            "[1, 3], [0], out_type=tf.int64",
            "[1, 3], [0], out_type=tf.int16",
        )
    ),
    case("tf.searchsorted(tf.constant([1, 3], tf.int64), tf.constant([2], tf.int64))"),
    case("tf.searchsorted([1.0, 3.0], [float('nan'), 2.0]), tf.searchsorted([1.0, 3.0], [float('nan')], side='right')"),
]
