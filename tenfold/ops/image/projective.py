"""ImageProjectiveTransform: images seen through a plane's projection, as random rotations, shifts and zooms of images are."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, matrix_solve
from tenfold.ops.join import concat

_TYPES = (
    dtypes.uint8, dtypes.int32, dtypes.int64, dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64
)  # fmt: skip


def _sources(transforms: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the pixels of the result lie in the images, and whether they lie anywhere: each `(batch, height, width)`."""
    t = transforms.astype(np.float32)[:, :, None, None]
    x, y = np.arange(width, dtype=np.float32)[None, None, :], np.arange(height, dtype=np.float32)[None, :, None]
    scale = t[:, 6] * x + t[:, 7] * y + np.float32(1)
    is_finite = scale != 0
    scale = np.where(is_finite, scale, np.float32(1))
    return (t[:, 3] * x + t[:, 4] * y + t[:, 5]) / scale, (t[:, 0] * x + t[:, 1] * y + t[:, 2]) / scale, is_finite


def _reflected(at: np.ndarray, size: int) -> np.ndarray:
    """dcba | abcd | dcba"""
    at = np.mod(at, np.float32(2 * size))
    return np.where(at >= size, 2 * size - at - 1, at)


def _wrapped(at: np.ndarray, size: int) -> np.ndarray:
    """abcd | abcd | abcd, where what lies between the last and the first pixel is nearer to one of them."""
    if size == 1:
        return np.zeros_like(at)
    turns = np.trunc(np.abs(at) / (size - 1)).astype(np.float32)
    return np.where(at < 0, at + size * (turns + 1), np.where(at > size - 1, at - size * turns, at))


def _inside(at: np.ndarray, size: int, fill_mode: str) -> np.ndarray:
    """Places inside of an axis for those outside; as they are if these are filled with a value."""
    if fill_mode == "CONSTANT":
        return at
    mapped = {"REFLECT": _reflected, "WRAP": _wrapped, "NEAREST": lambda at, size: at}[fill_mode](at, size)
    return np.clip(mapped, np.float32(0), np.float32(size - 1))


def _kernel(images, transforms, fill_value, *, output_shape, interpolation, fill_mode="CONSTANT"):
    if images.ndim != 4:
        raise ValueError(f"images must have 4 axes, their shape is {images.shape}")
    if transforms.ndim != 2 or transforms.shape[1] != 8 or transforms.shape[0] not in (1, images.shape[0]):
        raise ValueError(f"transforms must have the shape ({images.shape[0]}, 8) or (1, 8), not {transforms.shape}")
    if interpolation not in ("NEAREST", "BILINEAR"):
        raise ValueError(f"interpolation is {interpolation!r}; it must be 'NEAREST' or 'BILINEAR'")
    if fill_mode not in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
        raise ValueError(f"fill_mode is {fill_mode!r}; it must be 'CONSTANT', 'REFLECT', 'WRAP' or 'NEAREST'")
    batch, height, width, channels = images.shape
    if len(output_shape) != 2 or min(output_shape) <= 0:
        raise ValueError(f"output_shape must be two positive sizes, not {output_shape}")
    y, x, is_finite = _sources(transforms, *output_shape)
    y, x = _inside(y, height, fill_mode), _inside(x, width, fill_mode)
    rows = np.arange(batch).reshape(-1, 1, 1)
    fill = np.asarray(fill_value).astype(images.dtype)

    def read(at_y: np.ndarray, at_x: np.ndarray) -> np.ndarray:
        is_there = (at_y >= 0) & (at_y < height) & (at_x >= 0) & (at_x < width)
        index = [np.where(is_there, at, 0).astype(np.intp) for at in (at_y, at_x)]
        return np.where(is_there[..., None], images[rows, index[0], index[1]], fill)

    if interpolation == "NEAREST":
        found = read(*[np.trunc(at + np.copysign(np.float32(0.5), at)) for at in (y, x)])
    else:
        top, left = np.floor(y), np.floor(x)
        down, right = (y - top)[..., None], (x - left)[..., None]
        up, to_left = (top + 1 - y)[..., None], (left + 1 - x)[..., None]
        at = [read(top + i, left + j).astype(np.float32) for i in (0, 1) for j in (0, 1)]
        above, below = to_left * at[0] + right * at[1], to_left * at[2] + right * at[3]
        found = (up * above + down * below).astype(images.dtype)
    return np.where(is_finite[..., None], found, fill)


def _v2_kernel(images, transforms, *, output_shape, interpolation, fill_mode="CONSTANT"):
    zero = np.zeros((), np.float32)
    return _kernel(
        images, transforms, zero, output_shape=output_shape, interpolation=interpolation, fill_mode=fill_mode
    )


def _spec(images: Any, transforms: Any, *fill_value: Any, output_shape: Any, **attrs: Any) -> Spec:
    return Spec(images.dtype, (images.shape[0], *output_shape, images.shape[3]))


def _inverse(transforms: Tensor) -> Tensor:
    """The projections back."""
    corner = creation.ones([transforms._array.shape[0], 1], transforms.dtype)
    matrices = array_ops.reshape(concat([transforms, corner], 1), [-1, 3, 3])
    flat = array_ops.reshape(matrix_solve.inv(matrices), [-1, 9])
    return flat[:, :8] / flat[:, 8:]


def _vjp(dy: Tensor, images_shape: Any, transforms: Tensor, interpolation: str, fill_mode: str) -> Tensor:
    """The upstream gradient seen through the inverse: what TensorFlow takes for the gradient, which it is nearly."""
    return V2(
        dy, _inverse(transforms), output_shape=images_shape[1:3], interpolation=interpolation, fill_mode=fill_mode
    )


_HOST = ("output_shape",)
V2: Op = register(Op("ImageProjectiveTransformV2", _v2_kernel, host=_HOST, types=_TYPES, vjp=(_vjp, None), infer=_spec))
V3: Op = register(
    Op("ImageProjectiveTransformV3", _kernel, host=_HOST, types=_TYPES, vjp=(_vjp, None, None), infer=_spec)
)
