"""Updates in place: kernels on NumPy arrays, run over parts that stay in the cache, and over the touched rows alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops.count import unique
from tenfold.ops.segment import sum_rows, unsorted_segment_sum
from tenfold.ops.sizes import size

FLUSHED_EVERY = 128  # updates
PART = 32768  # elements: few calls, and a kernel's arrays stay in the cache


@lru_cache(maxsize=512)
def constants(dtype: np.dtype, *values: float) -> tuple[np.ndarray, ...]:
    """Numbers as 0-d arrays, which ufuncs take in half the time that they take for Python's."""
    return tuple(np.array(value, dtype) for value in values)


def rounded(value: float, dtype: np.dtype) -> Any:
    """A number in a dtype, by way of float32, as `keras.ops.cast` makes one of a Python number."""
    return dtype.type(np.float32(value))


def as_number(x: Any) -> float:
    """A learning rate, be it a number, a tensor or a variable, as a Python number."""
    if isinstance(x, Variable):
        x = x._value
    return x._array.item() if type(x) is Tensor else float(x)


def as_type(x: Any, dtype: np.dtype) -> Any:
    """A number in a dtype."""
    return x.astype(dtype) if hasattr(x, "astype") else dtype.type(x)


@lru_cache(maxsize=64)
def _scalar(function: Callable[..., Any], *arguments: Any) -> np.ndarray:
    return np.asarray(function(*arguments))


def _flush_subnormals(variable: Variable) -> None:
    """Sets what is too small for a full mantissa to zero, as TensorFlow's kernels do.

    A mean of gradients that have become 0 decays to such a number and, rounded, stays there: with one weight in eight like
    that, as where units of a ReLU have died, a step of Adam takes twice as long.
    """
    dtype = variable._value._array.dtype
    if dtype.kind == "f" and dtype.itemsize >= 4:
        array = variable._own_array()
        array[np.absolute(array) < np.finfo(dtype).tiny] = 0


class Workspace:
    """What an optimizer works with: arrays and numbers, and kernels that run in place, `kernel(*arrays, s, t, *numbers)`, with two
    scratch arrays `s` and `t`. While an update is lowered, a `Lowering` takes its place.
    """

    array = staticmethod(Variable._own_array)
    number = staticmethod(as_number)
    constants = staticmethod(constants)  # of a dtype
    scalar = staticmethod(_scalar)  # what a function makes of numbers, as a constant

    def __init__(self) -> None:
        self._buffers: dict[np.dtype, np.ndarray] = {}
        self._scratch: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}  # views of the buffers, by shape and dtype

    def advance(self, counter: Variable) -> bool:
        """Counts one more update; whether subnormal numbers are to be flushed after it."""
        array = counter._own_array()
        count = array.item() + 1
        array.fill(count)
        return not count % FLUSHED_EVERY

    flush_subnormals = staticmethod(_flush_subnormals)

    def __reduce__(self) -> tuple[Any, ...]:
        return Workspace, ()

    def pair(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
        """Two scratch arrays of at most `PART` elements."""
        if (known := self._scratch.get((shape, dtype))) is not None:
            return known
        buffers = self._buffers.get(dtype)
        if buffers is None:
            buffers = self._buffers[dtype] = np.empty((2, PART), dtype)
        s, t = [buffer[: prod(shape)].reshape(shape) for buffer in buffers]
        self._scratch[shape, dtype] = s, t
        return s, t

    def run(
        self,
        kernel: Callable[..., None],
        arrays: list[np.ndarray],
        numbers: tuple = (),
        measure: np.ufunc | None = None,
        measured: np.ndarray | None = None,
    ) -> None:
        """Runs a kernel on arrays of one shape and dtype; large ones go through in parts.

        Args:
          arrays: what the kernel reads and writes.
          numbers: what it is given beside.
          measure, measured: a ufunc and an array; `s` holds `measure(measured)` when the kernel begins.
        """
        first = arrays[0]
        shape, dtype, size = first.shape, first.dtype, first.size
        if size <= PART or not all(a.flags.c_contiguous for a in arrays):
            if size <= PART:
                s, t = self.pair(shape, dtype)
            else:
                s, t = np.empty(shape, dtype), np.empty(shape, dtype)
            if measure is not None:
                measure(measured, s)
            kernel(*arrays, s, t, *numbers)
            return
        s, t = self.pair((PART,), dtype)
        arrays = [a.reshape(-1) for a in arrays]
        measured = None if measured is None else measured.reshape(-1)
        for start in range(0, size, PART):
            part, count = slice(start, start + PART), min(PART, size - start)
            if measure is not None:
                measure(measured[part], s[:count])  # type: ignore[index]
            kernel(*[a[part] for a in arrays], s[:count], t[:count], *numbers)

    def update(
        self,
        kernel: Callable[..., None],
        gradient: Any,
        variable: Variable,
        slots: list[Variable],
        numbers: tuple = (),
        measure: np.ufunc | None = None,
        leaves_rows_alone: bool = False,
    ) -> None:
        """Runs `kernel(p, g, *slot arrays, s, t, *numbers)`, `s` holding what `measure` says of the gradient.

        Args:
          leaves_rows_alone: whether the kernel changes nothing where the gradient is 0: then a sparse one costs as much as
            the rows that it touches.
        """
        p = variable._own_array()
        kept = [slot._own_array() for slot in slots] if slots else []
        if type(gradient) is Tensor and p.size <= PART:
            g = gradient._array
            if g.dtype is p.dtype and g.shape == p.shape:  # as most are
                shape = p.shape
                if not shape:  # ufuncs take twice as long for operands without axes that are results too
                    shape, p, kept = (1,), p.reshape(1), [a.reshape(1) for a in kept] if kept else kept
                s, t = self.pair(shape, p.dtype)
                if measure is not None:
                    measure(g, s)
                kernel(p, g, *kept, s, t, *numbers)
                return
        if leaves_rows_alone and type(gradient) is IndexedSlices:
            ids, slices = _rows_of(gradient, p)
            rows, ids = _distinct(ids, len(p))
            g, measure, measured = _sums(ids, slices, len(rows), measure)
            parts = [a[rows] for a in (p, *kept)]
            self.run(kernel, [parts[0], g, *parts[1:]], numbers, measure, measured)
            for whole, part in zip((p, *kept), parts, strict=True):
                whole[rows] = part
        else:
            g, measure, measured = gradient_arrays(gradient, p, measure)
            self.run(kernel, [p, g, *kept], numbers, measure, measured)

    def dense(
        self, gradient: Any, variable: Variable, measure: np.ufunc | None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """A gradient as an array like the variable's, and what `measure` says of it."""
        g, measure, measured = gradient_arrays(gradient, variable._value._array, measure)
        return g, None if measure is None else measure(measured)


def gradient_arrays(gradient: Any, p: np.ndarray, measure: np.ufunc | None) -> tuple[np.ndarray, Any, Any]:
    """A gradient as an array like `p`, and a ufunc and an array that make what `measure` says of it.

    Keras measures every slice of a sparse gradient before it adds those of one row, and so do we.

    Raises:
      ValueError: the gradient has another shape than `p`.
      tf.errors.InvalidArgumentError: a row of a sparse one is out of range.
    """
    if type(gradient) is IndexedSlices:
        ids, slices = _rows_of(gradient, p)
        return _sums(ids, slices, len(p), measure)
    g = gradient._array if type(gradient) is Tensor else convert(gradient)._array
    if g.dtype is not p.dtype:
        g = g.astype(p.dtype, copy=False)
    if g.shape != p.shape:
        raise ValueError(f"optimizer: a gradient has shape {g.shape}, its variable {p.shape}; they must be equal.")
    if not g.flags.c_contiguous:
        g = np.ascontiguousarray(g)
    return g, measure, g


def summed_rows(gradient: IndexedSlices) -> IndexedSlices:
    """A sparse gradient in which every row comes once."""
    rows, ids = unique(gradient.indices)
    return IndexedSlices(unsorted_segment_sum(gradient.values, ids, size(rows)), rows, gradient.dense_shape)


def _rows_of(gradient: IndexedSlices, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ids = gradient.indices._array.astype(np.intp, copy=False)
    slices = gradient.values._array.astype(p.dtype, copy=False)
    if slices.shape != ids.shape + p.shape[1:]:
        raise ValueError(
            f"optimizer: a sparse gradient has {ids.size} indices and values of shape {slices.shape}; those of a variable of "
            f"shape {p.shape} must be {ids.shape + p.shape[1:]}."
        )
    if ids.size and not 0 <= ids.min() <= ids.max() < len(p):
        raise InvalidArgumentError(
            None,
            None,
            f"optimizer: indices of a gradient are in [{ids.min()}, {ids.max()}]; they must be in [0, {len(p)}).",
        )
    return ids, slices


def _sums(ids: np.ndarray, slices: np.ndarray, count: int, measure: np.ufunc | None) -> tuple[np.ndarray, Any, Any]:
    sums = sum_rows(slices, ids, count)
    if measure is None:
        return sums, None, None
    return sums, np.positive, sum_rows(measure(slices), ids, count)


def _distinct(ids: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The distinct row numbers, ascending, and where in them each one is."""
    if count > 64 * ids.size:
        return np.unique(ids, return_inverse=True)
    is_there = np.zeros(count, np.bool_)
    is_there[ids] = True
    rows = np.flatnonzero(is_there)
    place = np.empty(count, np.intp)
    place[rows] = np.arange(len(rows))
    return rows, place[ids]
