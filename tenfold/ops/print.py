"""`tf.print`, and the text it has for a tensor."""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np

from tenfold.core import dtypes, nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import DType


def summary(array: np.ndarray, dtype: DType, limit: int = 3) -> str:
    """The first and last elements of each axis in brackets: `[0 1 2 ... 7 8 9]`.

    Args:
      array: a tensor's array.
      dtype: the tensor's.
      limit: how many elements on each side; all if negative.
    """
    if not array.ndim:
        return _element(array[()], dtype)
    return _bracketed(array, dtype, limit, 1) if array.size else "[]"


def _bracketed(array: np.ndarray, dtype: DType, limit: int, depth: int) -> str:
    count = len(array)
    is_cut = 0 <= 2 * limit < count
    shown = [*range(limit), *range(count - limit, count)] if is_cut else range(count)
    if array.ndim == 1:
        parts, separator = [_element(array[i], dtype) for i in shown], " "
    else:
        parts = [_bracketed(array[i], dtype, limit, depth + 1) for i in shown]
        separator = "\n" * (array.ndim - 1) + " " * depth
    if is_cut:
        parts.insert(limit, "...")
    return f"[{separator.join(parts)}]"


def _element(value: Any, dtype: DType) -> str:
    if dtype.is_floating:
        return _shortest(float(value), 15 if dtype is dtypes.float64 else 6, dtype)
    if dtype.is_complex:
        digits, part = (15, dtypes.float64) if dtype is dtypes.complex128 else (6, dtypes.float32)
        return f"({_shortest(value.real, digits, part)},{_shortest(value.imag, digits, part)})"
    if dtype.is_bool:
        return str(int(value))
    if dtype is dtypes.string:
        return f'"{_escaped(value)}"'
    return str(value)


def _shortest(value: float, digits: int, dtype: DType) -> str:
    """The digits that surely fit, or those that surely are enough if reading them back gives another number."""
    text = f"{value:.{digits}g}"
    exact = np.float64 if dtype is dtypes.float64 else np.float32
    return text if exact(text) == exact(value) or value != value else f"{value:.{digits + 2 + (digits == 6)}g}"


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "'": "\\'", "\\": "\\\\"}


def _escaped(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    return "".join([_ESCAPES.get(c) or (f"\\{ord(c):03o}" if ord(c) < 32 or ord(c) == 127 else c) for c in text])


class _Slot:
    """Stands for a tensor while its structure is laid out, four characters wide as in TensorFlow."""

    def __init__(self, index: int) -> None:
        self._index = index

    def __repr__(self) -> str:
        return f"\0{self._index:02}\0"  # no other repr has a zero character


def _text(value: Any, limit: int) -> str:
    if isinstance(value, str):
        return value
    if is_tensor_like(type(value)):
        tensor = convert(value)
        return summary(tensor._array, tensor.dtype, limit)
    from pprint import pformat

    summaries: list[str] = []

    def slot(leaf: Any) -> Any:
        if not is_tensor_like(type(leaf)):
            return leaf
        summaries.append(_text(leaf, limit))
        return _Slot(len(summaries) - 1)

    return re.sub("\0(\\d+)\0", lambda match: summaries[int(match[1])], pformat(nest.map_structure(slot, value)))


def print(
    *inputs: Any,
    output_stream: Any = None,
    summarize: int | None = 3,
    sep: str = " ",
    end: str = "\n",
    name: str | None = None,
    **unknown: Any,
) -> None:
    """Prints tensors, structures with tensors in them and any other values.

    Args:
      *inputs: what to print.
      output_stream: a text stream, `sys.stderr` by default; a logging function such as `logging.info`; or
        "file://" and the path of a file to append to.
      summarize: how many first and last elements of each axis to print; all if negative.
      sep, end: what stands between the inputs and after them.
    Raises:
      ValueError: `output_stream` is nothing of these, or an argument is not known.
    Example:
      >>> import sys
      >>> tf.print("x:", tf.range(10), {"y": tf.constant([0.5, 1.0])}, output_stream=sys.stdout)
      x: [0 1 2 ... 7 8 9] {'y': [0.5 1]}
    """
    if unknown:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {unknown}")
    graph = traced_graph()
    if graph is not None:
        how = {"output_stream": output_stream, "summarize": summarize, "sep": sep, "end": end}
        graph.defer(print, inputs, how, always=True)
        return
    only = convert(inputs[0]) if len(inputs) == 1 and is_tensor_like(type(inputs[0])) else None
    if only is not None and only.dtype is dtypes.string and not only.ndim:
        text = only._array.item().decode("utf-8", "replace")  # a single string is printed as it is
    else:
        text = sep.join([_text(value, 3 if summarize is None else summarize) for value in inputs])
    stream = sys.stderr if output_stream is None else output_stream
    if hasattr(stream, "write"):
        stream.write(text + end)
    elif isinstance(stream, str) and stream.startswith("file://"):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text + end)
    elif callable(stream):
        stream(text)
    else:
        raise ValueError(
            f"Unsupported output stream, logging level, or file.{stream}. Supported streams are sys.stdout, sys.stderr, "
            "logging.info, logging.warning, logging.error. File needs to be in the form of 'file://<filepath>'."
        )
