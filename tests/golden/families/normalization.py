import numpy as np

from tests.golden.case import case, integers, normal, uniform

X = normal(3, 4, 5)
IMAGE = normal(2, 3, 4, 5)


def second_order(function: str, **inputs):
    watched = ", ".join(inputs)
    return case(
        f"""
with tf.GradientTape() as tape:
    tape.watch([{watched}])
    y = {function}
    y = tf.reduce_sum(y * y * y)
tape.gradient(y, [{watched}])
""",
        rtol=2e-4,
        atol=2e-4,
        **inputs,
    )


def fused(is_training: bool, data_format: str, **options):
    moments = {} if is_training else {"mean": normal(5), "variance": uniform(5, low=0.5)}
    x = IMAGE if data_format == "NHWC" else np.ascontiguousarray(IMAGE[:, None])
    return case(
        f"""
tf.raw_ops.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean={"[]" if is_training else "mean"},
    variance={"[]" if is_training else "variance"}, epsilon=0.01, is_training={is_training}, data_format={data_format!r})[0]
""",
        name=f"FusedBatchNormV3 is_training={is_training} {data_format}",
        x=x,
        scale=normal(5),
        offset=normal(5, seed=1),
        **moments,
        **options,
    )


CASES = [
    *(case(f"tf.nn.moments(x, {axes})", x=X) for axes in ("[0]", "[0, 1]", "[1, -1]", "0", "[-1]", "[]")),
    case("tf.nn.moments(x, axes=[0, 1], keepdims=True)", x=X),
    case("tf.nn.moments(x, None)", x=X),
    case("tf.nn.moments(x, [0], shift=1.0)", x=X),
    case("tf.nn.moments(x, [0])", x=X.astype(np.float64)),
    case("tf.nn.moments(x, [0])", x=X.astype(np.float16)),
    case("tf.nn.moments(x, [0])", x=integers(4, 3)),
    case("tf.nn.moments(x, [3])", x=X),
    case("tf.nn.moments(x, [0, 0])", x=X),
    case("tf.nn.moments(x, [1])", x=normal(3, 0)),
    second_order("tf.nn.moments(x, [1])[1]", x=X),
    case("tf.nn.weighted_moments(x, [0], w)", x=X, w=uniform(3, 4, 5)),
    case("tf.nn.weighted_moments(x, [0, 1], w)", x=X, w=uniform(3, 1, 1)),
    case("tf.nn.weighted_moments(x, [1], w, keepdims=True)", x=X, w=uniform(4, 1)),
    case("tf.nn.weighted_moments(x, [1], frequency_weights=2.0)", x=X),
    case("tf.nn.weighted_moments(x, [0], w)", x=X, w=integers(3, 1, 1, low=0)),
    case("tf.nn.weighted_moments(x, [0], w)", x=X, w=np.zeros((3, 1, 1), np.float32)),
    case("tf.nn.weighted_moments(x, [0], w)", x=X.astype(np.float16), w=uniform(3, 4, 5, dtype=np.float16)),
    case("tf.nn.sufficient_statistics(x, [0, 2])", x=X),
    case("tf.nn.sufficient_statistics(x, [0, -1], shift=s, keepdims=True)", x=X, s=np.array(0.5, np.float32)),
    case("tf.nn.sufficient_statistics(x, [0], shift=0.5)", x=X),
    case("tf.nn.sufficient_statistics(x, [0])", x=integers(3, 2)),
    case(
        "tf.nn.normalize_moments(c, m, v, None)",
        c=np.array(4.0, np.float32),
        m=normal(3),
        v=uniform(3, low=2.0, high=9.0),
    ),
    case(
        "tf.nn.normalize_moments(c, m, v, s)",
        c=np.array(4.0, np.float32),
        m=normal(3),
        v=uniform(3),
        s=normal(3, seed=3),
    ),
    case("tf.nn.batch_normalization(x, m, v, o, s, 0.001)", x=X, m=normal(5), v=uniform(5), o=normal(5), s=normal(5)),
    case("tf.nn.batch_normalization(x, m, v, None, None, 0.001)", x=X, m=normal(5), v=uniform(5)),
    case(
        "tf.nn.batch_normalization(x, m, v, o, None, variance_epsilon=0.1)",
        x=X,
        m=normal(4, 5),
        v=uniform(4, 5),
        o=normal(5),
    ),
    case("tf.nn.batch_normalization(x, 1.0, 2.0, None, s, 0.001)", x=X, s=normal(5)),
    case(
        "tf.nn.batch_normalization(x, m, v, o, s, 0.001)",
        x=X.astype(np.float16),
        m=normal(5),
        v=uniform(5),
        o=normal(5),
        s=normal(5),
        grad=False,
    ),
    case(
        "tf.nn.batch_normalization(x, m, v, None, None, 0.001)",
        x=X.astype(np.float64),
        m=normal(5, dtype=np.float64),
        v=uniform(5, dtype=np.float64),
    ),
    case("tf.nn.batch_normalization(x, m, v, None, None, 0.001)", x=X, m=normal(6), v=uniform(6)),
    case("tf.nn.batch_normalization(x.numpy(), m, v, None, None, 0.001)", x=X, m=normal(5), v=uniform(5)),
    second_order(
        "tf.nn.batch_normalization(x, m, v, o, s, 0.001)",
        x=X,
        m=normal(5),
        v=uniform(5, low=0.5),
        o=normal(5),
        s=normal(5),
    ),
    *(
        case(
            f"tf.nn.batch_norm_with_global_normalization(x, m, v, b, g, 0.001, {scales})",
            x=IMAGE,
            m=normal(5),
            v=uniform(5),
            b=normal(5),
            g=normal(5),
        )
        for scales in (True, False)
    ),
    *(
        fused(is_training, data_format, rtol=1e-4, atol=1e-4)
        for is_training in (True, False)
        for data_format in ("NHWC", "NDHWC")
    ),
    case(
        "tf.raw_ops.FusedBatchNormV3(x=x, scale=s, offset=o, mean=m, variance=v, exponential_avg_factor=0.3)[:5]",
        x=IMAGE,
        s=normal(5),
        o=normal(5),
        m=normal(5),
        v=uniform(5),
        grad=False,
    ),
    case(
        "tf.raw_ops.FusedBatchNormV3(x=x, scale=s, offset=o, mean=[], variance=[])[:5]",
        x=IMAGE.astype(np.float16),
        s=normal(5),
        o=normal(5),
        grad=False,
    ),
    case(
        "tf.raw_ops.FusedBatchNormV3(x=x[:0], scale=s, offset=o, mean=[], variance=[])[:3]",
        x=IMAGE,
        s=normal(5),
        o=normal(5),
        grad=False,
    ),
    case(
        "tf.raw_ops.FusedBatchNormV3(x=x[:1, :1, :1], scale=s, offset=o, mean=[], variance=[])[:3]",
        x=IMAGE,
        s=normal(5),
        o=normal(5),
        grad=False,
    ),
    case(
        "tf.raw_ops.FusedBatchNormV3(x=x[0], scale=s, offset=o, mean=[], variance=[])",
        x=IMAGE,
        s=normal(5),
        o=normal(5),
        grad=False,
    ),
    case(
        "tf.raw_ops.FusedBatchNormV3(x=x, scale=s, offset=o, mean=[], variance=[])",
        x=IMAGE,
        s=normal(4),
        o=normal(5),
        grad=False,
    ),
    case(
        "tf.raw_ops.FusedBatchNormV3(x=x, scale=s, offset=s, mean=[], variance=[], is_training=False)",
        x=IMAGE,
        s=normal(5),
        grad=False,
    ),
    second_order(
        "tf.raw_ops.FusedBatchNormV3(x=x, scale=s, offset=o, mean=[], variance=[])[0]",
        x=IMAGE,
        s=normal(5),
        o=normal(5),
    ),
    second_order(
        "tf.raw_ops.FusedBatchNormV3(x=x, scale=s, offset=o, mean=tf.zeros(5), variance=tf.ones(5), is_training=False)[0]",
        x=IMAGE,
        s=normal(5),
        o=normal(5),
    ),
    *(case(f"tf.nn.l2_normalize(x{a})", x=X) for a in ("", ", 1", ", axis=[0, -1]", ", 0, epsilon=100.0", ", dim=1")),
    case("tf.nn.l2_normalize(x, axis=3)", x=X),
    case("tf.nn.l2_normalize(x, axis=1, dim=1)", x=X),
    case("tf.nn.l2_normalize(x)", x=np.zeros(3, np.float32)),
    case("tf.nn.l2_normalize(x)", x=integers(3)),
    case("tf.nn.l2_normalize(x, 1)", x=(normal(3, 4) + 1j * normal(3, 4, seed=1)).astype(np.complex64), grad=False),
    case("tf.math.l2_normalize(x, 1)", x=normal(3, 4, dtype=np.float64)),
    second_order("tf.nn.l2_normalize(x, 1)", x=X),
    case("tf.nn.local_response_normalization(x)", x=IMAGE),
    case("tf.nn.lrn(x, depth_radius=2, bias=0.5, alpha=0.3, beta=0.7)", x=normal(2, 3, 4, 9)),
    case("tf.nn.lrn(x, 1, 2, 3, 0.4)", x=normal(1, 2, 2, 3)),
    case("tf.nn.lrn(x, depth_radius=0)", x=IMAGE),
    case("tf.nn.lrn(x)", x=IMAGE.astype(np.float16), grad=False),
    case("tf.nn.lrn(x)", x=IMAGE[0]),
    case("tf.nn.lrn(x)", x=integers(1, 2, 2, 3)),
]
