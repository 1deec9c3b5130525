"""Which graphs may take the rows of several requests at once."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.graph.rows import has_independent_rows

KERNEL = np.ones((3, 3, 2, 4), np.float32)
TABLE = np.ones((5, 4), np.float32)
SQUARE = np.eye(3, dtype=np.float32)


def graph(function, *shapes, dtype=tf.float32):
    specs = [tf.TensorSpec(shape, dtype) for shape in shapes]
    return tf.function(function, input_signature=specs).get_concrete_function().graph


def recurrent(x):
    """A state that takes in one step after the other, by rows of a `TensorArray`."""
    steps, states = tf.transpose(x, [1, 0, 2]), tf.TensorArray(tf.float32, 7)
    state = tf.zeros([tf.shape(x)[0], 3])
    for t in tf.range(7):
        state = tf.tanh(steps[t] + state @ SQUARE)
        states = states.write(t, state)
    return tf.transpose(states.stack(), [1, 0, 2]) + state[:, None]


def looped(body, until=lambda i, x: i < 3):
    return lambda x: tf.while_loop(until, lambda i, x: (i + 1, body(x)), [0, x])[1]


INDEPENDENT = {
    "nothing": (lambda x: x, [None]),
    "elements": (lambda x: tf.where(x > 0, tf.exp(x), 2.0 * x), [None, 3]),
    "dense": (lambda x: tf.nn.softmax(tf.nn.relu(x @ SQUARE + [1.0, 2.0, 3.0])), [None, 3]),
    "dense over time": (lambda x: tf.tensordot(x, SQUARE, 1), [None, 7, 3]),
    "dense, unknown time": (lambda x: tf.tensordot(x, SQUARE, 1), [None, None, 3]),
    "einsum": (lambda x: tf.einsum("btd,de->bte", x, SQUARE), [None, 7, 3]),
    "attention": (lambda x: tf.nn.softmax(x @ tf.transpose(x, [0, 2, 1])) @ x, [None, 7, 3]),
    "convolution": (lambda x: tf.nn.max_pool2d(tf.nn.conv2d(x, KERNEL, 1, "SAME"), 2, 2, "VALID"), [None, 8, 8, 2]),
    "flat": (lambda x: tf.reshape(x, [-1, 6]) @ np.ones((6, 1), np.float32), [None, 2, 3]),
    "in its shape": (lambda x: tf.reshape(x, [tf.shape(x)[0], 6]), [None, 2, 3]),
    "reduced": (lambda x: tf.reduce_mean(x, -1) + tf.reduce_max(x, [1]), [None, 3]),
    "normalised": (lambda x: x - tf.reduce_mean(x, 1, keepdims=True), [None, 3]),
    "chosen": (lambda x: tf.argmax(x, 1), [None, 3]),
    "joined": (lambda x: tf.concat([x, tf.stack([x[:, 0], x[:, 1]], 1)], 1), [None, 3]),
    "padded": (lambda x: tf.pad(x, [[0, 0], [1, 1]]), [None, 3]),
    "sliced": (lambda x: x[..., :2], [None, 3]),
    "one column": (lambda x: x[:, 1], [None, 3]),
    "columns": (lambda x: tf.gather(x, [2, 0], axis=1), [None, 3]),
    "cumulative": (lambda x: tf.cumsum(x, 1), [None, 3]),
    "split": (lambda x: tf.split(x, 3, 1)[1] + tf.unstack(x, 3, 1)[2][:, None], [None, 3]),
    "largest": (lambda x: tf.math.top_k(x, 2).values, [None, 3]),
    "biased": (lambda x: tf.raw_ops.BiasAdd(value=x, bias=[1.0, 2.0, 3.0]), [None, 3]),
    "tiled": (lambda x: tf.tile(x, [1, 2]), [None, 3]),
    "batch normalization": (
        lambda x: tf.raw_ops.FusedBatchNormV3(
            x=x, scale=[2.0], offset=[1.0], mean=[0.5], variance=[3.0], is_training=False
        )[0],
        [None, 2, 2, 1],
    ),
    "a new first axis": (lambda x: (x[None] * np.ones((2, 1, 1), np.float32))[0], [None, 3]),
    "constant": (lambda x: x + tf.ones([tf.shape(x)[0], 3]), [None, 3]),
    "turned": (lambda x: x[:, ::-1] + tf.reverse(x, [1]), [None, 3]),
    "over time first": (
        lambda x: tf.transpose(tf.tensordot(tf.transpose(x, [1, 0, 2]), SQUARE, 1), [1, 2, 0]),
        [None, 7, 3],
    ),
    "a recurrent net": (recurrent, [None, 7, 3]),
    "a loop": (looped(lambda x: tf.nn.softmax(x @ SQUARE)), [None, 3]),
    "a loop in a loop": (looped(looped(lambda x: x * 2.0 + 1.0)), [None, 3]),
    "as many turns as steps": (
        lambda x: tf.while_loop(lambda i, y: i < tf.shape(x)[1], lambda i, y: (i + 1, y + x[:, i]), [0, x[:, 0] * 0.0])[
            1
        ],
        [None, None, 3],
    ),
}
DEPENDENT = {
    "a sum over all": (lambda x: x - tf.reduce_sum(x), [None, 3]),
    "a mean over rows": (lambda x: x - tf.reduce_mean(x, 0), [None, 3]),
    "a softmax over rows": (lambda x: tf.transpose(tf.nn.softmax(tf.transpose(x))), [None, 3]),
    "products of rows": (lambda x: x @ tf.transpose(x) @ x, [None, 3]),
    "turned": (lambda x: x[::-1], [None, 3]),
    "sorted": (lambda x: tf.sort(x, 0), [None, 3]),
    "cumulative": (lambda x: tf.cumsum(x), [None, 3]),
    "the first": (lambda x: x + x[:1], [None, 3]),
    "without the first": (lambda x: x[1:], [None, 3]),
    "its number": (lambda x: x * tf.cast(tf.shape(x)[0], tf.float32), [None, 3]),
    "the number in a fill": (lambda x: x + tf.cast(tf.fill([3], tf.shape(x)[0]), tf.float32), [None, 3]),
    "as many columns": (lambda x: x[:, : tf.shape(x)[0]] * 2.0, [None, 9]),
    "repeated rows": (lambda x: tf.tile(x, [2, 1]), [None, 3]),
    "statistics of the batch": (
        lambda x: tf.raw_ops.FusedBatchNormV3(x=x, scale=[2.0], offset=[1.0], mean=[], variance=[])[0],
        [None, 2, 2, 1],
    ),
    "mixed by a reshape": (lambda x: tf.reshape(x, [3, -1]), [None, 3]),
    "mixed and back": (lambda x: tf.reshape(tf.transpose(tf.reshape(x, [2, -1])), [-1, 3]), [None, 3]),
    "padded rows": (lambda x: tf.pad(x, [[0, 1], [0, 0]]), [None, 3]),
    "rows of rows": (lambda x: tf.gather(x, tf.argmax(x)), [None, 3]),
    "random": (lambda x: x + tf.random.normal([3]), [None, 3]),
    "a known number": (lambda x: x, [2, 3]),
    "no axis": (lambda x: x, []),
    "any rank": (lambda x: x, None),
    "a constant result": (lambda x: tf.constant([1.0]), [None, 3]),
    "one row loses its axis": (lambda x: tf.squeeze(x), [None, 3]),
    "a column that a row says": (lambda x: x[:, tf.cast(x[0, 0], tf.int32)], [None, 3]),
    "rows in a loop": (looped(lambda x: x + tf.reduce_mean(x, 0)), [None, 3]),
    "turns that rows decide": (looped(lambda x: x * 2.0, lambda i, x: tf.reduce_sum(x) < 9.0), [None, 3]),
    "as many turns as rows": (
        lambda x: tf.while_loop(lambda i, y: i < tf.shape(x)[0], lambda i, y: (i + 1, y * 2.0), [0, x])[1],
        [None, 3],
    ),
    "rows that change places in a loop": (looped(lambda x: tf.reshape(tf.transpose(x), [-1, 3])), [None, 3]),
    "time and rows exchanged": (lambda x: tf.reshape(tf.transpose(x, [1, 0, 2]), [-1, 7, 3]), [None, 7, 3]),
    "an outer sum": (lambda x: tf.reduce_sum(x[:, None] + x[None], 1), [None]),
}


@pytest.mark.parametrize("name", INDEPENDENT)
def test_rows_are_independent(name):
    function, shape = INDEPENDENT[name]
    assert has_independent_rows(graph(function, shape))
    known = [5 if size is None and i else size for i, size in enumerate(shape)]
    x = np.random.default_rng(1).normal(size=(4, *known[1:])).astype(np.float32)
    one_by_one = np.concatenate([function(tf.constant(x[i : i + 1])).numpy() for i in range(4)])
    np.testing.assert_allclose(function(tf.constant(x)).numpy(), one_by_one, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", DEPENDENT)
def test_rows_are_dependent(name):
    function, shape = DEPENDENT[name]
    assert not has_independent_rows(graph(function, shape))


def test_lookups():
    assert has_independent_rows(graph(lambda i: tf.gather(TABLE, i), [None, 7], dtype=tf.int32))
    assert not has_independent_rows(graph(lambda i: tf.gather(i, [0], axis=i[0, 0]), [None, 7], dtype=tf.int32))
    assert has_independent_rows(graph(lambda i: tf.one_hot(i, 3), [None], dtype=tf.int32))
    assert not has_independent_rows(graph(lambda i: tf.one_hot(i, 3, axis=0), [None], dtype=tf.int32))


def test_several_arguments():
    assert has_independent_rows(graph(lambda a, b: a + b[:, 0], [None], [None, 2]))
    assert not has_independent_rows(graph(lambda a, b: a[:, None] @ b[None], [None], [None]))
    assert not has_independent_rows(graph(lambda a, b: a + b[:, 0], [None], [3, 2]))


def test_effects():
    count = tf.Variable(0.0)

    def counted(x):
        count.assign_add(1.0)
        return x

    assert not has_independent_rows(graph(counted, [None]))
