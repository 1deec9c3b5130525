"""Ops that put the elements of a tensor elsewhere, or repeat them: tile, repeat, pad, reverse, roll."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register, wrong_type
from tenfold.core.symbol import Spec, Symbol, sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import extremes, join, logic, ranges, row_rules, static
from tenfold.ops import gather as gather_ops
from tenfold.ops import index as index_ops
from tenfold.ops import reduce as reduce_ops


def _tile_kernel(input, *, multiples):
    if len(multiples) != input.ndim or min(multiples, default=0) < 0:
        raise ValueError(f"multiples must be {input.ndim} counts, not {multiples}")
    spread = np.empty([n for pair in zip(multiples, input.shape, strict=True) for n in pair], input.dtype)
    spread[...] = input.reshape([n for size in input.shape for n in (1, size)])
    return spread.reshape([n * size for n, size in zip(multiples, input.shape, strict=True)])


def _tile_vjp(dy, input_shape, multiples):
    spread = array_ops.reshape(dy, [n for pair in zip(multiples, input_shape, strict=True) for n in pair])
    return reduce_ops.reduce_sum(spread, tuple(range(0, 2 * len(multiples), 2)))


def _lower_tile(b, x, *, multiples):
    apart = b.reshape(x, [n for size in x.shape for n in (1, size)])
    spread = b.broadcast_to(apart, [n for pair in zip(multiples, x.shape, strict=True) for n in pair])
    return b.reshape(spread, [n * size for n, size in zip(multiples, x.shape, strict=True)])


def _tile_rows(node, values):
    rows = row_rules.first(node, values)
    return (rows.axis, rows.outer) if node.attrs["multiples"][rows.axis] == 1 else None


TILE = register(Op("Tile", _tile_kernel, host=("multiples",), vjp=_tile_vjp, lower=_lower_tile, rows=_tile_rows))


def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """Puts copies of a tensor side by side, `multiples[i]` of them along axis `i`.

    Raises:
      tf.errors.InvalidArgumentError: `multiples` is not one count for each axis.
    Example:
      >>> print(tf.tile([[1, 2]], [2, 2]).numpy())
      [[1 2 1 2]
       [1 2 1 2]]
    """
    return TILE(convert(input), multiples=static.vector(multiples, "tf.tile"))


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Repeats each element, or each slice along an axis.

    Args:
      input: Tensor.
      repeats: how many times: one int for all, or a vector of ints, one for each.
      axis: the axis; by default the input is flattened first.
    Raises:
      ValueError: there is no such axis, or `repeats` does not fit.
      TypeError: `repeats` is not of an integer type.
      tf.errors.InvalidArgumentError: a number is negative.
    Example:
      >>> print(tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0).numpy())
      [[1 2]
       [3 4]
       [3 4]]
    """
    x = convert(input)
    if axis is None:
        x, axis = array_ops.reshape(x, (-1,)), 0
    if not x._array.ndim:
        x = array_ops.reshape(x, (1,))
    shape = x._array.shape
    if type(axis) is not int:
        raise TypeError(f"tf.repeat: axis is {axis!r}; it must be an int.")
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"tf.repeat: axis={axis} out of bounds: expected {-len(shape)}<=axis<{len(shape)}")
    axis %= len(shape)
    counts = convert(repeats, None, dtypes.int32)._array
    if type(counts) is Symbol or sizes_in(shape):
        places = _REPEATED_PLACES(wrap(counts), size=shape[axis])
        return array_ops.squeeze(gather_ops.gather(array_ops.expand_dims(x, 0), places, axis=axis + 1), 0)
    if counts.dtype.kind not in "iu":
        raise TypeError(f"tf.repeat: repeats is of type {counts.dtype}; it must be of an integer type.")
    if counts.ndim > 1 or counts.size not in (1, shape[axis]):
        raise ValueError(
            f"tf.repeat: repeats has shape {counts.shape}; it must be a scalar or a vector of {shape[axis]} numbers."
        )
    if (counts < 0).any():
        raise InvalidArgumentError("tf.repeat: a number of repeats is negative; it must be at least 0.")
    if counts.size == 1:
        times = int(counts.reshape(()))
        spread = tile(array_ops.expand_dims(x, axis + 1), (1,) * (axis + 1) + (times,) + (1,) * (len(shape) - axis - 1))
        return array_ops.reshape(spread, (*shape[:axis], shape[axis] * times, *shape[axis + 1 :]))
    indices = wrap(np.repeat(np.arange(shape[axis]), counts))
    # The gradient is to be dense, and that of a gather along the first axis is not: it gets another one in front.
    return array_ops.squeeze(gather_ops.gather(array_ops.expand_dims(x, 0), indices, axis=axis + 1), 0)


def _repeated_places_kernel(counts, *, size):
    if counts.size and counts.min() < 0:
        raise InvalidArgumentError("tf.repeat: a number of repetitions is negative.")
    return np.repeat(np.arange(size), counts.reshape(-1) if counts.size == 1 else counts)


def _expanded_places(counts: Tensor, size: Any) -> Tensor:
    places = array_ops.expand_dims(ranges.range(size, dtype=dtypes.int64), 1)
    counts = array_ops.broadcast_to(array_ops.reshape(counts, (-1, 1)), (size, 1))
    turns = ranges.range(extremes.reduce_max(counts), dtype=counts.dtype)
    is_wanted = logic.less(turns, counts)
    found = gather_ops.where(is_wanted)
    return gather_ops.gather(array_ops.reshape(places, (-1,)), found[:, 0])


_REPEATED_PLACES = Op(
    "RepeatedPlaces",
    _repeated_places_kernel,
    vjp=NotDifferentiable("the input is integers"),
    infer=lambda counts, *, size: Spec.rows(np.dtype(np.int64)),
    expand=_expanded_places,
)


# Padding.


def static_pairs(paddings: Any, what: str) -> tuple[tuple[int, int], ...]:
    """Pairs of Python ints from what stands for a matrix of two columns.

    Raises:
      tf.errors.InvalidArgumentError: it is not one, or not of integers.
    """
    if type(paddings) is list or type(paddings) is tuple:
        try:
            return tuple([(index(before), index(after)) for before, after in paddings])
        except (TypeError, ValueError):
            pass
    array = convert(paddings, None, dtypes.int32)._array
    if array.dtype.kind not in "iu" or array.ndim != 2 or array.shape[1] != 2:
        raise InvalidArgumentError(
            f"{what}: paddings is {array.dtype} of shape {array.shape}; it must be a matrix of integers with 2 columns."
        )
    numbers = array.elements(what) if type(array) is Symbol else array.reshape(-1).tolist()
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _check_paddings(paddings: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> None:
    if len(paddings) != len(shape):
        raise ValueError(f"there are {len(paddings)} rows of paddings for {len(shape)} axes")
    for pair in paddings:
        if min(pair) < 0:
            raise ValueError(f"Paddings must be non-negative: {pair}")


def padded(input: np.ndarray, paddings: tuple[tuple[int, int], ...], value: Any = None) -> np.ndarray:
    """An array with elements of a value, by default zeros, before and after its own."""
    _check_paddings(paddings, input.shape)
    shape = [before + size + after for size, (before, after) in zip(input.shape, paddings, strict=True)]
    result = np.empty(shape, input.dtype) if value is not None else np.zeros(shape, input.dtype)
    if value is not None:
        result.fill(value)
    result[_inner(input.shape, paddings)] = input
    return result


def _inner(shape: tuple[int, ...], paddings: tuple[tuple[int, int], ...]) -> tuple[slice, ...]:
    return tuple([slice(before, before + size) for size, (before, _) in zip(shape, paddings, strict=True)])


def _pad_kernel(input, *, paddings):
    return padded(input, paddings, b"" if input.dtype.kind == "O" else None)


def _pad_value_kernel(input, constant_values, *, paddings):
    PAD_VALUE.require(input, constant_values)
    if constant_values.ndim:
        raise ValueError(f"constant_values must be a scalar, not of shape {constant_values.shape}")
    return padded(input, paddings, constant_values[()])


def _pad_vjp(dy, input_shape, paddings):
    return index_ops.slice(dy, [before for before, _ in paddings], input_shape)


def _lower_pad(b, x, value=0, *, paddings):
    return b.pad(x, [before for before, _ in paddings], [after for _, after in paddings], value)


def _pad_rows(node, values):
    rows = row_rules.first(node, values)
    found = values.evaluated([*node.attrs["paddings"][rows.axis]])
    return (rows.axis, rows.outer) if all(x == (0, 0) for x in found) else None


PAD = register(Op("Pad", _pad_kernel, host=("paddings",), vjp=_pad_vjp, lower=_lower_pad, rows=_pad_rows))
PAD_VALUE = register(
    Op("PadV2", _pad_value_kernel, host=("paddings",), rows=_pad_rows, vjp=(_pad_vjp, None), lower=_lower_pad)
)


def _mirror_pad_kernel(input, *, paddings, mode):
    _check_paddings(paddings, input.shape)
    skip = _mirror_skip(mode)
    for axis, (before, after) in enumerate(paddings):
        size = input.shape[axis]
        if max(before, after) > size - skip:
            raise ValueError(f"paddings {before}, {after} are more than axis {axis} of size {size} can mirror")
        if before or after:
            positions = np.arange(-before, size + after)
            positions[:before] = -positions[:before] - 1 + skip
            positions[before + size :] = 2 * size - 1 - skip - positions[before + size :]
            input = input.take(positions, axis)
    return input


def _mirror_pad_grad_kernel(input, *, paddings, mode):
    skip = _mirror_skip(mode)
    for axis, (before, after) in enumerate(paddings):
        if before or after:
            x = input.swapaxes(0, axis)
            size = x.shape[0] - before - after
            inner = x[before : before + size].copy()
            inner[skip : skip + before] += x[:before][::-1]
            inner[size - skip - after : size - skip] += x[before + size :][::-1]
            input = inner.swapaxes(0, axis)
    return input


def _mirror_skip(mode: str) -> int:
    """How many elements at the border are not mirrored."""
    if mode not in ("REFLECT", "SYMMETRIC"):
        raise ValueError(f"mode is {mode!r}; it must be 'REFLECT' or 'SYMMETRIC'")
    return 1 if mode == "REFLECT" else 0


def _lower_piece(b: Any, x: Any, axis: int, start: int, size: int) -> Any:
    """`size` slices along an axis, of all the others."""
    starts = [start if a == axis and size else 0 for a in range(x.ndim)]
    return b.slice(x, starts, [size if a == axis else n for a, n in enumerate(x.shape)])


def _lower_mirror_pad(b, x, *, paddings, mode):
    skip = _mirror_skip(mode)
    for axis, (before, after) in enumerate(paddings):
        size = x.shape[axis]
        ends = (before, skip), (after, size - skip - after)
        front, back = (b.reverse(_lower_piece(b, x, axis, start, count), [axis]) for count, start in ends)
        x = b.concat([part for part in (front, x, back) if part.shape[axis]] or [x], axis)
    return x


def _lower_mirror_pad_grad(b, x, *, paddings, mode):
    skip = _mirror_skip(mode)
    for axis, (before, after) in enumerate(paddings):
        size = x.shape[axis] - before - after
        whole, inner = x, _lower_piece(b, x, axis, before, size)
        for start, count, place in (0, before, skip), (before + size, after, size - skip - after):
            if count:
                part = b.reverse(_lower_piece(b, whole, axis, start, count), [axis])
                low, high = ([n if a == axis else 0 for a in range(x.ndim)] for n in (place, size - place - count))
                inner = inner + b.pad(part, low, high)
        x = inner
    return x


MIRROR_PAD = register(
    Op(
        "MirrorPad",
        _mirror_pad_kernel,
        host=("paddings",),
        vjp=lambda dy, paddings, mode: MIRROR_PAD_GRAD(dy, paddings=paddings, mode=mode),
        lower=_lower_mirror_pad,
        rows=_pad_rows,
    )
)
MIRROR_PAD_GRAD: Op = register(
    Op(
        "MirrorPadGrad",
        _mirror_pad_grad_kernel,
        host=("paddings",),
        vjp=lambda dy, paddings, mode: MIRROR_PAD(dy, paddings=paddings, mode=mode),
        lower=_lower_mirror_pad_grad,
    )
)


def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None
) -> Tensor:
    """Adds elements before and after those of a tensor, along each axis.

    Args:
      tensor: Tensor.
      paddings: for each axis a pair: how many elements before and after.
      mode: "CONSTANT"; "REFLECT", which mirrors at the border elements; or "SYMMETRIC", which mirrors them too.
      constant_values: the value of new elements, with "CONSTANT".
    Raises:
      ValueError: there is no such mode.
      tf.errors.InvalidArgumentError: `paddings` does not fit, or there is too little to mirror.
    Example:
      >>> print(tf.pad([1, 2, 3], [[2, 1]], "REFLECT").numpy())
      [3 2 1 2 3 2]
    """
    pairs = static_pairs(paddings, "tf.pad")
    mode = mode.upper()
    if mode == "CONSTANT":
        if type(constant_values) in (int, float) and constant_values == 0:
            return PAD(convert(tensor), paddings=pairs)
        return PAD_VALUE(*join.matched([tensor, constant_values]), paddings=pairs)
    if mode in ("REFLECT", "SYMMETRIC"):
        return MIRROR_PAD(convert(tensor), paddings=pairs, mode=mode)
    raise ValueError(f"tf.pad: mode is {mode!r}; it must be 'CONSTANT', 'REFLECT' or 'SYMMETRIC'.")


# Reversal and rotation.


def _reverse_kernel(tensor, *, axis):
    if not tensor.ndim:  # whatever the axes are, as in TensorFlow
        return tensor
    axes = [static.positive_axis(a, tensor.ndim, "tf.reverse") for a in axis]
    if len(set(axes)) != len(axes):
        raise ValueError(f"axes {axis} are not all different")
    return tensor[tuple([slice(None, None, -1 if a in axes else None) for a in range(tensor.ndim)])]


REVERSE: Op = register(
    Op(
        "ReverseV2",
        _reverse_kernel,
        host=("axis",),
        vjp=lambda dy, axis: REVERSE(dy, axis=axis),
        lower=lambda b, x, *, axis: b.reverse(x, [a % x.ndim for a in axis]) if x.ndim else x,
        rows=row_rules.along("axis"),
    )
)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """Reverses the order of the elements along each of the axes given.

    Raises:
      tf.errors.InvalidArgumentError: an axis is not there, or given twice.
    Example:
      >>> print(tf.reverse([[1, 2], [3, 4]], [1]).numpy())
      [[2 1]
       [4 3]]
    """
    return REVERSE(convert(tensor), axis=static.vector(axis, "tf.reverse"))


def _reverse_sequence_kernel(input, seq_lengths, *, seq_dim, batch_dim=0):
    for what, axis in ("seq_dim", seq_dim), ("batch_dim", batch_dim):
        if not 0 <= axis < input.ndim:
            raise ValueError(f"{what} is {axis}; it must be in [0, {input.ndim})")
    if seq_dim == batch_dim:
        raise ValueError(f"batch_dim and seq_dim are both {seq_dim}")
    if seq_lengths.shape != (input.shape[batch_dim],):
        raise ValueError(f"seq_lengths has shape {seq_lengths.shape}; it must be ({input.shape[batch_dim]},)")
    steps = input.shape[seq_dim]
    if seq_lengths.size and (seq_lengths.min() < 0 or seq_lengths.max() > steps):
        raise ValueError(f"seq_lengths must be in [0, {steps}]")
    forward, lengths = np.arange(steps), seq_lengths[:, None]
    order = np.where(forward < lengths, lengths - 1 - forward, forward)  # (batch, step)
    rows = np.arange(len(order))[:, None]
    axes = (batch_dim, seq_dim, *[a for a in range(input.ndim) if a not in (batch_dim, seq_dim)])
    return input.transpose(axes)[rows, order].transpose(np.argsort(axes))


def _lower_reverse_sequence(b, x, lengths, *, seq_dim, batch_dim=0):
    axes = [batch_dim, seq_dim, *[a for a in range(x.ndim) if a not in (batch_dim, seq_dim)]]
    x = b.transpose(x, axes)
    lengths = b.cast(b.reshape(lengths, (x.shape[0], 1)), np.int64)
    step = b.iota(x.shape[:2], 1, np.int64)
    order = b.select(b.lt(step, lengths), lengths - 1 - step, step)
    is_bad = b.logical_or(b.lt(lengths, 0), b.gt(lengths, x.shape[1]))
    return b.transpose(b.gather(x, b.select(is_bad, -1, order), 1, 1), np.argsort(axes).tolist())


REVERSE_SEQUENCE: Op = register(
    Op(
        "ReverseSequence",
        _reverse_sequence_kernel,
        vjp=(
            lambda dy, seq_lengths, seq_dim, batch_dim: REVERSE_SEQUENCE(
                dy, seq_lengths, seq_dim=seq_dim, batch_dim=batch_dim
            ),
            None,
        ),
        lower=_lower_reverse_sequence,
    )
)


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: int | None = None, batch_axis: int | None = None, name: str | None = None
) -> Tensor:
    """Reverses the first elements of each sequence of a batch, as many as the sequence is long.

    Args:
      input: Tensor.
      seq_lengths: int32 or int64 vector: the length of each sequence.
      seq_axis: the axis along which the sequences run.
      batch_axis: the axis of the sequences, 0 by default.
    Raises:
      TypeError: `seq_axis` is not given.
      tf.errors.InvalidArgumentError: an axis or a length is out of range.
    Example:
      >>> print(tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1).numpy())
      [[2 1 3]
       [6 5 4]]
    """
    if seq_axis is None:
        raise TypeError("tf.reverse_sequence: Expected int for argument 'seq_axis' not None.")
    lengths = convert(seq_lengths)
    if lengths.dtype not in array_ops.INDEX_TYPES:
        raise wrong_type(f"tf.reverse_sequence: seq_lengths is {lengths.dtype.name}; it must be int32 or int64.")
    seq_dim, batch_dim = (
        static.known_axis(a, "tf.reverse_sequence") for a in (seq_axis, 0 if batch_axis is None else batch_axis)
    )
    return REVERSE_SEQUENCE(convert(input), lengths, seq_dim=seq_dim, batch_dim=batch_dim)


def _roll_kernel(input, *, shift, axis):
    if not input.ndim:
        raise ValueError("the input must have an axis")
    if len(shift) != len(axis):
        raise ValueError(f"shift and axis must be equally long, not {shift} and {axis}")
    for places, a in zip(shift, axis, strict=True):
        a = static.positive_axis(a, input.ndim, "tf.roll")
        size = input.shape[a]
        cut = size - places % size if size else 0
        if cut != size:
            before = (slice(None),) * a
            input = np.concatenate([input[(*before, slice(cut, None))], input[(*before, slice(None, cut))]], a)
    return input


def _lower_roll(b, x, *, shift, axis):
    for places, a in zip(shift, axis, strict=True):
        a, size = a % x.ndim, x.shape[a]
        if type(places) is not int:  # an element of a tensor
            index = b.iota((size,), 0, np.int64) - b.cast(places, np.int64)
            x = b.gather(x, b.floor_mod(index, size), axis=a) if size else x
            continue
        back = places % size if size else 0
        if back:
            x = b.concat([_lower_piece(b, x, a, size - back, back), _lower_piece(b, x, a, 0, size - back)], a)
    return x


class _Roll(Op):
    """Its shifts may be elements of tensors."""

    __slots__ = ()
    lowers_elements = True


ROLL: Op = register(
    _Roll(
        "Roll",
        _roll_kernel,
        host=("shift", "axis"),
        vjp=lambda dy, shift, axis: ROLL(dy, shift=tuple([-places for places in shift]), axis=axis),
        lower=_lower_roll,
    )
)


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """Moves the elements along an axis by `shift` places; those pushed out at the end come in at the front.

    Args:
      input: Tensor of rank 1 or more.
      shift: int, or one for each axis in `axis`; negative moves to the front.
      axis: int or ints; an axis given twice is moved twice.
    Raises:
      tf.errors.InvalidArgumentError: there is no such axis, or there are not as many shifts as axes.
    Example:
      >>> print(tf.roll([1, 2, 3, 4], shift=1, axis=0).numpy())
      [4 1 2 3]
    """
    return ROLL(
        convert(input),
        shift=static.ints(shift, "tf.roll"),
        axis=static.ints(axis, "tf.roll"),
    )
