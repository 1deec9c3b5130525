"""Numbers that are written out as text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.ops import row_rules
from tenfold.ops.strings.elements import elementwise, text_input, text_op

_TYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)
_WHOLE = re.compile(rb"\s*[+-]?\d+\s*")


def _integer(text: bytes, dtype: np.dtype) -> int:
    bounds = np.iinfo(dtype)
    if _WHOLE.fullmatch(text) and (bounds.min < 0 or b"-" not in text):
        value = int(text)
        if bounds.min <= value <= bounds.max:
            return value
    raise _cannot(text)


def _fraction(text: bytes) -> float:
    if b"_" in text:
        raise _cannot(text)
    try:
        is_hexadecimal = text.strip().lstrip(b"+-")[:2].lower() == b"0x"
        return float.fromhex(text.decode()) if is_hexadecimal else float(text)
    except (ValueError, OverflowError):
        raise _cannot(text) from None


def _cannot(text: bytes) -> ValueError:
    return ValueError(f"StringToNumberOp could not correctly convert string: {text.decode('utf-8', 'replace')}")


def _kernel(string_tensor, *, out_type=dtypes.float32):
    if out_type not in _TYPES:
        raise ValueError(f"out_type is {out_type.name}; it must be {', '.join([t.name for t in _TYPES])}")
    dtype, texts = out_type._np, string_tensor.reshape(-1).tolist()
    numbers = [_integer(x, dtype) for x in texts] if dtype.kind in "iu" else [_fraction(x) for x in texts]
    return np.array(numbers, dtype).reshape(string_tensor.shape)


def _spec(string_tensor, *, out_type=dtypes.float32):
    return elementwise(out_type._np)(string_tensor)


TO_NUMBER = text_op("StringToNumber", _kernel, infer=_spec, rows=row_rules.elementwise)


def to_number(input: Any, out_type: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """Reads texts as numbers.

    Args:
      input: string Tensor.
      out_type: float32, float64, int32, int64, uint32 or uint64.
    Returns:
      Tensor of this dtype and of the shape of `input`.
    Raises:
      tf.errors.InvalidArgumentError: a text is no number, or the dtype does not have it.
    Example:
      >>> print(tf.strings.to_number(["1.5", "-2e3"]).numpy())
      [ 1.5e+00 -2.0e+03]
    """
    return TO_NUMBER(text_input(input, TO_NUMBER), out_type=as_dtype(out_type))
