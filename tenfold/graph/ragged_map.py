"""Ragged results of `tf.map_fn`: what each turn returns becomes one row, whose parts are joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, join
from tenfold.ops import sizes as size_ops
from tenfold.ops.ragged.tensor import RaggedTensor, RaggedTensorSpec


def spec_of_rows(x: RaggedTensor) -> RaggedTensorSpec:
    """The spec of one row of a ragged tensor."""
    return RaggedTensorSpec(x.shape[1:], x.dtype, x.ragged_rank - 1, x.row_splits.dtype)


def parts(said: RaggedTensorSpec, row: Any) -> list[Tensor]:
    """The innermost values of one row, how many values it has, and the row lengths of its inner axes.

    Raises:
      tf.errors.InvalidArgumentError: it is a scalar, or has other axes than its spec says.
    """
    if not row._array.ndim:
        raise InvalidArgumentError(
            "tf.map_fn: fn returned a scalar, which is no row of a ragged tensor. Pass fn_output_signature."
        )
    if said.ragged_rank and not isinstance(row, RaggedTensor):
        row = RaggedTensor.from_tensor(row, ragged_rank=said.ragged_rank, row_splits_dtype=said.row_splits_dtype)
    found = row.ragged_rank if isinstance(row, RaggedTensor) else 0
    if found != said.ragged_rank:
        raise InvalidArgumentError(
            f"tf.map_fn: fn returned rows of ragged_rank {found}, and {said.ragged_rank} is expected."
        )
    if not isinstance(row, RaggedTensor):
        return [row, size_ops.shape(row, said.row_splits_dtype)[:1]]
    row = row.with_row_splits_dtype(said.row_splits_dtype)
    return [row.flat_values, row.nrows()[None], *row.nested_row_lengths()]


def no_parts(said: RaggedTensorSpec, like: Any = None) -> list[Tensor]:
    """The parts before the first row, which will be like another, or of no rows at all."""
    known = said.shape if like is None else like.shape
    inner = [] if known.rank is None else known.as_list()[said.ragged_rank + 1 :]
    lengths = [creation.zeros([0], said.row_splits_dtype)] * (said.ragged_rank + 1)
    return [creation.zeros([0, *[size or 0 for size in inner]], said.dtype), *lengths]


def joined(columns: Sequence[Sequence[Tensor]]) -> RaggedTensor:
    """The ragged tensor of the parts of all rows."""
    flat, *lengths = [join.concat(list(column), 0) for column in columns]
    return RaggedTensor.from_nested_row_lengths(convert(flat), lengths, validate=False)
