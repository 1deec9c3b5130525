"""`tf.keras.mixed_precision`."""

import importlib
from typing import Any

from tenfold.keras.dtype_policies import DTypePolicy as DTypePolicy
from tenfold.keras.dtype_policies import dtype_policy as dtype_policy
from tenfold.keras.dtype_policies import set_dtype_policy as set_dtype_policy
from tenfold.keras.notes import note_once
from tenfold.keras.optimizers.loss_scale import LossScaleOptimizer as LossScaleOptimizer

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy


def __getattr__(name: str) -> Any:
    if name != "experimental":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    note_once("`tf.keras.mixed_precision.experimental.set_policy` is `tf.keras.mixed_precision.set_global_policy` now.")
    return importlib.import_module("tenfold.keras.mixed_precision_experimental")
