"""Keras losses where frozen cases do not reach: former names, what Keras 3.15 forgets or refuses, mathematics."""

from __future__ import annotations

import itertools
import logging

import numpy as np
import pytest

import tenfold as tf
from tenfold.keras import losses, notes
from tests.gradients import check_gradients

FORMER = {
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_logarithmic_error": "msle",
    "kl_divergence": "kld",
    "log_cosh": "logcosh",
    "cosine_proximity": "cosine_similarity",
    "bce": "binary_crossentropy",
    "BCE": "binary_crossentropy",
}


@pytest.mark.parametrize("name", FORMER)
def test_former_names_work_with_one_note(name, caplog, monkeypatch):
    monkeypatch.setattr(notes, "_given", set())
    with caplog.at_level(logging.WARNING, "tenfold"):
        found = [getattr(losses, name) for _ in range(2)]
    assert found == [getattr(losses, FORMER[name])] * 2
    assert [record.getMessage() for record in caplog.records] == [
        f"`tf.keras.losses.{name}` is `tf.keras.losses.{FORMER[name]}` now."
    ]
    assert losses.get(name) is found[0]


def test_reduction_auto_is_the_mean_with_one_note(caplog, monkeypatch):
    monkeypatch.setattr(notes, "_given", set())
    with caplog.at_level(logging.WARNING, "tenfold"):
        made = [losses.MeanSquaredError(reduction=losses.Reduction.AUTO) for _ in range(2)]
    assert made[0].reduction == "sum_over_batch_size"
    assert len(caplog.records) == 1


def test_names_that_never_were_are_missing():
    with pytest.raises(AttributeError, match="no attribute 'mean_cubed_error'"):
        _ = losses.mean_cubed_error


@pytest.mark.parametrize(
    ("made", "option"),
    [
        (losses.Huber(delta=0.5), ("delta", 0.5)),
        (losses.CosineSimilarity(axis=0), ("axis", 0)),
        (losses.SparseCategoricalCrossentropy(axis=1), ("axis", 1)),
        (losses.CategoricalGeneralizedCrossEntropy(q=0.3), ("q", 0.3)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_configurations_hold_every_option(made, option):
    name, value = option
    again = losses.deserialize(losses.serialize(made))
    assert getattr(again, name) == made.get_config()[name] == value


def _probability_of(labels: list[int], shares: np.ndarray) -> float:
    """The sum over all paths that spell the labels when repeats and then blanks are dropped."""
    total = 0.0
    for path in itertools.product(range(shares.shape[1]), repeat=len(shares)):
        spelled = [label for label, _ in itertools.groupby(path) if label]
        if spelled == labels:
            total += np.prod([shares[t, label] for t, label in enumerate(path)])
    return total


@pytest.mark.parametrize("labels", [[1], [1, 2], [2, 2], [], [2, 1, 2]])
def test_ctc_is_minus_log_of_the_sum_over_paths(labels):
    logits = np.random.RandomState(3).standard_normal((5, 3)).astype(np.float32)
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    row = [*labels, 0, 0, 0][:3]
    np.testing.assert_allclose(losses.ctc([row], logits[None]), [-np.log(_probability_of(labels, shares))], rtol=1e-5)


def test_ctc_of_a_sequence_that_is_too_short_is_large_and_has_a_gradient():
    logits = tf.Variable(tf.zeros((1, 2, 3)))
    with tf.GradientTape() as tape:
        loss = losses.ctc([[1, 1]], logits)
    gradient = tape.gradient(loss, logits).numpy()
    assert loss.numpy()[0] > 100
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


def test_one_class_of_categorical_crossentropy_is_warned_about():
    with pytest.warns(SyntaxWarning, match="binary_crossentropy"):
        losses.categorical_crossentropy([[1.0]], [[0.5]])


def test_logits_that_are_not_are_warned_about():
    shares = tf.keras.activations.softmax(tf.constant([[1.0, 2.0]]))
    with pytest.warns(UserWarning, match="from_logits=True"):
        losses.categorical_crossentropy([[0.0, 1.0]], shares, from_logits=True)


def test_a_loss_without_its_maximum_of_nothing_is_empty():
    assert losses.categorical_hinge(tf.zeros((0, 3)), tf.zeros((0, 3))).shape == (0,)


def test_losses_take_lists_and_dictionaries_of_arrays():
    assert losses.MeanSquaredError()([[1, 2]], np.array([[2, 4]])).numpy() == 2.5

    class OfParts(losses.Loss):
        def call(self, y_true, y_pred):
            return tf.abs(y_true["a"] - y_pred["a"])

    assert OfParts()({"a": np.array([1.0])}, {"a": np.array([3.0])}).numpy() == 2.0


def test_weights_of_mean_with_sample_weight_have_a_gradient():
    weights = tf.Variable([1.0, 3.0])
    loss = losses.MeanAbsoluteError(reduction="mean_with_sample_weight")
    with tf.GradientTape() as tape:
        value = loss(tf.constant([[0.0], [0.0]]), tf.constant([[2.0], [4.0]]), sample_weight=weights)
    np.testing.assert_allclose(value, 3.5)  # (2 + 12) / 4
    np.testing.assert_allclose(tape.gradient(value, weights), [(2 - 3.5) / 4, (4 - 3.5) / 4], rtol=1e-6)


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"reduction is 'average'; it must be one of"):
        losses.Hinge(reduction="average")
    with pytest.raises(ValueError, match=r"y_true is \(3,\), y_pred is \(2, 4\); y_true must be \(2,\)"):
        losses.sparse_categorical_crossentropy([0, 1, 2], tf.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"they must have the same shape"):
        losses.binary_crossentropy(tf.zeros((3,)), tf.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"they must be \(batch, labels\) and \(batch, time, classes\)"):
        losses.ctc([1], tf.zeros((1, 2, 3)))


def test_loss_of_numbered_classes_has_gradients_to_third_order():
    shares = np.random.RandomState(0).uniform(0.1, 0.9, (2, 3, 4))
    shares[0, 1, 2], shares[1, 0, 0] = 1.5, -0.5  # beyond the limits
    labels = np.array([[1, 2, 2], [0, 3, 1]])
    check_gradients(lambda p: losses.sparse_categorical_crossentropy(labels, p), shares, order=3, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_loss_of_numbered_classes_is_the_cross_entropy_of_logarithms(dtype):
    shares = tf.constant(np.random.RandomState(1).uniform(-0.1, 1.1, (20, 5)), dtype)
    labels = np.arange(20) % 5

    def by_logarithms(p):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.math.log(tf.clip_by_value(p, 1e-7, 1 - 1e-7)))

    def with_gradients(loss, p):
        with tf.GradientTape() as outer:
            outer.watch(p)
            with tf.GradientTape() as tape:
                tape.watch(p)
                value = loss(p)
            slope = tape.gradient(value, p)
            energy = tf.reduce_sum(tf.sin(slope) * p)
        return value, slope, outer.gradient(energy, p)

    for run in (with_gradients, tf.function(with_gradients)):
        found = run(lambda p: losses.sparse_categorical_crossentropy(labels, p), shares)
        for one, other in zip(found, with_gradients(by_logarithms, shares), strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-5 if dtype == "float32" else 1e-12, atol=1e-5)


def test_labels_that_are_no_classes_are_named():
    for label in (3, -1):
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=rf"label value of {label} which is outside .*\[0, 3\)"
        ):
            losses.sparse_categorical_crossentropy([0, label], tf.fill((2, 3), 0.3))


def test_numbers_of_classes_of_every_type_and_custom_losses_of_them():
    scores, labels = np.array([[0.1, 2.0, -1.0], [1.0, 0.0, 3.0]], np.float32), [1, 2]
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    expected = loss(np.array(labels, np.float32), scores)
    for dtype in ("int8", "int32", "int64", "uint8"):
        np.testing.assert_array_equal(loss(tf.constant(labels, dtype), scores), expected)

    class Own(tf.keras.losses.SparseCategoricalCrossentropy):
        def call(self, y_true, y_pred):
            assert y_true.dtype == tf.float32  # as in Keras
            return super().call(y_true, y_pred)

    np.testing.assert_array_equal(Own(from_logits=True)(tf.constant(labels), scores), expected)
