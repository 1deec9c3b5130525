"""Ragged tensors: masks, merged axes, bounding shapes."""

from tests.golden.case import case

SETUP = """
r = tf.ragged.constant([[1, 2, 3], [], [4]])
n = tf.ragged.constant([[[1, 2], [3]], [], [[4, 5, 6]]])
f = tf.RaggedTensor.from_row_splits(tf.reshape(tf.range(12), [3, 2, 2]), [0, 2, 2, 3])
m = tf.ragged.constant([[True, False, True], [], [False]])
b = tf.ragged.boolean_mask
"""

CODE = """
b(r, m); b(r, [True, False, True]); b([[1, 2, 3], [4, 5, 6]], [[True, False, True], [False, False, True]]); b([1, 2, 3], [True, False, True])
b([[1, 2], [3, 4]], [True, False]); b(n, [False, True, True]); b(n, tf.ragged.constant([[True, False], [], [True]])); b(r, True); b(r, m[:2])
b(n, tf.ragged.constant([[[True, False], [True]], [], [[False, False, True]]])); b(f, tf.ragged.constant([[True, False], [], [True]]))
b(tf.reshape(tf.range(8), [2, 2, 2]), [[[True, False], [True, True]], [[False, False], [True, False]]]); b(r, [1, 0, 1])
r.merge_dims(0, 1); n.merge_dims(0, 1); n.merge_dims(1, 2); n.merge_dims(0, 2); n.merge_dims(-2, -1); n.merge_dims(2, 1); n.merge_dims(0, 3); n.merge_dims(1, 1)
f.merge_dims(1, 2); f.merge_dims(1, 3); f.merge_dims(2, 3); f.merge_dims(0, 2); f.merge_dims(0, 3)
r.bounding_shape(); n.bounding_shape(); f.bounding_shape(); n.bounding_shape(axis=1); n.bounding_shape(axis=[0, 2]); r.bounding_shape(out_type=tf.int32)
tf.ragged.constant([[], []]).bounding_shape(); tf.ragged.constant([], ragged_rank=1).bounding_shape()
tf.math.bincount(r, axis=-1); tf.math.bincount(r); tf.sparse.bincount(r, axis=-1); tf.sparse.bincount(r.to_sparse(), axis=-1, maxlength=3)
tf.sparse.bincount([1, 1, 3], weights=[1.0, 2.0, 3.0]); tf.sparse.bincount([[1, 1], [0, 2]], axis=-1, binary_output=True); tf.cast(r, tf.float32); tf.cast(r.to_sparse(), tf.float32)
tf.sparse.cross_hashed([tf.constant([['a', 'b']]), tf.constant([[1]])], 100); tf.sparse.cross_hashed([r.to_sparse(), r.to_sparse()]); tf.sparse.cross_hashed(1)
"""

CASES = [
    case(f"{SETUP}\n{code.strip()}", name=code.strip())
    for line in CODE.strip().splitlines()
    for code in line.split("; ")
]
