"""Objects for checkpoints, which TensorFlow and Tenfold build alike: functions of `tf` that return what `Checkpoint` takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

X = np.arange(24, dtype="float32").reshape(8, 3) / 24
Y = X[:, :1] * 2
SEQUENCE, IMAGE, VOLUME, PAIR = (2, 6, 8), (1, 5, 5, 3), (1, 3, 3, 3, 2), ((2, 4, 6), (2, 4, 6))

# A layer, made from `tf.keras.layers`, and the shape of what it is called on.
LAYERS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "dense": (lambda L: L.Dense(3), SEQUENCE),
    "einsum_dense": (lambda L: L.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d"), SEQUENCE),
    "lstm": (lambda L: L.LSTM(3), SEQUENCE),
    "gru": (lambda L: L.GRU(3, dropout=0.3), SEQUENCE),
    "simple_rnn": (lambda L: L.SimpleRNN(3), SEQUENCE),
    "bidirectional": (lambda L: L.Bidirectional(L.LSTM(3)), SEQUENCE),
    "stacked_cells": (lambda L: L.RNN([L.LSTMCell(2), L.GRUCell(2)]), SEQUENCE),
    "time_distributed": (lambda L: L.TimeDistributed(L.Dense(2)), SEQUENCE),
    "dropout": (lambda L: L.Dropout(0.3), SEQUENCE),
    "layer_normalization": (lambda L: L.LayerNormalization(), SEQUENCE),
    "batch_normalization": (lambda L: L.BatchNormalization(), SEQUENCE),
    "group_normalization": (lambda L: L.GroupNormalization(4), SEQUENCE),
    "rms_normalization": (lambda L: L.RMSNormalization(), SEQUENCE),
    "conv1d": (lambda L: L.Conv1D(2, 2), SEQUENCE),
    "conv1d_transpose": (lambda L: L.Conv1DTranspose(2, 2), SEQUENCE),
    "separable_conv1d": (lambda L: L.SeparableConv1D(2, 2), SEQUENCE),
    "depthwise_conv1d": (lambda L: L.DepthwiseConv1D(2), SEQUENCE),
    "prelu": (lambda L: L.PReLU(), SEQUENCE),
    "spectral_normalization": (lambda L: L.SpectralNormalization(L.Dense(2)), SEQUENCE),
    "conv2d": (lambda L: L.Conv2D(2, 2), IMAGE),
    "conv2d_transpose": (lambda L: L.Conv2DTranspose(2, 2), IMAGE),
    "conv3d": (lambda L: L.Conv3D(2, 2), VOLUME),
    "conv_lstm1d": (lambda L: L.ConvLSTM1D(2, 2), (1, 3, 5, 2)),
    "attention": (lambda L: L.Attention(use_scale=True), PAIR),
    "additive_attention": (lambda L: L.AdditiveAttention(), PAIR),
    "multi_head_attention": (lambda L: L.MultiHeadAttention(2, 3), "query and value"),
    "group_query_attention": (lambda L: L.GroupQueryAttention(2, 4, 2), "query and value"),
    "embedding": (lambda L: L.Embedding(5, 3), "ids"),
}

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "sgd": lambda o: o.SGD(0.1),
    "momentum": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda o: o.Adam(amsgrad=True),
    "averages": lambda o: o.Adam(use_ema=True),
    "accumulation": lambda o: o.Adam(gradient_accumulation_steps=2),
    "schedule": lambda o: o.Adam(o.schedules.ExponentialDecay(0.1, 2, 0.9)),
    "rmsprop": lambda o: o.RMSprop(centered=True, momentum=0.5),
    "adagrad": lambda o: o.Adagrad(),
    "adadelta": lambda o: o.Adadelta(),
    "adamax": lambda o: o.Adamax(),
    "nadam": lambda o: o.Nadam(),
    "ftrl": lambda o: o.Ftrl(),
    "lion": lambda o: o.Lion(),
    "lamb": lambda o: o.Lamb(),
    "adafactor": lambda o: o.Adafactor(),
    "muon": lambda o: o.Muon(),
    "loss_scale": lambda o: o.LossScaleOptimizer(o.SGD(0.1, momentum=0.9)),
}


def layer(tf: Any, name: str) -> dict[str, Any]:
    """A layer that was called once."""
    make, shape = LAYERS[name]
    made = make(tf.keras.layers)
    if shape == "ids":
        made(np.ones((2, 2), "int32"))
    elif shape == "query and value":
        made(*[np.ones((2, 4, 6), "float32")] * 2)
    elif isinstance(shape[0], tuple):
        made([np.ones(one, "float32") for one in shape])
    else:
        made(np.ones(shape, "float32"))
    return {"layer": made}


def optimizer(tf: Any, name: str) -> dict[str, Any]:
    """An optimizer after three updates."""
    keras = tf.keras
    made = OPTIMIZERS[name](keras.optimizers)
    variables = [
        keras.Variable(np.arange(4, dtype="float32").reshape(2, 2), name="a"),
        keras.Variable(np.ones(2, "float32"), name="b"),
    ]
    for _ in range(3):
        made.apply([tf.fill((2, 2), 0.5), tf.constant([0.25, -1.0])], variables)
    return {"optimizer": made, "variables": variables}


def trained(model: Any, optimizer: Any = "adam") -> Any:
    """The model after four steps."""
    model.compile(optimizer, "mse", metrics=["mae"])
    model.fit(X, Y, batch_size=4, epochs=2, verbose=0, shuffle=False)
    return model


def sequential(tf: Any) -> dict[str, Any]:
    L = tf.keras.layers
    stack = [tf.keras.Input((3,)), L.Dense(4, "relu"), L.Dropout(0.2), L.BatchNormalization(), L.Dense(1)]
    return {"model": trained(tf.keras.Sequential(stack))}


def built_by_call(tf: Any) -> dict[str, Any]:
    L = tf.keras.layers
    return {"model": trained(tf.keras.Sequential([L.Dense(4, "relu"), L.Dense(1)]))}


def shared_layers(tf: Any) -> Any:
    L = tf.keras.layers
    inputs = tf.keras.Input((3,))
    hidden, shared = L.Dense(2, name="hidden")(inputs), L.Dense(2)
    added = L.Add()([shared(hidden), shared(L.Dense(2)(inputs))]) + 1.0
    return tf.keras.Model(inputs, L.Dense(1)(added))


def functional(tf: Any) -> dict[str, Any]:
    return {"model": trained(shared_layers(tf), "rmsprop")}


def nested(tf: Any) -> dict[str, Any]:
    keras = tf.keras
    stack = [keras.Input((3,)), keras.Sequential([keras.layers.Dense(3)]), shared_layers(tf)]
    return {"net": trained(keras.Sequential(stack), keras.optimizers.SGD(0.1, momentum=0.9))}


def subclass(tf: Any) -> dict[str, Any]:
    """A model with layers in lists and dicts, which TensorFlow's checkpoints leave out."""
    L = tf.keras.layers

    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.out = L.Dense(2), L.Dense(1)
            self.blocks, self.named, self.pair = [L.Dense(2), L.Dense(2)], {"x": L.Dense(1)}, (L.Dense(2), L.ReLU())
            self.w = self.add_weight(shape=(2,), name="w")
            self.drop, self.mean = L.Dropout(0.1), tf.keras.metrics.Mean()
            self.stack = tf.keras.Sequential([L.Dense(2)])

        def call(self, x: Any) -> Any:
            x = self.first(x) + self.w
            for block in self.blocks:
                x = block(x)
            return self.out(self.stack(self.named["x"](self.drop(self.pair[0](x)))))

    model = Net()
    model(X)
    return {"model": model}


def subclass_trained(tf: Any) -> dict[str, Any]:
    return {"model": trained(subclass(tf)["model"])}


def module(tf: Any) -> Any:
    class Holder(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable([1.0, 2.0], name="w")
            self.items = [tf.Variable(1), tf.Variable(2, dtype=tf.int64)]
            self.named = {"a": tf.Variable(b"text"), "b/c.d": tf.Variable(True)}
            self.pair, self.number, self.empty = (tf.Variable(1.0), 3), 3, []
            self.deep = [{"deep": [tf.Variable(7.0)]}]
            self.dense = tf.keras.layers.Dense(2)
            self.dense(np.ones((1, 2), "float32"))
            self.generator = tf.random.Generator.from_seed(3)
            self.same = self.w
            self.half = tf.Variable(tf.cast([1.5, 2.5], tf.bfloat16))
            self.complex, self.texts = tf.Variable(1 + 2j), tf.Variable([[b"a", b""], [b"\xff\0", b"long" * 99]])

    return Holder()


def parts(tf: Any) -> dict[str, Any]:
    return {"module": module(tf), "step": tf.Variable(3), "several": [tf.Variable(0.5), {"x": tf.Variable([1.0])}]}


def root(tf: Any) -> dict[str, Any]:
    return {"root": module(tf), "extra": tf.Variable(5.0)}


OBJECTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    **{f"layer_{name}": lambda tf, name=name: layer(tf, name) for name in LAYERS},
    **{f"optimizer_{name}": lambda tf, name=name: optimizer(tf, name) for name in OPTIMIZERS},
    **{
        make.__name__: make
        for make in (
            sequential,
            built_by_call,
            functional,
            nested,
            subclass,
            subclass_trained,
            parts,
            root,
        )
    },
}
