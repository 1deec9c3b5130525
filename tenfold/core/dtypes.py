"""Element types: TensorFlow's names and numbers over NumPy's dtypes."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np


class DType:
    """Type of the elements of a tensor, such as `tf.float32`.

    Attributes:
      name: TensorFlow's name of the type, `"float32"`.
      as_datatype_enum: its number in TensorFlow's files (`DataType` in types.proto).

    Example:
      >>> tf.as_dtype("float32") is tf.float32, tf.float32.size, tf.uint8.max
      (True, 4, 255)
    """

    __slots__ = ("name", "as_datatype_enum", "_np", "_kind", "__weakref__")

    def __init__(self, name: str, enum: int, numpy_type: Any, kind: str) -> None:
        self.name = name
        self.as_datatype_enum = enum
        self._kind = kind
        if numpy_type is not None:
            self._np = np.dtype(numpy_type)
            _BY_NUMPY.setdefault(self._np, self)
        _BY_NAME[name] = _BY_ENUM[enum] = self

    def __getattr__(self, attribute: str) -> Any:
        # Only the narrow types of ml_dtypes leave `_np` unset: their package is imported when first used.
        if attribute != "_np" or self._kind not in ("narrow float", "narrow int", "narrow uint"):
            raise AttributeError(f"tf.{self.name} has no attribute {attribute!r}")
        import ml_dtypes

        self._np = np.dtype(getattr(ml_dtypes, self.name))
        _BY_NUMPY[self._np] = self
        return self._np

    @property
    def as_numpy_dtype(self) -> type:
        """The NumPy scalar type; `object` for strings, whose elements are `bytes`; a dtype of one field for quantized types."""
        if self._kind == "handle":
            raise TypeError(f"tf.{self.name}: has no NumPy type; only numeric types, bool and string have one.")
        if self.is_quantized:
            return self._np  # type: ignore[return-value]  # as in TensorFlow
        return np.object_ if self is string else self._np.type

    @property
    def base_dtype(self) -> DType:
        return self

    @property
    def real_dtype(self) -> DType:
        """The type of the real part of complex types; the type itself otherwise."""
        return {complex64: float32, complex128: float64}.get(self, self)

    @property
    def size(self) -> int:
        """Bytes of one element; 1 for types without a fixed size, as in TensorFlow."""
        return 1 if self._kind in ("string", "handle") else self._np.itemsize

    @property
    def is_floating(self) -> builtins.bool:
        return self._kind in ("float", "narrow float")

    @property
    def is_complex(self) -> builtins.bool:
        return self._kind == "complex"

    @property
    def is_integer(self) -> builtins.bool:
        """Whether the type is a plain (non-quantized) integer."""
        return self._kind in ("int", "uint", "narrow int", "narrow uint")

    @property
    def is_unsigned(self) -> builtins.bool:
        return self._kind in ("uint", "narrow uint")

    @property
    def is_bool(self) -> builtins.bool:
        return self._kind == "bool"

    @property
    def is_numeric(self) -> builtins.bool:
        return self.is_floating or self.is_complex or self.is_integer or self.is_quantized

    @property
    def is_quantized(self) -> builtins.bool:
        return self._kind == "quantized"

    @property
    def is_numpy_compatible(self) -> builtins.bool:
        return self._kind != "handle"

    @property
    def min(self) -> Any:
        """The smallest finite value.

        Raises:
          TypeError: the type has no order (complex, string, handles).
        """
        return self._limit("min")

    @property
    def max(self) -> Any:
        """The largest finite value; see `min`."""
        return self._limit("max")

    @property
    def limits(self) -> tuple[Any, Any]:
        """The range a value of this type has as an image: (0, 1) for floats, else `(min, max)`."""
        if self.is_quantized:
            raise ValueError(f"tf.{self.name}.limits: its elements have no range without a scale.")
        return (0, 1) if self.is_floating else (self.min, self.max)

    def _limit(self, end: str) -> Any:
        if self.is_bool:
            return end == "max"
        if self.is_integer:
            return int(getattr(_info(np.iinfo, self._np), end))
        if self.is_floating:
            return getattr(_info(np.finfo, self._np), end)
        raise TypeError(f"tf.{self.name}.{end}: Cannot find {end}imum value of tf.{self.name}; it has no order.")

    def is_compatible_with(self, other: Any) -> builtins.bool:
        return self is as_dtype(other)

    def is_subtype_of(self, other: Any) -> builtins.bool:
        return self is as_dtype(other)

    def __eq__(self, other: object) -> builtins.bool:
        if self is other:
            return True
        if other is None or isinstance(other, DType):
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    __hash__ = object.__hash__

    def __int__(self) -> int:
        return self.as_datatype_enum

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)

    def __copy__(self) -> DType:
        return self

    def __deepcopy__(self, memo: Any) -> DType:
        return self

    @property
    def dtype(self) -> np.dtype:
        """Lets NumPy accept the type wherever it takes a dtype: `np.zeros(2, tf.float32)`."""
        return np.dtype(object) if self is string else self._np


def _info(of: Any, dtype: np.dtype) -> Any:
    if dtype.kind == "V":
        import ml_dtypes

        return getattr(ml_dtypes, of.__name__)(dtype)
    return of(dtype)


_BY_NUMPY: dict[np.dtype, DType] = {}
_BY_NAME: dict[str, DType] = {}
_BY_ENUM: dict[int, DType] = {}

float32 = DType("float32", 1, np.float32, "float")
float64 = DType("float64", 2, np.float64, "float")
int32 = DType("int32", 3, np.int32, "int")
uint8 = DType("uint8", 4, np.uint8, "uint")
int16 = DType("int16", 5, np.int16, "int")
int8 = DType("int8", 6, np.int8, "int")
string = DType("string", 7, np.object_, "string")
complex64 = DType("complex64", 8, np.complex64, "complex")
int64 = DType("int64", 9, np.int64, "int")
bool = DType("bool", 10, np.bool_, "bool")
qint8 = DType("qint8", 11, [("qint8", np.int8)], "quantized")
quint8 = DType("quint8", 12, [("quint8", np.uint8)], "quantized")
qint32 = DType("qint32", 13, [("qint32", np.int32)], "quantized")
bfloat16 = DType("bfloat16", 14, None, "narrow float")
qint16 = DType("qint16", 15, [("qint16", np.int16)], "quantized")
quint16 = DType("quint16", 16, [("quint16", np.uint16)], "quantized")
uint16 = DType("uint16", 17, np.uint16, "uint")
complex128 = DType("complex128", 18, np.complex128, "complex")
float16 = DType("float16", 19, np.float16, "float")
resource = DType("resource", 20, None, "handle")
variant = DType("variant", 21, None, "handle")
uint32 = DType("uint32", 22, np.uint32, "uint")
uint64 = DType("uint64", 23, np.uint64, "uint")
float8_e5m2 = DType("float8_e5m2", 24, None, "narrow float")
float8_e4m3fn = DType("float8_e4m3fn", 25, None, "narrow float")
float8_e4m3fnuz = DType("float8_e4m3fnuz", 26, None, "narrow float")
float8_e4m3b11fnuz = DType("float8_e4m3b11fnuz", 27, None, "narrow float")
float8_e5m2fnuz = DType("float8_e5m2fnuz", 28, None, "narrow float")
int4 = DType("int4", 29, None, "narrow int")
uint4 = DType("uint4", 30, None, "narrow uint")
int2 = DType("int2", 31, None, "narrow int")
uint2 = DType("uint2", 32, None, "narrow uint")
float4_e2m1fn = DType("float4_e2m1fn", 33, None, "narrow float")
half, double = float16, float64

_ALIASES: dict[Any, DType] = {
    "half": float16,
    "float": float32,
    "double": float64,
    float: float32,
    int: int64,
    builtins.bool: bool,
    complex: complex128,
    str: string,
    bytes: string,
    object: string,
}
_NARROW = {t.name: t for t in _BY_NAME.values() if t._kind.startswith("narrow")}


def as_dtype(type_value: Any) -> DType:
    """Converts a `DType`, a name, an enum number, a NumPy or a Python type to a `DType`.

    Raises:
      TypeError: the value names no TensorFlow type.

    Example:
      >>> tf.as_dtype("half"), tf.as_dtype(np.int64), tf.as_dtype(float)
      (tf.float16, tf.int64, tf.float32)
    """
    if type(type_value) is DType:
        return type_value
    try:
        known = _BY_NAME.get(type_value) or _ALIASES.get(type_value) or _BY_ENUM.get(type_value)
        if known is not None:
            return known
        if type_value is not None:
            # a NumPy class has a `dtype` too, but it is the attribute of its instances
            is_class = isinstance(type_value, type)
            found = from_numpy(np.dtype(type_value if is_class else getattr(type_value, "dtype", type_value)))
            if found is not None:
                return found
    except (TypeError, ValueError):
        pass
    raise TypeError(f"Cannot convert the argument `type_value`: {type_value!r} to a TensorFlow DType.")


def from_numpy(dtype: np.dtype) -> DType | None:
    """The `DType` of a NumPy dtype, or None; text and bytes of any length are `tf.string`."""
    known = _BY_NUMPY.get(dtype)
    if known is None:
        if dtype.kind in "SU":
            return string
        known = _NARROW.get(dtype.name)
        if known is not None and known._np != dtype:
            return None
        if known is None and dtype.newbyteorder("=") != dtype:
            return from_numpy(dtype.newbyteorder("="))
    return known


def is_differentiable(dtype: np.dtype) -> builtins.bool:
    """Whether gradients flow to elements of a dtype: to floats and complex numbers."""
    return dtype.kind in "fc" or (dtype.kind == "V" and _BY_NUMPY[dtype].is_floating)


def integers(array: np.ndarray) -> np.ndarray:
    """The elements of a quantized type, which are a field in NumPy so that nobody adds them up, as plain integers; other arrays as they are."""
    names = array.dtype.names
    return array if names is None else array[names[0]]


# The groups that ops state their inputs in.
FLOATING = frozenset((bfloat16, float16, float32, float64))
COMPLEX = frozenset((complex64, complex128))
INTEGER = frozenset((int8, int16, int32, int64, uint8, uint16, uint32, uint64))
NUMERIC = FLOATING | COMPLEX | INTEGER
REAL = FLOATING | INTEGER
QUANTIZED = QUANTIZED_DTYPES = frozenset((qint8, quint8, qint16, quint16, qint32))
