import numpy as np

from tests.golden.case import case, integers, normal

X = normal(1, 4, 6, 2)

TO_BATCH = """
[2, 2], [[0, 0], [0, 0]]; [2, 3], [[0, 0], [0, 0]]; [3, 2], [[1, 1], [0, 0]]; [3, 4], [[2, 0], [1, 1]]; [2], [[0, 0]]; [1, 1], [[0, 0], [0, 0]]
tf.constant([2, 2]), tf.constant([[0, 0], [1, 1]]); [2, 2, 2], [[0, 0], [0, 0], [1, 1]]; block_shape=[4, 6], paddings=np.zeros((2, 2), np.int32)
[3, 2], [[0, 0], [0, 0]]; [2, 2], [[-1, 1], [0, 0]]; [0, 2], [[0, 0], [0, 0]]; [2, 2], [[0, 0]]; [2] * 4, [[0, 0]] * 4; [2, 2], [[0.5, 0], [0, 0]]
"""
FROM_BATCH = """
[2, 2], [[0, 0], [0, 0]]; 2, [[0, 1], [1, 0]]; [3, 2], [[1, 1], [2, 0]]; [2], [[0, 0]]; [2], [[1, 2]]; [2, 2, 3], [[0, 0], [1, 0], [0, 2]]
tf.constant([4]), tf.constant([[0, 1]], tf.int64)
[5, 2], [[0, 0], [0, 0]]; [2, 2], [[0, 5], [1, 0]]; [2, 2], [[-1, 0], [0, 0]]
"""


def each(text):
    return [code.strip() for line in text.strip().splitlines() for code in line.split(";")]


CASES = [
    *(case(f"tf.space_to_batch(x, {arguments})", x=X) for arguments in each(TO_BATCH)),
    *(case(f"tf.batch_to_space(x, {arguments})", x=normal(12, 2, 2, 2)) for arguments in each(FROM_BATCH)),
    case("tf.space_to_batch_nd(x, [2, 3], [[0, 0], [0, 0]])", x=X),
    case("tf.nn.space_to_batch(x, [2, 3], [[0, 0], [0, 0]])", x=X),
    case("tf.space_to_batch(x, [], tf.zeros([0, 2], tf.int32))", x=normal(2, 3)),
    case("tf.space_to_batch(x, [2], [[1, 1]])", x=integers(2, 2)),
    *(
        case(f"tf.required_space_to_batch_paddings({arguments})")
        for arguments in (
            "[5, 6], [2, 3]",
            "[5, 6], [2, 3], [[1, 0], [0, 0]]",
            "[4], [4]",
            "[5], [2, 3]",
            "[5, 6], [2, 3], [[1, 0]]",
        )
    ),
    *(
        case(f"tf.nn.space_to_depth(x, {arguments})", x=X)
        for arguments in ("2", "block_size=2, data_format='NHWC'", "4", "1", "2, 'foo'")
    ),
    *(
        case(f"tf.nn.depth_to_space(x, {arguments})", x=normal(1, 2, 3, 8))
        for arguments in ("2", "block_size=2", "3", "1", "2, 'foo'")
    ),
    case("tf.nn.depth_to_space(x, 3)", x=normal(2, 1, 2, 9)),
    case("tf.nn.space_to_depth(x, 3)", x=normal(2, 3, 6, 2)),
    case("tf.nn.space_to_depth(x, 2)", x=normal(2, 4)),
    case("tf.nn.depth_to_space(x, 2)", x=np.arange(16).reshape(2, 1, 2, 4)),
]
