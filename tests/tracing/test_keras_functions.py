"""Keras models in tf.function: several steps of training give the losses, weights and metrics that they give eagerly."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.graph.native import Segment, compiled

L = tf.keras.layers
ROWS, CLASSES = 8, 3


def stack(*layers, shape, **options):
    return tf.keras.Sequential([tf.keras.Input(shape, **options), *layers, L.Dense(CLASSES)])


class Penalty(L.Layer):
    def call(self, x):
        self.add_loss(0.01 * tf.reduce_mean(tf.square(x)))
        return x


class Leaky(L.Layer):
    """A recurrent cell of a user."""

    state_size = output_size = 4

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4), name="kernel")

    def call(self, x, states):
        h = 0.9 * states[0] + tf.nn.relu(x @ self.kernel)
        return h, [h]


def attention():
    x = ids = tf.keras.Input((6,), dtype="int32")
    x = L.Embedding(20, 8)(x)
    x = L.LayerNormalization()(x + L.MultiHeadAttention(2, 4, dropout=0.1)(x, x, use_causal_mask=True))
    x = L.Add()([x, L.Dense(8, activation="gelu")(x)])
    return tf.keras.Model(ids, L.Dense(CLASSES)(L.Flatten()(x)))


def two_attentions():
    x = tf.keras.Input((6, 4))
    query = L.Dense(4)(x)
    both = L.Concatenate()([L.Attention()([query, x]), L.AdditiveAttention()([query, x])])
    return tf.keras.Model(x, L.Dense(CLASSES)(L.Flatten()(both)))


MODELS = {
    "mlp": lambda: stack(L.Dense(8, activation="relu"), shape=(5,)),
    "batch normalization": lambda: stack(L.Dense(8, use_bias=False), L.BatchNormalization(), L.ReLU(), shape=(5,)),
    "dropout": lambda: stack(L.Dense(8, activation="gelu"), L.Dropout(0.5), L.GaussianNoise(0.1), shape=(5,)),
    "normalizations": lambda: stack(L.GroupNormalization(2), L.UnitNormalization(), L.PReLU(), shape=(4,)),
    "regularizers": lambda: stack(
        L.Dense(8, kernel_regularizer="l2", activity_regularizer="l1", kernel_constraint="max_norm"),
        L.ActivityRegularization(l2=0.01),
        shape=(5,),
    ),
    "add_loss": lambda: stack(L.Dense(8), Penalty(), shape=(5,)),
    "cnn": lambda: stack(
        L.Conv2D(4, 3, padding="same", activation="relu"), L.MaxPooling2D(), L.Conv2D(4, 3, strides=2), L.Flatten(),
        shape=(8, 8, 2),
    ),  # fmt: skip
    "separable": lambda: stack(L.SeparableConv1D(4, 3), L.AveragePooling1D(2), L.Flatten(), shape=(12, 3)),
    "transposed": lambda: stack(L.DepthwiseConv2D(3), L.Conv2DTranspose(2, 3, strides=2), L.Flatten(), shape=(5, 5, 2)),
    "embedding": lambda: stack(L.Embedding(20, 4), L.GlobalAveragePooling1D(), shape=(6,), dtype="int32"),
    "simple rnn": lambda: stack(L.SimpleRNN(4), shape=(6, 3)),
    "lstm": lambda: stack(L.LSTM(4, return_sequences=True), L.LSTM(4, go_backwards=True), shape=(6, 3)),
    "long lstm": lambda: stack(L.LSTM(4), shape=(200, 2)),
    "gru": lambda: stack(L.Bidirectional(L.GRU(4, return_sequences=True)), L.GRU(4, reset_after=False), shape=(6, 3)),
    "masked lstm": lambda: stack(L.Embedding(20, 4, mask_zero=True), L.LSTM(4), shape=(6,), dtype="int32"),
    "masked sequences": lambda: stack(
        L.Masking(), L.SimpleRNN(4, activation="sigmoid", return_sequences=True), L.LSTM(4, go_backwards=True), shape=(6, 3)
    ),
    "dropout in lstm": lambda: stack(L.LSTM(4, dropout=0.3, recurrent_dropout=0.3), shape=(6, 3)),
    "cells": lambda: stack(L.RNN([L.LSTMCell(4, activation="relu"), L.GRUCell(4)]), shape=(6, 3)),
    "own cell": lambda: stack(L.TimeDistributed(L.Dense(3)), L.RNN(Leaky(), return_sequences=True), L.Flatten(), shape=(6, 3)),
    "convolutional lstm": lambda: stack(L.ConvLSTM1D(2, 3), L.Flatten(), shape=(4, 6, 2)),
    "stateful": lambda: tf.keras.Sequential(
        [tf.keras.Input(batch_shape=(ROWS, 4, 3)), L.LSTM(4, stateful=True), L.Dense(CLASSES)]
    ),
    "attention": attention,
    "two attentions": two_attentions,
    "spectral normalization": lambda: stack(L.SpectralNormalization(L.Dense(4)), shape=(4,)),
    "bfloat16": lambda: stack(L.Dense(8, activation="relu", dtype="mixed_bfloat16"), shape=(5,)),
    "own cell in bfloat16": lambda: stack(
        L.RNN(Leaky(dtype="mixed_bfloat16"), dtype="mixed_bfloat16", return_sequences=True), L.Flatten(), shape=(6, 3)
    ),
    "float64": lambda: stack(L.Dense(8, activation="tanh", dtype="float64"), shape=(5,)),
}  # fmt: skip
NATIVE = {
    "mlp",
    "regularizers",
    "add_loss",
    "cnn",
    "separable",
    "transposed",
    "own cell",
    "cells",
    "two attentions",
    "bfloat16",
    "own cell in bfloat16",
}


def batches(model):
    rng = np.random.default_rng(1)
    shape, dtype = model.inputs[0].shape[1:], model.inputs[0].dtype
    for _ in range(4):
        x = rng.integers(0, 20, (ROWS, *shape)) if dtype == "int32" else rng.standard_normal((ROWS, *shape)) * 0.5
        if len(shape) == 2:
            x[:2, 3:] = 0  # what is masked, where that counts
        yield tf.constant(x, dtype), tf.constant(rng.integers(0, CLASSES, ROWS))


def trained(name, is_traced):
    tf.keras.utils.set_random_seed(5)
    model = MODELS[name]()
    model.compile(
        tf.keras.optimizers.Adam(0.01), tf.keras.losses.SparseCategoricalCrossentropy(True), metrics=["accuracy"]
    )
    step = tf.function(model.train_step) if is_traced else model.train_step
    logs = [{key: float(value) for key, value in step(batch).items()} for batch in batches(model)]
    outputs = model(next(batches(model))[0])
    variables = [*model.weights, *model.optimizer.variables]
    return logs, [v.numpy() for v in variables], outputs.numpy(), step


@pytest.mark.parametrize("name", MODELS)
def test_a_traced_training_is_the_eager_one(name):
    (logs, variables, outputs, _), (expected_logs, expected, expected_outputs, _) = (
        trained(name, is_traced) for is_traced in (True, False)
    )
    tolerance = 2e-2 if "bfloat16" in name else 2e-4
    for found, wanted in zip(logs, expected_logs, strict=True):
        assert found == pytest.approx(wanted, rel=tolerance)
    for a, b in zip(variables, expected, strict=True):
        np.testing.assert_allclose(a, b, tolerance, tolerance / 10)
    np.testing.assert_allclose(outputs, expected_outputs, tolerance, tolerance)


@pytest.mark.parametrize("name", sorted(NATIVE))
def test_a_step_of_training_is_one_native_call(name):
    step = trained(name, True)[3]
    batch = next(batches(MODELS[name]()))
    (node,) = compiled(step.get_concrete_function(batch).graph).nodes
    assert isinstance(node.op, Segment)


def test_several_outputs_and_losses_train_as_eagerly():
    def train(run_eagerly):
        tf.keras.utils.set_random_seed(5)
        x = tf.keras.Input((4,))
        hidden = L.Dense(5, activation="tanh")(x)
        model = tf.keras.Model(x, {"a": L.Dense(1, name="a")(hidden), "b": L.Dense(3, name="b")(hidden)})
        model.compile(
            "adam",
            {"a": "mse", "b": tf.keras.losses.SparseCategoricalCrossentropy(True)},
            loss_weights={"a": 0.5, "b": 2.0},
            metrics={"a": ["mae"], "b": ["accuracy"]},
            run_eagerly=run_eagerly,
        )
        rng = np.random.default_rng(0)
        inputs, targets = rng.standard_normal((8, 4)), {"a": rng.standard_normal((8, 1)), "b": rng.integers(0, 3, 8)}
        weights = {"a": rng.random(8), "b": rng.random(8)}
        logs = [model.train_on_batch(inputs, targets, weights, return_dict=True) for _ in range(4)]
        return logs, model.get_weights()

    (logs, weights), (expected_logs, expected) = train(False), train(True)
    for found, wanted in zip(logs, expected_logs, strict=True):
        assert found == pytest.approx(wanted, rel=1e-4)
    for a, b in zip(weights, expected, strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 1e-5)


def test_float16_with_a_loss_scale_trains_as_eagerly():
    def train(run_eagerly):
        tf.keras.utils.set_random_seed(5)
        model = stack(L.Dense(8, activation="relu"), shape=(5,))
        model.dtype_policy = tf.keras.mixed_precision.Policy("mixed_float16")
        model.compile("sgd", "mse", run_eagerly=run_eagerly)
        assert isinstance(model.optimizer, tf.keras.mixed_precision.LossScaleOptimizer)
        rng = np.random.default_rng(0)
        x, y = rng.standard_normal((8, 5)), rng.standard_normal((8, CLASSES))
        model.optimizer.dynamic_growth_steps = 4
        losses = [model.train_on_batch(x, y) for _ in range(3)]
        model.train_on_batch(x, y * np.inf)  # overflow: no update, half the scale
        losses += [model.train_on_batch(x, y) for _ in range(5)]  # and after four steps twice the scale
        return losses, model.get_weights(), model.optimizer.dynamic_scale.numpy()

    (losses, weights, scale), (expected_losses, expected, expected_scale) = train(False), train(True)
    assert losses == pytest.approx(expected_losses, rel=1e-3)
    assert scale == expected_scale == 2.0**15
    for a, b in zip(weights, expected, strict=True):
        np.testing.assert_allclose(a, b, 1e-3, 1e-4)


METRICS = {
    "mean": (lambda: tf.keras.metrics.Mean(), 1),
    "sum": (lambda: tf.keras.metrics.Sum(), 1),
    "root of squared errors": (lambda: tf.keras.metrics.RootMeanSquaredError(), 2),
    "binary accuracy": (lambda: tf.keras.metrics.BinaryAccuracy(), 2),
    "top k": (lambda: tf.keras.metrics.TopKCategoricalAccuracy(2), 2),
    "own function": (lambda: tf.keras.metrics.MeanMetricWrapper(lambda a, b: tf.abs(a - b)), 2),
    "auc": (lambda: tf.keras.metrics.AUC(), 2),
    "auc of labels": (lambda: tf.keras.metrics.AUC(multi_label=True), 2),
    "precision": (lambda: tf.keras.metrics.Precision(), 2),
    "f1": (lambda: tf.keras.metrics.F1Score(), 2),
    "r2": (lambda: tf.keras.metrics.R2Score(), 2),
}


@pytest.mark.parametrize("is_weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", METRICS)
def test_metrics_in_functions_gather_what_they_gather_eagerly(name, is_weighted):
    make, count = METRICS[name]
    found = []
    for is_traced in (True, False):
        rng, metric = np.random.default_rng(0), make()

        def update(*args, metric=metric):
            metric.update_state(*args[:count], sample_weight=args[count] if is_weighted else None)
            return metric.result()

        step, results = tf.function(update) if is_traced else update, []
        for i in range(3):
            if i == 2:
                metric.reset_state()
            values = [np.round(rng.random((4, 3))) if count == 2 else rng.random((4, 3)), rng.random((4, 3))][:count]
            results.append(np.asarray(step(*[tf.constant(v, tf.float32) for v in [*values, rng.random(4)]])))
        found.append(results)
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, 1e-5)


def test_dropout_draws_anew_at_each_call_and_the_same_after_the_same_seed():
    def draw():
        tf.keras.utils.set_random_seed(1)
        drop = L.Dropout(0.5)
        run = tf.function(lambda x: drop(x, training=True))
        return [run(tf.ones((4, 8))).numpy() for _ in range(3)]

    first, again = draw(), draw()
    assert not np.array_equal(first[0], first[1]) and not np.array_equal(first[1], first[2])
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("make", [lambda: L.LSTM(3), lambda: L.GRU(3, activation="relu")], ids=["lstm", "gru of relus"])
def test_sequences_of_many_lengths_run_in_a_function_that_reduces_retracing(make):
    # steps that are written out are those of one length: another one used to run into them
    model = tf.keras.Sequential([tf.keras.Input((None, 4)), make()])
    run = tf.function(model, reduce_retracing=True)
    for rows, length in ((2, 3), (4, 5), (3, 7), (4, 5)):
        x = tf.random.stateless_normal((rows, length, 4), (1, 2))
        np.testing.assert_allclose(run(x), model(x), 1e-5, 1e-6)


def test_a_step_for_any_number_of_rows_weighs_each_batch_by_its_own():
    model = MODELS["mlp"]()
    model.compile("sgd", "mse", run_eagerly=True)
    specs = [(tf.TensorSpec((None, 5)), tf.TensorSpec((None, CLASSES)))]
    step = tf.function(model.test_step, input_signature=specs)
    rng = np.random.default_rng(0)
    data = [(rng.standard_normal((n, 5)), rng.standard_normal((n, CLASSES))) for n in (3, 8, 1)]
    data = [(tf.constant(x, tf.float32), tf.constant(y, tf.float32)) for x, y in data]
    traced = [float(step(batch)["loss"]) for batch in data]
    model.reset_metrics()
    eager = [float(model.test_step(batch)["loss"]) for batch in data]
    assert traced == pytest.approx(eager, rel=1e-5) and step.experimental_get_tracing_count() == 1
