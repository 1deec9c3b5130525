"""`tf.keras.optimizers`."""

from __future__ import annotations

import sys
from typing import Any

from tenfold.keras.optimizers import schedules as schedules
from tenfold.keras.optimizers.adagrad import Adadelta as Adadelta
from tenfold.keras.optimizers.adagrad import Adagrad as Adagrad
from tenfold.keras.optimizers.adagrad import Ftrl as Ftrl
from tenfold.keras.optimizers.adagrad import RMSprop as RMSprop
from tenfold.keras.optimizers.adam import Adam as Adam
from tenfold.keras.optimizers.adam import Adamax as Adamax
from tenfold.keras.optimizers.adam import AdamW as AdamW
from tenfold.keras.optimizers.adam import Nadam as Nadam
from tenfold.keras.optimizers.by_variable import Adafactor as Adafactor
from tenfold.keras.optimizers.by_variable import Lamb as Lamb
from tenfold.keras.optimizers.loss_scale import LossScaleOptimizer as LossScaleOptimizer
from tenfold.keras.optimizers.multi import MultiOptimizer as MultiOptimizer
from tenfold.keras.optimizers.multi import OptimizerMap as OptimizerMap
from tenfold.keras.optimizers.muon import Muon as Muon
from tenfold.keras.optimizers.optimizer import Optimizer as Optimizer
from tenfold.keras.optimizers.schedule_free import ScheduleFreeAdamW as ScheduleFreeAdamW
from tenfold.keras.optimizers.sgd import SGD as SGD
from tenfold.keras.optimizers.sgd import Lion as Lion

_CLASSES = (
    Adadelta, Adafactor, Adagrad, Adam, Adamax, AdamW, Ftrl, Lamb, Lion, LossScaleOptimizer, MultiOptimizer, Muon, Nadam,
    OptimizerMap, RMSprop, ScheduleFreeAdamW, SGD,
)  # fmt: skip
_BY_NAME = {cls.__name__.lower(): cls for cls in _CLASSES}
legacy = experimental = sys.modules[__name__]  # the older names of the same classes


def serialize(optimizer: Any) -> Any:
    """What stands for an optimizer in a file, without its state."""
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(optimizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The optimizer that `serialize` made `config` of."""
    from tenfold.keras.saving import serialization

    config = dict(config)
    if config["class_name"].lower() in _BY_NAME:
        config["class_name"] = config["class_name"].lower()
    return serialization.deserialize_keras_object(config, custom_objects, module_objects=_BY_NAME)


def get(identifier: Any) -> Optimizer | None:
    """The optimizer that a name, in any case, a config or an optimizer means; None for None.

    Raises:
      ValueError: it means none.
    Example:
      >>> type(tf.keras.optimizers.get("adam")).__name__
      'Adam'
    """
    if isinstance(identifier, str):
        identifier = {"class_name": identifier, "config": {}}
    if isinstance(identifier, dict):
        try:
            identifier = deserialize(identifier)
        except TypeError as error:
            raise ValueError(f"Could not interpret optimizer identifier: {identifier}") from error
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    raise ValueError(f"Could not interpret optimizer identifier: {identifier}")
