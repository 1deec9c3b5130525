"""Dtypes and shapes of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable as CoreVariable
from tenfold.keras.config import epsilon as epsilon
from tenfold.keras.config import floatx as floatx
from tenfold.keras.config import image_data_format as image_data_format
from tenfold.keras.config import set_epsilon as set_epsilon
from tenfold.keras.config import set_floatx as set_floatx
from tenfold.keras.config import set_image_data_format as set_image_data_format
from tenfold.keras.config import standardize_data_format
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype


def cast(x: Any, dtype: Any) -> Tensor:
    return tf.cast(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """`x` in the default float type."""
    return tf.cast(x, floatx()) if isinstance(x, (Tensor, CoreVariable)) else np.asarray(x, dtype=floatx())


def dtype(x: Any) -> str:
    return standardize_dtype(x.dtype)


def ndim(x: Any) -> int:
    return len(x.shape)


def int_shape(x: Any) -> tuple | None:
    """The static shape as a tuple."""
    return tuple(x.shape) if hasattr(x, "shape") else None


def count_params(x: Any) -> int:
    """The number of elements."""
    return int(np.prod(tuple(x.shape)))


def is_float_dtype(dtype: Any) -> bool:
    return tf.as_dtype(standardize_dtype(dtype)).is_floating


def is_int_dtype(dtype: Any) -> bool:
    return tf.as_dtype(standardize_dtype(dtype)).is_integer


def is_sparse(tensor: Any) -> bool:
    return False


def to_dense(tensor: Any) -> Any:
    return tensor


def is_tensor(x: Any) -> bool:
    return isinstance(x, (Tensor, KerasTensor, CoreVariable))


def reshape(x: Any, shape: Any) -> Tensor:
    return tf.reshape(x, shape)


def flatten(x: Any) -> Tensor:
    return tf.reshape(x, [-1])


def batch_flatten(x: Any) -> Tensor:
    x = convert(x)
    return tf.reshape(x, [-1, int(np.prod(x.shape[1:].as_list()))])


def expand_dims(x: Any, axis: int = -1) -> Tensor:
    return tf.expand_dims(x, axis)


def permute_dimensions(x: Any, pattern: Any) -> Tensor:
    return tf.transpose(x, pattern)


def concatenate(tensors: Any, axis: int = -1) -> Tensor:
    return tf.concat(tensors, axis)


def repeat(x: Any, n: int) -> Tensor:
    """`(batch, features)` as `(batch, n, features)`."""
    return tf.repeat(tf.expand_dims(x, 1), n, axis=1)


def repeat_elements(x: Any, rep: int, axis: int) -> Tensor:
    return tf.repeat(x, rep, axis=axis)


def arange(start: Any, stop: Any = None, step: int = 1, dtype: Any = "int32") -> Tensor:
    return tf.cast(tf.range(start) if stop is None else tf.range(start, stop, step), dtype)


def gather(reference: Any, indices: Any) -> Tensor:
    return tf.gather(reference, indices)


def one_hot(indices: Any, num_classes: int) -> Tensor:
    return tf.one_hot(indices, num_classes)


def reverse(x: Any, axes: Any) -> Tensor:
    return tf.reverse(x, [axes] if isinstance(axes, int) else axes)


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Tensor:
    return tf.pad(x, [[0, 0], list(padding), [0, 0]])


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Tensor:
    space = [list(p) for p in padding]
    is_first = standardize_data_format(data_format) == "channels_first"
    return tf.pad(x, [[0, 0], [0, 0], *space] if is_first else [[0, 0], *space, [0, 0]])


spatial_3d_padding = spatial_2d_padding
