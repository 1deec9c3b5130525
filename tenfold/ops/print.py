"""`tf.print`, and the text it has for a tensor.

In a graph they are the ops `StringFormat` and `PrintV2`, with their attributes as operands.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes, nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import DType
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor


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


class _SparseSlot:
    """Stands for a sparse tensor: its parts in a text, with the quotes that TensorFlow leaves around it."""

    def __init__(self, parts: Sequence[_Slot]) -> None:
        self._parts = parts

    def __repr__(self) -> str:
        return "'SparseTensor(indices={!r}, values={!r}, shape={!r})'".format(*self._parts)


def _template(value: Any, tensors: list[Any]) -> str:
    """The text of a value with slots for the tensors in it, which are added to those that are there."""
    if isinstance(value, str):
        return value
    from pprint import pformat

    from tenfold.ops.ragged.tensor import RaggedTensor
    from tenfold.ops.sparse.tensor import SparseTensor

    def slot(leaf: Any) -> Any:
        if not is_tensor_like(type(leaf)):
            return leaf
        if isinstance(leaf, SparseTensor):
            return _SparseSlot([slot(part) for part in (leaf.indices, leaf.values, leaf.dense_shape)])
        tensors.append(leaf if isinstance(leaf, RaggedTensor) else convert(leaf))
        return _Slot(len(tensors) - 1)

    return repr(slot(value)) if is_tensor_like(type(value)) else pformat(nest.map_structure(slot, value))


def string_format(template: Any, placeholder: Any, summarize: Any, *tensors: Tensor) -> Tensor:
    """A text with summaries of tensors in place of placeholders."""
    operands = [convert(template), convert(placeholder), convert(summarize), *tensors]
    graph = traced_graph()
    if graph is not None:
        spec = Spec(np.dtype(object), ())
        return graph.enter("StringFormat", lambda *given: [string_format(*given)], operands, [spec], ())[0]
    parts = _decoded(operands[0]).split(_decoded(operands[1]))
    summaries = [summary(t._array, t.dtype, int(operands[2])) for t in tensors]
    text = "".join([part for pair in zip(parts, summaries, strict=False) for part in pair])
    return convert(text + parts[-1])


def print_text(text: Any, output_stream: Any, end: Any) -> list[Tensor]:
    """Prints a text to a stream of this name; `file://` and a path for a file."""
    graph = traced_graph()
    if graph is not None:
        operands = [convert(x) for x in (text, output_stream, end)]
        return graph.enter("PrintV2", lambda *given: print_text(*given), operands, [], ())
    stream, line = _decoded(output_stream), _decoded(text)
    if stream in _LOGS:
        import logging

        getattr(logging, _LOGS[stream])(line)
    elif stream.startswith("file://"):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(line + _decoded(end))
    else:
        (sys.stdout if stream == "stdout" else sys.stderr).write(line + _decoded(end))
    return []


_LOGS = {"log(info)": "info", "log(warning)": "warning", "log(error)": "error"}  # to functions of `logging`


def _decoded(text: Any) -> str:
    return convert(text)._array.item().decode("utf-8", "replace")


def _name_of(stream: Any) -> str | None:
    """TensorFlow's name for a stream; None if it has none."""
    if stream is None or stream is sys.stderr:
        return "stderr"
    if stream is sys.stdout:
        return "stdout"
    if isinstance(stream, str) and stream.startswith("file://"):
        return stream
    function = getattr(stream, "__name__", "") if getattr(stream, "__module__", "") == "logging" else ""
    return next((name for name, known in _LOGS.items() if known == function), None)


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
    stream = _name_of(output_stream)
    if stream is None and traced_graph() is not None:
        how = {"output_stream": output_stream, "summarize": summarize, "sep": sep, "end": end}
        traced_graph().defer(print, inputs, how, always=True)
        return
    text = _text(inputs, sep, 3 if summarize is None else summarize)
    if stream is not None:
        print_text(text, stream, end)
    elif hasattr(output_stream, "write"):
        output_stream.write(_decoded(text) + end)
    elif callable(output_stream):
        output_stream(_decoded(text))
    else:
        raise ValueError(
            f"Unsupported output stream, logging level, or file.{output_stream}. Supported streams are sys.stdout, sys.stderr, "
            "logging.info, logging.warning, logging.error. File needs to be in the form of 'file://<filepath>'."
        )


def _text(inputs: Sequence[Any], sep: str, summarize: int) -> Tensor:
    """What is printed of several values."""
    tensors: list[Any] = []
    template = sep.join([_template(value, tensors) for value in inputs])
    if template == repr(_Slot(0)) and isinstance(tensors[0], Tensor) and tensors[0].dtype is dtypes.string:
        if not tensors[0].ndim:
            return tensors[0]  # a single string is printed as it is
    ragged = [f"{i:02}" for i, tensor in enumerate(tensors) if not isinstance(tensor, Tensor)]
    if not ragged:
        return _filled(template, tensors, summarize)
    from tenfold.ops.ragged import text
    from tenfold.ops.strings.join import join

    pieces = re.split(f"\0({'|'.join(ragged)})\0", template)  # every second one is the number of a ragged tensor
    return join(
        [
            text.summary(tensors[int(piece)], summarize) if i % 2 else _filled(piece, tensors, summarize)
            for i, piece in enumerate(pieces)
        ]
    )


def _filled(template: str, tensors: Sequence[Any], summarize: int) -> Tensor:
    """A template with summaries of tensors in their slots."""
    placeholder, number = "{}", 0
    while placeholder in template:
        placeholder, number = f"{{{number}}}", number + 1
    operands = [tensors[int(i)] for i in re.findall("\0(\\d+)\0", template)]
    return string_format(re.sub("\0\\d+\0", lambda _: placeholder, template), placeholder, summarize, *operands)
