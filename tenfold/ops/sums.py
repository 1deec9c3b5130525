"""Sums of many terms, and multiples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op, register
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Size, Spec, may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, row_rules
from tenfold.ops.elementwise import add, multiply


def _add_n_kernel(*inputs):
    for i, array in enumerate(inputs):
        if array.shape != inputs[0].shape:
            raise InvalidArgumentError(
                f"tf.add_n: inputs must have the same size and shape: input 0 is {inputs[0].shape}, "
                f"input {i} is {array.shape}. Use + to broadcast."
            )
    total = np.array(inputs[0])
    for array in inputs[1:]:
        np.add(total, array, total)
    return total


def _add_n_spec(*inputs):
    shape = inputs[0].shape
    for x in inputs[1:]:
        if not may_equal(shape, x.shape):
            return None
        shape = tuple([b if type(a) is Size else a for a, b in zip(shape, x.shape, strict=True)])
    return Spec(inputs[0].dtype, shape)


ADD_N = register(
    Op(
        "AddN",
        _add_n_kernel,
        types=NUMERIC,
        vjp=lambda dy, inputs_shape: [dy] * len(inputs_shape),
        infer=_add_n_spec,
        lower=lambda b, *inputs: reduce(b.add, inputs),
        rows=row_rules.elementwise,
    )
)


def add_n(inputs: Sequence[Any], name: str | None = None) -> Tensor:
    """Sums tensors of one shape and dtype.

    Args:
      inputs: tensors or `tf.IndexedSlices`, at least one.
    Raises:
      ValueError: there are no inputs.
      tf.errors.InvalidArgumentError: shapes or dtypes differ.
    Example:
      >>> print(tf.add_n([[1, 2], [3, 4], [5, 6]]).numpy())
      [ 9 12]
    """
    tensors = [convert(x) for x in inputs]
    if not tensors:
        raise ValueError(
            "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape."
        )
    if len(tensors) == 1:
        return tensors[0]
    ADD_N.require(*[x._array for x in tensors])
    return ADD_N(*tensors)


def accumulate_n(inputs: Sequence[Any], shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """Sums tensors, as `tf.add_n` does, and checks their shape and dtype.

    Raises:
      ValueError: there are no inputs, or they differ in dtype or shape, or from `shape`.
      TypeError: they are not of `tensor_dtype`.
    Example:
      >>> print(tf.math.accumulate_n([[1, 2], [3, 4]], shape=[2]).numpy())
      [4 6]
    """
    tensors = [convert(x) for x in inputs] if isinstance(inputs, (list, tuple)) else []
    if not tensors or any(x.dtype is not tensors[0].dtype for x in tensors):
        raise ValueError("inputs must be a list of at least one Tensor with the same dtype and shape")
    common = TensorShape(shape)
    for x in tensors:
        common = common.merge_with(x.shape)
    if tensor_dtype is not None and tensor_dtype != tensors[0].dtype:
        raise TypeError(
            f"tf.math.accumulate_n: tensor_dtype is {dtypes.as_dtype(tensor_dtype).name}, the inputs are "
            f"{tensors[0].dtype.name}; they must be equal. Cast the inputs with tf.cast."
        )
    return add_n(tensors)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """Multiplies a tensor, or the values of `tf.IndexedSlices`, by one number.

    Raises:
      ValueError: `scalar` has axes, or is a tensor of another dtype.
      TypeError: `scalar` does not fit the dtype of `x`.
    Example:
      >>> print(tf.scalar_mul(2.0, tf.constant([1.0, 2.0])).numpy())
      [2. 4.]
    """
    x = x if isinstance(x, IndexedSlices) else convert(x)
    factor = convert(scalar, dtypes.as_dtype(x.dtype))
    if factor._array.ndim:
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {factor.shape}.")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(multiply(factor, x.values), x.indices, x.dense_shape)
    return multiply(factor, x)


def polyval(coeffs: list, x: Any, name: str | None = None) -> Tensor:
    """The value of a polynomial, by Horner's rule.

    Args:
      coeffs: list of tensors, the coefficient of the highest power first.
      x: Tensor.
    Raises:
      ValueError: `coeffs` is not a list.
    Example:
      >>> print(tf.math.polyval([3.0, 2.0, 1.0], 2.0).numpy())
      17.0
    """
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type. Received type {type(coeffs)}.")
    x = convert(x)
    if not coeffs:
        return creation.zeros_like(x)
    value = convert(coeffs[0])
    for coefficient in coeffs[1:]:
        value = add(convert(coefficient), multiply(value, x))
    return value
