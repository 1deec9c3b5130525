"""Losses of label sequences, `tf.nn.ctc_loss`, of dense and of sparse labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import Op, register, wrong_type
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, exponential, join, logic, ranges, rearrange, sizes, softmax
from tenfold.ops import gather as gather_ops
from tenfold.ops import matmul as matmul_ops
from tenfold.ops.ctc.lattice import LOWEST, Lattice, align, lattice
from tenfold.ops.recurrent import looped
from tenfold.ops.sparse.tensor import SparseTensor

_NEARLY_IMPOSSIBLE = float(np.log(1e-307))  # a sequence that does not fit into its frames has a gradient
_TYPES = {dtypes.float32, dtypes.float64}


def _loss_and_gradient(logits: np.ndarray, states: Lattice, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    time, batch, classes = logits.shape
    shifted = logits - logits.max(2, keepdims=True)
    log_shares = shifted - np.log(np.add.reduce(np.exp(shifted), 2, keepdims=True))
    is_class = (states.places >= 0) & (states.places < classes)
    places = np.where(is_class, states.places, 0)
    observed = np.where(is_class, np.take_along_axis(log_shares, places[None], 2), 0)
    observed[:, :, 0] = -np.inf
    is_inside = np.arange(time)[:, None] < frames
    loss, shares = align(states, observed, is_inside)
    is_label = np.arange(places.shape[1]) % 2 == 0
    is_counted = is_class & ~(is_label & (places == places[:, 1:2]))  # not a blank among the labels
    gradient = np.exp(log_shares, order="C")  # `reshape(-1)` must be a view
    rows = np.arange(time * batch).reshape(time, batch, 1) * classes
    np.subtract.at(gradient.reshape(-1), (rows + places).reshape(-1), np.where(is_counted, shares, 0).reshape(-1))
    return loss, np.where(is_inside[:, :, None], gradient, 0)


# Sparse labels.


def _sparse_kernel(
    inputs,
    labels_indices,
    labels_values,
    sequence_length,
    *,
    preprocess_collapse_repeated=False,
    ctc_merge_repeated=True,
    ignore_longer_outputs_than_inputs=False,
):
    if inputs.ndim != 3:
        raise ValueError("inputs is not a 3-Tensor")
    if labels_indices.ndim != 2 or labels_indices.shape[1] != 2:
        raise ValueError("labels_indices is not a matrix of two columns")
    if labels_values.shape != labels_indices.shape[:1]:
        raise ValueError("labels_indices and labels_values must contain the same number of rows")
    time, batch, classes = inputs.shape
    if sequence_length.shape != (batch,):
        raise ValueError(f"len(sequence_length) != batch_size: it is {sequence_length.shape}, there are {batch} rows")
    if not inputs.size:
        raise ValueError("inputs must not be empty")
    if len(wrong := np.flatnonzero((sequence_length < 0) | (sequence_length > time))):
        raise ValueError(f"sequence_length({wrong[0]}) is {sequence_length[wrong[0]]}; it must be in [0, {time}]")
    _check_order(labels_indices, batch)
    rows = np.split(labels_values, np.searchsorted(labels_indices[:, 0], np.arange(1, batch)))
    for number, (row, frames) in enumerate(zip(rows, sequence_length, strict=True)):
        _check_row(number, row, frames, classes, ignore_longer_outputs_than_inputs)
    found = [_spelled(row, classes - 1, preprocess_collapse_repeated) for row in rows]
    lengths = np.array([len(row) for row in found])
    labels = np.full((batch, lengths.max()), classes - 1, np.int64)
    labels[np.arange(labels.shape[1]) < lengths[:, None]] = np.concatenate(found)
    is_left_out = (sequence_length == 0) | (lengths > sequence_length)
    states = lattice(labels, lengths, classes - 1, -np.inf, inputs.dtype, ctc_merge_repeated)
    loss, gradient = _loss_and_gradient(inputs, states, np.where(is_left_out, 0, sequence_length))
    return np.where(is_left_out, 0, loss), gradient


def _check_order(indices: np.ndarray, batch: int) -> None:
    for axis, size in ((0, batch), (1, None)):
        wrong = indices[:, axis] < 0 if size is None else (indices[:, axis] < 0) | (indices[:, axis] >= size)
        if wrong.any():
            raise ValueError(f"labels: index {indices[wrong][0].tolist()} is out of bounds")
    step = np.diff(indices, axis=0)
    if ((step[:, 0] < 0) | ((step[:, 0] == 0) & (step[:, 1] <= 0))).any():
        raise ValueError("labels: indices are out of order or repeated; tf.sparse.reorder puts them in order")


def _check_row(number: int, row: np.ndarray, frames: int, classes: int, may_be_longer: bool) -> None:
    if not len(row):
        raise ValueError(f"Labels length is zero in batch {number}")
    is_blank = row >= classes - 1
    if (is_blank[:-1] & ~is_blank[1:]).any():
        raise ValueError(
            f"batch {number}: a label follows a blank, which is {classes - 1} and above and ends the sequence"
        )
    if (row < 0).any():
        raise ValueError(f"All labels must be nonnegative integers, batch: {number}")
    if len(row) > frames and not may_be_longer:
        raise ValueError(f"batch {number} needs at least {len(row)} frames for its labels, it has {frames}")


def _spelled(row: np.ndarray, blank: int, collapses: bool) -> np.ndarray:
    """The labels before the first blank, equal neighbours as one if so wanted."""
    if collapses:
        row = row[np.concatenate([[True], row[1:] != row[:-1]])]
    return row[row < blank]


def _no_second_gradient(dy: Any) -> None:
    raise LookupError("tf.nn.ctc_loss has no second derivative.")


def _vjp(dys: Any, outs: Any) -> Tensor:
    return array_ops.reshape(dys[0], (1, -1, 1)) * _LAST_GRADIENT(outs[1])


_LAST_GRADIENT = Op(
    "CTCLossGradient",
    lambda gradient: gradient,
    vjp=_no_second_gradient,
    lower=lambda b, gradient: gradient,
    expand=lambda gradient: gradient,
)


def _specs(logits: Any, *others: Any, **attrs: Any) -> list[Spec]:
    return [Spec(logits.dtype, logits.shape[1:2]), Spec(logits.dtype, logits.shape)]


CTC_LOSS = register(
    Op(
        "CTCLoss",
        _sparse_kernel,
        types=_TYPES,
        outputs=("loss", "gradient"),
        vjp=(_vjp, None, None, None),
        infer=_specs,
    )
)


# Dense labels.


def _dense_kernel(logits, labels, label_length, logit_length):
    time, batch, _ = logits.shape
    if labels.shape[:1] != (batch,) or label_length.shape != (batch,) or logit_length.shape != (batch,):
        raise ValueError(f"labels and both lengths must have {batch} rows, one for each sequence of logits")
    states = lattice(labels.astype(np.int64), label_length, 0, _NEARLY_IMPOSSIBLE, logits.dtype)
    loss, gradient = _loss_and_gradient(logits, states, logit_length)
    return loss, gradient


def _expanded(logits: Tensor, labels: Tensor, label_length: Tensor, logit_length: Tensor) -> list[Tensor]:
    """The kernel in public functions, for files."""
    dtype, shape = logits.dtype, sizes.shape(labels)
    states, classes = 2 * shape[1] + 2, sizes.shape(logits)[2]
    numbers = ranges.range(states)

    def of_labels(x: Tensor, otherwise: Any) -> Tensor:
        """What labels have, and in all other states another value."""
        pairs = join.stack([x, creation.fill(sizes.shape(x), convert(otherwise, x.dtype))], 2)
        pairs = array_ops.reshape(pairs, (shape[0], 2 * shape[1]))
        return rearrange.pad(pairs, [[0, 0], [2, 0]], constant_values=otherwise)

    def scores(is_free: Tensor, otherwise: float) -> Tensor:
        return gather_ops.where(is_free, convert(0.0, dtype), convert(otherwise, dtype))

    def log_sum(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        largest = elementwise.maximum(elementwise.maximum(elementwise.maximum(a, b), c), convert(LOWEST, dtype))
        return exponential.log(sum(exponential.exp(way - largest) for way in (a, b, c))) + largest

    def after(x: Tensor, by: int) -> Tensor:
        return rearrange.pad(x[:, :-by], [[0, 0], [by, 0]], constant_values=-np.inf)

    def before(x: Tensor, by: int) -> Tensor:
        return rearrange.pad(x[:, by:], [[0, 0], [0, by]], constant_values=-np.inf)

    differs = rearrange.pad(logic.not_equal(labels[:, 1:], labels[:, :-1]), [[0, 0], [1, 0]], constant_values=True)
    skip = scores(of_labels(differs[:, : shape[1]], False), -np.inf)
    first = creation.zeros_like(skip) + scores(logic.equal(numbers, 0), _NEARLY_IMPOSSIBLE)
    is_last = logic.equal((numbers // 2)[None], cast_ops.cast(label_length, numbers.dtype)[:, None])
    last = scores(is_last, _NEARLY_IMPOSSIBLE)
    spread = ranges.one_hot(of_labels(labels, 0), classes, dtype=dtype)
    log_shares = softmax.log_softmax(logits)
    emitted = matmul_ops.matmul(array_ops.transpose(log_shares, (1, 0, 2)), spread, transpose_b=True)
    observed = array_ops.transpose(emitted, (1, 0, 2)) + scores(logic.greater(numbers, 0), -np.inf)
    is_inside = array_ops.transpose(ranges.sequence_mask(logit_length, sizes.shape(logits)[0]))

    def forward(now: Tensor, x: Tensor) -> list[Tensor]:
        return [log_sum(x, after(x, 1), after(x, 2) + skip) + now]

    def backward(now: Tensor, x: Tensor) -> list[Tensor]:
        x += now
        return [log_sum(x, before(x, 1), before(x + skip, 2))]

    (reached,) = looped(forward, observed, (), [first])
    (left,) = looped(backward, observed[::-1], [is_inside[::-1]], [last])
    left = join.concat([last[None], left], 0)[::-1]  # its element t is the score before frame t
    share = softmax.softmax(reached + left[1:])
    is_blank_label = of_labels(logic.equal(labels, 0), False)
    spread = gather_ops.where(is_blank_label[:, :, None], creation.zeros_like(spread), spread)
    of_classes = array_ops.transpose(matmul_ops.matmul(array_ops.transpose(share, (1, 0, 2)), spread), (1, 0, 2))
    gradient = (exponential.exp(log_shares) - of_classes) * cast_ops.cast(is_inside, dtype)[:, :, None]
    return [-left[0, :, 0], gradient]


CTC_LOSS_DENSE = Op(
    "CTCLossDense",
    _dense_kernel,
    outputs=("loss", "gradient"),
    vjp=(_vjp, None, None, None),
    infer=_specs,
    expand=_expanded,
)


def ctc_loss(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`-log` of the probability that frames of scores spell labels (Graves et al., 2006, doi:10.1145/1143844.1143891).

    Args:
      labels: integers, shape `(batch, labels)`, or a SparseTensor of int32 without empty rows.
      logits: Tensor of a floating dtype, scores of classes, shape `(frames, batch, classes)`.
      label_length: integers, shape `(batch,)`, how many labels each row has; not needed where they are sparse.
      logit_length: integers, shape `(batch,)`, how many frames each row has.
      logits_time_major: whether frames come first; else `logits` are `(batch, frames, classes)`.
      unique: what `tf.nn.ctc_unique_labels` returns, with which TensorFlow takes another way to the same numbers; not needed here.
      blank_index: the class of the blank, from the end if negative. 0 by default; to be given if labels are sparse.
    Returns:
      Tensor of shape `(batch,)`. Dense labels that do not fit into their frames give about 707, and have a gradient; sparse ones
      an error where there are fewer frames than labels, else infinity. There is no second derivative.
    Raises:
      ValueError: labels are sparse, and the blank is not given, or they are not int32; or the logits have not three axes.
      tf.errors.InvalidArgumentError: lengths or labels do not fit.
    Example:
      >>> print(tf.nn.ctc_loss([[1]], tf.zeros((2, 1, 2)), [1], [2]).numpy())  # 3 of 4 paths: 11, 01, 10
      [0.28768]
    """
    what = "tf.nn.ctc_loss"
    x = convert(logits)
    dtype = x.dtype
    if x._array.ndim != 3:
        raise ValueError(f"{what}: logits is {x._array.shape}; it must have three axes.")
    if dtype not in (*_TYPES, *_NARROW):
        raise wrong_type(f"{what}: logits is {dtype.name}; it must be floating. Cast it with tf.cast.")
    if dtype in _NARROW:
        x = cast_ops.cast(x, dtypes.float32)
    if not logits_time_major:
        x = array_ops.transpose(x, (1, 0, 2))
    if isinstance(labels, SparseTensor):
        if blank_index is None:
            raise ValueError(f"{what}: labels are sparse; blank_index must be given.")
        loss = _of_sparse(labels, x, convert(logit_length, None, dtypes.int32), blank_index)
    else:
        loss = _of_dense(convert(labels), x, convert(label_length), convert(logit_length), blank_index or 0)
    return cast_ops.cast(loss, dtype)


_NARROW = (dtypes.float16, dtypes.bfloat16)


def _of_sparse(labels: SparseTensor, x: Tensor, frames: Tensor, blank: int) -> Tensor:
    blank = blank + x._array.shape[2] if blank < 0 else blank
    x = join.concat([x[:, :, :blank], x[:, :, blank + 1 :], x[:, :, blank : blank + 1]], 2)
    values = convert(labels.values, dtypes.int32)
    values = gather_ops.where(logic.less(values, blank), values, values - 1)
    return CTC_LOSS(x, labels.indices, values, frames)[0]


def _of_dense(labels: Tensor, x: Tensor, label_length: Tensor, frames: Tensor, blank: int) -> Tensor:
    if labels._array.ndim != 2:
        raise ValueError(f"tf.nn.ctc_loss: labels is {labels._array.shape}; it must be (batch, labels).")
    if blank != 0:
        blank = blank + x._array.shape[2] if blank < 0 else blank
        x = join.concat([x[:, :, blank : blank + 1], x[:, :, :blank], x[:, :, blank + 1 :]], 2)
        labels = gather_ops.where(logic.less(labels, blank), labels + 1, labels)
    return CTC_LOSS_DENSE(x, labels, label_length, frames)[0]
