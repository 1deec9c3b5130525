"""`tf.keras.backend`: the functions that Keras code of old takes from its backend, in terms of TensorFlow's."""

from __future__ import annotations

import builtins
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
from tenfold.keras.losses import binary_crossentropy as _binary_crossentropy
from tenfold.keras.losses import categorical_crossentropy as _categorical_crossentropy
from tenfold.keras.losses import sparse_categorical_crossentropy as _sparse_categorical_crossentropy
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.notes import note_once
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype

abs = tf.abs
all = tf.reduce_all
any = tf.reduce_any
argmax = tf.argmax
argmin = tf.argmin
cos = tf.cos
cumprod = tf.math.cumprod
cumsum = tf.cumsum
equal = tf.equal
exp = tf.exp
eye = tf.eye
greater = tf.greater
greater_equal = tf.greater_equal
less = tf.less
less_equal = tf.less_equal
log = tf.math.log
logsumexp = tf.reduce_logsumexp
max = tf.reduce_max
maximum = tf.maximum
mean = tf.reduce_mean
min = tf.reduce_min
minimum = tf.minimum
name_scope = tf.name_scope
not_equal = tf.not_equal
ones_like = tf.ones_like
pow = tf.pow
prod = tf.reduce_prod
round = tf.round
shape = tf.shape
sigmoid = tf.sigmoid
sign = tf.sign
sin = tf.sin
softplus = tf.nn.softplus
softsign = tf.nn.softsign
square = tf.square
squeeze = tf.squeeze
stack = tf.stack
std = tf.math.reduce_std
stop_gradient = tf.stop_gradient
sum = tf.reduce_sum
tanh = tf.tanh
tile = tf.tile
transpose = tf.transpose
var = tf.math.reduce_variance
zeros_like = tf.zeros_like


def backend() -> str:
    """`"tensorflow"`: whose functions these are.

    Example:
      >>> tf.keras.backend.backend()
      'tensorflow'
    """
    return "tensorflow"


# Values


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


# Types and shapes


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


# Arithmetic


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


# Networks


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


# Random numbers


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


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Tensor:
    """`-log` of the probability that shares of classes, the blank last, spell labels, for each row.

    Args:
      y_true: labels, shape `(batch, labels)`.
      y_pred: shares of the classes, as softmax gives them, shape `(batch, time, classes)`.
      input_length: how many steps each row has, shape `(batch, 1)`.
      label_length: how many labels each row has, at least one, shape `(batch, 1)`.
    Returns:
      Tensor of shape `(batch, 1)`.
    Raises:
      tf.errors.InvalidArgumentError: a row has no label, or more labels than steps.
    Example:
      >>> print(tf.keras.backend.ctc_batch_cost([[0]], [[[0.5, 0.5], [0.5, 0.5]]], [[2]], [[1]]).numpy().round(4))
      [[0.2877]]
    """
    frames = tf.cast(tf.squeeze(convert(input_length), -1), tf.int32)
    labels = ctc_label_dense_to_sparse(y_true, tf.cast(tf.squeeze(convert(label_length), -1), tf.int32))
    logits = tf.math.log(tf.transpose(y_pred, (1, 0, 2)) + epsilon())
    values = tf.cast(labels.values, tf.int32)
    return tf.raw_ops.CTCLoss(
        inputs=logits, labels_indices=labels.indices, labels_values=values, sequence_length=frames
    ).loss[:, None]


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> tf.SparseTensor:
    """The labels `(batch, labels)` of rows of such lengths, as a SparseTensor.

    Example:
      >>> print(tf.keras.backend.ctc_label_dense_to_sparse([[5, 6], [7, 0]], [2, 1]).values.numpy())
      [5 6 7]
    """
    labels = convert(labels)
    indices = tf.where(tf.sequence_mask(label_lengths, tf.shape(labels)[1]))
    return tf.SparseTensor(indices, tf.gather_nd(labels, indices), tf.shape(labels, tf.int64))


def ctc_decode(
    y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[Tensor], Tensor]:
    """The labels that shares of classes `(batch, time, classes)`, the blank last, spell.

    Args:
      y_pred: shares of the classes, as softmax gives them.
      input_length: how many steps each row has, shape `(batch,)`.
      greedy: whether the best class of each step is taken; else the likeliest sequences are searched for, of which equal
        neighbours become one, as in Keras.
      beam_width: how many beginnings the search keeps.
      top_paths: how many sequences the search returns.
    Returns:
      List of labels, shape `(batch, time)`, with -1 behind them; and scores as of `tf.nn.ctc_greedy_decoder` and
      `tf.nn.ctc_beam_search_decoder`.
    Example:
      >>> labels, _ = tf.keras.backend.ctc_decode([[[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]]], [3])
      >>> print(labels[0].numpy().tolist())
      [[0, -1, -1]]
    """
    logits = tf.math.log(tf.transpose(y_pred, (1, 0, 2)) + epsilon())
    lengths = tf.cast(convert(input_length), tf.int32)
    if greedy:
        decoded, scores = tf.nn.ctc_greedy_decoder(logits, lengths)
    else:
        found = tf.raw_ops.CTCBeamSearchDecoder(
            inputs=logits, sequence_length=lengths, beam_width=beam_width, top_paths=top_paths
        )
        decoded = [tf.SparseTensor(*parts) for parts in zip(*found[:3], strict=True)]
        scores = found.log_probability
    shape = tf.cast(tf.shape(logits)[1::-1], tf.int64)
    return [tf.sparse.to_dense(tf.SparseTensor(s.indices, s.values, shape), -1) for s in decoded], scores


def map_fn(fn: Any, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """A function of each element along the first axis, stacked; `dtype` is that of its results, if another one.

    Example:
      >>> print(tf.keras.backend.map_fn(lambda x: x * x, tf.constant([1, 2, 3])).numpy())
      [1 4 9]
    """
    return tf.map_fn(fn, elems, fn_output_signature=dtype, name=name)


def foldl(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """`fn(so far, element)` along the first axis, from its start; the first element is what it begins with by default.

    Example:
      >>> print(tf.keras.backend.foldl(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])).numpy())
      123
    """
    return tf.foldl(fn, elems, initializer, name=name)


def foldr(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """`foldl` from the end.

    Example:
      >>> print(tf.keras.backend.foldr(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])).numpy())
      321
    """
    return tf.foldr(fn, elems, initializer, name=name)
