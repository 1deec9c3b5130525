"""Sequences of neighbouring words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.symbol import Spec
from tenfold.core.text import as_bytes
from tenfold.ops import array as array_ops
from tenfold.ops import join, sizes
from tenfold.ops.strings.elements import array_of_texts, text_op
from tenfold.ops.strings.split import checked_splits


def _ngrams_kernel(
    data, data_splits, *, separator, ngram_widths, left_pad, right_pad, pad_width, preserve_short_sequences
):
    splits, join = checked_splits(data_splits, data.size), _joined_by(separator)
    if any(width < 1 for width in ngram_widths):
        raise ValueError("ngram_widths must contain positive values")
    rows = []
    for start, end in pairwise(splits):
        words = data[start:end].tolist()
        found: list[bytes] = []
        for width in ngram_widths:
            count = width - 1 if pad_width < 0 else min(pad_width, width - 1)
            padded = [left_pad] * count + words + [right_pad] * count
            found += [join(padded[i : i + width]) for i in range(len(padded) - width + 1)]
        if preserve_short_sequences and not found and words:
            found = [join([left_pad] * pad_width + words + [right_pad] * pad_width)]
        rows.append(found)
    ends = np.cumsum([0, *map(len, rows)])[: len(splits)]
    return array_of_texts([text for row in rows for text in row]), ends.astype(data_splits.dtype)


def _joined_by(separator: str | bytes) -> Callable[[list[str | bytes]], bytes]:
    return lambda words: as_bytes(separator).join([as_bytes(word) for word in words])


def _ngrams_specs(data, data_splits, **attrs):
    return [Spec.rows(data.dtype), Spec(data_splits.dtype, data_splits.shape)]


NGRAMS = text_op("StringNGrams", _ngrams_kernel, outputs=("ngrams", "ngrams_splits"), infer=_ngrams_specs)


def ngrams(
    data: Any,
    ngram_width: int | Sequence[int],
    separator: str = " ",
    pad_values: Any = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Any:
    """Joins neighbouring words of each row.

    Args:
      data: words, a tensor of at least one axis or a `tf.RaggedTensor`; the last axis is that of the rows.
      ngram_width: how many words are joined, an integer or several, for which each row has the sequences one after the other.
      separator: what stands between two words.
      pad_values: what rows are padded with: a text, or one for the left and one for the right; None for no padding.
      padding_width: how many of them are on each side, at most one less than the width, which is the default.
      preserve_short_sequences: whether a row that is too short becomes one sequence, rather than none.
    Returns:
      RaggedTensor, or Tensor where `data` is one, with the sequences of each row in place of its words.
    Raises:
      ValueError: a width is less than 1, `padding_width` is given without `pad_values`, or `data` is a scalar.
      TypeError: `pad_values` is neither a text nor two.
    Example:
      >>> tf.strings.ngrams(["a", "b", "c"], 2).numpy().tolist()
      [b'a b', b'b c']
    """
    from tenfold.ops.ragged.tensor import RaggedTensor

    left, right = _pads(pad_values)
    if padding_width is not None and (pad_values is None or padding_width < 1):
        raise ValueError(
            f"tf.strings.ngrams: padding_width is {padding_width}, pad_values is {pad_values!r}; a width must be at least 1, and "
            "needs pad_values."
        )
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    if any(width < 1 for width in widths):
        raise ValueError(f"tf.strings.ngrams: ngram_width is {ngram_width}; widths must be at least 1.")
    pad_width = 0 if pad_values is None else -1 if padding_width is None else padding_width

    def joined(rows: Any) -> Any:
        if rows.ragged_rank > 1:
            return rows.with_values(joined(rows.values))
        texts, splits = NGRAMS(
            rows.flat_values,
            rows.row_splits,
            separator=separator,
            ngram_widths=widths,
            left_pad=left,
            right_pad=right,
            pad_width=pad_width,
            preserve_short_sequences=preserve_short_sequences,
        )
        return RaggedTensor.from_row_splits(texts, splits, validate=False)

    if isinstance(data, RaggedTensor):
        return joined(data)
    words = convert(data, dtypes.string)
    if not words.ndim:
        raise ValueError("tf.strings.ngrams: data is a scalar; it must have at least one axis, that of the words.")
    if words.ndim == 1:
        return joined(RaggedTensor.from_row_starts(words, [0], validate=False)).values
    rows = joined(RaggedTensor.from_tensor(words, ragged_rank=words.ndim - 1))
    return array_ops.reshape(rows.flat_values, join.concat([sizes.shape(words)[:-1], [-1]], 0))


def _pads(pad_values: Any) -> tuple[str | bytes, str | bytes]:
    """What stands on the left and on the right of a row."""
    pads = (
        ("", "") if pad_values is None else pad_values if isinstance(pad_values, (list, tuple)) else (pad_values,) * 2
    )
    if len(pads) != 2 or not all(isinstance(pad, (str, bytes)) for pad in pads):
        raise TypeError(
            f"tf.strings.ngrams: pad_values is {pad_values!r}; it must be a text, a pair of texts, or None."
        )
    return pads[0], pads[1]
