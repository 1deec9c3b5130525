"""Pooling: the largest element or the mean of each window."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING, REAL
from tenfold.core.errors import UnimplementedError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops.choose import keep
from tenfold.ops.conv import height_axis, through_height, with_height, word
from tenfold.ops.reduce import lowest
from tenfold.ops.windows import (
    CACHE_BYTES,
    Window,
    from_channels_last,
    is_channels_first,
    padded,
    per_axis,
    raw_padding,
    spatial_window,
    to_channels_last,
)

_MAX_TYPES = REAL - {dtypes.uint32, dtypes.uint64}
_UNIT = (1, 1, 1, 1, 1)

# The kernels, for any number of spatial axes and arrays with their channels last.


def plan(shape: tuple[int, ...], ksize, strides, padding, explicit, data_format, rank: int) -> Window:
    if len(shape) != rank + 2:
        raise ValueError(f"the input must have {rank + 2} axes, it has {len(shape)}")
    ksize = tuple(ksize)
    if len(ksize) != len(shape):
        raise ValueError(f"ksize {ksize} must have {rank + 2} entries")
    kernel = ksize[2:] if is_channels_first(data_format) else ksize[1:-1]
    if prod(kernel) != prod(ksize):
        raise UnimplementedError(f"ksize {ksize} must be 1 along the batch and channel axes.")
    return spatial_window(shape, kernel, tuple(strides), padding, tuple(explicit), data_format, (1,) * (rank + 2))


def _few_images(x: np.ndarray) -> Iterator[slice]:
    """Cuts the batch into parts that fit into the caches."""
    step = max(CACHE_BYTES // max(prod(x.shape[1:]) * x.itemsize, 1), 1)
    for i in range(0, x.shape[0], step):
        yield slice(i, i + step)


def _reach(w: Window, axis: int, tap: int) -> slice:
    """What a tap meets along one spatial axis."""
    stride = w.strides[axis]
    return slice(tap, tap + (w.out[axis] - 1) * stride + 1, stride) if w.out[axis] else slice(0, 0)


def fold(ufunc: np.ufunc, x: np.ndarray, w: Window, y: np.ndarray) -> None:
    """Folds the windows of a padded array axis by axis, which takes fewer steps than tap by tap, into `y`."""
    for axis, extent in enumerate(w.kernel):
        parts = [x[(slice(None),) * (axis + 1) + (_reach(w, axis, tap),)] for tap in range(extent)]
        x = parts[0]
        if extent > 1:
            x = ufunc(x, parts[1], out=y if axis == len(w.kernel) - 1 else None)
            for part in parts[2:]:
                ufunc(x, part, out=x)
    if x is not y:
        y[...] = x


def _taps(x: np.ndarray, w: Window) -> Iterator[np.ndarray]:
    """Of a padded array, the part that each tap of the window meets."""
    for tap in np.ndindex(*w.kernel):
        yield x[(slice(None), *[_reach(w, axis, t) for axis, t in enumerate(tap)])]


def _inner(w: Window, sizes: tuple[int, ...]) -> tuple[slice, ...]:
    """Where the input stands in the padded array."""
    return (slice(None), *[slice(before, before + size) for (before, _), size in zip(w.pads, sizes, strict=True)])


def _max(input, ksize, strides, padding, explicit, data_format, rank):
    w = plan(input.shape, ksize, strides, padding, explicit, data_format, rank)
    x = to_channels_last(input, data_format)
    y = np.empty((x.shape[0], *w.out, x.shape[-1]), x.dtype)
    for images in _few_images(x):
        fold(np.maximum, padded(x[images], w.pads, lowest(x.dtype)), w, y[images])
    return from_channels_last(y, data_format)


def chosen(
    x: np.ndarray, y: np.ndarray, w: Window, all_equal: bool = False
) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """For each tap a mask of the windows whose largest element it meets; of equal elements the first counts, or all."""
    left = np.ones(y.shape, bool)
    for tap, part in zip(np.ndindex(*w.kernel), _taps(x, w), strict=True):
        mask = np.equal(part, y)
        if not all_equal:
            mask &= left
            left ^= mask
        yield tap, mask


def _max_grad(x, y, dy, ksize, strides, padding, explicit, data_format, rank):
    w = plan(x.shape, ksize, strides, padding, explicit, data_format, rank)
    x, y, dy = [to_channels_last(a, data_format) for a in (x, y, dy)]
    _check_gradient(dy, y, x, w)
    dx = np.zeros(x.shape, dy.dtype)  # as TensorFlow, whose gradient in 3-D goes to each of several equal elements
    is_disjoint = all(k <= s for k, s in zip(w.kernel, w.strides, strict=True))
    for images in _few_images(x):
        x_padded = padded(x[images], w.pads, lowest(x.dtype))
        has_pads = x_padded.shape != dx[images].shape
        total = np.zeros(x_padded.shape, dy.dtype) if has_pads else dx[images]
        for part, (_, mask) in zip(_taps(total, w), chosen(x_padded, y[images], w, rank == 3), strict=True):
            if is_disjoint:
                keep(dy[images], mask, part)
            else:
                part += keep(dy[images], mask)
        if has_pads:
            dx[images] = total[_inner(w, x.shape[1:-1])]
    return from_channels_last(dx, data_format)


def _max_grad_grad(x, y, ddx, ksize, strides, padding, explicit, data_format, rank):
    """Takes from `ddx`, which is like the input, what stands where the largest elements do."""
    w = plan(x.shape, ksize, strides, padding, explicit, data_format, rank)
    x, y, ddx = [to_channels_last(a, data_format) for a in (x, y, ddx)]
    _check_gradient(ddx, x, x, w)
    out = np.zeros(y.shape, ddx.dtype)
    for images in _few_images(x):
        x_padded = padded(x[images], w.pads, lowest(x.dtype))
        for part, (_, mask) in zip(_taps(padded(ddx[images], w.pads), w), chosen(x_padded, y[images], w), strict=True):
            out[images] += keep(part, mask)
    return from_channels_last(out, data_format)


def _check_gradient(dy: np.ndarray, like: np.ndarray, x: np.ndarray, w: Window) -> None:
    if dy.shape != like.shape:
        raise ValueError(f"the gradient, channels last, is {dy.shape}; it must be {like.shape}")


def _wide(x: np.ndarray) -> np.ndarray:
    """Sums of floats of 16 bits need more of them."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def _counts(w: Window, sizes: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """How many elements of the input each window covers, to divide `(batch, *out, channels)` by."""
    counts = np.ones((1,), dtype)
    for size, extent, stride, (before, after), out in zip(sizes, w.kernel, w.strides, w.pads, w.out, strict=True):
        start = np.arange(out) * stride - before
        covered = np.minimum(start + extent, size) - np.maximum(start, 0)
        if not before and not after:
            covered = covered[:1]
        counts = counts[..., None] * covered.astype(dtype)
    return counts[0][..., None]


def _average(value, ksize, strides, padding, data_format, rank):
    w = plan(value.shape, ksize, strides, padding, (), data_format, rank)
    x = to_channels_last(_wide(value), data_format)
    y = np.empty((x.shape[0], *w.out, x.shape[-1]), x.dtype)
    for images in _few_images(x):
        fold(np.add, padded(x[images], w.pads), w, y[images])
    if y.size:
        y /= _counts(w, x.shape[1:-1], x.dtype)
    return from_channels_last(y.astype(value.dtype, copy=False), data_format)


def _average_grad(grad, shape, ksize, strides, padding, data_format, rank):
    w = plan(tuple(shape), ksize, strides, padding, (), data_format, rank)
    dy = to_channels_last(_wide(grad), data_format)
    sizes = tuple(shape[2:] if is_channels_first(data_format) else shape[1:-1])
    if dy.shape[1:-1] != w.out:
        raise ValueError(f"the gradient, channels last, is {dy.shape}; its spatial axes must be {w.out}")
    dx = np.zeros((dy.shape[0], *sizes, dy.shape[-1]), dy.dtype)
    if dx.size and dy.size:
        counts = _counts(w, sizes, dy.dtype)
        for images in _few_images(dx):
            dx[images] = _spread(dy[images] / counts, w, sizes)
    return from_channels_last(dx.astype(grad.dtype, copy=False), data_format)


def _spread(dy: np.ndarray, w: Window, sizes: tuple[int, ...]) -> np.ndarray:
    """The transpose of a sum over windows, axis by axis."""
    for axis in reversed(range(len(sizes))):
        before, after = w.pads[axis]
        shape = list(dy.shape)
        shape[axis + 1] = sizes[axis] + before + after
        dx = np.zeros(shape, dy.dtype)
        for tap in range(w.kernel[axis]):
            dx[(slice(None),) * (axis + 1) + (_reach(w, axis, tap),)] += dy
        dy = dx[(slice(None),) * (axis + 1) + (slice(before, before + sizes[axis]),)]
    return dy


# The ops.


def _zeros(shape: tuple[int, ...], like: Tensor) -> Tensor:
    return wrap(np.zeros(shape, like._array.dtype))


def _max_family(names: tuple[str, str, str], kernels: tuple, types: Any) -> Op:
    """Registers max pooling, its gradient and the gradient of that, which is linear like the first."""
    pool = Op(names[0], kernels[0], types=types, vjp=lambda dy, input, out, attrs: grad(input, out, dy, **attrs))

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
    )
    register(grad), register(grad_grad)
    return register(pool)


# fmt: off
def _max_pool(input, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    return _max(input, ksize, strides, padding, explicit_paddings, data_format, 2)


def _max_pool_grad(orig_input, orig_output, grad, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    return _max_grad(orig_input, orig_output, grad, ksize, strides, padding, explicit_paddings, data_format, 2)


def _max_pool_grad_grad(orig_input, orig_output, grad, *, ksize, strides, padding, explicit_paddings=(),
                        data_format="NHWC"):
    return _max_grad_grad(orig_input, orig_output, grad, ksize, strides, padding, explicit_paddings, data_format, 2)


def _max_pool3d(input, *, ksize, strides, padding, data_format="NDHWC"):
    return _max(input, ksize, strides, padding, (), data_format, 3)


def _max_pool3d_grad(orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"):
    return _max_grad(orig_input, orig_output, grad, ksize, strides, padding, (), data_format, 3)


def _max_pool3d_grad_grad(orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"):
    return _max_grad_grad(orig_input, orig_output, grad, ksize, strides, padding, (), data_format, 3)


def _avg_pool(value, *, ksize, strides, padding, data_format="NHWC"):
    return _average(value, ksize, strides, padding, data_format, 2)


def _avg_pool_grad(grad, *, orig_input_shape, ksize, strides, padding, data_format="NHWC"):
    return _average_grad(grad, orig_input_shape, ksize, strides, padding, data_format, 2)


def _avg_pool3d(input, *, ksize, strides, padding, data_format="NDHWC"):
    return _average(input, ksize, strides, padding, data_format, 3)


def _avg_pool3d_grad(grad, *, orig_input_shape, ksize, strides, padding, data_format="NDHWC"):
    return _average_grad(grad, orig_input_shape, ksize, strides, padding, data_format, 3)
# fmt: on


MAX_POOL = _max_family(
    ("MaxPool", "MaxPoolGrad", "MaxPoolGradGrad"),
    (_max_pool, _max_pool_grad, _max_pool_grad_grad),
    _MAX_TYPES,
)
MAX_POOL3D = _max_family(
    ("MaxPool3D", "MaxPool3DGrad", "MaxPool3DGradGrad"),
    (_max_pool3d, _max_pool3d_grad, _max_pool3d_grad_grad),
    FLOATING,
)


def _without_shape(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attrs.items() if name != "orig_input_shape"}


AVG_POOL = register(
    Op(
        "AvgPool",
        _avg_pool,
        types=FLOATING,
        vjp=lambda dy, value_shape, attrs: AVG_POOL_GRAD(dy, orig_input_shape=value_shape, **attrs),
    )
)
AVG_POOL_GRAD: Op = register(
    Op(
        "AvgPoolGrad",
        _avg_pool_grad,
        types=FLOATING,
        host=("orig_input_shape",),
        vjp=lambda dy, attrs: AVG_POOL(dy, **_without_shape(attrs)),
    )
)
AVG_POOL3D = register(
    Op(
        "AvgPool3D",
        _avg_pool3d,
        types=FLOATING,
        vjp=lambda dy, input_shape, attrs: AVG_POOL3D_GRAD(dy, orig_input_shape=input_shape, **attrs),
    )
)
AVG_POOL3D_GRAD: Op = register(
    Op(
        "AvgPool3DGrad",
        _avg_pool3d_grad,
        types=FLOATING,
        host=("orig_input_shape",),
        vjp=lambda dy, attrs: AVG_POOL3D(dy, **_without_shape(attrs)),
    )
)


# What users call.


def _spatial_rank(x: Tensor, what: str) -> int:
    rank = x._array.ndim - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"{what}: input has {rank + 2} axes; 3, 4 or 5 are expected.")
    return rank


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
    x = convert(input)
    padding, explicit = raw_padding(padding, 1, "tf.nn.max_pool1d")
    MAX_POOL.require(x._array)
    data_format = with_height(data_format, "tf.nn.max_pool1d")
    axis = height_axis(data_format)
    y = MAX_POOL(
        array_ops.expand_dims(x, axis),
        ksize=through_height(ksize, data_format, "ksize"),
        strides=through_height(strides, data_format, "strides"),
        padding=padding,
        explicit_paddings=(0, 0, *explicit) if explicit else (),
        data_format=data_format,
    )
    return array_ops.squeeze(y, (axis,))


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC", name: str | None = None
) -> Tensor:
    """`max_pool` along two spatial axes.

    Example:
      >>> tf.nn.max_pool2d(tf.ones((1, 5, 5, 3)), 3, 2, "SAME").shape
      TensorShape([1, 3, 3, 3])
    """
    x = convert(input)
    data_format = data_format or "NHWC"
    padding, explicit = raw_padding(padding, 2, "tf.nn.max_pool2d")
    MAX_POOL.require(x._array)
    return MAX_POOL(
        x,
        ksize=per_axis(ksize, 2, data_format, "ksize"),
        strides=per_axis(strides, 2, data_format, "strides"),
        padding=padding,
        explicit_paddings=explicit,
        data_format=data_format,
    )


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """`max_pool` along three spatial axes.

    Example:
      >>> tf.nn.max_pool3d(tf.ones((1, 4, 4, 4, 3)), 2, 2, "VALID").shape
      TensorShape([1, 2, 2, 2, 3])
    """
    x = convert(input)
    data_format = data_format or "NDHWC"
    MAX_POOL3D.require(x._array)
    return MAX_POOL3D(
        x,
        ksize=per_axis(ksize, 3, data_format, "ksize"),
        strides=per_axis(strides, 3, data_format, "strides"),
        padding=word(padding, "tf.nn.max_pool3d"),
        data_format=data_format,
    )


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
    x = convert(input)
    AVG_POOL.require(x._array)
    data_format = with_height(data_format, "tf.nn.avg_pool1d")
    axis = height_axis(data_format)
    y = AVG_POOL(
        array_ops.expand_dims(x, axis),
        ksize=through_height(ksize, data_format, "ksize"),
        strides=through_height(strides, data_format, "strides"),
        padding=word(padding, "tf.nn.avg_pool1d"),
        data_format=data_format,
    )
    return array_ops.squeeze(y, (axis,))


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NHWC", name: str | None = None
) -> Tensor:
    """`avg_pool` along two spatial axes.

    Example:
      >>> tf.nn.avg_pool2d(tf.ones((1, 5, 5, 3)), 3, 2, "SAME").shape
      TensorShape([1, 3, 3, 3])
    """
    x = convert(input)
    data_format = data_format or "NHWC"
    AVG_POOL.require(x._array)
    return AVG_POOL(
        x,
        ksize=per_axis(ksize, 2, data_format, "ksize"),
        strides=per_axis(strides, 2, data_format, "strides"),
        padding=word(padding, "tf.nn.avg_pool2d"),
        data_format=data_format,
    )


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """`avg_pool` along three spatial axes.

    Example:
      >>> tf.nn.avg_pool3d(tf.ones((1, 4, 4, 4, 3)), 2, 2, "VALID").shape
      TensorShape([1, 2, 2, 2, 3])
    """
    x = convert(input)
    data_format = data_format or "NDHWC"
    AVG_POOL3D.require(x._array)
    return AVG_POOL3D(
        x,
        ksize=per_axis(ksize, 3, data_format, "ksize"),
        strides=per_axis(strides, 3, data_format, "strides"),
        padding=word(padding, "tf.nn.avg_pool3d"),
        data_format=data_format,
    )


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
    window = array_ops.static_ints(window_shape, "tf.nn.pool")
    rank = len(window)
    if rank != _spatial_rank(x, "tf.nn.pool"):
        raise ValueError(f"tf.nn.pool: window_shape is {window}; input has {x._array.ndim - 2} spatial axes.")
    if pooling_type not in _POOLS:
        raise ValueError(f"tf.nn.pool: pooling_type is {pooling_type!r}; it must be 'MAX' or 'AVG'.")
    strides, rates = [
        (1,) * rank if v is None else array_ops.static_ints(v, "tf.nn.pool") for v in (strides, dilations)
    ]
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
