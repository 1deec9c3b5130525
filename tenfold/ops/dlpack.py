"""DLPack: tensors handed to other libraries, and taken from them, without a file between."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor

_CPU = (1, 0)  # DLPack's device type and number


class _Producer:
    """Gives NumPy, which asks a producer for the capsule, a capsule that is there already."""

    def __init__(self, capsule: Any) -> None:
        self._capsule = capsule

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self._capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return _CPU


def to_dlpack(tf_tensor: Tensor) -> Any:
    """A DLPack capsule with a copy of a tensor, for one consumer.

    Raises:
      tf.errors.InvalidArgumentError: it is not a tensor, or DLPack has no such dtype (bfloat16 and smaller floats, string).
    Example:
      >>> capsule = tf.experimental.dlpack.to_dlpack(tf.constant([1.0, 2.0]))
      >>> print(tf.experimental.dlpack.from_dlpack(capsule).numpy())
      [1. 2.]
    """
    if not isinstance(tf_tensor, Tensor):
        raise InvalidArgumentError(f"to_dlpack: the argument is {type(tf_tensor).__name__}; it must be a tf.Tensor.")
    try:
        return tf_tensor.__dlpack__()
    except BufferError as error:
        raise InvalidArgumentError(f"to_dlpack: tf.{tf_tensor.dtype.name} has no counterpart in DLPack.") from error


def from_dlpack(dlcapsule: Any) -> Tensor:
    """A tensor with a copy of what a DLPack capsule, or an object with `__dlpack__`, holds.

    Raises:
      tf.errors.InvalidArgumentError: it is neither, or the capsule is used up.
    Example:
      >>> tf.experimental.dlpack.from_dlpack(np.array([1, 2])).dtype
      tf.int64
    """
    producer = dlcapsule if hasattr(dlcapsule, "__dlpack__") else _Producer(dlcapsule)
    try:
        return convert(np.from_dlpack(producer))
    except (TypeError, ValueError, BufferError, RuntimeError) as error:
        raise InvalidArgumentError(f"from_dlpack: {dlcapsule!r} cannot be read: {error}") from error
