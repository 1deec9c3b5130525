import numpy as np

from tests.golden.case import case, integers, normal, uniform

X = normal(5, 3)
IDS = np.array([0, 0, 2, 2, 3], np.int32)
ANY = np.array([3, 0, -1, 0, 1], np.int32)
SORTED = [f"tf.math.segment_{f}" for f in ("sum", "mean", "prod", "max", "min")]
UNSORTED = [f"tf.math.unsorted_segment_{f}" for f in ("sum", "mean", "sqrt_n", "prod", "max", "min")]
SPARSE = [f"tf.sparse.segment_{f}" for f in ("sum", "mean", "sqrt_n")]
INTEGERS = (np.int8, np.uint8, np.int16, np.int32, np.int64, np.uint64)
TIES = np.array([[1, 2], [1, 3], [0, 0], [0, 5], [7, 7]], np.float32)

CASES = [
    # Sorted ids.
    *(case(f"{f}(x, ids)", x=X, ids=IDS) for f in SORTED),
    *(case(f"{f}(x, ids)", x=X[:, 0].astype(np.float64), ids=IDS.astype(np.int64)) for f in SORTED),
    *(case(f"{f}(x, ids)", x=normal(5, 2, 2), ids=IDS) for f in SORTED),
    *(case(f"{f}(x, ids)", grad=False, x=uniform(5, 2, dtype=np.float16), ids=IDS) for f in SORTED),
    *(
        case(f"{f}(x, ids)", x=integers(5, 2, dtype=t), ids=IDS, name=f"{f} {np.dtype(t).name}")
        for f in SORTED
        for t in INTEGERS
    ),
    *(case(f"{f}(x, ids)", grad=False, x=normal(5) + 1j * normal(5, seed=1), ids=IDS) for f in SORTED),
    *(case(f"{f}(x, ids)", x=TIES, ids=IDS) for f in SORTED),
    *(case(f"{f}(x, ids)", x=np.zeros((0, 3), np.float32), ids=np.zeros(0, np.int32)) for f in SORTED),
    *(case(f"{f}(x, ids)", x=np.zeros((5, 0), np.float32), ids=IDS) for f in SORTED),
    *(
        case(f"{f}(x, {ids})", x=X)
        for f in SORTED
        for ids in (
            "[0, 1, 0, 2, 2]",
            "[-1, 0, 0, 1, 1]",
            "[0, 1]",
            "[[0, 0, 1, 1, 1]]",
            "0",
            "[0.0, 0.0, 0.0, 0.0, 1.0]",
        )
    ),
    *(case(f"{f}({x}, [0])") for f in SORTED for x in ("1.0", "[True]", "['a']")),
    case("tf.math.segment_sum(x, tf.constant([0, 0, 0, 0, 0], tf.int16))", x=X),
    case("tf.math.segment_mean(x, ids)", x=np.array([1, 2, 5, -8, 3], np.int32), ids=IDS),
    # Ids in any order.
    *(case(f"{f}(x, ids, 5)", x=X, ids=ANY) for f in UNSORTED),
    *(case(f"{f}(x, ids, num_segments=4)", x=X[:, 0].astype(np.float64), ids=ANY.astype(np.int64)) for f in UNSORTED),
    *(case(f"{f}(x, ids, 4)", x=normal(5, 2, 2), ids=ANY) for f in UNSORTED),
    *(case(f"{f}(x, ids, 6)", x=normal(3, 4), ids=integers(3, 4, low=-1)) for f in UNSORTED),
    *(case(f"{f}(x, ids, 6)", x=normal(3, 4, 2), ids=integers(3, 4, low=-1)) for f in UNSORTED),
    *(case(f"{f}(x, 1, 2)", x=normal(3, 2)) for f in UNSORTED),
    *(case(f"{f}(x, ids, 4)", grad=False, x=uniform(5, 2, dtype=np.float16), ids=ANY) for f in UNSORTED),
    *(
        case(f"{f}(x, ids, 4)", x=integers(5, 2, dtype=t), ids=ANY, name=f"{f} {np.dtype(t).name}")
        for f in UNSORTED
        for t in INTEGERS
    ),
    *(
        case(f"{f}(x, ids, 4)", grad=False, x=normal(5) + 1j * normal(5, seed=1), ids=ANY)
        for f in (UNSORTED[0], *UNSORTED[3:])
    ),
    *(case(f"{f}(x, ids, 4)", x=TIES, ids=IDS) for f in UNSORTED),
    *(case(f"{f}(x, ids, 2)", x=np.zeros((0, 3), np.float32), ids=np.zeros(0, np.int32)) for f in UNSORTED),
    *(case(f"{f}(x, [-1, -1, -1, -1, -1], 0)", x=X) for f in UNSORTED),
    *(
        case(f"{f}(x, {args})", x=X)
        for f in UNSORTED
        for args in ("[0, 1, 0, 9, 2], 4", "[0, 1], 4", "[[0, 1]], 4", "[0.0] * 5, 4", "[0] * 5, -1", "[0] * 5, [3, 4]")
    ),
    *(case(f"{f}(x, ids, tf.constant(4, tf.int64))", x=X, ids=ANY) for f in UNSORTED),
    *(case(f"{f}({x}, [0], 1)") for f in (UNSORTED[0], *UNSORTED[3:]) for x in ("[True]", "['a']")),
    case("tf.math.unsorted_segment_sum(x, tf.constant([0, 1, 0, 1, 0], tf.int16), 2)", x=X),
    case("tf.math.unsorted_segment_max(x, tf.constant([0, 1, 0, 1, 0], tf.int16), 2)", x=X),
    case("tf.math.unsorted_segment_sum(x, [0] * 5, 3.0)", x=X),
    case("tf.math.unsorted_segment_sum(x, ids, 50)", x=normal(400, 200), ids=integers(400, low=-2, high=50)),
    # Picked rows.
    *(case(f"{f}(x, [0, 4, 4, 1], [0, 0, 2, 2])", x=X) for f in SPARSE),
    *(case(f"{f}(x, [0, 4, 4, 1], [0, 0, 2, 2], num_segments=5)", x=X) for f in SPARSE),
    *(
        case(
            f"{f}(x, i, s)",
            x=X[:, 0].astype(np.float64),
            i=np.array([4, 4, 0], np.int64),
            s=np.array([0, 1, 1], np.int64),
        )
        for f in SPARSE
    ),
    *(case(f"{f}(x, [0, 4, 4, 1], [0, 0, 2, 2], sparse_gradient=True)", x=X) for f in SPARSE),
    *(case(f"{f}(x, [0, 1], [0, 0])", grad=False, x=uniform(5, 2, dtype=np.float16)) for f in SPARSE),
    *(case(f"{f}(x, [0, 1], [0, 0])", x=integers(5, 2)) for f in SPARSE),
    *(case(f"{f}(x, tf.zeros([0], tf.int32), tf.zeros([0], tf.int32))", grad=False, x=X) for f in SPARSE),
    *(case(f"{f}(x, tf.zeros([0], tf.int32), tf.zeros([0], tf.int32), 2)", grad=False, x=X) for f in SPARSE),
    *(
        case(f"{f}(x, {args})", x=X)
        for f in SPARSE
        for args in (
            "[0, 5], [0, 0]",
            "[0, -1], [0, 0]",
            "[0, 1, 2], [0, 0]",
            "[0, 1, 2], [0, 2, 1]",
            "[0, 1], [-1, 0]",
            "[[0, 1]], [0, 0]",
            "[0, 1], [0, 3], 3",
            "[0, 1], [0, 1], -1",
        )
    ),
]
