"""Convolutions over one, two and three spatial axes, and their transposes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any

from tenfold.core import dtypes
from tenfold.core.dtypes import FLOATING, DType
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import join, row_rules
from tenfold.ops.conv_kernels import (
    Geometry,
    backprop_filter,
    backprop_input,
    convolve,
    infer_backprop_filter,
    infer_backprop_input,
    infer_convolve,
    lower_backprop_filter,
    lower_backprop_input,
    lower_convolve,
)
from tenfold.ops.large import when_large
from tenfold.ops.windows import is_channels_first, per_axis, raw_padding

_WITH_INT32 = FLOATING | {dtypes.int32}
_LARGE = 1 << 22  # products: 0.2 ms for NumPy


# The ops: all three are linear in both inputs, so that the gradients of each are the other two.


def bilinear_family(
    names: tuple[str, str, str],
    kernels: tuple[Callable, Callable, Callable],
    types: tuple[Iterable[DType], ...],
    rank: int,
    as_grouped: Callable[[Sequence[int], Sequence[int], str], tuple[int, ...]] | None = None,
) -> tuple[Op, Op, Op]:
    """Registers a convolution and the two ops that are its gradients.

    Args:
      names, kernels, types: of the three.
      rank: the number of spatial axes.
      as_grouped: where filters have a shape of their own, makes of it that of a convolution's; from the shape of the input and the
        format.
    """
    ones = (1,) * (rank + 2)

    def geometry(
        strides, padding, explicit_paddings=(), data_format=_FORMATS[rank], dilations=ones, use_cudnn_on_gpu=True
    ):
        return Geometry(strides, padding, explicit_paddings, data_format, dilations, rank)

    def filter_shape(shape: Sequence[int], input_shape: Sequence[int], of: Geometry) -> tuple[int, ...]:
        return as_grouped(shape, input_shape, of.data_format) if as_grouped else tuple(shape)

    def infer(input, filter, **attrs):
        of = geometry(**attrs)
        filter = Spec(filter.dtype, filter_shape(filter.shape, input.shape, of))
        return infer_convolve(input, filter, of)

    def infer_to_input(filter, out_backprop, *, input_sizes, **attrs):
        of = geometry(**attrs)
        filter = Spec(filter.dtype, filter_shape(filter.shape, input_sizes, of))
        return infer_backprop_input(filter, out_backprop, input_sizes, of)

    def infer_to_filter(input, out_backprop, *, filter_sizes, **attrs):
        of = geometry(**attrs)
        infer_backprop_filter(input, out_backprop, filter_shape(filter_sizes, input.shape, of), of)
        return Spec(input.dtype, tuple(filter_sizes))

    def lower(b, input, filter, **attrs):
        of = geometry(**attrs)
        return lower_convolve(b, input, b.reshape(filter, filter_shape(filter.shape, input.shape, of)), of)

    def lower_to_input(b, filter, out_backprop, *, input_sizes, **attrs):
        of = geometry(**attrs)
        grouped = b.reshape(filter, filter_shape(filter.shape, input_sizes, of))
        return lower_backprop_input(b, grouped, out_backprop, input_sizes, of)

    def lower_to_filter(b, input, out_backprop, *, filter_sizes, **attrs):
        of = geometry(**attrs)
        df = lower_backprop_filter(b, input, out_backprop, filter_shape(filter_sizes, input.shape, of), of)
        return b.reshape(df, filter_sizes)

    def without_sizes(attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in attrs.items() if name not in ("input_sizes", "filter_sizes")}

    conv = Op(
        names[0],
        kernels[0],
        types=types[0],
        vjp=(
            lambda dy, input_shape, filter, attrs: to_input(filter, dy, input_sizes=input_shape, **attrs),
            lambda dy, input, filter_shape, attrs: to_filter(input, dy, filter_sizes=filter_shape, **attrs),
        ),
        infer=infer,
        lower=lower,
        rows=row_rules.leading,
    )
    to_input = Op(
        names[1],
        kernels[1],
        types=types[1],
        host=("input_sizes",),
        vjp=(
            lambda dy, filter_shape, out_backprop, attrs: to_filter(
                dy, out_backprop, filter_sizes=filter_shape, **without_sizes(attrs)
            ),
            lambda dy, filter, attrs: conv(dy, filter, **without_sizes(attrs)),
        ),
        infer=infer_to_input,
        lower=lower_to_input,
    )
    to_filter = Op(
        names[2],
        kernels[2],
        types=types[2],
        host=("filter_sizes",),
        vjp=(
            lambda dy, input_shape, out_backprop, attrs: to_input(
                dy, out_backprop, input_sizes=input_shape, **without_sizes(attrs)
            ),
            lambda dy, input, attrs: conv(input, dy, **without_sizes(attrs)),
        ),
        infer=infer_to_filter,
        lower=lower_to_filter,
    )
    when_large(conv, lambda input, filter, **_: _is_large(input.size, filter.shape))
    when_large(to_input, lambda filter, out_backprop, **_: _is_large(out_backprop.size, filter.shape))
    when_large(to_filter, lambda input, out_backprop, *, filter_sizes, **_: _is_large(input.size, filter_sizes))
    return register(conv), register(to_input), register(to_filter)


def _is_large(size: int, filter_shape: Sequence[int]) -> bool:
    """Whether there are some millions of products."""
    return size * prod(filter_shape) > _LARGE * filter_shape[-2]


_FORMATS = {2: "NHWC", 3: "NDHWC"}
_UNIT = (1, 1, 1, 1, 1)


# fmt: off
def _conv2d(input, filter, *, strides, padding, use_cudnn_on_gpu=True, explicit_paddings=(), data_format="NHWC",
            dilations=_UNIT[:4]):
    return convolve(input, filter, Geometry(strides, padding, explicit_paddings, data_format, dilations, 2))


def _conv2d_backprop_input(filter, out_backprop, *, input_sizes, strides, padding, use_cudnn_on_gpu=True,
                           explicit_paddings=(), data_format="NHWC", dilations=_UNIT[:4]):
    geometry = Geometry(strides, padding, explicit_paddings, data_format, dilations, 2)
    return backprop_input(filter, out_backprop, input_sizes, geometry)


def _conv2d_backprop_filter(input, out_backprop, *, filter_sizes, strides, padding, use_cudnn_on_gpu=True,
                            explicit_paddings=(), data_format="NHWC", dilations=_UNIT[:4]):
    geometry = Geometry(strides, padding, explicit_paddings, data_format, dilations, 2)
    return backprop_filter(input, out_backprop, filter_sizes, geometry)


def _conv3d(input, filter, *, strides, padding, data_format="NDHWC", dilations=_UNIT):
    return convolve(input, filter, Geometry(strides, padding, (), data_format, dilations, 3))


def _conv3d_backprop_input(filter, out_backprop, *, input_sizes, strides, padding, data_format="NDHWC",
                           dilations=_UNIT):
    return backprop_input(filter, out_backprop, input_sizes, Geometry(strides, padding, (), data_format, dilations, 3))


def _conv3d_backprop_filter(input, out_backprop, *, filter_sizes, strides, padding, data_format="NDHWC",
                            dilations=_UNIT):
    geometry = Geometry(strides, padding, (), data_format, dilations, 3)
    return backprop_filter(input, out_backprop, filter_sizes, geometry)


# fmt: on
CONV2D, CONV2D_BACKPROP_INPUT, CONV2D_BACKPROP_FILTER = bilinear_family(
    ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"),
    (_conv2d, _conv2d_backprop_input, _conv2d_backprop_filter),
    (_WITH_INT32, _WITH_INT32, FLOATING),
    2,
)
CONV3D, CONV3D_BACKPROP_INPUT, CONV3D_BACKPROP_FILTER = bilinear_family(
    ("Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"),
    (_conv3d, _conv3d_backprop_input, _conv3d_backprop_filter),
    (FLOATING, FLOATING, FLOATING),
    3,
)


# What users call.


def over_batches(run: Callable[[Tensor], Tensor], x: Tensor, inner_rank: int) -> Tensor:
    """Runs a function of one batch axis and `inner_rank` others on a tensor with several batch axes."""
    shape = x._array.shape
    if len(shape) <= inner_rank + 1:
        return run(x)
    outer = shape[: len(shape) - inner_rank]
    y = run(array_ops.reshape(x, (prod(outer), *shape[len(outer) :])))
    return array_ops.reshape(y, outer + y._array.shape[1:])


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: str,
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along one spatial axis.

    Args:
      input: Tensor, shape `(..., width, channels)`, or `(..., channels, width)` for "NCW".
      filters: Tensor, shape `(filter_width, channels / groups, filters)`.
      stride: int.
      padding: "VALID" or "SAME".
      data_format: "NWC" or "NCW".
      dilations: int, the distance of the filter's taps.
    Raises:
      ValueError: `data_format` is another one.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> x, f = tf.reshape(tf.range(4.0), (1, 4, 1)), tf.ones((2, 1, 1))
      >>> print(tf.nn.conv1d(x, f, 1, "VALID").numpy()[0, :, 0])
      [1. 3. 5.]
    """
    x, f = join.matched((input, filters))
    data_format = with_height(data_format, "tf.nn.conv1d")
    axis = height_axis(data_format)
    attrs = {
        "strides": through_height(stride, data_format, "stride"),
        "padding": word(padding, "tf.nn.conv1d"),
        "data_format": data_format,
        "dilations": through_height(dilations, data_format, "dilations"),
    }
    CONV2D.require(x._array, f._array)
    f = array_ops.expand_dims(f, 0)
    y = over_batches(lambda x: CONV2D(x, f, **attrs), array_ops.expand_dims(x, axis), 3)
    return array_ops.squeeze(y, (axis,))


def with_height(data_format: str | None, what: str) -> str:
    """The format of images that stands for one of sequences."""
    if data_format in (None, "NWC", "NHWC"):
        return "NHWC"
    if data_format in ("NCW", "NCHW"):
        return "NCHW"
    raise ValueError(f"{what}: data_format is {data_format!r}; it must be 'NWC' or 'NCW'.")


def height_axis(data_format: str) -> int:
    return -2 if is_channels_first(data_format) else -3


def through_height(value: Any, data_format: str, what: str) -> tuple[int, ...]:
    sizes = per_axis(value, 1, data_format, what)
    axis = 2 if is_channels_first(data_format) else 1
    return (*sizes[:axis], 1, *sizes[axis:])


def word(padding: Any, what: str) -> str:
    if type(padding) is not str:
        raise TypeError(f"{what}: padding is {padding!r}; 'VALID' or 'SAME' is expected. Pad the input with tf.pad.")
    return padding


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along two spatial axes.

    Args:
      input: Tensor, shape `(..., height, width, channels)`, or `(..., channels, height, width)` for "NCHW".
      filters: Tensor, shape `(filter_height, filter_width, channels / groups, filters)`.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID", "SAME", or a pair `(before, after)` for each of the four axes.
      data_format: "NHWC" or "NCHW".
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      ValueError: strides, dilations or padding have another number of entries.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> x, f = tf.ones((1, 3, 3, 1)), tf.ones((2, 2, 1, 1))
      >>> print(tf.nn.conv2d(x, f, 1, "SAME").numpy()[0, :, :, 0])
      [[4. 4. 2.]
       [4. 4. 2.]
       [2. 2. 1.]]
    """
    x, f = join.matched((input, filters))
    data_format = data_format or "NHWC"
    padding, explicit = raw_padding(padding, 2, "tf.nn.conv2d")
    attrs = {
        "strides": per_axis(strides, 2, data_format, "strides"),
        "padding": padding,
        "explicit_paddings": explicit,
        "data_format": data_format,
        "dilations": per_axis(dilations, 2, data_format, "dilations"),
    }
    CONV2D.require(x._array, f._array)
    return over_batches(lambda x: CONV2D(x, f, **attrs), x, 3)


def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: str,
    data_format: str | None = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along three spatial axes.

    Args:
      input: Tensor, shape `(..., depth, height, width, channels)`, or `(..., channels, depth, height, width)` for "NCDHW".
      filters: Tensor, shape `(filter_depth, filter_height, filter_width, channels / groups, filters)`.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID" or "SAME".
      data_format: "NDHWC" or "NCDHW".
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.conv3d(tf.ones((1, 4, 4, 4, 2)), tf.ones((2, 2, 2, 2, 5)), [1, 2, 2, 2, 1], "SAME").shape
      TensorShape([1, 2, 2, 2, 5])
    """
    x, f = join.matched((input, filters))
    data_format = data_format or "NDHWC"
    attrs = {
        "strides": per_axis(strides, 3, data_format, "strides"),
        "padding": word(padding, "tf.nn.conv3d"),
        "data_format": data_format,
        "dilations": per_axis(dilations, 3, data_format, "dilations"),
    }
    CONV3D.require(x._array, f._array)
    return over_batches(lambda x: CONV3D(x, f, **attrs), x, 4)


_CONVOLUTIONS = {1: conv1d, 2: conv2d, 3: conv3d}
_CHANNELS_FIRST = {1: "NCW", 2: "NCHW", 3: "NCDHW"}


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along as many spatial axes as `filters` has, one, two or three.

    Args:
      input: Tensor, shape `(..., *sizes, channels)`, or `(..., channels, *sizes)` for a format that starts with "NC".
      filters: Tensor, shape `(*filter_sizes, channels / groups, filters)`.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID" or "SAME"; with two spatial axes also pairs for all four axes.
      data_format: such as "NHWC" or "NCHW"; None has the channels last.
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      ValueError: there are no or more than three spatial axes.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.convolution(tf.ones((1, 5, 5, 2)), tf.ones((3, 3, 2, 4))).shape
      TensorShape([1, 3, 3, 4])
    """
    x, f = join.matched((input, filters))
    rank = f._array.ndim - 2
    if rank not in _CONVOLUTIONS:
        raise ValueError(f"tf.nn.convolution: filters has {rank} spatial axes; 1, 2 or 3 are supported.")
    return _CONVOLUTIONS[rank](x, f, strides, padding, data_format, dilations)


def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: Any, name: str | None = None) -> Tensor:
    """`conv2d` with taps `rate` apart.

    Raises:
      ValueError: `rate` is not positive.
    Example:
      >>> tf.nn.atrous_conv2d(tf.ones((1, 5, 5, 2)), tf.ones((3, 3, 2, 4)), 2, "VALID").shape
      TensorShape([1, 1, 1, 4])
    """
    rates = per_axis(rate, 2, "NHWC", "rate")
    if min(rates) < 1:
        raise ValueError(f"tf.nn.atrous_conv2d: rate is {rate}; it must be positive.")
    return conv2d(value, filters, 1, padding, "NHWC", rates)
