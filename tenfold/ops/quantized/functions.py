"""Functions of quantized numbers that keep them quantized: activations, pools, sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype, integers, qint32, quint8
from tenfold.core.op import Op, register
from tenfold.ops.quantized.levels import ends, nearest_integers, numbers_in_float64, quantized
from tenfold.ops.quantized.products import NO_GRADIENT
from tenfold.ops.quantized.requantize import in_limits
from tenfold.ops.windows import padded, patches, spatial_window


def _level(number: Any, x: np.ndarray, low: Any, high: Any) -> int:
    """The integer of `x`'s dtype that stands for a number."""
    return int(np.clip(nearest_integers(number, low, high, as_dtype(x.dtype)), *ends(as_dtype(x.dtype))))


def _relu_kernel(features, min_features, max_features, *, out_type=quint8):
    zero = _level(0.0, features, min_features, max_features)
    return quantized(np.maximum(integers(features), zero), out_type), min_features, max_features


def _relu6_kernel(features, min_features, max_features, *, out_type=quint8):
    zero, six = (_level(x, features, min_features, max_features) for x in (0.0, 6.0))
    return quantized(np.clip(integers(features), zero, six), out_type), min_features, max_features


def _max_pool_kernel(input, min_input, max_input, *, ksize, strides, padding):
    x = integers(input)
    w = spatial_window(x.shape, tuple(ksize[1:3]), tuple(strides), padding, (), "NHWC", (1, 1, 1, 1))
    found = patches(padded(x, w.pads, ends(as_dtype(input.dtype))[0]), w)
    return quantized(found.max(axis=(3, 4)), as_dtype(input.dtype)), min_input, max_input


def _avg_pool_kernel(input, min_input, max_input, *, ksize, strides, padding):
    x = integers(input).astype(np.float32)
    w = spatial_window(x.shape, tuple(ksize[1:3]), tuple(strides), padding, (), "NHWC", (1, 1, 1, 1))
    total, count = (patches(padded(part, w.pads, 0), w).sum(axis=(3, 4)) for part in (x, np.ones_like(x)))
    found = np.trunc(total / count).astype(as_dtype(input.dtype)._np[0])
    return quantized(found, as_dtype(input.dtype)), min_input, max_input


def _limits_of_sum(room: int, *limits: Any) -> tuple[Any, Any]:
    """Limits in which numbers between others have their sums, with room for more."""
    most = np.max(np.abs(np.array(limits, np.float32))) * np.float32(room)
    return -most, most


def _moved(x: np.ndarray, low: Any, high: Any, new_low: Any, new_high: Any, dtype: DType) -> np.ndarray:
    """Integers for other limits: the one for 0, and a whole number of steps for each step."""
    zero, one = (
        nearest_integers(numbers_in_float64(n, low, high, as_dtype(x.dtype)), new_low, new_high, dtype) for n in (0, 1)
    )
    return zero + integers(x).astype(np.int64) * (one - zero)


def _bias_add_kernel(input, bias, min_input, max_input, min_bias, max_bias, *, out_type=qint32):
    low, high = _limits_of_sum(1 << 17, min_input, max_input, min_bias, max_bias)
    x, b = (
        in_limits(input, min_input, max_input, low, high, out_type),
        in_limits(bias, min_bias, max_bias, low, high, out_type),
    )
    return quantized(integers(x) + integers(b), out_type), low, high


def _add_kernel(x, y, min_x, max_x, min_y, max_y, *, Toutput=qint32):
    low, high = _limits_of_sum(1 << 14, min_x, max_x, min_y, max_y)
    total = _moved(x, min_x, max_x, low, high, Toutput) + _moved(y, min_y, max_y, low, high, Toutput)
    return quantized(total.astype(np.int32), Toutput), low, high


def _reshape_kernel(tensor, input_min, input_max, *, shape):
    return tensor.reshape(shape), input_min, input_max


_ACTIVATED = ("activations", "min_activations", "max_activations")
_OUTPUT = ("output", "min_output", "max_output")
register(Op("QuantizedRelu", _relu_kernel, vjp=NO_GRADIENT, outputs=_ACTIVATED))
register(Op("QuantizedRelu6", _relu6_kernel, vjp=NO_GRADIENT, outputs=_ACTIVATED))
register(Op("QuantizedMaxPool", _max_pool_kernel, vjp=NO_GRADIENT, outputs=_OUTPUT))
register(Op("QuantizedAvgPool", _avg_pool_kernel, vjp=NO_GRADIENT, outputs=_OUTPUT))
register(Op("QuantizedBiasAdd", _bias_add_kernel, vjp=NO_GRADIENT, outputs=("output", "min_out", "max_out")))
register(Op("QuantizedAdd", _add_kernel, vjp=NO_GRADIENT, outputs=("z", "min_z", "max_z")))
register(
    Op(
        "QuantizedReshape",
        _reshape_kernel,
        host=("shape",),
        vjp=NO_GRADIENT,
        outputs=("output", "output_min", "output_max"),
    )
)
