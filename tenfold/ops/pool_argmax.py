"""Max pooling that also says where the largest elements are."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import REAL
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.ops import creation
from tenfold.ops.extremes import lowest
from tenfold.ops.pool_kernels import chosen, fold, plan
from tenfold.ops.windows import padded, per_axis

_INDICES = NotDifferentiable("the result depends on indices alone")


def _pool_kernel(input, *, ksize, strides, padding, Targmax=dtypes.int64, include_batch_in_index=False):  # noqa: N803
    w = plan(input.shape, ksize, strides, padding, (), "NHWC", 2)
    _, height, width, channels = input.shape
    x = padded(input, w.pads, lowest(input.dtype))
    y = np.empty((x.shape[0], *w.out, channels), x.dtype)
    fold(np.maximum, x, w, y)
    rows = np.arange(w.out[0])[:, None, None] * w.strides[0] - w.pads[0][0]
    columns = np.arange(w.out[1])[:, None] * w.strides[1] - w.pads[1][0]
    where = np.zeros(y.shape, np.int64)
    for (i, j), mask in chosen(x, y, w):
        np.add(where, ((rows + i) * width + columns + j) * channels, out=where, where=mask)
    where += np.arange(channels)
    if include_batch_in_index:
        where += np.arange(x.shape[0])[:, None, None, None] * (height * width * channels)
    return y, where.astype(Targmax._np, copy=False)


def _flat(input: np.ndarray, argmax: np.ndarray, include_batch_in_index: bool) -> np.ndarray:
    """The indices into the flattened input."""
    if include_batch_in_index or not input.size:
        return argmax
    return argmax + (np.arange(input.shape[0]) * (input.size // input.shape[0]))[:, None, None, None]


def _grad_kernel(input, grad, argmax, *, ksize, strides, padding, include_batch_in_index=False):
    dx = np.zeros(input.size, grad.dtype)
    np.add.at(dx, _flat(input, argmax, include_batch_in_index).reshape(-1), grad.reshape(-1))
    return dx.reshape(input.shape)


def _grad_grad_kernel(input, grad, argmax, *, ksize, strides, padding, include_batch_in_index=False):
    return grad.reshape(-1)[_flat(input, argmax, include_batch_in_index)]


def _shared(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attrs.items() if name != "Targmax"}


MAX_POOL_WITH_ARGMAX = register(
    Op(
        "MaxPoolWithArgmax",
        _pool_kernel,
        types=REAL,
        outputs=("output", "argmax"),
        vjp=lambda dys, input, outs, attrs: MAX_POOL_GRAD_WITH_ARGMAX(input, dys[0], outs[1], **_shared(attrs)),
    )
)
MAX_POOL_GRAD_WITH_ARGMAX: Op = register(
    Op(
        "MaxPoolGradWithArgmax",
        _grad_kernel,
        types=REAL,
        vjp=(
            lambda dy, input_shape: creation.zeros(input_shape, dy.dtype),
            lambda dy, input, argmax, attrs: MAX_POOL_GRAD_GRAD_WITH_ARGMAX(input, dy, argmax, **attrs),
            None,
        ),
    )
)
MAX_POOL_GRAD_GRAD_WITH_ARGMAX: Op = register(
    Op(
        "MaxPoolGradGradWithArgmax",
        _grad_grad_kernel,
        types=REAL,
        vjp=(
            lambda dy, input_shape: creation.zeros(input_shape, dy.dtype),
            lambda dy, input, argmax, attrs: MAX_POOL_GRAD_WITH_ARGMAX(input, dy, argmax, **attrs),
            None,
        ),
    )
)


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    output_dtype: Any = dtypes.int64,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> Any:
    """The largest element of each window, and its index: `(row * width + column) * channels + channel`.

    Args:
      input: Tensor, shape `(batch, height, width, channels)`.
      ksize: size of the window: int, or one for each spatial axis, or one for each axis.
      strides: how far it moves, given like `ksize`.
      padding: "VALID" or "SAME".
      data_format: "NHWC".
      output_dtype: int32 or int64, of the indices.
      include_batch_in_index: whether indices count through the whole batch and not through each image.
    Returns:
      A named tuple of two Tensors, `output` and `argmax`; of equal elements the first one counts.
    Raises:
      ValueError: `data_format` is another one.
      tf.errors.InvalidArgumentError: the window does not fit.
    Example:
      >>> x = tf.reshape(tf.constant([1.0, 5.0, 2.0, 3.0]), (1, 2, 2, 1))
      >>> output, argmax = tf.nn.max_pool_with_argmax(x, 2, 2, "VALID")
      >>> output.numpy().item(), argmax.numpy().item()
      (5.0, 1)
    """
    if data_format != "NHWC":
        raise ValueError(f"tf.nn.max_pool_with_argmax: data_format is {data_format!r}; it must be 'NHWC'.")
    x = convert(input)
    MAX_POOL_WITH_ARGMAX.require(x._array)
    return MAX_POOL_WITH_ARGMAX(
        x,
        ksize=per_axis(ksize, 2, "NHWC", "ksize"),
        strides=per_axis(strides, 2, "NHWC", "strides"),
        padding=padding,
        Targmax=dtypes.as_dtype(output_dtype),
        include_batch_in_index=include_batch_in_index,
    )
