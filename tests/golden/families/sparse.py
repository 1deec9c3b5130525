"""Sparse tensors: how they are made, printed forms, functions of them, mistakes."""

import numpy as np

from tests.golden.case import case

SETUP = """
S = tf.SparseTensor
s = S([[0, 1], [1, 0]], [1.0, 2.0], [2, 2])
u = S([[1, 2], [0, 1]], [5, 6], [2, 3])
e = S([[0, 1], [2, 0]], [7, 8], [4, 2])
t = S([[0, 1], [1, 1], [2, 0]], [2, 4, -7], [4, 2])
"""

CODE = """
S([[0, 1]], [1.0], [2, 2])
S([[0, 1]], [1.0, 2.0], [2, 2])
S([[0, 1]], [1.0], [2, 2, 2])
S([0, 1], [1.0], [2, 2])
S(tf.constant([[0, 1]]), [1.0], [2, 2])
S([[0.0, 1.0]], [1.0], [2, 2])
S([[0, 5]], ['a'], [2, 2])
(repr(s), str(s), repr(S([[0]], ['a'], [1])))
(str((s.shape, s.get_shape(), s.dtype)), s.with_values([3, 4]), tf.is_tensor(s))
s.with_values([3])
tf.convert_to_tensor(s)
s + s
len(s)
s[0]
(tf.sparse.to_dense(s), tf.sparse.to_dense(s, 7.0), tf.sparse.to_dense(S([[0, 1]], ['a'], [1, 2])), tf.sparse.to_dense(S([[0, 1]], ['a'], [1, 2]), '-'))
tf.sparse.to_dense(u)
tf.sparse.to_dense(u, validate_indices=False)
tf.sparse.to_dense(S([[0, 5]], [1], [2, 2]))
tf.sparse.to_dense(tf.ones(2))
tf.sparse.to_dense(s, 1)
tf.sparse.to_dense(s, 'a')
(tf.sparse.from_dense([[0, 1], [2, 0]]), tf.sparse.from_dense([['', 'a']]), tf.sparse.from_dense([0.0, 2.5]), tf.sparse.from_dense([False, True]))
tf.sparse.from_dense(s)
tf.sparse.reorder(u)
tf.sparse.reorder(tf.ones([2, 2]))
(tf.sparse.reshape(s, [4]), tf.sparse.reshape(u, [-1, 2]), tf.sparse.reshape(s, tf.constant([1, 4])))
tf.sparse.reshape(s, [3])
(tf.sparse.fill_empty_rows(e, 0), tf.sparse.fill_empty_rows(S([[0]], ['a'], [2]), '-'))
(tf.sparse.retain(s, [True, False]), tf.sparse.retain(s, [False, False]))
tf.sparse.retain(s, [True])
(tf.sparse.map_values(tf.add, s, 1.0), tf.sparse.map_values(tf.multiply, s, s))
tf.sparse.map_values(tf.add, 1.0, 2.0)
tf.sparse.map_values(tf.add, s, S([[0, 0], [1, 0]], [1.0, 2.0], [2, 2]))
(tf.sparse.sparse_dense_matmul(s, tf.ones([2, 3])), tf.sparse.sparse_dense_matmul(tf.ones([3, 2]), s))
tf.sparse.sparse_dense_matmul(s, [[1.0, 2.0]], adjoint_b=True)
tf.sparse.sparse_dense_matmul(tf.sparse.reorder(u), tf.ones([2, 2], tf.int32), adjoint_a=True)
tf.sparse.sparse_dense_matmul(s, tf.ones([3, 3]))
tf.sparse.sparse_dense_matmul(s, tf.ones([2, 2], tf.float64))
repr((s._type_spec, tf.SparseTensorSpec(), tf.SparseTensorSpec([None, 3], tf.int32), tf.type_spec_from_value(u)))
[str(x) for spec in (tf.SparseTensorSpec(), tf.SparseTensorSpec([None, 3], tf.int32)) for x in tf.nest.flatten(spec, expand_composites=True)]
[tf.SparseTensorSpec([None, 3], tf.int32).is_compatible_with(x) for x in (s, u, e)]
tf.nest.flatten({'x': s, 'y': u}, expand_composites=True)
[[fn(t, axis, keep), fn(t, axis, keep, output_is_sparse=True)] for fn in (tf.sparse.reduce_sum, tf.sparse.reduce_max) for axis in (None, 0, [-1], [], [0, 1]) for keep in (None, True)]
[tf.sparse.reduce_sum(S(tf.zeros([0, 2], tf.int64), tf.zeros([0]), [2, 3]), axis) for axis in (None, 0)]
tf.sparse.reduce_sum(s, 5)
tf.sparse.reduce_sum(S([[0]], [True], [2]))
(tf.sparse.add(t, e, 3), tf.sparse.add(t, e), tf.sparse.add(t, tf.ones([4, 2], tf.int32)), tf.sparse.add(tf.ones([2, 2]), s))
tf.sparse.add(1, 2)
tf.sparse.add(s, e)
tf.sparse.add(s, tf.sparse.reset_shape(s, [3, 3]))
tf.sparse.add(s, [1.0, 2.0])
(tf.sparse.maximum(t, e), tf.sparse.minimum(t, e))
tf.sparse.maximum(s, tf.sparse.reset_shape(s, [3, 3]))
(tf.sparse.softmax(s), tf.sparse.softmax(S([[0, 0], [0, 2], [1, 1]], [1.0, 3.0, 2.0], [2, 3])))
tf.sparse.softmax(t)
tf.sparse.softmax(S([[0]], [1.0], [2]))
(s * 2.0, s * [3.0, 4.0], s / [[2.0], [4.0]], t * tf.constant(3), t / 2)
s * tf.ones([3])
s * tf.ones([2, 2, 2])
s / [1.0, 0.0]
[tf.sparse.expand_dims(s, axis) for axis in (None, 0, 1, -2, -3, tf.constant(1))]
tf.sparse.expand_dims(s, 3)
tf.sparse.expand_dims(s, 1.5)
(tf.sparse.transpose(e), tf.sparse.transpose(e, [0, 1]), tf.sparse.transpose(S([[0, 1, 2], [1, 0, 0]], [5, 6], [2, 2, 3]), [2, 0, 1]))
tf.sparse.transpose(e, [0])
tf.sparse.transpose(e, [0, 5])
(tf.sparse.split(e, 2, axis=0), tf.sparse.split(e, 3, axis=0), tf.sparse.split(e, 2, -1))
tf.sparse.split(e, 9, 0)
tf.sparse.split(e)
tf.sparse.split(e, 2, 2)
(tf.sparse.slice(e, [0, 1], [2, 1]), tf.sparse.slice(e, [2, 0], [9, 9]), tf.sparse.slice(e, [9, 0], [1, 1]))
tf.sparse.slice(e, [1], [1])
tf.sparse.slice(e, [0, 0], [-1, 1])
(tf.sparse.concat(0, [t, e]), tf.sparse.concat(1, [t, e]), tf.sparse.concat(-1, [s, u.with_values([1.0, 2.0])]), tf.sparse.concat(0, [s]))
(tf.sparse.concat(0, [e, u], expand_nonconcat_dims=True), tf.sparse.concat(-1, [e, u], True))
tf.sparse.concat(0, [e, u])
tf.sparse.concat(2, [e, e])
tf.sparse.concat(0, [])
tf.sparse.concat(0, e)
tf.sparse.concat(0, [s, s.with_values([1, 2])])
(tf.sparse.reset_shape(e), tf.sparse.reset_shape(e, [5, 2]))
tf.sparse.reset_shape(e, [2, 2])
tf.sparse.reset_shape(e, [5, 5, 5])
(tf.sparse.eye(2), tf.sparse.eye(2, 3, tf.int32), tf.sparse.eye(tf.constant(3), 2, tf.bool))
(tf.sparse.to_indicator(S([[0, 0], [0, 2], [1, 0]], [3, 1, 3], [2, 3]), 4), tf.sparse.to_indicator(tf.sparse.eye(3, 3, tf.int64), 2))
tf.sparse.to_indicator(e, 2)
tf.sparse.to_indicator(t, 2.5)
(lambda x: (x.indices, x.values))(tf.sparse.mask(tf.IndexedSlices(tf.reshape(tf.range(6), [3, 2]), [4, 1, 7]), [1, 9]))
tf.sparse.sampled_addmm([[0, 0], [1, 1]], [0.5, 0.25], [2, 2], [[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]], alpha=0.75, beta=0.5)
tf.sparse.sampled_addmm([[[0, 1]], [[1, 0]]], [[3.0], [5.0]], [2, 2], tf.reshape(tf.range(12.0), [2, 2, 3]), tf.reshape(tf.range(12.0), [2, 3, 2]))
tf.sparse.sampled_addmm([[0, 0]], [0.5], [2, 3], tf.ones([2, 2]), tf.ones([2, 2]))
(tf.sparse.cross([t, tf.constant([['a', 'b'], ['c', 'd'], ['', 'f'], ['g', 'h']])]), tf.sparse.cross([tf.constant([[1]]), tf.constant([[2]])], separator='-'))
tf.sparse.cross(t)
tf.sparse.cross([[1]])
tf.sparse.cross([tf.constant([[1]]), tf.constant([[1], [2]])])
(tf.math.bincount(e), tf.math.bincount(e, axis=-1), tf.math.bincount(e, axis=-1, binary_output=True, maxlength=8), tf.math.bincount(e, minlength=9, weights=e))
tf.math.bincount(e, axis=-1, weights=e.with_values([0.5, 1.5]), dtype=tf.float32)
tf.math.bincount(e, weights=tf.ones(2))
tf.math.bincount(e, weights=S([[0, 1], [2, 1]], [1, 2], [4, 2]))
tf.debugging.assert_type(s, tf.float32)
tf.debugging.assert_type(s, tf.int32)
(tf.sets.size(e), tf.sets.size(S([[0, 0], [0, 1], [1, 0]], ['a', 'a', 'b'], [3, 2])), tf.sets.size(S([[[0, 0, 1]], [[1, 1, 0]]][0], [5], [2, 2, 2])))
tf.sets.size(tf.ones([2, 2], tf.int32))
tf.sets.size(s)
tf.sets.size(u)
(tf.sets.size(u, validate_indices=False), [fn([[9, 1, 1], [3, 2, 3]], [[1, 7], [2, 3]]) for fn in (tf.sets.union, tf.sets.intersection, tf.sets.difference)])
[fn(a, b) for fn in (tf.sets.union, tf.sets.intersection, tf.sets.difference, lambda a, b: tf.sets.difference(a, b, aminusb=False)) for a, b in ((t, e), (tf.constant([[7], [4], [8], [8]]), t), (t, tf.constant([[7], [4], [8], [8]])), (tf.constant([['b', 'a', 'B']]), tf.constant([['c']])))]
tf.sets.union(tf.ones([2, 2]), tf.ones([2, 2]))
tf.sets.union(tf.ones([2, 2], tf.int32), tf.ones([2, 2], tf.int64))
tf.sets.union([[1]], [[1], [2]])
tf.sets.union([1], [1])
tf.sets.union([[1], [2]], u)
[tf.edit_distance(a, b, normalize) for a, b in ((t, e), (e, t), (S([[0, 0], [0, 1], [1, 0]], ['a', 'b', 'c'], [2, 2]), S([[0, 0], [1, 0], [1, 1], [2, 0]], ['b', 'c', 'd', 'e'], [3, 2]))) for normalize in (True, False)]
tf.edit_distance(t, tf.ones([2, 2]))
tf.edit_distance(e, S([[0, 0, 0]], [1], [1, 1, 1]))
tf.edit_distance(t, u)
str((s.set_shape([2, None]), s.shape))
s.set_shape([3, 3])
str(tf.SparseTensor.from_value(e).shape)
tf.SparseTensor.from_value(tf.ones(2))
"""

FUNCTIONS = """
@tf.function
def f(x):
    return x.with_values(x.values * 2.0), tf.sparse.to_dense(x), tf.sparse.reshape(x, [-1])
f(s)
---
@tf.function(input_signature=[tf.SparseTensorSpec([None, 2], tf.float32)])
def f(x):
    return tf.sparse.sparse_dense_matmul(x, tf.ones([2, 1]))
(f(s), f(S([[2, 1]], [3.0], [3, 2])))
---
@tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
def f(x):
    return tf.sparse.fill_empty_rows(tf.sparse.from_dense(x), 9)
(f([[0, 1], [0, 0]]), f([[0], [0], [3]]))
---
@tf.function(input_signature=[tf.SparseTensorSpec([None, None], tf.float32)])
def f(x):
    x = tf.sparse.add(x, tf.sparse.transpose(tf.sparse.transpose(x)))
    y = tf.sparse.concat(1, [x, tf.sparse.maximum(x, x)])
    return y, tf.sparse.softmax(y), tf.sparse.reduce_sum(y, 1), tf.sparse.split(x, 2, axis=0), tf.sparse.slice(x, [0, 0], [1, 9]), tf.sparse.expand_dims(x, 1), x * 3.0
(f(s), f(S([[2, 1]], [3.0], [3, 2])))
---
@tf.function
def f(x):
    x.set_shape([2, None])
    return tf.sparse.reduce_max(x, 0), tf.sparse.reset_shape(x, [3, 3]), tf.sparse.to_indicator(tf.cast(x, tf.int64), 3), tf.sparse.cross([tf.cast(x, tf.int64)])
f(s)
"""

X = np.array([1.0, 2.0], np.float32)
S = "tf.SparseTensor([[0, 1], [1, 0]], x, [2, 2])"
GRADIENTS = (
    f"tf.sparse.to_dense({S})",
    f"tf.sparse.sparse_dense_matmul({S}, tf.stack([x, x * 2.0]))",
    f"tf.sparse.reorder({S}).values",
    f"tf.sparse.reduce_sum({S}, 0)",
    f"tf.sparse.reduce_sum({S}, [1], True)",
    f"tf.sparse.reduce_max({S}, 0)",
    "tf.sparse.softmax(tf.SparseTensor([[0, 1], [0, 3]], x, [2, 4])).values",
    f"tf.sparse.add({S}, {S}).values",
    f"tf.sparse.add({S}, tf.SparseTensor([[0, 1], [1, 1]], x * x, [2, 2]), 2.5).values",
    f"tf.sparse.add({S}, tf.stack([x, x * x]))",
    f"tf.sparse.concat(0, [{S}, {S}]).values",
    f"tf.sparse.split({S}, 2, axis=0)[0].values",
    f"tf.sparse.slice({S}, [1, 0], [1, 2]).values",
    f"tf.sparse.transpose({S}).values",
    f"tf.sparse.expand_dims({S}, 0).values",
    f"({S} * x).values",
    f"({S} / x[:, None]).values",
    "tf.sparse.sampled_addmm([[0, 0], [1, 1]], x, [2, 2], x[:, None], x[None])[1]",
)

CASES = [case(SETUP + code, grad=False, name=code) for code in CODE.strip().splitlines()]
CASES += [case(SETUP + code, grad=False, name=f"function {i}") for i, code in enumerate(FUNCTIONS.split("---"))]
CASES += [case(code, name=code, x=X) for code in GRADIENTS]
