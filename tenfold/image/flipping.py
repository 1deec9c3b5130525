"""Images mirrored and turned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.graph.branches import switch_case
from tenfold.image.batches import image_of
from tenfold.ops import array as array_ops
from tenfold.ops import static
from tenfold.ops.gather import where
from tenfold.ops.random import stateless_uniform, uniform
from tenfold.ops.rearrange import reverse


def flip_left_right(image: Any) -> Tensor:
    """Images mirrored at a vertical line.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
    Raises:
      ValueError: it has another shape.
    Example:
      >>> tf.image.flip_left_right(tf.reshape(tf.range(3), (1, 3, 1))).numpy().ravel()
      array([2, 1, 0], dtype=int32)
    """
    x = image_of(image, "tf.image.flip_left_right")
    return reverse(x, [x._array.ndim - 2])


def flip_up_down(image: Any) -> Tensor:
    """Images mirrored at a horizontal line; arguments as in `tf.image.flip_left_right`.

    Example:
      >>> tf.image.flip_up_down(tf.reshape(tf.range(3), (3, 1, 1))).numpy().ravel()
      array([2, 1, 0], dtype=int32)
    """
    x = image_of(image, "tf.image.flip_up_down")
    return reverse(x, [x._array.ndim - 3])


def transpose(image: Any, name: str | None = None) -> Tensor:
    """Images whose rows are columns; arguments as in `tf.image.flip_left_right`.

    Example:
      >>> tf.image.transpose(tf.ones((2, 3, 1))).shape
      TensorShape([3, 2, 1])
    """
    x = image_of(image, "tf.image.transpose")
    return array_ops.transpose(x, (1, 0, 2) if x._array.ndim == 3 else (0, 2, 1, 3))


def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """Images turned counter-clockwise.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      k: how many quarters of a turn, int or scalar Tensor of int32.
    Raises:
      ValueError: `image` or `k` has another shape.
    Example:
      >>> tf.image.rot90(tf.reshape(tf.range(4), (2, 2, 1)))[:, :, 0].numpy().tolist()
      [[1, 3], [0, 2]]
    """
    x, turns = image_of(image, "tf.image.rot90"), convert(k, dtypes.int32)
    if turns.shape.rank:
        raise ValueError(f"tf.image.rot90: k has shape {tuple(turns.shape)}; it must be a scalar.")
    rows, columns = x._array.ndim - 3, x._array.ndim - 2
    turned: list[Callable[[], Tensor]] = [
        lambda: x,
        lambda: transpose(reverse(x, [columns])),
        lambda: reverse(x, [rows, columns]),
        lambda: reverse(transpose(x), [columns]),
    ]
    return switch_case(turns % 4, turned) if static.is_traced(turns) else turned[int(turns) % 4]()


def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """Images mirrored at a vertical line or not, at random, each image of a batch for itself.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      seed: int, or None for one that the op draws.
    Raises:
      ValueError: `image` has another shape.
    Example:
      >>> tf.image.random_flip_left_right(tf.ones((2, 3, 1)), seed=1).shape
      TensorShape([2, 3, 1])
    """
    return _flipped(image, flip_left_right, lambda shape: uniform(shape, 0, 1.0, seed=seed))


def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """Images mirrored at a horizontal line or not; arguments as in `tf.image.random_flip_left_right`."""
    return _flipped(image, flip_up_down, lambda shape: uniform(shape, 0, 1.0, seed=seed))


def stateless_random_flip_left_right(image: Any, seed: Any) -> Tensor:
    """Like `tf.image.random_flip_left_right`, but the seed, two integers, decides.

    Example:
      >>> image = tf.reshape(tf.range(3), (1, 3, 1))
      >>> tf.image.stateless_random_flip_left_right(image, seed=(1, 2)).numpy().ravel()
      array([0, 1, 2], dtype=int32)
    """
    return _flipped(image, flip_left_right, lambda shape: stateless_uniform(shape, seed, 0, 1.0))


def stateless_random_flip_up_down(image: Any, seed: Any) -> Tensor:
    """Like `tf.image.random_flip_up_down`, but the seed, two integers, decides."""
    return _flipped(image, flip_up_down, lambda shape: stateless_uniform(shape, seed, 0, 1.0))


def _flipped(image: Any, flip: Callable[[Any], Tensor], draw: Callable[[Any], Tensor]) -> Tensor:
    mirrored = flip(image)
    x = convert(image)
    if x._array.ndim == 3:
        return where(draw(()) < 0.5, mirrored, x)
    # as TensorFlow rounds: of a batch, those are mirrored whose number is above a half
    return where(array_ops.reshape(draw((x._array.shape[0],)), (-1, 1, 1, 1)) > 0.5, mirrored, x)
