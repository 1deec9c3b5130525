"""Axes split, ordered and merged as a pattern says."""

from __future__ import annotations

import math
import re

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike


def _axes(side: str) -> list[list[str]]:
    """The names of each axis' parts."""
    return [re.findall(r"\w+", axis) for axis in re.findall(r"\w+|\(.*?\)", side)]


@operation
def rearrange(tensor: TensorLike, pattern: str, **axes_lengths: int) -> Tensor:
    """The elements in the order of other axes.

    Args:
      tensor: tensor with as many axes as the left side of the pattern.
      pattern: names of axes before and after, such as `"b (h p) c -> b h (p c)"`; those in parentheses are one axis.
      **axes_lengths: sizes of the parts of axes; one of each axis may be left out.
    Raises:
      ValueError: the pattern has other axes than the tensor, or differs on both sides.
    Example:
      >>> print(tf.keras.ops.rearrange(tf.range(6), "(a b) -> b a", a=2).numpy())
      [[0 3]
       [1 4]
       [2 5]]
    """
    x = convert(tensor)
    sides = [_axes(side) for side in pattern.split("->")]
    names = [[name for axis in side for name in axis] for side in sides]
    if len(sides) != 2 or len(sides[0]) != len(x.shape) or sorted(names[0]) != sorted(names[-1]):
        raise ValueError(
            f"rearrange: the pattern is {pattern!r}, the tensor has shape {tuple(x.shape)}; it must name its axes on the left "
            "of '->', and the same ones on the right."
        )
    sizes: dict[str, int] = dict(axes_lengths)
    for size, axis in zip(x._array.shape, sides[0], strict=True):
        unknown = [name for name in axis if name not in sizes]
        known = math.prod(sizes[name] for name in axis if name not in unknown)
        sizes.update({name: size // known for name in unknown[:1]})
    parts = tf.reshape(x, [sizes[name] for name in names[0]])
    ordered = tf.transpose(parts, [names[0].index(name) for name in names[1]])
    return tf.reshape(ordered, [math.prod(sizes[name] for name in axis) for axis in sides[1]])
