"""Products, choices and norms."""

from __future__ import annotations

import builtins
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.backend.values import learning_phase
from tenfold.keras.config import epsilon as epsilon
from tenfold.keras.config import floatx as floatx
from tenfold.keras.config import image_data_format as image_data_format
from tenfold.keras.config import set_epsilon as set_epsilon
from tenfold.keras.config import set_floatx as set_floatx
from tenfold.keras.config import set_image_data_format as set_image_data_format
from tenfold.keras.config import standardize_data_format
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype


def clip(x: Any, min_value: Any, max_value: Any) -> Tensor:
    return tf.clip_by_value(x, min_value, max_value)


def sqrt(x: Any) -> Tensor:
    """The root, zero for negative numbers."""
    return tf.sqrt(tf.maximum(convert(x), 0.0))


def dot(x: Any, y: Any) -> Tensor:
    """The product over the last axis of `x` and the last but one of `y`."""
    x, y = convert(x), convert(y)
    return tf.matmul(x, y) if x.ndim == 2 and y.ndim == 2 else tf.tensordot(x, y, [[-1], [builtins.max(y.ndim - 2, 0)]])


def batch_dot(x: Any, y: Any, axes: Any = None) -> Tensor:
    """The product over an axis of each, for every example."""
    from tenfold.keras.layers import Dot

    x, y = convert(x), convert(y)
    if axes is None:
        axes = (x.ndim - 1, y.ndim - 2 if y.ndim > 2 else y.ndim - 1)
    return Dot(list(axes) if isinstance(axes, (list, tuple)) else axes)([x, y])


def l2_normalize(x: Any, axis: Any = None) -> Tensor:
    return tf.nn.l2_normalize(x, axis)


def bias_add(x: Any, bias: Any, data_format: Any = None) -> Tensor:
    return tf.nn.bias_add(x, bias, "NC..." if standardize_data_format(data_format) == "channels_first" else "N...C")


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two values or of what two functions return."""
    condition = convert(condition)
    if condition.ndim == 0:
        chosen = then_expression if bool(condition) else else_expression
        return chosen() if callable(chosen) else chosen
    a = then_expression() if callable(then_expression) else then_expression
    b = else_expression() if callable(else_expression) else else_expression
    return tf.where(condition, a, b)


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    return in_train_phase(alt, x, training)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`x` when training, else `alt`; functions are called."""
    chosen = x if (learning_phase() if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def in_top_k(predictions: Any, targets: Any, k: int) -> Tensor:
    return tf.math.in_top_k(targets, predictions, k)
