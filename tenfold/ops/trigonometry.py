"""Trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import FLOATING
from tenfold.core.tensor import Tensor
from tenfold.ops.elementwise import add, conj, divide, multiply, negative, square, subtract, unbroadcast
from tenfold.ops.exponential import sqrt
from tenfold.ops.ufunc import CONTINUOUS, binary, unary


@unary("Sin", np.sin, types=CONTINUOUS, vjp=lambda dy, x: multiply(dy, cos(conj(x))), lower="sin")
def sin(x: Any, name: str | None = None) -> Tensor:
    """The sine of each element, in radians.

    Example:
      >>> print(tf.sin([0.0, 1.5707964]).numpy())
      [0. 1.]
    """


@unary("Cos", np.cos, types=CONTINUOUS, vjp=lambda dy, x: negative(multiply(dy, sin(conj(x)))), lower="cos")
def cos(x: Any, name: str | None = None) -> Tensor:
    """The cosine of each element, in radians.

    Example:
      >>> print(tf.cos([0.0, 3.1415927]).numpy())
      [ 1. -1.]
    """


@unary("Tan", np.tan, types=CONTINUOUS, vjp=lambda dy, x: divide(dy, square(cos(conj(x)))), lower="tan")
def tan(x: Any, name: str | None = None) -> Tensor:
    """The tangent of each element, in radians.

    Example:
      >>> print(tf.tan([0.0, 0.7853982]).numpy())
      [0. 1.]
    """


def _cosine_of_asin(x: Tensor) -> Tensor:
    return sqrt(subtract(1, square(conj(x))))


@unary("Asin", np.arcsin, types=CONTINUOUS, vjp=lambda dy, x: divide(dy, _cosine_of_asin(x)), lower="asin")
def asin(x: Any, name: str | None = None) -> Tensor:
    """The angle in `[-pi/2, pi/2]` that has this sine; NaN outside of `[-1, 1]`.

    Example:
      >>> print(tf.asin([0.0, 1.0]).numpy())
      [0.        1.5707964]
    """


@unary("Acos", np.arccos, types=CONTINUOUS, vjp=lambda dy, x: negative(divide(dy, _cosine_of_asin(x))), lower="acos")
def acos(x: Any, name: str | None = None) -> Tensor:
    """The angle in `[0, pi]` that has this cosine; NaN outside of `[-1, 1]`.

    Example:
      >>> print(tf.acos([1.0, -1.0]).numpy())
      [0.        3.1415927]
    """


@unary("Atan", np.arctan, types=CONTINUOUS, vjp=lambda dy, x: divide(dy, add(square(conj(x)), 1)), lower="atan")
def atan(x: Any, name: str | None = None) -> Tensor:
    """The angle in `(-pi/2, pi/2)` that has this tangent.

    Example:
      >>> print(tf.atan([0.0, 1.0]).numpy())
      [0.        0.7853982]
    """


def _over_square_radius(dy: Tensor, y: Tensor, x: Tensor) -> Tensor:
    return divide(dy, add(square(y), square(x)))


@binary(
    "Atan2",
    np.arctan2,
    types=FLOATING,
    vjp=(
        lambda dy, y, x, y_shape: unbroadcast(multiply(x, _over_square_radius(dy, y, x)), y_shape),
        lambda dy, y, x, x_shape: unbroadcast(negative(multiply(y, _over_square_radius(dy, y, x))), x_shape),
    ),
    lower="atan2",
)
def atan2(y: Any, x: Any, name: str | None = None) -> Tensor:
    """The angle in `[-pi, pi]` of the point `(x, y)`.

    Example:
      >>> print(tf.atan2([0.0, 1.0], [-1.0, 1.0]).numpy())
      [3.1415927 0.7853981]
    """


@unary("Sinh", np.sinh, types=CONTINUOUS, vjp=lambda dy, x: multiply(dy, cosh(conj(x))), lower="sinh")
def sinh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic sine of each element.

    Example:
      >>> print(tf.sinh([0.0, 1.0]).numpy())
      [0.        1.1752012]
    """


@unary("Cosh", np.cosh, types=CONTINUOUS, vjp=lambda dy, x: multiply(dy, sinh(conj(x))), lower="cosh")
def cosh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic cosine of each element.

    Example:
      >>> print(tf.cosh([0.0, 1.0]).numpy())
      [1.        1.5430807]
    """


@unary("Asinh", np.arcsinh, types=CONTINUOUS, vjp=lambda dy, out: divide(dy, cosh(conj(out))), lower="asinh")
def asinh(x: Any, name: str | None = None) -> Tensor:
    """The number that has this hyperbolic sine.

    Example:
      >>> print(tf.asinh([0.0, 1.1752012]).numpy())
      [0. 1.]
    """


@unary("Acosh", np.arccosh, types=CONTINUOUS, vjp=lambda dy, out: divide(dy, sinh(conj(out))), lower="acosh")
def acosh(x: Any, name: str | None = None) -> Tensor:
    """The number that is not negative and has this hyperbolic cosine; NaN below 1.

    Example:
      >>> print(tf.acosh([1.0, 1.5430806]).numpy())
      [0. 1.]
    """


@unary("Atanh", np.arctanh, types=CONTINUOUS, vjp=lambda dy, x: divide(dy, subtract(1, square(conj(x)))), lower="atanh")
def atanh(x: Any, name: str | None = None) -> Tensor:
    """The number that has this hyperbolic tangent; NaN outside of `[-1, 1]`.

    Example:
      >>> print(tf.atanh([0.0, 1.0]).numpy())
      [ 0. inf]
    """
