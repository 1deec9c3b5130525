"""Embedding lookups, biases and dropout."""

import numpy as np

from tests.golden.case import case, integers, normal

TABLE, IDS = normal(7, 3), integers(2, 4, low=0, high=7)
X = normal(3, 4)


def drop(arguments: str, x=X, **options):
    return case(f"tf.random.set_seed(7)\ntf.nn.dropout(x, {arguments})", x=x, **options)


BAGS = """
ids = tf.SparseTensor([[0, 0], [0, 2], [2, 1], [2, 2]], tf.constant([1, 6, 1, 2], tf.int64), [4, 3])
"""
WEIGHED = BAGS + "weights = ids.with_values(w)\n"
NESTED = """
ids = tf.SparseTensor([[0, 0, 1], [0, 1, 1], [1, 1, 0]], tf.constant([1, -3, 4], tf.int64), [2, 3, 2])
"""
RAGGED = """
ids = tf.ragged.constant([[1, 3], [], [1]], tf.int64)
weights = ids.with_values(w)
"""
WEIGHTS = np.array([0.5, 2.0, -1.0, 3.0], np.float32)
FAST = "allow_fast_lookup=True"


def bags(arguments: str, before: str = BAGS, safe: bool = False, t=TABLE, **options):
    return case(f"{before}tf.nn.{'safe_' * safe}embedding_lookup_sparse({arguments})", t=t, **options)


CASES = [
    *[bags(f"t, ids, None, combiner={c!r}") for c in ("sum", "mean", "sqrtn", None, "max")],
    *[bags(f"t, ids, weights, {c!r}", WEIGHED, w=WEIGHTS) for c in ("sum", "mean", "sqrtn")],
    *[bags(f"t, ids, weights, {c!r}", WEIGHED, safe=True, w=WEIGHTS) for c in ("sum", "mean", "sqrtn", "max")],
    bags("t, ids, None, 'sum'", t=integers(7, 3)),
    bags("t, ids, None, max_norm=1.0"),
    bags(f"t, ids, None, {FAST}"),
    bags(f"t, ids, None, max_norm=1.0, {FAST}"),
    bags(f"t, ids, weights, {FAST}", WEIGHED, w=WEIGHTS),
    bags("[t[:4], t[4:]], ids, weights, max_norm=2.0", WEIGHED, w=WEIGHTS),
    bags("t, ids, weights, 'sqrtn'", WEIGHED, w=WEIGHTS, t=TABLE.astype(np.float16)),
    bags("t, ids, weights", WEIGHED, w=WEIGHTS.astype(np.float64), t=normal(7, 2, 3)),
    bags("t, ids, weights", RAGGED, w=WEIGHTS[:3]),
    bags("t, ids, None", RAGGED, w=WEIGHTS[:3], grad=False),
    bags("t, ids, weights", RAGGED, safe=True, w=WEIGHTS[[0, 1, 3]]),
    bags("t, ids, weights, default_id=2", RAGGED, safe=True, w=WEIGHTS[[0, 1, 3]]),
    bags("t, ids", safe=True),
    bags("t, ids, combiner=None, max_norm=1.5", safe=True),
    bags("[t[:4], t[4:]], ids", safe=True),
    bags("t, ids", NESTED, safe=True),
    bags("t, ids, default_id=5", NESTED, safe=True),
    bags("None, ids, None", grad=False),
    bags("[], ids, None", grad=False),
    bags("None, ids", safe=True, grad=False),
    bags("t, [1], None", grad=False),
    bags("t, ids, [1.0]", grad=False),
    bags("t[:3], ids, None", grad=False),
    bags("t[:3], ids", safe=True, grad=False),
    bags("t, tf.SparseTensor([[1, 0], [0, 0]], [1, 2], [2, 1]), None", grad=False),
    *[
        case(
            f"""
{WEIGHED}
v = tf.Variable(t)
with tf.GradientTape() as tape:
    y = {function}
g = tape.gradient(y, v)
g.values, g.indices, g.dense_shape
""",
            t=TABLE,
            w=WEIGHTS,
            grad=False,
        )
        for function in (
            "tf.nn.embedding_lookup_sparse(v, ids, None)",
            "tf.nn.embedding_lookup_sparse(v, ids, weights)",
            "tf.nn.embedding_lookup_sparse(v, ids, None, allow_fast_lookup=True)",
            "tf.nn.safe_embedding_lookup_sparse(v, ids, weights)",
        )
    ],
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
