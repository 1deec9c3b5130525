"""Counting: distinct elements, differences of lists, histograms and confusion matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register, undefined_gradient
from tenfold.core.symbol import STAND_IN, Spec, Symbol, may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, division, elementwise, extremes, static
from tenfold.ops.assertions import assert_equal, assert_less, assert_non_negative
from tenfold.ops.ragged.rows import from_splits
from tenfold.ops.segment import combine, positions, unsorted_segment_sum
from tenfold.ops.top_k import checked_type

_DISCRETE = NotDifferentiable("the result depends on its input by steps")
_INDEX_TYPES = "int32 int64"


# Distinct elements.


def _labels(x: np.ndarray, axis: int) -> tuple[np.ndarray, int]:
    """A number below a bound for each slice along an axis, the same for equal slices and for no others."""
    if x.ndim == 1 and x.dtype.kind in "iu" and x.size:
        least, greatest = int(x.min()), int(x.max())
        if greatest - least < 4 * x.size + 1024:  # the integers themselves will do
            wide = x if x.dtype.kind == "u" else x.astype(np.intp)
            return (wide - wide.dtype.type(least)).astype(np.intp), greatest - least + 1
    if x.ndim == 1 and x.dtype.kind == "O":
        known: dict[bytes, int] = {}
        labels = np.fromiter([known.setdefault(item, len(known)) for item in x.tolist()], np.intp, x.size)
        return labels, len(known)
    values, labels = np.unique(x, return_inverse=True, axis=axis if x.ndim > 1 else None, equal_nan=False)
    return labels.reshape(-1), values.shape[axis]


def _require_vector(x: Any, axis: tuple[int, ...]) -> None:
    if not axis and x.ndim != 1:
        raise ValueError("unique expects a 1D vector")


def _distinct(x: np.ndarray, axis: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct slices along an axis in the order in which they first come, which of them each slice is, and how often."""
    _require_vector(x, axis)
    axis = axis or (0,)
    if len(axis) != 1 or not -x.ndim <= axis[0] < x.ndim:
        raise ValueError(f"axis has to be between [0, {x.ndim}), got {axis}")
    labels, bound = _labels(x, axis[0])
    count = len(labels)
    first = np.full(bound, count)
    first[labels[::-1]] = np.arange(count - 1, -1, -1)  # the last one written stays: the first one there is
    first = np.sort(first[first < count])
    rank = np.empty(bound, np.intp)
    rank[labels[first]] = np.arange(len(first))
    which = rank[labels]
    return x.take(first, axis[0]), which, np.bincount(which, minlength=len(first))


def _unique_v2_kernel(x, *, axis, out_idx=dtypes.int32):
    index_type = checked_type(out_idx, _INDEX_TYPES, "out_idx")
    y, idx, _ = _distinct(x, axis)
    return y, idx.astype(index_type)


def _unique_with_counts_v2_kernel(x, *, axis, out_idx=dtypes.int32):
    index_type = checked_type(out_idx, _INDEX_TYPES, "out_idx")
    y, idx, count = _distinct(x, axis)
    return y, idx.astype(index_type), count.astype(index_type)


def _unique_kernel(x, *, out_idx=dtypes.int32):
    return _unique_v2_kernel(x, axis=(), out_idx=out_idx)


def _unique_with_counts_kernel(x, *, out_idx=dtypes.int32):
    return _unique_with_counts_v2_kernel(x, axis=(), out_idx=out_idx)


def _unique_spec(x, *, axis=(), out_idx=dtypes.int32):
    _require_vector(x, axis)
    axis = axis[0] % x.ndim if axis else 0
    y = Spec(x.dtype, (*x.shape[:axis], None, *x.shape[axis + 1 :]), (STAND_IN,))
    return [y, Spec(out_idx._np, (x.shape[axis],))]


def _unique_with_counts_spec(x, *, axis=(), out_idx=dtypes.int32):
    return [*_unique_spec(x, axis=axis, out_idx=out_idx), Spec.rows(out_idx._np)]


UNIQUE = register(
    Op("Unique", _unique_kernel, vjp=undefined_gradient("Unique"), outputs=("y", "idx"), infer=_unique_spec)
)
UNIQUE_WITH_COUNTS = register(
    Op(
        "UniqueWithCounts",
        _unique_with_counts_kernel,
        vjp=undefined_gradient("UniqueWithCounts"),
        outputs=("y", "idx", "count"),
        infer=_unique_with_counts_spec,
    )
)
register(
    Op(
        "UniqueV2",
        _unique_v2_kernel,
        host=("axis",),
        vjp=undefined_gradient("UniqueV2"),
        outputs=("y", "idx"),
        infer=_unique_spec,
    )
)
register(
    Op(
        "UniqueWithCountsV2",
        _unique_with_counts_v2_kernel,
        host=("axis",),
        vjp=undefined_gradient("UniqueWithCountsV2"),
        outputs=("y", "idx", "count"),
        infer=_unique_with_counts_spec,
    )
)


def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """The distinct elements of a vector, in the order in which they first come.

    Args:
      x: Tensor with one axis.
      out_idx: dtype of the positions, int32 or int64.
    Returns:
      A namedtuple: `y`, the distinct elements, and `idx`, the position in `y` of each element of `x`.
    Raises:
      tf.errors.InvalidArgumentError: `x` is not a vector.
    Example:
      >>> y, idx = tf.unique([3, 1, 3, 2])
      >>> print(y.numpy(), idx.numpy())
      [3 1 2] [0 1 0 2]
    """
    return UNIQUE(convert(x), out_idx=dtypes.as_dtype(out_idx))


def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """The distinct elements of a vector, as `tf.unique` finds them, and how often each one comes, as `count`.

    Example:
      >>> y, idx, count = tf.unique_with_counts([3, 1, 3, 2])
      >>> print(y.numpy(), idx.numpy(), count.numpy())
      [3 1 2] [0 1 0 2] [2 1 1]
    """
    return UNIQUE_WITH_COUNTS(convert(x), out_idx=dtypes.as_dtype(out_idx))


def _list_diff_kernel(x, y, *, out_idx=dtypes.int32):
    index_type = checked_type(out_idx, _INDEX_TYPES, "out_idx")
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError("x and y should be 1D vectors")
    idx = np.flatnonzero(~np.isin(x, y))
    return x[idx], idx.astype(index_type)


LIST_DIFF = register(
    Op(
        "ListDiff",
        _list_diff_kernel,
        vjp=_DISCRETE,
        outputs=("out", "idx"),
        infer=lambda x, y, *, out_idx=dtypes.int32: [Spec.rows(x.dtype), Spec.rows(out_idx._np)],
    )
)


# Histograms.


def _dense_bincount_kernel(input, weights, *, size, binary_output=False):
    checked_type(dtypes._BY_NUMPY[weights.dtype], "int32 int64 float32 float64", "T")
    values = positions(input, "input")
    if values.ndim > 2:
        raise ValueError("Shape must be at most rank 2")
    if weights.size and weights.shape != values.shape:
        raise ValueError(
            "`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it acts as all weights "
            f"equal to 1. Received {list(weights.shape)}"
        )
    rows = len(values) if values.ndim == 2 else 1
    numbers = np.repeat(np.arange(rows), values.size // max(rows, 1))
    bins = binned(values.reshape(-1), numbers, (rows, size), weights.reshape(-1), binary_output)
    return bins if values.ndim == 2 else bins[0]


def _ragged_bincount_kernel(splits, values, weights, *, size, binary_output=False):
    level = from_splits(splits)
    if values.ndim != 1 or len(level.parents) != len(values):
        raise ValueError(f"row splits are of {len(level.parents)} values, and these have the shape {values.shape}")
    if weights.size and weights.shape != values.shape:
        raise ValueError(f"weights have the shape {weights.shape}, and values {values.shape}")
    if size < 0:
        raise ValueError(f"size ({size}) must be non-negative")
    return binned(values, level.parents, (len(splits) - 1, size), weights, binary_output)


def binned(
    values: np.ndarray, numbers: np.ndarray, shape: tuple[int, int], weights: np.ndarray, is_binary: bool
) -> np.ndarray:
    """Counts of values in the rows of these numbers; values that have no bin are left out."""
    rows, size = shape
    if values.size and np.minimum.reduce(values, None) < 0:
        raise ValueError("Input arr must be non-negative!")
    is_kept = values < size
    places = (values + numbers * size)[is_kept]
    if is_binary:
        bins = np.zeros(rows * size, weights.dtype)
        bins[places] = 1
    elif weights.size:
        bins = combine(np.add, weights[is_kept], places, rows * size, 0)
    else:
        bins = np.bincount(places, minlength=rows * size).astype(weights.dtype)
    return bins.reshape(shape)


def _lower_dense_bincount(b, input, weights, *, size, binary_output=False):
    if input.ndim not in (1, 2) or weights.spec.size and weights.shape != input.shape:
        raise NotLowered("errors")
    rows = input.shape[0] if input.ndim == 2 else 1
    values = b.cast(b.reshape(input, (rows, input.spec.size // max(rows, 1))), np.int64)
    places = values + b.iota(values.shape, 0, np.int64) * size
    places = b.select(b.lt(values, size), places, rows * size)  # one more bin, for what has none
    places = b.reshape(b.select(b.lt(values, 0), -1, places), (values.spec.size,))  # negative ones are refused
    counted = b.reshape(weights, places.shape) if weights.spec.size else b.full(places.shape, 1, weights.dtype)
    bins = b.slice(b.segment_sum(counted, places, rows * size + 1), (0,), (rows * size,))
    if binary_output:
        bins = b.cast(b.ne(bins, 0), bins.dtype)
    return b.reshape(bins, (*input.shape[:-1], size))


DENSE_BINCOUNT = register(
    Op("DenseBincount", _dense_bincount_kernel, host=("size",), vjp=_DISCRETE, lower=_lower_dense_bincount)
)
RAGGED_BINCOUNT = register(
    Op(
        "RaggedBincount",
        _ragged_bincount_kernel,
        host=("size",),
        vjp=_DISCRETE,
        infer=lambda splits, values, weights, *, size, binary_output=False: Spec(
            weights.dtype, (splits.shape[0] - 1, size)
        ),
    )
)


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Tensor:
    """How often each integer occurs.

    Args:
      arr: Tensor, RaggedTensor or SparseTensor of integers, none negative.
      weights: one like `arr`, of its shape, what each element counts; 1 by default.
      minlength, maxlength: bounds of the number of bins, which otherwise is the largest element plus 1; what has no bin is
        left out.
      dtype: the result's, if there are no weights; theirs otherwise.
      axis: 0 or None for counts over all elements, -1 for counts over each row of a matrix.
      binary_output: whether bins tell only if the integer occurs, by 1.
    Raises:
      ValueError: `axis` is another one, or both `weights` and `binary_output` are given.
      tf.errors.InvalidArgumentError: an element is negative, or the shape of `weights` differs.
    Example:
      >>> print(tf.math.bincount([1, 1, 3]).numpy(), tf.math.bincount([1, 1, 3], weights=[0.5, 1.0, 2.0]).numpy())
      [0 2 0 1] [0.  1.5 0.  2. ]
    """
    if weights is not None and binary_output:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    if hasattr(arr, "dense_shape"):
        return _sparse_bincount(arr, weights, minlength, maxlength, dtype, axis, binary_output)
    if hasattr(arr, "row_splits"):
        return _ragged_bincount(arr, weights, minlength, maxlength, dtype, axis, binary_output)
    values = convert(arr)
    if not values.dtype.is_integer:
        values = cast_ops.cast(values, dtypes.int32)
    counts = creation.zeros((0,), dtype) if weights is None else convert(weights)
    if axis != -1:
        values = array_ops.reshape(values, (-1,))
        counts = array_ops.reshape(counts, (-1,))
    size = _bins(values, minlength, maxlength)
    return DENSE_BINCOUNT(values, counts, size=size, binary_output=bool(binary_output))


def _ragged_bincount(
    arr: Any, weights: Any, minlength: Any, maxlength: Any, dtype: Any, axis: int | None, is_binary: bool
) -> Tensor:
    flat = None if weights is None else weights.flat_values
    if axis != -1:
        return bincount(arr.flat_values, flat, minlength, maxlength, dtype, binary_output=is_binary)
    counts = creation.zeros((0,), dtype) if flat is None else flat
    size = _bins(arr.flat_values, minlength, maxlength)
    return RAGGED_BINCOUNT(arr.row_splits, arr.values, counts, size=size, binary_output=is_binary)


def _sparse_bincount(
    arr: Any, weights: Any, minlength: Any, maxlength: Any, dtype: Any, axis: int | None, is_binary: bool
) -> Tensor:
    from tenfold.ops.sparse.count import SPARSE_BINCOUNT

    if weights is not None:
        if not hasattr(weights, "dense_shape"):
            raise ValueError("tf.math.bincount: weights of a SparseTensor must be a SparseTensor, too.")
        for ours, theirs in ((arr.indices, weights.indices), (arr.dense_shape, weights.dense_shape)):
            assert_equal(ours, theirs, message="tf.math.bincount: weights must have the places and the shape of arr")
        weights = weights.values
    if axis != -1:
        return bincount(arr.values, weights, minlength, maxlength, dtype, binary_output=is_binary)
    values = arr.values if arr.dtype.is_integer else cast_ops.cast(arr.values, dtypes.int32)
    counts = creation.zeros((0,), dtype) if weights is None else weights
    shape = static.ints(arr.dense_shape, "tf.math.bincount")
    size = _bins(values, minlength, maxlength)
    return SPARSE_BINCOUNT(arr.indices, values, counts, dense_shape=shape, size=size, binary_output=is_binary)


def _bins(values: Tensor, minlength: Any, maxlength: Any) -> int:
    """How many bins there are: one more than the largest value, within bounds."""
    array = values._array
    if type(minlength) is type(maxlength) is int and minlength >= maxlength:
        return maxlength
    if type(array) is Symbol or any(static.is_traced(x) for x in (minlength, maxlength)):
        size = elementwise.maximum(extremes.reduce_max(values) + 1, 0)  # the largest of no values is very small
        if minlength is not None:
            size = elementwise.maximum(size, cast_ops.cast(minlength, size.dtype))
        if maxlength is not None:
            size = elementwise.minimum(size, cast_ops.cast(maxlength, size.dtype))
        return static.integer(size, "tf.math.bincount")
    count = int(array.max()) + 1 if array.size else 0
    if minlength is not None:
        count = max(count, static.integer(minlength, "tf.math.bincount"))
    if maxlength is not None:
        count = min(count, static.integer(maxlength, "tf.math.bincount"))
    return count


def _histogram_kernel(values, value_range, *, nbins, dtype=dtypes.int32):
    bin_type = checked_type(dtype, _INDEX_TYPES, "dtype")
    if nbins <= 0:
        raise ValueError(f"nbins should be a positive number, but got '{nbins}'")
    if value_range.shape != (2,):
        raise ValueError("value_range should be a vector of 2 elements")
    low, high = value_range
    if not low < high:
        raise ValueError(f"value_range should satisfy value_range[0] < value_range[1], but got '[{low}, {high}]'")
    flat = values.reshape(-1)
    if values.dtype.kind == "f" and np.isnan(flat).any():
        raise ValueError("Histogram values must not contain NaN")
    step = (float(high) - float(low)) / nbins
    bins = np.minimum((np.maximum(flat, low).astype(np.float64) - float(low)) / step, nbins - 1)
    return np.bincount(bins.astype(np.intp), minlength=nbins).astype(bin_type)


def _lower_histogram(b, values, value_range, *, nbins, dtype=dtypes.int32):
    if nbins <= 0 or value_range.shape != (2,) or not values.spec.size:
        raise NotLowered("errors, and no values, whose range is not looked at here")
    low, high = (b.reshape(b.slice(value_range, [i], [1]), ()) for i in range(2))
    flat = b.reshape(values, (values.spec.size,))
    start = b.cast(low, np.float64)
    step = (b.cast(high, np.float64) - start) / nbins
    bins = b.minimum((b.cast(b.maximum(flat, b.broadcast_to(low, flat.shape)), np.float64) - start) / step, nbins - 1)
    is_good = b.broadcast_to(b.lt(low, high), flat.shape)
    if values.dtype.kind == "f":
        is_good = b.logical_and(is_good, b.logical_not(b.is_nan(flat)))
    places = b.select(is_good, b.cast(b.select(is_good, bins, 0.0), np.int64), -1)
    return b.segment_sum(b.full(flat.shape, 1, dtype._np), places, nbins)


HISTOGRAM_FIXED_WIDTH = register(
    Op(
        "HistogramFixedWidth",
        _histogram_kernel,
        lower=_lower_histogram,
        host=("nbins",),
        types=(dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64),
        vjp=_DISCRETE,
        infer=lambda values, value_range, *, nbins, dtype=dtypes.int32: Spec(dtype._np, (nbins,)),
    )
)


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """A histogram with bins of equal width; what lies outside falls into the first or the last one.

    Args:
      values: Tensor of int32, int64, float32 or float64.
      value_range: Tensor of its dtype, shape `(2,)`: the lower end of the first bin and the upper end of the last.
      nbins: int.
      dtype: int32 or int64.
    Raises:
      tf.errors.InvalidArgumentError: `nbins` is not positive, the range is empty, or a value is NaN.
    Example:
      >>> print(tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy())
      [2 1 1 0 2]
    """
    values = convert(values)
    value_range = convert(value_range, None if hasattr(value_range, "dtype") else values.dtype, values.dtype)
    HISTOGRAM_FIXED_WIDTH.require(values._array, value_range._array)
    count = static.integer(nbins, "tf.histogram_fixed_width")
    return HISTOGRAM_FIXED_WIDTH(values, value_range, nbins=count, dtype=dtypes.as_dtype(dtype))


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """The bin of `tf.histogram_fixed_width` that each value falls into, of the shape of `values`.

    Args:
      dtype: int32; TensorFlow takes it and gives int32 whatever it is.
    Example:
      >>> print(tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy())
      [0 0 1 2 4 4]
    """
    values = convert(values)
    ends = convert(value_range, None, values.dtype)
    count = static.integer(nbins, "tf.histogram_fixed_width_bins")
    if count <= 0:
        raise InvalidArgumentError(f"tf.histogram_fixed_width_bins: nbins is {count}; it must be positive.")
    share = (values - ends[0]) / (ends[1] - ends[0])
    bins = division.floor(share * cast_ops.cast(count, share.dtype))
    return cast_ops.cast(elementwise.clip_by_value(bins, 0, count - 1), dtypes.int32)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How often each label (row) was predicted as each class (column).

    Args:
      labels, predictions: Tensors of classes, shape `(n,)`; one of them may have a further axis of size 1.
      num_classes: int; the largest class plus 1 by default.
      weights: Tensor of `predictions`' shape, what each element counts; 1 by default.
      dtype: the result's.
    Returns:
      Tensor, shape `(num_classes, num_classes)`.
    Raises:
      tf.errors.InvalidArgumentError: a class is negative or not below `num_classes`, or the shapes differ.
      ValueError: the shape of `weights` differs.
    Example:
      >>> print(tf.math.confusion_matrix([0, 1, 1], [0, 1, 0]).numpy())
      [[1 0]
       [1 1]]
    """
    labels, predictions = convert(labels), convert(predictions)
    extra = labels._array.ndim - predictions._array.ndim
    if extra == 1 and labels._array.shape[-1] == 1:
        labels = array_ops.squeeze(labels, -1)
    elif extra == -1 and predictions._array.shape[-1] == 1:
        predictions = array_ops.squeeze(predictions, -1)
    shape = predictions._array.shape
    if not may_equal(labels._array.shape, shape):
        raise InvalidArgumentError(
            f"tf.math.confusion_matrix: labels have shape {labels._array.shape}, predictions {shape}; they must agree."
        )
    labels, predictions = cast_ops.cast(labels, dtypes.int64), cast_ops.cast(predictions, dtypes.int64)
    assert_non_negative(labels, "`labels` contains negative values")
    assert_non_negative(predictions, "`predictions` contains negative values")
    if num_classes is None:
        num_classes = extremes.reduce_max(elementwise.maximum(labels, predictions)) + 1
    count = static.integer(num_classes, "tf.math.confusion_matrix")
    bound = cast_ops.cast(num_classes, dtypes.int64)
    assert_less(labels, bound, "`labels` out of bound")
    assert_less(predictions, bound, "`predictions` out of bound")
    if weights is None:
        values = creation.ones(shape, dtype)
    else:
        values = cast_ops.cast(weights, dtype)
        if not may_equal(values._array.shape, shape):
            raise ValueError(f"Shapes {shape} and {values._array.shape} are incompatible")
    return array_ops.reshape(unsorted_segment_sum(values, labels * count + predictions, count * count), (count, count))
