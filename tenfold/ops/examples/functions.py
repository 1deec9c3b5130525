"""tf.io.parse_example: serialized examples as tensors, by the features that are expected in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.shapes import as_shape
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, join
from tenfold.ops.cast import cast
from tenfold.ops.examples import features as kinds
from tenfold.ops.examples.parse import parse_example_v2
from tenfold.ops.examples.partitions import partitioned
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sparse.functions import reorder
from tenfold.ops.sparse.tensor import SparseTensor


class _Plan:
    """The keys that the raw op reads, with what it must know of each."""

    def __init__(self) -> None:
        self.sparse: dict[str, DType] = {}
        self.ragged: dict[str, tuple[DType, DType]] = {}
        self.dense: dict[str, tuple[Any, tuple[int | None, ...]]] = {}  # default and shape

    def add(self, key: str, feature: Any) -> None:
        """Enters the keys of a feature.

        Raises:
          ValueError: it is none, or does not fit what is there.
        """
        match feature:
            case kinds.VarLenFeature():
                self._enter(self.sparse, key, _dtype(key, feature))
            case kinds.SparseFeature():
                if not feature.index_key or not feature.value_key:
                    raise ValueError(f"Missing index_key or value_key of {key!r}: {feature}.")
                for index_key in sorted(_index_keys(feature)):
                    self._enter(self.sparse, index_key, dtypes.int64)
                self._enter(self.sparse, feature.value_key, _dtype(key, feature))
            case kinds.RaggedFeature():
                split_type = feature.row_splits_dtype
                self._enter(self.ragged, feature.value_key or key, (feature.dtype, split_type))
                for partition in feature.partitions:
                    if not isinstance(partition, kinds.UniformRowLength):
                        self._enter(self.ragged, partition.key, (dtypes.int64, split_type))
            case kinds.FixedLenFeature():
                shape = _shape(key, feature)
                if None in shape:
                    raise ValueError(
                        f"All dimensions of shape for feature {key!r} need to be known, not {feature.shape}."
                    )
                self.dense[key] = _default(feature.default_value, _dtype(key, feature), shape), shape
            case kinds.FixedLenSequenceFeature():
                if not feature.allow_missing:
                    raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
                dtype, value = _dtype(key, feature), feature.default_value
                nothing = "" if dtype is dtypes.string else 0
                default = array_ops.reshape(convert(nothing if value is None else value, dtype), [])
                self.dense[key] = default, (None, *_shape(key, feature))
            case _:
                raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key {key!r}")

    def _enter(self, where: dict[str, Any], key: str, types: Any) -> None:
        if where.setdefault(key, types) != types:
            raise ValueError(f"Conflicting type {where[key]} vs {types} for feature {key}.")

    def check(self) -> None:
        """Sees to it that each key is read in one way.

        Raises:
          ValueError: one is not.
        """
        for a, b in ((self.dense, self.sparse), (self.dense, self.ragged), (self.sparse, self.ragged)):
            if a.keys() & b.keys():
                raise ValueError(
                    f"Dense, sparse and ragged keys must not intersect: {sorted(a.keys() & b.keys())} are of two kinds."
                )


def _dtype(key: str, feature: Any) -> DType:
    if not feature.dtype:
        raise ValueError(f"Missing type for feature {key!r}: {feature}.")
    return as_dtype(feature.dtype)


def _shape(key: str, feature: Any) -> tuple[int | None, ...]:
    if feature.shape is None:
        raise ValueError(f"Missing shape for feature {key!r}: {feature}.")
    return tuple(as_shape(feature.shape).as_list())


def _default(value: Any, dtype: DType, shape: tuple[int | None, ...]) -> Tensor:
    if value is None:
        return creation.constant([], dtype)
    return value if isinstance(value, Tensor) else array_ops.reshape(convert(value, dtype), shape)


def _index_keys(feature: Any) -> list[str]:
    return [feature.index_key] if isinstance(feature.index_key, str) else list(feature.index_key)


def parse_example(
    serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """Serialized examples as tensors.

    Args:
      serialized: string Tensor, a vector of serialized `tf.train.Example`s, or one.
      features: for each key what is expected: `tf.io.FixedLenFeature`, `FixedLenSequenceFeature`, `VarLenFeature`,
        `SparseFeature` or `RaggedFeature`.
      example_names: texts of the shape of `serialized`, for errors.
    Returns:
      A dict of a Tensor, SparseTensor or RaggedTensor for each key.
    Raises:
      ValueError: a feature is none, or contradicts another one.
      tf.errors.InvalidArgumentError: a text is no example, misses a feature, or has one of another dtype or shape.
    Example:
      >>> ages = tf.train.Feature(int64_list=tf.train.Int64List(value=[3]))
      >>> example = tf.train.Example(features=tf.train.Features(feature={"age": ages})).SerializeToString()
      >>> tf.io.parse_example([example, example], {"age": tf.io.FixedLenFeature([], tf.int64)})["age"].numpy()
      array([3, 3])
    """
    if not features:
        raise ValueError(f"tf.io.parse_example: features are {features!r}; at least one is needed.")
    plan = _Plan()
    for key in sorted(features):
        plan.add(key, features[key])
    plan.check()
    texts = convert(serialized, dtypes.string)
    if plan.ragged and texts.shape.rank is None:
        raise ValueError("tf.io.parse_example: the number of axes of serialized must be known for ragged features.")
    names = convert([] if example_names is None else example_names, dtypes.string)
    sparse, dense, ragged = (
        creation.constant(list(keys), dtypes.string) for keys in (plan.sparse, plan.dense, plan.ragged)
    )
    found = parse_example_v2(
        texts,
        names,
        sparse,
        dense,
        ragged,
        [default for default, _ in plan.dense.values()],
        len(plan.sparse),
        plan.sparse.values(),
        [types[0] for types in plan.ragged.values()],
        [types[1] for types in plan.ragged.values()],
        [shape for _, shape in plan.dense.values()],
    )
    parsed: dict[str, Any] = dict(zip(plan.dense, found.dense_values, strict=True))
    for i, key in enumerate(plan.sparse):
        parsed[key] = SparseTensor(found.sparse_indices[i], found.sparse_values[i], found.sparse_shapes[i])
    for i, key in enumerate(plan.ragged):
        values = found.ragged_values[i]
        is_one = texts.shape.rank == 0
        parsed[key] = (
            values if is_one else RaggedTensor.from_row_splits(values, found.ragged_row_splits[i], validate=False)
        )
    return {key: _composed(key, feature, parsed) for key, feature in features.items()}


def _composed(key: str, feature: Any, parsed: Mapping[str, Any]) -> Any:
    if isinstance(feature, kinds.SparseFeature):
        return _merged([parsed[k] for k in _index_keys(feature)], parsed[feature.value_key], feature)
    if isinstance(feature, kinds.RaggedFeature):
        return partitioned(key, feature, parsed)
    return parsed[key]


def _merged(indices: list[SparseTensor], values: SparseTensor, feature: Any) -> SparseTensor:
    """Values at indices that other features hold."""
    sizes = feature.size if isinstance(feature.size, (list, tuple)) else [feature.size]
    if len(sizes) != len(indices):
        raise ValueError(f"tf.io.SparseFeature: there are {len(indices)} index keys, but {len(sizes)} sizes.")
    places = [array_ops.expand_dims(x.values, 1) for x in indices]
    whole = join.concat([values.indices[:, :-1], *places], 1)
    shape = join.concat([values.dense_shape[:-1], cast(creation.constant(list(sizes)), dtypes.int64)], 0)
    merged = SparseTensor(whole, values.values, shape)
    return merged if feature.already_sorted else reorder(merged)


def parse_single_example(
    serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """One serialized example as tensors; arguments as in `tf.io.parse_example`.

    Args:
      serialized: string Tensor without axes.
    Raises:
      ValueError: it has axes.
    Example:
      >>> example = tf.train.Example().SerializeToString()
      >>> tf.io.parse_single_example(example, {"age": tf.io.FixedLenFeature([], tf.int64, 7)})["age"].numpy().tolist()
      7
    """
    text = convert(serialized, dtypes.string)
    if text.shape.rank not in (0, None):
        raise ValueError(
            f"tf.io.parse_single_example: Input serialized must be a scalar; its shape is {tuple(text.shape)}."
        )
    return parse_example(text, features, example_names)
