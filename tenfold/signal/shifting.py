"""Spectra whose frequency 0 stands in the middle."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import static
from tenfold.ops.rearrange import roll


def _places(x: Tensor, axes: Any, what: str) -> list[int]:
    rank = len(x._array.shape)
    wanted = range(rank) if axes is None else static.ints(axes, what)
    return [static.positive_axis(axis, rank, what) for axis in wanted]


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Moves the first element, frequency 0, to the middle of each axis.

    Args:
      x: Tensor.
      axes: int, or several; all of them by default.
    Returns:
      Tensor of the same shape.
    Example:
      >>> tf.signal.fftshift([0, 1, 2, -2, -1]).numpy().tolist()
      [-2, -1, 0, 1, 2]
    """
    x = convert(x)
    places = _places(x, axes, "tf.signal.fftshift: axes")
    return roll(x, [x._array.shape[i] // 2 for i in places], places)


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Moves the middle of each axis to its beginning: undoes `fftshift`.

    Args:
      x: Tensor.
      axes: int, or several; all of them by default.
    Returns:
      Tensor of the same shape.
    Example:
      >>> tf.signal.ifftshift([-2, -1, 0, 1, 2]).numpy().tolist()
      [0, 1, 2, -2, -1]
    """
    x = convert(x)
    places = _places(x, axes, "tf.signal.ifftshift: axes")
    return roll(x, [-(x._array.shape[i] // 2) for i in places], places)
