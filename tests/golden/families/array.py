import numpy as np

from tests.golden.case import case, integers, normal

X = normal(2, 3, 4)
E = np.zeros((0, 3), np.float32)
C = (normal(2, 3) + 1j * normal(2, 3, seed=1)).astype(np.complex64)
S = np.array([b"a", b"b"])

RESHAPES = """
[6, 4] | 24 | -1 | [-1, 4] | [2, -1, 2] | (4, 6) | [1, 2, 3, 4, 1] | tf.constant([6, 4]) | tf.constant([6, 4], tf.int64) |
np.array([6, 4]) | np.array([6.0, 4]) | tf.TensorShape([6, 4]) | tf.Variable([6, 4]) | (tf.constant(6), 4) |
[tf.constant(6, tf.int64), 4] | [6, tf.TensorShape([4])[0]] | [np.int64(6), 4] | tf.shape(x) |
6 | [] | [-2, 12] | [-1, -1] | [5, 5] | [-1, 5] | [[6, 4]] | [6.0, 4] | "a" | None | [None, 4] |
tf.constant([6.0, 4]) | tf.TensorShape([None, 4])
"""

CASES = [
    *(case(f"tf.reshape(x, {shape.strip()})", x=X) for shape in RESHAPES.split("|")),
    case("tf.reshape(x, [])", x=normal(1)),
    case("tf.reshape(1.0, [])"),
    case("tf.reshape(x, [0, 5])", x=E),
    case("tf.reshape(x, [-1, 3])", x=E),
    case("tf.reshape(x, [0, -1])", x=E),
    case("tf.reshape(x, [2, 1])", x=S),
    case("tf.reshape(tf.transpose(x), [3, 8])", x=X),
    case("tf.reshape([1, 2, 3, 4], [2, 2])"),
    # expand_dims, squeeze
    *(
        case(f"tf.expand_dims(x, {axis})", x=X)
        for axis in (0, 3, -1, -4, 2, "tf.constant(1)", "[1]", "tf.constant([1])")
    ),
    *(case(f"tf.expand_dims(x, {axis})", x=X) for axis in (4, -5, "[0, 1]", 1.0, None)),
    case("tf.expand_dims(3, 0)"),
    case("tf.expand_dims(tf.transpose(x), 1)", x=X),
    *(
        case(f"tf.squeeze(x{axis})", x=normal(1, 2, 1))
        for axis in (
            "",
            ", 0",
            ", [0]",
            ", [0, -1]",
            ", [0, 0]",
            ", [0, -3]",
            ", []",
            ", axis=-1",
            ", 1",
            ", 3",
            ", [1, 2]",
        )
    ),
    case("tf.squeeze(x)", x=normal(1, 1)),
    # transpose
    *(
        case(f"tf.transpose(x{perm})", x=X)
        for perm in (
            "",
            ", [0, 2, 1]",
            ", [2, 0, 1]",
            ", [1, 2, 0]",
            ", tf.constant([2, 1, 0], tf.int64)",
            ", conjugate=True",
            ", [0, 1]",
            ", [0, 1, 1]",
            ", [0, 1, 3]",
            ", [2.0, 1, 0]",
            ", 2",
        )
    ),
    case("tf.transpose(x)", x=C),
    case("tf.transpose(x, conjugate=True)", x=C),
    case("tf.transpose(x, [1, 0], conjugate=True) * x[0, 0]", x=C),
    case("tf.transpose(x, [0, -1, 1])", x=X, grad=False),  # TensorFlow takes it, but its gradient fails
    case("tf.transpose(3.0)"),
    case("tf.transpose(3.0, [])"),
    # broadcast
    *(
        case(f"tf.broadcast_to(x, {shape})", x=normal(2))
        for shape in (
            "[2]",
            "[3, 2]",
            "[4, 3, 2]",
            "[0, 2]",
            "tf.constant([3, 2], tf.int64)",
            "[3, 3]",
            "[]",
            "[-1, 2]",
            "[3.0, 2]",
        )
    ),
    case("tf.broadcast_to(x, [2, 3, 4])", x=normal(3, 1)),
    case("tf.broadcast_to(tf.transpose(x), [2, 3, 4])", x=normal(1, 3)),
    case("tf.broadcast_to(x, [1, 0])", x=normal(1, 1)),
    case("tf.broadcast_to(x, [2])", x=X),
    case("tf.broadcast_to(1.0, [2])"),
    case("tf.broadcast_to('a', [2])"),
    case("tf.broadcast_to(x, [2, 3])", x=np.array([True])),
    case("tf.broadcast_to(tf.cast(x, tf.bfloat16), [2, 3])", x=normal(3)),
    case("tf.broadcast_dynamic_shape([1, 2, 3], [5, 1, 3])"),
    case("tf.broadcast_dynamic_shape([1, 2, 3], [5, 2, 2])"),
    case("tf.broadcast_dynamic_shape((1, 2), (2, 1))"),
    case("tf.broadcast_dynamic_shape([], [3])"),
    case("tf.broadcast_dynamic_shape(tf.constant([1], tf.int64), tf.constant([2], tf.int64))"),
    case("tf.broadcast_dynamic_shape(tf.constant([1], tf.int64), tf.constant([2]))"),
    case("tf.broadcast_static_shape(tf.TensorShape([1, 2, 3]), tf.TensorShape([5, 1, 3]))"),
    # concat
    *(
        case(f"tf.concat([x, y], {axis})", x=X, y=normal(2, 3, 4, seed=1))
        for axis in (0, 1, 2, -1, -3, "tf.constant(1)", "[0]")
    ),
    *(case(f"tf.concat([x, y], {axis})", x=X, y=normal(2, 3, 4, seed=1)) for axis in (3, -4, 1.0, None)),
    case("tf.concat([x, y, x * 2.0], 1)", x=normal(2, 3), y=normal(2, 1)),
    case("tf.concat([x], 0)", x=X),
    case("tf.concat([x], 5)", x=X),
    case("tf.concat(x, 0)", x=X),
    case("tf.concat([1.0, 2.0], 0)"),
    case("tf.concat([[1, 2], [3.0]], 0)"),
    case("tf.concat([[1.0], [2]], 0)"),
    case("tf.concat([[], [1]], 0)"),
    case("tf.concat([x, np.zeros((2, 3, 4))], 0)", x=X),
    case("tf.concat([np.zeros(3), x], 0)", x=normal(2)),
    case("tf.concat([x, tf.zeros(2, tf.int32)], 0)", x=normal(2)),
    case("tf.concat([x, tf.zeros([2, 3])], 0)", x=X),
    case("tf.concat([x, tf.zeros([2, 2, 4])], 0)", x=X),
    case("tf.concat([x, y], 0)", x=np.zeros(0, np.float32), y=normal(2)),
    case("tf.concat((x, ['c']), 0)", x=S),
    case("tf.concat([tf.Variable([1.0]), [2.0]], 0)"),
    case("tf.concat(axis=1, values=[x, x])", x=integers(2, 2, dtype=np.int8)),
    case("tf.concat({'a': 1}, 0)"),
    # stack, unstack
    *(case(f"tf.stack([x, y], axis={axis})", x=X, y=normal(2, 3, 4, seed=1)) for axis in (0, 1, 3, -1, -4, 4, -5)),
    *(
        case(f"tf.stack({values})")
        for values in (
            "[1, 2.0]",
            "[1.0, 2]",
            "[]",
            "[tf.zeros([2]), tf.zeros([3])]",
            "[tf.zeros([2]), tf.zeros([2], tf.int32)]",
            "[tf.zeros([2]), np.zeros([2])]",
            "[np.zeros([2]), tf.zeros([2])]",
            "[np.zeros([2], np.int64), np.zeros([2])]",
            "tf.ones([2, 2])",
            "3.0",
            "[[1, 2], [3]]",
            "[tf.constant(1), 2.5]",
            "[1, tf.constant(2.0)]",
            "[1, tf.constant(2.0)], axis=-1",
            "[True, 1]",
            "['a', 'b']",
            "(1, 2)",
            "[[1, 2], [3, 4]], 1",
        )
    ),
    case("tf.stack([x, 1.0, x])", x=np.float32(2) * np.ones((), np.float32)),
    *(
        case(f"tf.unstack(x, {arguments})", x=X)
        for arguments in ("axis=0", "axis=1", "axis=-1", "num=2", "num=3", "axis=3", "axis=-4")
    ),
    case("tf.unstack(x)[0]", x=normal(1, 3)),
    case("tf.unstack(x)", x=normal(3)),
    case("tf.unstack(x)", x=S),
    case("tf.unstack(3.0)"),
    case("tf.unstack([])"),
    case("a, b = tf.unstack(x)\na * b", x=normal(2, 3)),
    # split
    *(
        case(f"tf.split(x, {arguments})", x=X)
        for arguments in (
            "2",
            "3, 1",
            "2, -1",
            "1",
            "[1, 3], 2",
            "[1, -1], 2",
            "(2, 2), axis=2",
            "[0, 4], 2",
            "[4], 2",
            "[1, 3], 2, num=2",
            "tf.constant([1, 3]), 2",
            "tf.constant([1, 3], tf.int64), 2",
            "np.array([1, 3]), 2",
            "2, tf.constant(0)",
            "num_or_size_splits=2, axis=0",
            "3",
            "2, 3",
            "[-1, -1], 2",
            "[1, 2], 2",
            "[1, -1, 5], 2",
            "[], 2",
            "[1, 3], 2, num=3",
            "tf.constant(2), 2",
            "2.0",
            "0",
            "-1",
            "[1.0, 3.0], 2",
            "2, None",
            "[[1, 3]], 2",
        )
    ),
    case("tf.split(3.0, 1)"),
    case("a, b = tf.split(x, 2)\na * a", x=normal(4, 3)),
    # identity
    case("tf.identity(x)", x=X),
    case("tf.identity([1, 2])"),
    case("tf.identity(tf.Variable(1.0))"),
    case("tf.identity({'a': [1]})"),
    case("tf.identity_n([x, y])", x=X, y=normal(2)),
    case("tf.stop_gradient(x) * x", x=normal(3)),
    case("tf.stop_gradient([1, 2])"),
    case("tf.guarantee_const(x)", x=normal(3), grad=False),
    # several dtypes
    *(
        case("tf.split(tf.transpose(tf.concat([x, x], 1)), 2)", x=np.ones((2, 2)).astype(dtype), grad=False)
        for dtype in ("float64", "float16", "int8", "int64", "uint8", "bool", "complex128")
    ),
]
