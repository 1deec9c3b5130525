"""Variables of SavedModels, before they have their values."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import DType
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import wrap
from tenfold.core.variable import Variable, VariableAggregation, VariableSynchronization


def empty_variable(dtype: DType, shape: Any, message: Any, name: str = "") -> Variable:
    """A variable of zeros that take no memory, or of empty strings.

    Args:
      dtype, shape: of the values that it may have.
      message: a SavedVariable or VariableDef, which says the rest.
      name: in place of that in the message.
    """
    sizes = [0 if size is None else size for size in shape or ()]
    zero = np.array(b"", object) if dtype.name == "string" else np.zeros((), dtype._np)
    return Variable(
        wrap(np.broadcast_to(zero, sizes)),
        trainable=message.trainable,
        name=name or message.name or None,
        shape=TensorShape(shape),
        synchronization=VariableSynchronization(message.synchronization),
        aggregation=VariableAggregation(message.aggregation),
    )
