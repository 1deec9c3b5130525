"""Models that Keras 2 and Tenfold build alike, with the optimizers of Keras 2 (the legacy ones kept slots by variable)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def data(kind: str) -> tuple[np.ndarray, np.ndarray]:
    x = np.arange(24, dtype="float32").reshape(8, 3) / 24
    return (np.arange(32).reshape(8, 4) % 5 if kind == "text" else x), x[:, :1] * 2 - 1


def stack(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [layers.Dense(4, "tanh", input_shape=(3,)), layers.ReLU(), layers.BatchNormalization(), layers.Dense(1)]
    )


def text(keras: Any) -> Any:
    layers = keras.layers
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(1)(layers.LSTM(3)(layers.Embedding(5, 2)(inputs))))


def nested(keras: Any) -> Any:
    inputs = keras.Input((3,))
    return keras.Model(inputs, keras.layers.Dense(1)(keras.Sequential([keras.layers.Dense(3, "tanh")])(inputs)))


def legacy(name: str, **options: Any) -> Callable[[Any], Any]:
    def make(keras: Any) -> Any:
        return getattr(getattr(keras.optimizers, "legacy", keras.optimizers), name)(**options)

    return make


def recent(name: str, **options: Any) -> Callable[[Any], Any]:
    return lambda keras: getattr(keras.optimizers, name)(**options)


FORMER: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "stack": (stack, recent("Adam", learning_rate=0.01)),
    "text": (text, recent("SGD", learning_rate=0.1, momentum=0.9)),
    "nested": (nested, recent("RMSprop", learning_rate=0.01)),
    "slots_of_adam": (stack, legacy("Adam", learning_rate=0.01, amsgrad=True)),
    "slots_of_momentum": (nested, legacy("SGD", learning_rate=0.1, momentum=0.9)),
    "slots_of_rmsprop": (stack, legacy("RMSprop", learning_rate=0.01, momentum=0.5, centered=True)),
    "slots_of_adagrad": (stack, legacy("Adagrad", learning_rate=0.1)),
    "slots_of_ftrl": (nested, legacy("Ftrl", learning_rate=0.1)),
    "slots_of_adamax": (nested, legacy("Adamax", learning_rate=0.01)),
    "slots_of_nadam": (nested, legacy("Nadam", learning_rate=0.01)),
    "slots_of_adadelta": (nested, legacy("Adadelta", learning_rate=1.0)),
}


def fit(model: Any, optimizer: Any, x: np.ndarray, y: np.ndarray) -> None:
    model.compile(optimizer, "mse")
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
