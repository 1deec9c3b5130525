"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import blas, dtypes
from tenfold.core.context import recorders
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, FLOATING, as_dtype
from tenfold.core.errors import InvalidArgumentError, NotFoundError
from tenfold.core.op import NotDifferentiable, Op, record, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, row_rules
from tenfold.ops.large import when_large

_FOR_BLAS = frozenset(np.dtype(t) for t in (np.float32, np.float64))


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """`a @ b`; 16-bit floats are multiplied and summed as float32."""
    dtype = a.dtype
    if dtype.itemsize == 2 and dtype.kind in "fV":
        return blas.matmul(a.astype(np.float32), b.astype(np.float32)).astype(dtype)
    return blas.matmul(a, b)


def plain(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """`a @ b` of matrices that BLAS knows; small ones take less time so than by `np.matmul`, with the same bits."""
    return a.dot(b) if a.size * b.shape[1] <= blas.SHARED else blas.matmul(a, b)


def adjoint_array(x: np.ndarray) -> np.ndarray:
    """The conjugate transpose of the innermost matrices."""
    x = x.swapaxes(-1, -2)
    return x.conj() if x.dtype.kind == "c" else x


def _require_matrices(*arrays: Any) -> None:
    for i, array in enumerate(arrays):
        if array.ndim < 2:
            raise InvalidArgumentError(
                f"tf.matmul: In[{i}] ndims must be >= 2, its shape is {array.shape}. "
                "Use tf.linalg.matvec or tf.tensordot for vectors."
            )


def _require_fit(a: Any, b: Any) -> None:
    """Checks that matrices, transposed already, can be multiplied."""
    if a.shape[-1] != b.shape[-2]:
        raise InvalidArgumentError(
            f"tf.matmul: Matrix size-incompatible: the factors are {a.shape} and {b.shape} (after any transpose); the "
            "last size of the first must equal the second to last of the second."
        )


def _product_spec(x: Any, y: Any, is_x_transposed: bool, is_y_transposed: bool) -> Spec:
    """What a product is like; asking the kernel would mean to multiply."""
    if x.shape is None or y.shape is None:
        return Spec(x.dtype, None)
    _require_matrices(x, y)
    m, k = x.shape[:-3:-1] if is_x_transposed else x.shape[-2:]
    other, n = y.shape[:-3:-1] if is_y_transposed else y.shape[-2:]
    if k != other and type(k) is type(other) is int:
        _require_fit(Spec(x.dtype, (m, k)), Spec(y.dtype, (other, n)))
    rank = max(x.ndim, y.ndim)
    pairs = zip(*[(1,) * (rank - t.ndim) + tuple(t.shape[:-2]) for t in (x, y)], strict=True)
    return Spec(x.dtype, (*[_broadcast_size(a, b) for a, b in pairs], m, n))


def _broadcast_size(a: Any, b: Any) -> Any:
    if a == b or (type(b) is int and b == 1):
        return a
    if type(a) is type(b) is int and a != 1:
        raise InvalidArgumentError(
            f"tf.matmul: the sizes {a} and {b} of leading axes differ; they must be equal, or 1."
        )
    return b


def _matmul_spec(a, b, *, transpose_a=False, transpose_b=False, grad_a=False, grad_b=False):
    MATMUL.require(a, b)
    return _product_spec(a, b, transpose_a, transpose_b)


def _batch_matmul_spec(x, y, *, adj_x=False, adj_y=False, grad_x=False, grad_y=False):
    BATCH_MATMUL.require(x, y)
    return _product_spec(x, y, adj_x, adj_y)


def _matmul_kernel(a, b, *, transpose_a=False, transpose_b=False, grad_a=False, grad_b=False):
    _require_matrices(a, b)
    MATMUL.require(a, b)
    if transpose_a:
        a = a.T
    if transpose_b:
        b = b.T
    _require_fit(a, b)
    return product(a, b)


def _matmul_lowering(b, x, y, *, transpose_a=False, transpose_b=False, grad_a=False, grad_b=False):
    return b.contract(x, y, transpose_a, transpose_b)


def _grad_a(dy, b, transpose_a, transpose_b):
    if transpose_a:
        if transpose_b:
            return matmul(b, dy, adjoint_a=True, transpose_b=True)
        return matmul(elementwise.conj(b), dy, transpose_b=True)
    return matmul(dy, elementwise.conj(b)) if transpose_b else matmul(dy, b, adjoint_b=True)


def _grad_b(dy, a, transpose_a, transpose_b):
    if transpose_b:
        if transpose_a:
            return matmul(dy, a, transpose_a=True, adjoint_b=True)
        return matmul(dy, elementwise.conj(a), transpose_a=True)
    return matmul(elementwise.conj(a), dy) if transpose_a else matmul(a, dy, adjoint_a=True)


_MATRIX_TYPES = (
    FLOATING | COMPLEX | {dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64}
)
_LARGE = 1 << 20  # multiplications: machine code then takes half as long as BLAS, and as long for the largest


def is_large(a, b, bias=None, *, transpose_a=False, transpose_b=False, grad_a=False, grad_b=False):
    if a.ndim != 2 or b.ndim != 2:
        return False
    rows, columns = a.shape[1 if transpose_a else 0], b.shape[0 if transpose_b else 1]
    return a.size * columns >= _LARGE and rows >= 8 and columns >= 8


def _matmul_bound(a, b, *, transpose_a=False, transpose_b=False, grad_a=False, grad_b=False):
    """The product without what `_matmul_kernel` checks."""
    if a.dtype not in _FOR_BLAS:
        return None
    if transpose_a:
        return (lambda a, b: plain(a.T, b.T)) if transpose_b else (lambda a, b: plain(a.T, b))
    return (lambda a, b: plain(a, b.T)) if transpose_b else plain


def _matmul_rows(node, values):
    rank, (x, y) = node.outputs[0].ndim, node.inputs
    if x in values and y not in values and values[x].axis == x.ndim - 2:
        is_transposed = node.attrs.get("transpose_a") or node.attrs.get("adj_x")
        return None if is_transposed else (rank - 2, values[x].outer)
    place = row_rules.elementwise(node, values)
    return place if place is not None and place[0] < rank - 2 else None


MATMUL = register(
    when_large(
        Op(
            "MatMul",
            _matmul_kernel,
            types=_MATRIX_TYPES,
            vjp=(_grad_a, _grad_b),
            infer=_matmul_spec,
            lower=_matmul_lowering,
            rows=_matmul_rows,
            bound=_matmul_bound,
        ),
        is_large,
    )
)


def _batch_matmul_kernel(x, y, *, adj_x=False, adj_y=False, grad_x=False, grad_y=False):
    _require_matrices(x, y)
    BATCH_MATMUL.require(x, y)
    if adj_x:
        x = adjoint_array(x)
    if adj_y:
        y = adjoint_array(y)
    _require_fit(x, y)
    if y.ndim == 2:  # one large product instead of many small ones
        return product(x.reshape(-1, x.shape[-1]), y).reshape(*x.shape[:-1], y.shape[-1])
    return product(x, y)


def _grad_x(dy, y, x_shape, adj_x, adj_y):
    if adj_x:
        dx = matmul(y, dy, adjoint_a=adj_y, adjoint_b=True)
    else:
        dx = matmul(dy, y, adjoint_b=not adj_y)
    return elementwise.unbroadcast(dx, x_shape)


def _grad_y(dy, x, y_shape, adj_x, adj_y):
    if len(y_shape) == 2 and not adj_x:  # the sum over the batch is part of one large product
        x, dy = (array_ops.reshape(t, (-1, t._array.shape[-1])) for t in (x, dy))
    if adj_y:
        return elementwise.unbroadcast(matmul(dy, x, adjoint_a=True, adjoint_b=adj_x), y_shape)
    return elementwise.unbroadcast(matmul(x, dy, adjoint_a=not adj_x), y_shape)


def _has_large_batch(x, y, *, adj_x=False, adj_y=False, grad_x=False, grad_y=False):
    """Whether there are many matrices and millions of products: NumPy multiplies them one after the other. Those with a single one are
    one product.
    """
    columns = y.shape[-2 if adj_y else -1]
    if y.ndim > 2:
        return x.size * columns > 1 << 22
    return x.size * columns >= _LARGE and x.size >= 8 * y.shape[-1 if adj_y else -2] and columns >= 8


BATCH_MATMUL = register(
    when_large(
        Op(
            "BatchMatMulV2",
            _batch_matmul_kernel,
            types=_MATRIX_TYPES | {dtypes.int16},
            vjp=(_grad_x, _grad_y),
            infer=_batch_matmul_spec,
            lower=lambda b, x, y, *, adj_x=False, adj_y=False, grad_x=False, grad_y=False: b.contract(
                x, y, adj_x, adj_y
            ),
            rows=_matmul_rows,
        ),
        _has_large_batch,
    )
)


def _widening_matmul_kernel(x, y, *, Tout, adj_x=False, adj_y=False, grad_x=False, grad_y=False):
    _require_matrices(x, y)
    if Tout is not dtypes.int32 or {x.dtype.name, y.dtype.name} - {"int8", "uint8"}:
        raise NotFoundError(
            f"tf.matmul: {x.dtype.name} and {y.dtype.name} cannot give {Tout.name}; an output_type other than the "
            "inputs' is int32 for int8 and uint8. Cast the inputs with tf.cast."
        )
    x, y = x.astype(np.int32), y.astype(np.int32)
    return _batch_matmul_kernel(x, y, adj_x=adj_x, adj_y=adj_y)


_WIDENING_MATMUL = register(
    Op("BatchMatMulV3", _widening_matmul_kernel, rows=_matmul_rows, vjp=NotDifferentiable("the result is an integer"))
)


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """Multiplies matrices; leading axes are a batch and broadcast.

    Args:
      a: Tensor, shape `(..., n, k)`, or `(..., k, n)` if it is to be transposed.
      b: Tensor of `a`'s dtype, shape `(..., k, m)`, or `(..., m, k)` if it is to be transposed; bfloat16 and float32 may meet.
      transpose_a: whether `a` is transposed first.
      transpose_b: whether `b` is transposed first.
      adjoint_a: whether `a` is transposed and conjugated first.
      adjoint_b: whether `b` is transposed and conjugated first.
      a_is_sparse: a hint that does not change the result.
      b_is_sparse: likewise.
      output_type: `tf.int32` to multiply int8 and uint8 without overflow; the inputs' dtype by default.
      grad_a: a hint that does not change the result.
      grad_b: likewise.
    Returns:
      Tensor, shape `(..., n, m)`.
    Raises:
      ValueError: a matrix is to be transposed and adjoined.
      tf.errors.InvalidArgumentError: sizes or dtypes do not fit, or an input has fewer than two axes.
      tf.errors.NotFoundError: `output_type` is not possible for these inputs.
    Example:
      >>> print(tf.matmul([[1, 2]], [[3, 4]], transpose_b=True).numpy())
      [[11]]
    """
    if type(a) is not Tensor:
        a = convert(a)
    x = a._array
    if type(b) is not Tensor:
        b = b._read() if isinstance(b, Variable) else convert(b, None, a.dtype)
    y = b._array
    if x.ndim != 2 or y.ndim != 2 or x.dtype not in _FOR_BLAS or x.dtype is not y.dtype or output_type is not None:
        return _matmul_of_any(a, b, transpose_a, transpose_b, adjoint_a, adjoint_b, output_type)
    attrs = {}
    if transpose_a or adjoint_a:
        _require_one(transpose_a, adjoint_a, "a")
        attrs["transpose_a"] = True
    if transpose_b or adjoint_b:
        _require_one(transpose_b, adjoint_b, "b")
        attrs["transpose_b"] = True
    try:
        most = x.size * max(y.shape)
        if most >= _LARGE:
            result = MATMUL.kernel(x, y, **attrs)
        else:
            result = plain(x.T if "transpose_a" in attrs else x, y.T if "transpose_b" in attrs else y)
    except Exception as error:
        result = MATMUL.recover(error, [x, y], attrs)
    out = wrap(result)
    if recorders():
        record(MATMUL, (a, b), attrs, (out,))
    return out


def _require_one(transpose: bool, adjoint: bool, which: str) -> None:
    if transpose and adjoint:
        raise ValueError(
            f"Only one of `transpose_{which}` and `adjoint_{which}` can be True. "
            f"Received `transpose_{which}`={transpose}, `adjoint_{which}`={adjoint}."
        )


def _matmul_of_any(
    a: Tensor, b: Tensor, transpose_a: bool, transpose_b: bool, adjoint_a: bool, adjoint_b: bool, output_type: Any
) -> Tensor:
    """`matmul` of more than two axes, other dtypes than float32 and float64, and whatever is an error."""
    _require_one(transpose_a, adjoint_a, "a")
    _require_one(transpose_b, adjoint_b, "b")
    if a._array.dtype is not b._array.dtype and {a.dtype, b.dtype} == {dtypes.bfloat16, dtypes.float32}:
        a, b = cast_ops.cast(a, dtypes.float32), cast_ops.cast(b, dtypes.float32)
    is_widening = output_type is not None and not (a.dtype == output_type == b.dtype)
    if a._array.ndim <= 2 and b._array.ndim <= 2 and not is_widening:
        if adjoint_a:
            a = elementwise.conj(a)
        if adjoint_b:
            b = elementwise.conj(b)
        return MATMUL(a, b, transpose_a=transpose_a or adjoint_a, transpose_b=transpose_b or adjoint_b)
    if transpose_a:
        a = elementwise.conj(a)
    if transpose_b:
        b = elementwise.conj(b)
    adj_x, adj_y = transpose_a or adjoint_a, transpose_b or adjoint_b
    if is_widening:
        return _WIDENING_MATMUL(a, b, Tout=as_dtype(output_type), adj_x=adj_x, adj_y=adj_y)
    return BATCH_MATMUL(a, b, adj_x=adj_x, adj_y=adj_y)


def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """Multiplies matrices with vectors; leading axes are a batch and broadcast.

    Args:
      a: Tensor, shape `(..., n, k)`, or `(..., k, n)` if it is to be transposed.
      b: Tensor of `a`'s dtype, shape `(..., k)`.
      transpose_a: whether `a` is transposed first.
      adjoint_a: whether `a` is transposed and conjugated first.
      a_is_sparse: a hint that does not change the result.
      b_is_sparse: likewise.
    Returns:
      Tensor, shape `(..., n)`.
    Raises:
      ValueError: `a` is to be transposed and adjoined.
      tf.errors.InvalidArgumentError: sizes or dtypes do not fit.
    Example:
      >>> print(tf.linalg.matvec([[1, 2], [3, 4]], [1, 1]).numpy())
      [3 7]
    """
    a = convert(a)
    b = convert(b, None, a.dtype)
    column = array_ops.reshape(b, (*b._array.shape, 1))
    out = matmul(a, column, transpose_a=transpose_a, adjoint_a=adjoint_a)
    return array_ops.reshape(out, out._array.shape[:-1])
