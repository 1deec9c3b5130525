"""Slices of tensors: `x[...]`, `tf.strided_slice`, `tf.slice`.

TensorFlow describes `x[1:, ..., 0]` by three vectors and five bit masks. NumPy has the same rules for integers, slices,
new axes and ellipses, so the attribute of our op is NumPy's index, and the masks are turned into one (`to_index`).
"""

from __future__ import annotations

import builtins
import numbers
from typing import Any, NamedTuple

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import recorders
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, record, register
from tenfold.core.shapes import Dimension
from tenfold.core.symbol import Size, Spec, SymbolError, sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import elementwise, join, rearrange, row_rules, static
from tenfold.ops import gather as gather_ops

_ndarray = np.ndarray
_BASIC = frozenset((int, builtins.slice, type(None), type(Ellipsis)))
_INTEGERS = frozenset((dtypes.int16, dtypes.int32, dtypes.int64))


def to_index(
    begin: tuple[int, ...],
    end: tuple[int, ...],
    strides: tuple[int, ...],
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> tuple:
    """NumPy's index for a strided slice in TensorFlow's terms; bit `i` of a mask is about element `i` of the vectors.

    Raises:
      tf.errors.InvalidArgumentError: the vectors have different lengths, or a single index has a stride other than 1.
    """
    if not len(begin) == len(end) == len(strides):
        raise InvalidArgumentError(
            f"tf.strided_slice: begin, end and strides are {begin}, {end} and {strides}; they must be equally long."
        )
    items: list[Any] = []
    for i, stride in enumerate(strides):
        bit = 1 << i
        if ellipsis_mask & bit:
            items.append(Ellipsis)
        elif new_axis_mask & bit:
            items.append(None)
        elif shrink_axis_mask & bit:
            if stride != 1:
                raise InvalidArgumentError(f"tf.strided_slice: stride {stride} of a single index; it must be 1.")
            items.append(begin[i])
        else:
            first = None if begin_mask & bit else begin[i]
            items.append(builtins.slice(first, None if end_mask & bit else end[i], stride))
    return tuple(items)


# The op, its gradient and its opposite.


def _strided_slice_kernel(input, *, index):
    result = input[index]
    # NumPy returns a scalar where no axis is left; with an ellipsis it is an array
    return result if type(result) is _ndarray else input[(*index, ...) if type(index) is tuple else (index, ...)]


def _strided_slice_grad_kernel(dy, *, shape, index):
    dx = np.zeros(shape, dy.dtype)
    dx[index] = dy
    return dx


def _update_kernel(input, value, *, index):
    UPDATE.require(input, value)
    result = input.copy()
    result[index] = value
    return result


# Machine code.


def _items(rank: int, index: Any) -> list[Any]:
    """The items of a NumPy index, one for each axis, and None for each new one."""
    items = list(index) if type(index) is tuple else [index]
    rest = rank - sum([item is not None and item is not Ellipsis for item in items])
    at = next((i for i, item in enumerate(items) if item is Ellipsis), len(items))
    items[at : at + 1] = [builtins.slice(None)] * rest
    return items


class _Part(NamedTuple):
    """What a NumPy index takes of each axis, and the shape of the result."""

    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    shape: tuple[int, ...]

    @classmethod
    def of(cls, shape: tuple[int, ...], index: Any) -> _Part:
        axes, result, sizes = [], [], iter(shape)
        for item in _items(len(shape), index):
            if item is None:
                result.append(1)
                continue
            size = next(sizes)
            if type(item) is builtins.slice:
                taken = builtins.range(*item.indices(size))
                result.append(len(taken))
            else:
                taken = builtins.range(item % size, item % size + 1)
            axes.append((taken.start if taken else 0, len(taken), taken.step))
        starts, counts, strides = zip(*axes, strict=True) if axes else ((), (), ())
        return cls(starts, counts, strides, tuple(result))

    def put(self, b: Any, x: Any, shape: tuple[int, ...]) -> Any:
        """Zeros of a shape, with `x` in this part."""
        x = b.reshape(b.broadcast_to(x, self.shape), self.sizes)
        if not x.spec.size:
            return b.full(shape, 0, x.dtype)
        x = b.reverse(x, [axis for axis, stride in enumerate(self.strides) if stride < 0])
        ends = [start + (count - 1) * stride for start, count, stride in zip(*self[:3], strict=True)]
        low = [min(start, end) for start, end in zip(self.starts, ends, strict=True)]
        high = [size - 1 - max(start, end) for size, start, end in zip(shape, self.starts, ends, strict=True)]
        return b.pad(x, low, high, 0, [abs(stride) - 1 for stride in self.strides])

    def mask(self, b: Any, shape: tuple[int, ...]) -> Any:
        """Where in a tensor of a shape the part is; None if it is all."""
        mask = None
        for axis, (start, count, stride) in enumerate(zip(*self[:3], strict=True)):
            if count != shape[axis]:
                line = np.zeros(shape[axis], bool)
                line[[start + i * stride for i in builtins.range(count)]] = True
                line = b.reshape(b.constant(line), (shape[axis], *(1,) * (len(shape) - 1 - axis)))
                mask = line if mask is None else b.logical_and(mask, line)
        return mask


class _OfElements(Op):
    """Its index may have elements of tensors."""

    __slots__ = ()
    lowers_elements = True


def _lower_strided_slice(b, x, *, index):
    known: list[Any] = []
    for item in _items(x.ndim, index):
        if item is None or type(item) in (int, builtins.slice):
            known.append(item)
        else:  # a value of the program
            axis = sum([i is not None for i in known])
            x = b.gather(x, _from_begin(b, item, x.shape[axis]), axis)
    part = _Part.of(x.shape, tuple(known))
    return b.reshape(b.slice(x, *part[:3]), part.shape)


def _from_begin(b: Any, place: Any, size: int) -> Any:
    return b.select(b.lt(place, 0), place + size, place)


def _lower_strided_slice_grad(b, dy, *, shape, index):
    items, taken = _items(len(shape), index), list(shape)
    axes = [n for n, item in enumerate(items) if item is not None]
    is_there = None
    for axis, n in enumerate(axes):
        if type(items[n]) not in (int, builtins.slice):  # a value of the program
            place = _from_begin(b, items[n], shape[axis])
            here = b.eq(b.iota(shape, axis, place.dtype), place)
            is_there = here if is_there is None else b.logical_and(is_there, here)
            items[n], taken[axis] = 0, 1
    x = _Part.of(tuple(taken), tuple(items)).put(b, dy, tuple(taken))
    return x if is_there is None else b.select(is_there, x, 0)


def _strided_slice_grad_spec(dy, *, shape, index):
    """Where sizes are unknown, an index that is known may be beyond those of samples."""
    return Spec(dy.dtype, shape) if sizes_in((tuple(dy.shape), shape, index)) else None


def _lower_update(b, x, value, *, index):
    part = _Part.of(x.shape, index)
    whole, mask = part.put(b, value, x.shape), part.mask(b, x.shape)
    return whole if mask is None else b.select(mask, whole, x)


def _raw_strided_slice(input: Any, begin: Any, end: Any, strides: Any, name: str | None = None, **masks: int) -> Tensor:
    return STRIDED_SLICE(convert(input), index=_index_of(begin, end, strides, masks))


def _raw_strided_slice_grad(
    shape: Any, begin: Any, end: Any, strides: Any, dy: Any, name: str | None = None, **masks: int
) -> Tensor:
    shape = static.ints(shape, "StridedSliceGrad")
    return STRIDED_SLICE_GRAD(convert(dy), shape=shape, index=_index_of(begin, end, strides, masks))


def _raw_update(
    input: Any, begin: Any, end: Any, strides: Any, value: Any, name: str | None = None, **masks: int
) -> Tensor:
    return UPDATE(*join.matched([input, value]), index=_index_of(begin, end, strides, masks))


def _index_of(begin: Any, end: Any, strides: Any, masks: dict[str, int]) -> tuple:
    first, last, steps = (static.ints(x, "tf.strided_slice") for x in (begin, end, strides))
    return to_index(first, last, steps, **masks)


def _slice_rows(node, values):
    rows, index = row_rules.first(node, values), node.attrs["index"]
    items = [*index] if type(index) is tuple else [index]
    at = next((i for i, item in enumerate(items) if item is Ellipsis), len(items))
    named = sum(item is not None and item is not Ellipsis for item in items)
    items[at : at + 1] = [builtins.slice(None)] * (node.inputs[0].ndim - named)
    source = target = 0
    for item in items:
        if item is not None and source == rows.axis:
            is_all = (
                type(item) is builtins.slice
                and item.start in (None, 0)
                and item.stop is None
                and item.step in (None, 1)
            )
            return (target, rows.outer) if is_all else None
        source += item is not None
        target += item is None or type(item) is builtins.slice
    return None


STRIDED_SLICE = register(
    _OfElements(
        "StridedSlice",
        _strided_slice_kernel,
        vjp=lambda dy, input_shape, index: STRIDED_SLICE_GRAD(dy, shape=input_shape, index=index),
        lower=_lower_strided_slice,
        rows=_slice_rows,
        raw=_raw_strided_slice,
    )
)
STRIDED_SLICE_GRAD: Op = register(
    _OfElements(
        "StridedSliceGrad",
        _strided_slice_grad_kernel,
        vjp=lambda dy, index: STRIDED_SLICE(dy, index=index),
        infer=_strided_slice_grad_spec,
        lower=_lower_strided_slice_grad,
        raw=_raw_strided_slice_grad,
    )
)
UPDATE: Op = register(
    Op(
        "TensorStridedSliceUpdate",
        _update_kernel,
        vjp=(
            lambda dy, value_dtype, index: UPDATE(dy, wrap(np.zeros((), value_dtype._np)), index=index),
            lambda dy, value_shape, index: elementwise.unbroadcast(STRIDED_SLICE(dy, index=index), value_shape),
        ),
        lower=_lower_update,
        raw=_raw_update,
    )
)


# x[...]


def getitem(x: Tensor, key: Any) -> Tensor:
    """`x[key]`: integers, slices, `...`, `tf.newaxis`, scalar integer tensors, or one boolean mask.

    Raises:
      TypeError: an index is something else.
      tf.errors.InvalidArgumentError: an index is out of range, or there are too many.
      ValueError: a mask does not fit.
    """
    kind = type(key)
    if kind is tuple:
        if not _BASIC.issuperset(map(type, key)):
            key = basic_index(key)
    elif kind not in _BASIC:
        if is_mask(key):
            return gather_ops.boolean_mask(x, key)
        key = basic_index(key)
    array = x._array
    try:
        result = array[key]
    except SymbolError:
        return STRIDED_SLICE(x, index=basic_index(key))
    except TypeError:  # a slice of variables, or of what is no integer
        key = basic_index(key)
        if sizes_in(key):
            return STRIDED_SLICE(x, index=key)
        result = array[key]
    except (IndexError, ValueError) as error:
        index = basic_index(key)
        if sizes_in(index):
            return STRIDED_SLICE(x, index=index)
        raise InvalidArgumentError(f"StridedSlice: {error}; the tensor has shape {array.shape}.") from None
    if type(result) is not _ndarray:
        result = array[(*key, ...) if type(key) is tuple else (key, ...)]
    out = wrap(result)
    if recorders():
        record(STRIDED_SLICE, (x,), {"index": key}, (out,))
    return out


def is_mask(key: Any) -> bool:
    """Whether a key is a boolean mask and no index."""
    if isinstance(key, (Tensor, np.ndarray)):
        return key.dtype == np.bool_
    return isinstance(key, bool)


def basic_index(key: Any) -> tuple:
    """NumPy's index for one in which integers are tensors, variables, arrays or NumPy scalars.

    Raises:
      TypeError: there is something else in it.
    """
    items: list[Any] = []
    for item in key if isinstance(key, (tuple, list)) else (key,):
        if item is None or item is Ellipsis or type(item) is int:
            items.append(item)
        elif isinstance(item, builtins.slice):
            items.append(builtins.slice(*[_bound(bound) for bound in (item.start, item.stop, item.step)]))
        else:
            items.append(_integer(item))
    return tuple(items)


def _bound(bound: Any) -> int | None:
    if bound is None or isinstance(bound, Dimension) and bound.value is None:
        return None
    return _integer(bound)


def _integer(item: Any) -> int:
    if isinstance(item, (numbers.Integral, Dimension)) and not isinstance(item, bool):
        return int(item)
    if type(item) is Size:
        return item  # type: ignore[return-value]
    if is_tensor_like(type(item)) or isinstance(item, np.ndarray):
        tensor = convert(item)
        if tensor.dtype in _INTEGERS and not tensor._array.ndim:
            return static.integer(tensor, "an index")
    raise TypeError(
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are "
        f"valid indices, got {item!r}. For several indices at once use tf.gather."
    )


# Functions.


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Variable | None = None,
    name: str | None = None,
) -> Tensor:
    """A slice with strides, given by vectors and masks; `x[...]` says the same more readably.

    Args:
      input_: Tensor.
      begin: first index on each of the first axes.
      end: index at which each ends, itself not included.
      strides: steps, not 0; 1 by default.
      begin_mask: bits of the axes where `begin` is ignored.
      end_mask: bits of the axes where `end` is ignored.
      ellipsis_mask: at most one bit: the element stands for as many axes as are needed.
      new_axis_mask: bits of the elements that insert an axis of size 1.
      shrink_axis_mask: bits of the axes of which only index `begin` is taken, without the axis.
      var: the variable whose value `input_` is; the result then has a method `assign`.
    Raises:
      tf.errors.InvalidArgumentError: the vectors do not fit, an index is out of range or a stride is 0.
    Example:
      >>> print(tf.strided_slice([1, 2, 3, 4], [3], [0], [-1]).numpy())
      [4 3 2]
    """
    if strides is None:
        strides = np.ones_like(convert(begin)._array)
    masks = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    index = _index_of(begin, end, strides, masks)
    return STRIDED_SLICE(convert(input_), index=index) if var is None else var[index]  # type: ignore[index]


def _slice_kernel(input, *, begin, size):
    if not len(begin) == len(size) == input.ndim:
        raise ValueError(f"begin and size must have {input.ndim} elements, not {begin} and {size}")
    index = []
    for axis, (first, count, total) in enumerate(zip(begin, size, input.shape, strict=True)):
        if not 0 <= first <= total:
            raise ValueError(f"begin[{axis}] must be in [0, {total}], but is {first}")
        if not -1 <= count <= total - first:
            raise ValueError(f"size[{axis}] must be in [0, {total - first}], but is {count}")
        index.append(builtins.slice(first, total if count == -1 else first + count))
    return input[(*index, ...)]


def _slice_vjp(dy, input_shape, begin):
    ends = [total - first - count for total, first, count in zip(input_shape, begin, dy._array.shape, strict=True)]
    return rearrange.pad(dy, tuple(zip(begin, ends, strict=True)))


def _lower_slice(b, x, *, begin, size):
    sizes = [total - first if count == -1 else count for total, first, count in zip(x.shape, begin, size, strict=True)]
    return b.slice(x, [first if count else 0 for first, count in zip(begin, sizes, strict=True)], sizes)


SLICE = register(Op("Slice", _slice_kernel, host=("begin", "size"), vjp=_slice_vjp, lower=_lower_slice))


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """The part of a tensor with `size[i]` elements from index `begin[i]` on along each axis `i`.

    Args:
      input_: Tensor.
      begin: an index for each axis.
      size: a count for each axis; -1 for all that follow `begin`.
    Raises:
      tf.errors.InvalidArgumentError: the part is not within the tensor.
    Example:
      >>> print(tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2]).numpy())
      [[2 3]
       [5 6]]
    """
    return SLICE(
        convert(input_),
        begin=static.ints(begin, "tf.slice"),
        size=static.ints(size, "tf.slice"),
    )


Tensor.__getitem__ = getitem  # type: ignore[method-assign]
