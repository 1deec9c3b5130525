"""Tensors and variables of random numbers."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.tensor import Tensor
from tenfold.keras.backend.values import variable
from tenfold.keras.config import epsilon as epsilon
from tenfold.keras.config import floatx as floatx
from tenfold.keras.config import image_data_format as image_data_format
from tenfold.keras.config import set_epsilon as set_epsilon
from tenfold.keras.config import set_floatx as set_floatx
from tenfold.keras.config import set_image_data_format as set_image_data_format
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    return tf.random.normal(shape, mean, stddev, dtype or floatx(), seed)


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    return tf.random.uniform(shape, minval, maxval, dtype or floatx(), seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    return tf.random.truncated_normal(shape, mean, stddev, dtype or floatx(), seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: int | None = None) -> Tensor:
    """Ones with probability `p`, else zeros."""
    return tf.cast(tf.random.uniform(shape, seed=seed) <= p, dtype or floatx())


random_binomial = random_bernoulli


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: str | None = None, seed: int | None = None
) -> Any:
    return variable(random_normal(shape, mean, scale, dtype, seed), dtype, name)


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: str | None = None, seed: int | None = None
) -> Any:
    return variable(random_uniform(shape, low, high, dtype, seed), dtype, name)
