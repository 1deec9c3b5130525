"""Parts of variables: reading `v[...]`, sparse reads, and writes at indices, in place where nobody else holds the value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError, OutOfRangeError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import index as index_ops
from tenfold.ops import scatter


def _writing(method: Callable[..., Variable]) -> Callable[..., Variable]:
    """Lets a method that writes to a variable in place be called while a function is traced: it then does so whenever the graph runs."""

    @functools.wraps(method)
    def write(self: Variable, *args: Any, **kwargs: Any) -> Variable:
        graph = traced_graph()
        if graph is None:
            return method(self, *args, **kwargs)

        is_rows = {key: isinstance(x, IndexedSlices) for key, x in [*enumerate(args), *kwargs.items()]}

        @functools.wraps(method)
        def again(*args: Any, **kwargs: Any) -> None:
            given = {k: IndexedSlices(*x) if is_rows[k] else x for k, x in [*enumerate(args), *kwargs.items()]}
            write(self, *[given[i] for i in range(len(args))], **{name: given[name] for name in kwargs})

        opened = [(x.values, x.indices) if isinstance(x, IndexedSlices) else x for x in args]
        named = {k: (x.values, x.indices) if isinstance(x, IndexedSlices) else x for k, x in kwargs.items()}
        same = _WITH_OPS.get(method.__name__)
        expand = None if same is None else functools.partial(same, self)
        graph.defer(again, tuple(opened), named, always=True, variables=(self,), expand=expand)
        return self

    return write


def _buffer(variable: Variable) -> np.ndarray:
    """The variable's array, to be written to, with its elements in C order."""
    array = variable._own_array()
    if not array.flags.c_contiguous:
        variable._put(wrap(np.ascontiguousarray(array)))
        array = variable._value._array
    return array


# The same with ops on whole values, for files of other tools.


def _with_ops(update: Callable[..., Tensor], is_of_rows: bool) -> Callable[..., None]:
    def write(variable: Variable, first: Any, second: Any = None, *rest: Any, **_: Any) -> None:
        if is_of_rows:
            values, indices = first
            indices = array_ops.expand_dims(indices, -1)
        else:
            indices, values = first, second
        indices = convert(indices)
        shape = (*indices._array.shape[:-1], *variable._value._array.shape[indices._array.shape[-1] :])
        values = array_ops.broadcast_to(convert(values, variable.dtype), shape)
        variable.assign(update(variable._read(), indices, values))

    return write


def _part_with_ops(variable: Variable, parts: Any, is_slice: Any, value: Tensor) -> None:
    index = tuple([slice(*x) if s else x for x, s in zip(parts, is_slice, strict=True)])
    part = index_ops.getitem(variable._read(), index)
    variable.assign(index_ops.UPDATE(variable._read(), array_ops.broadcast_to(value, part._array.shape), index=index))


_WITH_OPS: dict[str, Callable[..., None]] = {
    f"_scatter_{kind}{name}": _with_ops(update, kind == "")
    for kind in ("", "nd_")
    for name, update in {
        "add": scatter.tensor_scatter_nd_add,
        "sub": scatter.tensor_scatter_nd_sub,
        "min": scatter.tensor_scatter_nd_min,
        "max": scatter.tensor_scatter_nd_max,
        "update": scatter.tensor_scatter_nd_update,
    }.items()
}
_WITH_OPS["_assign_parts"] = _part_with_ops


# Slices.


def _getitem(self: Variable, key: Any) -> Tensor:
    """`v[key]`, a tensor; unless the key is a mask it has a method `assign(value)` that writes to that part of `v`."""
    part = index_ops.getitem(self._read(), key)
    if not index_ops.is_mask(key):
        # `assign` does not hold the part itself: in `v[0].assign(x)` it is gone by then, and so `v` is written in place
        part.assign = lambda value, name=None: _assign_part(self, key, value)  # type: ignore[attr-defined]
    return part


def _assign_part(variable: Variable, key: Any, value: Any) -> Variable:
    value = convert(value, variable._value.dtype)
    if traced_graph() is not None:
        items = key if isinstance(key, (tuple, list)) else (key,)
        parts = [(x.start, x.stop, x.step) if isinstance(x, slice) else x for x in items]
        return _assign_parts(variable, parts, [isinstance(x, slice) for x in items], value)
    array = value._array
    index = index_ops.basic_index(key)
    if Ellipsis not in index:
        index += (Ellipsis,)  # so that NumPy takes an array of one element for an index that leaves no axis
    try:
        variable._own_array()[index] = array
    except (IndexError, ValueError) as error:
        raise InvalidArgumentError(
            f"Variable[...].assign: {error}; the variable has shape {variable._value._array.shape}."
        ) from None
    return variable


@_writing
def _assign_parts(variable: Variable, parts: Any, is_slice: Any, value: Tensor) -> Variable:
    """`_assign_part` for a key whose slices are tuples, as a graph takes them."""
    key = tuple([slice(*x) if s else x for x, s in zip(parts, is_slice, strict=True)])
    return _assign_part(variable, key, value)


# Rows, by IndexedSlices.


def _rows(variable: Variable, sparse_delta: Any, what: str) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(sparse_delta, IndexedSlices):
        raise TypeError(f"Variable.{what}: sparse_delta is {sparse_delta!r}; it must be tf.IndexedSlices.")
    indices, values = sparse_delta.indices._array, convert(sparse_delta.values, variable._value.dtype)._array
    return indices, values


def _scatter(variable: Variable, combine: Callable | None, sparse_delta: Any, what: str) -> Variable:
    indices, values = _rows(variable, sparse_delta, what)
    shape = indices.shape + variable._value._array.shape[1:]
    if not values.ndim:  # one number for all rows
        values = np.broadcast_to(values, shape)
    scatter.write_nd(combine, _buffer(variable), indices[..., None], values, f"Variable.{what}")
    return variable


def _scatter_add(self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
    """Adds the values of `tf.IndexedSlices` to rows; a row may occur more than once."""
    return _scatter(self, np.add, sparse_delta, "scatter_add")


def _scatter_sub(self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
    """Subtracts the values of `tf.IndexedSlices` from rows; a row may occur more than once."""
    return _scatter(self, np.subtract, sparse_delta, "scatter_sub")


def _scatter_mul(self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
    """Multiplies rows by the values of `tf.IndexedSlices`; a row may occur more than once."""
    return _scatter(self, np.multiply, sparse_delta, "scatter_mul")


def _scatter_div(self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
    """Divides rows by the values of `tf.IndexedSlices`; a row may occur more than once."""
    is_integer = self._value._array.dtype.kind in "iu"
    return _scatter(self, _truncated_quotient if is_integer else np.divide, sparse_delta, "scatter_div")


def _truncated_quotient(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    quotient = np.abs(x) // np.abs(y)
    return np.where((x < 0) == (y < 0), quotient, -quotient)


def _scatter_min(self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
    """Takes the smaller of each element of rows and the values of `tf.IndexedSlices`."""
    return _scatter(self, np.minimum, sparse_delta, "scatter_min")


def _scatter_max(self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
    """Takes the larger of each element of rows and the values of `tf.IndexedSlices`."""
    return _scatter(self, np.maximum, sparse_delta, "scatter_max")


def _scatter_update(self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
    """Puts the values of `tf.IndexedSlices` in place of rows; of several for one row the last one stays."""
    return _scatter(self, None, sparse_delta, "scatter_update")


def _batch_scatter_update(
    self: Variable, sparse_delta: Any, use_locking: bool = False, name: str | None = None
) -> Variable:
    """Like `scatter_update`, with batch axes in front: the indices' last axis counts along the axis after those."""
    indices, values = _rows(self, sparse_delta, "batch_scatter_update")
    grids = np.indices(indices.shape, indices.dtype)[:-1]
    vectors = np.stack([*grids, indices], -1)
    scatter.write_nd(None, _buffer(self), vectors, values, "Variable.batch_scatter_update")
    return self


# Elements and slices, by vectors of indices.


def _scatter_nd(variable: Variable, ufunc: np.ufunc | None, indices: Any, updates: Any, what: str) -> Variable:
    updates = convert(updates, variable._value.dtype)._array
    scatter.write_nd(ufunc, _buffer(variable), convert(indices)._array, updates, f"Variable.{what}")
    return variable


def _scatter_nd_add(self: Variable, indices: Any, updates: Any, name: str | None = None) -> Variable:
    """Adds updates at vectors of indices, as `tf.tensor_scatter_nd_add` does."""
    return _scatter_nd(self, np.add, indices, updates, "scatter_nd_add")


def _scatter_nd_sub(self: Variable, indices: Any, updates: Any, name: str | None = None) -> Variable:
    """Subtracts updates at vectors of indices."""
    return _scatter_nd(self, np.subtract, indices, updates, "scatter_nd_sub")


def _scatter_nd_min(self: Variable, indices: Any, updates: Any, name: str | None = None) -> Variable:
    """Takes the smaller of element and update at vectors of indices."""
    return _scatter_nd(self, np.minimum, indices, updates, "scatter_nd_min")


def _scatter_nd_max(self: Variable, indices: Any, updates: Any, name: str | None = None) -> Variable:
    """Takes the larger of element and update at vectors of indices."""
    return _scatter_nd(self, np.maximum, indices, updates, "scatter_nd_max")


def _scatter_nd_update(self: Variable, indices: Any, updates: Any, name: str | None = None) -> Variable:
    """Puts updates in place of what is at vectors of indices."""
    return _scatter_nd(self, None, indices, updates, "scatter_nd_update")


# Sparse reads, counting.


def _sparse_read(self: Variable, indices: Any, name: str | None = None) -> Tensor:
    """The rows with these indices, as `tf.gather` takes them."""
    return gather_ops.gather(self, indices)


def _gather_nd(self: Variable, indices: Any, name: str | None = None) -> Tensor:
    """Elements or slices at vectors of indices, as `tf.gather_nd` takes them."""
    return gather_ops.gather_nd(self, indices)


def _count_up_to(self: Variable, limit: int) -> Tensor:
    """Adds 1 to an integer scalar and returns what it was before.

    Raises:
      tf.errors.OutOfRangeError: it has reached `limit`.
    """
    graph = traced_graph()
    if graph is not None:
        spec = Spec(self._value._array.dtype, self._value._array.shape)
        return graph.enter("CountUpTo", lambda: [_count_up_to(self, limit)], (), [spec], (self,))[0]
    before = self._value
    if before._array >= limit:
        raise OutOfRangeError(f"Variable.count_up_to: Reached limit of {limit}.")
    self.assign_add(1)
    return wrap(before._array.copy())


for _name, _method in {
    "__getitem__": _getitem,
    "scatter_add": _scatter_add,
    "scatter_sub": _scatter_sub,
    "scatter_mul": _scatter_mul,
    "scatter_div": _scatter_div,
    "scatter_min": _scatter_min,
    "scatter_max": _scatter_max,
    "scatter_update": _scatter_update,
    "batch_scatter_update": _batch_scatter_update,
    "scatter_nd_add": _scatter_nd_add,
    "scatter_nd_sub": _scatter_nd_sub,
    "scatter_nd_min": _scatter_nd_min,
    "scatter_nd_max": _scatter_nd_max,
    "scatter_nd_update": _scatter_nd_update,
    "sparse_read": _sparse_read,
    "gather_nd": _gather_nd,
    "count_up_to": _count_up_to,
}.items():
    setattr(Variable, _name, _writing(_method) if "scatter" in _name else _method)  # type: ignore[arg-type]
