"""The conversion of Python and NumPy values to tensors, by the type of the value.

TensorFlow's rules: a tensor keeps its dtype, an array or NumPy scalar is cast to whatever dtype is asked for, and a
Python value only to one that can hold its kind of number. Nested sequences are in `core/sequences.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core import aligned, dtypes
from tenfold.core.context import traced_graph
from tenfold.core.dtypes import DType
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor, wrap

Converter = Callable[[Any, DType | None, DType | None], Tensor]
_REGISTERED: dict[type, Converter] = {}
_CONVERTERS: dict[type, Converter] = {}  # what was found for each exact type
_TENSOR_LIKE: dict[type, bool] = {Tensor: True}  # whether values of a type have a dtype of their own


def register_converter(cls: type, converter: Converter, is_tensor_like: bool = False) -> None:
    """Lets values of `cls` and its subclasses stand where a tensor is expected.

    Args:
      cls: the type.
      converter: `converter(value, dtype, hint)`, with the dtypes of `convert`.
      is_tensor_like: whether the values have a `dtype` that other values follow.
    """
    _REGISTERED[cls] = converter
    _TENSOR_LIKE[cls] = is_tensor_like
    _CONVERTERS.clear()


def convert(value: Any, dtype: DType | None = None, hint: DType | None = None) -> Tensor:
    """The tensor that stands for `value` in an op.

    Args:
      value: tensor, variable, array, Python number, string or nested sequence of these.
      dtype: type the result must have; a tensor of another type is an error, a Python or NumPy value is converted.
      hint: type to prefer where the value itself leaves it open; ignored where the value does not fit it.
    Raises:
      ValueError, TypeError: the value cannot be a tensor, or not one of this dtype.
    """
    cls = type(value)
    if cls is Tensor:
        if dtype is not None and value._array.dtype is not dtype._np and value.dtype is not dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {value!r}"
            )
        return value
    converter = _CONVERTERS.get(cls)
    if converter is None:
        converter = _CONVERTERS[cls] = _find_converter(cls)
    return converter(value, dtype, hint)


def is_tensor_like(cls: type) -> bool:
    """Whether values of a type are tensors, variables or others with a dtype that the values beside them follow."""
    known = _TENSOR_LIKE.get(cls)
    if known is None:
        known = _TENSOR_LIKE[cls] = any(_TENSOR_LIKE.get(base, False) for base in cls.__mro__)
    return known


def register_tensor_conversion_function(base_type: Any, conversion_func: Callable, priority: int = 100) -> None:
    """Registers how values of a type, or a tuple of types, and of its subclasses become tensors.

    Args:
      base_type: the type, or a tuple of types.
      conversion_func: called with `(value, dtype, name, as_ref)`; returns a tensor of that dtype if it is not None, or
        NotImplemented to leave the value to the next function.
      priority: the functions of a value are tried in the order of their priorities, smallest first; those below 100
        come before the built-in conversions of lists and variables.
    Raises:
      TypeError: it is not a type, or one of Python's or NumPy's numbers, or the function cannot be called.
    Example:
      >>> class Celsius:
      ...     degrees = 20.0
      >>> tf.register_tensor_conversion_function(
      ...     Celsius, lambda value, dtype=None, name=None, as_ref=False: tf.constant(value.degrees, dtype))
      >>> print((tf.constant(1.0) + Celsius()).numpy())
      21.0
    """
    types = base_type if isinstance(base_type, tuple) else (base_type,)
    if not types or not all(isinstance(cls, type) for cls in types):
        raise TypeError(f"Argument `base_type` must be a type or a tuple of types. Obtained: {base_type}")
    if any(issubclass(cls, (int, float, np.generic, np.ndarray)) for cls in types):
        raise TypeError("Cannot register conversions for Python numeric types and NumPy scalars and arrays.")
    if not callable(conversion_func):
        raise TypeError(f"Argument `conversion_func` must be callable. Received {conversion_func}.")
    _FUNCTIONS.append((priority, types, conversion_func))
    _FUNCTIONS.sort(key=lambda entry: entry[0])
    _CONVERTERS.clear()


_FUNCTIONS: list[tuple[int, tuple[type, ...], Callable]] = []  # those of users, by priority
_BUILT_IN_PRIORITY = 100


def _find_converter(cls: type) -> Converter:
    built_in = _find_built_in_converter(cls)
    functions = [
        function
        for priority, types, function in _FUNCTIONS
        if issubclass(cls, types) and (priority < _BUILT_IN_PRIORITY or built_in is refuse)
    ]
    if not functions:
        return built_in

    def converter(value: Any, dtype: DType | None, hint: DType | None) -> Tensor:
        for function in functions:
            result = _call(function, value, dtype, hint)
            if result is not NotImplemented:
                return result
        return built_in(value, dtype, hint)

    return converter


def _call(function: Callable, value: Any, dtype: DType | None, hint: DType | None) -> Any:
    """What a user's function makes of a value; the hint is tried first and dropped if the function cannot follow it."""
    if dtype is None and hint is not None:
        try:
            result = function(value, dtype=hint, name=None, as_ref=False)
        except (TypeError, ValueError):
            result = NotImplemented
        if result is not NotImplemented:
            return _checked(function, result)
    result = function(value, dtype=dtype, name=None, as_ref=False)
    return result if result is NotImplemented else _checked(function, result, dtype)


def _checked(function: Callable, result: Any, dtype: DType | None = None) -> Tensor:
    if not isinstance(result, Tensor):
        raise RuntimeError(f"Conversion function {function!r} returned no tensor: {result!r}")
    if dtype is not None and result.dtype is not dtype:
        raise RuntimeError(
            f"Conversion function {function!r} returned incompatible dtype: requested = {dtype.name}, "
            f"actual = {result.dtype.name}"
        )
    return result


def _find_built_in_converter(cls: type) -> Converter:
    for base in cls.__mro__[:-1]:
        if base in _REGISTERED:
            return _REGISTERED[base]
    if hasattr(cls, "__tf_tensor__"):
        return _from_protocol
    if hasattr(cls, "__array__") or hasattr(cls, "__array_interface__"):
        return lambda value, dtype, hint: _from_array(np.asarray(value), dtype, hint)
    if issubclass(cls, Sequence):
        return lambda value, dtype, hint: convert(list(value), dtype, hint)
    return refuse


def refuse(value: Any, dtype: DType | None, hint: DType | None) -> Tensor:
    text = f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)!r}) to a Tensor."
    raise ValueError(text) if value is None else unfit(text)


def unfit(text: str) -> Exception:
    """The error for what no tensor can be made of: a TypeError while a function is traced."""
    return TypeError(text) if traced_graph() is not None else ValueError(text)


def _from_protocol(value: Any, dtype: DType | None, hint: DType | None) -> Tensor:
    """`__tf_tensor__(dtype, name)`, by which any class may say what tensor it is."""
    return convert(value.__tf_tensor__(dtype, None), dtype)


def cannot(value: Any, dtype: DType) -> TypeError:
    return TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")


# Arrays.


def _from_array(array: np.ndarray, dtype: DType | None, hint: DType | None) -> Tensor:
    """A tensor with a copy of the array, which its owner may go on writing to."""
    found = dtypes._BY_NUMPY.get(array.dtype)
    target = dtype or hint
    if found is None or found is dtypes.string:
        return _from_unusual_array(array, dtype, hint)
    if target is None or target is found:
        return wrap(aligned.copy(array))
    if target is dtypes.string:
        if dtype is not None:
            raise ValueError(f"Cannot convert an array of {array.dtype} to EagerTensor of dtype string")
        return wrap(aligned.copy(array))
    if array.dtype.kind == "c" and target._kind != "complex":
        array = array.real if target is not dtypes.bool else array != 0
    return wrap(array.astype(target._np, "C"))


def _from_unusual_array(array: np.ndarray, dtype: DType | None, hint: DType | None) -> Tensor:
    """Text, objects, and types that TensorFlow has not or in the other byte order."""
    found = dtypes.from_numpy(array.dtype)
    if found is None:
        raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type: {array.dtype}).")
    if found is not dtypes.string:
        return _from_array(array.astype(found._np), dtype, hint)
    if dtype in (None, dtypes.string):
        return wrap(as_bytes(array))
    try:
        return wrap(array.astype(dtype._np))
    except (TypeError, ValueError) as error:
        raise ValueError(f"Cannot convert an array of {array.dtype} to EagerTensor of dtype {dtype.name}") from error


def as_bytes(array: np.ndarray) -> np.ndarray:
    result = np.empty(array.shape, object)
    flat = result.reshape(-1)
    for i, item in enumerate(array.reshape(-1).tolist()):
        if isinstance(item, str):
            item = item.encode()
        elif not isinstance(item, bytes):
            raise ValueError(
                f"Failed to convert a NumPy array to a Tensor (Unsupported object type {type(item).__name__})."
            )
        flat[i] = bytes(item)
    return result


# Single Python values.

_FLOAT_TARGETS = ("float", "narrow float", "complex")
_BOOL_TARGETS = frozenset(
    (
        dtypes.bool,
        dtypes.int32,
        dtypes.int64,
        dtypes.uint64,
        dtypes.float16,
        dtypes.float32,
        dtypes.float64,
        dtypes.complex128,
    )
)


def fits(kind: str, dtype: DType) -> bool:
    """Whether Python values of a kind (`b i f c S`) may become elements of a dtype."""
    if kind == "f":
        return dtype._kind in _FLOAT_TARGETS
    if kind == "i":
        return dtype._kind not in ("string", "bool")
    if kind == "b":
        return dtype in _BOOL_TARGETS
    if kind == "c":
        return dtype._kind == "complex"
    return dtype is dtypes.string


def _from_float(value: float, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is None:
        dtype = hint if hint is not None and hint._kind in _FLOAT_TARGETS else dtypes.float32
    elif dtype._kind not in _FLOAT_TARGETS:
        raise cannot(value, dtype)
    return wrap(np.array(value, dtype._np))


def _from_int(value: int, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is None:
        if hint is not None and hint._kind not in ("string", "bool"):
            dtype = hint
        else:
            dtype = dtypes.int32 if -(2**31) <= value < 2**31 else dtypes.int64
    elif dtype._kind in ("string", "bool"):
        raise cannot(value, dtype)
    try:
        return wrap(np.array(value, dtype._np))
    except OverflowError:
        return wrap(wrapped_around(value, dtype))


def wrapped_around(value: Any, dtype: DType) -> np.ndarray:
    """An array of Python integers beyond the range of the dtype, modulo its size as in C."""
    try:
        if dtype is not dtypes.uint64:
            return np.array(value, np.int64).astype(dtype._np)
    except OverflowError:
        pass
    raise unfit(f"Can't convert Python sequence with out-of-range integer to Tensor of dtype {dtype.name}.")


def _from_bool(value: bool, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is None:
        dtype = hint if hint is not None and hint in _BOOL_TARGETS else dtypes.bool
    elif dtype not in _BOOL_TARGETS:
        raise cannot(value, dtype)
    return wrap(np.array(value, dtype._np))


def _from_complex(value: complex, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is None:
        dtype = hint if hint is not None and hint.is_complex else dtypes.complex128
    elif not dtype.is_complex:
        raise cannot(value, dtype)
    return wrap(np.array(value, dtype._np))


def _from_text(value: str | bytes, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is not None and dtype is not dtypes.string:
        raise cannot(value, dtype)
    array = np.empty((), object)
    array[()] = value.encode() if isinstance(value, str) else bytes(value)
    return wrap(array)


def _from_shape(value: TensorShape, dtype: DType | None, hint: DType | None) -> Tensor:
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {value} to a Tensor.")
    if dtype not in (None, dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert TensorShape {value} to dtype {dtype.name}. Allowed are tf.int32 and tf.int64.")
    dtype = dtype or (hint if hint is dtypes.int64 else dtypes.int32)
    sizes = np.array(value.as_list(), np.int64)
    return wrap(sizes if (sizes >= 2**31).any() else sizes.astype(dtype._np))


_BUILT_IN: dict[type, Converter] = {
    float: _from_float,
    int: _from_int,
    bool: _from_bool,
    complex: _from_complex,
    str: _from_text,
    bytes: _from_text,
    type(None): refuse,
    np.ndarray: lambda value, dtype, hint: _from_array(np.asarray(value), dtype, hint),
    np.generic: lambda value, dtype, hint: _from_array(np.asarray(value), dtype, hint),
    range: lambda value, dtype, hint: convert(list(value) or np.array([], np.int32), dtype, hint),
    TensorShape: _from_shape,
}
for _cls, _converter in _BUILT_IN.items():
    register_converter(_cls, _converter)
