"""Convolutions. What TensorFlow's CPU refuses and Tenfold computes is in tests/ops/test_conv.py."""

import numpy as np

from tests.golden.case import case, integers, normal

X, F = normal(2, 7, 6, 4), normal(3, 2, 4, 6)
X1, F1 = normal(2, 9, 4), normal(3, 4, 6)
X3, F3 = normal(2, 5, 4, 6, 3), normal(3, 2, 2, 3, 4)
T = normal(3, 2, 6, 4)  # a filter of a transpose
EXPLICIT = [[0, 0], [2, 1], [0, 3], [0, 0]]
ONES = np.ones((2, 5, 5, 4), np.float32)


def conv2d(arguments: str, x=X, f=F, **options):
    return case(f"tf.nn.conv2d(x, f, {arguments})", x=x, f=f, **options)


def ones(code: str):
    """An error, or a corner where the shape says all."""
    return case(code, x=ONES, grad=False)


def second_order(function: str, **inputs):
    return case(
        f"""
with tf.GradientTape() as tape:
    tape.watch([x, f])
    y = {function}
    y = tf.reduce_sum(y * y * y)
dx, df = tape.gradient(y, [x, f])
dx * 0.01, df * 0.01
""",
        rtol=2e-4,
        **inputs,
    )


CASES = [
    *(
        conv2d(f"{stride}, '{padding}'")
        for stride in (1, 2, [2, 1], [1, 1, 3, 1], [4, 3])
        for padding in ("SAME", "VALID")
    ),
    conv2d("[1, 2, 2, 1], padding=EXPLICIT".replace("EXPLICIT", repr(EXPLICIT))),
    conv2d("1, EXPLICIT".replace("EXPLICIT", repr(EXPLICIT))),
    conv2d("1, 'SAME', dilations=2", grad=False),
    conv2d("1, 'VALID', dilations=[1, 2, 3, 1]", grad=False),
    conv2d("2, 'VALID', dilations=2", grad=False),
    conv2d("1, 'SAME', data_format='NHWC'", f=normal(1, 1, 4, 5)),
    conv2d("2, 'SAME'", f=normal(1, 1, 4, 5)),
    conv2d("1, 'SAME'", f=normal(3, 3, 2, 6), grad=False),
    conv2d("2, 'VALID'", f=normal(3, 3, 1, 8), grad=False),
    conv2d("1, 'SAME'", x=normal(3, 12, 13, 1), f=normal(5, 5, 1, 3)),
    conv2d("1, 'VALID'", x=normal(3, 12, 13, 1), f=normal(5, 4, 1, 3)),
    conv2d("3, 'SAME'", x=normal(1, 40, 33, 3), f=normal(7, 7, 3, 4), rtol=1e-4),
    conv2d("1, 'SAME'", x=normal(1, 100, 120, 8), f=normal(3, 3, 8, 8), rtol=1e-3, grad=False),
    conv2d("1, 'SAME'", x=X.astype(np.float64), f=F.astype(np.float64)),
    conv2d("1, 'SAME'", x=X.astype(np.float16), f=F.astype(np.float16), rtol=1e-2, grad=False),
    conv2d("1, 'SAME'", x=integers(1, 4, 4, 2), f=integers(2, 2, 2, 3)),
    conv2d("1, 'SAME'", x=normal(2, 3, 5, 5, 4)),
    conv2d("2, 'VALID'", x=normal(2, 1, 3, 5, 5, 4)),
    case("tf.nn.conv2d(np.array(x), f, 1, 'SAME')", x=X.astype(np.float64), f=F),
    case("tf.nn.conv2d(x, f.numpy().astype('f8'), 1, 'SAME')", x=X, f=F),
    *(
        ones(f"tf.nn.conv2d({code})")
        for code in (
            "x, tf.ones((3, 3, 4, 6)), 1, 'FOO'",
            "x, tf.ones((3, 3, 4, 6)), 1, 'same'",
            "x, tf.ones((3, 3, 4, 6)), 1, 3",
            "x, tf.ones((3, 3, 4, 6)), 1, 'EXPLICIT'",
            "x, tf.ones((3, 3, 4, 6)), 1, [[0, 0], [1, 1], [1, 1]]",
            "x, tf.ones((3, 3, 4, 6)), 1, [[0, 0], [1, 1], [1, 1], 0]",
            "x, tf.ones((3, 3, 4, 6)), 1, [[0, 0], [1, -1], [1, 1], [0, 0]]",
            "x, tf.ones((3, 3, 4, 6)), 1, [[1, 0], [1, 1], [1, 1], [0, 0]]",
            "x, tf.ones((3, 3, 4, 6)), 1, 'VALID', data_format='NCHW'",
            "x, tf.ones((3, 3, 4, 6)), 1, 'VALID', data_format='XX'",
            "x, tf.ones((3, 3, 4, 6)), 1, 'VALID', data_format=None",
            "x, tf.ones((3, 3, 4, 6)), [2, 1, 1, 1], 'VALID'",
            "x, tf.ones((3, 3, 4, 6)), [1, 1, 1], 'VALID'",
            "x, tf.ones((3, 3, 4, 6)), 0, 'VALID'",
            "x, tf.ones((3, 3, 4, 6)), -1, 'VALID'",
            "x, tf.ones((3, 3, 4, 6)), 1, 'VALID', dilations=0",
            "x, tf.ones((3, 3, 4, 6)), 1, 'VALID', dilations=3",
            "x[0], tf.ones((3, 3, 4, 6)), 1, 'VALID'",
            "x, tf.ones((3, 4, 6)), 1, 'VALID'",
            "x[..., :3], tf.ones((3, 3, 4, 6)), 1, 'VALID'",
            "x, tf.ones((3, 3, 2, 6)), 1, 'VALID'",
            "x, tf.ones((3, 3, 2, 5)), 1, 'VALID'",
            "x, tf.ones((6, 6, 4, 5)), 1, 'VALID'",
            "x, tf.ones((7, 7, 4, 5)), 1, 'VALID'",
            "x, tf.ones((7, 7, 4, 5)), 2, 'VALID'",
            "x, tf.ones((7, 7, 4, 5)), 1, 'SAME'",
            "x[:0], tf.ones((3, 3, 4, 6)), 1, 'SAME'",
            "x[:, :0], tf.ones((3, 3, 4, 6)), 1, 'SAME'",
            "x, tf.ones((3, 3, 4, 0)), 1, 'SAME'",
            "x, tf.ones((0, 3, 4, 6)), 1, 'SAME'",
            "x[..., :0], tf.ones((3, 3, 0, 6)), 1, 'SAME'",
            "tf.cast(x, tf.int64), tf.ones((3, 3, 4, 6), tf.int64), 1, 'SAME'",
            "tf.cast(x, tf.complex64), tf.ones((3, 3, 4, 6), tf.complex64), 1, 'SAME'",
            "tf.cast(x, tf.float64), tf.ones((3, 3, 4, 6)), 1, 'SAME'",
            "tf.cast(x, tf.bfloat16), tf.ones((3, 3, 4, 6), tf.bfloat16), 1, 'SAME'",
            "x, tf.ones((3, 3, 4, 6)), None, 'SAME'",
            "x, tf.ones((3, 3, 4, 6)), np.int64(2), 'SAME'",
            "x, tf.ones((3, 3, 4, 6)), tf.constant([1, 2, 1, 1]), 'SAME'",
        )
    ),
    conv2d("1, 'SAME'", x=normal(0, 5, 5, 4)),
    *(
        second_order(f"tf.nn.conv2d(x, f, {stride}, '{padding}')", x=X, f=F)
        for stride in (1, 2)
        for padding in ("SAME", "VALID")
    ),
    *(
        case(f"tf.nn.conv1d(x, f, {a})", x=X1, f=F1)
        for a in ("1, 'SAME'", "2, 'VALID'", "[3], 'SAME'", "[1, 2, 1], 'SAME'")
    ),
    case("tf.nn.conv1d(x, f, 1, 'VALID', dilations=2)", x=X1, f=F1, grad=False),
    case("tf.nn.conv1d(x, f, 2, 'SAME', data_format='NWC')", x=normal(2, 3, 9, 4), f=F1),
    ones("tf.nn.conv1d(x[0], tf.ones((3, 4, 6)), 1, 'SAME', data_format='NHWC')"),
    ones("tf.nn.conv1d(x[0], tf.ones((3, 4, 6)), 1, 'SAME', data_format='foo')"),
    ones("tf.nn.conv1d(x[0], tf.ones((3, 4, 6)), 1, 'SAME', data_format='NCW')"),
    ones("tf.nn.conv1d(x[0], tf.ones((3, 4, 6)), 1, 'CAUSAL')"),
    ones("tf.nn.conv1d(x[0], tf.ones((3, 4, 6)), 1, [[0, 0], [1, 1], [0, 0]])"),
    ones("tf.nn.conv1d(x[0], tf.ones((3, 4, 6)), [1, 2], 'SAME')"),
    ones("tf.nn.conv1d(x[0], tf.ones((3, 5, 6)), 1, 'SAME')"),
    *(
        case(f"tf.nn.conv3d(x, f, {a})", x=X3, f=F3)
        for a in ("[1, 1, 1, 1, 1], 'SAME'", "[1, 2, 2, 2, 1], 'VALID'", "[1, 1, 2, 3, 1], 'SAME'")
    ),
    case("tf.nn.conv3d(x, f, [1] * 5, 'SAME')", x=X3[None], f=F3),
    ones("tf.nn.conv3d(x[None], tf.ones((1, 3, 3, 4, 6)), [1] * 5, [[0, 0]] * 5)"),
    ones("tf.nn.conv3d(x[None], tf.ones((1, 3, 3, 4, 6)), [1] * 5, 'SAME', data_format='NCDHW')"),
    ones("tf.nn.conv3d(x[None], tf.ones((1, 3, 3, 3, 6)), [1] * 5, 'SAME')"),
    ones("tf.nn.conv3d(tf.cast(x[None], tf.int32), tf.ones((1, 3, 3, 4, 6), tf.int32), [1] * 5, 'SAME')"),
    second_order("tf.nn.conv3d(x, f, [1, 1, 2, 2, 1], 'SAME')", x=X3, f=F3),
    *(
        case(f"tf.nn.convolution(x, f{a})", x=X, f=F)
        for a in ("", ", 2, 'SAME'", ", padding='SAME', data_format='NHWC'")
    ),
    case("tf.nn.convolution(x, f, dilations=2)", x=X, f=F),
    case("tf.nn.convolution(x, f, dilations=[2, 3], padding='SAME')", x=X, f=F),
    case("tf.nn.convolution(x, f, dilations=2, padding='SAME')", x=X1, f=F1),
    case("tf.nn.convolution(x, f, dilations=[1, 2, 1], padding='SAME')", x=X3, f=F3),
    case("tf.nn.convolution(x, f, 2, 'SAME', 'NDHWC')", x=X3, f=F3),
    case("tf.nn.convolution(x, f, 2)", x=X1, f=F1),
    case(f"tf.nn.convolution(x, f, dilations=2, padding={EXPLICIT})", x=X, f=F),
    ones("tf.nn.convolution(x, tf.ones((4, 4)))"),
    ones("tf.nn.convolution(x, tf.ones((3, 3, 4, 6)), padding='FOO')"),
    ones("tf.nn.convolution(x, tf.ones((3, 2, 4, 6)), data_format='foo')"),
    case("tf.nn.atrous_conv2d(x, f, 2, 'SAME')", x=X, f=F),
    case("tf.nn.atrous_conv2d(x, f, 3, 'VALID')", x=X, f=normal(2, 2, 4, 3)),
    case("tf.nn.atrous_conv2d(x, f, [2, 1], 'VALID')", x=X, f=F),
    ones("tf.nn.atrous_conv2d(x, tf.ones((3, 3, 4, 6)), 0, 'VALID')"),
    *(
        case(f"tf.nn.conv2d_transpose(x, f, {a})", x=X, f=T)
        for a in (
            "(2, 14, 12, 6), 2",
            "(2, 13, 11, 6), 2",
            "[2, 7, 6, 6], strides=1, padding='SAME'",
            "(2, 9, 7, 6), 1, 'VALID'",
            "(2, 15, 12, 6), [1, 2, 2, 1], 'VALID'",
            "(2, 16, 16, 6), [2, 3], 'VALID'",
            "(2, 27, 30, 6), [4, 5], 'SAME'",
            "tf.constant([2, 14, 12, 6]), 2",
            "(2, 13, 12, 6), 2, [[0, 0], [1, 1], [0, 0], [0, 0]]",
            "(14, 12), 2",
        )
    ),
    *(
        ones(f"tf.nn.conv2d_transpose({code})")
        for code in (
            "x, tf.ones((3, 3, 6, 4)), (2, 12, 9, 6), 2",
            "x, tf.ones((3, 3, 6, 3)), (2, 10, 10, 6), 2",
            "x, tf.ones((3, 3, 6, 4)), (2, 10, 10, 5), 2",
            "x, tf.ones((3, 3, 6, 4)), (3, 10, 10, 6), 2",
            "x, tf.ones((3, 3, 6, 4)), (3, 10, 10), 2",
            "x[:0], tf.ones((3, 3, 6, 4)), (0, 10, 10, 6), 2",
            "x, tf.ones((3, 3, 6, 4)), (2, 10, 10, 6), 2, 'FOO'",
            "tf.cast(x, tf.float64), tf.ones((3, 3, 6, 4)), (2, 10, 10, 6), 2",
        )
    ),
    second_order("tf.nn.conv2d_transpose(x, f, (2, 14, 12, 6), 2)", x=X, f=T),
    case("tf.nn.conv1d_transpose(x, f, (2, 18, 6), 2)", x=X1, f=normal(3, 6, 4)),
    case("tf.nn.conv1d_transpose(x, f, tf.constant([2, 19, 6]), [2], 'VALID')", x=X1, f=normal(3, 6, 4)),
    case("tf.nn.conv1d_transpose(x, f, [2, 18, 6], 2, data_format='foo')", x=X1, f=normal(3, 6, 4)),
    case("tf.nn.conv3d_transpose(x, f, (2, 10, 8, 12, 4), 2)", x=X3, f=normal(3, 2, 2, 4, 3)),
    case("tf.nn.conv3d_transpose(x, f, (2, 7, 5, 13, 4), [1, 1, 2], 'VALID')", x=X3, f=normal(3, 2, 2, 4, 3)),
    case("tf.nn.conv3d_transpose(x, f, (2, 10, 8, 12, 4), 2, 'FOO')", x=X3, f=normal(3, 2, 2, 4, 3)),
    case("tf.nn.conv_transpose(x, f, (2, 14, 12, 6), 2)", x=X, f=T),
    case("tf.nn.conv_transpose(x, f, (2, 18, 6), 2)", x=X1, f=normal(3, 6, 4)),
    case("tf.nn.conv_transpose(x, f, tf.constant([2, 10, 8, 12, 4]), 2)", x=X3, f=normal(3, 2, 2, 4, 3)),
    ones("tf.nn.conv_transpose(x, tf.ones((3, 3, 6, 4)), 10, 2)"),
    ones("tf.nn.conv_transpose(x, tf.ones((3, 3, 6, 4)), (2, 10, 10, 6, 3, 3), 2)"),
    case("tf.nn.atrous_conv2d_transpose(x, f, (2, 7, 6, 6), 2, 'SAME')", x=X, f=T),
    case("tf.nn.atrous_conv2d_transpose(x, f, (2, 11, 8, 6), 2, 'VALID')", x=X, f=T),
    case("tf.nn.atrous_conv2d_transpose(x, f, (2, 7, 6, 6), 1, 'SAME')", x=X, f=T),
    ones("tf.nn.atrous_conv2d_transpose(x, tf.ones((3, 3, 6, 4)), (2, 9, 9, 6), 0, 'VALID')"),
    ones("tf.nn.atrous_conv2d_transpose(x, tf.ones((3, 3, 6, 3)), (2, 9, 9, 6), 2, 'VALID')"),
    ones("tf.nn.atrous_conv2d_transpose(x, tf.ones((3, 3, 6, 4)), (2, 9, 9, 5), 2, 'VALID')"),
    *(
        case(f"tf.nn.depthwise_conv2d(x, f, {a})", x=X, f=normal(3, 2, 4, m))
        for m in (1, 2)
        for a in (
            "[1, 1, 1, 1], 'SAME'",
            "[1, 2, 2, 1], 'VALID'",
            f"[1, 1, 1, 1], {EXPLICIT}",
            "[1, 3, 3, 1], 'SAME', 'NHWC'",
        )
    ),
    case("tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], 'SAME')", x=normal(1, 30, 31, 3), f=normal(5, 5, 3, 3), rtol=1e-4),
    case("tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], 'SAME', dilations=[2, 2])", x=X, f=normal(3, 2, 4, 2)),
    case("tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], 'VALID', dilations=[1, 2])", x=X, f=normal(3, 2, 4, 2)),
    case(
        "tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], 'SAME')",
        x=X.astype(np.float64),
        f=normal(3, 2, 4, 2, dtype=np.float64),
    ),
    *(
        ones(f"tf.nn.depthwise_conv2d({code})")
        for code in (
            "x, tf.ones((3, 3, 3, 2)), [1, 1, 1, 1], 'SAME'",
            "x, tf.ones((3, 3, 4, 2)), [1, 1, 1, 1], 'FOO'",
            "x, tf.ones((3, 3, 4, 2)), [1, 1, 1, 1], 'SAME', data_format='NCHW'",
            "x[:0], tf.ones((3, 3, 4, 2)), [1, 1, 1, 1], 'SAME'",
            "x[0], tf.ones((3, 3, 4, 2)), [1, 1, 1, 1], 'SAME'",
            "x, tf.ones((3, 4, 2)), [1, 1, 1, 1], 'SAME'",
            "x, tf.ones((6, 6, 4, 2)), [1, 1, 1, 1], 'VALID'",
            "x, tf.ones((8, 8, 4, 2)), [1, 1, 1, 1], 'VALID'",
            "tf.cast(x, tf.int32), tf.ones((3, 3, 4, 2), tf.int32), [1, 1, 1, 1], 'SAME'",
            "tf.cast(x, tf.float16), tf.ones((3, 3, 4, 2), tf.float16), [1, 1, 1, 1], 'SAME'",
        )
    ),
    second_order("tf.nn.depthwise_conv2d(x, f, [1, 2, 2, 1], 'SAME')", x=X, f=normal(3, 2, 4, 2)),
    case(
        "tf.nn.depthwise_conv2d_backprop_input((2, 7, 6, 4), f, dy, [1, 2, 2, 1], 'SAME')",
        f=normal(3, 2, 4, 2),
        dy=normal(2, 4, 3, 8),
    ),
    case(
        "tf.nn.depthwise_conv2d_backprop_filter(x, (3, 2, 4, 2), dy, [1, 2, 2, 1], 'SAME')",
        x=X,
        dy=normal(2, 4, 3, 8),
    ),
    case("tf.nn.separable_conv2d(x, d, p, [1, 2, 2, 1], 'SAME')", x=X, d=normal(3, 2, 4, 2), p=normal(1, 1, 8, 5)),
    case("tf.nn.separable_conv2d(x, d, p, [1, 1, 1, 1], 'VALID')", x=X, d=normal(3, 2, 4, 1), p=normal(1, 1, 4, 5)),
    case(
        "tf.nn.separable_conv2d(x, d, p, [1, 1, 1, 1], 'SAME', dilations=[2, 2])",
        x=X,
        d=normal(3, 2, 4, 2),
        p=normal(1, 1, 8, 5),
    ),
    ones("tf.nn.separable_conv2d(x, tf.ones((3, 3, 4, 2)), tf.ones((1, 1, 7, 3)), [1, 1, 1, 1], 'SAME')"),
    ones("tf.nn.separable_conv2d(x, tf.ones((3, 3, 4, 2)), tf.ones((2, 1, 8, 3)), [1, 1, 1, 1], 'SAME')"),
]
