"""Sparse tensors: how they are made, printed forms, functions of them, mistakes."""

import numpy as np

from tests.golden.case import case

SETUP = """
S = tf.SparseTensor
s = S([[0, 1], [1, 0]], [1.0, 2.0], [2, 2])
u = S([[1, 2], [0, 1]], [5, 6], [2, 3])
e = S([[0, 1], [2, 0]], [7, 8], [4, 2])
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
"""

X = np.array([1.0, 2.0], np.float32)
S = "tf.SparseTensor([[0, 1], [1, 0]], x, [2, 2])"
GRADIENTS = (
    f"tf.sparse.to_dense({S})",
    f"tf.sparse.sparse_dense_matmul({S}, tf.stack([x, x * 2.0]))",
    f"tf.sparse.reorder({S}).values",
)

CASES = [case(SETUP + code, grad=False, name=code) for code in CODE.strip().splitlines()]
CASES += [case(SETUP + code, grad=False, name=f"function {i}") for i, code in enumerate(FUNCTIONS.split("---"))]
CASES += [case(code, name=code, x=X) for code in GRADIENTS]
