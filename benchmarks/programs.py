"""What is measured: the same programs for TensorFlow and Tenfold (`tf` is either), and for PyTorch.

Each function returns a dict of name to a callable that does the work once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

OPS = ("add", "matmul", "relu", "reduce_sum", "softmax", "concat", "slice", "reshape", "cast", "transpose")


def _data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    images = rng.random((50, 784), np.float32)
    return rng.random((8, 8), np.float32), images, rng.integers(0, 10, 50).astype(np.int32)


def tensorflow_programs(tf: Any, is_tensorflow: bool) -> dict[str, Callable[[], Any]]:
    small, images, labels = _data()
    a = tf.constant(small)
    programs: dict[str, Callable[[], Any]] = {
        "op add": lambda: a + a,
        "op matmul": lambda: tf.matmul(a, a),
        "op relu": lambda: tf.nn.relu(a),
        "op reduce_sum": lambda: tf.reduce_sum(a),
        "op softmax": lambda: tf.nn.softmax(a),
        "op concat": lambda: tf.concat([a, a], 0),
        "op slice": lambda: a[2:5, 1:],
        "op reshape": lambda: tf.reshape(a, [4, 16]),
        "op cast": lambda: tf.cast(a, tf.float64),
        "op transpose": lambda: tf.transpose(a),
    }

    x = tf.constant(np.array([0.0, 0.25, 0.5, 0.75, 1.0], np.float32))
    y = tf.constant(np.array([0.0, 0.3, 0.55, 0.7, 1.0], np.float32))
    slope, offset = tf.Variable(0.0), tf.Variable(0.0)
    sgd = tf.keras.optimizers.SGD(learning_rate=1e-3)

    def line() -> None:
        with tf.GradientTape() as tape:
            y_pred = slope * x + offset
            loss = 0.5 * tf.reduce_sum(tf.square(y_pred - y))
        gradients = tape.gradient(loss, [slope, offset])
        sgd.apply_gradients(grads_and_vars=zip(gradients, [slope, offset], strict=True))

    programs["linear regression step"] = line

    class MLP(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense1 = tf.keras.layers.Dense(100, activation=tf.nn.relu)
            self.dense2 = tf.keras.layers.Dense(10)

        def call(self, inputs):
            return tf.nn.softmax(self.dense2(self.dense1(inputs)))

    def trainer(model: Any, batch: Any, target: Any) -> Callable[[], Any]:
        adam = tf.keras.optimizers.Adam(learning_rate=1e-3)

        def step() -> None:
            with tf.GradientTape() as tape:
                y_pred = model(batch)
                loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(y_true=target, y_pred=y_pred))
            gradients = tape.gradient(loss, model.trainable_variables)
            adam.apply_gradients(grads_and_vars=zip(gradients, model.trainable_variables, strict=True))

        return step

    batch, target = tf.constant(images), tf.constant(labels)
    mlp = MLP()
    programs["MLP step, eager"] = trainer(mlp, batch, target)
    if is_tensorflow:
        compiled = MLP()
        compiled(batch)
        step = trainer(compiled, batch, target)
        step()
        programs["MLP step, tf.function"] = tf.function(step)
    one = tf.constant(images[:1])
    programs["MLP model(x), batch 1"] = lambda: mlp(one)
    first = images[:1]
    programs["MLP predict, one batch of 1"] = lambda: mlp.predict(first, verbose=0)

    class CNN(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.conv1 = tf.keras.layers.Conv2D(32, 5, padding="same", activation=tf.nn.relu)
            self.pool1 = tf.keras.layers.MaxPool2D(2, 2)
            self.conv2 = tf.keras.layers.Conv2D(64, 5, padding="same", activation=tf.nn.relu)
            self.pool2 = tf.keras.layers.MaxPool2D(2, 2)
            self.flatten = tf.keras.layers.Reshape(target_shape=(7 * 7 * 64,))
            self.dense1 = tf.keras.layers.Dense(1024, activation=tf.nn.relu)
            self.dense2 = tf.keras.layers.Dense(10)

        def call(self, inputs):
            x = self.pool2(self.conv2(self.pool1(self.conv1(inputs))))
            return tf.nn.softmax(self.dense2(self.dense1(self.flatten(x))))

    programs["CNN step, eager"] = trainer(CNN(), tf.constant(images.reshape(50, 28, 28, 1)), target)
    return programs


def torch_programs(torch: Any) -> dict[str, Callable[[], Any]]:
    small, images, labels = _data()
    F = torch.nn.functional
    a = torch.from_numpy(small)
    programs: dict[str, Callable[[], Any]] = {
        "op add": lambda: a + a,
        "op matmul": lambda: torch.matmul(a, a),
        "op relu": lambda: torch.relu(a),
        "op reduce_sum": lambda: torch.sum(a),
        "op softmax": lambda: torch.softmax(a, -1),
        "op concat": lambda: torch.cat([a, a], 0),
        "op slice": lambda: a[2:5, 1:],
        "op reshape": lambda: torch.reshape(a, (4, 16)),
        "op cast": lambda: a.to(torch.float64),
        "op transpose": lambda: torch.transpose(a, 0, 1),
    }
    x, y = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]), torch.tensor([0.0, 0.3, 0.55, 0.7, 1.0])
    slope, offset = torch.zeros((), requires_grad=True), torch.zeros((), requires_grad=True)
    sgd = torch.optim.SGD([slope, offset], lr=1e-3)

    def line() -> None:
        sgd.zero_grad()
        y_pred = slope * x + offset
        loss = 0.5 * torch.sum(torch.square(y_pred - y))
        loss.backward()
        sgd.step()

    programs["linear regression step"] = line

    def trainer(model: Any, batch: Any, target: Any) -> Callable[[], Any]:
        adam = torch.optim.Adam(model.parameters(), lr=1e-3)

        def step() -> None:
            adam.zero_grad()
            F.cross_entropy(model(batch), target).backward()
            adam.step()

        return step

    nn = torch.nn
    batch, target = torch.from_numpy(images), torch.from_numpy(labels).long()
    mlp = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    programs["MLP step, eager"] = trainer(mlp, batch, target)
    one = batch[:1]

    def infer() -> Any:
        with torch.no_grad():
            return torch.softmax(mlp(one), -1)

    programs["MLP model(x), batch 1"] = infer
    cnn = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Linear(1024, 10),
    )  # fmt: skip
    programs["CNN step, eager"] = trainer(cnn, batch.reshape(50, 1, 28, 28), target)
    return programs
