"""Images of other sizes: the raw ops that resize along both axes, and their gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import FLOATING, REAL
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec
from tenfold.ops.image.taps import Taps, lower_resample, resample

IMAGES = {*REAL} - {dtypes.uint32, dtypes.uint64}
_CUBIC_GRADIENTS = {dtypes.float32, dtypes.float64}
_NEAREST_GRADIENTS = {*FLOATING, dtypes.uint8, dtypes.int8, dtypes.int32}
_single = np.dtype(np.float32)


def check_sizes(images: Any, size: tuple[int, ...]) -> None:
    """Checks that images of a shape can be resized.

    Raises:
      ValueError: they cannot.
    """
    if images.ndim != 4:
        raise ValueError("images must have 4 axes: batch, height, width, channels")
    if len(size) != 2:
        raise ValueError(f"size must be a height and a width, it is {size}")
    if min(images.shape[1:]) < 1 or min(size) < 1:
        raise ValueError(f"images of {images.shape[1:]} cannot be resized to {size}; all sizes must be positive")


def _scale(size: int, out: int, align_corners: bool) -> np.float32:
    """How far apart in the image two neighbours of the result are."""
    if align_corners and size > 1 and out > 1:
        return np.float32(size - 1) / np.float32(out - 1)
    return np.float32(size) / np.float32(out)


def _positions(size: int, out: int, align_corners: bool, half_pixel_centers: bool) -> np.ndarray:
    """Where in the image the elements of the result are, float32."""
    if align_corners and half_pixel_centers:
        raise ValueError("half_pixel_centers and align_corners cannot both be true")
    scale, numbers = _scale(size, out, align_corners), np.arange(out, dtype=np.float32)
    half = np.float32(0.5)
    return (numbers + half) * scale - half if half_pixel_centers else numbers * scale


# How an axis is resampled, by method.


@lru_cache(maxsize=256)
def _neighbours(size: int, out: int, *options: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each element of the result its neighbours in the image, and how far it is from the first."""
    positions = _positions(size, out, *options)
    floor = np.floor(positions)
    lower = np.maximum(floor, 0).astype(np.int64)
    upper = np.minimum(np.ceil(positions), size - 1).astype(np.int64)
    return lower, upper, positions - floor


@lru_cache(maxsize=256)
def _linear(size: int, out: int, *options: bool) -> Taps:
    lower, upper, distance = _neighbours(size, out, *options)
    return Taps(np.stack([lower, upper]), np.stack([1 - distance, distance]))


@lru_cache(maxsize=256)
def _nearest(size: int, out: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    positions = _positions(size, out, align_corners, half_pixel_centers)
    if half_pixel_centers:
        positions = positions + np.float32(0.5)
    chosen = np.floor(positions + np.float32(0.5)) if align_corners else np.floor(positions)
    places = np.clip(chosen, 0, size - 1).astype(np.int64)
    return Taps(places[None], np.ones((1, out), np.float32))


_STEPS = 1024  # distances between two pixels that cubic weights are made for


@lru_cache(maxsize=2)
def _cubic_weights(a: float) -> tuple[np.ndarray, np.ndarray]:
    """The weights of pixels that are less than 1, and from 1 to 2, away, by distance (Keys 1981)."""
    x = np.arange(_STEPS + 1, dtype=np.float32) / _STEPS
    far = x + 1
    return ((a + 2) * x - (a + 3)) * x * x + 1, ((a * far - 5 * a) * far + 8 * a) * far - 4 * a


@lru_cache(maxsize=256)
def _cubic(size: int, out: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    positions = _positions(size, out, align_corners, half_pixel_centers)
    first = np.floor(positions)
    steps = np.rint((positions - first) * _STEPS).astype(np.int64)
    near, far = _cubic_weights(-0.5 if half_pixel_centers else -0.75)
    weights = np.stack([far[steps], near[steps], near[_STEPS - steps], far[_STEPS - steps]])
    wanted = first.astype(np.int64) + np.arange(-1, 3)[:, None]
    places = np.clip(wanted, 0, size - 1)
    if half_pixel_centers:  # pixels outside do not count; without, border pixels count for them
        weights = np.where(places == wanted, weights, np.float32(0))
        weights = weights / weights.sum(0)
    return Taps(places, weights.astype(np.float32))


@lru_cache(maxsize=256)
def _area(size: int, out: int, align_corners: bool) -> Taps:
    scale = _scale(size, out, align_corners)
    starts = np.arange(out, dtype=np.float32) * scale
    ends = np.arange(1, out + 1, dtype=np.float32) * scale
    first = np.floor(starts).astype(np.int64)
    wanted = first + np.arange((np.ceil(ends).astype(np.int64) - first).max())[:, None]
    covered = np.minimum(wanted + 1, ends) - np.maximum(wanted, starts)
    return Taps(np.clip(wanted, 0, size - 1), (np.maximum(covered, 0) / scale).astype(np.float32))


# Ops.

_Rule = Callable[..., Taps]


def _both(rule: _Rule, images: Any, size: tuple[int, ...], *options: bool) -> tuple[Taps, Taps]:
    """The taps of rows and columns."""
    check_sizes(images, size)
    (height, width), (out_height, out_width) = images.shape[1:3], size
    return rule(height, out_height, *options), rule(width, out_width, *options)


def _transposed(rule: _Rule, grads: Any, original: tuple[int, ...], *options: bool) -> tuple[Taps, Taps]:
    """The taps of the gradient to images of this size."""
    if grads.ndim != 4:
        raise ValueError("grads must have 4 axes: batch, height, width, channels")
    if min(*original, *grads.shape[1:3]) < 1:
        raise ValueError(f"all sizes must be positive, they are {grads.shape[1:3]} and {original}")
    pairs = zip(original, grads.shape[1:3], strict=True)
    rows, columns = [rule(size, out, *options).transposed(size) for size, out in pairs]
    return rows, columns


def _spec(images, *, size, **options):
    if images.ndim != 4 or len(size) != 2:
        return None  # the kernel says what is wrong
    return Spec(_single, (images.shape[0], *size, images.shape[3]))


def _grad_spec(grads, original_image, **options):
    return Spec(original_image.dtype, (grads.shape[0], *original_image.shape[1:3], grads.shape[3]))


def _linear_kernel(images, *, size, align_corners=False, half_pixel_centers=False):
    check_sizes(images, size)
    top, bottom, down = _neighbours(images.shape[1], size[0], align_corners, half_pixel_centers)
    left, right, along = _neighbours(images.shape[2], size[1], align_corners, half_pixel_centers)
    x, along = images.astype(_single, copy=False), along[:, None]
    if 2 * size[0] < images.shape[1]:  # most rows are not needed
        above, below = [_between(y.take(left, 2), y.take(right, 2), along) for y in (x.take(top, 1), x.take(bottom, 1))]
    else:
        every = _between(x.take(left, 2), x.take(right, 2), along)
        above, below = every.take(top, 1), every.take(bottom, 1)
    return _between(above, below, down[:, None, None])


def _between(x: np.ndarray, y: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """As TensorFlow rounds it: a plane of one number stays that number."""
    y = y - x
    y *= distance
    y += x
    return y


def _lower_linear(b, images, *, size, align_corners=False, half_pixel_centers=False):
    x = b.cast(images, _single)
    for axis in (2, 1):
        lower, upper, distance = _neighbours(images.shape[axis], size[axis - 1], align_corners, half_pixel_centers)
        first, second = (b.gather(x, b.constant(places), axis) for places in (lower, upper))
        x = first + (second - first) * b.constant(distance.reshape(-1, *[1] * (3 - axis)))
    return x


def _kernel(rule, images, size, *options):
    rows, columns = _both(rule, images, size, *options)
    return resample(resample(images.astype(_single, copy=False), rows, 1), columns, 2)


def _lower(rule, b, images, size, *options):
    rows, columns = _both(rule, images, size, *options)
    return lower_resample(b, lower_resample(b, b.cast(images, _single), rows, 1), columns, 2)


def _grad_kernel(rule, grads, size, dtype, *options):
    rows, columns = _transposed(rule, grads, size, *options)
    return resample(resample(grads, rows, 1), columns, 2).astype(dtype, copy=False)


def _lower_grad(rule, b, grads, size, dtype, *options):
    rows, columns = _transposed(rule, grads, size, *options)
    return b.cast(lower_resample(b, lower_resample(b, grads, rows, 1), columns, 2), dtype)


def _cubic_kernel(images, *, size, align_corners=False, half_pixel_centers=False):
    return _kernel(_cubic, images, size, align_corners, half_pixel_centers)


def _lower_cubic(b, images, *, size, align_corners=False, half_pixel_centers=False):
    return _lower(_cubic, b, images, size, align_corners, half_pixel_centers)


def _nearest_spec(images, *, size, **options):
    spec = _spec(images, size=size)
    return spec and spec._replace(dtype=images.dtype)


def _nearest_kernel(images, *, size, align_corners=False, half_pixel_centers=False):
    rows, columns = _both(_nearest, images, size, align_corners, half_pixel_centers)
    return images.take(rows.places[0], 1).take(columns.places[0], 2)


def _lower_nearest(b, images, *, size, align_corners=False, half_pixel_centers=False):
    rows, columns = _both(_nearest, images, size, align_corners, half_pixel_centers)
    return b.gather(b.gather(images, b.constant(rows.places[0]), 1), b.constant(columns.places[0]), 2)


def _nearest_grad_kernel(grads, *, size, align_corners=False, half_pixel_centers=False):
    return _grad_kernel(_nearest, grads, size, grads.dtype, align_corners, half_pixel_centers)


def _lower_nearest_grad(b, grads, *, size, align_corners=False, half_pixel_centers=False):
    return _lower_grad(_nearest, b, grads, size, grads.dtype, align_corners, half_pixel_centers)


def _options(attrs: dict[str, Any]) -> dict[str, Any]:
    """The attributes but for the size."""
    return {key: value for key, value in attrs.items() if key != "size"}


def _gradient_op(name: str, rule: _Rule, resize: Op) -> Op:
    """The gradient of `resize`, whose result is float32 and whose axes are resampled by the rule."""

    def kernel(grads, original_image, *, align_corners=False, half_pixel_centers=False):
        size, dtype = original_image.shape[1:3], original_image.dtype
        return _grad_kernel(rule, grads, size, dtype, align_corners, half_pixel_centers)

    def lower(b, grads, original_image, *, align_corners=False, half_pixel_centers=False):
        size, dtype = original_image.shape[1:3], original_image.dtype
        return _lower_grad(rule, b, grads, size, dtype, align_corners, half_pixel_centers)

    return register(
        Op(
            name,
            kernel,
            types={dtypes.float32},
            vjp=(lambda dy, grads_shape, attrs: resize(dy, size=grads_shape[1:3], **attrs), None),
            infer=_grad_spec,
            lower=lower,
        )
    )


RESIZE_BILINEAR = register(
    Op(
        "ResizeBilinear",
        _linear_kernel,
        host=("size",),
        types=IMAGES,
        vjp=lambda dy, images, attrs: RESIZE_BILINEAR_GRAD(dy, images, **_options(attrs)),
        infer=_spec,
        lower=_lower_linear,
    )
)
RESIZE_BILINEAR_GRAD: Op = _gradient_op("ResizeBilinearGrad", _linear, RESIZE_BILINEAR)
RESIZE_BICUBIC = register(
    Op(
        "ResizeBicubic",
        _cubic_kernel,
        host=("size",),
        types=IMAGES,
        vjp=lambda dy, images, attrs: (
            RESIZE_BICUBIC_GRAD(dy, images, **_options(attrs)) if images.dtype in _CUBIC_GRADIENTS else None
        ),
        infer=_spec,
        lower=_lower_cubic,
    )
)
RESIZE_BICUBIC_GRAD: Op = _gradient_op("ResizeBicubicGrad", _cubic, RESIZE_BICUBIC)
RESIZE_NEAREST_NEIGHBOR = register(
    Op(
        "ResizeNearestNeighbor",
        _nearest_kernel,
        host=("size",),
        types=IMAGES,
        vjp=lambda dy, images_shape, attrs: RESIZE_NEAREST_NEIGHBOR_GRAD(dy, size=images_shape[1:3], **_options(attrs)),
        infer=_nearest_spec,
        lower=_lower_nearest,
    )
)
RESIZE_NEAREST_NEIGHBOR_GRAD: Op = register(
    Op(
        "ResizeNearestNeighborGrad",
        _nearest_grad_kernel,
        host=("size",),
        types=_NEAREST_GRADIENTS,
        vjp=lambda dy, grads_shape, attrs: RESIZE_NEAREST_NEIGHBOR(dy, size=grads_shape[1:3], **_options(attrs)),
        infer=lambda grads, *, size, **options: Spec(grads.dtype, (grads.shape[0], *size, grads.shape[3])),
        lower=_lower_nearest_grad,
    )
)
RESIZE_AREA = register(
    Op(
        "ResizeArea",
        lambda images, *, size, align_corners=False: _kernel(_area, images, size, align_corners),
        host=("size",),
        types=IMAGES,
        vjp=undefined_gradient("ResizeArea"),
        infer=_spec,
        lower=lambda b, images, *, size, align_corners=False: _lower(_area, b, images, size, align_corners),
    )
)
