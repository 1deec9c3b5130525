"""Values of variables and of graphs that are called."""

from __future__ import annotations

from typing import Any

import numpy as np

import tenfold as tf
from tenfold.core.tensor import Tensor
from tenfold.keras.config import epsilon as epsilon
from tenfold.keras.config import floatx as floatx
from tenfold.keras.config import image_data_format as image_data_format
from tenfold.keras.config import set_epsilon as set_epsilon
from tenfold.keras.config import set_floatx as set_floatx
from tenfold.keras.config import set_image_data_format as set_image_data_format
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.notes import note_once
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """A variable with this value."""
    return tf.Variable(value, dtype=dtype or floatx(), name=name, constraint=constraint)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    return tf.constant(value, dtype or floatx(), shape)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros."""
    return variable(np.zeros(shape), dtype, name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones."""
    return variable(np.ones(shape), dtype, name)


def get_value(x: Any) -> Any:
    """The value of a variable or tensor as an array."""
    return x.numpy() if hasattr(x, "numpy") else x


eval = get_value


def set_value(x: Any, value: Any) -> None:
    """Assigns to a variable."""
    x.assign(np.asarray(value, x.dtype.as_numpy_dtype if hasattr(x.dtype, "as_numpy_dtype") else x.dtype))


def batch_get_value(tensors: Any) -> list:
    return [get_value(x) for x in tensors]


def batch_set_value(tuples: Any) -> None:
    for x, value in tuples:
        set_value(x, value)


def update(x: Any, new_x: Any) -> Any:
    return x.assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    return x.assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    return x.assign_sub(decrement)


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """`x = x * momentum + value * (1 - momentum)`."""
    return x.assign(x * momentum + value * (1.0 - momentum))


def gradients(loss: Any, variables: Any) -> Any:
    """`tf.gradients`, which works in functions that are traced."""
    return tf.gradients(loss, variables)


def learning_phase() -> int:
    """Whether the layer in progress is training: 1 or 0."""
    from tenfold.keras.layers.call_context import call_context

    note_once("`keras.backend.learning_phase` is the `training` argument of calls now.")
    return int(bool(call_context.training))


def set_learning_phase(value: Any) -> None:
    """Sets whether layers train where nothing else says."""
    from tenfold.keras.layers.call_context import call_context

    note_once("`keras.backend.set_learning_phase` is the `training` argument of calls now.")
    if value not in (0, 1, True, False):
        raise ValueError("Expected learning phase to be 0 or 1.")
    call_context.training = bool(value)


def function(inputs: Any, outputs: Any, updates: Any = None, name: str | None = None, **kwargs: Any) -> Any:
    """A function from arrays to arrays, between KerasTensors of a functional model.

    Example:
      >>> x = tf.keras.Input((2,))
      >>> f = tf.keras.backend.function([x], [tf.keras.layers.ReLU()(x)])
      >>> print(f([np.array([[-1.0, 2.0]], np.float32)])[0])
      [[0. 2.]]
    """
    from tenfold.keras.models import Model

    inputs = list(inputs) if isinstance(inputs, (list, tuple)) else inputs
    if updates:
        raise ValueError("`updates` argument is not supported during eager execution. Leave it out.")
    model = Model(inputs, outputs)

    def run(arrays: Any) -> Any:
        arrays = arrays[0] if isinstance(arrays, (list, tuple)) and len(arrays) == 1 else arrays
        results = model(arrays)
        return tf.nest.map_structure(lambda t: t.numpy(), results)

    return run
