"""Rounding to the numbers that a few bits can represent, with the gradient of the identity: training for quantised weights."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import float32
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor


class _Grid(NamedTuple):
    """Numbers `low + i * scale` up to `high`, of which 0 is one; for each channel, where these are arrays."""

    low: np.ndarray
    high: np.ndarray
    scale: np.ndarray
    is_empty: np.ndarray  # whether both limits are 0: all numbers become 0, and their gradients pass


def _grid(low: Any, high: Any, num_bits: int, narrow_range: bool) -> _Grid:
    if not 2 <= num_bits <= 16:
        raise InvalidArgumentError(f"num_bits is {num_bits}; it must be between 2 and 16")
    low, high = np.asarray(low, np.float32), np.asarray(high, np.float32)
    is_empty = (low == 0) & (high == 0)
    first, last = np.float32(narrow_range), np.float32((1 << num_bits) - 1)
    scale = (high - low) / (last - first)
    zero = np.floor(np.clip(first - low / scale, first, last) + np.float32(0.5))
    return _Grid((first - zero) * scale, (last - zero) * scale, scale, is_empty)


def _rounded(x: np.ndarray, grid: _Grid) -> np.ndarray:
    steps, half = np.float32(1) / grid.scale, np.float32(0.5)
    zero = np.floor(half - grid.low * steps)
    place = (np.maximum(np.minimum(x, grid.high), grid.low) - grid.low) * steps - zero
    return np.where(grid.is_empty, np.float32(0), np.floor(place + half) * grid.scale)


def _gradients(dy: np.ndarray, x: np.ndarray, grid: _Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What flows to the elements, and for each what flows to the lower and the upper limit instead."""
    if dy.shape != x.shape:
        raise InvalidArgumentError(f"gradients and inputs must be of one shape: {dy.shape} vs {x.shape}")
    is_low, is_high = (x < grid.low) & ~grid.is_empty, (x > grid.high) & ~grid.is_empty
    is_inside = ((x >= grid.low) & (x <= grid.high)) | grid.is_empty  # not so of NaN
    dx, low, high = [np.where(mask, dy, np.float32(0)) for mask in (is_inside, is_low, is_high)]
    return dx, low, high


def _require_limits(inputs: np.ndarray, per_channel: bool, **limits: np.ndarray) -> None:
    if per_channel and not inputs.ndim:
        raise InvalidArgumentError("inputs must have at least one axis, that of the channels")
    expected = inputs.shape[-1:] if per_channel else ()
    for name, limit in limits.items():
        if limit.shape != expected:
            raise InvalidArgumentError(f"{name} has the shape {limit.shape}; it must be {expected}")


def _args_grid(min: float, max: float, num_bits: int, narrow_range: bool) -> _Grid:
    if min >= max:
        raise InvalidArgumentError(f"min is {min} and max {max}; min must be smaller")
    return _grid(min, max, num_bits, narrow_range)


def _args_kernel(inputs, *, min=-6.0, max=6.0, num_bits=8, narrow_range=False):
    return _rounded(inputs, _args_grid(min, max, num_bits, narrow_range))


def _args_grad_kernel(gradients, inputs, *, min=-6.0, max=6.0, num_bits=8, narrow_range=False):
    return _gradients(gradients, inputs, _args_grid(min, max, num_bits, narrow_range))[0]


def _vars_kernel(inputs, min, max, *, num_bits=8, narrow_range=False):
    _require_limits(inputs, False, min=min, max=max)
    return _rounded(inputs, _grid(min, max, num_bits, narrow_range))


def _vars_grad_kernel(gradients, inputs, min, max, *, num_bits=8, narrow_range=False):
    _require_limits(inputs, False, min=min, max=max)
    dx, low, high = _gradients(gradients, inputs, _grid(min, max, num_bits, narrow_range))
    return dx, np.sum(low), np.sum(high)


def _channels_kernel(inputs, min, max, *, num_bits=8, narrow_range=False):
    _require_limits(inputs, True, min=min, max=max)
    return _rounded(inputs, _grid(min, max, num_bits, narrow_range))


def _channels_grad_kernel(gradients, inputs, min, max, *, num_bits=8, narrow_range=False):
    _require_limits(inputs, True, min=min, max=max)
    dx, low, high = _gradients(gradients, inputs, _grid(min, max, num_bits, narrow_range))
    others = tuple(range(inputs.ndim - 1))
    return dx, low.sum(others), high.sum(others)


_FIRST_ORDER = NotDifferentiable("TensorFlow has no second derivatives of this rounding")
_OUTPUTS = ("backprops_wrt_input", "backprop_wrt_min", "backprop_wrt_max")

ARGS = register(
    Op(
        "FakeQuantWithMinMaxArgs",
        _args_kernel,
        types={float32},
        vjp=lambda dy, inputs, attrs: ARGS_GRAD(dy, inputs, **attrs),
    )
)
ARGS_GRAD: Op = register(
    Op(
        "FakeQuantWithMinMaxArgsGradient",
        _args_grad_kernel,
        types={float32},
        vjp=_FIRST_ORDER,
    )
)
VARS = register(
    Op(
        "FakeQuantWithMinMaxVars",
        _vars_kernel,
        types={float32},
        vjp=lambda dy, inputs, min, max, attrs: VARS_GRAD(dy, inputs, min, max, **attrs),
    )
)
VARS_GRAD: Op = register(
    Op(
        "FakeQuantWithMinMaxVarsGradient",
        _vars_grad_kernel,
        types={float32},
        outputs=_OUTPUTS,
        vjp=_FIRST_ORDER,
    )
)
CHANNELS = register(
    Op(
        "FakeQuantWithMinMaxVarsPerChannel",
        _channels_kernel,
        types={float32},
        vjp=lambda dy, inputs, min, max, attrs: CHANNELS_GRAD(dy, inputs, min, max, **attrs),
    )
)
CHANNELS_GRAD: Op = register(
    Op(
        "FakeQuantWithMinMaxVarsPerChannelGradient",
        _channels_grad_kernel,
        types={float32},
        outputs=_OUTPUTS,
        vjp=_FIRST_ORDER,
    )
)


def _run(op: Op, *inputs: Any, **attrs: Any) -> Any:
    tensors = [convert(x, hint=float32) for x in inputs]
    op.require(*[x._array for x in tensors])
    return op(*tensors, **attrs)


def fake_quant_with_min_max_args(
    inputs: Any, min: float = -6, max: float = 6, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Tensor:
    """Rounds to the numbers that integers of some bits stand for, between constant limits.

    The limits are moved a little so that 0 is one of the numbers. The gradient is 1 between the limits, else 0.

    Args:
      inputs: Tensor of float32.
      min, max: the limits.
      num_bits: how many bits, 2 to 16.
      narrow_range: whether the smallest integer is left out, so that as many are below as above 0.
    Raises:
      tf.errors.InvalidArgumentError: `min` is not below `max`, or `num_bits` out of range.
    Example:
      >>> print(tf.quantization.fake_quant_with_min_max_args([-7.0, 0.1, 1.9], num_bits=3, narrow_range=True).numpy())
      [-6.  0.  2.]

    References: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", CVPR 2018.
    """
    return _run(ARGS, inputs, min=float(min), max=float(max), num_bits=int(num_bits), narrow_range=bool(narrow_range))


def fake_quant_with_min_max_args_gradient(
    gradients: Any,
    inputs: Any,
    min: float = -6,
    max: float = 6,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Tensor:
    """The gradient of `fake_quant_with_min_max_args`: `gradients` where `inputs` are between the limits, else 0.

    Example:
      >>> print(tf.quantization.fake_quant_with_min_max_args_gradient([1.0, 1.0], [0.0, 9.0]).numpy())
      [1. 0.]
    """
    attrs = {"min": float(min), "max": float(max), "num_bits": int(num_bits), "narrow_range": bool(narrow_range)}
    return _run(ARGS_GRAD, gradients, inputs, **attrs)


def fake_quant_with_min_max_vars(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Tensor:
    """Rounds as `fake_quant_with_min_max_args` does, with limits that are tensors and can be trained.

    Elements beyond a limit give their gradient to the limit.

    Args:
      inputs: Tensor of float32.
      min, max: scalars of float32.
      num_bits, narrow_range: as there.
    Raises:
      tf.errors.InvalidArgumentError: `min` or `max` is no scalar, or `num_bits` out of range.
    Example:
      >>> print(tf.quantization.fake_quant_with_min_max_vars([-7.0, 0.1, 1.9], -6.0, 6.0, 3, True).numpy())
      [-6.  0.  2.]
    """
    return _run(VARS, inputs, min, max, num_bits=int(num_bits), narrow_range=bool(narrow_range))


def fake_quant_with_min_max_vars_gradient(
    gradients: Any,
    inputs: Any,
    min: Any,
    max: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """The gradients of `fake_quant_with_min_max_vars` for `inputs`, `min` and `max`, as a namedtuple.

    Example:
      >>> dx, low, high = tf.quantization.fake_quant_with_min_max_vars_gradient([1.0, 1.0], [0.0, 9.0], -6.0, 6.0)
      >>> print(dx.numpy(), low.numpy(), high.numpy())
      [1. 0.] 0.0 1.0
    """
    return _run(VARS_GRAD, gradients, inputs, min, max, num_bits=int(num_bits), narrow_range=bool(narrow_range))


def fake_quant_with_min_max_vars_per_channel(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Tensor:
    """Rounds as `fake_quant_with_min_max_vars` does, with limits for each channel, which is the last axis.

    Args:
      inputs: Tensor of float32, shape `(..., channels)`.
      min, max: float32, shape `(channels,)`.
      num_bits, narrow_range: as there.
    Raises:
      tf.errors.InvalidArgumentError: the shapes do not fit, or `num_bits` is out of range.
    Example:
      >>> x = tf.constant([[0.3, 0.3]])
      >>> print(tf.quantization.fake_quant_with_min_max_vars_per_channel(x, [0.0, 0.0], [3.0, 0.75], 2).numpy())
      [[0.   0.25]]
    """
    return _run(CHANNELS, inputs, min, max, num_bits=int(num_bits), narrow_range=bool(narrow_range))


def fake_quant_with_min_max_vars_per_channel_gradient(
    gradients: Any,
    inputs: Any,
    min: Any,
    max: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """The gradients of `fake_quant_with_min_max_vars_per_channel` for `inputs`, `min` and `max`, as a namedtuple.

    Example:
      >>> one, x = tf.ones([1, 2]), tf.constant([[2.0, 2.0]])
      >>> gradients = tf.quantization.fake_quant_with_min_max_vars_per_channel_gradient(one, x, [0.0, 0.0], [3.0, 1.0])
      >>> print(gradients[0].numpy(), gradients[2].numpy())
      [[1. 0.]] [0. 1.]
    """
    return _run(CHANNELS_GRAD, gradients, inputs, min, max, num_bits=int(num_bits), narrow_range=bool(narrow_range))
