import numpy as np

from tests.golden.case import case, integers, normal

X, F = normal(2, 7, 6, 3), normal(3, 2, 3)
ONES = np.ones((2, 5, 5, 4), np.float32)
ARGUMENTS = (
    "[1, 1, 1, 1], 'SAME', 'NHWC', [1, 1, 1, 1]",
    "[1, 1, 1, 1], 'VALID', 'NHWC', [1, 1, 1, 1]",
    "[1, 2, 3, 1], 'SAME', 'NHWC', [1, 1, 1, 1]",
    "[1, 1, 2, 1], 'VALID', 'NHWC', [1, 2, 1, 1]",
    "[1, 1, 1, 1], 'SAME', 'NHWC', [1, 2, 3, 1]",
)

CASES = [
    *(case(f"tf.nn.{name}(x, f, {a})", x=X, f=F) for name in ("dilation2d", "erosion2d") for a in ARGUMENTS),
    case(f"tf.nn.dilation2d(x, f, {ARGUMENTS[0]})", x=X.astype(np.float64), f=F.astype(np.float64)),
    case(f"tf.nn.dilation2d(x, f, {ARGUMENTS[0]})", x=integers(1, 4, 4, 2), f=integers(3, 2, 2)),
    case(f"tf.nn.erosion2d(x, f, {ARGUMENTS[0]})", x=integers(1, 4, 4, 2), f=integers(3, 2, 2)),
    case(
        f"tf.nn.dilation2d(x, f, {ARGUMENTS[0]})",
        x=integers(1, 4, 4, 2, low=0, dtype=np.uint8),
        f=integers(3, 2, 2, low=0, dtype=np.uint8),
    ),
    case(
        f"tf.nn.dilation2d(x, f, {ARGUMENTS[1]})",
        x=integers(2, 5, 5, 2, low=0, high=2).astype(np.float32),
        f=np.zeros((2, 2, 2), np.float32),
    ),
    *(
        case(f"tf.nn.{code}", x=ONES, grad=False)
        for code in (
            "dilation2d(x, tf.ones((3, 3, 4)), [1, 1, 1, 1], 'SAME', 'NCHW', [1, 1, 1, 1])",
            "erosion2d(x, tf.ones((3, 3, 4)), [1, 1, 1, 1], 'SAME', 'NCHW', [1, 1, 1, 1])",
            "dilation2d(x, tf.ones((3, 3, 3)), [1, 1, 1, 1], 'SAME', 'NHWC', [1, 1, 1, 1])",
            "dilation2d(x[0], tf.ones((3, 3, 4)), [1, 1, 1, 1], 'SAME', 'NHWC', [1, 1, 1, 1])",
            "dilation2d(x, tf.ones((3, 3, 4, 1)), [1, 1, 1, 1], 'SAME', 'NHWC', [1, 1, 1, 1])",
            "dilation2d(x, tf.ones((3, 3, 4)), [1, 1, 1, 1], 'FOO', 'NHWC', [1, 1, 1, 1])",
            "dilation2d(x, tf.ones((3, 3, 4)), [1, 0, 1, 1], 'SAME', 'NHWC', [1, 1, 1, 1])",
            "dilation2d(x, tf.ones((8, 8, 4)), [1, 1, 1, 1], 'VALID', 'NHWC', [1, 1, 1, 1])",
        )
    ),
]
