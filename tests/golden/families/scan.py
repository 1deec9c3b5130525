import numpy as np

from tests.golden.case import case, integers, normal, uniform

X = normal(3, 4)
FLAGS = ["", ", exclusive=True", ", reverse=True", ", exclusive=True, reverse=True"]
OPS = ["tf.cumsum", "tf.math.cumprod", "tf.math.cumulative_logsumexp"]

CASES = [
    *(case(f"{f}(x, {a}{flags})", x=X) for f in OPS for a in (0, 1, -1, -2) for flags in FLAGS),
    *(case(f"{f}(x)", x=normal(5, dtype=np.float64)) for f in OPS),
    *(case(f"{f}(x, 1)", grad=False, x=uniform(3, 4, dtype=np.float16)) for f in OPS),
    *(case(f"{f}(tf.cast(x, tf.bfloat16), 1)", grad=False, x=uniform(3, 4)) for f in OPS[:2]),
    *(
        case(f"{f}(x, 1{flags})", x=integers(2, 5, low=0, dtype=t), name=f"{f} {np.dtype(t).name}{flags}")
        for f in OPS[:2]
        for t in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint32, np.uint64)
        for flags in FLAGS[:2]
    ),
    *(case(f"{f}(x)", grad=f == OPS[0], x=normal(3) + 1j * normal(3, seed=1)) for f in OPS),
    *(
        case(f"{f}(x, {a})", x=X)
        for f in OPS
        for a in (2, -3, "[0, 1]", "0.0", "tf.constant(1, tf.int64)", "np.int32(1)")
    ),
    *(case(f"{f}(x{flags})", x=np.zeros((0, 2), np.float32)) for f in OPS for flags in FLAGS),
    *(case(f"{f}(x, 1{flags})", x=np.zeros((2, 1), np.float32)) for f in OPS[::2] for flags in FLAGS),
    *(case(f"{f}({x})") for f in OPS for x in ("1.0", "[True]", "['a']", "[1, 2]", "[1.0, 2.0]")),
    case("tf.cumsum(tf.constant([100, 100], tf.int8))"),
    case("tf.math.cumprod(x, 1)", grad=False, x=np.array([[2, 0, 3], [0, 2, 0]], np.float32)),
    case("tf.math.cumulative_logsumexp(x)", grad=False, x=np.array([-np.inf, -np.inf, 1, np.inf], np.float32)),
    case("tf.math.cumulative_logsumexp(x, axis=1)", x=10 * normal(2, 6)),
    case("tf.math.cumsum(x=x, axis=1, exclusive=False, reverse=True, name='n')", x=X),
]
