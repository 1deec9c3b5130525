"""Products and quotients of sparse tensors and dense ones that broadcast against them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import elementwise, logic, scatter
from tenfold.ops import gather as gather_ops
from tenfold.ops.cast import cast
from tenfold.ops.sparse.indices import check_bounds, check_parts
from tenfold.ops.sparse.tensor import SparseTensor


def _dense_places(indices: Any, is_long: Any, rank: int) -> Any:
    """Where in a dense tensor, which broadcasts along its axes that are not long, each element finds its partner."""
    return (indices[:, -rank:] if rank else indices[:, :0]) * is_long


def _with_dense(name: str, function: Callable, vjp: tuple) -> Op:
    def kernel(sp_indices, sp_values, sp_shape, dense):
        op.require(sp_values, dense)
        check_parts(sp_indices, sp_values, sp_shape)
        check_bounds(sp_indices, sp_shape)
        shape = sp_shape.tolist()
        fits = dense.ndim <= len(shape) and all(
            have in (1, size) for have, size in zip(dense.shape[::-1], shape[::-1], strict=False)
        )
        if not fits:
            raise ValueError(
                f"SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: {shape} vs. {list(dense.shape)}"
            )
        places = _dense_places(sp_indices, np.array(dense.shape, np.int64) != 1, dense.ndim)
        return function(sp_values, dense[tuple(places.T)])

    op = Op(
        name,
        kernel,
        types=NUMERIC,
        vjp=vjp,
        infer=lambda sp_indices, sp_values, sp_shape, dense: Spec(sp_values.dtype, sp_values.shape),
    )
    return register(op)


def _places(sp_indices: Tensor, dense_shape: tuple[int, ...]) -> Tensor:
    is_long = cast(logic.not_equal(convert(dense_shape, dtypes.int64), convert(1, dtypes.int64)), dtypes.int64)
    return _dense_places(sp_indices, is_long, len(dense_shape))


def _partners(dense: Tensor, sp_indices: Tensor) -> Tensor:
    return gather_ops.gather_nd(dense, _places(sp_indices, dense._array.shape))


def _scattered(dy: Tensor, sp_indices: Tensor, dense_shape: tuple[int, ...]) -> Tensor:
    return scatter.scatter_nd(_places(sp_indices, dense_shape), dy, convert(dense_shape, dtypes.int64))


SPARSE_DENSE_CWISE_ADD = _with_dense(
    "SparseDenseCwiseAdd",
    np.add,
    (None, lambda dy: dy, None, lambda dy, sp_indices, dense_shape: _scattered(dy, sp_indices, dense_shape)),
)
SPARSE_DENSE_CWISE_MUL = _with_dense(
    "SparseDenseCwiseMul",
    np.multiply,
    (
        None,
        lambda dy, sp_indices, dense: dy * elementwise.conj(_partners(dense, sp_indices)),
        None,
        lambda dy, sp_indices, sp_values, dense_shape: _scattered(
            dy * elementwise.conj(sp_values), sp_indices, dense_shape
        ),
    ),
)


def _quotient(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of integers it is rounded towards zero, as in C++."""
    if not y.all():
        raise ValueError("SparseDenseCwiseDiv cannot divide by zero, but the dense tensor contains one")
    if x.dtype.kind not in "iu":
        return x / y
    return x // y + ((x % y != 0) & ((x < 0) != (y < 0)))


def _quotient_dense_vjp(dy, sp_indices, sp_values, dense, dense_shape):
    partners = _partners(dense, sp_indices)
    return _scattered(-dy * elementwise.conj(sp_values / (partners * partners)), sp_indices, dense_shape)


SPARSE_DENSE_CWISE_DIV = _with_dense(
    "SparseDenseCwiseDiv",
    _quotient,
    (
        None,
        lambda dy, sp_indices, dense: dy / elementwise.conj(_partners(dense, sp_indices)),
        None,
        _quotient_dense_vjp,
    ),
)


def combined(op: Op, sparse: SparseTensor, dense: Any) -> SparseTensor:
    """The sparse tensor that an op of a sparse and a dense one makes."""
    dense = convert(dense, sparse.dtype)
    return sparse.with_values(op(sparse.indices, sparse.values, sparse.dense_shape, dense))


def divided(sparse: SparseTensor, dense: Any) -> SparseTensor:
    """The quotient, of integers as floating numbers."""
    if sparse.dtype.is_integer:
        dense = cast(convert(dense, sparse.dtype), dtypes.float64)
        sparse = sparse.with_values(cast(sparse.values, dtypes.float64))
    return combined(SPARSE_DENSE_CWISE_DIV, sparse, dense)
