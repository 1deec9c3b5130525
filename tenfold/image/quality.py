"""How images differ from others and in themselves: signal-to-noise ratio, structural similarity, edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.image.adjusting import convert_image_dtype
from tenfold.ops import array as array_ops
from tenfold.ops import creation, join
from tenfold.ops.activation import relu
from tenfold.ops.assertions import Assert
from tenfold.ops.cast import cast
from tenfold.ops.depthwise import depthwise_conv2d
from tenfold.ops.elementwise import abs as absolute
from tenfold.ops.elementwise import square, squared_difference
from tenfold.ops.exponential import log
from tenfold.ops.exponential import pow as power
from tenfold.ops.pool import avg_pool2d
from tenfold.ops.rearrange import pad
from tenfold.ops.reduce import reduce_all, reduce_mean, reduce_prod, reduce_sum
from tenfold.ops.sizes import shape as shape_of

_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def _pair(a: Any, b: Any, max_val: Any, what: str) -> tuple[Tensor, Tensor, Tensor]:
    """Two images and the largest number of their dtype, as float32.

    Raises:
      ValueError: their shapes do not fit.
    """
    x, y = convert(a), convert(b)
    if x._array.ndim < 3 or y._array.ndim < 3 or not x.shape[-3:].is_compatible_with(y.shape[-3:]):
        raise ValueError(
            f"{what}: images have shapes {tuple(x.shape)} and {tuple(y.shape)}; the last three axes, "
            "height, width and channels, must be equal."
        )
    for m, n in zip(reversed(tuple(x.shape[:-3])), reversed(tuple(y.shape[:-3])), strict=False):
        if None not in (m, n) and m != n and 1 not in (m, n):
            raise ValueError(f"{what}: Two images are not compatible: {tuple(x.shape)} and {tuple(y.shape)}.")
    top = convert_image_dtype(cast(max_val, x.dtype), dtypes.float32)
    return convert_image_dtype(x, dtypes.float32), convert_image_dtype(y, dtypes.float32), top


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    """The peak signal-to-noise ratio between images, in decibels.

    Args:
      a, b: Tensors of shape `(..., height, width, channels)`.
      max_val: the largest number less the smallest that pixels may be.
    Returns:
      Tensor of float32 and the shape of the leading axes.
    Raises:
      ValueError: shapes do not fit.
    Example:
      >>> print(tf.image.psnr(tf.ones((2, 2, 1)), tf.zeros((2, 2, 1)), 10.0).numpy())
      20.0
    """
    x, y, top = _pair(a, b, max_val, "tf.image.psnr")
    error = reduce_mean(squared_difference(x, y), [-3, -2, -1])
    return 20 * log(top) / log(convert(10.0)) - np.float32(10 / np.log(10)) * log(error)


def _window(size: int, sigma: float) -> np.ndarray:
    """The weights of a Gaussian filter."""
    distances = np.square(np.arange(size) - (size - 1) / 2)
    weights = np.exp(-0.5 / sigma**2 * (distances[:, None] + distances))
    return (weights / weights.sum()).astype(np.float32)


def _similarity(
    x: Tensor, y: Tensor, top: Tensor, filter_size: int, filter_sigma: float, k1: float, k2: float
) -> tuple[Tensor, Tensor]:
    """How alike light and contrast with structure are, at each place and channel."""
    least = reduce_all(shape_of(x)[-3:-1] >= filter_size)
    Assert(least, ["tf.image.ssim: images are smaller than filter_size:", shape_of(x), filter_size], summarize=8)
    window = convert(_window(filter_size, filter_sigma)[:, :, None, None])
    kernel = array_ops.broadcast_to(window, (filter_size, filter_size, x._array.shape[-1], 1))

    def local(z: Tensor) -> Tensor:
        """Means over windows."""
        shape = z._array.shape
        means = depthwise_conv2d(array_ops.reshape(z, (-1, *shape[-3:])), kernel, [1, 1, 1, 1], "VALID")
        return array_ops.reshape(means, (*shape[:-3], *means._array.shape[1:]))

    c1, c2 = square(k1 * top), square(k2 * top)
    mean_x, mean_y = local(x), local(y)
    products, squares = mean_x * mean_y * 2.0, square(mean_x) + square(mean_y)
    light = (products + c1) / (squares + c1)
    structure = (local(x * y) * 2.0 - products + c2) / (local(square(x) + square(y)) - squares + c2)
    return light, structure


def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Tensor:
    """The structural similarity of images, 1 for equal ones.

    Args:
      img1, img2: Tensors of shape `(..., height, width, channels)`.
      max_val: the largest number less the smallest that pixels may be.
      filter_size, filter_sigma: of the Gaussian window in which images are compared.
      k1, k2: how much is added to denominators, as parts of `max_val`.
      return_index_map: whether the similarity at each place is wanted.
    Returns:
      Tensor of float32: a number for each image, or for each place where the window fits.
    Raises:
      ValueError: shapes do not fit.
      tf.errors.InvalidArgumentError: the images are smaller than the window.
    References: Wang, Bovik, Sheikh and Simoncelli, IEEE Trans. Image Processing 13(4), 2004.
    Example:
      >>> image = tf.reshape(tf.range(144.0), (12, 12, 1))
      >>> print(tf.image.ssim(image, image, 143.0).numpy())
      1.0
    """
    x, y, top = _pair(img1, img2, max_val, "tf.image.ssim")
    light, structure = _similarity(x, y, top, filter_size, filter_sigma, k1, k2)
    at_each = light * structure
    return reduce_mean(at_each if return_index_map else reduce_mean(at_each, [-3, -2]), [-1])


def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Sequence[float] = _SCALES,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity of images at several scales, each half of the one before; arguments as in `tf.image.ssim`.

    Args:
      power_factors: the weight of each scale.
    Raises:
      ValueError: shapes do not fit.
      tf.errors.InvalidArgumentError: at a scale, images are smaller than the window.
    References: Wang, Simoncelli and Bovik, Asilomar Conference on Signals, Systems and Computers, 2003.
    Example:
      >>> image = tf.reshape(tf.range(576.0), (24, 24, 1))
      >>> print(tf.image.ssim_multiscale(image, image, 575.0, power_factors=(0.5, 0.5)).numpy())
      1.0
    """
    x, y, top = _pair(img1, img2, max_val, "tf.image.ssim_multiscale")
    structures = []
    for scale in range(len(power_factors)):
        if scale:
            x, y = _halved(x), _halved(y)
        light, structure = _similarity(x, y, top, filter_size, filter_sigma, k1, k2)
        structures.append(relu(reduce_mean(structure, [-3, -2])))
    structures[-1] = relu(reduce_mean(light * structure, [-3, -2]))
    weights = convert(list(power_factors), dtypes.float32)
    return reduce_mean(reduce_prod(power(join.stack(structures, axis=-1), weights), [-1]), [-1])


def _halved(images: Tensor) -> Tensor:
    """Means of squares of 2 by 2 pixels; odd sizes are filled up with the last row or column."""
    shape = images._array.shape
    flat = array_ops.reshape(images, (-1, *shape[-3:]))
    flat = pad(flat, [(0, 0), (0, shape[-3] % 2), (0, shape[-2] % 2), (0, 0)], mode="SYMMETRIC")
    means = avg_pool2d(flat, 2, 2, "VALID")
    return array_ops.reshape(means, (*shape[:-3], *means._array.shape[1:]))


def total_variation(images: Any, name: str | None = None) -> Tensor:
    """The sum of how much neighbouring pixels differ.

    Args:
      images: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
    Returns:
      Tensor: a number for each image.
    Raises:
      ValueError: `images` has another shape.
    Example:
      >>> print(tf.image.total_variation(tf.reshape([1.0, 3.0, 2.0], (1, 3, 1))).numpy())
      3.0
    """
    x = convert(images)
    if x._array.ndim not in (3, 4):
        raise ValueError("tf.image.total_variation: 'images' must be either 3 or 4-dimensional.")
    down, along = _differences(x)
    axes = [-3, -2, -1]
    return reduce_sum(absolute(down), axes) + reduce_sum(absolute(along), axes)


def _differences(images: Tensor) -> tuple[Tensor, Tensor]:
    """Of neighbours in a column and in a row."""
    return images[..., 1:, :, :] - images[..., :-1, :, :], images[..., :, 1:, :] - images[..., :, :-1, :]


def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """The differences to the next pixels below and to the right, 0 at the border.

    Args:
      image: Tensor of shape `(batch, height, width, channels)`.
    Returns:
      Two tensors of that shape, `(dy, dx)`.
    Raises:
      ValueError: `image` has another shape.
    Example:
      >>> dy, dx = tf.image.image_gradients(tf.reshape([1.0, 3.0, 2.0], (1, 1, 3, 1)))
      >>> dx.numpy().ravel()
      array([ 2., -1.,  0.], dtype=float32)
    """
    x = convert(image)
    if x._array.ndim != 4:
        raise ValueError(f"tf.image.image_gradients expects a 4D tensor [batch_size, h, w, d], not {tuple(x.shape)}.")
    dy, dx = _differences(x)
    return pad(dy, [(0, 0), (0, 1), (0, 0), (0, 0)]), pad(dx, [(0, 0), (0, 0), (0, 1), (0, 0)])


def sobel_edges(image: Any) -> Tensor:
    """Sobel's filter for edges.

    Args:
      image: Tensor of shape `(batch, height, width, channels)`.
    Returns:
      Tensor of shape `(batch, height, width, channels, 2)`: the slopes down and to the right.
    Example:
      >>> tf.image.sobel_edges(tf.reshape(tf.range(9.0), (1, 3, 3, 1)))[0, 1, 1, 0].numpy()
      array([24.,  8.], dtype=float32)
    """
    x = convert(image)
    channels = x._array.shape[-1]
    slopes = np.array([[[-1, -2, -1], [0, 0, 0], [1, 2, 1]], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]])
    filters = creation.constant(slopes.transpose(1, 2, 0)[:, :, None], x.dtype)
    filters = array_ops.broadcast_to(filters, (3, 3, channels, 2))
    padded = pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="REFLECT")
    found = depthwise_conv2d(padded, filters, [1, 1, 1, 1], "VALID")
    return array_ops.reshape(found, (*x._array.shape, 2))
