import numpy as np

from tests.golden.case import case, integers, normal, uniform

X = normal(4, 5)
P = (lambda p: p / p.sum(-1, keepdims=True))(uniform(4, 5))
Y = np.array([1, 0, 4, 2], np.int32)
X3, P3 = normal(2, 3, 5), uniform(2, 3, 5)
BINARY = (uniform(3, 4) > 0.5).astype(np.float32)
SAMPLED = {
    "weights": normal(7, 3),
    "biases": normal(7),
    "x": normal(2, 3),
    "true_counts": uniform(2, 1, low=0.1),
    "counts": uniform(4, low=0.1),
}


def second_order(function: str, **inputs):
    watched = ", ".join(
        name for name, value in inputs.items() if value.dtype.kind == "f" and f"gradient({name})" not in function
    )
    return case(
        f"""
with tf.GradientTape() as tape:
    tape.watch([{watched}])
    y = {function}
    y = tf.reduce_sum(y * y)
tape.gradient(y, [{watched}])
""",
        rtol=5e-5,
        **inputs,
    )


CASES = [
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X, p=P),
    case("tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x, axis=-1)", x=X3, p=P3),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x, axis=1)", x=X3, p=P3),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x, axis=0)", x=X3, p=P3),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x, axis=2)", x=X3, p=P3),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X[0], p=P[0]),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X * 1000, p=P),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X.astype(np.float64), p=P.astype(np.float64)),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X, p=P.astype(np.float64), rtol=1e-6),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X.astype(np.float16), p=P.astype(np.float16)),
    case("tf.nn.softmax_cross_entropy_with_logits(tf.one_hot(y, 5, dtype=tf.int32), x)", x=X, y=Y),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X, p=P[:1], grad=False),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X, p=P[:2]),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X, p=P[:, :4]),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=X3, p=P),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=integers(4, 5), p=P, grad=False),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x)", x=normal(0, 5), p=normal(0, 5)),
    case("tf.nn.softmax_cross_entropy_with_logits(p, x, axis=5)", x=X, p=P),
    # TensorFlow leaves out that the gradient with respect to x depends on p
    second_order("tf.nn.softmax_cross_entropy_with_logits(tf.stop_gradient(p), x)", x=X, p=P),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=Y),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x)", x=X, y=Y.astype(np.int64)),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X3, y=integers(2, 3, low=0, high=5)),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X[0], y=np.array(3, np.int32)),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X.astype(np.float64), y=Y),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X.astype(np.float16), y=Y),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, tf.cast(x, tf.bfloat16))", x=X, y=Y, grad=False, rtol=2e-2),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X * 1000, y=Y),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits([1, 0], [[1.0, 2.0], [3.0, 4.0]])"),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=np.array([1, 0, 5, 2], np.int32), grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=np.array([1, -1, 4, 2], np.int32), grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=Y[:3], grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=Y[:, None], grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=Y.astype(np.float32), grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=Y.astype(np.uint8), grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=integers(4, 5), y=Y),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=np.array(1.0, np.float32), y=Y, grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(None, x)", x=X, grad=False),
    case("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=normal(0, 5), y=np.zeros(0, np.int32)),
    second_order("tf.nn.sparse_softmax_cross_entropy_with_logits(y, x)", x=X, y=Y),
    case("tf.nn.sigmoid_cross_entropy_with_logits(z, x)", x=normal(3, 4) * 10, z=BINARY),
    case("tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x)", x=np.zeros((3, 4), np.float32), z=BINARY),
    case("tf.nn.sigmoid_cross_entropy_with_logits(z, x)", x=normal(3, 4) * 1000, z=uniform(3, 4)),
    case("tf.nn.sigmoid_cross_entropy_with_logits(z, x)", x=normal(3), z=uniform(3, dtype=np.float64)),
    case("tf.nn.sigmoid_cross_entropy_with_logits(z, x)", x=normal(3), z=uniform(4)),
    case("tf.nn.sigmoid_cross_entropy_with_logits(z, x)", x=normal(3), z=integers(3)),
    case("tf.nn.sigmoid_cross_entropy_with_logits([1.0, 0.0], [0.5, -0.5])"),
    case("tf.nn.sigmoid_cross_entropy_with_logits(None, x)", x=normal(3)),
    case(
        "tf.nn.sigmoid_cross_entropy_with_logits(z, x)", x=normal(3, dtype=np.float16), z=uniform(3, dtype=np.float16)
    ),
    second_order("tf.nn.sigmoid_cross_entropy_with_logits(z, x)", x=normal(3, 4), z=BINARY),
    case("tf.nn.weighted_cross_entropy_with_logits(z, x, 2.5)", x=normal(3, 4) * 10, z=BINARY),
    case(
        "tf.nn.weighted_cross_entropy_with_logits(labels=z, logits=x, pos_weight=w)",
        x=normal(3, 4),
        z=BINARY,
        w=uniform(4),
    ),
    case("tf.nn.weighted_cross_entropy_with_logits(z, x, 2)", x=normal(3), z=uniform(4)),
    case("tf.nn.weighted_cross_entropy_with_logits(z, x, 2)", x=normal(3), z=uniform(3)),
    case("tf.nn.l2_loss(x)", x=X),
    case("tf.nn.l2_loss(x)", x=X.astype(np.float64)),
    case("tf.nn.l2_loss(x)", x=X.astype(np.float16)),
    case("tf.nn.l2_loss(x)", x=np.float32(3) * np.ones((), np.float32)),
    case("tf.nn.l2_loss(x)", x=normal(0)),
    case("tf.nn.l2_loss(x)", x=integers(3)),
    second_order("tf.nn.l2_loss(x)", x=X),
    case("tf.nn.log_poisson_loss(z, x)", x=normal(6), z=integers(6, low=0).astype(np.float32)),
    case(
        "tf.nn.log_poisson_loss(z, x, compute_full_loss=True)",
        x=normal(6),
        z=np.array([0.5, 1.5, 2, 3, 4, 5], np.float32),
    ),
    case("tf.nn.log_poisson_loss(z, x)", x=normal(6), z=uniform(5)),
    case("tf.nn.log_poisson_loss(z, x)", x=normal(6), z=uniform(6, dtype=np.float64)),
    case("tf.nn.compute_average_loss(x)", x=uniform(4)),
    case("tf.nn.compute_average_loss(x, global_batch_size=16)", x=uniform(4)),
    case("tf.nn.compute_average_loss(x, sample_weight=w)", x=uniform(4), w=uniform(4)),
    case("tf.nn.compute_average_loss(x, sample_weight=w, global_batch_size=8)", x=uniform(4), w=uniform(4, 1)),
    case("tf.nn.compute_average_loss(x, sample_weight=w)", x=uniform(4, 3), w=uniform(4)),
    case("tf.nn.compute_average_loss(x, sample_weight=2.0)", x=uniform(4)),
    case("tf.nn.compute_average_loss(x, global_batch_size=0)", x=uniform(4)),
    case("tf.nn.compute_average_loss(x, global_batch_size=-1)", x=uniform(4), grad=False),
    case("tf.nn.compute_average_loss(x, global_batch_size=2.5)", x=uniform(4), grad=False),
    case("tf.nn.compute_average_loss(x, global_batch_size=[2])", x=uniform(4), grad=False),
    case("tf.nn.compute_average_loss(x, global_batch_size=tf.constant(2, tf.int64))", x=uniform(4)),
    case("tf.nn.compute_average_loss(x)", x=np.array(1.0, np.float32), grad=False),
    case("tf.nn.compute_average_loss(x)", x=uniform(4, dtype=np.float64)),
    case("tf.nn.compute_average_loss(x, w)", x=uniform(4, dtype=np.float64), w=uniform(4, dtype=np.float64), rtol=1e-6),
    case("tf.nn.scale_regularization_loss(x)", x=uniform(4)),
    case("tf.nn.scale_regularization_loss([1.0, 2.0])"),
    *(
        case(
            f"tf.nn.{name}(weights, biases, tf.constant([[2], [5]]), x, 4, 7, "
            f"sampled_values=([1, 5, 0, 2], true_counts, counts){option})",
            **SAMPLED,
        )
        for name in ("nce_loss", "sampled_softmax_loss")
        for option in ("", ", remove_accidental_hits=True", ", remove_accidental_hits=False")
    ),
    case(
        "tf.nn.nce_loss(weights, biases, tf.constant([[2, 3], [5, 0]], tf.int64), x, 4, 7, 2, ([1, 5, 0, 2], t, counts))",
        **{k: v for k, v in SAMPLED.items() if k != "true_counts"},
        t=uniform(2, 2, low=0.1),
    ),
    case(
        "tf.nn.nce_loss([weights[:4], weights[4:]], biases, tf.constant([[2], [5]]), x, 4, 7, sampled_values=([1, 5, 0, 2], true_counts, counts))",
        **SAMPLED,
    ),
    case(
        """
tf.random.set_seed(3)
tf.nn.sampled_softmax_loss(weights, biases, tf.constant([[2], [5]], tf.int64), x, 4, 7, seed=5)
""",
        **{k: SAMPLED[k] for k in ("weights", "biases", "x")},
    ),
    case(
        """
tf.random.set_seed(3)
tf.nn.nce_loss(weights, biases, tf.constant([[2], [5]], tf.int64), x, 4, 7)
""",
        **{k: SAMPLED[k] for k in ("weights", "biases", "x")},
    ),
    case(
        "tf.nn.compute_accidental_hits(t, s, num_true=2)",
        t=integers(3, 2, low=0, high=6, dtype=np.int64),
        s=np.arange(1, 5),
    ),
    case(
        "tf.nn.compute_accidental_hits(t, s, num_true=1)",
        t=integers(3, 2, low=0, high=6, dtype=np.int64),
        s=np.arange(1, 5),
    ),
]
