import numpy as np

from tests.golden.case import case, integers, normal

V = normal(4, 2)
SETUP = "v = tf.Variable(x)\n"


def slices(values, indices):
    return f"tf.IndexedSlices(tf.constant({values}), tf.constant({indices}))"


CASES = [
    *(
        case(f"tf.scatter_nd({arguments})")
        for arguments in (
            "[[0], [2]], [1, 2], [4]",
            "[[0], [0]], [1.5, 2], [4]",
            "[[0], [2]], [[1, 2], [3, 4]], [3, 2]",
            "[[0, 1]], [5], [2, 2]",
            "[[[0], [1]], [[2], [2]]], [[1, 2], [3, 4]], [3]",
            "[[0]], ['a'], [2]",
            "[[0], [0]], ['a', 'b'], [2]",
            "[[0], [0]], [True, True], [2]",
            "[[4], [0]], [1, 2], [4], bad_indices_policy='IGNORE'",
            "tf.zeros([0, 1], tf.int32), tf.zeros([0]), [0]",
            "tf.zeros([0, 1], tf.int32), tf.zeros([0]), [3]",
            "[[0]], [1.0], tf.constant([2], tf.int32)",
            "tf.constant([[0]], tf.int64), [1.0], [2]",
            "tf.constant([[0]], tf.int64), [1.0], tf.constant([2], tf.int64)",
            "indices=[[1]], updates=[1j], shape=[2]",
            "[[0], [0]], tf.constant([1, 2], tf.int8), [2]",
            "[[4]], [1], [4]",
            "[[-1]], [1], [4]",
            "[[0, 1]], [5], [2]",
            "[[0], [1]], [1], [4]",
            "[0], [1], [4]",
            "0, 1, [4]",
            "[[0]], [1], [0]",
            "[[0.0]], [1.0], [2]",
        )
    ),
    case("tf.scatter_nd([[1], [3], [1]], x, [5, 2])", x=normal(3, 2)),
    case("tf.scatter_nd([[1, 1], [0, 1], [1, 1]], x, [2, 3])", x=normal(3)),
    case("tf.scatter_nd([[9], [0]], x, [2], bad_indices_policy='IGNORE')", x=normal(2), grad=False),
    *(
        case(f"tf.tensor_scatter_nd_{how}(x, [[0], [2], [0]], y)", x=V, y=normal(3, 2))
        for how in ("update", "add", "sub", "min", "max")
    ),
    *(
        case(f"tf.tensor_scatter_nd_{how}(x, [[0, 1], [2, 0]], y)", x=V, y=normal(2, seed=3))
        for how in ("update", "add", "sub", "min", "max")
    ),
    *(
        case(f"tf.tensor_scatter_nd_{how}(x, [[0], [2]], [[1.0, 1.0], [2.0, 2.0]])", x=np.ones((4, 2), np.float32))
        for how in ("min", "max")
    ),
    *(
        case(f"tf.tensor_scatter_nd_{how}([1, 2, 3], {arguments})")
        for how in ("update", "add", "sub", "min", "max")
        for arguments in (
            "[[0], [2]], [9, -8]",
            "[[0], [0]], [9, 8]",
            "[[3]], [9]",
            "[[-1]], [9]",
            "[[0]], [9.5]",
            "[[0, 0]], [9]",
            "[[0]], [9, 8]",
        )
    ),
    *(
        case(
            f"tf.tensor_scatter_nd_{how}(x, [[9, 0], [0, 1]], y, bad_indices_policy='IGNORE')",
            x=V,
            y=normal(2),
            grad=False,
        )
        for how in ("add", "sub", "min", "max")
    ),
    case("tf.tensor_scatter_nd_update(x, [[1]], ['z'])", x=np.array([b"a", b"b"])),
    case("tf.tensor_scatter_nd_update([1.0, 2, 3], [[0]], [9])"),
    case("tf.tensor_scatter_nd_update(3, [[0]], [9])"),
    case("tf.tensor_scatter_nd_add(tensor=x, indices=[[0]], updates=[[1, 2]])", x=integers(2, 2).astype(np.int8)),
    # variables
    *(
        case(f"{SETUP}w = v.scatter_{how}({slices('[[1.0, 2.0], [3.0, 4.0]]', '[1, 3]')})\nw, v", x=V)
        for how in ("add", "sub", "update", "min", "max", "mul", "div")
    ),
    *(
        case(f"{SETUP}v.scatter_{how}({slices('[[1.0, 2.0], [3.0, 4.0]]', '[1, 1]')})", x=V)
        for how in ("add", "sub", "update", "min", "max", "mul", "div")
    ),
    *(
        case(f"{SETUP}v.scatter_{how}({slices('[[1.0, 2.0]]', '[4]')})", x=V)
        for how in ("add", "sub", "update", "min", "max", "mul", "div")
    ),
    case(f"{SETUP}v.scatter_add({slices('[[1.0, 2.0]]', '[-1]')})", x=V),
    case(f"{SETUP}v.scatter_add({slices('2.0', '1')})", x=V),
    case(f"{SETUP}v.scatter_add({slices('[1, 2]', '[1]')})", x=V),
    case(f"{SETUP}v.scatter_add([1, 2])", x=V),
    *(
        case(f"{SETUP}w = v.scatter_nd_{how}([[0], [2]], [[1.0, 2.0], [3.0, 4.0]])\nw, v", x=V)
        for how in ("add", "sub", "update")
    ),
    *(case(f"{SETUP}v.scatter_nd_{how}([[0, 1], [2, 0]], [5.0, 6.0])", x=V) for how in ("add", "sub", "update")),
    case(f"{SETUP}v.scatter_nd_add([[0, 1], [0, 1]], [5.0, 6.0])", x=V),
    case(f"{SETUP}v.scatter_nd_add([[0, 9]], [5.0])", x=V),
    case(f"{SETUP}v.scatter_nd_update([[0, 1]], [5.0, 6.0])", x=V),
    case(f"{SETUP}v.scatter_nd_update([[0, 1]], [tf.constant(5)])", x=V),
    case(
        "v = tf.Variable([[1, 2], [3, 4]])\nv.batch_scatter_update(tf.IndexedSlices(tf.constant([[9], [8]]), tf.constant([[1], [0]])))"
    ),
    case(f"{SETUP}v.gather_nd([[0, 1]])", x=V),
    case(f"{SETUP}v.sparse_read([1, 0, 1])", x=V),
    case(f"{SETUP}v.sparse_read([4])", x=V),
    case("v = tf.Variable([7, -7])\nv.scatter_div(tf.IndexedSlices(tf.constant([2, 2]), tf.constant([0, 1])))"),
    case("v = tf.Variable(3)\n[v.count_up_to(5), v.count_up_to(5), v]"),
    case("v = tf.Variable(5)\nv.count_up_to(5)"),
    case("v = tf.Variable([1, 2, 3])\nbefore = v.value()\nv.scatter_nd_add([[0]], [5])\n[before, v]"),
    case("v = tf.Variable([1, 2, 3])\npart = v[1:]\npart.assign([8, 9])\n[part, v]"),
]
