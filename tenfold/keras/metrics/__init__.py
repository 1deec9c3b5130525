"""`tf.keras.metrics`."""

from __future__ import annotations

from types import FunctionType as _FunctionType
from typing import Any

from tenfold.keras import naming as _naming
from tenfold.keras.identifiers import interpreted as _interpreted
from tenfold.keras.losses import binary_crossentropy as binary_crossentropy
from tenfold.keras.losses import binary_focal_crossentropy as binary_focal_crossentropy
from tenfold.keras.losses import categorical_crossentropy as categorical_crossentropy
from tenfold.keras.losses import categorical_focal_crossentropy as categorical_focal_crossentropy
from tenfold.keras.losses import categorical_hinge as categorical_hinge
from tenfold.keras.losses import hinge as hinge
from tenfold.keras.losses import huber as huber
from tenfold.keras.losses import kld as kld
from tenfold.keras.losses import logcosh as logcosh
from tenfold.keras.losses import mae as mae
from tenfold.keras.losses import mape as mape
from tenfold.keras.losses import mse as mse
from tenfold.keras.losses import msle as msle
from tenfold.keras.losses import poisson as poisson
from tenfold.keras.losses import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from tenfold.keras.losses import squared_hinge as squared_hinge
from tenfold.keras.metrics.accuracy import Accuracy as Accuracy
from tenfold.keras.metrics.accuracy import BinaryAccuracy as BinaryAccuracy
from tenfold.keras.metrics.accuracy import CategoricalAccuracy as CategoricalAccuracy
from tenfold.keras.metrics.accuracy import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from tenfold.keras.metrics.accuracy import SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy
from tenfold.keras.metrics.accuracy import TopKCategoricalAccuracy as TopKCategoricalAccuracy
from tenfold.keras.metrics.accuracy import accuracy as _accuracy
from tenfold.keras.metrics.accuracy import binary_accuracy as binary_accuracy
from tenfold.keras.metrics.accuracy import categorical_accuracy as categorical_accuracy
from tenfold.keras.metrics.accuracy import sparse_categorical_accuracy as sparse_categorical_accuracy
from tenfold.keras.metrics.accuracy import sparse_top_k_categorical_accuracy as sparse_top_k_categorical_accuracy
from tenfold.keras.metrics.accuracy import top_k_categorical_accuracy as top_k_categorical_accuracy
from tenfold.keras.metrics.auc import AUC as AUC
from tenfold.keras.metrics.confusion import FalseNegatives as FalseNegatives
from tenfold.keras.metrics.confusion import FalsePositives as FalsePositives
from tenfold.keras.metrics.confusion import Precision as Precision
from tenfold.keras.metrics.confusion import PrecisionAtRecall as PrecisionAtRecall
from tenfold.keras.metrics.confusion import Recall as Recall
from tenfold.keras.metrics.confusion import RecallAtPrecision as RecallAtPrecision
from tenfold.keras.metrics.confusion import SensitivityAtSpecificity as SensitivityAtSpecificity
from tenfold.keras.metrics.confusion import SpecificityAtSensitivity as SpecificityAtSensitivity
from tenfold.keras.metrics.confusion import TrueNegatives as TrueNegatives
from tenfold.keras.metrics.confusion import TruePositives as TruePositives
from tenfold.keras.metrics.f_score import F1Score as F1Score
from tenfold.keras.metrics.f_score import FBetaScore as FBetaScore
from tenfold.keras.metrics.iou import BinaryIoU as BinaryIoU
from tenfold.keras.metrics.iou import IoU as IoU
from tenfold.keras.metrics.iou import MeanIoU as MeanIoU
from tenfold.keras.metrics.iou import OneHotIoU as OneHotIoU
from tenfold.keras.metrics.iou import OneHotMeanIoU as OneHotMeanIoU
from tenfold.keras.metrics.metric import Metric as Metric
from tenfold.keras.metrics.of_losses import BinaryCrossentropy as BinaryCrossentropy
from tenfold.keras.metrics.of_losses import CategoricalCrossentropy as CategoricalCrossentropy
from tenfold.keras.metrics.of_losses import CategoricalHinge as CategoricalHinge
from tenfold.keras.metrics.of_losses import CosineSimilarity as CosineSimilarity
from tenfold.keras.metrics.of_losses import Hinge as Hinge
from tenfold.keras.metrics.of_losses import KLDivergence as KLDivergence
from tenfold.keras.metrics.of_losses import LogCoshError as LogCoshError
from tenfold.keras.metrics.of_losses import MeanAbsoluteError as MeanAbsoluteError
from tenfold.keras.metrics.of_losses import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from tenfold.keras.metrics.of_losses import MeanSquaredError as MeanSquaredError
from tenfold.keras.metrics.of_losses import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from tenfold.keras.metrics.of_losses import Poisson as Poisson
from tenfold.keras.metrics.of_losses import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from tenfold.keras.metrics.of_losses import SquaredHinge as SquaredHinge
from tenfold.keras.metrics.reduction import Mean as Mean
from tenfold.keras.metrics.reduction import MeanMetricWrapper as MeanMetricWrapper
from tenfold.keras.metrics.reduction import Sum as Sum
from tenfold.keras.metrics.regression import ConcordanceCorrelation as ConcordanceCorrelation
from tenfold.keras.metrics.regression import PearsonCorrelation as PearsonCorrelation
from tenfold.keras.metrics.regression import R2Score as R2Score
from tenfold.keras.metrics.regression import RootMeanSquaredError as RootMeanSquaredError
from tenfold.keras.metrics.regression import concordance_correlation as concordance_correlation
from tenfold.keras.metrics.regression import pearson_correlation as pearson_correlation
from tenfold.keras.notes import note_once as _note_once

KLD = kullback_leibler_divergence = kld
MAE, MAPE, MSE, MSLE = mae, mape, mse, msle

_FORMER = {  # names of Keras 2 that TensorFlow 2.21 has dropped, and what they are called now
    "BCE": "binary_crossentropy",
    "bce": "binary_crossentropy",
    "kl_divergence": "kld",
    "log_cosh": "logcosh",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_error": "mse",
    "mean_squared_logarithmic_error": "msle",
}
_FUNCTIONS: dict[str, Any] = {
    name: value for name, value in list(globals().items()) if name[0] != "_" and isinstance(value, _FunctionType)
}
_FUNCTIONS.update({former: _FUNCTIONS[name] for former, name in _FORMER.items()}, accuracy=_accuracy)
_CLASSES = {
    name: value for name, value in list(globals().items()) if isinstance(value, type) and issubclass(value, Metric)
}
_BY_NAME: dict[str, Any] = {  # what a string means: a class rather than a function
    **_FUNCTIONS,
    **_CLASSES,
    **{_naming.to_snake_case(name): value for name, value in _CLASSES.items()},
    **dict.fromkeys(("mse", "MSE"), MeanSquaredError),
    **dict.fromkeys(("mae", "MAE"), MeanAbsoluteError),
    **dict.fromkeys(("mape", "MAPE"), MeanAbsolutePercentageError),
    **dict.fromkeys(("msle", "MSLE"), MeanSquaredLogarithmicError),
    **dict.fromkeys(("bce", "BCE"), BinaryCrossentropy),
}


def __getattr__(name: str) -> Any:
    if name not in _FORMER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    _note_once(f"`tf.keras.metrics.{name}` is `tf.keras.metrics.{_FORMER[name]}` now.")
    return _FUNCTIONS[name]


def serialize(metric: Any) -> Any:
    """What stands for a metric in a file.

    Args:
      metric: a `Metric` or a function.
    Returns:
      A dict of plain values.
    Example:
      >>> tf.keras.metrics.serialize(tf.keras.metrics.AUC())["class_name"]
      'AUC'
    """
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The metric that `serialize` made `config` of, or the one of a name.

    Args:
      config: a configuration or a name.
      custom_objects: dict of name to class or function.
    Example:
      >>> m = tf.keras.metrics.TopKCategoricalAccuracy(k=3)
      >>> tf.keras.metrics.deserialize(tf.keras.metrics.serialize(m)).k
      3
    """
    from tenfold.keras.saving import serialization

    return serialization.deserialize_keras_object(config, custom_objects, module_objects=_BY_NAME)


def get(identifier: Any) -> Any:
    """The metric that an identifier means; None for None.

    Args:
      identifier: name, configuration, class, function or `Metric`; a class is instantiated.
    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.metrics.get("mse").name
      'mean_squared_error'
    """
    return None if identifier is None else _interpreted(identifier, _BY_NAME, "metric")
