"""Functions of the values of ragged tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import nest
from tenfold.ops import assertions
from tenfold.ops.ragged.tensor import RaggedTensor


def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Runs a function on the innermost values of ragged tensors.

    Args:
      op: function of tensors that returns a tensor with as many rows.
      *args: its arguments; RaggedTensors, also in lists and dicts, become their innermost values.
      **kwargs: likewise.
    Returns:
      RaggedTensor with rows as long as those of the arguments; what `op` returns if no argument is ragged.
    Raises:
      ValueError: `op` returns more rows or fewer.
      tf.errors.InvalidArgumentError: the rows of two arguments are not of the same lengths.
    Example:
      >>> tf.ragged.map_flat_values(tf.square, tf.ragged.constant([[1, 2], [], [3]]))
      <tf.RaggedTensor [[1, 4], [], [9]]>
    """
    ragged = [x for x in nest.flatten((args, kwargs)) if isinstance(x, RaggedTensor)]
    flat_args, flat_kwargs = nest.map_structure(
        lambda x: x.flat_values if isinstance(x, RaggedTensor) else x, (args, kwargs)
    )
    result = op(*flat_args, **flat_kwargs)
    if not ragged:
        return result
    first, *others = ragged
    for other in others:
        if other.ragged_rank != first.ragged_rank:
            raise ValueError(
                f"tf.ragged.map_flat_values: ragged ranks are {first.ragged_rank} and {other.ragged_rank}."
            )
        for a, b in zip(first.nested_row_splits, other.nested_row_splits, strict=True):
            if a is not b:
                assertions.assert_equal(a, b, message="tf.ragged.map_flat_values: rows have different lengths")
    return first.with_flat_values(result)
