"""A dense layer as one op: a product to which a bias is added, rectified or not.

One op in place of three spares two passes over memory and two records of tapes. Where a function is traced, and for operands that
the op does not take, it is the three ops.
"""

from __future__ import annotations

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import recorders
from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import activation, elementwise, matmul, reduce
from tenfold.ops.large import when_large
from tenfold.ops.ufunc import ZERO

_ARRAY_TYPES = frozenset((np.dtype(np.float32), np.dtype(np.float64)))
_TYPES = {dtypes.float32, dtypes.float64}
_ndarray = np.ndarray


def _kernel(a, b, bias):
    y = matmul.plain(a, b)
    return np.add(y, bias, y)


def _vjp(dy, a, b, watched):
    return (
        matmul.matmul(dy, b, transpose_b=True) if watched[0] else None,
        matmul.matmul(a, dy, transpose_a=True) if watched[1] else None,
        reduce.reduce_sum(dy, 0) if watched[2] else None,
    )


def _rectified_kernel(a, b, bias):
    y = _kernel(a, b, bias)
    return np.maximum(y, ZERO[y.dtype], out=y)


def _rectified_vjp(dy, a, b, out, watched):
    return _vjp(activation._relu_grad(dy, out), a, b, watched)


def _spec(a, b, bias):
    return Spec(a.dtype, (a.shape[0], b.shape[1]))


_DENSE = when_large(
    Op(
        "Dense",
        _kernel,
        types=_TYPES,
        vjp=_vjp,
        infer=_spec,
        lower=lambda builder, a, b, bias: builder.contract(a, b) + bias,
        expand=lambda a, b, bias: elementwise.add(matmul.matmul(a, b), bias),
    ),
    matmul.is_large,
)
_RECTIFIED = when_large(
    Op(
        "DenseRelu",
        _rectified_kernel,
        types=_TYPES,
        vjp=_rectified_vjp,
        infer=_spec,
        lower=lambda builder, a, b, bias: builder.maximum(builder.contract(a, b) + bias, 0),
        expand=lambda a, b, bias: activation.relu(elementwise.add(matmul.matmul(a, b), bias)),
    ),
    matmul.is_large,
)


def dense(inputs: Tensor, kernel: Tensor, bias: Tensor, is_rectified: bool = False) -> Tensor:
    """`matmul(inputs, kernel) + bias`, and `relu` of that if it is to be rectified.

    Args:
      inputs: Tensor, shape `(rows, features)`.
      kernel: Tensor of `inputs`' dtype, shape `(features, units)`.
      bias: Tensor of `inputs`' dtype, shape `(units,)`.
      is_rectified: whether negative results become 0.
    Returns:
      Tensor, shape `(rows, units)`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    """
    x, w, b = inputs._array, kernel._array, bias._array
    if not (
        type(x) is type(w) is type(b) is _ndarray
        and x.dtype is w.dtype is b.dtype
        and x.dtype in _ARRAY_TYPES
        and x.ndim == 2
        and w.shape[:-1] == x.shape[1:]
        and b.shape == w.shape[1:]
    ):
        result = elementwise.add(matmul.matmul(inputs, kernel), bias)
        return activation.relu(result) if is_rectified else result
    op = _RECTIFIED if is_rectified else _DENSE
    try:
        out = wrap(op.kernel(x, w, b))
    except Exception as error:
        out = wrap(op.recover(error, [x, w, b], {}))
    for recorder in recorders():
        recorder.record(op, (inputs, kernel, bias), {}, (out,))
    return out
