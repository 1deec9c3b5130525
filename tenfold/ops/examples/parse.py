"""The raw ops that parse serialized examples: dense features, those of any length as sparse tensors, or as rows."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.shapes import as_shape
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor

_FIELDS = {dtypes.float32: "float_list", dtypes.int64: "int64_list", dtypes.string: "bytes_list"}
_KINDS = {field: dtype.name for dtype, field in _FIELDS.items()}
_int64 = np.dtype(np.int64)


class _Examples:
    """The features of examples, by key."""

    def __init__(self, serialized: np.ndarray, names: np.ndarray) -> None:
        if serialized.ndim > 1:
            raise ValueError(f"expected serialized to be a scalar or vector, got shape {serialized.shape}")
        if names.size and names.shape != serialized.shape:
            raise ValueError(f"expected names of the shape of serialized, {serialized.shape}, got {names.shape}")
        texts = serialized.reshape(-1).tolist()
        self._names = [name.decode(errors="replace") for name in names.reshape(-1).tolist()] or ["<unknown>"] * len(
            texts
        )
        self.features = [_features(text, name) for text, name in zip(texts, self._names, strict=True)]

    def values(self, key: str, dtype: DType) -> list[np.ndarray | None]:
        """The values of a feature in each example; None where it is missing.

        Raises:
          ValueError: they are of another dtype.
        """
        return [self._values(i, key, dtype) for i in range(len(self.features))]

    def _values(self, i: int, key: str, dtype: DType) -> np.ndarray | None:
        if key not in self.features[i]:  # looking it up would enter it
            return None
        feature = self.features[i][key]
        kind = feature.WhichOneof("kind")
        if kind is None:
            return None
        if kind != _FIELDS[dtype]:
            raise ValueError(
                f"{self.place(i, key)} Data types don't match. Data type: {_KINDS[kind]} but expected type: {dtype.name}"
            )
        found = list(getattr(feature, kind).value)
        if dtype is not dtypes.string:
            return np.array(found, dtype._np)
        texts = np.empty(len(found), object)
        texts[:] = found
        return texts

    def place(self, i: int, key: str) -> str:
        return f"Name: {self._names[i]}, Key: {key}, Index: {i}."

    def missing(self, i: int, key: str, dtype: DType) -> ValueError:
        return ValueError(
            f"Name: {self._names[i]}, Feature: {key} (data type: {dtype.name}) is required but could not be found."
        )


def _features(text: bytes, name: str) -> Any:
    from google.protobuf.message import DecodeError

    from tenfold.protos import example

    try:
        return example.Example.FromString(text).features.feature
    except DecodeError as error:
        raise ValueError(f"Name: {name}: could not parse an example of {len(text)} bytes: {error}") from None


def _fixed(examples: _Examples, key: str, dtype: DType, shape: tuple[int, ...], default: np.ndarray) -> np.ndarray:
    """A feature of one shape."""
    count = prod(shape)
    if default.size and default.size != count:
        raise ValueError(f"dense_shapes of {key!r} is {shape}, but its default has shape {default.shape}")
    result = np.empty((len(examples.features), *shape), dtype._np)
    for i, values in enumerate(examples.values(key, dtype)):
        if values is None:
            if count and not default.size or (not count and default.shape != shape):
                raise examples.missing(i, key, dtype)
            values = default
        elif values.size != count:
            raise ValueError(
                f"{examples.place(i, key)} Number of {dtype.name} values != expected. Values size: {values.size} but "
                f"output shape: {shape}"
            )
        result[i] = values.reshape(shape)
    return result


def _growing(examples: _Examples, key: str, dtype: DType, shape: tuple[int, ...], default: np.ndarray) -> np.ndarray:
    """A feature of rows of one shape, whose number is that of the longest example; the others are filled up."""
    stride, rows = prod(shape), examples.values(key, dtype)
    for i, values in enumerate(rows):
        if values is not None and (stride == 0 or values.size % stride):
            raise ValueError(
                f"{examples.place(i, key)} The number of elements, {values.size}, should be divisible by {stride}"
            )
    most = max([0 if values is None else values.size // stride for values in rows], default=0)
    fill = default.reshape(-1)[0] if default.size else (b"" if dtype is dtypes.string else 0)
    result = np.full((len(rows), most, *shape), fill, dtype._np)
    for i, values in enumerate(rows):
        if values is not None:
            result[i, : values.size // stride] = values.reshape(-1, *shape)
    return result


def _joined(rows: Sequence[np.ndarray | None], dtype: DType) -> tuple[np.ndarray, np.ndarray]:
    """All values one behind the other, and how many each example has."""
    lengths = np.array([0 if values is None else values.size for values in rows], np.int64)
    found = [values for values in rows if values is not None]
    return np.concatenate(found) if found else np.empty(0, dtype._np), lengths


def _sparse(rows: Sequence[np.ndarray | None], dtype: DType, is_one: bool) -> tuple[np.ndarray, ...]:
    """Indices, values and shape of a sparse tensor."""
    values, lengths = _joined(rows, dtype)
    starts = np.cumsum(lengths) - lengths
    places = np.arange(values.size, dtype=np.int64) - np.repeat(starts, lengths)
    most = lengths.max(initial=0)
    if is_one:
        return places[:, None], values, np.array([most], np.int64)
    numbers = np.repeat(np.arange(len(rows), dtype=np.int64), lengths)
    return np.stack([numbers, places], 1), values, np.array([len(rows), most], np.int64)


def _keys(keys: np.ndarray) -> list[str]:
    return [key.decode() for key in keys.reshape(-1).tolist()]


def _kernel(
    serialized,
    names,
    sparse_keys,
    dense_keys,
    ragged_keys,
    *dense_defaults,
    num_sparse,
    sparse_types,
    ragged_value_types,
    ragged_split_types,
    dense_shapes,
):
    is_one, examples = not serialized.ndim, _Examples(serialized, names)
    sparse, dense, ragged = [], [], []
    counts = ((sparse_keys, sparse_types), (dense_keys, dense_shapes), (dense_keys, dense_defaults))
    if any(keys.size != len(of_each) for keys, of_each in (*counts, (ragged_keys, ragged_value_types))):
        raise ValueError("there must be a dtype, and for dense features a shape and a default, for each key")
    for key, dtype in zip(_keys(sparse_keys), sparse_types, strict=True):
        sparse.append(_sparse(examples.values(key, dtype), dtype, is_one))
    for key, default, shape in zip(_keys(dense_keys), dense_defaults, dense_shapes, strict=True):
        dtype = dtypes.from_numpy(default.dtype)
        if dtype is None or dtype not in _FIELDS:
            raise ValueError(f"the default of {key!r} is of {default.dtype}; it must be float32, int64 or string")
        is_fixed = not shape or shape[0] is not None
        found = (_fixed if is_fixed else _growing)(examples, key, dtype, shape if is_fixed else shape[1:], default)
        dense.append(found[0] if is_one else found)
    for key, dtype, split_type in zip(_keys(ragged_keys), ragged_value_types, ragged_split_types, strict=True):
        values, lengths = _joined(examples.values(key, dtype), dtype)
        splits = np.zeros(0) if is_one else np.concatenate([[0], np.cumsum(lengths)])
        ragged.append((values, splits.astype(split_type._np)))
    return (*_columns(sparse, 3), *dense, *_columns(ragged, 2))


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[Any]:
    return [row[i] for i in range(count) for row in rows]


def _specs(
    serialized,
    names,
    sparse_keys,
    dense_keys,
    ragged_keys,
    *dense_defaults,
    num_sparse,
    sparse_types,
    ragged_value_types,
    ragged_split_types,
    dense_shapes,
):
    batch, axes = serialized.shape, serialized.ndim + 1
    sparse = [(Spec.rows(_int64, (axes,)), Spec.rows(t._np), Spec(_int64, (axes,))) for t in sparse_types]
    dense = [
        Spec(default.dtype, (*batch, *shape), (STAND_IN,) * shape.count(None))
        for default, shape in zip(dense_defaults, dense_shapes, strict=True)
    ]
    count = (batch[0] + 1,) if batch else (0,)
    ragged = [
        (Spec.rows(t._np), Spec(s._np, count)) for t, s in zip(ragged_value_types, ragged_split_types, strict=True)
    ]
    return [*_columns(sparse, 3), *dense, *_columns(ragged, 2)]


_RESULTS = ("sparse_indices", "sparse_values", "sparse_shapes", "dense_values", "ragged_values", "ragged_row_splits")


def _types(values: Any) -> tuple[DType, ...]:
    found = tuple([as_dtype(value) for value in values])
    for dtype in found:
        if dtype not in _FIELDS:
            raise InvalidArgumentError(
                f"cannot parse features of {dtype.name}; it must be one of float32, int64 and string [Op:ParseExampleV2]."
            )
    return found


def parse_example_v2(
    serialized: Any,
    names: Any,
    sparse_keys: Any,
    dense_keys: Any,
    ragged_keys: Any,
    dense_defaults: Any,
    num_sparse: int,
    sparse_types: Any,
    ragged_value_types: Any,
    ragged_split_types: Any,
    dense_shapes: Any,
    name: str | None = None,
) -> Any:
    """The raw op `ParseExampleV2`, whose results are lists."""
    shapes = tuple([tuple(as_shape(shape).as_list()) for shape in dense_shapes])
    texts = [convert(x, dtypes.string) for x in (serialized, names, sparse_keys, dense_keys, ragged_keys)]
    attrs = {
        "sparse_types": _types(sparse_types),
        "ragged_value_types": _types(ragged_value_types),
        "ragged_split_types": tuple(map(as_dtype, ragged_split_types)),
        "dense_shapes": shapes,
    }
    found = PARSE_EXAMPLE(*texts, *map(convert, dense_defaults), num_sparse=num_sparse, **attrs)
    sparse, ragged = len(attrs["sparse_types"]), len(attrs["ragged_value_types"])
    counts = (sparse, sparse, sparse, len(shapes), ragged, ragged)
    ends = np.cumsum(counts).tolist()
    parts = [found[end - count : end] for end, count in zip(ends, counts, strict=True)]
    return namedtuple("ParseExampleV2", _RESULTS)(*parts)


def _first_results(name: str, found: Any) -> Any:
    return namedtuple(name, _RESULTS[:4])(*found[:4])


def _parse_example(
    serialized: Any,
    names: Any,
    sparse_keys: Any,
    dense_keys: Any,
    dense_defaults: Any,
    sparse_types: Any,
    dense_shapes: Any,
    name: str | None = None,
) -> Any:
    """The raw op `ParseExample`, whose keys are lists of tensors."""
    sparse, dense = ([_text(key) for key in keys] for keys in (sparse_keys, dense_keys))
    found = parse_example_v2(
        serialized, names, sparse, dense, [], dense_defaults, len(sparse), sparse_types, [], [], dense_shapes
    )
    return _first_results("ParseExample", found)


def _text(key: Any) -> Any:
    return key.numpy() if isinstance(key, Tensor) else key


def _parse_single_example(
    serialized: Any,
    dense_defaults: Any,
    num_sparse: int,
    sparse_keys: Any,
    dense_keys: Any,
    sparse_types: Any,
    dense_shapes: Any,
    name: str | None = None,
) -> Any:
    """The raw op `ParseSingleExample`, of a scalar."""
    text = convert(serialized, dtypes.string)
    if text.shape.rank not in (0, None):
        raise InvalidArgumentError(
            f"ParseSingleExample: expected serialized to be a scalar, got shape {tuple(text.shape)}."
        )
    keys = list(sparse_keys), list(dense_keys)
    found = parse_example_v2(text, [], *keys, [], dense_defaults, num_sparse, sparse_types, [], [], dense_shapes)
    return _first_results("ParseSingleExample", found)


_NOT = NotDifferentiable("it reads serialized text")
PARSE_EXAMPLE = register(
    Op("ParseExampleV2", _kernel, types={dtypes.string}, vjp=_NOT, infer=_specs, raw=parse_example_v2)
)
register(Op("ParseExample", _kernel, types={dtypes.string}, vjp=_NOT, infer=_specs, raw=_parse_example))
register(Op("ParseSingleExample", _kernel, types={dtypes.string}, vjp=_NOT, infer=_specs, raw=_parse_single_example))
