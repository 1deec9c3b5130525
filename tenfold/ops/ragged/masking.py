"""`tf.ragged.boolean_mask`: elements of rows where a mask is True."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.ops import assertions, cast, creation, join, scan
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.gather import gathered
from tenfold.ops.ragged.tensor import RaggedTensor


def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """The elements or slices where a mask is True; rows keep what is theirs.

    Args:
      data: Tensor or RaggedTensor.
      mask: bool, a Tensor or RaggedTensor whose shape is that of the first axes of `data`.
    Returns:
      RaggedTensor; what `tf.boolean_mask` gives if the mask has one axis.
    Raises:
      ValueError: the mask is a scalar.
      tf.errors.InvalidArgumentError: rows of the mask are of other lengths than those of `data`.
    Example:
      >>> tf.ragged.boolean_mask([[1, 2, 3], [4, 5, 6]], [[True, False, True], [False, False, True]]).to_list()
      [[1, 3], [6]]
    """
    mask = mask if isinstance(mask, RaggedTensor) else convert(mask, dtypes.bool)
    data = data if isinstance(data, RaggedTensor) else convert(data)
    if not isinstance(mask, RaggedTensor):
        if not mask.ndim:
            raise ValueError("tf.ragged.boolean_mask: mask cannot be scalar.")
        if mask.ndim == 1:
            if isinstance(data, RaggedTensor):
                return gathered(data, gather_ops.where(mask)[:, 0])
            return gather_ops.boolean_mask(data, mask)
        mask = RaggedTensor.from_tensor(mask, ragged_rank=mask.ndim - 1)
    if not isinstance(data, RaggedTensor):
        data = RaggedTensor.from_tensor(data, ragged_rank=mask.ragged_rank, row_splits_dtype=mask.row_splits.dtype)
    splits = mask.row_splits
    if data.row_splits is not splits:
        own = cast.cast(data.row_splits, splits.dtype)
        assertions.assert_equal(own, splits, message="tf.ragged.boolean_mask: rows of data and mask differ in length")
    values = boolean_mask(data.values, mask.values)
    if isinstance(mask.values, RaggedTensor) or mask.values.ndim > 1:
        return RaggedTensor(values, splits, internal=True)
    kept = scan.cumsum(cast.cast(mask.values, splits.dtype))
    before = join.concat([creation.zeros([1], splits.dtype), kept], 0)
    return RaggedTensor(values, gather_ops.gather(before, splits), internal=True)
