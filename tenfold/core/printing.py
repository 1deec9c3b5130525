"""TensorFlow's text for tensors and variables."""

import numpy as np

from tenfold.core.dtypes import DType, integers
from tenfold.core.shapes import TensorShape


def _own_line(text: str) -> str:
    """Text of several lines begins on a new one, so that its columns stay aligned."""
    return "\n" + text if "\n" in text else text


def _value_repr(array: np.ndarray) -> str:
    array = integers(array)
    return _own_line(repr(array) if array.ndim else repr(array.item()))


def format_tensor_repr(array: np.ndarray, dtype: DType) -> str:
    """The `repr` of a tensor: `<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>`."""
    return f"<tf.Tensor: shape={array.shape}, dtype={dtype.name}, numpy={_value_repr(array)}>"


def format_tensor_str(array: np.ndarray, dtype: DType) -> str:
    """The `str` of a tensor: `tf.Tensor([1. 2.], shape=(2,), dtype=float32)`."""
    return f"tf.Tensor({_own_line(str(integers(array)))}, shape={array.shape}, dtype={dtype.name})"


def format_variable_repr(array: np.ndarray, dtype: DType, name: str, shape: TensorShape) -> str:
    """`repr` and `str` of a variable: `<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=1.0>`."""
    return f"<tf.Variable '{name}' shape={shape} dtype={dtype.name}, numpy={_value_repr(array)}>"
