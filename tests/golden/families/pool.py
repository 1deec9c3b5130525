"""Pooling. What TensorFlow's CPU refuses and Tenfold computes is in tests/ops/test_pool.py."""

import numpy as np

from tests.golden.case import case, integers, normal

X, X1, X3 = normal(2, 7, 6, 3), normal(2, 9, 3), normal(2, 5, 4, 6, 2)
ONES = np.ones((2, 5, 5, 4), np.float32)
WINDOWS = (
    "2, 2, 'VALID'",
    "2, 2, 'SAME'",
    "3, 2, 'SAME'",
    "[3, 2], [1, 2], 'VALID'",
    "[1, 3, 2, 1], [1, 2, 3, 1], 'SAME'",
)
TIED = integers(2, 6, 6, 3, low=0, high=3).astype(np.float32)


def ones(code: str):
    """An error, or a corner where the shape says all."""
    return case(code, x=ONES, grad=False)


def second_order(function: str, x):
    return case(
        f"""
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.square({function}) * 0.5
tape.gradient(y, x)
""",
        x=x,
    )


CASES = [
    *(case(f"tf.nn.{kind}_pool2d(x, {w})", x=X) for kind in ("max", "avg") for w in WINDOWS),
    *(case(f"tf.nn.{kind}_pool(x, {w})", x=X) for kind in ("max", "avg") for w in WINDOWS[:3]),
    *(case(f"tf.nn.{kind}_pool(x, {w})", x=X1) for kind in ("max", "avg") for w in WINDOWS[:3]),
    *(case(f"tf.nn.{kind}_pool(x, {w}, 'NDHWC')", x=X3) for kind in ("max", "avg") for w in WINDOWS[:3]),
    *(
        case(f"tf.nn.{kind}_pool1d(x, {w})", x=X1)
        for kind in ("max", "avg")
        for w in ("2, 2, 'VALID'", "[3], [2], 'SAME'")
    ),
    *(
        case(f"tf.nn.{kind}_pool3d(x, {w})", x=X3)
        for kind in ("max", "avg")
        for w in ("2, 2, 'VALID'", "[2, 1, 3], 2, 'SAME'")
    ),
    *(case(f"tf.nn.max_pool2d(x, {w})", x=TIED) for w in WINDOWS),
    case("tf.nn.max_pool3d(x, 3, 2, 'SAME')", x=integers(2, 5, 5, 5, 2, low=0, high=3).astype(np.float32)),
    case("tf.nn.max_pool2d(x, 3, 1, 'SAME', data_format=None)", x=X),
    case("tf.nn.max_pool2d(x, 3, 2, [[0, 0], [1, 0], [2, 1], [0, 0]])", x=X),
    case("tf.nn.max_pool1d(x, 3, 2, [[0, 0], [1, 2], [0, 0]])", x=X1),
    *(case(f"tf.nn.{kind}_pool2d(x, 2, 2, 'VALID')", x=X.astype(np.float64)) for kind in ("max", "avg")),
    *(case(f"tf.nn.{kind}_pool2d(x, 3, 2, 'SAME')", x=X.astype(np.float16), rtol=4e-3) for kind in ("max", "avg")),
    case("tf.nn.max_pool2d(tf.cast(x, tf.bfloat16), 3, 2, 'SAME')", x=X, grad=False),
    *(
        case("tf.nn.max_pool2d(x, 3, 2, 'SAME')", x=integers(1, 5, 5, 2, low=0, dtype=t))
        for t in (np.int32, np.int8, np.uint8, np.int64, np.uint16)
    ),
    case("tf.nn.max_pool2d(-x, 3, 2, 'SAME')", x=integers(1, 5, 5, 2, low=1), grad=False),
    *(
        ones(f"tf.nn.{code}")
        for code in (
            "max_pool2d(x, 2, 2, 'FOO')",
            "max_pool2d(x, 2, 2, 3)",
            "max_pool2d(x, 2, 2, 'EXPLICIT')",
            "max_pool2d(x, 2, 2, [[0, 0], [1, 1], [1, 1]])",
            "max_pool2d(x, 6, 1, 'VALID')",
            "max_pool2d(x, 8, 1, 'VALID')",
            "max_pool2d(x, 6, 1, 'SAME')",
            "max_pool2d(x, 0, 1, 'SAME')",
            "max_pool2d(x, 2, 0, 'SAME')",
            "max_pool2d(x, [1, 2, 3], 1, 'SAME')",
            "max_pool2d(x, [2, 1, 1, 1], 1, 'SAME')",
            "max_pool2d(x[0], 2, 2, 'SAME')",
            "max_pool2d(x[:0], 2, 2, 'SAME')",
            "max_pool2d(x, 2, 2, 'SAME', data_format='XX')",
            "max_pool2d(tf.cast(x, tf.complex64), 2, 2, 'SAME')",
            "max_pool2d(x > 0, 2, 2, 'SAME')",
            "max_pool(x[0, 0], 2, 2, 'SAME')",
            "max_pool(x[None, None], 2, 2, 'SAME')",
            "max_pool(x[None], 2, 2, [[0, 0]] * 5)",
            "avg_pool2d(x, 2, 2, 'FOO')",
            "avg_pool2d(x, 2, 2, [[0, 0], [1, 1], [1, 1], [0, 0]])",
            "avg_pool2d(x, 8, 1, 'VALID')",
            "avg_pool2d(x, 6, 1, 'SAME')",
            "avg_pool2d(x, 0, 1, 'SAME')",
            "avg_pool2d(x[:0], 2, 2, 'SAME')",
            "avg_pool2d(tf.cast(x, tf.int32), 2, 2, 'SAME')",
            "avg_pool(x[0, 0], 2, 2, 'SAME')",
            "pool(x, [2, 2], 'MIN')",
            "pool(x, [2], 'MAX')",
            "pool(x, [2, 2], 'MAX', strides=[3, 3])",
            "pool(x, [2, 2], 'MAX', strides=[2, 2], dilations=[2, 2])",
            "pool(x, [2, 2], 'MAX', padding='SAME', dilations=[2, 2])",
            "pool(x, [2, 2], 'MAX', strides=[0, 1])",
            "max_pool_with_argmax(x, 2, 2, 'SAME', data_format='NCHW')",
            "max_pool_with_argmax(x, 2, 2, 'FOO')",
        )
    ),
    *(case(f"tf.nn.pool(x, [2, 3], '{kind}')", x=X) for kind in ("MAX", "AVG")),
    *(case(f"tf.nn.pool(x, [2, 3], '{kind}', strides=[2, 1], padding='SAME')", x=X) for kind in ("MAX", "AVG")),
    *(case(f"tf.nn.pool(x, [2, 3], '{kind}', dilations=[3, 2])", x=X) for kind in ("MAX", "AVG")),
    *(case(f"tf.nn.pool(x, [2], '{kind}', dilations=[3])", x=X1) for kind in ("MAX", "AVG")),
    *(case(f"tf.nn.pool(x, [2], '{kind}', strides=[2])", x=X1) for kind in ("MAX", "AVG")),
    *(case(f"tf.nn.pool(x, [2, 1, 3], '{kind}', padding='SAME')", x=X3) for kind in ("MAX", "AVG")),
    *(case(f"tf.nn.max_pool_with_argmax(x, {w})", x=TIED) for w in WINDOWS),
    case("tf.nn.max_pool_with_argmax(x, 3, 2, 'SAME', include_batch_in_index=True)", x=X),
    case("tf.nn.max_pool_with_argmax(x, 3, 2, 'SAME', output_dtype=tf.int32)", x=X, grad=False),
    case("tf.nn.max_pool_with_argmax(x, 3, 2, 'SAME')", x=integers(1, 5, 5, 2)),
    *(second_order(f"tf.nn.{kind}_pool2d(x, {w})", X) for kind in ("max", "avg") for w in WINDOWS[:3]),
    *(second_order(f"tf.nn.{kind}_pool3d(x, {w})", X3) for kind in ("max", "avg") for w in WINDOWS[:3]),
]
