"""Sums of products of quantized numbers: what layers of quantized graphs compute, as int32 whose limits follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import as_dtype, integers, qint32, quint8
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.ops.quantized.levels import limits_of_product, nearest_integers, quantized
from tenfold.ops.windows import padded, patches, spatial_window

NO_GRADIENT = NotDifferentiable("quantized numbers are integers")


def centred(x: np.ndarray, low: Any, high: Any) -> np.ndarray:
    """Integers less the one that stands for 0, as float64, in which their products and sums are exact."""
    return integers(x).astype(np.float64) - nearest_integers(0.0, low, high, as_dtype(x.dtype))


def _with_limits(total: np.ndarray, a: Any, low_a: Any, high_a: Any, b: Any, low_b: Any, high_b: Any, out: Any) -> Any:
    limits = limits_of_product((as_dtype(a.dtype), low_a, high_a), (as_dtype(b.dtype), low_b, high_b), out)
    return quantized(total.astype(np.int64).astype(np.int32), out), *map(np.float32, limits)


def _matmul_kernel(
    a, b, min_a, max_a, min_b, max_b, *, Toutput=qint32, transpose_a=False, transpose_b=False, Tactivation=quint8
):
    x, y = centred(a, min_a, max_a), centred(b, min_b, max_b)
    if x.ndim != 2 or y.ndim != 2:
        raise ValueError("both factors must be matrices")
    total = (x.T if transpose_a else x) @ (y.T if transpose_b else y)
    return _with_limits(total, a, min_a, max_a, b, min_b, max_b, Toutput)


def _conv_kernel(
    input, filter, min_input, max_input, min_filter, max_filter, *, strides, padding, out_type=qint32, dilations=(1, 1, 1, 1)
):  # fmt: skip
    x, f = centred(input, min_input, max_input), centred(filter, min_filter, max_filter)
    if x.ndim != 4 or f.ndim != 4 or x.shape[3] != f.shape[2]:
        raise ValueError(f"the filter's shape {f.shape} does not go with the input's {x.shape}")
    w = spatial_window(x.shape, f.shape[:2], tuple(strides), padding, (), "NHWC", tuple(dilations))
    found = np.ascontiguousarray(patches(padded(x, w.pads, 0), w)).reshape(x.shape[0], *w.out, -1)
    total = found @ f.reshape(-1, f.shape[3])
    return _with_limits(total, input, min_input, max_input, filter, min_filter, max_filter, out_type)


def _mul_kernel(x, y, min_x, max_x, min_y, max_y, *, Toutput=qint32):
    total = centred(x, min_x, max_x) * centred(y, min_y, max_y)
    return _with_limits(total, x, min_x, max_x, y, min_y, max_y, Toutput)


register(Op("QuantizedMatMul", _matmul_kernel, vjp=NO_GRADIENT, outputs=("out", "min_out", "max_out")))
register(Op("QuantizedConv2D", _conv_kernel, vjp=NO_GRADIENT, outputs=("output", "min_output", "max_output")))
register(Op("QuantizedMul", _mul_kernel, vjp=NO_GRADIENT, outputs=("z", "min_z", "max_z")))
