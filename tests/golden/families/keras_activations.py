"""Keras activations: values, gradients, names, serialization."""

from copy import deepcopy

import numpy as np

from tests.golden.case import case, normal

NAMES = (
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softmax",
    "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh",
    "tanh_shrink",
)  # fmt: skip
X = normal(3, 4) * 3
# Keras 3.15's sparsemax is wrong where more than one element stays positive: tests/keras/test_activations.py
CORNERS = np.array([[4.0, 1.0, -2.0], [-6.0, 0.0, 8.0], [0.0, 10.0, 7.0]], np.float32)
EDGES = np.array([[-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, 7.0, -100.0, 100.0]], np.float32)


def of(name):
    return CORNERS if name == "sparsemax" else X


def applied(code, **kwargs):
    return case(f"tf.keras.activations.{code}", **{"rtol": 1e-5, "atol": 1e-6, "x": X, **kwargs})


def got(identifier):
    def run(tf):
        found = tf.keras.activations.get(identifier)
        return found.__name__, found(tf.constant([[-1.0, 0.5, 2.0]]))

    return case(run, name=f"get {identifier!r}", rtol=1e-5)


def serialized(name):
    def run(tf):
        function = getattr(tf.keras.activations, name)
        config = tf.keras.activations.serialize(function)
        again = tf.keras.activations.deserialize(deepcopy(config))
        layer = tf.keras.layers.Dense(2, activation=name)
        return config, again is function, layer.get_config()["activation"], layer.activation is function

    return case(run, name=f"serialize {name}")


def serialized_others(tf):
    activations = tf.keras.activations
    return (
        activations.serialize(activations.get(None)),
        tf.keras.layers.Dense(1).get_config()["activation"],
        tf.keras.layers.Dense(1, activation=tf.nn.relu).get_config()["activation"],
        activations.deserialize("relu") is activations.relu,
    )


def of_a_layer(tf):
    layer = tf.keras.layers.ReLU()
    return tf.keras.activations.get(layer) is layer


def logits(tf):
    """Losses read the logits of outputs that a layer's activation made."""
    x = tf.constant([[1.0, 2.0, -40.0]])
    y = tf.constant([[0.0, 0.0, 1.0]])
    activations, losses = tf.keras.activations, tf.keras.losses
    return (
        losses.categorical_crossentropy(y, activations.softmax(x)),
        losses.binary_crossentropy(y, activations.sigmoid(x)),
    )


CASES = [
    *[applied(f"{name}(x)", x=of(name)) for name in NAMES],
    *[applied(f"{name}(x)", x=EDGES, grad=False) for name in NAMES if name != "exponential"],
    *[applied(f"{name}(x)", x=of(name).astype(np.float64), rtol=1e-9, atol=1e-10) for name in NAMES],
    *[applied(f"{name}(x)", x=(of(name) / 2).astype(np.float16), rtol=4e-3, atol=4e-3) for name in NAMES],
    applied("relu(x, negative_slope=0.1)"),
    applied("relu(x, max_value=2.0)"),
    applied("relu(x, max_value=6)"),
    applied("relu(x, threshold=1.0)"),
    applied("relu(x, negative_slope=0.1, max_value=2.0, threshold=0.5)"),
    applied("relu(x, negative_slope=0.5, max_value=0.5)"),
    applied("relu(x, negative_slope=0.1, max_value=2.0, threshold=0.5)", x=EDGES, grad=False),
    applied("relu(x, negative_slope=-0.5)"),
    applied("leaky_relu(x, negative_slope=0.1)"),
    applied("elu(x, alpha=0.5)"),
    applied("elu(x, alpha=0.0)"),
    applied("celu(x, alpha=0.5)"),
    applied("celu(x, 2.0)"),
    applied("gelu(x, approximate=True)", atol=2e-6),  # TensorFlow's float32 tanh is -1 from -5 on
    applied("glu(x)"),
    applied("glu(x, axis=1)"),
    applied("glu(x, axis=0)", x=normal(4, 3)),
    applied("glu(x)", x=normal(2, 3)),
    applied("hard_shrink(x, threshold=1.0)"),
    applied("soft_shrink(x, threshold=1.0)"),
    applied("squareplus(x, b=1.0)"),
    applied("threshold(x, 0.5, -7.0)"),
    applied("threshold(x, threshold=-1.0, default_value=0.0)"),
    applied("softmax(x, axis=0)"),
    applied("softmax(x, axis=(0, 1))"),
    applied("softmax(x, axis=(1,))"),
    applied("softmax(x, axis=(2, 0))", x=normal(2, 3, 4)),
    applied("softmax(x, axis=None)"),
    applied("log_softmax(x, axis=(2, 1))", x=normal(2, 3, 4)),
    applied("log_softmax(x, axis=None)"),
    applied("softmax(x)", x=normal(3)),
    applied("softmax(x, axis=1)", x=normal(2, 3, 4)),
    applied("log_softmax(x, axis=0)"),
    applied("sparsemax(x, axis=0)", x=CORNERS.T),
    applied("sparsemax(x, axis=1)", x=np.stack([CORNERS.T, CORNERS.T])),
    applied("relu(x)", x=np.array([-1, 2], np.int32)),
    applied("linear(x)", x=np.array([-1, 2], np.int32)),
    *[got(identifier) for identifier in (*NAMES, None, "Relu", "no_such", "", 3)],
    got({"class_name": "function", "config": "relu", "module": "builtins", "registered_name": "relu"}),
    *[serialized(name) for name in NAMES],
    case(serialized_others),
    case(of_a_layer),
    case(logits, rtol=1e-5),
]  # fmt: skip
