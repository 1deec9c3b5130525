import numpy as np

from tests.golden.case import case, integers, normal

X = normal(2, 3, 4)
S = np.array([b"a", b"b"])
ONE_TO_THREE = np.array([1, 2, 3], np.float32)

CASES = [
    # tile
    *(
        case(f"tf.tile(x, {m})", x=normal(2))
        for m in ("[2]", "[1]", "[0]", "tf.constant([3], tf.int64)", "[2, 2]", "[-1]", "[2.0]")
    ),
    case("tf.tile(x, [1, 2, 3])", x=X),
    case("tf.tile(x, multiples=[2, 1, 1])", x=X),
    case("tf.tile(3, [])"),
    case("tf.tile(x, [2])", x=S),
    case("tf.tile(x, [2, 2])", x=np.zeros((0, 2), np.float32)),
    case("tf.tile(tf.transpose(x), [2, 3])", x=normal(2, 3)),
    # repeat
    *(
        case(f"tf.repeat(x, {arguments})", x=normal(2, 3))
        for arguments in (
            "2",
            "2, axis=0",
            "2, axis=-1",
            "[1, 2], axis=0",
            "[0, 2, 1], axis=1",
            "[2], axis=0",
            "0, axis=0",
            "repeats=tf.constant(3), axis=1",
            "[1, 2, 1, 0, 3, 1]",
            "tf.constant([1, 2], tf.int64), 0",
            "2, axis=2",
            "2, axis=-3",
            "-1",
            "2.0",
            "[[1, 2]], axis=0",
            "[1, 2], axis=1",
        )
    ),
    case("tf.repeat(3, 4)"),
    case("tf.repeat(['a', 'b'], [1, 2])"),
    case("tf.repeat([1, 2], repeats=[2, 3])"),
    # pad
    *(
        case(f"tf.pad(x, {arguments})", x=ONE_TO_THREE)
        for arguments in (
            "[[1, 2]]",
            "[[0, 0]]",
            "tf.constant([[1, 2]])",
            "tf.constant([[1, 1]], tf.int64)",
            "np.array([[1, 2]])",
            "[[1, 2]], constant_values=7",
            "[[1, 2]], constant_values=7.5",
            "[[1, 2]], constant_values=float('inf')",
            "[[1, 2]], 'constant'",
            "[[2, 2]], 'REFLECT'",
            "[[2, 1]], mode='reflect'",
            "[[0, 2]], 'REFLECT'",
            "[[2, 0]], 'SYMMETRIC'",
            "[[3, 3]], 'SYMMETRIC'",
            "[[1, 2]], 'symmetric'",
            "[1, 2]",
            "[[3, 2]], 'REFLECT'",
            "[[4, 3]], 'SYMMETRIC'",
            "[[1, 3]], 'foo'",
            "[[-1, 3]]",
            "[[1, 3], [1, 1]]",
            "[[1, 3, 3]]",
            "[[1.0, 3]]",
            "[[1, 1]], constant_values=[2.0]",
            "[[1, 1]], constant_values=tf.constant(7)",
            "[[0, 0]], 'CONSTANT', None",
        )
    ),
    case("tf.pad([1, 2], [[1, 2]])"),
    case("tf.pad([1, 2], [[1, 2]], constant_values=7.5)"),
    case("tf.pad(x, [[1, 0], [2, 1], [0, 3]])", x=X),
    case("tf.pad(x, [[1, 0], [2, 1], [0, 3]], constant_values=-1)", x=X),
    case("tf.pad(x, [[1, 0], [2, 1], [0, 3]], 'REFLECT')", x=X),
    case("tf.pad(x, [[2, 1], [2, 3], [4, 3]], 'SYMMETRIC')", x=X),
    case("tf.pad(x, [[1, 1], [2, 2], [3, 3]], 'REFLECT')", x=X),
    case("tf.pad(x, [[1, 1]])", x=S),
    case("tf.pad(x, [[1, 1]], constant_values='b')", x=S),
    case("tf.pad(3, np.zeros((0, 2), np.int32))"),
    case("tf.pad([True], [[1, 1]])"),
    case("tf.pad(x, [[1, 1]], 'REFLECT')", x=np.zeros(0, np.float32)),
    case("tf.pad(x, [[1, 1]])", x=np.zeros(0, np.float32)),
    # reverse
    *(
        case(f"tf.reverse(x, {axis})", x=X)
        for axis in ("[0]", "[1, -1]", "[0, 1, 2]", "[]", "tf.constant([1], tf.int64)", "axis=[-2]")
    ),
    *(case(f"tf.reverse(x, {axis})", x=X) for axis in ("[0, 0]", "[0, -3]", "[3]", "[1.0]")),
    case("tf.reverse(x, [0])", x=S),
    case("tf.reverse(3.0, [])"),
    # reverse_sequence
    *(
        case(f"tf.reverse_sequence(x, {arguments})", x=X)
        for arguments in (
            "[1, 2], 1, 0",
            "[3, 0], seq_axis=1, batch_axis=0",
            "[1, 2], seq_axis=1",
            "[4, 3], seq_axis=2",
            "[1, 2, 0], seq_axis=0, batch_axis=1",
            "[4, 2, 3], seq_axis=2, batch_axis=1",
            "[1, 2, 2, 0], seq_axis=0, batch_axis=2",
            "tf.constant([1, 2], tf.int64), seq_axis=1",
            "[1, 5], seq_axis=1",
            "[-1, 2], seq_axis=1",
            "[1, 2, 3], seq_axis=1",
            "[1, 2], seq_axis=0",
            "[1, 2], seq_axis=3",
            "[1, 2], seq_axis=-1",
            "[1, 2]",
            "[1.0, 2], seq_axis=1",
        )
    ),
    # roll
    *(
        case(f"tf.roll(x, {arguments})", x=X)
        for arguments in (
            "1, 0",
            "1, axis=-1",
            "shift=-1, axis=1",
            "5, 2",
            "-9, 2",
            "[1, 2], [0, 1]",
            "[1, 2], [1, 1]",
            "[1], [2]",
            "tf.constant(1, tf.int64), 1",
            "0, 1",
            "[1, 2], [0]",
            "[1, 2], 0",
            "1, 3",
            "1.0, 0",
        )
    ),
    case("tf.roll(3, 1, 0)"),
    case("tf.roll(x, 1, 0)", x=S),
    case("tf.roll(x, 1, 0)", x=np.zeros((0, 2), np.float32)),
    # several dtypes
    *(
        case(
            "tf.pad(tf.roll(tf.tile(x, [2, 1]), 1, 0), [[1, 1], [0, 2]])",
            x=integers(2, 2, low=0).astype(dtype),
            grad=False,
        )
        for dtype in ("float64", "float16", "int8", "int64", "uint8", "bool", "complex128")
    ),
]
