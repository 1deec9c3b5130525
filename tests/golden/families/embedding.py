"""Embedding lookups, biases and dropout."""

import numpy as np

from tests.golden.case import case, integers, normal

TABLE, IDS = normal(7, 3), integers(2, 4, low=0, high=7)
X = normal(3, 4)


def drop(arguments: str, x=X, **options):
    return case(f"tf.random.set_seed(7)\ntf.nn.dropout(x, {arguments})", x=x, **options)


CASES = [
    case("tf.nn.embedding_lookup(t, i)", t=TABLE, i=IDS),
    case("tf.nn.embedding_lookup(t, i)", t=TABLE, i=IDS.astype(np.int64)),
    case("tf.nn.embedding_lookup(params=t, ids=[1, 6])", t=TABLE),
    case("tf.nn.embedding_lookup(t, 3)", t=TABLE),
    case("tf.nn.embedding_lookup(t.numpy(), i)", t=TABLE, i=IDS),
    case("tf.nn.embedding_lookup(t.numpy(), 2)", t=TABLE),
    case("tf.nn.embedding_lookup(t, i)", t=normal(7, 3, 2, dtype=np.float64), i=IDS),
    case("tf.nn.embedding_lookup(t, i)", t=integers(7), i=IDS),
    case("tf.nn.embedding_lookup(t, i, max_norm=1.0)", t=TABLE, i=IDS),
    case("tf.nn.embedding_lookup(t, i, max_norm=0.5)", t=normal(7, 3, 2), i=IDS[0]),
    case("tf.nn.embedding_lookup(t, i, max_norm=m)", t=TABLE, i=IDS, m=np.array(1.5, np.float32), grad=False),
    case("tf.nn.embedding_lookup([t[:3], t[3:5], t[5:]], i)", t=TABLE, i=IDS),
    case("tf.nn.embedding_lookup([t, u], i)", t=normal(4, 3), u=normal(4, 3, seed=1), i=IDS),
    case("tf.nn.embedding_lookup([t, u], i, max_norm=1.0)", t=normal(4, 3), u=normal(4, 3, seed=1), i=IDS),
    case("tf.nn.embedding_lookup([t], i)", t=TABLE, i=IDS),
    case("tf.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [0, 1, 2])"),
    case("tf.nn.embedding_lookup(((1.0, 2.0), (3.0, 4.0)), [1])"),
    case("v = tf.Variable(t)\ntf.nn.embedding_lookup(v, i)", t=TABLE, i=IDS, grad=False),
    case(
        """
v = tf.Variable(t)
with tf.GradientTape() as tape:
    y = tf.nn.embedding_lookup(v, i)
g = tape.gradient(y, v)
g.values, g.indices, g.dense_shape
""",
        t=TABLE,
        i=IDS,
        grad=False,
    ),
    case("tf.nn.embedding_lookup(t, [7])", t=TABLE, grad=False),
    case("tf.nn.embedding_lookup(t, [-1])", t=TABLE, grad=False),
    case("tf.nn.embedding_lookup(t, [1.0])", t=TABLE, grad=False),
    case("tf.nn.embedding_lookup([t, t], [14])", t=TABLE, grad=False),
    case("tf.nn.embedding_lookup(None, [1])", grad=False),
    case("tf.nn.embedding_lookup([], [1])", grad=False),
    case("tf.nn.embedding_lookup(t, i)", t=TABLE, i=np.zeros((0, 2), np.int32)),
    case("tf.nn.bias_add(x, b)", x=X, b=normal(4)),
    case("tf.nn.bias_add(value=x, bias=b, data_format='NHWC')", x=normal(2, 3, 4, 5), b=normal(5)),
    case("tf.nn.bias_add(x, b, data_format='NCHW')", x=normal(2, 3, 4, 5), b=normal(3)),
    case("tf.nn.bias_add(x, b, data_format='NC...')", x=normal(2, 3, 4), b=normal(3)),
    case("tf.nn.bias_add(x, b, 'N...C')", x=normal(2, 3, 4), b=normal(4)),
    case("tf.nn.bias_add(x, b, data_format='NCDHW')", x=normal(2, 3, 2, 2, 2), b=normal(3)),
    case("tf.nn.bias_add(x, b)", x=integers(2, 3), b=integers(3)),
    case("tf.nn.bias_add(x, b)", x=normal(2, 3, dtype=np.float16), b=normal(3, dtype=np.float16)),
    case("tf.nn.bias_add(x, b)", x=X, b=normal(5)),
    case("tf.nn.bias_add(x, b)", x=X, b=normal(4, 1)),
    case("tf.nn.bias_add(x, b)", x=normal(4), b=normal(4)),
    case("tf.nn.bias_add(x, b)", x=X, b=normal(4, dtype=np.float64)),
    case("tf.nn.bias_add(x, b, data_format='foo')", x=X, b=normal(4)),
    case("tf.nn.bias_add(x, b)", x=normal(0, 4), b=normal(4)),
    case("tf.nn.bias_add([[1.0, 2.0]], [3.0, 4.0])"),
    case("tf.nn.bias_add(x, [1, 2, 3, 4])", x=X),
    case(
        """
with tf.GradientTape() as tape:
    tape.watch([x, b])
    y = tf.nn.bias_add(x, b, data_format="NCHW")
    y = y * y * y
tape.gradient(y, [x, b])
""",
        x=normal(2, 3, 2, 2),
        b=normal(3),
    ),
    drop("0.5"),
    drop("rate=0.3, seed=5"),
    drop("0.5", x=X.astype(np.float64)),
    drop("0.5", x=X.astype(np.float16)),
    drop("0.25, noise_shape=[3, 1]"),
    drop("0.25, noise_shape=[None, 1]"),
    drop("0.25, noise_shape=tf.constant([1, 4])"),
    drop("0.25, noise_shape=[4]"),
    drop("r", r=np.array(0.4, np.float32), grad=False),
    drop("r", r=np.array(0.4, np.float64), grad=False),
    drop("r", r=np.array([0.4], np.float32), grad=False),
    drop("0.0"),
    drop("0"),
    drop("1.0"),
    drop("-0.1"),
    drop("'a'"),
    drop("0.5", x=integers(3)),
    case("tf.random.set_seed(7)\ntf.nn.dropout(tf.cast(x, tf.bfloat16), 0.5)", x=X, grad=False),
    case("tf.random.set_seed(7)\na = tf.nn.dropout(x, 0.0)\nb = tf.nn.dropout(x, 0.5)\na, b", x=X),
    case("tf.random.set_seed(7)\na = tf.nn.dropout(x, 0.5, seed=1)\nb = tf.nn.dropout(x, 0.5, seed=1)\na, b", x=X),
    case("tf.nn.experimental.stateless_dropout(x, 0.5, seed=[1, 2])", x=X),
    case("tf.nn.experimental.stateless_dropout(x, rate=0.5, seed=[1, 2], rng_alg='philox', noise_shape=[3, 1])", x=X),
    case("tf.nn.experimental.stateless_dropout(x, 0.5, seed=[1, 2])", x=X.astype(np.float16)),
    case("tf.nn.experimental.general_dropout(x, 0.5, lambda shape, dtype: tf.constant(u, dtype))", x=X, u=normal(3, 4)),
]
