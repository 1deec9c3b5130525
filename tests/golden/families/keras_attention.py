"""Keras' attention layers."""

import numpy as np

from tests.golden.case import case, normal
from tests.golden.layer_case import layer

Q, V, K = normal(2, 5, 4), normal(2, 6, 4, seed=1), normal(2, 6, 4, seed=2)
QV, QVK = {"q": Q, "v": V}, {"q": Q, "v": V, "k": K}
SAME = {"q": Q, "v": V[:, :5]}  # Keras' symbolic scores are right only for as many keys as queries
ALLOWED_SAME = (np.arange(50).reshape(2, 5, 5) % 3 != 0).tolist()
ALLOWED = (np.arange(60).reshape(2, 5, 6) % 7 > 2).tolist()
QUERY_MASK = [[True, True, False, True, True], [True, False, False, True, True]]
VALUE_MASK = [[True, True, False, True, True, False], [True] * 5 + [False]]


def _with_masks(kind, *args, **kwargs):
    """Masks that the inputs carry, and what becomes of them."""

    def run(tf, q, v):
        tf.keras.utils.set_random_seed(1)
        attend = getattr(tf.keras.layers, kind)(*args, **kwargs)
        masking = tf.keras.layers.Masking()
        q = masking(q * tf.cast(q[:, :, :1] > -0.5, q.dtype))
        v = masking(v * tf.cast(v[:, :, :1] > -0.5, v.dtype))
        y = attend([q, v]) if kind.endswith("iveAttention") or kind == "Attention" else attend(q, v)
        return y, getattr(y, "_keras_mask", None)

    return case(run, grad=False, rtol=2e-4, atol=2e-4, name=f"{kind}{args} on masked inputs", **QV)


def _heads(*args, inputs=QV, **kwargs):
    return layer("MultiHeadAttention", *args, inputs=inputs, **kwargs)


def _groups(*args, inputs=QV, **kwargs):
    return layer("GroupQueryAttention", *args, inputs=inputs, **kwargs)


OPTIONS = (
    {}, {"use_bias": False}, {"call": {"return_attention_scores": True}, "inputs": SAME}, {"call": {"use_causal_mask": True}},
    {"call": {"attention_mask": ALLOWED}}, {"call": {"attention_mask": ALLOWED, "use_causal_mask": True}},
    {"call": {"query_mask": QUERY_MASK, "value_mask": VALUE_MASK}}, {"dropout": 0.4, "seed": 1, "training": True},
    {"dropout": 0.4, "training": False}, {"use_gate": True}, {"sliding_window": 2}, {"kernel_initializer": "he_normal"},
    {"call": {"attention_mask": ALLOWED_SAME, "return_attention_scores": True}, "inputs": SAME}, {"dtype": "mixed_float16", "rtol": 2e-2},
    {"kernel_regularizer": "l2", "bias_regularizer": "l2"}, {"activity_regularizer": "l2"}, {"dtype": "float64"},
    {"bias_initializer": "ones", "kernel_constraint": "max_norm"}, {"trainable": False}, {"name": "attend"},
    {"call": {"use_causal_mask": True, "return_attention_scores": True}, "inputs": SAME},
)  # fmt: skip
CASES = [
    *[_heads(2, 3, **options) for options in OPTIONS],
    *[_groups(3, 4, 2, **options) for options in OPTIONS],
    _heads(2, 3, inputs=QVK),
    _heads(2, 3, value_dim=5, inputs=QVK),
    _heads(2, 3, output_shape=7),
    _heads(2, 3, output_shape=(2, 3)),
    _heads(1, 2, attention_axes=(1, 2), inputs={"q": normal(2, 3, 2, 4), "v": normal(2, 3, 3, 4)}),
    _heads(2, 2, attention_axes=2, inputs={"q": normal(2, 3, 2, 4), "v": normal(2, 3, 5, 4)}),
    _heads(2, 2, inputs={"q": normal(2, 3, 2, 4), "v": normal(2, 3, 2, 4, seed=1)}),
    _groups(3, 4, 1, inputs=QVK),
    _groups(3, 4, 4, inputs=QVK),
    *[
        layer(kind, inputs=inputs, **options)
        for kind in ("Attention", "AdditiveAttention")
        for inputs in (QV, QVK)
        for options in (
            {}, {"call": {"return_attention_scores": True}}, {"call": {"use_causal_mask": True}},
            {"dropout": 0.4, "seed": 1, "training": True},
        )
    ],
    *[layer("Attention", inputs=QV, **options) for options in (
        {"use_scale": True}, {"score_mode": "concat"}, {"score_mode": "concat", "use_scale": True},
        {"dtype": "mixed_float16", "rtol": 2e-2}, {"dtype": "float64"}, {"trainable": False, "use_scale": True},
    )],
    *[layer("AdditiveAttention", inputs=QV, **options) for options in ({"use_scale": False}, {"dtype": "float64"})],
    *[_with_masks(*args) for args in (
        ("MultiHeadAttention", 2, 3), ("Attention",), ("AdditiveAttention",),
    )],
    *[
        case(f"tf.keras.layers.{text}", grad=False, q=Q, v=V)
        for text in (
            "MultiHeadAttention(2, 3)(q)", "MultiHeadAttention(2, 3)(q, v, v[:, :3])", "MultiHeadAttention(2)",
            "MultiHeadAttention(2, 3, foo=1)", "GroupQueryAttention(3, 4, 3)", "GroupQueryAttention(3, 4)",
            "Attention(score_mode='x')", "Attention()(q)", "Attention()([q])",
            "Attention(dropout=2.0, name='a')", "AdditiveAttention()(q)", "Attention()([q, v], mask=tf.constant([True]))",
            "Attention()([q, v], mask=[tf.ones((2, 5), 'bool')])",
            "Attention()([q, v], mask=[tf.ones((2, 5), 'bool'), tf.ones((2, 6), 'bool')]).shape",
            "MultiHeadAttention(2, 3, output_shape=4).compute_output_shape((2, 5, 4), (2, 6, 4))",
            "MultiHeadAttention(2, 3).compute_output_shape((2, 5, 4), (2, 6, 3))",
        )
    ],
    *[
        case(f"""
layer = tf.keras.layers.MultiHeadAttention(2, 3)
layer(q, v)
{what}""", grad=False, q=Q, v=V)
        for what in (
            "layer.num_heads, layer.key_dim, layer.value_dim, layer.dropout, layer.use_bias, layer.attention_axes",
            "[l.name for l in (layer.query_dense, layer.key_dense, layer.value_dense, layer.output_dense)]",
            "[tuple(w.shape) for w in layer.weights], layer.query_dense.equation, layer.output_dense.equation",
        )
    ],
]  # fmt: skip
