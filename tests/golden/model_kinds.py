"""The kinds of models whose SavedModels everybody must read of everybody: Tenfold, Keras 3 and Keras 2 build them alike.

`KINDS` maps a name to a function of `tf` and `keras`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Kind(NamedTuple):
    """A model with a batch for it.

    Attributes:
      signatures: what is served beside the model's call, by name; only a `tf.Module` has such.
      is_random: whether it draws random numbers in training, so that two engines cannot go the same way.
    """

    model: Any
    x: np.ndarray
    y: np.ndarray
    signatures: dict[str, Any] = {}
    is_random: bool = False


def _random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def mlp(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    model = keras.Sequential([keras.Input((5,)), layers.Dense(8, activation="relu"), layers.Dense(3)])
    return Kind(model, _random(4, 5), _random(4, 3, seed=1))


def cnn(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.Conv2D(3, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(4, 2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )
    return Kind(model, _random(4, 8, 8, 2), _random(4, 2, seed=1))


def norm_dropout(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    parts = [layers.Dense(8), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.2), layers.Dense(2)]
    return Kind(keras.Sequential([keras.Input((5,)), *parts]), _random(16, 5), _random(16, 2, seed=1), is_random=True)


def lstm(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    model = keras.Sequential([keras.Input((5, 3)), layers.LSTM(4, return_sequences=True), layers.LSTM(2)])
    return Kind(model, _random(4, 5, 3), _random(4, 2, seed=1))


def gru(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    model = keras.Sequential([keras.Input((None, 3)), layers.GRU(4), layers.Dense(1)])
    return Kind(model, _random(4, 5, 3), _random(4, 1, seed=1))


def bidirectional(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    both = layers.Bidirectional(layers.SimpleRNN(3), merge_mode="sum")
    return Kind(keras.Sequential([keras.Input((5, 3)), both]), _random(4, 5, 3), _random(4, 3, seed=1))


def attention(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    x = keras.Input((5, 6))
    attended = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 3)(x, x)]))
    y = layers.Add()([attended, layers.Dense(6)(layers.Dense(8, activation="gelu")(attended))])
    return Kind(keras.Model(x, y), _random(4, 5, 6), _random(4, 5, 6, seed=1))


def text(tf: Any, keras: Any) -> Kind:
    layers = keras.layers
    parts = [layers.Embedding(10, 4, mask_zero=True), layers.LSTM(3), layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.Input((None,), dtype="int32"), *parts])
    return Kind(model, np.array([[1, 2, 0], [9, 8, 3]], np.int32), np.array([[0.0], [1.0]], np.float32))


def shared(tf: Any, keras: Any) -> Kind:
    """A functional model that uses a layer twice, and operators."""
    layer, x = keras.layers.Dense(4, activation="tanh"), keras.Input((4,))
    return Kind(keras.Model(x, layer(layer(x)) * 2.0 - x), _random(4, 4), _random(4, 4, seed=1))


def subclassed(tf: Any, keras: Any) -> Kind:
    class Residual(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.dropout = keras.layers.Dense(4, activation="relu"), keras.layers.Dropout(0.2)
            self.last = [keras.layers.Dense(4), keras.layers.Dense(2)]

        def call(self, x: Any, training: bool = False) -> Any:
            y = self.dropout(x + self.inner(x), training=training)
            for layer in self.last:
                y = layer(y)
            return y

    model = Residual()
    model(np.zeros((1, 4), np.float32))
    return Kind(model, _random(16, 4), _random(16, 2, seed=1), is_random=True)


def control_flow(tf: Any, keras: Any) -> Kind:
    """Loops and branches that depend on data."""

    class Flow(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.last = keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(2)

        def call(self, x: Any) -> Any:
            y = self.inner(x)
            total = tf.reduce_sum(tf.abs(y))
            _, y = tf.while_loop(lambda n, y: n < total, lambda n, y: (n * 2.0, self.inner(y) + x), (1.0, y))
            y = tf.cond(tf.reduce_mean(x) > 0.0, lambda: y, lambda: y * 0.5)
            return self.last(y)

    model = Flow()
    model(np.zeros((1, 4), np.float32))
    return Kind(model, _random(4, 4), _random(4, 2, seed=1))


def module(tf: Any, keras: Any) -> Kind:
    """A `tf.Module` with several functions and signatures, and a variable that they change."""

    class Coder(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.b = tf.Variable(_random(4, 3), name="w"), tf.Variable(_random(4), name="b")
            self.calls = tf.Variable(0, trainable=False, name="calls")

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
        def encode(self, x: Any) -> Any:
            self.calls.assign_add(1)
            return {"code": tf.tanh(x @ self.w)}

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="code")])
        def decode(self, code: Any) -> Any:
            return {"x": code @ tf.transpose(self.w) + self.b}

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
        def __call__(self, x: Any) -> Any:
            return self.decode(**self.encode(x))["x"]

    coder = Coder()
    return Kind(
        coder, _random(5, 4), _random(5, 4, seed=1), {"serving_default": coder.__call__, "encode": coder.encode}
    )


KINDS: dict[str, Callable[[Any, Any], Kind]] = {
    f.__name__: f
    for f in (mlp, cnn, norm_dropout, lstm, gru, bidirectional, attention, text, shared, subclassed, module, control_flow)
}  # fmt: skip
