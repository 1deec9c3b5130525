"""`tf.keras.losses`."""

from __future__ import annotations

from types import FunctionType as _FunctionType
from typing import Any

from tenfold.keras.identifiers import interpreted as _interpreted
from tenfold.keras.losses.crossentropy import binary_crossentropy as binary_crossentropy
from tenfold.keras.losses.crossentropy import binary_focal_crossentropy as binary_focal_crossentropy
from tenfold.keras.losses.crossentropy import categorical_crossentropy as categorical_crossentropy
from tenfold.keras.losses.crossentropy import categorical_focal_crossentropy as categorical_focal_crossentropy
from tenfold.keras.losses.crossentropy import (
    categorical_generalized_cross_entropy as categorical_generalized_cross_entropy,
)
from tenfold.keras.losses.crossentropy import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from tenfold.keras.losses.functions import categorical_hinge as categorical_hinge
from tenfold.keras.losses.functions import circle as circle
from tenfold.keras.losses.functions import cosine_similarity as cosine_similarity
from tenfold.keras.losses.functions import dice as dice
from tenfold.keras.losses.functions import hinge as hinge
from tenfold.keras.losses.functions import huber as huber
from tenfold.keras.losses.functions import kl_divergence as kld
from tenfold.keras.losses.functions import log_cosh as logcosh
from tenfold.keras.losses.functions import mean_absolute_error as mae
from tenfold.keras.losses.functions import mean_absolute_percentage_error as mape
from tenfold.keras.losses.functions import mean_squared_error as mse
from tenfold.keras.losses.functions import mean_squared_logarithmic_error as msle
from tenfold.keras.losses.functions import poisson as poisson
from tenfold.keras.losses.functions import squared_hinge as squared_hinge
from tenfold.keras.losses.functions import tversky as tversky
from tenfold.keras.losses.loss import Loss as Loss
from tenfold.keras.losses.loss import LossFunctionWrapper as LossFunctionWrapper
from tenfold.keras.losses.loss import Reduction as Reduction
from tenfold.keras.losses.losses import CTC as CTC
from tenfold.keras.losses.losses import BinaryCrossentropy as BinaryCrossentropy
from tenfold.keras.losses.losses import BinaryFocalCrossentropy as BinaryFocalCrossentropy
from tenfold.keras.losses.losses import CategoricalCrossentropy as CategoricalCrossentropy
from tenfold.keras.losses.losses import CategoricalFocalCrossentropy as CategoricalFocalCrossentropy
from tenfold.keras.losses.losses import CategoricalGeneralizedCrossEntropy as CategoricalGeneralizedCrossEntropy
from tenfold.keras.losses.losses import CategoricalHinge as CategoricalHinge
from tenfold.keras.losses.losses import Circle as Circle
from tenfold.keras.losses.losses import CosineSimilarity as CosineSimilarity
from tenfold.keras.losses.losses import Dice as Dice
from tenfold.keras.losses.losses import Hinge as Hinge
from tenfold.keras.losses.losses import Huber as Huber
from tenfold.keras.losses.losses import KLDivergence as KLDivergence
from tenfold.keras.losses.losses import LogCosh as LogCosh
from tenfold.keras.losses.losses import MeanAbsoluteError as MeanAbsoluteError
from tenfold.keras.losses.losses import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from tenfold.keras.losses.losses import MeanSquaredError as MeanSquaredError
from tenfold.keras.losses.losses import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from tenfold.keras.losses.losses import Poisson as Poisson
from tenfold.keras.losses.losses import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from tenfold.keras.losses.losses import SquaredHinge as SquaredHinge
from tenfold.keras.losses.losses import Tversky as Tversky
from tenfold.keras.losses.sequence import ctc as ctc
from tenfold.keras.notes import note_once as _note_once

KLD = kullback_leibler_divergence = kld
MAE, MAPE, MSE, MSLE = mae, mape, mse, msle

_FORMER = {  # names of Keras 2 that TensorFlow 2.21 has dropped, and what they are called now
    "BCE": "binary_crossentropy",
    "bce": "binary_crossentropy",
    "cosine_proximity": "cosine_similarity",
    "kl_divergence": "kld",
    "log_cosh": "logcosh",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_error": "mse",
    "mean_squared_logarithmic_error": "msle",
}
_BY_NAME = {
    name: value
    for name, value in list(globals().items())
    if name[0] != "_" and (isinstance(value, _FunctionType) or (isinstance(value, type) and issubclass(value, Loss)))
}
_BY_NAME.update({former: _BY_NAME[name] for former, name in _FORMER.items()})


def __getattr__(name: str) -> Any:
    if name not in _FORMER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    _note_once(f"`tf.keras.losses.{name}` is `tf.keras.losses.{_FORMER[name]}` now.")
    return _BY_NAME[name]


def serialize(loss: Any) -> Any:
    """What stands for a loss in a file.

    Args:
      loss: a `Loss` or a loss function.
    Returns:
      A dict of plain values.
    Example:
      >>> tf.keras.losses.serialize(tf.keras.losses.Hinge())["class_name"]
      'Hinge'
    """
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """The loss that `serialize` made this of, or the one of a name.

    Args:
      name: a configuration or a name.
      custom_objects: dict of name to class or function.
    Example:
      >>> tf.keras.losses.deserialize(tf.keras.losses.serialize(tf.keras.losses.Huber(delta=2.0))).delta
      2.0
    """
    from tenfold.keras.saving import serialization

    return serialization.deserialize_keras_object(name, custom_objects, module_objects=_BY_NAME)


def get(identifier: Any) -> Any:
    """The loss that an identifier means; None for None.

    Args:
      identifier: name, configuration, class, function or `Loss`; a class is instantiated.
    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.losses.get("mse").__name__
      'mean_squared_error'
    """
    return None if identifier is None else _interpreted(identifier, _BY_NAME, "loss")
