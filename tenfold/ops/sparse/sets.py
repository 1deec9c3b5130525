"""`tf.sets`: the values along the last axis as sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import static
from tenfold.ops.sparse.groups import Groups, sparse_groups
from tenfold.ops.sparse.tensor import SparseTensor
from tenfold.ops.strings.elements import array_of_texts

_DISCRETE = NotDifferentiable("sets are discrete")
_TYPES = (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16, dtypes.string)
_OPERATIONS: dict[str, Callable[[set, set], set]] = {
    "a-b": set.difference,
    "b-a": lambda a, b: b - a,
    "intersection": set.intersection,
    "union": set.union,
}
_OUTPUTS = ("result_indices", "result_values", "result_shape")


def _dense_groups(x: np.ndarray) -> Groups:
    if x.ndim < 2:
        raise ValueError(f"a set is a row of a tensor of at least 2 axes; the shape is {x.shape}")
    return {place: x[place].tolist() for place in np.ndindex(x.shape[:-1])}


def _combined(operation: str, a: Groups, b: Groups, a_outer: Any, b_outer: Any, dtype: np.dtype) -> tuple:
    """Indices, values and shape of the sets of results, each in rising order."""
    if tuple(a_outer) != tuple(b_outer):
        raise ValueError(f"the sets' shapes differ but for the last axis: {tuple(a_outer)} and {tuple(b_outer)}")
    combine = _OPERATIONS[operation]
    sets = {place: sorted(combine(set(a.get(place, ())), set(b.get(place, ())))) for place in sorted({*a, *b})}
    indices = [(*place, i) for place, values in sets.items() for i in range(len(values))]
    values = [value for values in sets.values() for value in values]
    rank = len(tuple(a_outer)) + 1
    return (
        np.array(indices, np.int64).reshape(-1, rank),
        array_of_texts(values) if dtype.kind == "O" else np.array(values, dtype),
        np.array([*a_outer, max(map(len, sets.values()), default=0)], np.int64),
    )


def _specs(dtype: np.dtype, rank: Any) -> list[Spec]:
    int64 = np.dtype(np.int64)
    return [Spec.rows(int64, (rank,)), Spec.rows(dtype), Spec(int64, (rank,))]


def _dense_kernel(set1, set2, *, set_operation, validate_indices=True):
    groups = _dense_groups(set1), _dense_groups(set2)
    return _combined(set_operation, *groups, set1.shape[:-1], set2.shape[:-1], set1.dtype)


DENSE_TO_DENSE = register(
    Op(
        "DenseToDenseSetOperation",
        _dense_kernel,
        vjp=_DISCRETE,
        outputs=_OUTPUTS,
        infer=lambda set1, set2, **attrs: _specs(set1.dtype, len(set1.shape)),
    )
)


def _dense_sparse_kernel(set1, set2_indices, set2_values, set2_shape, *, set_operation, validate_indices=True):
    second = sparse_groups(set2_indices, set2_values, set2_shape, validate_indices)
    return _combined(set_operation, _dense_groups(set1), second, set1.shape[:-1], set2_shape[:-1].tolist(), set1.dtype)


DENSE_TO_SPARSE = register(
    Op(
        "DenseToSparseSetOperation",
        _dense_sparse_kernel,
        vjp=_DISCRETE,
        outputs=_OUTPUTS,
        infer=lambda set1, set2_indices, set2_values, set2_shape, **attrs: _specs(set1.dtype, len(set1.shape)),
    )
)


def _sparse_kernel(
    set1_indices,
    set1_values,
    set1_shape,
    set2_indices,
    set2_values,
    set2_shape,
    *,
    set_operation,
    validate_indices=True,
):
    first = sparse_groups(set1_indices, set1_values, set1_shape, validate_indices)
    second = sparse_groups(set2_indices, set2_values, set2_shape, validate_indices)
    outer = set1_shape[:-1].tolist(), set2_shape[:-1].tolist()
    return _combined(set_operation, first, second, *outer, set1_values.dtype)


SPARSE_TO_SPARSE = register(
    Op(
        "SparseToSparseSetOperation",
        _sparse_kernel,
        vjp=_DISCRETE,
        outputs=_OUTPUTS,
        infer=lambda set1_indices, set1_values, *_, **attrs: _specs(set1_values.dtype, set1_indices.shape[1]),
    )
)


def _size_kernel(set_indices, set_values, *, set_shape, validate_indices=True):
    sizes = np.zeros(set_shape[:-1], np.int32)
    for place, values in sparse_groups(set_indices, set_values, np.array(set_shape), validate_indices).items():
        sizes[place] = len(set(values))
    return sizes


SET_SIZE = register(
    Op(
        "SetSize",
        _size_kernel,
        host=("set_shape",),
        vjp=_DISCRETE,
        infer=lambda set_indices, set_values, *, set_shape, validate_indices=True: Spec(
            np.dtype(np.int32), tuple(set_shape[:-1])
        ),
    )
)


def _checked(x: Any, what: str) -> Any:
    x = x if isinstance(x, SparseTensor) else convert(x)
    if x.dtype not in _TYPES:
        raise TypeError(f"{what}: elements are {x.dtype.name}; they must be one of {[t.name for t in _TYPES]}.")
    return x


def _run(a: Any, b: Any, operation: str, validate_indices: bool, what: str) -> SparseTensor:
    a = _checked(a, what)
    b = b if isinstance(b, SparseTensor) else convert(b, None, a.dtype)
    if a.dtype is not b.dtype:
        raise TypeError(f"{what}: elements of a are {a.dtype.name}, of b {b.dtype.name}; they must be the same.")
    if isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):  # there is an op for dense a and sparse b only
        a, b = b, a
        operation = {"a-b": "b-a", "b-a": "a-b"}.get(operation, operation)
    op, parts = DENSE_TO_DENSE, [a, b]
    if isinstance(b, SparseTensor):
        op, parts = DENSE_TO_SPARSE, [a, b.indices, b.values, b.dense_shape]
    if isinstance(a, SparseTensor):
        op, parts = SPARSE_TO_SPARSE, [a.indices, a.values, a.dense_shape, *parts[1:]]
    return SparseTensor(*op(*parts, set_operation=operation, validate_indices=validate_indices))


def size(a: Any, validate_indices: bool = True) -> Tensor:
    """How many distinct values each set has.

    Args:
      a: SparseTensor of integers or texts, whose rows along the last axis are sets.
      validate_indices: whether indices must be in the order of the elements.
    Returns:
      int32 Tensor of shape `a.shape[:-1]`.
    Raises:
      TypeError: `a` is no SparseTensor, or of another dtype.
      tf.errors.InvalidArgumentError: an index is out of bounds or out of order.
    Example:
      >>> print(tf.sets.size(tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [5, 5, 6], [2, 2])).numpy())
      [1 1]
    """
    if not isinstance(a, SparseTensor):
        raise TypeError(f"tf.sets.size: expected a SparseTensor, got {a!r}.")
    a = _checked(a, "tf.sets.size")
    shape = static.ints(a.dense_shape, "tf.sets.size")
    return SET_SIZE(a.indices, a.values, set_shape=shape, validate_indices=validate_indices)


def intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What is in both of two sets, for each pair of rows along the last axis.

    Args:
      a: Tensor or SparseTensor of integers or texts, with at least two axes.
      b: one of the same dtype, and the same shape but for the last axis.
      validate_indices: whether indices of sparse tensors must be in the order of the elements.
    Returns:
      SparseTensor: the sets, each in rising order.
    Raises:
      TypeError: dtypes differ, or are others.
      tf.errors.InvalidArgumentError: shapes do not fit, or indices are out of order.
    Example:
      >>> print(tf.sets.intersection([[1, 2, 2, 4]], [[4, 3, 2]]).values.numpy())
      [2 4]
    """
    return _run(a, b, "intersection", validate_indices, "tf.sets.intersection")


def difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """What is in one of two sets and not in the other; other arguments and errors as in `tf.sets.intersection`.

    Args:
      aminusb: whether it is what only `a` has, else what only `b` has.
    Example:
      >>> print(tf.sets.difference([[1, 2, 2, 4]], [[4, 3, 2]]).values.numpy())
      [1]
    """
    return _run(a, b, "a-b" if aminusb else "b-a", validate_indices, "tf.sets.difference")


def union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What is in any of two sets; arguments and errors as in `tf.sets.intersection`.

    Example:
      >>> print(tf.sets.union([[1, 2, 2, 4]], [[4, 3, 2]]).values.numpy())
      [1 2 3 4]
    """
    return _run(a, b, "union", validate_indices, "tf.sets.union")
