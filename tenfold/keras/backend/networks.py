"""What layers are made of, and losses element by element."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.backend.shapes import temporal_padding
from tenfold.keras.config import epsilon as epsilon
from tenfold.keras.config import floatx as floatx
from tenfold.keras.config import image_data_format as image_data_format
from tenfold.keras.config import set_epsilon as set_epsilon
from tenfold.keras.config import set_floatx as set_floatx
from tenfold.keras.config import set_image_data_format as set_image_data_format
from tenfold.keras.config import standardize_data_format
from tenfold.keras.losses import binary_crossentropy as _binary_crossentropy
from tenfold.keras.losses import categorical_crossentropy as _categorical_crossentropy
from tenfold.keras.losses import sparse_categorical_crossentropy as _sparse_categorical_crossentropy
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    return tf.keras.activations.relu(x, alpha, max_value, threshold)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    return tf.keras.activations.elu(x, alpha)


def softmax(x: Any, axis: int = -1) -> Tensor:
    return tf.nn.softmax(x, axis)


def hard_sigmoid(x: Any) -> Tensor:
    """`min(max(0.2 * x + 0.5, 0), 1)`, Keras 2's form."""
    return tf.clip_by_value(0.2 * convert(x) + 0.5, 0.0, 1.0)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Tensor:
    return tf.nn.dropout(x, rate=level, noise_shape=noise_shape, seed=seed)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """Cross-entropy element by element."""
    target, output = tf.expand_dims(target, -1), tf.expand_dims(output, -1)
    return _binary_crossentropy(target, output, from_logits)


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    return _categorical_crossentropy(target, output, from_logits, axis=axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1, ignore_class: int | None = None
) -> Tensor:
    return _sparse_categorical_crossentropy(target, output, from_logits, ignore_class, axis)


def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> Tensor:
    return tf.nn.batch_normalization(x, mean, var, beta, gamma, epsilon)


def _layout(rank: int, data_format: Any) -> str:
    from tenfold.keras.layers.convolution import layout

    return layout(rank, standardize_data_format(data_format))


def _convolution(
    rank: int, x: Any, kernel: Any, strides: Any, padding: str, data_format: Any, dilation_rate: Any
) -> Tensor:
    return tf.nn.convolution(
        x, kernel, strides, padding.upper(), data_format=_layout(rank, data_format), dilations=dilation_rate
    )


def conv1d(
    x: Any, kernel: Any, strides: int = 1, padding: str = "valid", data_format: Any = None, dilation_rate: int = 1
) -> Tensor:
    if padding == "causal":
        x = temporal_padding(x, (dilation_rate * (int(kernel.shape[0]) - 1), 0))
        padding = "valid"
    return _convolution(1, x, kernel, [strides], padding, data_format, [dilation_rate])


def conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Tensor:
    return _convolution(2, x, kernel, list(strides), padding, data_format, list(dilation_rate))


def conv3d(
    x: Any, kernel: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = (1, 1, 1),
) -> Tensor:  # fmt: skip
    return _convolution(3, x, kernel, list(strides), padding, data_format, list(dilation_rate))


def conv2d_transpose(
    x: Any, kernel: Any, output_shape: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Tensor:  # fmt: skip
    return tf.nn.conv_transpose(
        x, kernel, output_shape, list(strides), padding.upper(), _layout(2, data_format), list(dilation_rate)
    )


def depthwise_conv2d(
    x: Any, depthwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Tensor:  # fmt: skip
    words = _layout(2, data_format)
    steps = [1, 1, *strides] if words == "NCHW" else [1, *strides, 1]
    return tf.nn.depthwise_conv2d(x, depthwise_kernel, steps, padding.upper(), words, list(dilation_rate))


def separable_conv2d(
    x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: Any = None, dilation_rate: Any = (1, 1),
) -> Tensor:  # fmt: skip
    x = depthwise_conv2d(x, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv2d(x, pointwise_kernel, (1, 1), "valid", data_format)


def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    pool_mode: str = "max",
) -> Tensor:
    return tf.nn.pool(x, pool_size, pool_mode.upper(), strides, padding.upper(), _layout(2, data_format))


def pool3d(
    x: Any, pool_size: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: Any = None,
    pool_mode: str = "max",
) -> Tensor:  # fmt: skip
    return tf.nn.pool(x, pool_size, pool_mode.upper(), strides, padding.upper(), _layout(3, data_format))


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: Any = None, interpolation: str = "nearest"
) -> Tensor:
    from tenfold.keras.layers import UpSampling2D

    return UpSampling2D((height_factor, width_factor), data_format, interpolation)(x)


def resize_volumes(x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: Any = None) -> Tensor:
    from tenfold.keras.layers import UpSampling3D

    return UpSampling3D((depth_factor, height_factor, width_factor), data_format)(x)
