"""`tf.keras.optimizers`."""

from __future__ import annotations

import sys
from typing import Any

from tenfold.keras.optimizers import schedules as schedules
from tenfold.keras.optimizers.adaptive import Adadelta as Adadelta
from tenfold.keras.optimizers.adaptive import Adagrad as Adagrad
from tenfold.keras.optimizers.adaptive import Adam as Adam
from tenfold.keras.optimizers.adaptive import Adamax as Adamax
from tenfold.keras.optimizers.adaptive import AdamW as AdamW
from tenfold.keras.optimizers.adaptive import Ftrl as Ftrl
from tenfold.keras.optimizers.adaptive import Lamb as Lamb
from tenfold.keras.optimizers.adaptive import Nadam as Nadam
from tenfold.keras.optimizers.adaptive import RMSprop as RMSprop
from tenfold.keras.optimizers.loss_scale import LossScaleOptimizer as LossScaleOptimizer
from tenfold.keras.optimizers.optimizer import Optimizer as Optimizer
from tenfold.keras.optimizers.sgd import SGD as SGD
from tenfold.keras.optimizers.sgd import Adafactor as Adafactor
from tenfold.keras.optimizers.sgd import Lion as Lion

_BY_NAME = {
    cls.__name__.lower(): cls
    for cls in (Adadelta, Adafactor, Adagrad, Adam, Adamax, AdamW, Ftrl, Lamb, Lion, LossScaleOptimizer, Nadam, RMSprop, SGD)
}
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


def get(identifier: Any) -> Optimizer:
    """The optimizer that a name, in any case, a config or an optimizer means.

    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.optimizers.get("adam").name
      'adam'
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    if hasattr(identifier, "apply") and hasattr(identifier, "build"):
        return identifier
    raise ValueError(f"Could not interpret optimizer identifier: {identifier}")
