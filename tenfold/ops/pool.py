"""Pooling: the largest element or the mean of each window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING, REAL
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, row_rules, static
from tenfold.ops.conv import height_axis, through_height, with_height, word
from tenfold.ops.large import first_larger_than, when_large
from tenfold.ops.pool_kernels import average, average_grad, largest, largest_grad, largest_grad_grad
from tenfold.ops.pool_lowering import Pooling
from tenfold.ops.windows import (
    is_channels_first,
    per_axis,
    raw_padding,
)

_IS_LARGE = first_larger_than(1 << 16)  # elements: 40 us for NumPy
_MAX_TYPES = REAL - {dtypes.uint32, dtypes.uint64}

# The ops.


def _zeros(shape: tuple[int, ...], like: Tensor) -> Tensor:
    return creation.zeros(shape, like.dtype)


def _max_family(names: tuple[str, str, str], kernels: tuple, types: Any, pooling: Pooling) -> Op:
    """Registers max pooling, its gradient and the gradient of that, which is linear like the first."""
    pool = Op(
        names[0],
        kernels[0],
        types=types,
        vjp=lambda dy, input, out, attrs: grad(input, out, dy, **attrs),
        infer=pooling.infer,
        lower=pooling.lower_max,
        rows=row_rules.leading,
    )

    def constant(dy, orig_input_shape):
        return _zeros(orig_input_shape, dy)

    def constant_output(dy, orig_output_shape):
        return _zeros(orig_output_shape, dy)

    grad = Op(
        names[1],
        kernels[1],
        types=REAL,
        vjp=(
            constant,
            constant_output,
            lambda dy, orig_input, orig_output, attrs: grad_grad(orig_input, orig_output, dy, **attrs),
        ),
        infer=pooling.infer_max_gradient,
        lower=pooling.lower_max_gradient,
    )
    grad_grad = Op(
        names[2],
        kernels[2],
        types=REAL,
        vjp=(
            constant,
            constant_output,
            lambda dy, orig_input, orig_output, attrs: grad(orig_input, orig_output, dy, **attrs),
        ),
        infer=pooling.infer_max_second_gradient,
        lower=pooling.lower_max_second_gradient,
    )
    for op in (pool, grad, grad_grad):
        register(when_large(op, _IS_LARGE))
    return pool


# fmt: off
def _max_pool(input, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    return largest(input, ksize, strides, padding, explicit_paddings, data_format, 2)


def _max_pool_grad(orig_input, orig_output, grad, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    return largest_grad(orig_input, orig_output, grad, ksize, strides, padding, explicit_paddings, data_format, 2)


def _max_pool_grad_grad(orig_input, orig_output, grad, *, ksize, strides, padding, explicit_paddings=(),
                        data_format="NHWC"):
    return largest_grad_grad(orig_input, orig_output, grad, ksize, strides, padding, explicit_paddings, data_format, 2)


def _max_pool3d(input, *, ksize, strides, padding, data_format="NDHWC"):
    return largest(input, ksize, strides, padding, (), data_format, 3)


def _max_pool3d_grad(orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"):
    return largest_grad(orig_input, orig_output, grad, ksize, strides, padding, (), data_format, 3)


def _max_pool3d_grad_grad(orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"):
    return largest_grad_grad(orig_input, orig_output, grad, ksize, strides, padding, (), data_format, 3)


def _avg_pool(value, *, ksize, strides, padding, data_format="NHWC"):
    return average(value, ksize, strides, padding, data_format, 2)


def _avg_pool_grad(grad, *, orig_input_shape, ksize, strides, padding, data_format="NHWC"):
    return average_grad(grad, orig_input_shape, ksize, strides, padding, data_format, 2)


def _avg_pool3d(input, *, ksize, strides, padding, data_format="NDHWC"):
    return average(input, ksize, strides, padding, data_format, 3)


def _avg_pool3d_grad(grad, *, orig_input_shape, ksize, strides, padding, data_format="NDHWC"):
    return average_grad(grad, orig_input_shape, ksize, strides, padding, data_format, 3)
# fmt: on
_PLANE, _SPACE = Pooling(2), Pooling(3)
MAX_POOL = _max_family(
    ("MaxPool", "MaxPoolGrad", "MaxPoolGradGrad"),
    (_max_pool, _max_pool_grad, _max_pool_grad_grad),
    _MAX_TYPES,
    _PLANE,
)
MAX_POOL3D = _max_family(
    ("MaxPool3D", "MaxPool3DGrad", "MaxPool3DGradGrad"),
    (_max_pool3d, _max_pool3d_grad, _max_pool3d_grad_grad),
    FLOATING,
    _SPACE,
)


def _without_shape(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attrs.items() if name != "orig_input_shape"}


def _mean_family(
    names: tuple[str, str], kernels: tuple[Callable, Callable], vjp: Callable[..., Any], pooling: Pooling
) -> tuple[Op, Op]:
    """The means of windows and their gradient; `vjp` is the gradient rule of the first."""
    pool = Op(
        names[0],
        kernels[0],
        types=FLOATING,
        vjp=vjp,
        infer=pooling.infer,
        lower=pooling.lower_mean,
        rows=row_rules.leading,
    )
    grad = Op(
        names[1],
        kernels[1],
        types=FLOATING,
        host=("orig_input_shape",),
        vjp=lambda dy, attrs: pool(dy, **_without_shape(attrs)),
        infer=pooling.infer_mean_gradient,
        lower=pooling.lower_mean_gradient,
    )
    for op in (pool, grad):
        register(when_large(op, _IS_LARGE))
    return pool, grad


AVG_POOL, AVG_POOL_GRAD = _mean_family(
    ("AvgPool", "AvgPoolGrad"),
    (_avg_pool, _avg_pool_grad),
    lambda dy, value_shape, attrs: AVG_POOL_GRAD(dy, orig_input_shape=value_shape, **attrs),
    _PLANE,
)
AVG_POOL3D, AVG_POOL3D_GRAD = _mean_family(
    ("AvgPool3D", "AvgPool3DGrad"),
    (_avg_pool3d, _avg_pool3d_grad),
    lambda dy, input_shape, attrs: AVG_POOL3D_GRAD(dy, orig_input_shape=input_shape, **attrs),
    _SPACE,
)


# What users call.


def _spatial_rank(x: Tensor, what: str) -> int:
    rank = x._array.ndim - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"{what}: input has {rank + 2} axes; 3, 4 or 5 are expected.")
    return rank


def _along_one(
    op: Op, x: Tensor, ksize: Any, strides: Any, data_format: str | None, what: str, **padding: Any
) -> Tensor:
    """Pools along one spatial axis, as the width of images that are one high."""
    op.require(x._array)
    data_format = with_height(data_format, what)
    axis = height_axis(data_format)
    y = op(
        array_ops.expand_dims(x, axis),
        ksize=through_height(ksize, data_format, "ksize"),
        strides=through_height(strides, data_format, "strides"),
        data_format=data_format,
        **padding,
    )
    return array_ops.squeeze(y, (axis,))


def _along(rank: int, op: Op, x: Tensor, ksize: Any, strides: Any, data_format: str, **padding: Any) -> Tensor:
    """Pools along two or three spatial axes."""
    op.require(x._array)
    return op(
        x,
        ksize=per_axis(ksize, rank, data_format, "ksize"),
        strides=per_axis(strides, rank, data_format, "strides"),
        data_format=data_format,
        **padding,
    )


def max_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The largest element of each window, along as many spatial axes as `input` has: one, two or three.

    Args:
      input: Tensor, shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)` for a format that starts with "NC".
      ksize: size of the window: int, or one for each spatial axis, or one for each axis.
      strides: how far it moves, given like `ksize`.
      padding: "VALID", "SAME", or for one or two spatial axes a pair `(before, after)` for each axis.
      data_format: such as "NHWC" or "NCHW"; None has the channels last.
    Raises:
      ValueError: `input` has too few or too many axes.
      tf.errors.InvalidArgumentError: the window does not fit.
    Example:
      >>> x = tf.reshape(tf.range(16.0), (1, 4, 4, 1))
      >>> print(tf.nn.max_pool(x, 2, 2, "VALID").numpy()[0, :, :, 0])
      [[ 5.  7.]
       [13. 15.]]
    """
    x = convert(input)
    rank = _spatial_rank(x, "tf.nn.max_pool")
    if rank == 3 and type(padding) is not str:
        raise ValueError(
            f"tf.nn.max_pool: padding is {padding!r}; with three spatial axes it must be 'VALID' or 'SAME'."
        )
    return (max_pool1d, max_pool2d, max_pool3d)[rank - 1](x, ksize, strides, padding, data_format)


def max_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC", name: str | None = None
) -> Tensor:
    """`max_pool` along one spatial axis.

    Example:
      >>> print(tf.nn.max_pool1d(tf.reshape(tf.range(4.0), (1, 4, 1)), 2, 2, "VALID").numpy()[0, :, 0])
      [1. 3.]
    """
    what = "tf.nn.max_pool1d"
    padding, explicit = raw_padding(padding, 1, what)
    explicit = (0, 0, *explicit) if explicit else ()
    return _along_one(
        MAX_POOL, convert(input), ksize, strides, data_format, what, padding=padding, explicit_paddings=explicit
    )


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC", name: str | None = None
) -> Tensor:
    """`max_pool` along two spatial axes.

    Example:
      >>> tf.nn.max_pool2d(tf.ones((1, 5, 5, 3)), 3, 2, "SAME").shape
      TensorShape([1, 3, 3, 3])
    """
    padding, explicit = raw_padding(padding, 2, "tf.nn.max_pool2d")
    return _along(
        2, MAX_POOL, convert(input), ksize, strides, data_format or "NHWC", padding=padding, explicit_paddings=explicit
    )


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """`max_pool` along three spatial axes.

    Example:
      >>> tf.nn.max_pool3d(tf.ones((1, 4, 4, 4, 3)), 2, 2, "VALID").shape
      TensorShape([1, 2, 2, 2, 3])
    """
    padding = word(padding, "tf.nn.max_pool3d")
    return _along(3, MAX_POOL3D, convert(input), ksize, strides, data_format or "NDHWC", padding=padding)


def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The mean of each window, along as many spatial axes as `input` has; padding does not count.

    Args:
      input: Tensor, shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)` for a format that starts with "NC".
      ksize: size of the window: int, or one for each spatial axis, or one for each axis.
      strides: how far it moves, given like `ksize`.
      padding: "VALID" or "SAME".
      data_format: such as "NHWC" or "NCHW"; None has the channels last.
    Raises:
      ValueError: `input` has too few or too many axes.
      tf.errors.InvalidArgumentError: the window does not fit.
    Example:
      >>> x = tf.reshape(tf.range(9.0), (1, 3, 3, 1))
      >>> print(tf.nn.avg_pool(x, 2, 2, "SAME").numpy()[0, :, :, 0])
      [[2.  3.5]
       [6.5 8. ]]
    """
    x = convert(input)
    rank = _spatial_rank(x, "tf.nn.avg_pool")
    return (avg_pool1d, avg_pool2d, avg_pool3d)[rank - 1](x, ksize, strides, padding, data_format)


def avg_pool1d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NWC", name: str | None = None
) -> Tensor:
    """`avg_pool` along one spatial axis.

    Example:
      >>> print(tf.nn.avg_pool1d(tf.reshape(tf.range(4.0), (1, 4, 1)), 2, 2, "VALID").numpy()[0, :, 0])
      [0.5 2.5]
    """
    padding = word(padding, "tf.nn.avg_pool1d")
    return _along_one(AVG_POOL, convert(input), ksize, strides, data_format, "tf.nn.avg_pool1d", padding=padding)


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NHWC", name: str | None = None
) -> Tensor:
    """`avg_pool` along two spatial axes.

    Example:
      >>> tf.nn.avg_pool2d(tf.ones((1, 5, 5, 3)), 3, 2, "SAME").shape
      TensorShape([1, 3, 3, 3])
    """
    padding = word(padding, "tf.nn.avg_pool2d")
    return _along(2, AVG_POOL, convert(input), ksize, strides, data_format or "NHWC", padding=padding)


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """`avg_pool` along three spatial axes.

    Example:
      >>> tf.nn.avg_pool3d(tf.ones((1, 4, 4, 4, 3)), 2, 2, "VALID").shape
      TensorShape([1, 2, 2, 2, 3])
    """
    padding = word(padding, "tf.nn.avg_pool3d")
    return _along(3, AVG_POOL3D, convert(input), ksize, strides, data_format or "NDHWC", padding=padding)


_POOLS = {"MAX": max_pool, "AVG": avg_pool}


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: str = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Pools windows whose elements may be apart.

    Args:
      input: Tensor, shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)` for a format that starts with "NC".
      window_shape: one size for each spatial axis.
      pooling_type: "MAX" or "AVG".
      strides: one int for each spatial axis, ones by default; not larger than the window.
      padding: "VALID" or "SAME".
      data_format: such as "NHWC" or "NCHW"; None has the channels last.
      dilations: the distances of a window's elements, ones by default; only for strides of 1 and "VALID".
    Raises:
      ValueError: arguments do not fit together.
      tf.errors.InvalidArgumentError: the window does not fit.
    Example:
      >>> x = tf.reshape(tf.range(5.0), (1, 5, 1))
      >>> print(tf.nn.pool(x, [2], "MAX", dilations=[3]).numpy()[0, :, 0])
      [3. 4.]
    """
    x = convert(input)
    window = static.ints(window_shape, "tf.nn.pool")
    rank = len(window)
    if rank != _spatial_rank(x, "tf.nn.pool"):
        raise ValueError(f"tf.nn.pool: window_shape is {window}; input has {x._array.ndim - 2} spatial axes.")
    if pooling_type not in _POOLS:
        raise ValueError(f"tf.nn.pool: pooling_type is {pooling_type!r}; it must be 'MAX' or 'AVG'.")
    strides, rates = [(1,) * rank if v is None else static.ints(v, "tf.nn.pool") for v in (strides, dilations)]
    if len(strides) != rank or len(rates) != rank or min(*strides, *rates) < 1:
        raise ValueError(f"tf.nn.pool: strides {strides} and dilations {rates} must be {rank} positive ints.")
    if any(s > k for s, k in zip(strides, window, strict=True)):
        raise ValueError(f"tf.nn.pool: strides are {strides}; they must not be larger than the window, {window}.")
    run = _POOLS[pooling_type]
    if max(rates) == 1:
        return run(x, window, strides, padding, data_format)
    if padding != "VALID" or max(strides) > 1:
        raise ValueError(f"tf.nn.pool: padding is {padding!r}, strides are {strides}; dilations need 'VALID' and ones.")
    return _dilated(lambda x: run(x, window, strides, "VALID"), x, rates, data_format)


def _dilated(run: Any, x: Tensor, rates: tuple[int, ...], data_format: str | None) -> Tensor:
    """Runs a pooling with channels last on elements `rates` apart: those of one phase become an image of their own."""
    from tenfold.ops import blocks

    rank = len(rates)
    is_first = is_channels_first(data_format or "")
    if is_first:
        x = array_ops.transpose(x, (0, *range(2, rank + 2), 1))
    extra = [(0, -size % rate) for size, rate in zip(x._array.shape[1:-1], rates, strict=True)]
    y = blocks.batch_to_space(run(blocks.space_to_batch(x, rates, extra)), rates, extra)
    return array_ops.transpose(y, (0, rank + 1, *range(1, rank + 1))) if is_first else y
