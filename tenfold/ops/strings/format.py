"""Texts with tensors written out in them."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.tensor import Tensor
from tenfold.ops.print import string_format
from tenfold.ops.strings.join import join


def format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None) -> Tensor:
    """A text with tensors in place of its placeholders.

    Args:
      template: text.
      inputs: Tensor, `tf.RaggedTensor`, or a list of them.
      placeholder: what the tensors replace.
      summarize: how many first and last elements of each axis are written; all if negative.
    Returns:
      string Tensor without axes.
    Raises:
      ValueError: there are not as many placeholders as tensors.
    Example:
      >>> tf.strings.format("x is {}", tf.range(10)).numpy()
      b'x is [0 1 2 ... 7 8 9]'
    """
    given = [inputs] if is_tensor_like(type(inputs)) or not isinstance(inputs, (list, tuple)) else inputs
    count = template.count(placeholder)
    if count != len(given):
        raise ValueError(
            f"tf.strings.format: the template expects {count} tensors, but there are {len(given)}; "
            "it must have a placeholder for each."
        )
    values: list[Any] = [convert(x) for x in given]
    if all(isinstance(x, Tensor) for x in values):
        return string_format(template, placeholder, summarize, *values)
    from tenfold.ops.ragged.text import summary

    first, *others = template.split(placeholder)
    pieces: list[Any] = [first]
    for value, text in zip(values, others, strict=True):
        is_dense = isinstance(value, Tensor)
        written = string_format("{}", "{}", summarize, value) if is_dense else summary(value, summarize)
        pieces += [written, text]
    return join(pieces)
