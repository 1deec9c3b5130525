"""Crosses of features, row by row, as ragged tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.ops import cast
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sparse import cross as sparse_ops
from tenfold.ops.sparse.tensor import SparseTensor


def cross(inputs: Sequence[Any], name: str | None = None) -> RaggedTensor:
    """Texts for all combinations of a value of each input, row by row.

    Args:
      inputs: matrices of texts or integers, Tensors, RaggedTensors or `tf.SparseTensor`s, with the same number of rows.
    Returns:
      RaggedTensor of texts, the values with `_X_` between them; the last input runs fastest.
    Raises:
      TypeError: `inputs` is no list.
      ValueError: an input is no matrix.
      tf.errors.InvalidArgumentError: an input has another number of rows.
    Example:
      >>> tf.ragged.cross([tf.ragged.constant([["a"], ["b", "c"]]), [["x"], ["y"]]]).to_list()
      [[b'a_X_x'], [b'b_X_y', b'c_X_y']]
    """
    return _crossed(inputs, "tf.ragged.cross", dtypes.string, 0, None)


def cross_hashed(
    inputs: Sequence[Any], num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> RaggedTensor:
    """Numbers of buckets for all combinations of a value of each input, row by row.

    Args:
      inputs: as of `tf.ragged.cross`.
      num_buckets: how many buckets there are; 0 for all of int64.
      hash_key: an integer on which the numbers depend.
    Returns:
      RaggedTensor of int64.
    Raises:
      TypeError: `inputs` is no list.
      ValueError: an input is no matrix.
      tf.errors.InvalidArgumentError: an input has another number of rows.
    Example:
      >>> tf.ragged.cross_hashed([tf.ragged.constant([["a"], ["b", "c"]]), [["x"], ["y"]]], 100).shape
      TensorShape([2, None])
    """
    return _crossed(inputs, "tf.ragged.cross_hashed", dtypes.int64, num_buckets, hash_key)


def _crossed(inputs: Sequence[Any], what: str, out_type: Any, num_buckets: int, hash_key: int | None) -> RaggedTensor:
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(f"{what}: inputs are {inputs!r}; they must be a list of tensors.")
    columns = [_column(x, what) for x in inputs]
    values = [x if x.dtype is dtypes.string else cast.cast(x, dtypes.int64) for x in (c.values for c in columns)]
    has_integers = any(x.dtype is dtypes.int64 for x in values)
    found = sparse_ops.SPARSE_CROSS(
        *[x.indices for x in columns],
        *values,
        *[x.dense_shape for x in columns],
        sparse_count=len(columns),
        hashed_output=out_type is dtypes.int64,
        num_buckets=num_buckets,
        hash_key=sparse_ops.DEFAULT_HASH_KEY if hash_key is None else hash_key,
        out_type=out_type,
        internal_type=dtypes.int64 if has_integers else dtypes.string,
    )
    return RaggedTensor.from_sparse(SparseTensor(*found))


def _column(x: Any, what: str) -> SparseTensor:
    """A feature as a sparse matrix."""
    if isinstance(x, SparseTensor):
        return x
    x = convert(x)
    if x._array.ndim != 2:
        raise ValueError(f"{what}: an input has {x._array.ndim} axes; all must be matrices.")
    return (x if isinstance(x, RaggedTensor) else RaggedTensor.from_tensor(x)).to_sparse()
