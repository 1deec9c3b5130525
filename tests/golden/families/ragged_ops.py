"""Ops that take ragged tensors: element by element, along axes, by rules of their own; and their gradients."""

import numpy as np

from tests.golden.case import case

SETUP = """
i = tf.ragged.constant([[1, 2, 3], [], [4]])
f = tf.ragged.constant([[0.5, 1.0, 2.0], [], [4.0]])
b = tf.ragged.constant([[True, False], [], [True]])
s = tf.ragged.constant([['a b', 'C'], [], ['12']])
n = tf.ragged.constant([[[1, 2], [3]], [], [[4, 5, 6]]])
d = tf.RaggedTensor.from_row_splits(tf.reshape(tf.range(6), [3, 2]), [0, 2, 2, 3])
u = tf.RaggedTensor.from_uniform_row_length(tf.ragged.constant([[1], [2, 3], [4], [5]]), 2)
c = tf.cast(f, tf.complex64)
R = tf.ragged.constant
m = tf.math
"""

UNARY = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh digamma erf erfc erfinv exp expm1 floor is_finite is_inf is_nan lgamma log "
    "log1p negative reciprocal reciprocal_no_nan rint round rsqrt sigmoid sign sin sinh softplus sqrt square tan tanh log_sigmoid "
    "ndtri bessel_i0 bessel_i1e special.dawsn special.expint special.spence special.bessel_k0 special.bessel_j1"
)
BINARY = (
    "divide multiply subtract pow truediv divide_no_nan multiply_no_nan floordiv add xdivy xlog1py xlogy atan2 floormod greater "
    "greater_equal less less_equal maximum minimum squared_difference zeta equal not_equal"
)

OTHER = """
(m.real(c), m.imag(c), m.conj(c), m.angle(c)); m.logical_not(b); (m.logical_and(b, b), m.logical_or(b, True), m.logical_xor(b, b)); tf.bitwise.invert(i)
(tf.bitwise.bitwise_and(i, 1), tf.bitwise.bitwise_or(i, i), tf.bitwise.left_shift(i, 2)); (tf.truncatediv(i, 2), tf.truncatemod(i, 2), tf.realdiv(f, f))
(tf.nn.relu6(f), tf.nn.leaky_relu(f), tf.nn.gelu(f), tf.nn.elu(f), tf.nn.relu(i), tf.nn.selu(f), tf.nn.softsign(f), tf.nn.silu(f))
(tf.cast(f, tf.int32), tf.saturate_cast(i, tf.uint8), tf.bitcast(i, tf.float32), tf.debugging.check_numerics(f, 'x')); tf.cast(i, tf.string)
(tf.zeros_like(f), tf.ones_like(i, tf.float32), tf.zeros_like(n)); (tf.clip_by_value(i, 2, 3), tf.add_n([f, f]), m.scalar_mul(2.0, f), tf.complex(f, f))
(tf.identity(f), tf.stop_gradient(n), tf.rank(n), tf.size(n), tf.size(i, tf.int64)); tf.nn.sigmoid_cross_entropy_with_logits(labels=f, logits=f)
(-f, abs(-f), ~b, b & b, b | True, b ^ b, i // 2, i % 2, 2 ** i, 1 / f, f == 2.0, f != f, f > 1.0, 2.0 <= f); f @ f
(tf.constant(2.0) - f, tf.constant([[1.0], [2.0], [3.0]]) * f); 1 in i
i + [[10], [20], [30]]; i + [10]; i + [[10]]; i + [10, 20, 30]; i + R([[10], [20], [30]]); R([[1], [2]]) + R([[1, 2], [3, 4]]); n + i; n + [[[10]], [[20]], [[30]]]
d + [10, 20]; d + [[[10]], [[20]], [[30]]]; d + i; R([[1, 2]]) + i; R([[1, 2, 3]]) + R([[1, 2, 3], [4, 5, 6]]); R([[1, 2], [3, 4]]) + [[1, 2], [3, 4]]
i + R([[1, 2, 3], [], [4]], row_splits_dtype=tf.int32); u + 1; u + u; u + [[[10], [20]], [[30], [40]]]; R([[1, 2], [3, 4]]) + [[1, 2, 3], [4, 5, 6]]
i == R([[1], [2]]); i != R([[1], [2]]); i == None; i != None; i == [[1], [2], [3]]; tf.equal(i, R([[1], [2]])); tf.add(i, 'a'); m.softplus(i)
tf.where(i > 1, i, 0); tf.where(i > 1, i, -i); tf.where([True, False, True], i, -i); tf.where([[True], [False], [True]], i, -i); tf.where(i > 1, [[1], [2], [3]], i)
tf.where(i > 1); tf.where(n > 2); tf.where(i - 1); tf.reshape(n, [-1]); tf.convert_to_tensor(i); tf.constant(i); tf.transpose(i); tf.unstack(i); tf.argmax(i, 1); tf.Variable(i)
tf.one_hot(i, 3); tf.one_hot(i, 3, 5, 6); tf.one_hot(i, 3, axis=1); tf.one_hot(d, 2, axis=2); tf.nn.softmax(f); tf.nn.softmax(f, axis=1); tf.nn.softmax(tf.cast(n, tf.float32))
tf.nn.dropout(f, 0.0); tf.cumsum(i); tf.cumsum(i, 1); tf.cumsum(i, 1, exclusive=True, reverse=True); tf.cumsum(n, 2); tf.cumsum(n, 0)
tf.reduce_sum(i); tf.reduce_sum(i, 0); tf.reduce_sum(i, 1); tf.reduce_sum(i, -1); tf.reduce_sum(i, [0, 1]); tf.reduce_sum(i, []); tf.reduce_sum(i, 1, keepdims=True)
tf.reduce_sum(i, 0, keepdims=True); tf.reduce_sum(i, keepdims=True); tf.reduce_sum(n, 0); tf.reduce_sum(n, 1); tf.reduce_sum(n, 2); tf.reduce_sum(n, [0, 2])
tf.reduce_sum(n, [1, 2]); tf.reduce_sum(n, [0, 1]); tf.reduce_sum(n, -1, keepdims=True); tf.reduce_sum(d, 2); tf.reduce_sum(d, [1, 2]); tf.reduce_sum(d, [0, 1, 2])
(tf.reduce_prod(i, 0), tf.reduce_prod(i, 1), tf.reduce_prod(n, 2)); (tf.reduce_max(i, 0), tf.reduce_max(i, 1), tf.reduce_min(i, 1), tf.reduce_min(n, [0, 1]))
(tf.reduce_mean(i, 1), tf.reduce_mean(i, 0), tf.reduce_mean(f, 1), tf.reduce_mean(f)); (tf.reduce_any(b, 1), tf.reduce_all(b, 1), tf.reduce_all(b, 0), tf.reduce_any(b))
(m.reduce_std(f, 1), m.reduce_variance(f)); tf.reduce_logsumexp(f, 1)
m.unsorted_segment_sum(i, [0, 1, 0], 2); m.unsorted_segment_sum(i, R([[0, 1, 0], [], [1]]), 2); m.unsorted_segment_sum(n, [0, 1, 0], 2); m.unsorted_segment_mean(i, [0, 1, 0], 2)
m.unsorted_segment_max(i, [0, 1, 0], 3); m.unsorted_segment_min(f, [1, 1, 0], 2); m.unsorted_segment_prod(n, [2, 1, 0], 3); m.unsorted_segment_sqrt_n(f, [0, 1, 0], 2)
m.unsorted_segment_sum([1, 2], R([[0], [1]]), 2); m.unsorted_segment_sum(i, R([[0], [], [1]]), 2); m.segment_sum(i, [0, 0, 1])
tf.gather(i, [0, 2]); tf.gather(i, 2); tf.gather([10, 20, 30, 40, 50], i); tf.gather(i, R([[0], [2, 1]])); tf.gather(i, [[0, 1], [2, 2]]); tf.gather(i, R([[0], [], [0]]), batch_dims=1)
tf.gather(i, R([[0], [], [0]]), axis=1, batch_dims=1); tf.gather([[1, 2], [3, 4]], R([[0], [1, 0]]), batch_dims=1); tf.gather(n, [0], axis=2); tf.gather(i, [5]); tf.gather(d, [1], axis=2)
tf.gather_nd(i, [[0, 1], [2, 0]]); tf.gather_nd(n, [[0], [2]]); tf.gather_nd(n, [[0, 1], [2, 0]]); tf.gather_nd(n, [[0, 1, 0], [2, 0, 2]]); tf.gather_nd(d, [[0, 1, 1]])
tf.gather_nd([10, 20, 30], R([[[0]], [[1], [2]]], ragged_rank=1)); tf.gather_nd(i, R([[[0, 1]], [[2, 0], [0, 0]]], ragged_rank=1)); tf.nn.embedding_lookup(tf.reshape(tf.range(10.0), [5, 2]), i)
tf.tile(i, [1, 2]); tf.tile(i, [2, 1]); tf.tile(n, [2, 2, 1]); tf.tile(d, [1, 1, 2]); tf.tile(i, [0, 1]); tf.reverse(i, [0]); tf.reverse(i, [1]); tf.reverse(i, [0, 1]); tf.reverse(n, [2]); tf.reverse(i, [2])
tf.expand_dims(i, 0); tf.expand_dims(i, 1); tf.expand_dims(i, 2); tf.expand_dims(i, -1); tf.expand_dims(i, 3); tf.expand_dims(n, 2); tf.expand_dims(d, 3)
tf.squeeze(R([[[1], [2]], [[3]]], ragged_rank=1), -1); tf.squeeze(R([[1, 2]]), 0); tf.squeeze(R([[1, 2]])); tf.squeeze(n, 1); tf.squeeze(R([[[1, 2]], [[3]]]), 1); tf.squeeze(i, 3)
tf.split(i, 3); tf.split(i, [1, 2]); tf.split(i, [1, 1], axis=1); tf.split(i, 2, axis=1); tf.split(d, 2, axis=2); tf.split(i, [1, -1]); tf.split(i, 2)
tf.concat([i, i], 0); tf.concat([i, i], 1); tf.concat([i, i], -1); tf.concat([i, [[1], [2], [3]]], 1); tf.concat([i, [[1], [2], [3]]], 0); tf.concat([n, n], 2); tf.concat([i], 0); tf.concat([i, n], 0)
tf.concat([i, i], 2); tf.concat([d, d], 2); tf.concat([d, d], 1); tf.concat([i, i[:2]], 1); tf.stack([i, i]); tf.stack([i, i], 1); tf.stack([i, i], 2); tf.stack([i, i], 3); tf.concat([i, f], 0)
tf.ragged.stack([i, i]); tf.ragged.stack([i, [[1, 2]]]); tf.ragged.stack([[1, 2], [3]]); tf.ragged.stack([1, 2]); tf.ragged.stack([]); tf.ragged.stack([i, i], axis=1); tf.ragged.stack([[1, 2], [3]], -1)
tf.ragged.stack([i]); tf.ragged.stack([[1, 2, 3]]); tf.ragged.stack([[[1, 2]], [[3], [4]]])
tf.ragged.stack_dynamic_partitions(['a', 'b', 'c'], [2, 0, 2], 3); tf.ragged.stack_dynamic_partitions(i, [1, 0, 1], 3); tf.ragged.stack_dynamic_partitions(i, R([[0, 1, 0], [], [1]]), 3)
tf.ragged.stack_dynamic_partitions([1, 2], [0, 3], 3); tf.ragged.stack_dynamic_partitions([[1, 2], [3, 4]], [[1, 0], [0, 1]], 2)
tf.dynamic_partition(i, [0, 1, 0], 2); tf.dynamic_partition(i, R([[0, 1, 0], [], [1]]), 2)
tf.ragged.cross([i, i]); tf.ragged.cross([i, [['a'], ['b'], ['c']]]); tf.ragged.cross_hashed([i, [['a'], ['b'], ['c']]], num_buckets=10); tf.ragged.cross_hashed([i, i]); tf.ragged.cross_hashed([s, i], 100, hash_key=7)
tf.ragged.cross([[['a'], ['b'], ['c']], s]); tf.ragged.cross([i[:2], i]); tf.ragged.cross([n])
(tf.strings.lower(s), tf.strings.upper(s), tf.strings.length(s), tf.strings.strip(s), tf.strings.substr(s, 0, 1), tf.strings.regex_replace(s, 'a', 'z'), tf.strings.regex_full_match(s, 'a.*'))
(tf.strings.to_hash_bucket(s, 10), tf.strings.to_hash_bucket_fast(s, 10), tf.strings.to_hash_bucket_strong(s, 10, [1, 2]), tf.strings.to_number(R([['1'], ['2.5', '3']])), tf.strings.as_string(f))
(tf.strings.join([s, 'x'], '-'), tf.strings.join([s, s]), tf.strings.unicode_script(i), tf.strings.unicode_transcode(s, 'UTF-8', 'UTF-16-BE'), tf.io.encode_base64(s))
tf.strings.reduce_join(s, axis=1, separator='-'); tf.strings.reduce_join(s, axis=0); tf.strings.reduce_join(s); tf.strings.reduce_join(tf.strings.as_string(n), axis=-1); tf.strings.reduce_join(tf.strings.as_string(n), axis=[1, 2])
tf.strings.reduce_join(s, axis=1, keepdims=True); tf.strings.unicode_encode(R([[97, 98], [99]]), 'UTF-8'); tf.strings.format('{} and {}', (i, [1, 2])); tf.strings.format('{}', s); tf.strings.split(s)
tf.map_fn(tf.reduce_sum, i); tf.map_fn(tf.reduce_sum, i, fn_output_signature=tf.int32); tf.map_fn(lambda x: x * 2, i); tf.map_fn(lambda x: x + 1, n)
tf.map_fn(lambda x: tf.range(x), tf.constant([1, 2]), fn_output_signature=tf.RaggedTensorSpec([None], tf.int32))
tf.map_fn(lambda x: tf.ragged.range(x), tf.constant([[1, 2], [3, 0]]), fn_output_signature=tf.RaggedTensorSpec([None, None], tf.int32, ragged_rank=1))
tf.map_fn(lambda x: (x[0] + 1, x[1]), (i, tf.constant([1, 2, 3])))
tf.debugging.assert_equal(i, i); tf.debugging.assert_less(i, i + 1); tf.debugging.assert_less(i, i); tf.debugging.assert_equal(i, R([[1]]))
(u.uniform_row_length, i.uniform_row_length, str(u.shape), str((u + 1).shape), str(u[:1].shape), str(u._type_spec.shape)); tf.RaggedTensor.from_tensor([[1, 2], [3, 4]]).uniform_row_length
(u[:, 0], u[:, -1], u[:, 1, :1], str(u[:, :1].shape), u.row_lengths(), u.to_tensor(), u.with_row_splits_dtype(tf.int32).uniform_row_length); u[:, 5]; str(tf.RaggedTensor.from_tensor([[1, 2], [3, 4]]).shape)
tf.RaggedTensor.from_tensor([[1, 2], [3, 4]])[:, 0]; n.nested_value_rowids(); i.consumers(); hash(i); len(i); list(i)
tf.RaggedTensor.from_tensor([[[5, 0], [7, 0], [0, 0]], [[0, 0], [0, 0], [0, 0]], [[6, 0], [3, 0], [0, 0]]], lengths=([2, 0, 3], [1, 1, 2, 0, 1]))
i[..., 1:]; i[tf.newaxis]; i[:, tf.newaxis]; i[0, ...]; n[:, :, tf.newaxis]; n[0, :, 1:]; i[:, ::-1]; i[:, 2:0:-1]; n[:, 1:, :1]; d[..., 0]; d[0, 1]; d[:, 0]; i[()]; i['a']; i[1.0]; i[0, 0, 0]; n[..., -1:]
"""

FUNCTIONS = """
@tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.float32)])
def g(x):
    y = x / tf.reduce_sum(x, 1, keepdims=True) + tf.concat([x[:, 1:], x[:, :1]], 1)
    return y, tf.reduce_max(y, 0), tf.tile(y, [1, 2]), tf.map_fn(lambda row: row * 2.0, y), tf.reverse(y, [1])
(g(f), g(f[:1]))
---
@tf.function
def g(x, y):
    return tf.where(x > 1, y, -y), x == y, tf.gather(x, [1, 0]), tf.stack([x, y]), tf.strings.as_string(x)
g(i, i + 1)
---
@tf.function
def g(x):
    return x + 1, x[:, :1], x.to_tensor()
(g(u), str(g(u)[0].shape))
"""

GRADIENTS = (
    "(x * 2.0 + [[1.0], [2.0], [3.0]]).values",
    "tf.reduce_sum(x * x, 1)",
    "tf.reduce_sum(x * x, 0)",
    "tf.reduce_mean(x, 1)[::2]",
    "tf.reduce_max(x, 0)",
    "tf.concat([x, x * x], 1).values",
    "tf.stack([x, x * x], 1).flat_values",
    "tf.tile(x, [2, 2]).values",
    "tf.reverse(x * x, [0, 1]).values",
    "tf.gather(x, [2, 0, 0]).values",
    "tf.nn.softmax(x).values",
    "tf.map_fn(lambda row: row * row, x).values",
    "tf.exp(x).to_tensor()",
    "tf.cumsum(x, 1).values",
    "tf.where(x > 1.5, x * x, x).values",
    "tf.expand_dims(x, 1).flat_values * 3.0",
    "tf.math.unsorted_segment_sum(x, [1, 0, 1], 2).values",
    "tf.nn.gelu(x).values",
    "x[:, ::-1].values * 2.0",
    "tf.gather_nd(x, [[0, 1], [2, 0]])",
)

CASES = [case(f"{SETUP}\nm.{op}(f)", grad=False, name=f"{op} of ragged") for op in UNARY.split()]
CASES += [
    case(
        f"{SETUP}\n(m.{op}(f, f), m.{op}(f, 0.5), m.{op}(0.5, f), m.{op}(f, [[0.5], [1.0], [2.0]]))",
        grad=False,
        name=f"{op} of ragged",
    )
    for op in BINARY.split()
]
CASES += [
    case(f"{SETUP}\n{code.strip()}", grad=False, name=code.strip())
    for line in OTHER.strip().splitlines()
    for code in line.split("; ")
]
CASES += [case(SETUP + code, grad=False, name=f"function {i}") for i, code in enumerate(FUNCTIONS.split("---"))]
CASES += [
    case(
        f"x = tf.RaggedTensor.from_row_splits(v, [0, 3, 3, 4])\n{code}",
        name=f"gradient of {code}",
        v=np.array([1.0, 2.0, 0.5, 3.0], np.float32),
    )
    for code in GRADIENTS
]
CASES += [
    case(
        "x = tf.ragged.constant([[1.0, 2.0], [], [3.0]])\n(x * w).values",
        name="gradient of what is beside",
        w=np.array([[1.0], [2.0], [0.5]], np.float32),
    )
]
