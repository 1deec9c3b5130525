"""The six models that are compared: written for TensorFlow and Tenfold, for PyTorch, and for JAX.

Each function returns a dict of a model's name to a function that makes the model. `tf` is TensorFlow or Tenfold: the code is the
same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Step = Callable[[], Any]


class Runs(NamedTuple):
    """What is timed of a model; each call waits for its result.

    Attributes:
      step: one training step: forward, backward, update.
      infer: what the model says of one row; none for the linear regression.
    """

    step: Step
    infer: Step | None = None


NAMES = ("linear regression", "MLP", "CNN", "char LSTM", "text LSTM", "transformer")
_RNG = np.random.default_rng(0)
IMAGES = _RNG.random((50, 784), np.float32)
LABELS = _RNG.integers(0, 10, 50).astype(np.int32)
CHARS = _RNG.integers(0, 64, (50, 40)).astype(np.int32)
NEXT_CHARS = _RNG.integers(0, 64, 50).astype(np.int32)
WORDS = _RNG.integers(0, 1000, (32, 200)).astype(np.int32)
OPINIONS = _RNG.integers(0, 2, (32, 1)).astype(np.float32)
TOKENS = _RNG.integers(0, 1000, (32, 128)).astype(np.int32)
CLASSES = _RNG.integers(0, 10, 32).astype(np.int32)
X = np.array([0.0, 0.25, 0.5, 0.75, 1.0], np.float32)
Y = np.array([0.0, 0.3, 0.55, 0.7, 1.0], np.float32)


def tensorflow_models(tf: Any, decorate: Callable[[Any], Any]) -> dict[str, Callable[[], Runs]]:
    """Models of TensorFlow's API; `decorate` is what makes a function of the eager step."""
    layers = tf.keras.layers
    crossentropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    binary = tf.keras.losses.BinaryCrossentropy(from_logits=True)

    def line() -> Runs:
        x, y = tf.constant(X), tf.constant(Y)
        slope, offset = tf.Variable(0.0), tf.Variable(0.0)

        def step() -> Any:
            with tf.GradientTape() as tape:
                loss = 0.5 * tf.reduce_sum(tf.square(slope * x + offset - y))
            for variable, gradient in zip((slope, offset), tape.gradient(loss, [slope, offset]), strict=True):
                variable.assign_sub(1e-3 * gradient)
            return loss

        return Runs(decorate(step))

    def runs(model: Any, inputs: np.ndarray, labels: np.ndarray, loss_of: Any = crossentropy) -> Runs:
        inputs, one, labels = tf.constant(inputs), tf.constant(inputs[:1]), tf.constant(labels)
        model(one)
        adam = tf.keras.optimizers.Adam(1e-3)
        adam.build(model.trainable_variables)

        def step() -> Any:
            with tf.GradientTape() as tape:
                loss = loss_of(labels, model(inputs, training=True))
            adam.apply_gradients(
                zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
            )
            return loss

        infer = decorate(lambda x: model(x))
        return Runs(decorate(step), lambda: infer(one))

    def mlp() -> Any:
        return tf.keras.Sequential([layers.Dense(100, activation="relu"), layers.Dense(10)])

    def cnn() -> Any:
        return tf.keras.Sequential(
            [layers.Reshape((28, 28, 1)), layers.Conv2D(32, 5, padding="same", activation="relu"), layers.MaxPool2D(),
             layers.Conv2D(64, 5, padding="same", activation="relu"), layers.MaxPool2D(), layers.Flatten(),
             layers.Dense(1024, activation="relu"), layers.Dense(10)]
        )  # fmt: skip

    def recurrent(words: int, units: int, outputs: int) -> Any:
        return tf.keras.Sequential([layers.Embedding(words, 64), layers.LSTM(units), layers.Dense(outputs)])

    def transformer() -> Any:
        tokens = tf.keras.Input((128,), dtype="int32")
        h = layers.Embedding(1000, 128)(tokens)
        for _ in range(2):
            h = layers.LayerNormalization()(h + layers.MultiHeadAttention(4, 32)(h, h))
            h = layers.LayerNormalization()(h + layers.Dense(128)(layers.Dense(512, activation="relu")(h)))
        return tf.keras.Model(tokens, layers.Dense(10)(layers.GlobalAveragePooling1D()(h)))

    return {
        "linear regression": line,
        "MLP": lambda: runs(mlp(), IMAGES, LABELS),
        "CNN": lambda: runs(cnn(), IMAGES, LABELS),
        "char LSTM": lambda: runs(recurrent(64, 256, 64), CHARS, NEXT_CHARS),
        "text LSTM": lambda: runs(recurrent(1000, 64, 1), WORDS, OPINIONS, binary),
        "transformer": lambda: runs(transformer(), TOKENS, CLASSES),
    }


def torch_models(torch: Any) -> dict[str, Callable[[], Runs]]:
    nn, functional = torch.nn, torch.nn.functional

    def line() -> Runs:
        x, y = torch.from_numpy(X), torch.from_numpy(Y)
        slope, offset = torch.zeros((), requires_grad=True), torch.zeros((), requires_grad=True)
        sgd = torch.optim.SGD([slope, offset], lr=1e-3)

        def step() -> None:
            sgd.zero_grad()
            (0.5 * torch.sum(torch.square(slope * x + offset - y))).backward()
            sgd.step()

        return Runs(step)

    class Recurrent(nn.Module):
        def __init__(self, words: int, width: int, units: int, outputs: int) -> None:
            super().__init__()
            self.embedding = nn.Embedding(words, width)
            self.lstm = nn.LSTM(width, units, batch_first=True)
            self.dense = nn.Linear(units, outputs)

        def forward(self, tokens: Any) -> Any:
            return self.dense(self.lstm(self.embedding(tokens))[0][:, -1])

    class Transformer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(1000, 128)
            self.blocks = nn.ModuleList(
                [nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True) for _ in range(2)]
            )
            self.dense = nn.Linear(128, 10)

        def forward(self, tokens: Any) -> Any:
            h = self.embedding(tokens)
            for block in self.blocks:
                h = block(h)
            return self.dense(h.mean(1))

    def runs(model: Any, inputs: np.ndarray, labels: np.ndarray) -> Runs:
        inputs, labels = torch.from_numpy(inputs), torch.from_numpy(labels)
        one, frozen = inputs[:1], copy.deepcopy(model).eval()
        adam = torch.optim.Adam(model.parameters(), lr=1e-3)
        is_binary = labels.dtype == torch.float32

        def step() -> None:
            adam.zero_grad()
            scores = model(inputs)
            loss = (
                functional.binary_cross_entropy_with_logits(scores, labels)
                if is_binary
                else functional.cross_entropy(scores, labels.long())
            )
            loss.backward()
            adam.step()

        def infer() -> Any:
            with torch.no_grad():
                return frozen(one)

        return Runs(step, infer)

    def mlp() -> Any:
        return nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))

    def cnn() -> Any:
        return nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2),
            nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Linear(1024, 10),
        )  # fmt: skip

    return {
        "linear regression": line,
        "MLP": lambda: runs(mlp(), IMAGES, LABELS),
        "CNN": lambda: runs(cnn(), IMAGES, LABELS),
        "char LSTM": lambda: runs(Recurrent(64, 64, 256, 64), CHARS, NEXT_CHARS),
        "text LSTM": lambda: runs(Recurrent(1000, 64, 64, 1), WORDS, OPINIONS),
        "transformer": lambda: runs(Transformer(), TOKENS, CLASSES),
    }


def jax_models(jax: Any) -> dict[str, Callable[[], Runs]]:
    jnp, lax = jax.numpy, jax.lax

    def glorot(*shape: int) -> np.ndarray:
        limit = np.sqrt(6.0 / (shape[-2] + shape[-1] if len(shape) == 2 else np.prod(shape[:-1]) + shape[-1]))
        return _RNG.uniform(-limit, limit, shape).astype(np.float32)

    def dense(n: int, m: int) -> list[np.ndarray]:
        return [glorot(n, m), np.zeros(m, np.float32)]

    def cross_entropy(logits: Any, labels: Any) -> Any:
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1))

    def binary(logits: Any, labels: Any) -> Any:
        return jnp.mean(jnp.maximum(logits, 0) - logits * labels + jnp.log1p(jnp.exp(-jnp.abs(logits))))

    def runs(apply: Any, parameters: Any, inputs: np.ndarray, labels: np.ndarray, loss_of: Any = cross_entropy) -> Runs:
        def update(state: Any, inputs: Any, labels: Any) -> Any:
            p, m, v, t = state
            g = jax.grad(lambda p: loss_of(apply(p, inputs), labels))(p)
            t = t + 1
            m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
            v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
            rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            p = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), p, m, v)
            return p, m, v, t

        run, predict = jax.jit(update, donate_argnums=0), jax.jit(apply)
        zeros = jax.tree.map(np.zeros_like, parameters)
        state = [(parameters, zeros, jax.tree.map(np.zeros_like, parameters), jnp.zeros((), jnp.float32))]
        inputs, one, labels = jnp.asarray(inputs), jnp.asarray(inputs[:1]), jnp.asarray(labels)

        def step() -> None:
            state[0] = run(state[0], inputs, labels)
            jax.block_until_ready(state[0])

        return Runs(step, lambda: predict(state[0][0], one).block_until_ready())

    def mlp(p: Any, x: Any) -> Any:
        return jax.nn.relu(x @ p[0] + p[1]) @ p[2] + p[3]

    def cnn(p: Any, x: Any) -> Any:
        h = x.reshape(-1, 28, 28, 1)
        for kernel, bias in (p[0:2], p[2:4]):
            h = lax.conv_general_dilated(h, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            h = lax.reduce_window(jax.nn.relu(h + bias), -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return mlp(p[4:], h.reshape(h.shape[0], -1))

    def recurrent(p: Any, tokens: Any) -> Any:
        embedding, kernel, recurrent_kernel, bias, w, b = p
        xs = jnp.swapaxes(embedding[tokens] @ kernel + bias, 0, 1)
        units = recurrent_kernel.shape[0]

        def cell(carry: Any, x: Any) -> Any:
            h, c = carry
            i, f, g, o = jnp.split(x + h @ recurrent_kernel, 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

        zero = jnp.zeros((tokens.shape[0], units))
        (h, _), _ = lax.scan(cell, (zero, zero), xs)
        return h @ w + b

    def lstm(words: int, width: int, units: int, outputs: int) -> list[np.ndarray]:
        return [
            glorot(words, width),
            glorot(width, 4 * units),
            glorot(units, 4 * units),
            np.zeros(4 * units, np.float32),
            *dense(units, outputs),
        ]

    def normalized(h: Any, scale: Any, offset: Any) -> Any:
        mean, variance = h.mean(-1, keepdims=True), h.var(-1, keepdims=True)
        return (h - mean) / jnp.sqrt(variance + 1e-3) * scale + offset

    def transformer(p: Any, tokens: Any) -> Any:
        h = p["embedding"][tokens]
        batch, time, width = h.shape
        for block in p["blocks"]:
            q, k, v = (
                (h @ w + b).reshape(batch, time, 4, width // 4).swapaxes(1, 2)
                for w, b in zip(block[0:6:2], block[1:6:2], strict=True)
            )
            scores = jax.nn.softmax(q @ k.swapaxes(-1, -2) / np.sqrt(width // 4).astype(np.float32))
            mixed = (scores @ v).swapaxes(1, 2).reshape(batch, time, width)
            h = normalized(h + mixed @ block[6] + block[7], *block[8:10])
            h = normalized(h + mlp(block[10:14], h), *block[14:16])
        return h.mean(1) @ p["w"] + p["b"]

    def block() -> list[np.ndarray]:
        scale = [np.ones(128, np.float32), np.zeros(128, np.float32)]
        return [
            *dense(128, 128),
            *dense(128, 128),
            *dense(128, 128),
            *dense(128, 128),
            *scale,
            *dense(128, 512),
            *dense(512, 128),
            *scale,
        ]

    def blocks() -> dict[str, Any]:
        return {
            "embedding": glorot(1000, 128),
            "blocks": [block(), block()],
            "w": glorot(128, 10),
            "b": np.zeros(10, np.float32),
        }

    def convolutions() -> list[np.ndarray]:
        return [glorot(5, 5, 1, 32), np.zeros(32, np.float32), glorot(5, 5, 32, 64), np.zeros(64, np.float32)]

    def line() -> Runs:
        x, y = jnp.asarray(X), jnp.asarray(Y)
        update = jax.jit(
            lambda p: jax.tree.map(
                lambda p, g: p - 1e-3 * g, p, jax.grad(lambda p: 0.5 * jnp.sum((p[0] * x + p[1] - y) ** 2))(p)
            )
        )
        state = [(jnp.zeros(()), jnp.zeros(()))]

        def step() -> None:
            state[0] = update(state[0])
            jax.block_until_ready(state[0])

        return Runs(step)

    return {
        "linear regression": line,
        "MLP": lambda: runs(mlp, dense(784, 100) + dense(100, 10), IMAGES, LABELS),
        "CNN": lambda: runs(cnn, convolutions() + dense(3136, 1024) + dense(1024, 10), IMAGES, LABELS),
        "char LSTM": lambda: runs(recurrent, lstm(64, 64, 256, 64), CHARS, NEXT_CHARS),
        "text LSTM": lambda: runs(recurrent, lstm(1000, 64, 64, 1), WORDS, OPINIONS, binary),
        "transformer": lambda: runs(transformer, blocks(), TOKENS, CLASSES),
    }
