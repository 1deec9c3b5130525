"""The largest elements: top_k, its approximation, the n-th element, targets among the largest.

`TopKV2` is the kernel that sorting rests on as well. It is stable, and takes NaN for the largest number.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import REAL, DType
from tenfold.core.op import NotDifferentiable, Op, register, wrong_type
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import logic, ranges, reduce, row_rules, static
from tenfold.ops.segment import positions, unsorted_segment_sum

_BOOLEAN = NotDifferentiable("the result is boolean")


def checked_type(dtype: DType, allowed: str, what: str) -> np.dtype:
    """NumPy's type of an attribute that takes some dtypes only."""
    if dtype.name not in allowed.split():
        raise wrong_type(f"Value for attr '{what}' of {dtype.name} is not in the list of allowed values: {allowed}")
    return dtype._np


_FEW = 64  # columns up to which a whole row is sorted at once
_MANY = 2048  # elements from which packing them pays


def _descending(rows: np.ndarray) -> np.ndarray:
    """The columns of each row from its largest element down, equal ones in their order, NaN first."""
    if rows.size > _MANY and rows.itemsize <= 4:
        return _descending_packed(rows)
    # Sorting backwards puts the first of equals first again.
    return rows.shape[1] - 1 - rows[:, ::-1].argsort(1, "stable")[:, ::-1]


def _descending_packed(rows: np.ndarray) -> np.ndarray:
    """The same by sorting integers, each element in the upper half and its column in the lower one.

    NumPy sorts integers with vector instructions, but not stably: 32 rows of 30,000 float32 take 6 ms, a stable argsort 65 ms.
    """
    if rows.dtype.kind in "iu":
        keys = rows.astype(np.int64)
        if rows.dtype.kind == "u":
            keys -= 1 << 31
    else:
        x = rows.astype(np.float32) + np.float32(0)  # -0 becomes 0
        bits = x.view(np.int32)
        keys = (bits ^ (bits >> 31 & 0x7FFFFFFF)).astype(np.int64)  # as integers, negative floats run backwards
        keys[x != x] = 0x7FFFFFFF
    keys = (-1 - keys << 32) + np.arange(rows.shape[1])
    keys.sort(1)
    return keys & 0xFFFFFFFF


def _sortable(x: np.ndarray) -> np.ndarray:
    """The same numbers in a dtype that NumPy sorts well: ml_dtypes puts NaN anywhere."""
    return x.astype(np.float32) if x.dtype.kind == "V" else x


def _largest(rows: np.ndarray, k: int) -> np.ndarray:
    """The columns of the k largest elements of each row, `(rows, k)`, from the largest down."""
    count, width = rows.shape
    if k == 1:
        return rows.argmax(1)[:, None]
    if width > _FEW and 0 < 4 * k <= width:
        least = np.partition(rows, width - k, 1)[:, width - k, None]
        is_large = rows >= least
        if (np.count_nonzero(is_large, 1) == k).all():  # neither equals nor NaN at the border
            columns = np.nonzero(is_large)[1].reshape(count, k)
            row = np.arange(count)[:, None]
            return columns[row, _descending(rows[row, columns])]
    return _descending(rows)[:, :k]


def _top_k(input: np.ndarray, k: int, index_type: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    if not input.ndim:
        raise ValueError("input must be >= 1-D, got shape []")
    width = input.shape[-1]
    if k < 0:
        raise ValueError(f"Need k >= 0, got {k}")
    if k > width:
        raise ValueError(f"input must have at least k columns. Had {width}, needed {k}")
    rows = input.reshape(prod(input.shape[:-1]), width)
    columns = _largest(_sortable(rows), k) if rows.size else np.empty((len(rows), k), np.intp)
    values = rows[np.arange(len(rows))[:, None], columns]
    shape = (*input.shape[:-1], k)
    return values.reshape(shape), columns.reshape(shape).astype(index_type)


def _top_k_kernel(input, *, k, sorted=True, index_type=dtypes.int32):
    return _top_k(input, k, checked_type(index_type, "int16 int32 int64", "index_type"))


_SELECTED = 16  # of the largest elements: so many are found one by one


def _lower_top_k(b, x, *, k, sorted=True, index_type=dtypes.int32):
    width = x.shape[-1] if x.ndim else 0
    if not 0 <= k <= width or not x.spec.size:
        raise NotLowered("errors, and rows without elements")
    rows = b.reshape(x, (x.spec.size // width, width))
    if k == 1:
        columns = b.expand_dims(b.argmax(rows, 1, np.int32), [1])
    elif k <= _SELECTED and width > _FEW and x.dtype.itemsize <= 4:
        columns = _selected(b, rows, k)
    else:
        columns = b.slice(_argsort_descending(b, rows), (0, 0), (rows.shape[0], k))
    values = b.gather(rows, columns, axis=1, batch_dims=1)
    shape = (*x.shape[:-1], k)
    return b.reshape(values, shape), b.cast(b.reshape(columns, shape), index_type._np)


def _ranks(b: Any, x: Any) -> Any:
    """Signed integers of the elements' size that are the less the larger an element is; NaN is the largest, -0 equals 0."""
    size = max(x.dtype.itemsize, 4)
    signed = np.dtype(f"i{size}")
    least, most = np.iinfo(signed).min, np.iinfo(signed).max
    if x.dtype.kind not in "iu":
        bits = b.bitcast(b.select(b.eq(x, 0), 0, x), signed)
        # as integers, negative floats run backwards
        bits = b.bitwise_xor(bits, b.bitwise_and(b.shift_right(bits, 8 * size - 1), most))
        keys = b.select(b.is_nan(x), most, bits)
    elif x.dtype.itemsize < size or x.dtype == signed:
        keys = b.cast(x, signed)
    else:
        keys = b.bitwise_xor(b.bitcast(x, signed), least)
    return b.bitwise_not(keys)


def _argsort_descending(b: Any, rows: Any) -> Any:
    ranks = _ranks(b, rows)
    if ranks.dtype == np.int32:
        return b.argsort(ranks)
    lower = b.bitwise_xor(b.cast(ranks, np.int32), np.iinfo(np.int32).min)
    by_lower = b.argsort(lower)
    upper = b.gather(b.cast(b.shift_right(ranks, 32), np.int32), by_lower, axis=1, batch_dims=1)
    return b.gather(by_lower, b.argsort(upper), axis=1, batch_dims=1)


def _selected(b: Any, rows: Any, k: int) -> Any:
    """The columns of the k largest elements: each time the least of what is left of the ranks, packed with their columns."""
    packed = b.bitwise_or(b.shift_left(b.cast(_ranks(b, rows), np.int64), 32), b.iota(rows.shape, 1, np.int64))
    found = [b.reduce_min(packed, [1], True)]
    for _ in range(k - 1):
        is_left = b.gt(packed, found[-1])
        found.append(b.reduce_min(b.select(is_left, packed, np.iinfo(np.int64).max), [1], True))
    return b.cast(b.concat(found, 1), np.int32)


def _put_columns(x: Tensor, columns: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Zeros of `shape` with the elements of `x` at some columns of its last axis."""
    count, width = prod(shape[:-1]), shape[-1]
    starts = array_ops.reshape(ranges.range(count, dtype=dtypes.int64) * width, (*shape[:-1], 1))
    places = cast_ops.cast(columns, dtypes.int64) + starts
    flat = unsorted_segment_sum(array_ops.reshape(x, (-1,)), array_ops.reshape(places, (-1,)), count * width)
    return array_ops.reshape(flat, shape)


TOP_K = register(
    Op(
        "TopKV2",
        _top_k_kernel,
        host=("k",),
        types=REAL,
        vjp=lambda dys, input_shape, outs: _put_columns(dys[0], outs[1], input_shape),
        outputs=("values", "indices"),
        lower=_lower_top_k,
        rows=row_rules.over_last,
    )
)


def top_k(input: Any, k: Any = 1, sorted: bool = True, index_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """The k largest elements of each row, the last axis, and where they are.

    Args:
      input: Tensor of a real dtype, with at least `k` columns.
      k: int.
      sorted: whether the largest come first; they always do.
      index_type: int16, int32 or int64.
    Returns:
      A namedtuple of `values` and `indices`. The first of equal elements comes first; NaN is larger than any number.
    Raises:
      tf.errors.InvalidArgumentError: `k` is negative or larger than a row.
    Example:
      >>> values, indices = tf.math.top_k([1, 5, 2, 5], k=3)
      >>> print(values.numpy(), indices.numpy())
      [5 5 2] [1 3 2]
    """
    x = convert(input)
    TOP_K.require(x._array)
    count = static.scalar(k, "tf.math.top_k")
    return TOP_K(x, k=count, sorted=bool(sorted), index_type=dtypes.as_dtype(index_type))


def _approx_top_k_kernel(
    input,
    *,
    k,
    reduction_dimension=-1,
    recall_target=0.95,
    is_max_k=True,
    reduction_input_size_override=-1,
    aggregate_to_topk=True,
):
    if not -input.ndim <= reduction_dimension < input.ndim:
        raise ValueError(f"reduction_dimension {reduction_dimension} is not an axis of the input")
    rows = np.swapaxes(input, reduction_dimension, -1)
    values, indices = _top_k(rows if is_max_k else -rows, k, np.dtype(np.int32))
    values, indices = (np.swapaxes(a, reduction_dimension, -1) for a in (values, indices))
    return (values if is_max_k else -values), indices


def swap_with_last(x: Tensor, axis: int) -> Tensor:
    """Exchanges an axis with the last one."""
    order = list(range(x._array.ndim))
    order[axis], order[-1] = order[-1], order[axis]
    return array_ops.transpose(x, order)


def _approx_top_k_vjp(dys, input_shape, outs, reduction_dimension):
    shape = list(input_shape)
    shape[reduction_dimension], shape[-1] = shape[-1], shape[reduction_dimension]
    dy, columns = (swap_with_last(x, reduction_dimension) for x in (dys[0], outs[1]))
    return swap_with_last(_put_columns(dy, columns, tuple(shape)), reduction_dimension)


APPROX_TOP_K = register(
    Op(
        "ApproxTopK",
        _approx_top_k_kernel,
        types=(dtypes.float16, dtypes.bfloat16, dtypes.float32),
        vjp=_approx_top_k_vjp,
        outputs=("values", "indices"),
    )
)


def approx_max_k(
    operand: Any,
    k: Any,
    reduction_dimension: int = -1,
    recall_target: float = 0.95,
    reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True,
    name: str | None = None,
) -> Any:
    """The k largest elements along an axis, and where they are. On the CPU they are exact, which meets every `recall_target`.

    Args:
      operand: Tensor of float32, float16 or bfloat16.
      k: int.
      reduction_dimension: int, the axis.
      recall_target, reduction_input_size_override, aggregate_to_topk: what an approximation would need.
    Returns:
      A namedtuple of `values` and `indices` (int32), from the largest down.
    Raises:
      tf.errors.InvalidArgumentError: the axis has less than `k` elements.
    Example:
      >>> values, indices = tf.math.approx_max_k([1.0, 5.0, 2.0], k=2)
      >>> print(values.numpy(), indices.numpy())
      [5. 2.] [1 2]
    """
    return _approximate(
        operand, k, reduction_dimension, recall_target, True, reduction_input_size_override, aggregate_to_topk
    )


def approx_min_k(
    operand: Any,
    k: Any,
    reduction_dimension: int = -1,
    recall_target: float = 0.95,
    reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True,
    name: str | None = None,
) -> Any:
    """The k smallest elements along an axis, and where they are; the counterpart of `tf.math.approx_max_k`.

    Example:
      >>> values, indices = tf.math.approx_min_k([1.0, 5.0, 2.0], k=2)
      >>> print(values.numpy(), indices.numpy())
      [1. 2.] [0 2]
    """
    return _approximate(
        operand, k, reduction_dimension, recall_target, False, reduction_input_size_override, aggregate_to_topk
    )


def _approximate(operand, k, axis, recall_target, is_max_k, size_override, aggregate_to_topk):
    x = convert(operand)
    APPROX_TOP_K.require(x._array)
    return APPROX_TOP_K(
        x,
        k=static.integer(k, "tf.math.approx_max_k" if is_max_k else "tf.math.approx_min_k"),
        reduction_dimension=axis,
        recall_target=recall_target,
        is_max_k=is_max_k,
        reduction_input_size_override=size_override,
        aggregate_to_topk=aggregate_to_topk,
    )


def _nth_element_kernel(input, *, n, reverse=False):
    if not input.ndim or not 0 <= n < input.shape[-1]:
        raise ValueError(f"Input must have last dimension > n = {n} >= 0")
    if reverse:
        n = input.shape[-1] - 1 - n
    return np.partition(_sortable(input), n, -1)[..., n].astype(input.dtype, copy=False)


def _nth_element_vjp(dy, input, out):
    """The gradient is shared equally among the elements that equal the n-th."""
    is_nth = logic.equal(input, array_ops.expand_dims(out, -1))
    share = cast_ops.cast(is_nth, dy.dtype)
    return share / reduce.reduce_sum(share, -1, True) * array_ops.expand_dims(dy, -1)


def _lower_nth_element(b, x, *, n, reverse=False):
    width = x.shape[-1]
    if not x.spec.size:
        raise NotLowered("rows without elements")
    rows = b.reshape(x, (x.spec.size // width, width))
    column = n if reverse else width - 1 - n
    place = b.slice(_argsort_descending(b, rows), (0, column), (rows.shape[0], 1))
    return b.reshape(b.gather(rows, place, axis=1, batch_dims=1), x.shape[:-1])


NTH_ELEMENT = register(
    Op("NthElement", _nth_element_kernel, host=("n",), types=REAL, vjp=_nth_element_vjp, lower=_lower_nth_element)
)


def _in_top_k_kernel(predictions, targets, *, k):
    if predictions.ndim != 2 or targets.ndim != 1:
        raise ValueError("predictions must be 2-dimensional, targets must be 1-dimensional")
    if len(predictions) != len(targets):
        raise ValueError(
            f"First dimension of predictions {len(predictions)} must match length of targets {len(targets)}"
        )
    targets, classes = positions(targets, "targets"), predictions.shape[1]
    is_class = (targets >= 0) & (targets < classes)
    if not classes:
        return is_class
    chosen = predictions[np.arange(len(targets)), np.where(is_class, targets, 0), None]
    larger = np.count_nonzero(predictions > chosen, axis=1)
    return is_class & (larger < k) & np.isfinite(predictions).all(1)


def _lower_in_top_k(b, predictions, targets, *, k):
    batch, classes = predictions.shape
    if not classes:
        return b.full((batch,), False, bool)
    is_class = b.logical_and(b.ge(targets, 0), b.lt(targets, classes))
    column = b.expand_dims(b.select(is_class, targets, 0), [1])
    is_larger = b.gt(predictions, b.gather(predictions, column, axis=1, batch_dims=1))
    larger = b.reduce_sum(b.cast(is_larger, np.int32), [1])
    is_finite = b.reduce_all(b.is_finite(predictions), [1])
    return b.logical_and(b.logical_and(is_class, is_finite), b.lt(larger, k))


IN_TOP_K = register(
    Op(
        "InTopKV2",
        _in_top_k_kernel,
        host=("k",),
        types=(dtypes.float32,),
        vjp=_BOOLEAN,
        lower=_lower_in_top_k,
    )
)


def in_top_k(targets: Any, predictions: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether the target class of each row is among its k largest predictions; equals all count as one.

    Args:
      targets: Tensor, shape `(batch,)`, int32 or int64; what is not a class is in no top k.
      predictions: Tensor, shape `(batch, classes)`, float32; a row that is not finite has no top k.
      k: int.
    Raises:
      tf.errors.InvalidArgumentError: the shapes or the dtypes do not fit.
    Example:
      >>> print(tf.math.in_top_k([0, 1], [[0.1, 0.9], [0.2, 0.8]], k=1).numpy())
      [False  True]
    """
    predictions, targets = convert(predictions, dtypes.float32), convert(targets)
    return IN_TOP_K(predictions, targets, k=static.integer(k, "tf.math.in_top_k"))
