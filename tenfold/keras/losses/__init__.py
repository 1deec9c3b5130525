"""`tf.keras.losses`."""

from __future__ import annotations

from typing import Any

from tenfold.keras.losses.functions import binary_crossentropy as binary_crossentropy
from tenfold.keras.losses.functions import binary_focal_crossentropy as binary_focal_crossentropy
from tenfold.keras.losses.functions import categorical_crossentropy as categorical_crossentropy
from tenfold.keras.losses.functions import categorical_focal_crossentropy as categorical_focal_crossentropy
from tenfold.keras.losses.functions import (
    categorical_generalized_cross_entropy as categorical_generalized_cross_entropy,
)
from tenfold.keras.losses.functions import categorical_hinge as categorical_hinge
from tenfold.keras.losses.functions import circle as circle
from tenfold.keras.losses.functions import cosine_similarity as cosine_similarity
from tenfold.keras.losses.functions import dice as dice
from tenfold.keras.losses.functions import hinge as hinge
from tenfold.keras.losses.functions import huber as huber
from tenfold.keras.losses.functions import kl_divergence as kl_divergence
from tenfold.keras.losses.functions import log_cosh as log_cosh
from tenfold.keras.losses.functions import mean_absolute_error as mean_absolute_error
from tenfold.keras.losses.functions import mean_absolute_percentage_error as mean_absolute_percentage_error
from tenfold.keras.losses.functions import mean_squared_error as mean_squared_error
from tenfold.keras.losses.functions import mean_squared_logarithmic_error as mean_squared_logarithmic_error
from tenfold.keras.losses.functions import poisson as poisson
from tenfold.keras.losses.functions import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from tenfold.keras.losses.functions import squared_hinge as squared_hinge
from tenfold.keras.losses.functions import tversky as tversky
from tenfold.keras.losses.loss import Loss as Loss
from tenfold.keras.losses.loss import LossFunctionWrapper as LossFunctionWrapper
from tenfold.keras.losses.loss import Reduction as Reduction
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

bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
mae = MAE = mean_absolute_error
mse = MSE = mean_squared_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
logcosh, cosine_proximity = log_cosh, cosine_similarity


def serialize(loss: Any) -> Any:
    """What stands for a loss in a file."""
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """The loss that `serialize` made this of, or the one of a name."""
    from tenfold.keras.saving import serialization

    known = {key: value for key, value in globals().items() if callable(value)}
    return serialization.deserialize_keras_object(name, custom_objects, module_objects=known)


def get(identifier: Any) -> Any:
    """The loss that a name, a config, a function or a loss means; None for None.

    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.losses.get("mse").__name__
      'mean_squared_error'
    """
    if identifier is None:
        return None
    found = deserialize(identifier) if isinstance(identifier, (str, dict)) else identifier
    if isinstance(found, str):
        raise ValueError(f"Could not interpret loss identifier: {identifier}")
    if isinstance(found, type):
        found = found()
    if callable(found):
        return found
    raise ValueError(f"Could not interpret loss identifier: {identifier}")
