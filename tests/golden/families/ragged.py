"""Ragged tensors: how they are made, what they are made of, printed forms, indexing, mistakes."""

import numpy as np

from tests.golden.case import case

SETUP = """
R = tf.RaggedTensor
r = R.from_row_splits([1, 2, 3], [0, 2, 3])
n = R.from_nested_row_splits([1, 2, 3], ([0, 1, 1, 2], [0, 2, 3]))
t = tf.ragged.constant([['a', 'b'], [], ['c']])
"""

MADE = """
R.from_row_splits([1, 2, 3], [0, 2, 3])
R.from_row_splits([1, 2, 3], np.array([0, 2, 3], np.int32))
R.from_row_splits([1.5, 2.0, 3.0], tf.constant([0, 0, 3]))
R.from_row_splits([[1, 2], [3, 4]], [0, 2, 2])
R.from_row_splits([1, 2, 3], [1, 2, 3])
R.from_row_splits([1, 2, 3], [0, 2])
R.from_row_splits([1, 2, 3], [0, 2, 1, 3])
R.from_row_splits([1, 2, 3], [])
R.from_row_splits([1, 2, 3], [[0, 3]])
R.from_row_splits(1, [0, 3])
R.from_row_splits([1], [0.0, 1.0])
R.from_row_splits([1], [0, 1], validate=1)
R.from_row_splits([1, 2, 3], [0, 2], validate=False).to_list()
R.from_row_lengths([1, 2, 3], [0, 2, 1])
R.from_row_lengths([1, 2, 3], [0, 2, 2])
R.from_row_lengths([1, 2, 3], [-1, 4])
R.from_value_rowids([1, 2, 3], [0, 2, 2])
R.from_value_rowids([1, 2, 3], [0, 2, 2], nrows=5)
R.from_value_rowids([1, 2, 3], [0, 2, 1])
R.from_value_rowids([1, 2, 3], [-1, 2, 2])
R.from_value_rowids([1, 2], [0, 2, 2])
R.from_nested_row_splits([1, 2, 3], [[0, 1, 2], [0, 2, 3]])
R.from_nested_row_splits([1, 2, 3], tf.constant([[0, 1, 3]]))
R(tf.constant([1]), tf.constant([0, 1]))
tf.ragged.constant([[1, 2], [3]])
tf.ragged.constant([[1.0, 2], [3]])
tf.ragged.constant([])
tf.ragged.constant([[], []])
tf.ragged.constant([1, 2])
tf.ragged.constant(5)
tf.ragged.constant([[1, [2]], [3]])
tf.ragged.constant([[1, 2], 3])
tf.ragged.constant([[1, 2], [3]], dtype=tf.int64)
tf.ragged.constant([[[1, 2]], [[3, 4], [5, 6]]], ragged_rank=1)
tf.ragged.constant([[[1, 2]], [[3, 4], [5, 6]]], inner_shape=(2,))
tf.ragged.constant([[1, 2], [3]], row_splits_dtype=tf.int32)
tf.ragged.constant([['a'], [1]])
tf.ragged.constant([[True], []])
tf.ragged.constant([[[1], [2, 3]], []])
tf.ragged.constant([[], [[]]])
tf.ragged.constant([[1, 2], [3]], ragged_rank=2)
tf.ragged.constant([[[1, 2], [3]]], ragged_rank=1)
tf.ragged.constant([[], []], dtype=tf.string)
tf.ragged.constant([[1, 2], [3]], ragged_rank=0)
tf.ragged.constant([[1, 2], [3, 4]], ragged_rank=0)
tf.ragged.constant([np.array([1, 2]), np.array([3])])
tf.ragged.range([3, 0, 2])
tf.ragged.range([0, 1], [3, 5], 2)
tf.ragged.range([0.0, 1.0], 2.0, 0.5, row_splits_dtype=tf.int32)
tf.ragged.row_splits_to_segment_ids([0, 2, 2, 3])
tf.ragged.row_splits_to_segment_ids(tf.constant([0, 2, 2, 3]), out_type=tf.int64)
tf.ragged.row_splits_to_segment_ids([[0, 2]])
tf.ragged.segment_ids_to_row_splits([0, 2, 2])
tf.ragged.segment_ids_to_row_splits([0, 2, 2], num_segments=5)
tf.ragged.segment_ids_to_row_splits([])
"""

PARTS = """
(r.values, r.row_splits, r.ragged_rank, n.values, n.flat_values, n.nested_row_splits, n.ragged_rank, t.flat_values)
str((r.shape, n.shape, R.from_row_splits(tf.ones([3, 2]), [0, 2, 3]).shape, r.dtype, t.dtype))
(r.nrows(), n.nrows(tf.int32), r.row_starts(), r.row_limits(), r.row_lengths(), n.row_lengths(), n.row_lengths(axis=2))
(r.value_rowids(), n.value_rowids(), r.nested_row_lengths(), n.nested_row_lengths())
(str(r.to_list()), str(n.to_list()), str(t.to_list()))
(r.to_tensor(), n.to_tensor(), t.to_tensor(), t.to_tensor('-'), r.to_tensor(-1), r.to_tensor(shape=[None, 4]), r.to_tensor(shape=[1, 1]))
r.to_tensor(1.5)
r.to_tensor(shape=[2, 2, 2])
(r.to_sparse(), n.to_sparse(), t.to_sparse())
(r.with_values([4.0, 5.0, 6.0]), n.with_flat_values([[1.0], [2.0], [3.0]]), r.with_row_splits_dtype(tf.int32))
r.with_values([4, 5])
n.with_row_splits_dtype(tf.int32)
r.with_row_splits_dtype(tf.float32)
(repr(r), str(r), repr(n), repr(t), repr(tf.ragged.constant([[], []])), repr(tf.ragged.constant([[[1.5], []], []])))
repr(tf.ragged.constant([[1.0, 2.25], [3.0, 4.0]]))
(r[0], r[-1], r[:1], r[0, 1], n[0], n[0, 0], n[0, 0, 1], t[1])
(r[:, :1], r[:, -1:], r[:, 1:], r[1:, :5], n[:, :, :1], n[:, :1], r[::-1], r[:, ::2], r[tf.constant(1)])
R.from_row_splits([[1, 2], [3, 4], [5, 6]], [0, 2, 3])[:, :, 0]
r[5]
r[:, 0]
[str(row.numpy()) for row in r]
len(r)
bool(r)
hash(r)
tf.convert_to_tensor(r)
tf.square(r.values) + r.values
(r + 1, 1 + r, r * r, -r, abs(-r), r == r, r > 1, 2 ** r, r / 2, 7 // r, r != 2)
r + R.from_row_splits([1, 2, 3], [0, 1, 3])
tf.ragged.map_flat_values(tf.add, r, 1)
tf.ragged.map_flat_values(tf.concat, [r, r], axis=0)
tf.ragged.map_flat_values(tf.add, r, R.from_row_splits([1, 2, 3], [0, 1, 3]))
tf.ragged.map_flat_values(tf.add, 1, 2)
(tf.is_tensor(r), tf.is_tensor(r.values))
"""

SPECS = """
repr(tf.RaggedTensorSpec([None, None], tf.int32))
tf.RaggedTensorSpec()
tf.RaggedTensorSpec([None, None, None], tf.int32, ragged_rank=3)
repr((r._type_spec, n._type_spec, tf.type_spec_from_value(t), tf.RaggedTensorSpec([None, 3, None], ragged_rank=1)))
[tf.RaggedTensorSpec(shape, tf.int32).is_compatible_with(x) for shape in ([None, None], [2, None], [3, None]) for x in (r, n)]
(tf.RaggedTensorSpec([None, None], tf.int32) == r._type_spec, r._type_spec == tf.RaggedTensorSpec([2, None], tf.int32))
[str(x) for x in tf.nest.flatten(tf.RaggedTensorSpec([2, None, None, 4], ragged_rank=2), expand_composites=True)]
tf.nest.flatten({'x': r, 'y': n}, expand_composites=True)
tf.nest.map_structure(lambda x: x * 2, n.with_row_splits_dtype(tf.int32).values, expand_composites=True)
"""

FUNCTIONS = """
@tf.function
def f(x):
    return x.with_values(x.values * 2), x.row_lengths(), x.to_tensor(), x[:, :1]
f(r)
---
@tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])
def f(x):
    return x + 1
(f(r), f(r[:1]))
---
@tf.function
def f(lengths):
    return R.from_row_lengths(tf.range(3), lengths)
f(tf.constant([1, 2]))
---
@tf.function
def f(lengths):
    return R.from_row_lengths(tf.range(3), lengths)
f(tf.constant([1, 3]))
"""

GRADIENTS = (
    "tf.RaggedTensor.from_row_splits(x, [0, 2, 2, 3]).to_tensor()",
    "tf.RaggedTensor.from_row_splits(x, [0, 2, 3])[:, :1].values",
    "tf.RaggedTensor.from_row_splits(x, [0, 2, 3])[1] * 2.0",
)

CASES = [case(SETUP + code, grad=False, name=code) for code in (MADE + PARTS + SPECS).strip().splitlines() if code]
CASES += [case(SETUP + code, grad=False, name=f"function {i}") for i, code in enumerate(FUNCTIONS.split("---"))]
CASES += [case(code, name=code, x=np.array([1.0, 2.0, 4.0], np.float32)) for code in GRADIENTS]
