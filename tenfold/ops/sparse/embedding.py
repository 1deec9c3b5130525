"""Bags of rows of a table: the sum or a mean of the rows that each row of a sparse or ragged tensor names."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import (
    count,
    creation,
    elementwise,
    exponential,
    join,
    logic,
    reduce,
    sizes,
    sorted_segment,
    sparse_segment,
)
from tenfold.ops import embedding as embedding_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sparse import functions
from tenfold.ops.sparse.tensor import SparseTensor

_OF_PICKED_ROWS = {
    "sum": sparse_segment.segment_sum,
    "mean": sparse_segment.segment_mean,
    "sqrtn": sparse_segment.segment_sqrt_n,
}


def embedding_lookup_sparse(
    params: Any,
    sp_ids: Any,
    sp_weights: Any,
    combiner: str | None = None,
    max_norm: Any = None,
    name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Tensor:
    """Looks up rows of a table and combines those of each bag.

    Args:
      params: the table, as `tf.nn.embedding_lookup` takes it.
      sp_ids: SparseTensor or RaggedTensor of integers, shape `(bags, None)`: numbers of rows. No bag may be empty but
        between others; `tf.nn.safe_embedding_lookup_sparse` takes such ones, too.
      sp_weights: tensor of the same kind, with the same indices, of weights; None for weights of 1.
      combiner: `"sum"`, of rows times weights; `"mean"`, the sum over that of the weights; or `"sqrtn"`, the sum over
        the root of the sum of squared weights. `"mean"` by default.
      max_norm: number to which the Euclidean norm of each row is limited.
      allow_fast_lookup: whether a row that is named several times may be read as often.
    Returns:
      Tensor of shape `(bags,) + params.shape[1:]`. The gradient with respect to a variable is a `tf.IndexedSlices`.
    Raises:
      ValueError: the combiner is another one, or there is no table.
      TypeError: ids or weights are neither sparse nor ragged, or not of the same kind.
      tf.errors.InvalidArgumentError: there is no row of such a number, or indices are not in order.
    Example:
      >>> table = tf.constant([[1.0], [2.0], [4.0]])
      >>> ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [1, 2, 0], [2, 2])
      >>> print(tf.nn.embedding_lookup_sparse(table, ids, None, combiner="sum").numpy().tolist())
      [[6.0], [1.0]]
    """
    what = "tf.nn.embedding_lookup_sparse"
    combiner = _checked_combiner(combiner, what)
    if not isinstance(sp_ids, SparseTensor | RaggedTensor):
        raise TypeError(f"{what}: sp_ids is a {type(sp_ids).__name__}; it must be a SparseTensor or a RaggedTensor.")
    if sp_weights is not None:
        _require_same_form(sp_ids, sp_weights, what)
    bags = sp_ids.indices[:, 0] if isinstance(sp_ids, SparseTensor) else sp_ids.value_rowids()
    tables = params if isinstance(params, list) else [params]
    is_tensor = len(tables) == 1 and not isinstance(tables[0], Variable)
    is_direct = is_tensor and max_norm is None and (allow_fast_lookup or sp_weights is None)
    if is_direct:
        table, places = convert(tables[0]), sp_ids.values
    else:
        ids, places = count.unique(sp_ids.values)
        table = embedding_ops.embedding_lookup(params, ids, max_norm)
    if sp_weights is None:
        return _OF_PICKED_ROWS[combiner](table, places, bags, sparse_gradient=is_direct and not allow_fast_lookup)
    return _weighted(gather_ops.gather(table, places), sp_weights.values, bags, combiner)


def _weighted(rows: Tensor, weights: Tensor, bags: Tensor, combiner: str) -> Tensor:
    dtype = rows.dtype
    if dtype in (dtypes.float16, dtypes.bfloat16):
        rows = cast_ops.cast(rows, dtypes.float32)
    weights = array_ops.reshape(cast_ops.cast(weights, rows.dtype), (-1, *[1] * (rows._array.ndim - 1)))
    total = sorted_segment.segment_sum(rows * weights, bags)
    if combiner == "mean":
        total = elementwise.divide_no_nan(total, sorted_segment.segment_sum(weights, bags))
    elif combiner == "sqrtn":
        total = elementwise.divide_no_nan(total, exponential.sqrt(sorted_segment.segment_sum(weights**2, bags)))
    return cast_ops.cast(total, dtype)


def safe_embedding_lookup_sparse(
    embedding_weights: Any,
    sparse_ids: Any,
    sparse_weights: Any = None,
    combiner: str | None = "mean",
    default_id: int | None = None,
    max_norm: Any = None,
    name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Tensor:
    """`tf.nn.embedding_lookup_sparse` for bags that may be empty, and ids of any rank.

    Negative ids, and for means those of weights that are not positive, are left out.

    Args:
      embedding_weights: the table, shape `(rows, units)`, or a list of its parts.
      sparse_ids: SparseTensor of int64, shape `(..., None)`, or a RaggedTensor: numbers of rows.
      sparse_weights: tensor of the same kind, with the same indices, of weights; None for weights of 1.
      combiner: `"sum"`, `"mean"` or `"sqrtn"`.
      default_id: the row that an empty bag gets; zeros by default.
      max_norm: number to which the Euclidean norm of each row is limited.
      allow_fast_lookup: whether a row that is named several times may be read as often.
    Returns:
      Tensor of shape `sparse_ids.shape[:-1] + (units,)`.
    Raises:
      ValueError: the combiner is another one, or there is no table.
      TypeError: ids or weights are neither sparse nor ragged, or not of the same kind.
      tf.errors.InvalidArgumentError: there is no row of such a number.
    Example:
      >>> ids = tf.SparseTensor([[0, 0], [2, 0]], tf.constant([1, -1], tf.int64), [3, 2])
      >>> print(tf.nn.safe_embedding_lookup_sparse(tf.constant([[1.0], [2.0]]), ids).numpy().tolist())
      [[2.0], [0.0], [0.0]]
    """
    what = "tf.nn.safe_embedding_lookup_sparse"
    if embedding_weights is None or (isinstance(embedding_weights, list) and not embedding_weights):
        raise ValueError(f"{what}: embedding_weights is {embedding_weights}; it must be a table.")
    combiner = _checked_combiner(combiner, what)
    if not isinstance(sparse_ids, SparseTensor | RaggedTensor):
        raise TypeError(
            f"{what}: sparse_ids is a {type(sparse_ids).__name__}; it must be a SparseTensor or a RaggedTensor."
        )
    if sparse_weights is not None:
        _require_same_form(sparse_ids, sparse_weights, what)
    if isinstance(sparse_ids, RaggedTensor):
        sparse_ids = sparse_ids.to_sparse()
        sparse_weights = None if sparse_weights is None else sparse_weights.to_sparse()
    outer = sparse_ids.dense_shape[:-1]
    bags = functions.reshape(sparse_ids, join.stack([reduce.reduce_prod(outer), sparse_ids.dense_shape[-1]]))
    is_valid = logic.greater_equal(bags.values, 0)
    if sparse_weights is not None:
        weights = SparseTensor(bags.indices, sparse_weights.values, bags.dense_shape)
        if combiner != "sum":
            is_valid = logic.logical_and(is_valid, logic.greater(weights.values, 0))
        sparse_weights, _ = functions.fill_empty_rows(functions.retain(weights, is_valid), 1)
    bags, is_empty = functions.fill_empty_rows(functions.retain(bags, is_valid), default_id or 0)
    found = embedding_lookup_sparse(
        embedding_weights, bags, sparse_weights, combiner, max_norm, allow_fast_lookup=allow_fast_lookup
    )
    if default_id is None:
        found = gather_ops.where(is_empty[:, None], creation.zeros_like(found), found)
    return array_ops.reshape(found, join.concat([cast_ops.cast(outer, dtypes.int32), sizes.shape(found)[1:]], 0))


def _checked_combiner(combiner: str | None, what: str) -> str:
    combiner = "mean" if combiner is None else combiner
    if combiner not in _OF_PICKED_ROWS:
        raise ValueError(f"{what}: combiner is {combiner!r}; it must be 'sum', 'mean' or 'sqrtn'.")
    return combiner


def _require_same_form(ids: Any, weights: Any, what: str) -> None:
    if type(weights) is not type(ids):
        raise TypeError(
            f"{what}: the weights are a {type(weights).__name__}, the ids a {type(ids).__name__}; they must be of one kind."
        )
    ids.values.shape.assert_is_compatible_with(weights.values.shape)
