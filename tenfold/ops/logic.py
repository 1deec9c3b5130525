"""Comparison and logic, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING, NUMERIC, REAL
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops.ufunc import BOOLEAN_RESULT, binary, unary

_COMPARABLE = NUMERIC | {dtypes.bool, dtypes.string}


@binary("Equal", np.equal, types=_COMPARABLE, vjp=BOOLEAN_RESULT, lower="eq")
def equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether elements are equal.

    Raises:
      TypeError: a Python value does not fit the other operand's dtype.
      tf.errors.InvalidArgumentError: the dtypes differ, or the shapes do not broadcast.
    Example:
      >>> print(tf.equal([1, 2], 2).numpy())
      [False  True]
    """


@binary("NotEqual", np.not_equal, types=_COMPARABLE, vjp=BOOLEAN_RESULT, lower="ne")
def not_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether elements differ; NaN differs from everything.

    Example:
      >>> print(tf.not_equal([1, 2], 2).numpy())
      [ True False]
    """


@binary("Greater", np.greater, types=REAL, vjp=BOOLEAN_RESULT, lower="gt")
def greater(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether `x > y`.

    Example:
      >>> print(tf.greater([1, 2, 3], 2).numpy())
      [False False  True]
    """


@binary("GreaterEqual", np.greater_equal, types=REAL, vjp=BOOLEAN_RESULT, lower="ge")
def greater_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether `x >= y`.

    Example:
      >>> print(tf.greater_equal([1, 2, 3], 2).numpy())
      [False  True  True]
    """


@binary("Less", np.less, types=REAL, vjp=BOOLEAN_RESULT, lower="lt")
def less(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether `x < y`.

    Example:
      >>> print(tf.less([1, 2, 3], 2).numpy())
      [ True False False]
    """


@binary("LessEqual", np.less_equal, types=REAL, vjp=BOOLEAN_RESULT, lower="le")
def less_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether `x <= y`.

    Example:
      >>> print(tf.less_equal([1, 2, 3], 2).numpy())
      [ True  True False]
    """


def _approximate_equal_kernel(x, y, *, tolerance=1e-5):
    if x.shape != y.shape:
        raise ValueError("x and y must be of the same shape")
    return np.less(np.absolute(np.subtract(x, y)), tolerance)


def _lower_approximate_equal(b, x, y, *, tolerance=1e-5):
    if x.dtype.kind != "f":
        raise NotLowered("a tolerance of integers")
    return b.lt(b.abs(x - y), tolerance)


APPROXIMATE_EQUAL = register(
    Op(
        "ApproximateEqual",
        _approximate_equal_kernel,
        types=NUMERIC,
        vjp=BOOLEAN_RESULT,
        lower=_lower_approximate_equal,
    )
)


# Truth values


def _truths(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    return (
        x if type(x) is Tensor else convert(x, dtypes.bool),
        y if type(y) is Tensor else convert(y, dtypes.bool),
    )


@binary("LogicalAnd", np.logical_and, types={dtypes.bool}, vjp=BOOLEAN_RESULT, operands=_truths, lower="logical_and")
def logical_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether both hold.

    Raises:
      TypeError: a Python number is given for a truth value.
      tf.errors.InvalidArgumentError: a tensor is not of dtype bool, or the shapes do not broadcast.
    Example:
      >>> print(tf.logical_and([True, False], True).numpy())
      [ True False]
    """


@binary("LogicalOr", np.logical_or, types={dtypes.bool}, vjp=BOOLEAN_RESULT, operands=_truths, lower="logical_or")
def logical_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether at least one holds; errors as in `tf.logical_and`.

    Example:
      >>> print(tf.logical_or([True, False], False).numpy())
      [ True False]
    """


@unary("LogicalNot", np.logical_not, types={dtypes.bool}, vjp=BOOLEAN_RESULT, lower="logical_not")
def _logical_not(x: Tensor) -> Tensor: ...


def logical_not(x: Any, name: str | None = None) -> Tensor:
    """Whether something does not hold; errors as in `tf.logical_and`.

    Example:
      >>> print(tf.logical_not([True, False]).numpy())
      [False  True]
    """
    return _logical_not(x if type(x) is Tensor else convert(x, dtypes.bool))


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Tensor:
    """Whether exactly one holds; errors as in `tf.logical_and`.

    Example:
      >>> print(tf.math.logical_xor([True, False], True).numpy())
      [False  True]
    """
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)))


# Kinds of floating-point numbers


@unary("IsNan", np.isnan, types=FLOATING, vjp=BOOLEAN_RESULT, lower="is_nan")
def is_nan(x: Any, name: str | None = None) -> Tensor:
    """Whether elements are NaN.

    Example:
      >>> print(tf.math.is_nan([1.0, np.nan, np.inf]).numpy())
      [False  True False]
    """


@unary("IsInf", np.isinf, types=FLOATING, vjp=BOOLEAN_RESULT, lower="is_inf")
def is_inf(x: Any, name: str | None = None) -> Tensor:
    """Whether elements are infinite.

    Example:
      >>> print(tf.math.is_inf([1.0, np.nan, np.inf]).numpy())
      [False False  True]
    """


@unary("IsFinite", np.isfinite, types=FLOATING, vjp=BOOLEAN_RESULT, lower="is_finite")
def is_finite(x: Any, name: str | None = None) -> Tensor:
    """Whether elements are neither NaN nor infinite.

    Example:
      >>> print(tf.math.is_finite([1.0, np.nan, np.inf]).numpy())
      [ True False False]
    """
