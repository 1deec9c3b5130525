"""Modules, built alike with TensorFlow and with Tenfold, whose SavedModels each must read of the other.

`MODULES` maps a name to a function of `tf` that gives a `Sample`.
Keras models are in `model_kinds.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Call(NamedTuple):
    """A call of a method of a module; `keyword` arguments are sorted pairs."""

    method: str
    args: tuple
    keywords: tuple = ()


class Sample(NamedTuple):
    """A module with calls whose results must be the same everywhere; in this order, for some of them have effects.

    Attributes:
      variables: paths of those that gradients of the first call's results are asked for.
    """

    module: Any
    calls: list[Call]
    variables: tuple[str, ...] = ()


def _random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def _variables(tf: Any, module: Any, **shapes: tuple[int, ...]) -> Any:
    for i, (name, shape) in enumerate(shapes.items()):
        setattr(module, name, tf.Variable(_random(*shape, seed=i) * 0.5, name=name))
    return module


def mlp(tf: Any) -> Sample:
    class Mlp(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
        def __call__(self, x: Any) -> Any:
            return tf.nn.softmax(tf.nn.relu(x @ self.w1 + self.b1) @ self.w2)

    module = _variables(tf, Mlp(), w1=(4, 8), b1=(8,), w2=(8, 3))
    return Sample(module, [Call("__call__", (_random(5, 4),))], ("w1", "b1", "w2"))


def functions(tf: Any) -> Sample:
    """Several functions and traces, structures, Python arguments, nested modules and containers."""

    class Part(tf.Module):
        @tf.function
        def scaled(self, x: Any, by: float = 2.0) -> Any:
            return x * self.v * by

    class Functions(tf.Module):
        @tf.function
        def f(self, x: Any, training: bool = False, *, shift: Any = None) -> Any:
            y = self.parts[0].scaled(x) if training else self.named["b"].scaled(x, by=3.0)
            return {"y": y if shift is None else y + shift, "pair": (x, [y])}

        @tf.function
        def by_keywords(self, x: Any, *, second: Any, first: Any) -> Any:
            return x + 10.0 * second + 100.0 * first

        @tf.function
        def of_structure(self, pair: Any) -> Any:
            return pair["a"] + pair["b"][0]

    module = Functions()
    parts = [_variables(tf, Part(), v=(3,)) for _ in range(2)]
    module.parts, module.named = [parts[0]], {"b": parts[1]}
    x = _random(2, 3)
    calls = [
        Call("f", (x,)),
        Call("f", (x,), (("training", True),)),
        Call("f", (x, True), (("shift", _random(3)),)),
        Call("by_keywords", (x,), (("first", x * 2.0), ("second", x * 3.0))),
        Call("of_structure", ({"a": x, "b": (x,)},)),
    ]
    return Sample(module, calls, ("named.b.v",))


def control_flow(tf: Any) -> Sample:
    class Flow(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.int32)])
        def run(self, x: Any, n: Any) -> Any:
            if tf.reduce_sum(x) > 0.0:
                y = x * self.w
            else:
                y = x - self.w
            i = 0
            while i < n:
                if i % 2 == 0:
                    y = y + self.w
                else:
                    y = tf.tanh(y * self.w)
                i += 1
            kind = tf.switch_case(n % 3, [lambda: y, lambda: -y, lambda: y * 2.0])
            return y, kind, i

    x = np.abs(_random(3))
    calls = [Call("run", (x, np.int32(3))), Call("run", (-x, np.int32(4)))]
    return Sample(_variables(tf, Flow(), w=(3,)), calls, ("w",))


def state(tf: Any) -> Sample:
    """Variables that are read and written in the order of the program."""

    class State(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([2], tf.float32)])
        def step(self, x: Any) -> Any:
            before = self.total.read_value()
            self.total.assign_add(x)
            self.count.assign_add(1)
            if self.count > 1:
                self.total.assign(self.total * 2.0)
            return before, self.total.read_value(), self.count + 0

    module = State()
    module.total, module.count = tf.Variable([0.0, 0.0]), tf.Variable(0, trainable=False)
    return Sample(module, [Call("step", (_random(2),))] * 3)


def tables(tf: Any) -> Sample:
    """Tables, also in branches and loops, which are read and written in the order of the program."""

    class Tables(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def count(self, words: Any) -> Any:
            before = self.counts.size()
            if self.counts.size() < 3:
                self.counts.insert(words, self.counts.lookup(words) + 1)
            for i in tf.range(2):
                self.dense.insert([self.dense.size() + 5], [i])
            self.counts.remove(words[:1])
            prices = tf.reduce_sum(self.prices.lookup(words)) * self.scale
            return prices, before, self.counts.lookup(words), self.numbers.lookup(words), self.dense.size()

        @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
        def vectors(self, keys: Any) -> Any:
            self.rows.insert(keys[:1] + 7, tf.zeros([1, 2]))
            return self.rows.lookup(keys), tf.reduce_sum(self.rows.export()[1]), self.hashed.lookup(tf.as_string(keys))

    lookup, pairs = tf.lookup, tf.lookup.KeyValueTensorInitializer
    module = Tables()
    module.scale = tf.Variable(2.0)
    module.prices = lookup.StaticHashTable(pairs(["sun", "star"], [1.5, 2.5]), -1.0)
    module.numbers = lookup.StaticVocabularyTable(pairs(["sun", "moon"], tf.constant([0, 1], tf.int64)), 3)
    module.hashed = lookup.StaticVocabularyTable(None, 4)
    module.counts = lookup.experimental.MutableHashTable(tf.string, tf.int64, 0)
    module.counts.insert(["sun"], [7])
    module.rows = lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0.5, 0.0])
    module.rows.insert([3], [[1.0, 2.0]])
    module.dense = lookup.experimental.DenseHashTable(tf.int64, tf.int32, -1, 0, -5)
    module.dense.insert([4], [9])
    words = np.array(["moon", "sun", "comet"], object)
    calls = [Call("count", (words,)), Call("count", (words[1:],)), Call("vectors", (np.array([3, 4]),))]
    return Sample(module, [*calls, *calls], ("scale",))


def rows(tf: Any) -> Sample:
    """Writes to parts of variables."""

    class Rows(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, 2], tf.float32)])
        def write(self, indices: Any, values: Any) -> Any:
            self.table.scatter_add(tf.IndexedSlices(values, indices))
            self.table.scatter_nd_update([[0, 1]], [9.0])
            self.table[1].assign([5.0, 6.0])
            return self.table.read_value()

    module = _variables(tf, Rows(), table=(4, 2))
    return Sample(module, [Call("write", (np.array([2, 2, 3], np.int32), _random(3, 2)))])


def embedding(tf: Any) -> Sample:
    class Embedding(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int64)])
        def __call__(self, ids: Any) -> Any:
            vectors = tf.nn.embedding_lookup(self.table, ids)
            mask = tf.cast(ids != 0, tf.float32)[..., tf.newaxis]
            return tf.reduce_sum(vectors * mask, 1) / tf.reduce_sum(mask, 1) @ self.w

    module = _variables(tf, Embedding(), table=(10, 4), w=(4, 2))
    return Sample(module, [Call("__call__", (np.array([[1, 2, 0], [9, 9, 3]]),))], ("table", "w"))


def lstm(tf: Any) -> Sample:
    """A loop over time that collects its steps in an array."""

    class Lstm(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([2, None, 3], tf.float32)])
        def __call__(self, x: Any) -> Any:
            steps = tf.shape(x)[1]
            array = tf.TensorArray(tf.float32, size=steps, element_shape=[2, 4])
            h = c = tf.zeros([2, 4])
            for t in tf.range(steps):
                z = tf.concat([x[:, t], h], 1) @ self.kernel + self.bias
                i, f, g, o = tf.split(z, 4, axis=1)
                c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
                h = tf.sigmoid(o) * tf.tanh(c)
                array = array.write(t, h)
            return tf.transpose(array.stack(), [1, 0, 2])

    return Sample(
        _variables(tf, Lstm(), kernel=(7, 16), bias=(16,)), [Call("__call__", (_random(2, 5, 3),))], ("kernel", "bias")
    )


def cnn(tf: Any) -> Sample:
    class Cnn(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 2], tf.float32)])
        def __call__(self, x: Any) -> Any:
            y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, self.k1, 1, "SAME"), self.b1))
            y = tf.nn.max_pool2d(y, 2, 2, "VALID")
            y = tf.nn.conv2d(y, self.k2, [1, 2, 2, 1], "VALID")
            mean, variance = tf.nn.moments(y, [0, 1, 2])
            y = tf.nn.batch_normalization(y, mean, variance, None, None, 1e-3)
            return tf.reshape(y, [-1, y.shape[1] * y.shape[2] * 3])

    module = _variables(tf, Cnn(), k1=(3, 3, 2, 4), b1=(4,), k2=(2, 2, 4, 3))
    return Sample(module, [Call("__call__", (_random(2, 8, 8, 2),))], ("k1", "b1", "k2"))


def attention(tf: Any) -> Sample:
    class Attention(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, None, 6], tf.float32)])
        def __call__(self, x: Any) -> Any:
            q, k, v = (tf.einsum("btd,dhe->bhte", x, w) for w in (self.q, self.k, self.v))
            size = tf.shape(x)[1]
            mask = tf.linalg.band_part(tf.ones([size, size]), -1, 0)
            scores = tf.matmul(q, k, transpose_b=True) / tf.sqrt(3.0) - 1e9 * (1.0 - mask)
            return tf.einsum("bhte,hed->btd", tf.nn.softmax(scores) @ v, self.o)

    module = _variables(tf, Attention(), q=(6, 2, 3), k=(6, 2, 3), v=(6, 2, 3), o=(2, 3, 6))
    return Sample(module, [Call("__call__", (_random(2, 4, 6),))], ("q", "k", "v", "o"))


def training(tf: Any) -> Sample:
    """A step of training: gradients are part of the graph."""

    class Training(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32), tf.TensorSpec([None], tf.int32)])
        def step(self, x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                logits = tf.nn.relu(x @ self.w1) @ self.w2
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
            for variable, gradient in zip((self.w1, self.w2), tape.gradient(loss, [self.w1, self.w2]), strict=True):
                variable.assign_sub(0.1 * gradient)
            return loss

    module = _variables(tf, Training(), w1=(4, 8), w2=(8, 3))
    return Sample(module, [Call("step", (_random(5, 4), np.array([0, 1, 2, 0, 1], np.int32)))] * 3)


def shapes(tf: Any) -> Sample:
    """Sizes that are known only when the graph runs, in all places where ops take them."""

    class Shapes(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def run(self, x: Any) -> Any:
            n, m = tf.shape(x)[0], tf.shape(x)[1]
            tiled = tf.tile(x[tf.newaxis], [2, 1, 1])
            return [
                tf.reshape(tiled, [n * 2, m]),
                tf.pad(x, [[0, 1], [n - 1, 0]], constant_values=7.0),
                x[1:, ::-1],
                x[:, -1],
                tf.range(n * m - 1),
                tf.broadcast_to(x[0], [n + 1, m]),
                tf.one_hot(tf.range(n), m),
                tf.concat([x, tf.zeros([1, m])], 0),
                tf.stack([x, x], axis=-1),
                tf.transpose(tiled, [2, 0, 1]),
                tf.argmax(x, 1),
                *tf.split(x, [1, m - 1], axis=1),
                tf.boolean_mask(x, x > 0.0),
                tf.math.segment_sum(x, tf.range(n) // 2),
                tf.cast(tf.size(x), tf.float32) * tf.reduce_max(x, axis=0, keepdims=True),
            ]

    return Sample(Shapes(), [Call("run", (_random(3, 4),))])


def custom_gradients(tf: Any) -> Sample:
    """Gradients of functions' own, which capture tensors; `tf.nn.silu` has one in TensorFlow."""

    @tf.custom_gradient
    def reversed_sine(x: Any) -> Any:
        y = tf.sin(x)
        return y, lambda dy: -dy * tf.cos(x) + 0.5 * y

    class Custom(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
        def __call__(self, x: Any) -> Any:
            return tf.nn.silu(x * self.w) + reversed_sine(x + self.w)

    return Sample(_variables(tf, Custom(), w=(3,)), [Call("__call__", (_random(2, 3),))], ("w",))


MODULES: dict[str, Callable[[Any], Sample]] = {
    f.__name__: f
    for f in (mlp, functions, control_flow, state, tables, rows, embedding, lstm, cnn, attention, training, shapes, custom_gradients)
}  # fmt: skip
