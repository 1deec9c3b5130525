"""Pooling by a ratio that is not an integer, over regions of random sizes.

References: Graham, "Fractional max-pooling", arXiv:1412.6071.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil, floor
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec
from tenfold.ops import philox, seeds

_TYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64)


# Regions: where they begin along one axis, and at the end the size of the axis.


def _sizes_at_random(size: int, count: int, stream: philox.Stream) -> tuple[np.ndarray, philox.Stream]:
    sizes = np.full(count, size // count)
    sizes[: size % count] += 1
    return sizes[philox.permutation(stream, count)], stream.skip(-(-count // 4))


def _sizes_almost_even(size: int, count: int, stream: philox.Stream) -> tuple[np.ndarray, philox.Stream]:
    """Regions that begin at ceil(ratio * (i + u)), with u such that no region is two larger or smaller than another."""
    ratio, least = size / count, size // count
    highest = min((least + 2) / ratio - 1, (size + 1 - least) / ratio - (count - 1))
    u = philox.uniform(stream, 1, np.dtype(np.float64))[0] * highest
    starts = [1, *[ceil(ratio * (i + u)) for i in range(1, count)], size + 1]
    return np.diff(starts), stream.skip(1)


def _regions(size: int, count: int, stream: philox.Stream, pseudo_random: bool) -> tuple[np.ndarray, philox.Stream]:
    if size % count == 0:
        sizes = np.full(count, size // count)
    else:
        sizes, stream = (_sizes_almost_even if pseudo_random else _sizes_at_random)(size, count, stream)
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), stream


def _slices(starts: np.ndarray, overlapping: bool) -> Iterator[slice]:
    """The regions; overlapping ones also take the first element of the next."""
    last = int(starts[-1])
    for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        yield slice(first, min(end + overlapping, last))


# The ops.


def _pool(ufunc, value, pooling_ratio, pseudo_random, overlapping, deterministic, seed, seed2):
    if value.ndim != 4:
        raise ValueError(f"value must have 4 axes, it has {value.ndim}")
    if not deterministic and (seed or seed2):
        raise ValueError("seeds need deterministic=True")
    if deterministic and not (seed or seed2) or not deterministic:
        seed, seed2 = np.frombuffer(os.urandom(16), np.uint64).tolist()
    counts = [floor(size / ratio) for size, ratio in zip(value.shape, pooling_ratio, strict=True)]
    if min(counts[1:3]) < 1:
        raise ValueError(f"pooling ratios {tuple(pooling_ratio)} leave nothing of a value of shape {value.shape}")
    rows, stream = _regions(value.shape[1], counts[1], philox.Stream.from_op_seeds(seed, seed2), pseudo_random)
    columns, _ = _regions(value.shape[2], counts[2], stream, pseudo_random)
    x = np.stack([ufunc.reduce(value[:, rows_], 1) for rows_ in _slices(rows, overlapping)], 1)
    y = np.stack([ufunc.reduce(x[:, :, columns_], 2) for columns_ in _slices(columns, overlapping)], 2)
    return y.astype(value.dtype, copy=False), rows, columns


def _areas(rows: np.ndarray, columns: np.ndarray, overlapping: bool) -> np.ndarray:
    """How many elements each region has, to divide `(batch, rows, columns, channels)` by."""
    heights, widths = ([s.stop - s.start for s in _slices(starts, overlapping)] for starts in (rows, columns))
    return np.multiply.outer(heights, widths)[:, :, None]


def _divided(x: np.ndarray, areas: np.ndarray) -> np.ndarray:
    areas = areas.astype(x.dtype)
    return x / areas if x.dtype.kind == "f" else (x - np.fmod(x, areas)) // areas  # towards zero, as C++ divides


# fmt: off
def _max_kernel(value, *, pooling_ratio, pseudo_random=False, overlapping=False, deterministic=False, seed=0, seed2=0):
    return _pool(np.maximum, value, pooling_ratio, pseudo_random, overlapping, deterministic, seed, seed2)


def _avg_kernel(value, *, pooling_ratio, pseudo_random=False, overlapping=False, deterministic=False, seed=0, seed2=0):
    total, rows, columns = _pool(
        np.add, value, pooling_ratio, pseudo_random, overlapping, deterministic, seed, seed2
    )
    return _divided(total, _areas(rows, columns, overlapping)), rows, columns
# fmt: on


def _max_grad_kernel(
    orig_input, orig_output, out_backprop, row_pooling_sequence, col_pooling_sequence, *, overlapping=False
):
    dx = np.zeros_like(orig_input)
    for i, rows in enumerate(_slices(row_pooling_sequence, overlapping)):
        for j, columns in enumerate(_slices(col_pooling_sequence, overlapping)):
            region = orig_input[:, rows, columns]
            flat = region.reshape(region.shape[0], -1, region.shape[3])
            is_first = np.arange(flat.shape[1])[:, None] == flat.argmax(1)[:, None]
            dx[:, rows, columns] += (is_first * out_backprop[:, i, j][:, None]).reshape(region.shape)
    return dx


def _avg_grad_kernel(
    out_backprop, row_pooling_sequence, col_pooling_sequence, *, orig_input_tensor_shape, overlapping=False
):
    dy = _divided(out_backprop, _areas(row_pooling_sequence, col_pooling_sequence, overlapping))
    dx = np.zeros(orig_input_tensor_shape, out_backprop.dtype)
    for i, rows in enumerate(_slices(row_pooling_sequence, overlapping)):
        for j, columns in enumerate(_slices(col_pooling_sequence, overlapping)):
            dx[:, rows, columns] += dy[:, i : i + 1, j : j + 1]
    return dx


_OUTPUTS = ("output", "row_pooling_sequence", "col_pooling_sequence")
FRACTIONAL_MAX_POOL = register(
    Op(
        "FractionalMaxPool",
        _max_kernel,
        types=_TYPES,
        outputs=_OUTPUTS,
        vjp=lambda dys, value, outs, overlapping: FRACTIONAL_MAX_POOL_GRAD(
            value, outs[0], dys[0], outs[1], outs[2], overlapping=overlapping
        ),
    )
)
FRACTIONAL_MAX_POOL_GRAD = register(
    Op(
        "FractionalMaxPoolGrad",
        _max_grad_kernel,
        types=_TYPES,
        vjp=undefined_gradient("FractionalMaxPoolGrad"),
        infer=lambda orig_input, *_, overlapping=False: Spec(orig_input.dtype, orig_input.shape),
    )
)
FRACTIONAL_AVG_POOL = register(
    Op(
        "FractionalAvgPool",
        _avg_kernel,
        types=_TYPES,
        outputs=_OUTPUTS,
        vjp=lambda dys, value_shape, outs, overlapping: FRACTIONAL_AVG_POOL_GRAD(
            dys[0], outs[1], outs[2], orig_input_tensor_shape=value_shape, overlapping=overlapping
        ),
    )
)
FRACTIONAL_AVG_POOL_GRAD = register(
    Op(
        "FractionalAvgPoolGrad",
        _avg_grad_kernel,
        types=_TYPES,
        host=("orig_input_tensor_shape",),
        vjp=undefined_gradient("FractionalAvgPoolGrad"),
        infer=lambda out_backprop, *_, orig_input_tensor_shape, overlapping=False: (
            Spec(out_backprop.dtype, tuple(orig_input_tensor_shape)) if np.ndim(orig_input_tensor_shape) else None
        ),
    )
)


def _run(op: Op, value: Any, ratios: tuple[float, ...], pseudo_random: bool, overlapping: bool, seed: int) -> Any:
    x = convert(value)
    op.require(x._array)
    seed1, seed2 = seeds.op_seeds(seed) if seed else (0, 0)
    return op(
        x,
        pooling_ratio=ratios,
        pseudo_random=pseudo_random,
        overlapping=overlapping,
        deterministic=bool(seed),
        seed=seed1,
        seed2=seed2,
    )


def _ratios(pooling_ratio: Any, what: str) -> tuple[float, ...]:
    """One ratio for each axis."""
    ratios: tuple[float, ...]
    if isinstance(pooling_ratio, (int, float)):
        ratios = (1.0, pooling_ratio, pooling_ratio, 1.0)
    elif isinstance(pooling_ratio, (list, tuple)):
        ratios = tuple(pooling_ratio)
        if len(ratios) == 1:
            ratios *= 2
        if len(ratios) == 2:
            ratios = (1.0, *ratios, 1.0)
    else:
        ratios = ()
    if len(ratios) != 4 or min(ratios) < 1 or ratios[0] != 1 or ratios[3] != 1:
        raise ValueError(
            f"{what}: pooling_ratio is {pooling_ratio!r}; a number or four are expected, at least 1, and 1 for the "
            "first and the last axis."
        )
    return tuple([float(np.float32(ratio)) for ratio in ratios])


def fractional_max_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: int = 0,
    name: str | None = None,
) -> Any:
    """The largest element of each of random regions.

    Args:
      value: Tensor, shape `(batch, height, width, channels)`, of float32, float64, int32 or int64.
      pooling_ratio: by what height and width are divided: a number, or four, the first and the last of which are 1.
      pseudo_random: whether regions alternate evenly in size; else their sizes are shuffled.
      overlapping: whether a region also takes the first row and column of the next.
      seed: int, seed of the op; 0 for other regions each time.
    Returns:
      A named tuple of Tensors: `output`, and where the regions begin, `row_pooling_sequence` and `col_pooling_sequence`.
    Raises:
      ValueError: a ratio is out of range.
      tf.errors.InvalidArgumentError: the shape or the dtype does not fit.
    Example:
      >>> tf.nn.fractional_max_pool(tf.ones((1, 7, 9, 1)), [1.0, 1.5, 1.7, 1.0], seed=1).output.shape
      TensorShape([1, 4, 5, 1])
    """
    ratios = _ratios(pooling_ratio, "tf.nn.fractional_max_pool")
    return _run(FRACTIONAL_MAX_POOL, value, ratios, pseudo_random, overlapping, seed)


def fractional_avg_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: int = 0,
    name: str | None = None,
) -> Any:
    """The mean of each of random regions; arguments as in `fractional_max_pool`.

    Example:
      >>> tf.nn.fractional_avg_pool(tf.ones((1, 7, 9, 1)), [1.0, 1.5, 1.7, 1.0], seed=1).output.shape
      TensorShape([1, 4, 5, 1])
    """
    ratios = _ratios(pooling_ratio, "tf.nn.fractional_avg_pool")
    return _run(FRACTIONAL_AVG_POOL, value, ratios, pseudo_random, overlapping, seed)
