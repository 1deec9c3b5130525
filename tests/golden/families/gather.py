import numpy as np

from tests.golden.case import case, integers, normal

X = normal(2, 3, 4)
S = np.array([b"a", b"b"])

GATHERS = """
[0, 1]; 0; [[0, 1], [1, 1]]; [0, 0, 1, 0]; [1], axis=1; [[0, 2], [2, 2]], axis=1; [0, 3], axis=2; [3, 0, 3], axis=-1; 1, axis=1; 2, axis=2
[[0, 1], [1, 2]], axis=1, batch_dims=1; [[0, 1], [1, 2]], batch_dims=1; [[0, 1], [1, 3]], axis=2, batch_dims=1; [0, 2], axis=1, batch_dims=1
[[0, 1, 3], [1, 0, 0]], axis=2, batch_dims=2; [[[0], [1], [3]], [[1], [0], [0]]], axis=-1, batch_dims=2; [[0, 1], [1, 2]], axis=1, batch_dims=-1
[[[0, 1], [2, 2]], [[1, 1], [0, 2]]], axis=1, batch_dims=1; [0, 1], axis=None; [0, 1], axis=tf.constant(1); [0, 1], True
tf.constant([0], tf.int16); tf.constant([1, 1], tf.int64); tf.constant([[2], [0]], tf.int64), axis=2; tf.zeros([0], tf.int32)
indices=[1, 0], axis=0
[0, 3], axis=1; [2]; [-1]; -1, axis=1; [0], axis=3; [0], axis=-4; []; [0.0]; tf.constant([0], tf.uint8); [[0, 1], [1, 2]], axis=0, batch_dims=1
[[0, 1], [1, 2]], axis=1, batch_dims=2; [[0, 1], [1, 2]], axis=1, batch_dims=3; [[0, 1], [1, 2], [0, 0]], batch_dims=1
tf.constant([5], tf.int64); tf.constant([-1], tf.int64); tf.constant([[0, -7]], tf.int16)
"""

GATHER_NDS = """
[[0, 1], [1, 2]]; [[0, 1, 2]]; [[[0, 1]], [[1, 1]]]; [[1], [0], [1]]; [[0, 1, 2], [0, 1, 2]]; [[1], [2]], batch_dims=1
[[[1], [2]], [[0], [0]]], batch_dims=1; [[[1, 3], [2, 0]], [[0, 0], [0, 0]]], batch_dims=1; tf.constant([[1]], tf.int64)
tf.zeros([0, 2], tf.int32); [[0, 9], [1, 1]], bad_indices_policy='IGNORE'; [[[0], [3], [1]], [[1], [2], [0]]], batch_dims=2
[[0, 3]]; [[0, -1]]; [[0, 0, 0, 0]]; 0; [[0, 9]], bad_indices_policy='ERROR'; [[0.0]]; []
"""

MASKS = """
[True, False]; [[True, False, True], [False, False, False]]; [True, False, True], axis=1; [True, False, True], axis=-2; [1, 0]
mask=[False, False]; [[True, False, False, True], [True, False, False, True], [True, False, False, True]], axis=1
[[[True, False, False, True], [True, False, False, True], [True, False, False, True]], [[True, False, False, True], [True, False, False, True], [False] * 4]]
[True, False], axis=tf.constant(0)
[True, False, True]; True; [True, False], axis=3
"""

WHERES = """
[True, False, True]; [[1, 0], [0, 2]]; [1.5, 0, float('nan')]; [[[True]], [[False]], [[True]]]; tf.zeros([0, 2]); [1j, 0]
[True, False], [1, 2], [3, 4]; [True, False], 1, 2; [True, False], 1.0, 2; [True, False], [1.0, 2.0], np.array([3.0, 4.0])
[[True], [False]], [1, 2], [3, 4]; [True, False], 'a', 'b'; True, [1, 2], [3]; tf.constant([True]), None, None
[True, False], np.float64(1), tf.constant([1.0, 2.0]); [True, False], tf.constant([1.0, 2.0]), 0; np.array([True, False]), x=[1, 2], y=[3, 4]
True; ['a', '']; [True, False], 1, 2.0; [True, False], [1, 2, 3], [1, 2, 3]; [1, 0], [1, 2], [3, 4]; [True, False], x=[1, 2]
[True, False], tf.constant([1.0, 2]), tf.constant([1, 2]); tf.constant([1, 0]), tf.constant([1, 2]), tf.constant([3, 4])
"""


def each(text):
    return [code.strip() for line in text.strip().splitlines() for code in line.split(";")]


CASES = [
    *(case(f"tf.gather(x, {arguments})", x=X) for arguments in each(GATHERS)),
    case("tf.gather([1, 2, 3], [0, 2])"),
    case("tf.gather(3, 0)"),
    case("tf.gather(x, [1, 0])", x=S),
    case("tf.gather(tf.zeros([0, 3]), [0])"),
    case("tf.gather(x, tf.zeros([0], tf.int32))", x=np.zeros((0, 3), np.float32)),
    case("tf.gather(tf.Variable(x), [1, 0])", x=X),
    case("tf.gather(tf.Variable(x), [5])", x=X),
    case("tf.gather(tf.transpose(x), [1, 2])", x=X),
    case("tf.gather(x * 2.0, [1, 1]) * tf.gather(x, [0])", x=X),
    case("tf.gather(params=x, indices=[1, 0], axis=1)", x=integers(2, 3).astype(np.int8)),
    case(
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n  y = tf.gather(v, [0, 2, 0])\ng = t.gradient(y, v)\n"
        "[isinstance(g, tf.IndexedSlices), g.indices, g.values, g.dense_shape]",
        x=normal(3, 2),
        grad=False,
    ),
    case(
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n  y = tf.gather(v, [[0, 2], [1, 0]], axis=1)\ng = t.gradient(y, v)\n"
        "[isinstance(g, tf.IndexedSlices), g]",
        x=normal(3, 3),
        grad=False,
    ),
    case(
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n  y = tf.gather(v, [0]) + tf.gather(v, [1])\ng = t.gradient(y, v)\n"
        "[isinstance(g, tf.IndexedSlices), tf.convert_to_tensor(g)]",
        x=normal(3, 2),
        grad=False,
    ),
    case(
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n  y = tf.gather_nd(v, [[0], [1], [0]])\ng = t.gradient(y, v)\n"
        "[isinstance(g, tf.IndexedSlices), tf.convert_to_tensor(g)]",
        x=normal(3, 2),
        grad=False,
    ),
    case(
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n  y = tf.boolean_mask(v, [True, False, True])\ng = t.gradient(y, v)\n"
        "[isinstance(g, tf.IndexedSlices), tf.convert_to_tensor(g)]",
        x=normal(3, 2),
        grad=False,
    ),
    *(case(f"tf.gather_nd(x, {arguments})", x=X) for arguments in each(GATHER_NDS)),
    case("tf.gather_nd(tf.Variable(x), [[0, 1]])", x=X),
    case("tf.gather_nd(tf.Variable(x), [[0, 9]])", x=X),
    case("tf.gather_nd(x, [[1]])", x=S),
    case("tf.gather_nd(3, [])"),
    *(
        case(f"tf.gather_nd(x, {i})", x=X, grad=False) for i in ("[0, 1]", "tf.zeros([2, 0], tf.int32)")
    ),  # their gradients fail
    *(case(f"tf.boolean_mask(x, {arguments})", x=X) for arguments in each(MASKS)),
    case("tf.boolean_mask([1, 2, 3], np.array([True, False, True]))"),
    case("tf.boolean_mask(x, x > 0)", x=X),
    case("tf.boolean_mask(x, tf.constant([False, True]))", x=S),
    *(case(f"tf.where({arguments})") for arguments in each(WHERES)),
    case("tf.where(x > 0, x, y)", x=X, y=normal(3, 4)),
    case("tf.where(x > 0, x, 0.0)", x=X),
    case("tf.where(x[:, :1] > 0, x, y)", x=X, y=normal(1, 3, 1)),
    case("tf.where(True, x, y)", x=normal(3), y=normal(3, seed=1)),
    case("tf.where(x > 0)", x=X, grad=False),
    case("tf.where(x > 0, x, y)", x=normal(3, dtype=np.float64), y=normal(1, dtype=np.float64)),
    *(
        case("tf.where([True, False], x, x[::-1])", x=integers(2).astype(d), grad=False)
        for d in ("int8", "bool", "complex64", "float16", "uint64")
    ),
    case("tf.math.invert_permutation([2, 0, 1])"),
    case("tf.math.invert_permutation(tf.constant([1, 0], tf.int64))"),
    *(
        case(f"tf.math.invert_permutation({p})")
        for p in ("[2, 0, 0]", "[3, 0, 1]", "[-1, 0, 1]", "[[0, 1]]", "[1.0, 0]")
    ),
    *(
        case(f"tf.unravel_index({arguments})")
        for arguments in (
            "[2, 5, 7], [3, 3]",
            "5, [3, 3]",
            "tf.constant([2], tf.int64), [3, 3]",
            "[22, 3], dims=[2, 3, 4]",
            "[9], [3, 3]",
            "[1], [0, 3]",
            "[[1, 2], [3, 4]], [3, 3]",
            "[1.0], [2, 2]",
        )
    ),
    # dynamic_partition, dynamic_stitch
    *(
        case(f"tf.dynamic_partition(x, {arguments})", x=X)
        for arguments in (
            "[0, 1], 3",
            "[1, 1], num_partitions=2",
            "1, 2",
            "[[0, 1, 0], [1, 1, 1]], 2",
            "[0, 2], 2",
            "[0, -1], 2",
            "[0], 2",
            "[0, 1], 0",
            "tf.constant([0, 1], tf.int64), 2",
        )
    ),
    case("tf.dynamic_partition([1, 2, 3, 4], [0, 1, 0, 1], 2)"),
    case("tf.dynamic_partition(x, [1, 0], 2)", x=S),
    *(
        case(f"tf.dynamic_stitch({arguments})")
        for arguments in (
            "[[0, 2], [1]], [[1, 2], [3]]",
            "[[0, 2], [2]], [[1, 2], [3]]",
            "[0, [1, 2]], [[1, 2], [[3, 4], [5, 6]]]",
            "[tf.zeros([0], tf.int32)], [tf.zeros([0, 3])]",
            "[[0, -1]], [[1, 2]]",
            "[[0, 1]], [[1, 2], [3, 4]]",
            "[[0, 1]], [[1]]",
            "[], []",
            "[[0], [1]], [[1], [2.0]]",
        )
    ),
    case("tf.dynamic_stitch([[0, 2], [1]], [x, y])", x=normal(2, 3), y=normal(1, 3)),
    case("tf.dynamic_stitch([[0, 2], [1, 2]], [x, y])", x=normal(2, 3), y=normal(2, 3, seed=1)),
    case(
        "a, b = tf.dynamic_partition(x, [0, 1, 0], 2)\ntf.dynamic_stitch([[0, 2], [1]], [a * 2.0, b])", x=normal(3, 2)
    ),
]
