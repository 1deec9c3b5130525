"""Type specs: what is known of a value before there is one. `TensorSpec` describes a tensor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype, float32
from tenfold.core.shapes import TensorShape, as_shape, broadcast_static_shape
from tenfold.core.tensor import Tensor


class TypeSpec(ABC):
    """Description of a value of several tensors, such as `tf.IndexedSlices`; subclasses describe one class each.

    A subclass defines `value_type`, `_serialize()` (its constructor's arguments), `_component_specs` (nested specs of
    the tensors a value is made of), `_to_components(value)` and `_from_components(components)`. All else follows.

    Example:
      >>> isinstance(tf.TensorSpec([2]), tf.TypeSpec)
      True
    """

    __slots__ = ()

    @property
    @abstractmethod
    def value_type(self) -> Any:
        """The class of the described values."""

    @property
    @abstractmethod
    def _component_specs(self) -> Any: ...

    @abstractmethod
    def _serialize(self) -> tuple: ...

    @abstractmethod
    def _to_components(self, value: Any) -> Any: ...

    @abstractmethod
    def _from_components(self, components: Any) -> Any: ...

    @classmethod
    def _deserialize(cls, serialization: Sequence[Any]) -> Any:
        return cls(*serialization)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a value could be described by both this spec and the other one, or is described by this spec.

        Args:
          spec_or_value: TypeSpec, or a value.
        """
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else _own_spec(spec_or_value)
        return type(other) is type(self) and _holds_for_all(
            lambda a, b: a.is_compatible_with(b) if hasattr(a, "is_compatible_with") else _key(a) == _key(b),
            self,
            other,
        )

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every value this spec describes is also described by `other`.

        Example:
          >>> tf.TensorSpec([2]).is_subtype_of(tf.TensorSpec([None]))
          True
        """
        return type(other) is type(self) and _holds_for_all(
            lambda a, b: a.is_subtype_of(b) if hasattr(a, "is_subtype_of") else _key(a) == _key(b), self, other
        )

    def most_specific_common_supertype(self, others: Sequence[Any]) -> Any:
        """The most precise spec that describes what this one and all `others` describe, or None if there is none.

        Example:
          >>> tf.TensorSpec([2, 3]).most_specific_common_supertype([tf.TensorSpec([2, 4])])
          TensorSpec(shape=(2, None), dtype=tf.float32, name=None)
        """
        if any(type(other) is not type(self) or not _same_layout(self, other) for other in others):
            return None
        mine = self._serialize()
        merged = []
        for attribute, *rest in zip(*[nest.flatten(s) for s in (mine, *(o._serialize() for o in others))], strict=True):
            if hasattr(attribute, "most_specific_common_supertype"):
                common = attribute.most_specific_common_supertype(rest)
                if common is None:
                    return None
                merged.append(common)
            elif all(_key(other) == _key(attribute) for other in rest):
                merged.append(attribute)
            else:
                return None
        return self._deserialize(nest.pack_sequence_as(mine, merged))

    def most_specific_compatible_type(self, other: TypeSpec) -> Any:
        """The most precise spec that describes what both describe.

        Raises:
          ValueError: there is none.
        """
        result = self.most_specific_common_supertype([other])
        if result is None:
            raise ValueError(f"No TypeSpec is compatible with both {self} and {other}")
        return result

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _key(self._serialize()) == _key(other._serialize())  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), _key(self._serialize())))

    def __reduce__(self) -> tuple:
        return type(self)._deserialize, (self._serialize(),)

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._serialize()!r}"


def _key(value: Any) -> Any:
    """A hashable stand-in for an attribute of a spec; equal ones stand for equal attributes."""
    if isinstance(value, (tuple, list)):
        return (type(value), *[_key(item) for item in value])
    if isinstance(value, dict):
        return frozenset((key, _key(item)) for key, item in value.items())
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype, value.tobytes()
    return value


def _same_layout(a: TypeSpec, b: TypeSpec) -> bool:
    try:
        nest.assert_same_structure(a._serialize(), b._serialize())
    except (TypeError, ValueError):
        return False
    return True


def _holds_for_all(predicate: Any, a: TypeSpec, b: TypeSpec) -> bool:
    """Whether the layouts of two specs of one class agree and the predicate holds for each pair of attributes."""
    return _same_layout(a, b) and all(
        predicate(x, y) for x, y in zip(nest.flatten(a._serialize()), nest.flatten(b._serialize()), strict=True)
    )


def _own_spec(value: Any) -> TypeSpec | None:
    """The spec that a tensor or composite tensor has by itself; None for any other value."""
    if isinstance(value, Tensor):
        return TensorSpec(value.shape, value.dtype)
    return getattr(value, "_type_spec", None)


class TensorSpec(TypeSpec):
    """Description of a tensor: for `input_signature`, `tf.data` and the shapes of an op's results.

    Args:
      shape: TensorShape or what makes one; None where nothing is known.
      dtype: DType or what makes one.
      name: str or None.
    Attributes:
      shape: TensorShape.
      dtype: DType.
      name: str or None.
    Example:
      >>> spec = tf.TensorSpec([None, 3], tf.int32)
      >>> spec.is_compatible_with(tf.constant([[1, 2, 3]]))
      True
    """

    __slots__ = ("_shape", "_dtype", "_name")

    _component_specs = None  # no components: for `nest` a leaf

    def __init__(self, shape: Any, dtype: Any = float32, name: str | None = None) -> None:
        self._shape = as_shape(shape)
        self._dtype = as_dtype(dtype)
        self._name = name

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """A TensorSpec with shape, dtype and name of another spec; `name` wins over the other's.

        Example:
          >>> tf.TensorSpec.from_spec(tf.TensorSpec([2], tf.int32), name="n")
          TensorSpec(shape=(2,), dtype=tf.int32, name='n')
        """
        return cls(spec.shape, spec.dtype, name or getattr(spec, "name", None))

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec that describes a tensor.

        Raises:
          ValueError: `tensor` is no tf.Tensor.
        Example:
          >>> tf.TensorSpec.from_tensor(tf.constant([1.0, 2.0]))
          TensorSpec(shape=(2,), dtype=tf.float32, name=None)
        """
        if not isinstance(tensor, Tensor):
            raise ValueError(
                f"tf.TensorSpec.from_tensor: tensor has type {type(tensor).__name__}; it must be a tf.Tensor. "
                "Use tf.convert_to_tensor."
            )
        return cls(tensor.shape, tensor.dtype, name)

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def name(self) -> str | None:
        return self._name

    @property
    def value_type(self) -> Any:
        return Tensor

    def _serialize(self) -> tuple:
        return self._shape, self._dtype, self._name

    def _to_components(self, value: Any) -> Any:
        return value

    def _from_components(self, components: Any) -> Any:
        return components

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Whether dtype and shape of a TensorSpec or tensor fit this one's; names do not matter."""
        return (
            isinstance(spec_or_tensor, (TensorSpec, Tensor))
            and self._dtype is spec_or_tensor.dtype
            and self._shape.is_compatible_with(spec_or_tensor.shape)
        )

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every tensor this spec describes is also described by `other`; a name is told from other names."""
        return (
            isinstance(other, TensorSpec)
            and (self._name is None or self._name == other._name)
            and self._dtype is other._dtype
            and self._shape.is_subtype_of(other._shape)
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})"


class BoundedTensorSpec(TensorSpec):
    """A TensorSpec whose elements lie between bounds.

    Args:
      shape: TensorShape or what makes one.
      dtype: DType or what makes one.
      minimum: number or array that broadcasts to `shape`; the bounds belong to the range.
      maximum: likewise.
      name: str or None.
    Raises:
      ValueError: a bound is None or does not broadcast to `shape`.
    """

    __slots__ = ("_minimum", "_maximum")

    def __init__(self, shape: Any, dtype: Any, minimum: Any, maximum: Any, name: str | None = None) -> None:
        super().__init__(shape, dtype, name)
        self._minimum = self._bound("minimum", minimum)
        self._maximum = self._bound("maximum", maximum)

    def _bound(self, which: str, value: Any) -> np.ndarray:
        if value is None:
            raise ValueError(f"tf.BoundedTensorSpec: {which} is None; it must be a number or an array.")
        bound: np.ndarray = np.array(value, self._dtype.as_numpy_dtype)
        try:
            broadcast_static_shape(bound.shape, self._shape)
        except ValueError:
            raise ValueError(
                f"tf.BoundedTensorSpec: {which} has shape {bound.shape}, which is not compatible with shape "
                f"{self._shape}; it must broadcast to it."
            ) from None
        bound.flags.writeable = False
        return bound

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> BoundedTensorSpec:
        """A bounded spec like another spec, with its bounds, or the range of its dtype if it has none."""
        dtype = as_dtype(spec.dtype)
        minimum, maximum = getattr(spec, "minimum", None), getattr(spec, "maximum", None)
        return cls(
            spec.shape,
            dtype,
            dtype.min if minimum is None else minimum,
            dtype.max if maximum is None else maximum,
            name or getattr(spec, "name", None),
        )

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> BoundedTensorSpec:
        return cls.from_spec(TensorSpec.from_tensor(tensor, name))

    @property
    def minimum(self) -> np.ndarray:
        """The lower bounds, a read-only array of the spec's dtype."""
        return self._minimum

    @property
    def maximum(self) -> np.ndarray:
        """The upper bounds, a read-only array of the spec's dtype."""
        return self._maximum

    def _serialize(self) -> tuple:
        return self._shape, self._dtype, self._minimum, self._maximum, self._name

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, minimum={self._minimum!r}, maximum={self._maximum!r})"


def type_spec_from_value(value: Any) -> TypeSpec:
    """The spec that describes a value: a tensor, a composite tensor, or what can be converted to a tensor.

    Raises:
      TypeError: no spec describes the value.
    Example:
      >>> tf.type_spec_from_value([[1, 2, 3]])
      TensorSpec(shape=(1, 3), dtype=tf.int32, name=None)
    """
    spec = _own_spec(value)
    if spec is not None:
        return spec
    try:
        tensor = convert(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"tf.type_spec_from_value: Could not build a TypeSpec for a value of type {type(value).__name__}; "
            "it must be a tensor or convertible to one."
        ) from None
    return TensorSpec(tensor.shape, tensor.dtype)
