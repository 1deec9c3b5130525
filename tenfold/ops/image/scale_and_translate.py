"""ScaleAndTranslate: images resampled with a filter, which widens where they shrink."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.ops.image.resize import IMAGES, check_sizes
from tenfold.ops.image.taps import Taps, resample

_single = np.float32


def _lanczos(radius: int) -> Any:
    def weights(x: np.ndarray) -> np.ndarray:
        angle = _single(np.pi) * x
        with np.errstate(all="ignore"):
            inside = _single(radius) * np.sin(angle) * np.sin(angle / _single(radius)) / (angle * angle)
        return np.where(x > radius, _single(0), np.where(x <= 1e-3, _single(1), inside))

    return weights


def _cubic(near: tuple[float, ...], far: tuple[float, ...]) -> Any:
    """Polynomials below 1 and from 1 to 2."""
    first, second = (np.poly1d(np.array(p, _single)) for p in (near, far))
    return lambda x: np.where(x >= 2, _single(0), np.where(x >= 1, second(x), first(x)))


_FILTERS = {  # the radius, and the weights of pixels by their distance
    "lanczos1": (1.0, _lanczos(1)),
    "lanczos3": (3.0, _lanczos(3)),
    "lanczos5": (5.0, _lanczos(5)),
    "gaussian": (1.5, lambda x: np.where(x >= 1.5, _single(0), np.exp(-2 * x * x))),
    "box": (1.0, lambda x: np.where(x < 0.5, _single(1), np.where(x == 0.5, _single(0.5), _single(0)))),
    "triangle": (1.0, lambda x: np.maximum(1 - x, _single(0))),
    "keyscubic": (2.0, _cubic((1.5, -2.5, 0, 1), (-0.5, 2.5, -4, 2))),  # Keys 1981
    "mitchellcubic": (2.0, _cubic((7 / 6, -2, 0, 8 / 9), (-7 / 18, 2, -10 / 3, 16 / 9))),  # Mitchell, Netravali 1988
}


@lru_cache(maxsize=256)
def _taps(size: int, out: int, scale: np.float32, translation: np.float32, kernel_type: str, antialias: bool) -> Taps:
    if kernel_type not in _FILTERS:
        raise ValueError(f"kernel_type is {kernel_type!r}; known are {', '.join(_FILTERS)}")
    if not scale > 0:
        raise ValueError(f"scale must be positive, it is {scale}")
    radius, weights_at = _FILTERS[kernel_type]
    inverse = _single(1) / scale
    width = max(inverse, _single(1)) if antialias else _single(1)
    centers = (np.arange(out, dtype=_single) + _single(0.5)) * inverse - inverse * translation
    is_inside = (centers >= 0) & (centers <= size)
    reach = _single(radius) * width
    centers = np.where(is_inside, centers, _single(0))
    first, last = (
        np.clip(x, 0, size - 1).astype(np.int64)
        for x in (np.ceil(centers - reach - _single(0.5)), np.floor(centers + reach - _single(0.5)))
    )
    wanted = first + np.arange((last - first).max(initial=0) + 1)[:, None]
    weights = weights_at(np.abs((wanted.astype(_single) + _single(0.5) - centers) / width)).astype(_single)
    weights = np.where((wanted <= last) & is_inside, weights, _single(0))
    total = weights.sum(0)
    is_enough = np.abs(total) >= 1000 * np.finfo(_single).tiny
    weights = np.where(is_enough, weights / np.where(is_enough, total, _single(1)), _single(0))
    return Taps(np.minimum(wanted, size - 1), weights)


def _both(sizes: Any, outs: Any, scale: np.ndarray, translation: np.ndarray, *options: Any) -> list[Taps]:
    """The taps of rows and columns."""
    for what, array in (("scale", scale), ("translation", translation)):
        if array.shape != (2,):
            raise ValueError(f"{what} must have 2 elements, its shape is {array.shape}")
    numbers = zip(sizes, outs, scale.tolist(), translation.tolist(), strict=True)
    return [_taps(size, out, _single(s), _single(t), *options) for size, out, s, t in numbers]


def _kernel(images, scale, translation, *, size, kernel_type="lanczos3", antialias=True):
    check_sizes(images, size)
    rows, columns = _both(images.shape[1:3], size, scale, translation, kernel_type, antialias)
    return resample(resample(images.astype(_single, copy=False), rows, 1), columns, 2)


def _grad_kernel(grads, original_image, scale, translation, *, kernel_type="lanczos3", antialias=True):
    sizes = original_image.shape[1:3]
    check_sizes(original_image, grads.shape[1:3])
    both = _both(sizes, grads.shape[1:3], scale, translation, kernel_type, antialias)
    rows, columns = [taps.transposed(size) for taps, size in zip(both, sizes, strict=True)]
    return resample(resample(grads, rows, 1), columns, 2).astype(original_image.dtype, copy=False)


SCALE_AND_TRANSLATE = register(
    Op(
        "ScaleAndTranslate",
        _kernel,
        host=("size",),
        types=IMAGES,
        vjp=(
            lambda dy, images, scale, translation, kernel_type, antialias: SCALE_AND_TRANSLATE_GRAD(
                dy, images, scale, translation, kernel_type=kernel_type, antialias=antialias
            ),
            None,
            None,
        ),
        infer=lambda images, scale, translation, *, size, **options: Spec(
            np.dtype(_single), (images.shape[0], *size, images.shape[3])
        ),
    )
)
SCALE_AND_TRANSLATE_GRAD: Op = register(
    Op(
        "ScaleAndTranslateGrad",
        _grad_kernel,
        types={dtypes.float32},
        vjp=(
            lambda dy, grads_shape, scale, translation, attrs: SCALE_AND_TRANSLATE(
                dy, scale, translation, size=grads_shape[1:3], **attrs
            ),
            None,
            None,
            None,
        ),
        infer=lambda grads, original_image, scale, translation, **options: Spec(
            original_image.dtype, (grads.shape[0], *original_image.shape[1:3], grads.shape[3])
        ),
    )
)
