"""The arrangement of elements: reshape, transpose, stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import convert as conversion
from tenfold.core.convert import convert
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor


def static_ints(value: Any, what: str) -> tuple[int, ...]:
    """The Python ints of a shape, a permutation, a list of axes: given as ints, tensors, arrays or a mixture.

    Raises:
      TypeError: something in it is not an integer.
    """
    if type(value) is tuple or type(value) is list:
        for item in value:
            if type(item) is not int:
                break
        else:
            return tuple(value)
    array = convert(value)._array if not hasattr(value, "as_list") else np.array(value.as_list())
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{what}: expected integers, got {value!r}.")
    return tuple(array.reshape(-1).tolist())


def _reshape_kernel(tensor, *, shape):
    return tensor.reshape(shape)


RESHAPE = register(
    Op("Reshape", _reshape_kernel, host=("shape",), vjp=lambda dy, tensor_shape: reshape(dy, tensor_shape))
)


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """Gives the elements of a tensor, in their order, another shape.

    Args:
      tensor: Tensor of any dtype.
      shape: ints; one of them may be -1 and is then derived from the rest.
    Raises:
      tf.errors.InvalidArgumentError: the number of elements differs.
    Example:
      >>> tf.reshape(tf.range(6), [2, -1]).shape
      TensorShape([2, 3])
    """
    return RESHAPE(convert(tensor), shape=static_ints(shape, "tf.reshape"))


def _pack_kernel(*values, axis=0):
    return np.stack(values, axis)


PACK = register(Op("Pack", _pack_kernel, vjp=lambda dy, axis: unstack(dy, axis=axis)))


def stack(values: Sequence[Any], axis: int = 0, name: str = "stack") -> Tensor:
    values = [convert(value) for value in values]
    return PACK(*values, axis=axis)


def _unpack_kernel(value, *, axis=0):
    return tuple(np.moveaxis(value, axis, 0))


UNPACK = register(Op("Unpack", _unpack_kernel, vjp=lambda dys, axis: stack(dys, axis)))


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    return UNPACK(convert(value), axis=axis)


def _broadcast_kernel(input, *, shape):
    return np.broadcast_to(input, shape)


def _broadcast_vjp(dy, input_shape):
    from tenfold.ops.elementwise import unbroadcast

    return unbroadcast(dy, input_shape)


BROADCAST_TO = register(Op("BroadcastTo", _broadcast_kernel, host=("shape",), vjp=_broadcast_vjp))


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    return BROADCAST_TO(convert(input), shape=static_ints(shape, "tf.broadcast_to"))


conversion.stack = stack
