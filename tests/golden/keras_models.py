"""Small models, built alike by Keras and by Tenfold, whose files each must read of the other.

`MODELS` maps a name to a function of `keras` that gives `(model, inputs, targets)`; `targets` is None where the model is
not trained. Models without dropout go on training to the same losses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

STEPS = 3


def _random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def mlp(keras: Any) -> Any:
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(8, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01)),
            keras.layers.Dense(3, activation="softmax", name="probabilities"),
        ]
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.9)
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, _random(6, 5), np.array([0, 1, 2, 0, 1, 2])


def functional(keras: Any) -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = keras.layers.Dense(3, activation="tanh", name="shared")
    joined = keras.layers.Concatenate()([shared(a), shared(b)])
    shifted = 2.0 * (joined + 1.0) - joined[:, :1]
    outputs = [keras.layers.Dense(2, name="first")(shifted), keras.layers.Dense(1, name="second")(shifted)]
    model = keras.Model([a, b], outputs, name="two_in_two_out")
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), ["mse", "mae"], loss_weights=[1.0, 0.5])
    return model, [_random(5, 4), _random(5, 4, seed=1)], [_random(5, 2, seed=2), _random(5, 1, seed=3)]


def cnn(keras: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.Conv2D(3, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.DepthwiseConv2D(3, depth_multiplier=2),
            layers.MaxPooling2D(2),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.3, seed=1),
            layers.Dense(2),
        ]
    )
    model.compile(
        keras.optimizers.RMSprop(0.01), keras.losses.MeanSquaredError(), metrics=[keras.metrics.MeanAbsoluteError()]
    )
    return model, _random(4, 8, 8, 2), _random(4, 2, seed=1)


def recurrent(keras: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6,), dtype="int32"),
            layers.Embedding(10, 4, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
            layers.GRU(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(3)),
            layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)]),
            layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Nadam(0.01, clipnorm=1.0), "mse")
    tokens = np.array([[1, 2, 3, 4, 0, 0], [5, 6, 7, 8, 9, 1], [2, 4, 6, 8, 1, 0]], np.int32)
    return model, tokens, _random(3, 1)


def attention(keras: Any) -> Any:
    layers = keras.layers
    x = keras.Input((5, 6))
    y = layers.MultiHeadAttention(2, 3)(x, x)
    y = layers.LayerNormalization()(layers.Add()([x, y]))
    model = keras.Model(x, layers.Dense(2)(y))
    model.compile(keras.optimizers.AdamW(0.01, weight_decay=0.01, use_ema=True), "huber")
    return model, _random(2, 5, 6), _random(2, 5, 2, seed=1)


def nested(keras: Any) -> Any:
    inner = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, activation="gelu"), keras.layers.UnitNormalization()]
    )
    x = keras.Input((4,))
    block = keras.Model(x, keras.layers.Dense(4)(inner(x)), name="block")
    y = keras.Input((4,))
    model = keras.Model({"y": y}, {"out": keras.layers.Dense(1, name="out")(block(block(y)))})
    model.compile(keras.optimizers.Adagrad(0.05), {"out": "mse"})
    return model, {"y": _random(4, 4)}, {"out": _random(4, 1, seed=1)}


def subclassed(keras: Any) -> Any:
    class Stack(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="stack")
            self.blocks = [keras.layers.Dense(4, activation="relu") for _ in range(3)]
            self.heads = {"left": keras.layers.Dense(1), "right": keras.layers.Dense(2)}
            self.norm = keras.layers.BatchNormalization()

        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(shape=(4,), initializer="ones", name="scale")
            for block in self.blocks:
                block.build((None, 4))
            self.norm.build((None, 4))
            for head in self.heads.values():
                head.build((None, 4))

        def call(self, x: Any, training: bool = False) -> Any:
            for block in self.blocks:
                x = x + block(x)
            x = self.norm(x, training=training) * self.scale
            return self.heads["left"](x) + self.heads["right"](x)

    model = Stack()
    model.build((None, 4))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model, _random(5, 4), _random(5, 2, seed=1)


MODELS = {f.__name__: f for f in (mlp, functional, cnn, recurrent, attention, nested, subclassed)}
RANDOM = ("cnn",)  # whose training draws random numbers from the model's own stream
FORMATS = {"keras": ".keras", "weights": ".weights.h5", "legacy": ".h5"}


def formats_of(name: str) -> list[str]:
    """The kinds of file a model is kept in; a subclassed model defined in a function has weights only."""
    return ["weights"] if name == "subclassed" else list(FORMATS)


def train(model: Any, x: Any, y: Any, steps: int = STEPS) -> list[float]:
    """The loss of each step, on one batch."""
    losses = []
    for _ in range(steps):
        logs = model.train_on_batch(x, y, return_dict=True)
        losses.append(float(logs["loss"]))
    return losses


def flat(outputs: Any) -> list[np.ndarray]:
    """Outputs as a list of arrays, those of a dict in the order of its keys."""
    if isinstance(outputs, dict):
        outputs = [outputs[key] for key in sorted(outputs)]
    return [np.asarray(value) for value in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]
