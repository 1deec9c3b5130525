"""What a gradient starts from at its targets, and what is returned for its sources."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from tenfold.autodiff.backward import accumulate
from tenfold.core import dtypes, nest
from tenfold.core.convert import convert
from tenfold.core.dtypes import is_differentiable
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor, new_node, wrap
from tenfold.core.variable import Variable
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, logic, ranges


class UnconnectedGradients(enum.Enum):
    """What a gradient is where the target does not depend on the source.

    Example:
      >>> x, y = tf.constant(1.0), tf.constant(2.0)
      >>> with tf.GradientTape() as tape:
      ...     tape.watch(x)
      >>> print(tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO).numpy())
      0.0
    """

    NONE = "none"
    ZERO = "zero"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"Unknown value for unconnected_gradients: {value!r}")


def unit(i: Any, size: Any, dtype: np.dtype) -> Tensor:
    """A vector of zeros with a one at a place."""
    if type(size) is int:
        return wrap((np.arange(size) == i).astype(dtype))
    return cast_ops.cast(logic.equal(ranges.range(size), i), dtypes.from_numpy(dtype))


def seeds(target: Any, output_gradients: Any) -> dict[int, Any]:
    """The gradients to start from, by the nodes of the targets."""
    if type(target) is Tensor and target._node is not None and output_gradients is None:
        return {target._node: _ones(target._array)} if is_differentiable(target._array.dtype) else {}
    targets = nest.flatten(target)
    given = [] if output_gradients is None else nest.flatten(output_gradients)
    if len(given) > len(targets):
        raise ValueError(
            f"tape.gradient: there are {len(given)} output_gradients for {len(targets)} targets; give one for each."
        )
    found: dict[int, Any] = {}
    for i, item in enumerate(targets):
        node = node_of(item)
        if isinstance(item, Variable):
            item = item._value
        elif isinstance(item, IndexedSlices):
            item = item.values
        array = item._array
        if not is_differentiable(array.dtype):
            continue
        if node is None:
            node = item._node = new_node()  # the target may be a source too
        if i < len(given) and given[i] is not None:
            seed = convert(given[i], None, item.dtype)
            if seed._array.dtype != array.dtype:
                raise InvalidArgumentError(
                    f"tape.gradient: an output gradient is {seed.dtype.name} but its target is {item.dtype.name}; they "
                    "must be equal. Cast it with tf.cast."
                )
        else:
            seed = _ones(array)
        accumulate(found, node, seed, set())
    return found


_ONE: dict[np.dtype, Tensor] = {}


def _ones(array: np.ndarray) -> Tensor:
    """Ones of an array's shape and dtype; a tensor never changes, so all scalars share one."""
    if array.ndim:
        return creation.ones(array.shape, dtypes.from_numpy(array.dtype))
    one = _ONE.get(array.dtype)
    if one is None:
        one = _ONE[array.dtype] = wrap(np.ones((), array.dtype))
    return one


def node_of(item: Any) -> int | None:
    """The node of a target or source."""
    if type(item) is Tensor or isinstance(item, (Tensor, Variable)):
        return item._node
    if isinstance(item, IndexedSlices):
        return item.values._node
    raise TypeError(
        f"tape.gradient: {item!r} of type {type(item).__name__!r} is neither a tf.Tensor nor a tf.Variable; targets and "
        "sources must be."
    )


def as_gradient_of(source: Any, g: Any, unconnected: UnconnectedGradients) -> Any:
    """What is returned for a source whose gradient is `g`."""
    values = source.values if isinstance(source, IndexedSlices) else source
    if g is None:
        if unconnected is UnconnectedGradients.NONE:
            return None
        g = creation.zeros_like(values)
    return g if values is source else IndexedSlices(g, source.indices, source.dense_shape)
