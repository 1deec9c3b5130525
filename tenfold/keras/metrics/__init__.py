"""`tf.keras.metrics`."""

from __future__ import annotations

from typing import Any

from tenfold.keras import naming as _naming
from tenfold.keras.losses import binary_crossentropy as binary_crossentropy
from tenfold.keras.losses import binary_focal_crossentropy as binary_focal_crossentropy
from tenfold.keras.losses import categorical_crossentropy as categorical_crossentropy
from tenfold.keras.losses import categorical_focal_crossentropy as categorical_focal_crossentropy
from tenfold.keras.losses import categorical_hinge as categorical_hinge
from tenfold.keras.losses import hinge as hinge
from tenfold.keras.losses import huber as huber
from tenfold.keras.losses import poisson as poisson
from tenfold.keras.losses import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from tenfold.keras.losses import squared_hinge as squared_hinge
from tenfold.keras.losses.functions import kl_divergence as kl_divergence
from tenfold.keras.losses.functions import log_cosh as log_cosh
from tenfold.keras.losses.functions import mean_absolute_error as mean_absolute_error
from tenfold.keras.losses.functions import mean_absolute_percentage_error as mean_absolute_percentage_error
from tenfold.keras.losses.functions import mean_squared_error as mean_squared_error
from tenfold.keras.losses.functions import mean_squared_logarithmic_error as mean_squared_logarithmic_error
from tenfold.keras.metrics.accuracy import Accuracy as Accuracy
from tenfold.keras.metrics.accuracy import BinaryAccuracy as BinaryAccuracy
from tenfold.keras.metrics.accuracy import CategoricalAccuracy as CategoricalAccuracy
from tenfold.keras.metrics.accuracy import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from tenfold.keras.metrics.accuracy import SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy
from tenfold.keras.metrics.accuracy import TopKCategoricalAccuracy as TopKCategoricalAccuracy
from tenfold.keras.metrics.accuracy import accuracy as accuracy
from tenfold.keras.metrics.accuracy import binary_accuracy as binary_accuracy
from tenfold.keras.metrics.accuracy import categorical_accuracy as categorical_accuracy
from tenfold.keras.metrics.accuracy import sparse_categorical_accuracy as sparse_categorical_accuracy
from tenfold.keras.metrics.accuracy import sparse_top_k_categorical_accuracy as sparse_top_k_categorical_accuracy
from tenfold.keras.metrics.accuracy import top_k_categorical_accuracy as top_k_categorical_accuracy
from tenfold.keras.metrics.confusion import AUC as AUC
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
from tenfold.keras.metrics.matrix import BinaryIoU as BinaryIoU
from tenfold.keras.metrics.matrix import F1Score as F1Score
from tenfold.keras.metrics.matrix import FBetaScore as FBetaScore
from tenfold.keras.metrics.matrix import IoU as IoU
from tenfold.keras.metrics.matrix import MeanIoU as MeanIoU
from tenfold.keras.metrics.matrix import OneHotIoU as OneHotIoU
from tenfold.keras.metrics.matrix import OneHotMeanIoU as OneHotMeanIoU
from tenfold.keras.metrics.metric import Mean as Mean
from tenfold.keras.metrics.metric import MeanMetricWrapper as MeanMetricWrapper
from tenfold.keras.metrics.metric import Metric as Metric
from tenfold.keras.metrics.metric import Sum as Sum
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
from tenfold.keras.metrics.of_losses import R2Score as R2Score
from tenfold.keras.metrics.of_losses import RootMeanSquaredError as RootMeanSquaredError
from tenfold.keras.metrics.of_losses import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from tenfold.keras.metrics.of_losses import SquaredHinge as SquaredHinge

bce = BCE = binary_crossentropy
kld = KLD = kl_divergence
mae = MAE = mean_absolute_error
mse = MSE = mean_squared_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
logcosh = log_cosh

_CLASSES = {
    name: value for name, value in list(globals().items()) if isinstance(value, type) and issubclass(value, Metric)
}
_BY_NAME = {
    **_CLASSES,
    **{_naming.to_snake_case(name): value for name, value in _CLASSES.items()},
    **{short: MeanSquaredError for short in ("mse", "MSE")},
    **{short: MeanAbsoluteError for short in ("mae", "MAE")},
    **{short: MeanAbsolutePercentageError for short in ("mape", "MAPE")},
    **{short: MeanSquaredLogarithmicError for short in ("msle", "MSLE")},
    **{short: BinaryCrossentropy for short in ("bce", "BCE")},
}


def serialize(metric: Any) -> Any:
    """What stands for a metric in a file."""
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The metric that `serialize` made `config` of, or the one of a name."""
    from tenfold.keras.saving import serialization

    functions = {name: value for name, value in globals().items() if callable(value) and not name.startswith("_")}
    return serialization.deserialize_keras_object(config, custom_objects, module_objects={**functions, **_BY_NAME})


def get(identifier: Any) -> Any:
    """The metric that a name, a config, a function or a metric means; None for None.

    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.metrics.get("mse").name
      'mean_squared_error'
    """
    if identifier is None:
        return None
    found = deserialize(identifier) if isinstance(identifier, (str, dict)) else identifier
    if isinstance(found, str):
        raise ValueError(f"Could not interpret metric identifier: {identifier}")
    if isinstance(found, type):
        found = found()
    if callable(found):
        return found
    raise ValueError(f"Could not interpret metric identifier: {identifier}")
