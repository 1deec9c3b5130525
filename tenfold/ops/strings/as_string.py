"""Numbers as text."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC, is_differentiable
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import row_rules


def _kernel(input, *, precision=-1, scientific=False, shortest=False, width=-1, fill=""):
    AS_STRING.require(input)
    is_fractional = is_differentiable(input.dtype)
    if fill not in ("", " ", "+", "-", "0"):
        raise ValueError(f"fill is {fill!r}; it must be ' ', '+', '-', '0' or nothing")
    if scientific and shortest:
        raise ValueError("scientific and shortest cannot both be chosen")
    if (scientific or shortest) and not is_fractional:
        raise ValueError("scientific and shortest are for floating-point numbers")
    if precision >= 0 and not is_fractional:
        raise ValueError("precision is for floating-point numbers")
    layout = f"%{fill}{width}" if width >= 0 else "%"
    if is_fractional:
        number = (
            layout + (f".{precision}" if precision >= 0 else "") + ("e" if scientific else "g" if shortest else "f")
        )
    else:
        number = layout + "d"
    if input.dtype.kind == "c":
        texts = [f"({number % x.real},{number % x.imag})" for x in input.reshape(-1).tolist()]
    elif input.dtype.kind == "b":
        texts = ["true" if x else "false" for x in input.reshape(-1)]
    elif input.dtype.kind == "O":
        texts = [x.rjust(width) if width > 0 else x for x in input.reshape(-1)]
    else:
        texts = [number % x for x in input.reshape(-1).tolist()]
    result = np.empty(input.shape, object)
    result.reshape(-1)[:] = [text if isinstance(text, bytes) else text.encode() for text in texts]
    return result


AS_STRING = register(
    Op(
        "AsString",
        _kernel,
        types=NUMERIC | {dtypes.bool, dtypes.string},
        vjp=NotDifferentiable("the result is text"),
        rows=row_rules.elementwise,
    )
)


def as_string(
    input: Any,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Tensor:
    """Writes each element out as text.

    Args:
      input: numeric, boolean or string Tensor.
      precision: digits after the point, 6 by default; floating-point numbers only.
      scientific: whether to write an exponent, as in `1.5e+00`.
      shortest: whether to write it only where it makes the text shorter.
      width: least number of characters.
      fill: what to fill up with: spaces in front; "0"; "-" for spaces behind; "+" to write a sign always; " " to leave
        room for one.
    Returns:
      string Tensor of the same shape.
    Raises:
      tf.errors.InvalidArgumentError: the options contradict each other or do not fit the dtype.
    Example:
      >>> print(tf.as_string([3.14159, 2.0], precision=2).numpy())
      [b'3.14' b'2.00']
    """
    return AS_STRING(
        convert(input), precision=precision, scientific=scientific, shortest=shortest, width=width, fill=fill
    )
