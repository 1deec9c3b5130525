"""Crosses of features: each combination of one value of every column, as a text or as the number of a bucket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor
from tenfold.ops.cast import cast
from tenfold.ops.fingerprint import concatenated, fingerprint64
from tenfold.ops.sparse.indices import check_bounds, check_parts
from tenfold.ops.sparse.tensor import SparseTensor
from tenfold.ops.strings.elements import array_of_texts

_MASK = (1 << 64) - 1
DEFAULT_HASH_KEY = 0xDECAFCAFFE


def _columns(tensors: Sequence[np.ndarray], sparse_count: int) -> list[list[list[Any]]]:
    """For each column its rows, lists of texts and integers."""
    n = sparse_count
    rows_of: list[list[list[Any]]] = []
    for indices, values, shape in zip(tensors[:n], tensors[n : 2 * n], tensors[2 * n : 3 * n], strict=True):
        check_parts(indices, values, shape)
        if len(shape) != 2:
            raise ValueError(f"shapes should imply matrices, and one is {tuple(shape.tolist())}")
        check_bounds(indices, shape)
        rows: list[list[Any]] = [[] for _ in range(shape[0])]
        for row, value in zip(indices[:, 0].tolist(), values.tolist(), strict=True):
            rows[row].append(value)
        rows_of.append(rows)
    for dense in tensors[3 * n :]:
        if dense.ndim != 2:
            raise ValueError(f"dense inputs must be matrices, and one has the shape {dense.shape}")
        rows_of.append(dense.tolist())
    if len({len(rows) for rows in rows_of}) != 1:
        raise ValueError(f"columns must have the same number of rows, and have {[len(rows) for rows in rows_of]}")
    return rows_of


def _crossed(
    rows_of: list[list[list[Any]]], cross: Callable[[tuple[Any, ...]], Any]
) -> tuple[np.ndarray, list, np.ndarray]:
    """Indices of all crosses, row by row, what `cross` makes of each, and the shape of the whole."""
    rows = [[cross(features) for features in product(*row)] for row in zip(*rows_of, strict=True)]
    lengths = [len(row) for row in rows]
    indices = [(i, j) for i, length in enumerate(lengths) for j in range(length)]
    return (
        np.array(indices, np.int64).reshape(-1, 2),
        [value for row in rows for value in row],
        np.array([len(rows), max(lengths, default=0)], np.int64),
    )


def _joined(features: tuple[Any, ...], separator: bytes) -> bytes:
    return separator.join([x if type(x) is bytes else b"%d" % x for x in features])


def _kernel(*tensors, sparse_count, hashed_output, num_buckets, hash_key, out_type, internal_type):
    if num_buckets < 0:
        raise ValueError(f"num_buckets must be >= 0, and is {num_buckets}")
    modulus = num_buckets or (1 << 63) - 1

    def hashed(features):
        found = hash_key & _MASK
        for feature in features:
            found = concatenated(found, fingerprint64(feature) if type(feature) is bytes else feature & _MASK)
        return found % modulus

    cross = hashed if hashed_output else partial(_joined, separator=b"_X_")
    indices, values, shape = _crossed(_columns(tensors, sparse_count), cross)
    return indices, np.array(values, np.int64) if hashed_output else array_of_texts(values), shape


class SparseCross(NamedTuple):
    output_indices: Tensor
    output_values: Tensor
    output_shape: Tensor


def _raw(
    indices: Sequence[Any], values: Sequence[Any], shapes: Sequence[Any], dense_inputs: Sequence[Any],
    hashed_output: bool, num_buckets: int, hash_key: int, out_type: Any, internal_type: Any, name: str | None = None,
) -> SparseCross:  # fmt: skip
    tensors = [convert(x) for x in (*indices, *values, *shapes, *dense_inputs)]
    return SparseCross(*SPARSE_CROSS(
        *tensors, sparse_count=len(indices), hashed_output=hashed_output, num_buckets=num_buckets, hash_key=hash_key,
        out_type=dtypes.as_dtype(out_type), internal_type=dtypes.as_dtype(internal_type),
    ))  # fmt: skip


def _specs(*tensors, out_type, **attrs):
    int64 = np.dtype(np.int64)
    return [Spec(int64, (None, 2), (STAND_IN,)), Spec.rows(out_type._np), Spec(int64, (2,))]


SPARSE_CROSS = register(
    Op("SparseCross", _kernel, vjp=NotDifferentiable("the results are texts or integers"), infer=_specs, raw=_raw)
)


def _joining_kernel(*tensors, sparse_count):
    *columns, separator = tensors
    indices, values, shape = _crossed(
        _columns(columns, sparse_count), partial(_joined, separator=separator.reshape(-1)[0])
    )
    return indices, array_of_texts(values), shape


def _raw_joining(
    indices: Sequence[Any], values: Sequence[Any], shapes: Sequence[Any], dense_inputs: Sequence[Any], sep: Any,
    name: str | None = None,
) -> SparseCross:  # fmt: skip
    tensors = [convert(x) for x in (*indices, *values, *shapes, *dense_inputs, sep)]
    return SparseCross(*SPARSE_CROSS_V2(*tensors, sparse_count=len(indices)))


SPARSE_CROSS_V2 = register(
    Op(
        "SparseCrossV2",
        _joining_kernel,
        vjp=NotDifferentiable("the results are texts"),
        infer=lambda *tensors, sparse_count: _specs(out_type=dtypes.string),
        raw=_raw_joining,
    )
)


def _parts(inputs: Any, what: str) -> tuple[list[Tensor], list[Tensor], list[Tensor], list[Tensor]]:
    """Indices, values and shapes of the sparse inputs, and the dense ones, all of texts or int64."""
    if not isinstance(inputs, (list, tuple)) or not all(isinstance(x, (Tensor, SparseTensor)) for x in inputs):
        raise TypeError(f"{what}: inputs are {inputs!r}; they must be a list of tf.Tensors and tf.SparseTensors.")

    def feature(x: Tensor) -> Tensor:
        return x if x.dtype is dtypes.string else cast(x, dtypes.int64)

    sparse = [x for x in inputs if isinstance(x, SparseTensor)]
    return (
        [x.indices for x in sparse],
        [feature(x.values) for x in sparse],
        [x.dense_shape for x in sparse],
        [feature(x) for x in inputs if isinstance(x, Tensor)],
    )


def cross(inputs: Sequence[Any], name: str | None = None, separator: Any = None) -> SparseTensor:
    """Texts for all combinations of a value of each input, row by row: the values with a separator between them.

    Args:
      inputs: matrices of texts or integers, tensors or `tf.SparseTensor`s, with the same number of rows.
      separator: text, `"_X_"` by default.
    Returns:
      SparseTensor of texts.
    Raises:
      TypeError: `inputs` is no list, or has another value.
      tf.errors.InvalidArgumentError: an input is no matrix, or has another number of rows.
    Example:
      >>> print(tf.sparse.cross([tf.constant([["a", "b"]]), tf.constant([[1]])]).values.numpy())
      [b'a_X_1' b'b_X_1']
    """
    separator = convert("_X_" if separator is None else separator, dtypes.string)
    return SparseTensor(*_raw_joining(*_parts(inputs, "tf.sparse.cross"), separator))


def cross_hashed(
    inputs: Sequence[Any], num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> SparseTensor:
    """Numbers of buckets for all combinations of a value of each input, row by row.

    Args:
      inputs: matrices of texts or integers, tensors or `tf.SparseTensor`s, with the same number of rows.
      num_buckets: how many buckets there are; 0 for all of int64.
      hash_key: an integer on which the numbers depend.
    Returns:
      int64 SparseTensor.
    Raises:
      TypeError: `inputs` is no list, or has another value.
      tf.errors.InvalidArgumentError: an input is no matrix, or has another number of rows.
    Example:
      >>> tf.sparse.to_dense(tf.sparse.cross_hashed([tf.constant([["a"]]), tf.constant([[1]])], num_buckets=100)).shape
      TensorShape([1, 1])
    """
    parts = _parts(inputs, "tf.sparse.cross_hashed")
    has_integers = any(x.dtype is dtypes.int64 for x in (*parts[1], *parts[3]))
    found = _raw(
        *parts,
        hashed_output=True,
        num_buckets=num_buckets,
        hash_key=hash_key or DEFAULT_HASH_KEY,
        out_type=dtypes.int64,
        internal_type=dtypes.int64 if has_integers else dtypes.string,
    )
    return SparseTensor(*found)
