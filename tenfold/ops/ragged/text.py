"""The text of a ragged tensor, as `tf.print` writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.strings.as_string import as_string


def summary(value: RaggedTensor, limit: int = 3) -> Tensor:
    """The first and last rows and elements in brackets: `[[1, 2], [], ..., [3]]`.

    Args:
      value: what to write.
      limit: how many on each side; all if negative.
    Returns:
      Scalar string Tensor.
    """
    spec = value._type_spec
    components = spec._to_components(value)
    graph = traced_graph()
    if graph is not None:
        texts = [Spec(np.dtype(object), ())]
        return graph.enter(
            "RaggedToText", lambda *given: [summary(spec._from_components(given), limit)], components, texts, ()
        )[0]
    flat, *nested_splits = components
    is_text = flat.dtype is dtypes.string
    rows = (flat if is_text else as_string(flat))._array.tolist()
    for splits in reversed([splits._array for splits in nested_splits]):
        rows = [rows[start:end] for start, end in zip(splits[:-1], splits[1:], strict=True)]
    return convert(_joined(rows, limit, _quoted if is_text else bytes.decode))


def _quoted(element: bytes) -> str:
    text = element.decode("utf-8", "replace").replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def _joined(row: Any, limit: int, text_of: Callable[[bytes], str]) -> str:
    if isinstance(row, bytes):
        return text_of(row)
    is_cut = 0 <= 2 * limit < len(row)
    parts = [_joined(x, limit, text_of) for x in (row[:limit] + row[len(row) - limit :] if is_cut else row)]
    if is_cut:
        parts.insert(limit, "...")
    return f"[{', '.join(parts)}]"
