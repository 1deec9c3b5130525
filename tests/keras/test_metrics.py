"""Keras metrics where frozen cases do not reach: former names, errors, mathematics, what stays out of tapes."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import tenfold as tf
from tenfold.keras import metrics, notes

FORMER = {
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_logarithmic_error": "msle",
    "kl_divergence": "kld",
    "log_cosh": "logcosh",
    "bce": "binary_crossentropy",
    "BCE": "binary_crossentropy",
}


@pytest.fixture
def given_notes(caplog, monkeypatch):
    """The notes given since the test began."""
    monkeypatch.setattr(notes, "_given", set())
    with caplog.at_level(logging.WARNING, "tenfold"):
        yield lambda: [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("name", FORMER)
def test_former_names_work_with_one_note(name, given_notes):
    found = [getattr(metrics, name) for _ in range(2)]
    assert found == [getattr(metrics, FORMER[name])] * 2
    assert given_notes() == [f"`tf.keras.metrics.{name}` is `tf.keras.metrics.{FORMER[name]}` now."]


def test_reset_states_and_weights_work_with_one_note(given_notes):
    mean = metrics.Mean()
    mean.update_state([1.0, 2.0])
    assert [v is w for v, w in zip(mean.weights, mean.variables, strict=True)] == [True, True]
    mean.reset_states()
    mean.reset_states()
    assert mean.result().numpy() == 0.0
    assert len(given_notes()) == 2


def test_add_weight_takes_the_name_first_and_an_aggregation(given_notes):
    class Kept(metrics.Metric):
        def __init__(self):
            super().__init__()
            self.a = self.add_weight("a", initializer="ones")
            self.b = self.add_weight("b", (2,))
            self.c = self.add_weight("c", shape=(3,), dtype="int32", aggregation=tf.VariableAggregation.SUM)

    kept = Kept()
    assert [(v.name, v.shape, v.dtype) for v in kept.variables] == [
        ("a", (), tf.float32),
        ("b", (2,), tf.float32),
        ("c", (3,), tf.int32),
    ]
    assert kept.a.numpy() == 1.0
    assert len(given_notes()) == 2
    with pytest.raises(TypeError, match="partitioner"):
        kept.add_weight(shape=(), partitioner=None)


def test_merge_state_adds_states(given_notes):
    precision, other = metrics.Precision(), metrics.Precision()
    precision.update_state([1, 0], [0.9, 0.9])
    other.update_state([1, 1], [0.9, 0.9])
    precision.merge_state([other])
    np.testing.assert_allclose(precision.result(), 0.75)
    with pytest.raises(ValueError, match="1 variables; expected 2"):
        precision.merge_state([metrics.Sum()])
    assert len(given_notes()) == 1


@pytest.mark.parametrize("name", ["kld", "logcosh", "huber", "mean_squared_error", "io_u"])
def test_get_knows_functions_and_former_names(name):
    found = (
        metrics.get(name)
        if name != "io_u"
        else metrics.get({"class_name": "IoU", "config": {"num_classes": 2, "target_class_ids": [0]}})
    )
    assert callable(found)


def test_a_subclass_with_options_round_trips():
    class Halved(metrics.BinaryAccuracy):
        def result(self):
            return super().result() / 2.0

    made = Halved(threshold=0.25)
    again = Halved.from_config(made.get_config())
    assert again.threshold == 0.25
    assert again([[1.0]], [[0.3]]).numpy() == 0.5


def test_cosine_similarity_keeps_its_axis():
    again = metrics.deserialize(metrics.serialize(metrics.CosineSimilarity(axis=0)))
    assert again.axis == 0


def test_auc_is_the_share_of_pairs_in_order():
    random = np.random.RandomState(0)
    is_true, scores = random.randint(0, 2, 200), random.uniform(0, 1, 200).astype(np.float32)
    positive, negative = scores[is_true == 1], scores[is_true == 0]
    pairs = (positive[:, None] > negative[None, :]).mean()
    np.testing.assert_allclose(metrics.AUC(num_thresholds=5000)(is_true, scores), pairs, atol=1e-3)


def test_batches_add_up():
    random = np.random.RandomState(1)
    y_true, y_pred = random.randint(0, 2, (60, 3)), random.uniform(0, 1, (60, 3)).astype(np.float32)
    weights = random.uniform(0, 2, 60).astype(np.float32)
    for make in (metrics.MeanSquaredError, metrics.AUC, metrics.Recall, metrics.F1Score, metrics.R2Score):
        whole, parts = make(), make()
        whole.update_state(y_true, y_pred, weights)
        for rows in (slice(0, 7), slice(7, 40), slice(40, 60)):
            parts.update_state(y_true[rows], y_pred[rows], weights[rows])
        np.testing.assert_allclose(parts.result(), whole.result(), rtol=1e-4, err_msg=make.__name__)


def test_results_and_variables_read_before_stay_as_they_were():
    total = metrics.Sum()
    total.update_state([1.0])
    result, value = total.result(), total.variables[0].value
    total.update_state([2.0])
    total.reset_state()
    assert (result.numpy(), value.numpy()) == (1.0, 1.0)


def test_stateless_calls_leave_the_state_after_an_error():
    mean = metrics.Mean()
    mean.update_state([4.0])
    with pytest.raises(tf.errors.InvalidArgumentError):
        mean.stateless_update_state(mean.stateless_reset_state(), [[1.0, 2.0]], sample_weight=[[1.0, 2.0, 3.0]])
    assert mean.result().numpy() == 4.0


def test_calls_are_not_recorded():
    x = tf.Variable([1.0, 2.0])
    mean = metrics.MeanSquaredError()
    with tf.GradientTape() as tape:
        y = mean([0.0, 0.0], x * 2.0)
    assert tape.gradient(y, x) is None


def test_metrics_in_lists_and_dicts_are_part_of_the_state():
    class Pair(metrics.Metric):
        def __init__(self):
            super().__init__(name="pair")
            self.parts = [metrics.Mean(name="a")]
            self.parts.append(metrics.Sum(name="b"))
            self.named = {"c": metrics.Sum(name="c")}

        def update_state(self, x):
            for part in (*self.parts, *self.named.values()):
                part.update_state(x)

        def result(self):
            return {part.name: part.result() for part in self.parts}

    pair = Pair()
    assert {k: float(v) for k, v in pair([1.0, 3.0]).items()} == {"a": 2.0, "b": 4.0}
    assert len(pair.variables) == 4
    pair.reset_state()
    assert all(v.numpy() == 0 for v in pair.variables)


def test_float_weights_of_integer_counts_are_warned_about():
    with pytest.warns(UserWarning, match='dtype="float32"'):
        metrics.MeanIoU(num_classes=2)([0, 1], [0, 1], sample_weight=[0.5, 1.5])


def test_adjusted_r2_of_too_few_examples_is_not_adjusted():
    r2 = metrics.R2Score(num_regressors=5)
    r2.update_state([[1.0], [2.0], [4.0]], [[1.0], [2.0], [3.0]])
    with pytest.warns(UserWarning, match="not adjusted"):
        adjusted = r2.result()
    np.testing.assert_allclose(adjusted, 1 - 1 / (14 / 3), rtol=1e-5)


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"Precision: thresholds are \[2.0\]; each must be in \[0, 1\]"):
        metrics.Precision(thresholds=[2.0])
    with pytest.raises(ValueError, match=r"AUC: curve is 'XY'; it must be one of"):
        metrics.AUC(curve="xy")
    with pytest.raises(ValueError, match=r"Recall: y_true is \(3,\), y_pred is \(2,\)"):
        metrics.Recall()([0, 1, 1], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"R2Score: there is no result before the first batch"):
        metrics.R2Score().result()
    with pytest.raises(
        ValueError, match=r"F1Score: y_true is \(2,\), y_pred is \(2,\); they must be \(batch, classes\)"
    ):
        metrics.F1Score()([0, 1], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"IoU: target_class_ids are \[5\]; each must be in \[0, 2\)"):
        metrics.IoU(num_classes=2, target_class_ids=[5])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"sample_weight is \(2,\), the values are \(3,\)"):
        metrics.MeanSquaredError()(np.zeros((3, 1)), np.zeros((3, 1)), sample_weight=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"metric_variables are 1 values; expected 2"):
        metrics.Mean().stateless_result([0.0])
    with pytest.raises(AttributeError, match="no attribute 'median'"):
        _ = metrics.median
