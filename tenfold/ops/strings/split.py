"""Texts split at separators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops.strings.elements import array_of_texts, text_op

_INT64 = np.dtype(np.int64)


def sparse_rows(rows: Iterable[list[bytes]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lists as a sparse matrix: positions, elements, and the shape."""
    lists = list(rows)
    indices = [(i, j) for i, row in enumerate(lists) for j in range(len(row))]
    shape = np.array([len(lists), max(map(len, lists), default=0)], np.int64)
    return np.array(indices, np.int64).reshape(-1, 2), array_of_texts([x for row in lists for x in row]), shape


def _scalar(value: Any, name: str) -> bytes:
    if value.ndim:
        raise ValueError(f"{name} must be a scalar, got shape: {value.shape}")
    return value[()]


def _split_kernel(input, sep, *, maxsplit=-1):
    if input.ndim != 1:
        raise ValueError(f"input must be a vector, got shape: {input.shape}")
    separator = _scalar(sep, "sep") or None
    return sparse_rows([text.split(separator, maxsplit) for text in input.tolist()])


def _split_at_any_kernel(input, delimiter, *, skip_empty=True):
    if input.ndim != 1:
        raise ValueError(f"input must be a vector, got shape: {input.shape}")
    separators = _scalar(delimiter, "delimiter")
    return sparse_rows([_parts(text, separators, skip_empty) for text in input.tolist()])


def _parts(text: bytes, separators: bytes, skip_empty: bool) -> list[bytes]:
    """The parts of a text between any of the separators; its bytes if there are none."""
    if not text:
        return []
    if not separators:
        return [bytes([byte]) for byte in text]
    first = separators[:1]
    parts = text.translate(bytes.maketrans(separators, first * len(separators))).split(first)
    return [part for part in parts if part] if skip_empty else parts


def _sparse_specs(input, *operands, **attrs):
    return [Spec(_INT64, (None, 2), (STAND_IN,)), Spec.rows(np.dtype(object)), Spec(_INT64, (2,))]


_SPARSE = ("indices", "values", "shape")
SPLIT = text_op("StringSplitV2", _split_kernel, outputs=_SPARSE, infer=_sparse_specs)
SPLIT_AT_ANY = text_op("StringSplit", _split_at_any_kernel, outputs=_SPARSE, infer=_sparse_specs)


def split(input: Any, sep: Any = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """Splits texts into words.

    Args:
      input: texts, a tensor or a `tf.RaggedTensor`.
      sep: what stands between two words, one text; without it, any white space, and then no word is empty.
      maxsplit: how many splits there are at the most; -1 for all.
    Returns:
      For one text a vector, else a `tf.RaggedTensor` with one axis more, that of the words.
    Example:
      >>> tf.strings.split(["a b", "", "c"]).to_list()
      [[b'a', b'b'], [], [b'c']]
    """
    separator = convert("" if sep is None else sep, dtypes.string)
    return _in_rows(input, lambda texts: SPLIT(texts, separator, maxsplit=maxsplit))


def bytes_split(input: Any, name: str | None = None) -> Any:
    """Splits texts into their bytes; see `tf.strings.split` for arguments and results.

    Example:
      >>> tf.strings.bytes_split(["ab", ""]).to_list()
      [[b'a', b'b'], []]
    """
    nothing = convert("", dtypes.string)
    return _in_rows(input, lambda texts: SPLIT_AT_ANY(texts, nothing, skip_empty=False))


def _in_rows(input: Any, split_all: Callable[[Tensor], Any]) -> Any:
    """What becomes of texts of any number of axes, each of which is split into a row of its own."""
    from tenfold.ops.ragged.tensor import RaggedTensor

    texts = input if isinstance(input, RaggedTensor) else convert(input, dtypes.string)
    if isinstance(texts, Tensor):
        if not texts.ndim:
            return split_all(array_ops.expand_dims(texts, 0)).values
        if texts.ndim == 1:
            found = split_all(texts)
            return RaggedTensor.from_value_rowids(found.values, found.indices[:, 0], found.shape[0])
        texts = RaggedTensor.from_tensor(texts, ragged_rank=texts.ndim - 1)
    return texts.with_flat_values(_in_rows(texts.flat_values, split_all))


def checked_splits(splits: np.ndarray, count: int) -> list[int]:
    """Where rows end, one behind the other, the last one where all ends."""
    if splits.ndim != 1:
        raise ValueError(f"row splits must be a vector, their shape is {splits.shape}")
    ends = splits.tolist()
    if ends and ends[0] != 0:
        raise ValueError(f"First split value must be 0, got {ends[0]}")
    for before, after in pairwise(ends):
        if not before <= after <= count:
            raise ValueError(f"Invalid split value {after}, must be in [{before}, {count}]")
    if ends and ends[-1] != count:
        raise ValueError(f"Last split value must be data size. Expected {count}, got {ends[-1]}")
    return ends
