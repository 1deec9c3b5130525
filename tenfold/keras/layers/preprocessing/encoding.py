"""Numbers of categories as vectors: which of them are there, or how often."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import count as count_ops
from tenfold.ops import creation, elementwise, extremes, join, ranges, reduce, sizes, static
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sparse.bincount import bincount as sparse_bincount
from tenfold.ops.sparse.convert import from_dense
from tenfold.ops.sparse.count import SPARSE_BINCOUNT
from tenfold.ops.sparse.tensor import SparseTensor

OUTPUT_MODES = ("int", "one_hot", "multi_hot", "count")


def check_choice(layer: Any, name: str, value: Any, choices: tuple[Any, ...], others: str = "") -> None:
    """Checks that an argument is one of several values.

    Raises:
      ValueError: it is not.
    """
    if value not in choices:
        raise ValueError(
            f"Unknown value for `{name}` argument of layer {type(layer).__name__}. Allowed values are: {choices}{others}. "
            f"Received: {value!r}"
        )


def encode_categories(
    inputs: Any, output_mode: str, depth: int, dtype: Any, is_sparse: bool = False, count_weights: Any = None
) -> Any:
    """Numbers of categories in the form that a layer is to have them in.

    Args:
      inputs: integers, a Tensor, RaggedTensor or SparseTensor.
      output_mode: "int", "one_hot" for a vector for each number, "multi_hot" or "count" for one for each row.
      depth: how many categories there are; other numbers are left out.
      dtype: of the result.
      is_sparse: whether it is a SparseTensor.
      count_weights: what each number counts, with "count".
    """
    if output_mode == "int":
        return cast_ops.cast(inputs, dtype)
    rank = inputs.shape.rank
    if rank == 0:
        inputs, rank = array_ops.reshape(inputs, [1]), 1
    if output_mode == "one_hot":
        if rank > 1 and inputs.shape[-1] == 1:
            inputs = array_ops.squeeze(inputs, -1)
        return _sparse_one_hot(inputs, depth, dtype) if is_sparse else _one_hot(inputs, depth, dtype)
    if rank <= 2:
        return _binned(inputs, output_mode == "multi_hot", depth, dtype, is_sparse, count_weights)
    vectors = _one_hot(inputs, depth, dtype)
    if count_weights is not None:
        vectors = vectors * array_ops.expand_dims(count_weights, -1)
    found = (extremes.reduce_max if output_mode == "multi_hot" else reduce.reduce_sum)(vectors, 1)
    return from_dense(found) if is_sparse else found


def _one_hot(inputs: Any, depth: int, dtype: Any) -> Any:
    if isinstance(inputs, RaggedTensor):
        return inputs.with_flat_values(_one_hot(inputs.flat_values, depth, dtype))
    return ranges.one_hot(cast_ops.cast(inputs, dtypes.int64), depth, dtype=dtype)


def _sparse_one_hot(inputs: Tensor, depth: int, dtype: Any) -> SparseTensor:
    """One element for each number, also for those that are left out, whose element is 0."""
    numbers = cast_ops.cast(inputs, dtypes.int64)
    shape = sizes.shape(numbers, dtypes.int64)
    flat = array_ops.reshape(numbers, [-1])
    places = [array_ops.reshape(p, [-1]) for p in ranges.meshgrid(*[ranges.range(n) for n in shape], indexing="ij")]
    indices = join.stack([*places, elementwise.maximum(flat, 0)], 1)
    values = cast_ops.cast(flat >= 0, dtype)
    return SparseTensor(indices, values, join.concat([shape, [depth]], 0))


def _binned(inputs: Any, is_binary: bool, depth: int, dtype: Any, is_sparse: bool, weights: Any) -> Any:
    """Vectors of the rows of a matrix, or of one row."""
    bounds: dict[str, Any] = {"minlength": depth, "maxlength": depth, "axis": -1, "binary_output": is_binary}
    if is_sparse:
        counts = sparse_bincount(inputs, weights, **bounds)
        shape = [depth] if inputs.shape.rank == 1 else [counts.dense_shape[0], depth]
        return SparseTensor(counts.indices, cast_ops.cast(counts.values, dtype), shape)
    if isinstance(inputs, SparseTensor):
        counted = creation.zeros((0,), dtype) if weights is None else weights.values
        sizes_of = static.ints(inputs.dense_shape, "SparseBincount")
        found = SPARSE_BINCOUNT(
            inputs.indices, inputs.values, counted, dense_shape=sizes_of, size=depth, binary_output=is_binary
        )
    else:
        found = count_ops.bincount(inputs, weights, dtype=dtype, **bounds)
    return cast_ops.cast(found, dtype)
