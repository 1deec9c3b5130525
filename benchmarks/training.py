"""Whole trainings on 60,000 images of MNIST's size, in one engine: `python -m benchmarks.training ENGINE WORK` prints seconds as JSON.

Works: `mlp`, a dense network, batches of 32, an epoch, another, and predictions twice; `lenet`, a small convolutional one, 10 epochs of
batches of 128. What is compiled is compiled in that time. Engines: tenfold, tensorflow, by Keras; torch, with a loop written by hand.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import library

COUNT, EPOCHS = 60_000, 10


def keras_model(tf: Any, work: str) -> Any:
    layers = tf.keras.layers
    if work == "mlp":
        parts = [layers.Flatten(), layers.Dense(100, activation="relu")]
    else:
        parts = [
            layers.Conv2D(6, 5, padding="same", activation="relu"), layers.MaxPool2D(),
            layers.Conv2D(16, 5, activation="relu"), layers.MaxPool2D(), layers.Flatten(),
            layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"),
        ]  # fmt: skip
    model = tf.keras.Sequential([*parts, layers.Dense(10)])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
    return model


def torch_model(torch: Any, work: str) -> Any:
    nn = torch.nn
    if work == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    return nn.Sequential(
        nn.Unflatten(1, (1, 28)), nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def torch_loops(torch: Any, work: str, images: np.ndarray, labels: np.ndarray) -> tuple[Callable, Callable]:
    """An epoch of training, with accuracy, and predictions, for batches of some size."""
    model, inputs, targets = torch_model(torch, work), torch.from_numpy(images), torch.from_numpy(labels).long()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)

    def fit(rows: int, epochs: int) -> None:
        for _ in range(epochs):
            hits = 0
            for chosen in torch.randperm(COUNT).split(rows):
                scores, wanted = model(inputs[chosen]), targets[chosen]
                adam.zero_grad()
                torch.nn.functional.cross_entropy(scores, wanted).backward()
                adam.step()
                hits += (scores.argmax(1) == wanted).sum().item()

    def predict(rows: int) -> Any:
        with torch.no_grad():
            return torch.cat([model(batch) for batch in inputs.split(rows)])

    return fit, predict


def main(engine: str, work: str) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, COUNT).astype(np.int32)
    images = rng.random((COUNT, 28, 28), np.float32)
    images[np.arange(COUNT), labels] = 1.0  # a bright row says which class it is
    module = library(engine)
    if engine == "torch":
        fit, predict = torch_loops(module, work, images, labels)
    else:
        images = images[..., None]
        model = keras_model(module, work)
        fit = lambda rows, epochs: model.fit(images, labels, rows, epochs, verbose=0)  # noqa: E731
        predict = lambda rows: model.predict(images, rows, verbose=0)  # noqa: E731
    if work == "mlp":
        works = {
            "fit, the first epoch": lambda: fit(32, 1), "fit, a later epoch": lambda: fit(32, 1),
            "predict": lambda: predict(32), "predict again": lambda: predict(32),
        }  # fmt: skip
    else:
        works = {"fit, 10 epochs": lambda: fit(128, EPOCHS)}
    found = {}
    for name, run in works.items():
        start = time.perf_counter()
        run()
        found[name] = time.perf_counter() - start
    found["accuracy"] = float((np.asarray(predict(1000)).argmax(1) == labels).mean())
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:3])
