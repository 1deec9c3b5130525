"""What layers that prepare data have in common: they take what is no tensor, and learn from data before training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.layer import Layer
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sparse.tensor import SparseTensor
from tenfold.ops.strings.as_string import as_string
from tenfold.ops.strings.to_number import to_number


def tensor_of(value: Any, dtype: Any = None) -> Any:
    """A tensor, ragged or sparse tensor of a value, in a dtype; texts become numbers and numbers texts."""
    if not isinstance(value, (Tensor, RaggedTensor, SparseTensor)):
        value = convert(value)
    if dtype is None or value.dtype is as_dtype(dtype):
        return value
    if value.dtype is dtypes.string:
        return to_number(value, dtype)
    return as_string(value) if as_dtype(dtype) is dtypes.string else cast_ops.cast(value, dtype)


class PreprocessingLayer(Layer):
    """A layer whose first argument may also be a text, a number, an array of either, or a nested list of them."""

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(self._tensors_of(inputs), *args, **kwargs)

    def _tensors_of(self, inputs: Any) -> Any:
        return inputs if isinstance(inputs, KerasTensor) else tensor_of(inputs)


def batches_of(data: Any, steps: int | None) -> Iterator[Any] | None:
    """The batches of data that come in batches, at most so many; None for data that are one batch."""
    if isinstance(data, (Tensor, RaggedTensor, SparseTensor, np.ndarray)) or not isinstance(data, Iterable):
        return None
    return islice(iter(data), steps)


def token_batches(data: Any, dtype: Any, steps: int | None) -> Iterator[Any]:
    """The batches of data that are words or texts, as `adapt` takes them: lists are one batch, and a vector is a column."""
    batches = None if isinstance(data, (list, tuple)) else batches_of(data, steps)
    if batches is not None:
        return batches
    tokens = tensor_of(data, dtype)
    return iter([array_ops.expand_dims(tokens, -1) if tokens.shape.rank == 1 else tokens])
