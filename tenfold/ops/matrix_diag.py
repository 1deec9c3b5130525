"""Bands and diagonals of matrices."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, FLOATING
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, static
from tenfold.ops import reduce as reduce_ops

ALIGNMENTS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")


def _require_matrix(shape: tuple[int, ...], what: str) -> None:
    if len(shape) < 2:
        raise InvalidArgumentError(f"{what}: input must be at least 2-dim, received shape: {shape}.")


# Bands.


def _band_part_kernel(input, *, num_lower, num_upper):
    _require_matrix(input.shape, "tf.linalg.band_part")
    rows, columns = input.shape[-2:]
    for name, count, size, of in (("lower", num_lower, rows, "rows"), ("upper", num_upper, columns, "columns")):
        if count > size:
            raise InvalidArgumentError(
                f"tf.linalg.band_part: num_{name} must be negative or less or equal to number of {of} ({size}), "
                f"got {count}."
            )
    # np.tri is true on and below a diagonal.
    is_inside = np.tri(rows, columns, columns if num_upper < 0 else num_upper, bool)
    if num_lower >= 0:
        is_inside &= ~np.tri(rows, columns, -num_lower - 1, bool)
    out = np.zeros_like(input)
    np.copyto(out, input, where=is_inside)
    return out


def _lower_band_part(b, x, *, num_lower, num_upper):
    row, column = (b.iota(x.shape[-2:], axis, np.int64) for axis in (0, 1))
    for count, distance in (num_lower, row - column), (num_upper, column - row):
        if count >= 0:
            x = b.select(b.le(distance, count), x, 0)
    return x


BAND_PART: Op = register(
    Op(
        "MatrixBandPart",
        _band_part_kernel,
        host=("num_lower", "num_upper"),
        vjp=lambda dy, num_lower, num_upper: BAND_PART(dy, num_lower=num_lower, num_upper=num_upper),
        lower=_lower_band_part,
    )
)


def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Sets everything to zero outside a band around the diagonal of each innermost matrix.

    Args:
      input: Tensor, shape `(..., m, n)`.
      num_lower: how many subdiagonals to keep; all if negative.
      num_upper: how many superdiagonals to keep; all if negative.
    Raises:
      tf.errors.InvalidArgumentError: `input` is not a matrix, or a number exceeds its size.
      TypeError: a number is not an integer.
    Example:
      >>> print(tf.linalg.band_part(tf.ones([3, 3]), -1, 0).numpy())
      [[1. 0. 0.]
       [1. 1. 0.]
       [1. 1. 1.]]
    """
    what = "tf.linalg.band_part"
    return BAND_PART(
        convert(input),
        num_lower=static.integer(num_lower, what),
        num_upper=static.integer(num_upper, what),
    )


# Diagonals of matrices.


class Positions(NamedTuple):
    """Where the elements of packed diagonals are: rows and columns in the matrix, and which of the packed ones."""

    rows: np.ndarray
    columns: np.ndarray
    packed: tuple[Any, ...]
    shape: tuple[int, ...]  # of the packed diagonals of one matrix


@lru_cache(256)
def positions(rows: int, columns: int, k: tuple[int, int], align: str) -> Positions:
    lower, upper = k
    longest = max(min(rows + min(upper, 0), columns - max(lower, 0)), 0)
    of_upper, of_lower = align.split("_")
    row_parts, packed_rows, packed_columns = [], [], []
    for i, diagonal in enumerate(range(upper, lower - 1, -1)):
        length = max(min(rows + min(diagonal, 0), columns - max(diagonal, 0)), 0)
        side = of_upper if diagonal >= 0 else of_lower
        start = longest - length if side == "RIGHT" else 0
        row_parts.append(np.stack([np.arange(length) - min(diagonal, 0), np.arange(length) + max(diagonal, 0)]))
        packed_rows.append(np.full(length, i))
        packed_columns.append(np.arange(start, start + length))
    where = np.concatenate(row_parts, axis=1)
    if lower == upper:
        return Positions(where[0], where[1], (packed_columns[0],), (longest,))
    packed = np.concatenate(packed_rows), np.concatenate(packed_columns)
    return Positions(where[0], where[1], packed, (upper - lower + 1, longest))


def _range_of(k: Any, what: str) -> tuple[int, int]:
    """The lowest and the highest diagonal of the argument `k`."""
    return _ends(static.ints(k if isinstance(k, (list, tuple)) else convert(k), what), what)


def _ends(k: int | tuple[int, ...], what: str) -> tuple[int, int]:
    ends = (k,) if isinstance(k, int) else k
    if len(ends) not in (1, 2):
        raise InvalidArgumentError(f"{what}: k must have only one or two elements, received {len(ends)} elements.")
    if ends[0] > ends[-1]:
        raise InvalidArgumentError(f"{what}: the first of k must not be larger than the second: {ends[0]} > {ends[1]}.")
    return ends[0], ends[-1]


def _require_diagonals(shape: tuple[int, ...], k: tuple[int, int], what: str) -> None:
    rows, columns = shape[-2:]
    for end in k:
        if not -rows < end < columns and end:
            raise InvalidArgumentError(
                f"{what}: diagonal {end} is out of bound; a matrix of shape {(rows, columns)} has the diagonals between "
                f"{-rows} and {columns}."
            )


def _require_align(align: str, what: str) -> None:
    if align not in ALIGNMENTS:
        raise InvalidArgumentError(f"{what}: align is {align!r}; it must be one of {', '.join(ALIGNMENTS)}.")


def _diag_kernel(diagonal, *, k, num_rows=-1, num_cols=-1, padding_value=0, align="RIGHT_LEFT"):
    what = "tf.linalg.diag"
    _require_align(align, what)
    lower, upper = k = _ends(k, what)
    if not diagonal.ndim:
        raise InvalidArgumentError(f"{what}: diagonal must be at least 1-dim, received shape: ().")
    if lower < upper and (diagonal.ndim < 2 or diagonal.shape[-2] != upper - lower + 1):
        raise InvalidArgumentError(
            f"{what}: diagonal has shape {diagonal.shape}; its last but one size must be the number of diagonals that "
            f"k={k} names, {upper - lower + 1}."
        )
    longest = diagonal.shape[-1]
    least_rows, least_columns = longest - min(upper, 0), longest + max(lower, 0)
    if num_rows == -1 and num_cols == -1:
        num_rows = num_cols = max(least_rows, least_columns)
    num_rows = least_rows if num_rows == -1 else num_rows
    num_cols = least_columns if num_cols == -1 else num_cols
    too_small = num_rows < least_rows or num_cols < least_columns
    if too_small or (num_rows != least_rows and num_cols != least_columns):
        problem = "is too small" if too_small else "is not consistent with k and diagonal"
        raise InvalidArgumentError(
            f"{what}: The number of rows or columns {problem}: a matrix of shape {(num_rows, num_cols)} has no "
            f"diagonals k={k} the longest of which has {longest} elements."
        )
    where = positions(num_rows, num_cols, k, align)
    batch = diagonal.shape[: diagonal.ndim - len(where.shape)]
    out = np.full((*batch, num_rows, num_cols), padding_value, diagonal.dtype)
    out[..., where.rows, where.columns] = diagonal[(..., *where.packed)]
    return out


def _lower_diag(b, diagonal, *, k, padding_value=0, **attrs):
    (lower, upper), length = _ends(k, "tf.linalg.diag"), diagonal.shape[-1]
    *batch, rows, columns = _diag_kernel(np.broadcast_to(np.False_, diagonal.shape), k=k, **attrs).shape
    if lower != upper or not length:
        padding = b.full((*batch, rows, columns), padding_value, diagonal.dtype)
        return _lower_set_diag(b, padding, diagonal, k=k, align=attrs.get("align", "RIGHT_LEFT"))
    first = max(-lower, 0) * columns + max(lower, 0)
    after = rows * columns - first - (length - 1) * (columns + 1) - 1
    axes = [0] * len(batch)
    flat = b.pad(diagonal, [*axes, first], [*axes, after], padding_value, [*axes, columns])
    return b.reshape(flat, (*batch, rows, columns))


def _lower_diag_part(b, x, *, k, padding_value=0, align="RIGHT_LEFT"):
    (lower, upper), (*batch, rows, columns) = _ends(k, "tf.linalg.diag_part"), x.shape
    length = max(min(rows + min(lower, 0), columns - max(lower, 0)), 0)
    flat, axes = b.reshape(x, (*batch, rows * columns)), [0] * len(batch)
    if lower != upper or not length:
        where = positions(rows, columns, (lower, upper), align)
        place, is_there = _spread(where.shape, where.packed, where.rows * columns + where.columns)
        return _taken(b, flat, place, is_there, padding_value)
    first = max(-lower, 0) * columns + max(lower, 0)
    return b.slice(flat, [*axes, first], [*batch, length], [*[1] * len(batch), columns + 1])


def _lower_set_diag(b, x, diagonal, *, k, align="RIGHT_LEFT"):
    *batch, rows, columns = x.shape
    where = positions(rows, columns, _ends(k, "tf.linalg.set_diag"), align)
    source = np.ravel_multi_index(where.packed, where.shape)
    place, is_there = _spread((rows, columns), (where.rows, where.columns), source)
    return _taken(b, b.reshape(diagonal, (*batch, prod(where.shape))), place, is_there, x)


def _spread(shape: tuple[int, ...], at: tuple[np.ndarray, ...], numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An array of this shape with numbers at some places, and where these are."""
    place, is_there = np.zeros(shape, np.int32), np.zeros(shape, np.bool_)
    place[at], is_there[at] = numbers, True
    return place, is_there


def _taken(b: Any, flat: Any, place: np.ndarray, is_there: np.ndarray, otherwise: Any) -> Any:
    """Elements of the last axis by their places, something else where there is none."""
    if not flat.spec.size:
        raise NotLowered("no elements")
    found = b.gather(flat, b.constant(place), axis=flat.ndim - 1)
    return b.select(b.broadcast_to(b.constant(is_there), found.shape), found, otherwise)


DIAG: Op = register(
    Op(
        "MatrixDiagV3",
        _diag_kernel,
        host=("k", "num_rows", "num_cols", "padding_value"),
        vjp=lambda dy, k, align: DIAG_PART(dy, k=k, align=align),
        lower=_lower_diag,
    )
)


def diag(
    diagonal: Any,
    name: str = "diag",
    k: Any = 0,
    num_rows: Any = -1,
    num_cols: Any = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Makes matrices with given diagonals.

    Args:
      diagonal: Tensor, shape `(..., length)`, or `(..., number, length)` for several diagonals, the highest first.
      k: which diagonal: 0 is the main one, positive ones are above it; or a pair of the lowest and the highest.
      num_rows: number of rows; the smallest possible by default, or that of columns if neither is given.
      num_cols: number of columns, likewise.
      padding_value: what stands outside the diagonals.
      align: at which end shorter diagonals are, in `diagonal`: first those above the main one, then those below it.
    Raises:
      tf.errors.InvalidArgumentError: the numbers and shapes do not fit each other.
    Example:
      >>> print(tf.linalg.diag([1, 2], k=1).numpy())
      [[0 1 0]
       [0 0 2]
       [0 0 0]]
    """
    what = "tf.linalg.diag"
    diagonal = convert(diagonal)
    return DIAG(
        diagonal,
        k=_range_of(k, what),
        num_rows=static.integer(num_rows, what),
        num_cols=static.integer(num_cols, what),
        padding_value=convert(padding_value, diagonal.dtype)._array[()],
        align=align,
    )


def _diag_part_kernel(input, *, k, padding_value=0, align="RIGHT_LEFT"):
    what = "tf.linalg.diag_part"
    _require_align(align, what)
    _require_matrix(input.shape, what)
    k = _ends(k, what)
    _require_diagonals(input.shape, k, what)
    where = positions(*input.shape[-2:], k, align)
    values: np.ndarray = input[..., where.rows, where.columns]
    if len(where.shape) == 1:
        return values
    out = np.full(input.shape[:-2] + where.shape, padding_value, input.dtype)
    out[(Ellipsis, *where.packed)] = values
    return out


DIAG_PART: Op = register(
    Op(
        "MatrixDiagPartV3",
        _diag_part_kernel,
        host=("k", "padding_value"),
        vjp=lambda dy, input_shape, k, align: DIAG(
            dy, k=k, num_rows=input_shape[-2], num_cols=input_shape[-1], align=align
        ),
        lower=_lower_diag_part,
    )
)


def diag_part(
    input: Any, name: str = "diag_part", k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """The diagonals of matrices.

    Args:
      input: Tensor, shape `(..., m, n)`.
      k: which diagonal: 0 is the main one, positive ones are above it; or a pair of the lowest and the highest.
      padding_value: what fills up the shorter ones of several diagonals.
      align: at which end shorter diagonals are put: first those above the main one, then those below it.
    Returns:
      Tensor, shape `(..., length)`, or `(..., number, length)` for several diagonals, the highest first.
    Raises:
      tf.errors.InvalidArgumentError: `input` is not a matrix, or has no such diagonals.
    Example:
      >>> print(tf.linalg.diag_part([[1, 2], [3, 4]]).numpy())
      [1 4]
    """
    input = convert(input)
    padding = convert(padding_value, input.dtype)._array[()]
    return DIAG_PART(input, k=_range_of(k, "tf.linalg.diag_part"), padding_value=padding, align=align)


def _set_diag_kernel(input, diagonal, *, k, align="RIGHT_LEFT"):
    what = "tf.linalg.set_diag"
    _require_align(align, what)
    SET_DIAG.require(input, diagonal)
    _require_matrix(input.shape, what)
    k = _ends(k, what)
    _require_diagonals(input.shape, k, what)
    where = positions(*input.shape[-2:], k, align)
    if diagonal.shape != input.shape[:-2] + where.shape:
        raise InvalidArgumentError(
            f"{what}: diagonal has shape {diagonal.shape}; for an input of shape {input.shape} and k={k} it must have "
            f"{input.shape[:-2] + where.shape}."
        )
    out = input.copy()
    out[..., where.rows, where.columns] = diagonal[(..., *where.packed)]
    return out


def _set_diag_input_vjp(dy, diagonal_shape, k, align):
    zeros = creation.zeros(diagonal_shape, dy.dtype)
    return SET_DIAG(dy, zeros, k=k, align=align)


SET_DIAG: Op = register(
    Op(
        "MatrixSetDiagV3",
        _set_diag_kernel,
        host=("k",),
        vjp=(_set_diag_input_vjp, lambda dy, k, align: DIAG_PART(dy, k=k, align=align)),
        lower=_lower_set_diag,
    )
)


def set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT") -> Tensor:
    """Matrices with other diagonals.

    Args:
      input: Tensor, shape `(..., m, n)`.
      diagonal: Tensor of what `tf.linalg.diag_part` with these arguments would return.
      k: which diagonal, or a pair of the lowest and the highest, as in `tf.linalg.diag_part`.
      align: at which end shorter diagonals are, as in `tf.linalg.diag_part`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.linalg.set_diag(tf.zeros([2, 2]), [1.0, 2.0]).numpy())
      [[1. 0.]
       [0. 2.]]
    """
    input = convert(input)
    return SET_DIAG(input, convert(diagonal, None, input.dtype), k=_range_of(k, "tf.linalg.set_diag"), align=align)


def trace(x: Any, name: str | None = None) -> Tensor:
    """The sum of the main diagonal of each innermost matrix.

    Raises:
      tf.errors.InvalidArgumentError: `x` is not a matrix.
    Example:
      >>> print(tf.linalg.trace([[1, 2], [3, 4]]).numpy())
      5
    """
    return reduce_ops.reduce_sum(diag_part(x), -1)


# Diagonals of tensors: `out[i, ..., i, ...] = diagonal[i, ...]`.

_TENSOR_TYPES = FLOATING | COMPLEX | {dtypes.int32, dtypes.int64}


def _tensor_diag_kernel(diagonal):
    TENSOR_DIAG.require(diagonal)
    if not diagonal.ndim:
        raise InvalidArgumentError("tf.linalg.tensor_diag: Input must be at least rank 1, got 0.")
    out = np.zeros((diagonal.size, diagonal.size), diagonal.dtype)
    np.einsum("ii->i", out)[...] = diagonal.reshape(-1)
    return out.reshape(diagonal.shape * 2)


def _lower_tensor_diag(b, x):
    size = x.spec.size
    return b.reshape(b.pad(b.reshape(x, (size,)), [0], [0], 0, [size]), x.shape * 2)


def _lower_tensor_diag_part(b, x):
    shape = x.shape[: x.ndim // 2]
    size = prod(shape)
    return b.reshape(b.slice(b.reshape(x, (size * size,)), [0], [size], [size + 1]), shape)


TENSOR_DIAG: Op = register(
    Op(
        "Diag",
        _tensor_diag_kernel,
        types=_TENSOR_TYPES,
        vjp=lambda dy: TENSOR_DIAG_PART(dy),
        lower=_lower_tensor_diag,
    )
)


def tensor_diag(diagonal: Any, name: str | None = None) -> Tensor:
    """Puts the elements of a tensor on the diagonal of one with twice its axes.

    Raises:
      tf.errors.InvalidArgumentError: `diagonal` is a scalar.
    Example:
      >>> print(tf.linalg.tensor_diag([1, 2]).numpy())
      [[1 0]
       [0 2]]
    """
    return TENSOR_DIAG(convert(diagonal))


def _tensor_diag_part_kernel(input):
    TENSOR_DIAG_PART.require(input)
    half = input.ndim // 2
    if input.ndim % 2 or input.shape[:half] != input.shape[half:]:
        raise InvalidArgumentError(
            f"tf.linalg.tensor_diag_part: input has shape {input.shape}; the second half of the sizes must equal the "
            "first."
        )
    size = int(np.prod(input.shape[:half]))
    return np.einsum("ii->i", input.reshape(size, size)).reshape(input.shape[:half])


TENSOR_DIAG_PART: Op = register(
    Op(
        "DiagPart",
        _tensor_diag_part_kernel,
        types=_TENSOR_TYPES,
        vjp=lambda dy: TENSOR_DIAG(dy),
        lower=_lower_tensor_diag_part,
    )
)


def tensor_diag_part(input: Any, name: str | None = None) -> Tensor:
    """The diagonal of a tensor whose sizes are a sequence twice over: the inverse of `tf.linalg.tensor_diag`.

    Raises:
      tf.errors.InvalidArgumentError: the sizes are not.
    Example:
      >>> print(tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy())
      [1 4]
    """
    return TENSOR_DIAG_PART(convert(input))
