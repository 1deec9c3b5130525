"""What windows of images show, as columns, and images put together from such columns."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike
from tenfold.ops.image import patches


def _pair(value: Any) -> tuple[int, int]:
    down, along = (value, value) if isinstance(value, int) else value
    return down, along


def _check_axes(name: str, x: Tensor, axes: str, count: int) -> None:
    if len(x.shape) != count:
        raise ValueError(f"{name}: x has shape {tuple(x.shape)}; it must be {axes}.")


def _window(kernel_size: Any, stride: Any, dilation: Any) -> dict[str, Any]:
    sizes, steps, rates = ((1, *_pair(v), 1) for v in (kernel_size, stride, dilation))
    return {"ksizes": sizes, "strides": steps, "rates": rates, "padding": "VALID"}


@operation
def unfold(x: TensorLike, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """What a window that moves over images shows, as columns.

    Args:
      x: tensor of shape `(batch, channels, height, width)`.
      kernel_size: of the window: int, or its height and width.
      dilation: the distance of the pixels in it, int or two.
      padding: how many zeros are added at each side, int or two.
      stride: how far it moves, int or two.
    Returns:
      Tensor of shape `(batch, channels * window, places)`.
    Raises:
      ValueError: x has not 4 axes.
    Example:
      >>> x = tf.reshape(tf.range(9.0), (1, 1, 3, 3))
      >>> print(tf.keras.ops.unfold(x, 2)[0, :, 0].numpy())
      [0. 1. 3. 4.]
    """
    x = convert(x)
    _check_axes("unfold", x, "(batch, channels, height, width)", 4)
    down, along = _pair(padding)
    images = tf.transpose(tf.pad(x, [[0, 0], [0, 0], [down, down], [along, along]]), (0, 2, 3, 1))
    found = patches.PATCHES(images, **_window(kernel_size, stride, dilation))
    batch, rows, columns, _ = found._array.shape
    channels = x.shape[1]
    found = tf.reshape(found, (batch, rows * columns, -1, channels))
    return tf.reshape(tf.transpose(found, (0, 3, 2, 1)), (batch, -1, rows * columns))


@operation
def fold(
    x: TensorLike, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Images put together from what a window shows of them: what places have in common is added up.

    Args:
      x: tensor of shape `(batch, channels * window, places)`, as `unfold` makes it.
      output_size: of the images: int, or height and width.
      kernel_size, dilation, padding, stride: as of `unfold`.
    Returns:
      Tensor of shape `(batch, channels, height, width)`.
    Raises:
      ValueError: x has not 3 axes.
    Example:
      >>> columns = tf.keras.ops.unfold(tf.ones((1, 1, 2, 3)), 2)
      >>> print(tf.keras.ops.fold(columns, (2, 3), 2).numpy()[0, 0])
      [[1. 2. 1.]
       [1. 2. 1.]]
    """
    x = convert(x)
    _check_axes("fold", x, "(batch, channels * window, places)", 3)
    (height, width), (down, along) = _pair(output_size), _pair(padding)
    window = _window(kernel_size, stride, dilation)
    sizes = (height + 2 * down, width + 2 * along)
    taps = window["ksizes"][1] * window["ksizes"][2]
    spans = [(k - 1) * rate + 1 for k, rate in zip(window["ksizes"][1:3], window["rates"][1:3], strict=True)]
    rows, columns = (
        (size - span) // step + 1 for size, span, step in zip(sizes, spans, window["strides"][1:3], strict=True)
    )
    batch, channels = x._array.shape[0], x.shape[1] // taps
    parts = tf.transpose(tf.reshape(x, (batch, channels, taps, rows * columns)), (0, 3, 2, 1))
    parts = tf.reshape(parts, (batch, rows, columns, taps * channels))
    found = tf.transpose(patches.SPREAD(parts, shape=(batch, *sizes, channels), **window), (0, 3, 1, 2))
    return found[:, :, down : down + height, along : along + width]
