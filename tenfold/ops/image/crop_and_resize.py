"""Parts of images that boxes show, all of one size, and their gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import REAL
from tenfold.core.errors import OutOfRangeError
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import static

_GRADIENTS = {dtypes.float16, dtypes.float32, dtypes.float64}
_single = np.dtype(np.float32)


class _Axis(NamedTuple):
    """Where the pixels of crops lie along one axis of the images: arrays of shape `(boxes, pixels)`."""

    inside: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    distance: np.ndarray  # from the lower neighbour
    nearest: np.ndarray


def _along(start: np.ndarray, end: np.ndarray, size: int, count: int) -> _Axis:
    """Of boxes from `start` to `end`, parts of an axis of this size."""
    last = _single.type(size - 1)
    if count > 1:
        step = (end - start) * last / _single.type(count - 1)
        places = start[:, None] * last + np.arange(count, dtype=_single) * step[:, None]
    else:
        places = (_single.type(0.5) * (start + end) * last)[:, None]
    inside = (places >= 0) & (places <= last)
    places = np.where(inside, places, _single.type(0))
    floor = np.floor(places)
    lower, upper, nearest = (x.astype(np.int64) for x in (floor, np.ceil(places), np.floor(places + _single.type(0.5))))
    return _Axis(inside, lower, upper, places - floor, nearest)


def _check_boxes(boxes: np.ndarray, box_ind: np.ndarray, batch: int) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4 or box_ind.shape != boxes.shape[:1]:
        raise ValueError(f"boxes must be (boxes, 4) and box_ind (boxes,), they are {boxes.shape} and {box_ind.shape}")
    if not np.isfinite(boxes).all():
        raise ValueError("boxes contains an element that is not finite")
    if box_ind.size and not (box_ind.min() >= 0 and box_ind.max() < batch):
        raise OutOfRangeError(None, None, f"CropAndResize: box_index has values outside [0, {batch}).")


def _axes(boxes: np.ndarray, sizes: tuple[int, ...], counts: tuple[int, ...]) -> tuple[_Axis, _Axis]:
    y1, x1, y2, x2 = boxes.T
    return _along(y1, y2, sizes[0], counts[0]), _along(x1, x2, sizes[1], counts[1])


def _check_method(method: str) -> None:
    if method not in ("bilinear", "nearest"):
        raise ValueError(f"method must be 'bilinear' or 'nearest', it is {method!r}")


def _picker(image: np.ndarray, box_ind: np.ndarray) -> Any:
    """What takes the pixels at rows and columns of each box's image, as float32."""
    which = box_ind[:, None, None]
    return lambda rows, columns: image[which, rows[:, :, None], columns[:, None, :]].astype(_single, copy=False)


def _kernel(image, boxes, box_ind, *, crop_size, method="bilinear", extrapolation_value=0.0):
    _check_method(method)
    if image.ndim != 4:
        raise ValueError(f"image must have 4 axes, its shape is {image.shape}")
    if len(crop_size) != 2 or min(crop_size) < 1 or min(image.shape[1:3]) < 1:
        raise ValueError(f"sizes of images and crops must be positive: {image.shape[1:3]}, {crop_size}")
    _check_boxes(boxes, box_ind, image.shape[0])
    y, x = _axes(boxes, image.shape[1:3], crop_size)
    pick = _picker(image, box_ind)
    if method == "nearest":
        found = pick(y.nearest, x.nearest)
    else:
        along, down = x.distance[:, None, :, None], y.distance[:, :, None, None]
        above, below = (_between(pick(rows, x.lower), pick(rows, x.upper), along) for rows in (y.lower, y.upper))
        found = _between(above, below, down)
    inside = (y.inside[:, :, None] & x.inside[:, None, :])[..., None]
    return np.where(inside, found, _single.type(extrapolation_value))


def _between(a: np.ndarray, b: np.ndarray, distance: np.ndarray) -> np.ndarray:
    return a + (b - a) * distance


def _image_grad_kernel(grads, boxes, box_ind, *, image_size, T, method="bilinear"):  # noqa: N803
    _check_method(method)
    if len(image_size) != 4 or grads.ndim != 4 or grads.shape[0] != boxes.shape[0] or grads.shape[3] != image_size[3]:
        raise ValueError(f"grads {grads.shape}, boxes {boxes.shape} and image_size {image_size} do not fit")
    batch, height, width, channels = image_size
    if min(height, width) < 1:
        raise ValueError(f"image dimensions must be positive, they are {height} and {width}")
    _check_boxes(boxes, box_ind, batch)
    y, x = _axes(boxes, (height, width), grads.shape[1:3])
    inside = (y.inside[:, :, None] & x.inside[:, None, :])[..., None]
    grads = np.where(inside, grads, _single.type(0))
    total = np.zeros((batch * height * width, channels), T._np if T is dtypes.float64 else _single)

    def spread(rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        places = (box_ind[:, None, None] * height + rows[:, :, None]) * width + columns[:, None, :]
        np.add.at(total, places.reshape(-1), values.reshape(places.size, channels))

    if method == "nearest":
        spread(y.nearest, x.nearest, grads)
    else:
        along, down = x.distance[:, None, :, None], y.distance[:, :, None, None]
        for rows, part in ((y.lower, (1 - down) * grads), (y.upper, down * grads)):
            spread(rows, x.lower, (1 - along) * part)
            spread(rows, x.upper, along * part)
    return total.reshape(image_size).astype(T._np, copy=False)


def _boxes_grad_kernel(grads, image, boxes, box_ind, *, method="bilinear"):
    if image.ndim != 4 or grads.ndim != 4 or grads.shape[0] != boxes.shape[0] or grads.shape[3] != image.shape[3]:
        raise ValueError(f"grads {grads.shape}, image {image.shape} and boxes {boxes.shape} do not fit")
    if min(grads.shape[1:3]) < 1:
        raise ValueError(f"crops must have pixels, they are {grads.shape[1:3]}")
    _check_boxes(boxes, box_ind, image.shape[0])
    y, x = _axes(boxes, image.shape[1:3], grads.shape[1:3])
    pick = _picker(image, box_ind)
    corners = [[pick(rows, columns) for columns in (x.lower, x.upper)] for rows in (y.lower, y.upper)]
    along, down = x.distance[:, None, :, None], y.distance[:, :, None, None]
    inside = (y.inside[:, :, None] & x.inside[:, None, :])[..., None]
    grads = np.where(inside, grads, _single.type(0))
    slope_y = grads * _between(corners[1][0] - corners[0][0], corners[1][1] - corners[0][1], along)
    slope_x = grads * _between(corners[0][1] - corners[0][0], corners[1][1] - corners[1][0], down)
    result = np.empty((boxes.shape[0], 4), _single)
    for i, (slope, axes, size) in enumerate(((slope_y, (2, 3), image.shape[1]), (slope_x, (1, 3), image.shape[2]))):
        of_place = slope.sum(axes)
        count = of_place.shape[1]
        part = np.arange(count, dtype=_single) / (count - 1) if count > 1 else np.full(1, 0.5, _single)
        result[:, i] = ((1 - part) * (size - 1) * of_place).sum(1)
        result[:, i + 2] = (part * (size - 1) * of_place).sum(1)
    return result


def _vjp(dy, image, boxes, box_ind, method, watched):
    to_image = None
    if watched[0] and image.dtype in _GRADIENTS:
        to_image = GRAD_IMAGE(dy, boxes, box_ind, image_size=image._array.shape, T=image.dtype, method=method)
    to_boxes = GRAD_BOXES(dy, image, boxes, box_ind, method="bilinear") if watched[1] else None
    return to_image, to_boxes, None


CROP_AND_RESIZE = register(
    Op(
        "CropAndResize",
        _kernel,
        host=("crop_size",),
        types=REAL,
        vjp=_vjp,
        infer=lambda image, boxes, box_ind, *, crop_size, **options: Spec(
            _single, (boxes.shape[0], *crop_size, image.shape[3])
        ),
    )
)
GRAD_IMAGE = register(
    Op(
        "CropAndResizeGradImage",
        _image_grad_kernel,
        host=("image_size",),
        types={dtypes.float32},
        vjp=undefined_gradient("CropAndResizeGradImage"),
        infer=lambda grads, boxes, box_ind, *, image_size, T, **options: Spec(T._np, image_size),  # noqa: N803
    )
)
GRAD_BOXES = register(
    Op(
        "CropAndResizeGradBoxes",
        _boxes_grad_kernel,
        types={dtypes.float32},
        vjp=undefined_gradient("CropAndResizeGradBoxes"),
        infer=lambda grads, image, boxes, box_ind, **options: Spec(_single, boxes.shape),
    )
)


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
    name: str | None = None,
) -> Tensor:
    """Parts of images, resized to one size.

    Args:
      image: Tensor of shape `(batch, height, width, channels)`.
      boxes: float32 Tensor of shape `(boxes, 4)`: top, left, bottom and right, as parts of the sides less one pixel.
        A top below the bottom flips the part.
      box_indices: int32 Tensor of shape `(boxes,)`: which image of the batch each box is of.
      crop_size: height and width of the results.
      method: "bilinear" or "nearest".
      extrapolation_value: the value of pixels outside of the image.
    Returns:
      float32 Tensor of shape `(boxes, crop height, crop width, channels)`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit, or there is no such method.
      tf.errors.OutOfRangeError: there is no image of an index.
    Example:
      >>> image = tf.reshape(tf.range(9.0), (1, 3, 3, 1))
      >>> tf.image.crop_and_resize(image, [[0.0, 0.0, 0.5, 1.0]], [0], (2, 2))[0, :, :, 0].numpy().tolist()
      [[0.0, 2.0], [3.0, 5.0]]
    """
    sizes = static.vector(crop_size, "tf.image.crop_and_resize: crop_size")
    return CROP_AND_RESIZE(
        convert(image),
        convert(boxes, None, dtypes.float32),
        convert(box_indices, None, dtypes.int32),
        crop_size=sizes,
        method=method,
        extrapolation_value=extrapolation_value,
    )
