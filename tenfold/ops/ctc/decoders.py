"""Sequences of labels from frames of scores: the best class of each frame, or the likeliest sequences."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.errors import FailedPreconditionError
from tenfold.core.op import NotDifferentiable, Op, register, wrong_type
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops.ctc.beam_search import beam_search
from tenfold.ops.sparse.tensor import SparseTensor

_TYPES = {dtypes.float32, dtypes.float64}
_NOT = NotDifferentiable("the results are choices")
_INT64 = np.dtype(np.int64)
_RESULTS = ("decoded_indices", "decoded_values", "decoded_shape", "log_probability")


def _check(inputs: np.ndarray, sequence_length: np.ndarray) -> None:
    if inputs.ndim != 3:
        raise ValueError("inputs is not a 3-Tensor")
    time, batch, _ = inputs.shape
    if not time:
        raise ValueError("max_time is 0")
    if not batch:
        raise ValueError("batch_size is 0")
    if sequence_length.ndim != 1:
        raise ValueError(f"sequence_length must be a vector, its shape is {sequence_length.shape}")
    if sequence_length.shape != (batch,):
        raise FailedPreconditionError(
            None, None, f"sequence_length has the shape {sequence_length.shape}; there are {batch} rows."
        )
    if len(wrong := np.flatnonzero(sequence_length > time)):
        text = f"sequence_length[{wrong[0]}] is {sequence_length[wrong[0]]}; there are {time} frames."
        raise FailedPreconditionError(None, None, text)


def _lengths(sequence_length: Any) -> Tensor:
    lengths = convert(sequence_length, None, dtypes.int32)
    if lengths.dtype is not dtypes.int32:
        raise wrong_type(f"sequence_length is {lengths.dtype.name}; it must be int32. Cast it with tf.cast.")
    return lengths


def _sparse(rows: Sequence[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices, values and shape of rows of labels."""
    lengths = np.array([len(row) for row in rows])
    values = np.fromiter((label for row in rows for label in row), np.int64)
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    indices = np.stack([np.repeat(np.arange(len(rows)), lengths), np.arange(len(values)) - starts], 1)
    return indices, values, np.array([len(rows), lengths.max()], np.int64)


def _sparse_specs(count: int) -> list[Spec]:
    return [
        *[Spec.rows(_INT64, (2,))] * count,
        *[Spec.rows(_INT64)] * count,
        *[Spec(_INT64, (2,))] * count,
    ]


# The best class of each frame.


def _greedy_kernel(inputs, sequence_length, *, merge_repeated=False, blank_index=-1):
    _check(inputs, sequence_length)
    classes = inputs.shape[2]
    blank = blank_index + classes if blank_index < 0 else blank_index
    if not 0 <= blank < classes:
        raise ValueError(f"blank_index is {blank_index}; it must be in [{-classes}, {classes})")
    best = inputs.argmax(2)
    is_inside = np.arange(len(inputs))[:, None] < sequence_length
    is_kept = is_inside & (best != blank)
    if merge_repeated:
        is_kept[1:] &= best[1:] != best[:-1]
    largest = np.where(is_inside, inputs.max(2), 0)
    rows = [best[is_kept[:, row], row] for row in range(inputs.shape[1])]
    return *_sparse(rows), 0 - np.add.reduce(largest, 0, dtype=inputs.dtype)[:, None]


CTC_GREEDY_DECODER = register(
    Op(
        "CTCGreedyDecoder",
        _greedy_kernel,
        types=_TYPES,
        outputs=_RESULTS,
        vjp=_NOT,
        infer=lambda inputs, sequence_length, **attrs: [*_sparse_specs(1), Spec(inputs.dtype, (inputs.shape[1], 1))],
    )
)


def ctc_greedy_decoder(
    inputs: Any,
    sequence_length: Any,
    merge_repeated: bool = True,
    blank_index: int | None = None,
    name: str | None = None,
) -> tuple[list[SparseTensor], Tensor]:
    """The best class of each frame, without blanks.

    Args:
      inputs: Tensor of float32 or float64, scores, shape `(frames, batch, classes)`.
      sequence_length: int32, shape `(batch,)`, how many frames each row has.
      merge_repeated: whether equal classes of neighbouring frames are one label.
      blank_index: the class of the blank, from the end if negative; the last one by default.
    Returns:
      A list of one SparseTensor of int64, shape `(batch, longest)`; and the negative sum of the best scores, `(batch, 1)`.
    Raises:
      tf.errors.InvalidArgumentError: dtypes, axes or the blank do not fit.
      tf.errors.FailedPreconditionError: lengths do not fit.
    Example:
      >>> scores = tf.math.log([[[0.6, 0.4]], [[0.7, 0.3]], [[0.2, 0.8]], [[0.9, 0.1]]])
      >>> decoded, _ = tf.nn.ctc_greedy_decoder(scores, [4])
      >>> print(tf.sparse.to_dense(decoded[0]).numpy())
      [[0 0]]
    """
    blank = -1 if blank_index is None else blank_index
    inputs = convert(inputs)
    CTC_GREEDY_DECODER.require(inputs._array)
    *parts, scores = CTC_GREEDY_DECODER(
        inputs, _lengths(sequence_length), merge_repeated=bool(merge_repeated), blank_index=blank
    )
    return [SparseTensor(*parts)], scores


# The likeliest sequences.


def _beam_kernel(inputs, sequence_length, *, beam_width, top_paths, merge_repeated=True):
    _check(inputs, sequence_length)
    if top_paths > beam_width:
        raise ValueError(f"requested more paths than the beam width: {top_paths}, not more than {beam_width}")
    shifted = inputs - inputs.max(2, keepdims=True)
    log_shares = shifted - np.log(np.add.reduce(np.exp(shifted), 2, keepdims=True))
    found = [
        beam_search(log_shares[: max(length, 0), row], beam_width, top_paths, merge_repeated)
        for row, length in enumerate(sequence_length.tolist())
    ]
    paths = [_sparse([row[path][0] for row in found]) for path in range(top_paths)]
    scores = np.array([[score for _, score in row] for row in found], inputs.dtype)
    return *[path[part] for part in range(3) for path in paths], scores


def _beam_specs(inputs, sequence_length, *, beam_width, top_paths, merge_repeated=True):
    return [*_sparse_specs(top_paths), Spec(inputs.dtype, (inputs.shape[1], top_paths))]


def _raw_beam(
    inputs: Any,
    sequence_length: Any,
    beam_width: int,
    top_paths: int,
    merge_repeated: bool = True,
    name: str | None = None,
) -> Any:
    """The raw op `CTCBeamSearchDecoder`, whose results are lists."""
    inputs = convert(inputs)
    CTC_BEAM_SEARCH_DECODER.require(inputs._array)
    *parts, scores = CTC_BEAM_SEARCH_DECODER(
        inputs,
        _lengths(sequence_length),
        beam_width=beam_width,
        top_paths=top_paths,
        merge_repeated=bool(merge_repeated),
    )
    lists = [parts[start : start + top_paths] for start in range(0, len(parts), top_paths)]
    return namedtuple("CTCBeamSearchDecoder", _RESULTS)(*[*lists, scores])


CTC_BEAM_SEARCH_DECODER = register(
    Op("CTCBeamSearchDecoder", _beam_kernel, types=_TYPES, vjp=_NOT, infer=_beam_specs, raw=_raw_beam)
)


def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[SparseTensor], Tensor]:
    """The likeliest sequences of labels, by a beam search over their prefixes.

    Args:
      inputs: Tensor of float32 or float64, scores, the blank last, shape `(frames, batch, classes)`.
      sequence_length: int32, shape `(batch,)`, how many frames each row has.
      beam_width: how many prefixes are kept at each frame.
      top_paths: how many sequences are returned of each row.
    Returns:
      A list of `top_paths` SparseTensors of int64, shape `(batch, longest)`, the likeliest first; and the logarithms of
      their probabilities, `(batch, top_paths)`.
    Raises:
      tf.errors.InvalidArgumentError: dtypes or axes do not fit, or there are fewer sequences than are wanted.
      tf.errors.FailedPreconditionError: lengths do not fit.
    Example:
      >>> decoded, scores = tf.nn.ctc_beam_search_decoder(tf.math.log([[[0.4, 0.6]], [[0.4, 0.6]]]), [2])
      >>> print(tf.sparse.to_dense(decoded[0]).numpy(), tf.exp(scores).numpy().round(4))  # 3 alignments beat two blanks
      [[0]] [[0.64]]
    """
    indices, values, shapes, scores = _raw_beam(inputs, sequence_length, beam_width, top_paths, False)
    return [SparseTensor(*parts) for parts in zip(indices, values, shapes, strict=True)], scores
