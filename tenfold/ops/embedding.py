"""Looking up rows of tables, adding biases, dropping elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential
from tenfold.ops import gather as gather_ops
from tenfold.ops import reduce as reduce_ops


def _clipped(rows: Tensor, ids_rank: int, max_norm: float | None) -> Tensor:
    """Rows scaled down to an L2 norm of at most `max_norm`."""
    if max_norm is None:
        return rows
    axes = list(range(ids_rank, rows._array.ndim))
    norm = exponential.sqrt(reduce_ops.reduce_sum(elementwise.square(rows), axes, keepdims=True))
    return rows * max_norm / elementwise.maximum(norm, max_norm)


def embedding_lookup(params: Any, ids: Any, max_norm: float | None = None, name: str | None = None) -> Tensor:
    """Rows of a table, by number.

    Args:
      params: the table, shape `(rows, ...)`: variable, tensor or array; or a list of tables over which the rows are dealt
        out in turn (row `i` is row `i // n` of table `i % n`).
      ids: integers of any shape.
      max_norm: L2 norm to which rows are scaled down.
    Returns:
      Tensor, shape `ids.shape + params.shape[1:]`. The gradient of a table is `tf.IndexedSlices`.
    Raises:
      ValueError: `params` is empty.
      tf.errors.InvalidArgumentError: there is no row of such a number.
    Example:
      >>> print(tf.nn.embedding_lookup(np.array([[1.0, 2.0], [3.0, 4.0]]), [1, 0]).numpy())
      [[3. 4.]
       [1. 2.]]
    """
    if params is None:
        raise ValueError("params must be specified")
    tables = list(params) if isinstance(params, (list, tuple)) and not np.isscalar(_first(params)) else [params]
    if not tables:
        raise ValueError("Length of params is currently 0. Need params length > 0.")
    ids = convert(ids)
    if ids._array.dtype.kind not in "iu":
        raise TypeError(f"tf.nn.embedding_lookup: ids are {ids.dtype.name}; they must be integers. Cast them with tf.cast.")
    if len(tables) == 1:
        table = tables[0]
        table = table if isinstance(table, (Tensor, Variable)) else convert(table)
        return _clipped(gather_ops.gather(table, ids), ids._array.ndim, max_norm)
    flat, count = ids._array.reshape(-1), len(tables)
    parts, places = [], []
    for i, table in enumerate(tables):
        place = np.flatnonzero(flat % count == i)
        parts.append(gather_ops.gather(table, wrap(flat[place] // count)))
        places.append(place)
    order = np.argsort(np.concatenate(places), kind="stable")
    rows = gather_ops.gather(array_ops.concat(parts, 0), wrap(order))
    rows = array_ops.reshape(rows, (*ids._array.shape, *rows._array.shape[1:]))
    return _clipped(rows, ids._array.ndim, max_norm)


def _first(params: Any) -> Any:
    return params[0] if len(params) else None


# Bias


def _channels_first(data_format: str | None) -> bool:
    return data_format is not None and data_format.startswith("NC")


def _bias_shape(rank: int, size: int, data_format: str | None) -> tuple[int, ...]:
    return (size, *(1,) * (rank - 2)) if _channels_first(data_format) else (size,)


def _bias_kernel(value, bias, *, data_format="NHWC"):
    if bias.ndim != 1:
        raise InvalidArgumentError(f"tf.nn.bias_add: Biases must be 1D: {bias.shape}")
    if value.ndim < 2:
        raise InvalidArgumentError(f"tf.nn.bias_add: Input tensor must be at least 2D: {value.shape}")
    channels = value.shape[1] if _channels_first(data_format) else value.shape[-1]
    if channels != len(bias):
        raise InvalidArgumentError(
            f"tf.nn.bias_add: Must provide as many biases as the last dimension of the input tensor: {bias.shape} vs. "
            f"{value.shape}"
        )
    return value + bias.reshape(_bias_shape(value.ndim, len(bias), data_format))


def _bias_vjp(dy, data_format):
    rank = dy._array.ndim
    kept = 1 if _channels_first(data_format) else rank - 1
    return reduce_ops.reduce_sum(dy, [i for i in range(rank) if i != kept])


BIAS_ADD = register(Op("BiasAdd", _bias_kernel, types=NUMERIC, vjp=(lambda dy: dy, _bias_vjp)))


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Adds a vector to the channels.

    Args:
      value: shape `(batch, ..., channels)`, or `(batch, channels, ...)`.
      bias: shape `(channels,)`.
      data_format: `"N...C"` or `"N...C"`-like words; `"NC..."` for channels first.
    Raises:
      ValueError: the data format is unknown.
      tf.errors.InvalidArgumentError: the shapes do not fit.
    Example:
      >>> print(tf.nn.bias_add([[1.0, 2.0]], [10.0, 20.0]).numpy())
      [[11. 22.]]
    """
    if data_format is not None and not data_format.startswith(("NC", "N...C")) and not data_format.endswith("C"):
        raise ValueError("`data_format` must be of the form `N...C` or `NC...`. " f"Received: data_format={data_format}")
    value = convert(value)
    bias = convert(bias, None, value.dtype)
    BIAS_ADD.require(value._array, bias._array)
    return BIAS_ADD(value, bias, data_format="NCHW" if _channels_first(data_format) else "NHWC")


# Dropout


def _dropped(x: Any, rate: Any, noise_shape: Any, draw: Any, what: str) -> Tensor:
    """`x` with elements set to zero where a uniform number is below `rate`, the rest scaled up."""
    x = convert(x)
    if not x.dtype.is_floating:
        raise ValueError(f"`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x.dtype={x.dtype}")
    is_number = isinstance(rate, (int, float)) and not isinstance(rate, bool)
    if is_number and not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}")
    if not is_number:
        rate = convert(rate)
        if not rate.dtype.is_floating and not rate.dtype.is_integer:
            raise ValueError(f"{what}: `rate` must be a float; got {rate!r}.")
        rate = float(rate)
    if rate == 0:
        return x
    shape = list(x._array.shape)
    if noise_shape is not None:
        given = noise_shape.as_list() if hasattr(noise_shape, "as_list") else list(noise_shape)
        shape = [have if want is None else int(want) for have, want in zip(shape, given, strict=True)]
    drawn = draw(shape, "float32" if x.dtype.size < 4 else x.dtype.name)
    kept = drawn._array >= drawn._array.dtype.type(rate)
    scale = x._array.dtype.type(1) / x._array.dtype.type(1 - rate)
    return (x * wrap(np.asarray(scale))) * wrap(kept.astype(x._array.dtype))


def dropout(x: Any, rate: Any, noise_shape: Any = None, seed: int | None = None, name: str | None = None) -> Tensor:
    """Sets elements to zero with probability `rate` and multiplies the rest by `1 / (1 - rate)`.

    Args:
      x: Tensor of a floating dtype.
      rate: float in [0, 1).
      noise_shape: shape of the mask, which is broadcast; `x`'s by default.
      seed: op seed, see `tf.random.set_seed`.
    Raises:
      ValueError: `x` is not floating, or `rate` is out of range.
    Example:
      >>> print(tf.nn.dropout([1.0, 2.0], 0.0).numpy())
      [1. 2.]
    """
    from tenfold.ops import random

    return _dropped(
        x, rate, noise_shape, lambda shape, dtype: random.uniform(shape, seed=seed, dtype=dtype), "tf.nn.dropout"
    )


def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: str = "auto_select", noise_shape: Any = None, name: str | None = None
) -> Tensor:
    """`dropout` whose mask is a function of a seed of shape (2,).

    Raises:
      ValueError: `x` is not floating, or `rate` is out of range.
    Example:
      >>> tf.nn.experimental.stateless_dropout(tf.ones([4]), 0.5, seed=[1, 2]).shape
      TensorShape([4])
    """
    from tenfold.ops import random

    def draw(shape: Any, dtype: Any) -> Tensor:
        return random.stateless_uniform(shape, seed, dtype=dtype, alg=rng_alg)

    return _dropped(x, rate, noise_shape, draw, "tf.nn.experimental.stateless_dropout")


def general_dropout(
    x: Any, rate: Any, uniform_sampler: Any, noise_shape: Any = None, name: str | None = None
) -> Tensor:
    """`dropout` with uniform numbers from a function of `(shape, dtype)`.

    Example:
      >>> print(tf.nn.experimental.general_dropout([1.0, 1.0], 0.5, lambda shape, dtype: tf.ones(shape, dtype)).numpy())
      [2. 2.]
    """
    return _dropped(
        x, rate, noise_shape, lambda shape, dtype: convert(uniform_sampler(shape=shape, dtype=dtype)),
        "tf.nn.experimental.general_dropout",
    )  # fmt: skip


