"""Parts of images, and images with more around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.image.batches import at_least, at_most, height_and_width, image_of, known, require
from tenfold.ops.assertions import Assert
from tenfold.ops.cast import cast
from tenfold.ops.index import slice as slice_of
from tenfold.ops.random import stateless_uniform, uniform
from tenfold.ops.rearrange import pad
from tenfold.ops.reduce import reduce_all
from tenfold.ops.sizes import shape as shape_of


def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The part of images that a box shows.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      offset_height, offset_width: where the box begins.
      target_height, target_width: its sizes.
    Raises:
      ValueError: the box does not lie in the image, or that has another shape.
    Example:
      >>> image = tf.reshape(tf.range(9), (3, 3, 1))
      >>> tf.image.crop_to_bounding_box(image, 1, 0, 2, 2)[:, :, 0].numpy().tolist()
      [[3, 4], [6, 7]]
    """
    x = image_of(image, "tf.image.crop_to_bounding_box")
    top, left, height, width = map(known, (offset_height, offset_width, target_height, target_width))
    have_height, have_width = height_and_width(x)
    _require_each("crop_to_bounding_box", ("offset_width", left, 0), ("offset_height", top, 0))
    _require_each("crop_to_bounding_box", ("target_width", width, 1), ("target_height", height, 1))
    require(have_width >= width + left, "tf.image.crop_to_bounding_box: width must be >= target + offset.")
    require(have_height >= height + top, "tf.image.crop_to_bounding_box: height must be >= target + offset.")
    return _part(x, top, left, height, width)


def _part(image: Tensor, top: Any, left: Any, height: Any, width: Any) -> Tensor:
    batch = (0,) * (image._array.ndim - 3)
    begin, size = (*batch, top, left, 0), (*[-1 for _ in batch], height, width, -1)
    return slice_of(image, begin, size)


def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """Images in a larger frame of zeros.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      offset_height, offset_width: where in the frame they begin.
      target_height, target_width: the sizes of the frame.
    Raises:
      ValueError: the image does not fit, or has another shape.
    Example:
      >>> tf.image.pad_to_bounding_box(tf.ones((1, 1, 1)), 1, 0, 2, 2)[:, :, 0].numpy().tolist()
      [[0.0, 0.0], [1.0, 0.0]]
    """
    x = image_of(image, "tf.image.pad_to_bounding_box")
    top, left, height, width = map(known, (offset_height, offset_width, target_height, target_width))
    have_height, have_width = height_and_width(x)
    below, right = height - top - have_height, width - left - have_width
    _require_each("pad_to_bounding_box", ("offset_height", top, 0), ("offset_width", left, 0))
    require(right >= 0, "tf.image.pad_to_bounding_box: width must be <= target - offset.")
    require(below >= 0, "tf.image.pad_to_bounding_box: height must be <= target - offset.")
    return pad(x, [(0, 0)] * (x._array.ndim - 3) + [(top, below), (left, right), (0, 0)])


def _require_each(function: str, *bounds: tuple[str, Any, int]) -> None:
    for what, value, least in bounds:
        require(value >= least, f"tf.image.{function}: {what} must be >= {least}.")


def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """Images of another size, whose middle stays: what is too much is cropped, what is missing becomes zeros.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      target_height, target_width: the new sizes.
    Raises:
      ValueError: a size is not positive, or the image has another shape.
    Example:
      >>> tf.image.resize_with_crop_or_pad(tf.ones((1, 3, 1)), 2, 1)[:, :, 0].numpy().tolist()
      [[1.0], [0.0]]
    """
    x = image_of(image, "tf.image.resize_with_crop_or_pad")
    targets = [known(target_height), known(target_width)]
    _require_each("resize_with_crop_or_pad", ("target_width", targets[1], 1), ("target_height", targets[0], 1))
    sizes = height_and_width(x)
    cuts = [at_least((size - target) // 2, 0) for size, target in zip(sizes, targets, strict=True)]
    kept = [at_most(size, target) for size, target in zip(sizes, targets, strict=True)]
    offsets = [at_least((target - size) // 2, 0) for size, target in zip(sizes, targets, strict=True)]
    return pad_to_bounding_box(_part(x, *cuts, *kept), *offsets, *targets)


def central_crop(image: Any, central_fraction: Any) -> Tensor:
    """The middle of images.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      central_fraction: how much of each side stays, above 0 and at most 1.
    Raises:
      ValueError: the fraction is another number, or the image has another shape.
    Example:
      >>> tf.image.central_crop(tf.ones((4, 6, 1)), 0.5).shape
      TensorShape([2, 4, 1])
    """
    fraction = known(central_fraction)
    if isinstance(fraction, Tensor):
        require((fraction > 0) | (fraction <= 1), "tf.image.central_crop: central_fraction must be within (0, 1]")
    elif not 0 < fraction <= 1:
        raise ValueError("tf.image.central_crop: central_fraction must be within (0, 1]")
    x = convert(image)
    if not isinstance(fraction, Tensor) and fraction == 1.0:
        return x
    x = image_of(x, "tf.image.central_crop")
    sizes = height_and_width(x)
    starts = [_start(size, fraction) for size in sizes]
    return _part(x, *starts, *[size - start * 2 for size, start in zip(sizes, starts, strict=True)])


def _start(size: Any, fraction: Any) -> Any:
    if not isinstance(size, Tensor) and not isinstance(fraction, Tensor):
        return int((size - size * fraction) / 2)
    whole = cast(size, dtypes.float64)
    return cast((whole - whole * cast(fraction, dtypes.float64)) / 2, dtypes.int32)


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """A part of a tensor, at a place drawn at random.

    Args:
      value: Tensor.
      size: the sizes of the part, one for each axis.
      seed: int, or None for one that the op draws.
    Raises:
      tf.errors.InvalidArgumentError: a size is larger than that of the tensor.
    Example:
      >>> tf.image.random_crop(tf.ones((5, 6, 3)), (2, 2, 3)).shape
      TensorShape([2, 2, 3])
    """
    return _random_part(value, size, lambda rank, top: uniform([rank], maxval=top, dtype=dtypes.int32, seed=seed))


def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Tensor:
    """Like `tf.image.random_crop`, at a place that the seed, two integers, decides.

    Example:
      >>> tf.image.stateless_random_crop(tf.range(9), (2,), seed=(1, 2)).numpy()
      array([4, 5], dtype=int32)
    """
    return _random_part(value, size, lambda rank, top: stateless_uniform([rank], seed, 0, top, dtypes.int32))


def _random_part(value: Any, size: Any, draw: Callable[[int, int], Tensor]) -> Tensor:
    x, sizes = convert(value), convert(size, dtypes.int32)
    have = shape_of(x)
    Assert(reduce_all(have >= sizes), ["Need value.shape >= size, got ", have, sizes], summarize=1000)
    return slice_of(x, draw(x._array.ndim, dtypes.int32.max) % (have - sizes + 1), sizes)
