"""Discrete Fourier transforms of complex tensors over their last axes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops


def _transform(name: str, axes: int) -> tuple[Op, Op]:
    """Registers the transform over the last `axes` axes and its inverse; each is the other's gradient, up to the size."""
    over = tuple(range(-axes, 0))

    def checked(run: Callable) -> Callable:
        def kernel(input):
            forward.require(input)
            if input.ndim < axes:
                raise InvalidArgumentError(f"{name}: Input must have rank of at least {axes} but got: {input.ndim}")
            return run(input, axes=over).astype(input.dtype, copy=False) if input.size else input

        return kernel

    def size(x: Tensor) -> Tensor:
        return cast_ops.cast(convert(prod(x._array.shape[-axes:]), dtypes.int64), x.dtype)

    forward: Op = Op(name, checked(np.fft.fftn), types=COMPLEX, vjp=lambda dy: inverse(dy) * size(dy))
    inverse: Op = Op(f"I{name}", checked(np.fft.ifftn), types=COMPLEX, vjp=lambda dy: forward(dy) / size(dy))
    return register(forward), register(inverse)


_TRANSFORMS = {axes: _transform("FFT" if axes == 1 else f"FFT{axes}D", axes) for axes in (1, 2, 3)}


def fft_over(x: Any, axes: int) -> Tensor:
    """The transform over the last 1, 2 or 3 axes."""
    return _TRANSFORMS[axes][0](convert(x))


def ifft_over(x: Any, axes: int) -> Tensor:
    """The inverse transform over the last 1, 2 or 3 axes."""
    return _TRANSFORMS[axes][1](convert(x))
