"""Letters in lower and upper case, and texts without white space around them."""

from __future__ import annotations

from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.ops.strings.elements import elementwise, mapped, text_input, text_op


def _lower_kernel(input, *, encoding=""):
    if _is_utf8(encoding):
        return mapped(lambda text: text.decode("utf-8", "replace").lower().encode(), input)
    return mapped(bytes.lower, input)


def _upper_kernel(input, *, encoding=""):
    if _is_utf8(encoding):
        return mapped(lambda text: text.decode("utf-8", "replace").upper().encode(), input)
    return mapped(bytes.upper, input)


def _is_utf8(encoding: str) -> bool:
    if encoding not in ("", "utf-8"):
        raise ValueError(f"only utf-8 or '' (no encoding) is supported, received {encoding}")
    return encoding == "utf-8"


def _strip_kernel(input):
    return mapped(bytes.strip, input)


LOWER = text_op("StringLower", _lower_kernel, infer=elementwise())
UPPER = text_op("StringUpper", _upper_kernel, infer=elementwise())
STRIP = text_op("StringStrip", _strip_kernel, infer=elementwise())


def lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Texts in lower case.

    Args:
      input: string Tensor.
      encoding: "" to change the letters of ASCII only, or "utf-8".
    Raises:
      tf.errors.InvalidArgumentError: there is no such encoding.
    Example:
      >>> print(tf.strings.lower(["Sun", "MOON"]).numpy())
      [b'sun' b'moon']
    """
    return LOWER(text_input(input, LOWER), encoding=encoding)


def upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Texts in upper case; see `tf.strings.lower`.

    Example:
      >>> print(tf.strings.upper(["Sun", "MOON"]).numpy())
      [b'SUN' b'MOON']
    """
    return UPPER(text_input(input, UPPER), encoding=encoding)


def strip(input: Any, name: str | None = None) -> Tensor:
    """Texts without white space of ASCII at both ends.

    Example:
      >>> print(tf.strings.strip([" sun", "moon \\n"]).numpy())
      [b'sun' b'moon']
    """
    return STRIP(text_input(input, STRIP))
