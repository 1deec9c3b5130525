"""What ops on texts have in common: a function of bytes for each element of an array."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops.ufunc import spec_of_elements

_OF_TEXT = NotDifferentiable("an input or the result is text")


def array_of_texts(texts: Iterable[bytes], shape: tuple[int, ...] | None = None) -> np.ndarray:
    """An object array of texts; a vector if there is no shape."""
    items = list(texts)
    result = np.empty(len(items), object)
    result[:] = items
    return result if shape is None else result.reshape(shape)


def mapped(function: Callable[[bytes], bytes], array: np.ndarray) -> np.ndarray:
    """The array of what a function makes of each text."""
    return array_of_texts(map(function, array.reshape(-1).tolist()), array.shape)


def text_op(name: str, kernel: Callable[..., Any], **options: Any) -> Op:
    """Registers an op whose first input is text; none of these has a gradient."""
    return register(Op(name, kernel, types={dtypes.string}, vjp=_OF_TEXT, **options))


def elementwise(dtype: Any = object) -> Callable[..., Spec | None]:
    """The shape rule of an op that gives an element of this dtype for each text."""
    return spec_of_elements(lambda *inputs: np.empty(1, dtype))


def text_input(value: Any, op: Op) -> Tensor:
    """A value as the tensor of texts that is the first input of an op.

    Raises:
      tf.errors.InvalidArgumentError: it is a tensor of another dtype.
      TypeError, ValueError: it is another value that is no text.
    """
    if not is_tensor_like(type(value)):
        return convert(value, dtypes.string)
    tensor = convert(value)
    if tensor.dtype is not dtypes.string:
        raise InvalidArgumentError(
            f"cannot compute {op.name} as input #0(zero-based) was expected to be a string tensor but is a "
            f"{tensor.dtype.name} tensor [Op:{op.name}]. Make text of it with tf.strings.as_string."
        )
    return tensor
