"""Metrics in functions that are saved: they are written as ops, and count on where they stopped."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf

M = tf.keras.metrics
METRICS = {
    "mean": lambda: M.MeanSquaredError(),
    "positives": lambda: M.TruePositives(thresholds=[0.7, 0.2]),
    "negatives": lambda: M.FalseNegatives(),
    "precision": lambda: M.Precision(),
    "recall_of_highest": lambda: M.Recall(top_k=2, class_id=1),
    "precision_of_class": lambda: M.Precision(thresholds=0.3, class_id=2),
    "auc": lambda: M.AUC(num_thresholds=20),
    "auc_of_logits": lambda: M.AUC(num_thresholds=9, from_logits=True),
    "auc_at": lambda: M.AUC(thresholds=[0.1, 0.35, 0.9]),
    "best_recall": lambda: M.RecallAtPrecision(0.4, num_thresholds=20),
    "best_specificity": lambda: M.SpecificityAtSensitivity(0.9, num_thresholds=20, class_id=1),
    "f_score": lambda: M.F1Score(average="weighted"),
    "f_score_of_each": lambda: M.FBetaScore(beta=0.5, threshold=0.4),
    "f_score_of_all": lambda: M.FBetaScore(beta=2.0, average="micro"),
    "iou": lambda: M.OneHotIoU(4, [0, 2, 3], dtype="float32"),
    "mean_iou": lambda: M.OneHotMeanIoU(4, ignore_class=1, dtype="float32"),
    "auc_of_each": lambda: M.AUC(num_thresholds=9, multi_label=True),
    "auc_of_each_weighted": lambda: M.AUC(9, multi_label=True, num_labels=4, label_weights=[0.1, 0.2, 0.3, 0.4]),
    "auc_of_weighted_labels": lambda: M.AUC(num_thresholds=9, label_weights=[0.1, 0.2, 0.3, 0.4]),
    "auc_of_logits_of_each": lambda: M.AUC(thresholds=[0.55, 0.6, 0.7], from_logits=True, multi_label=True),
    "auc_interpolated": lambda: M.AUC(num_thresholds=9, curve="PR"),
    "auc_interpolated_of_each": lambda: M.AUC(num_thresholds=9, curve="PR", multi_label=True),
    "auc_of_gains": lambda: M.AUC(num_thresholds=9, curve="PRGAIN", summation_method="minoring"),
    "r2": lambda: M.R2Score(),
    "r2_of_each": lambda: M.R2Score(class_aggregation=None),
    "r2_adjusted": lambda: M.R2Score("variance_weighted_average", num_regressors=3),
    "auc_of_precision": lambda: M.AUC(curve="PR", summation_method="majoring"),
}


def batch(seed):
    rng = np.random.default_rng(seed)
    pred = rng.uniform(size=(6, 4)).astype(np.float32)
    pred[0] = [0.5, 0.5, 1.0, 0.0]  # ties, and both ends
    return rng.integers(0, 2, (6, 4)).astype(np.float32), pred, rng.uniform(size=6).astype(np.float32)


@pytest.mark.parametrize("name", METRICS)
def test_a_saved_metric_counts_on_where_it_stopped(name, tmp_path):
    module = tf.Module()
    module.metric = METRICS[name]()
    specs = [tf.TensorSpec([None, 4]), tf.TensorSpec([None, 4]), tf.TensorSpec([None])]

    def step(y_true, y_pred, weights):
        module.metric.update_state(y_true, y_pred, weights)
        return module.metric.result()

    module.step = tf.function(step, input_signature=specs)
    module.reset = tf.function(lambda: module.metric.reset_state(), input_signature=[])
    module.step(*batch(0))
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    for seed in (1, 2):
        np.testing.assert_allclose(loaded.step(*batch(seed)), module.step(*batch(seed)), rtol=1e-5)
    loaded.reset()
    module.metric.reset_state()
    np.testing.assert_allclose(loaded.step(*batch(3)), module.step(*batch(3)), rtol=1e-5)


def test_intersections_without_weights_are_counted_on(tmp_path):
    module = tf.Module()
    module.metric = M.BinaryIoU(threshold=0.3)

    def step(y_true, y_pred):
        module.metric.update_state(y_true, y_pred)
        return module.metric.result()

    module.step = tf.function(step, input_signature=[tf.TensorSpec([None, 4])] * 2)
    module.step(*batch(0)[:2])
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    for seed in (1, 2):
        np.testing.assert_allclose(loaded.step(*batch(seed)[:2]), module.step(*batch(seed)[:2]), rtol=1e-6)
