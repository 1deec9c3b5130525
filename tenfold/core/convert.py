"""The conversion of Python and NumPy values to tensors, by the type of the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor, wrap

Converter = Callable[[Any, DType | None, DType | None], Tensor]
_REGISTERED: dict[type, Converter] = {}
_CONVERTERS: dict[type, Converter] = {}  # what was found for each exact type


def register_converter(cls: type, converter: Converter) -> None:
    """Lets values of `cls` and its subclasses stand where a tensor is expected: `converter(value, dtype, hint)`."""
    _REGISTERED[cls] = converter
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
        if dtype is not None and value._array.dtype is not dtype._np:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {value!r}"
            )
        return value
    converter = _CONVERTERS.get(cls)
    if converter is None:
        converter = _CONVERTERS[cls] = _find_converter(cls)
    return converter(value, dtype, hint)


def _find_converter(cls: type) -> Converter:
    for base in cls.__mro__[:-1]:
        if base in _REGISTERED:
            return _REGISTERED[base]
    if hasattr(cls, "__tf_tensor__"):
        return lambda value, dtype, hint: value.__tf_tensor__(dtype)
    if hasattr(cls, "__array__") or hasattr(cls, "__array_interface__"):
        return lambda value, dtype, hint: _from_array(np.asarray(value), dtype, hint)
    raise ValueError(f"Attempt to convert a value of unsupported type ({cls!r}) to a Tensor.")


def _from_array(array: np.ndarray, dtype: DType | None, hint: DType | None) -> Tensor:
    """A tensor with a copy of the array, which its owner may go on writing to."""
    target = dtype or hint
    found = dtypes.from_numpy(array.dtype)
    if found is dtypes.string:
        if target not in (None, dtypes.string):
            if dtype is None:
                target = dtypes.string
            else:
                raise TypeError(f"Cannot convert an array of {array.dtype} to EagerTensor of dtype {dtype.name}")
        return wrap(_as_bytes(array))
    if found is None:
        raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type {array.dtype}).")
    if target is None or target is found:
        return wrap(np.array(array, dtype=found._np, copy=True, order="C"))
    if target is dtypes.string:
        if dtype is not None:
            raise TypeError(f"Cannot convert an array of {array.dtype} to EagerTensor of dtype string")
        return wrap(np.array(array, dtype=found._np, copy=True, order="C"))
    if array.dtype.kind == "c" and target._kind != "complex":
        raise TypeError(f"Cannot convert an array of {array.dtype} to EagerTensor of dtype {target.name}")
    with np.errstate(all="ignore"):
        return wrap(np.array(array, dtype=target._np, copy=True, order="C"))


def _as_bytes(array: np.ndarray) -> np.ndarray:
    result = np.empty(array.shape, object)
    flat = result.reshape(-1)
    for i, item in enumerate(array.reshape(-1).tolist() if array.dtype.kind != "O" else array.reshape(-1)):
        if type(item) is str:
            item = item.encode()
        elif not isinstance(item, bytes):
            if not isinstance(item, str):
                raise ValueError(
                    f"Failed to convert a NumPy array to a Tensor (Unsupported object type {type(item).__name__})."
                )
            item = item.encode()
        flat[i] = bytes(item)
    return result


def _from_float(value: float, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is None:
        dtype = hint if hint is not None and hint._kind in ("float", "narrow float", "complex") else dtypes.float32
    elif dtype._kind not in ("float", "narrow float", "complex"):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    return wrap(np.array(value, dtype._np))


def _from_int(value: int, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is None:
        if hint is not None and hint._kind not in ("string", "bool"):
            dtype = hint
        else:
            dtype = dtypes.int32 if -(2**31) <= value < 2**31 else dtypes.int64
    elif dtype._kind in ("string", "bool"):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    try:
        return wrap(np.array(value, dtype._np))
    except OverflowError:
        if dtype in (dtypes.int64, dtypes.uint64):
            raise ValueError(
                f"Can't convert Python integer {value} to a Tensor: it is out of the range of {dtype.name}."
            ) from None
        return wrap(np.array(value).astype(dtype._np))


def _from_bool(value: bool, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is not None and dtype is not dtypes.bool:
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    return wrap(np.array(value))


def _from_complex(value: complex, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is None:
        dtype = hint if hint is not None and hint.is_complex else dtypes.complex128
    elif not dtype.is_complex:
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    return wrap(np.array(value, dtype._np))


def _from_text(value: str | bytes, dtype: DType | None, hint: DType | None) -> Tensor:
    if dtype is not None and dtype is not dtypes.string:
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    array = np.empty((), object)
    array[()] = value.encode() if isinstance(value, str) else bytes(value)
    return wrap(array)


def _from_none(value: None, dtype: DType | None, hint: DType | None) -> Tensor:
    raise ValueError("Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.")


def _from_sequence(value: Any, dtype: DType | None, hint: DType | None) -> Tensor:
    leaf = value
    while isinstance(leaf, (list, tuple)) and len(leaf):
        leaf = leaf[0]
    if _holds_tensors(value):
        return _pack(value, dtype, hint)
    if isinstance(leaf, (list, tuple)):  # no element at all
        return wrap(np.empty(np.shape(value), (dtype or hint or dtypes.float32)._np))
    try:
        array = np.array(value)
    except ValueError:
        raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from None
    kind, first = array.dtype.kind, type(leaf)
    if kind == "O" and not issubclass(first, (str, bytes)):
        if issubclass(first, (int, float, complex, np.number)):
            is_large = all(isinstance(x, int) for x in array.flat)
            what = "out-of-range integer" if is_large else "mixed types"
            raise ValueError(f"Can't convert Python sequence with {what} to Tensor.")
        raise ValueError(f"Attempt to convert a value ({leaf!r}) with an unsupported type ({first!r}) to a Tensor.")
    if issubclass(first, (str, bytes)) != (kind in "SUO") or (issubclass(first, (bool, np.bool_)) != (kind == "b")):
        raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    if kind in "SUO":
        if dtype is not None and dtype is not dtypes.string:
            raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
        array = np.empty(array.shape, object)
        _fill(array, value)
        return wrap(array)
    if dtype is not None:
        allowed = {"b": ("bool",), "f": ("float", "narrow float", "complex"), "c": ("complex",)}.get(kind)
        fits = dtype._kind in allowed if allowed else dtype._kind not in ("string", "bool")
        if not fits and not isinstance(leaf, (np.generic, np.ndarray)):
            raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
        with np.errstate(all="ignore"):
            return wrap(array.astype(dtype._np))
    if isinstance(leaf, (np.generic, np.ndarray)):
        if hint is not None:
            return _from_array(array, None, hint)
        return wrap(array.astype(leaf.dtype, copy=False) if kind == leaf.dtype.kind else array)
    return wrap(_default_type(array, hint))


def _default_type(array: np.ndarray, hint: DType | None) -> np.ndarray:
    """Gives an array of Python numbers the type TensorFlow gives it: int32 and float32, unless the hint fits."""
    kind = array.dtype.kind
    if kind == "f":
        is_fit = hint is not None and hint._kind in ("float", "narrow float", "complex")
        return array.astype(hint._np if is_fit else np.float32)
    if kind in "iu":
        if hint is not None and hint._kind not in ("string", "bool"):
            return array.astype(hint._np)
        if array.dtype == np.uint64:
            raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor.")
        narrow = array.astype(np.int32)
        return narrow if np.array_equal(narrow, array) else array
    return array


def _fill(array: np.ndarray, value: Any) -> None:
    if isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            if isinstance(item, (list, tuple)):
                _fill(array[i], item)
            elif isinstance(item, (str, bytes)):
                array[i] = item.encode() if isinstance(item, str) else bytes(item)
            else:
                raise ValueError("Can't convert Python sequence with mixed types to Tensor.")


def _holds_tensors(value: Any) -> bool:
    for item in value:
        if isinstance(item, Tensor) or (type(item) not in _PLAIN and _is_tensor_like(item)):
            return True
        if isinstance(item, (list, tuple)) and _holds_tensors(item):
            return True
    return False


_PLAIN = frozenset((int, float, bool, str, bytes, complex, list, tuple, np.ndarray, type(None)))


def _is_tensor_like(item: Any) -> bool:
    return hasattr(type(item), "_read") or hasattr(type(item), "__tf_tensor__")


def _pack(value: Any, dtype: DType | None, hint: DType | None) -> Tensor:
    """A sequence with tensors in it is stacked, so that gradients flow to them."""
    if dtype is None:
        dtype = _first_dtype(value)
    try:
        return stack([convert(item, dtype) for item in value])
    except InvalidArgumentError:
        raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from None


stack: Callable[[list[Tensor]], Tensor]  # the op; set by ops/array.py, where it is defined


def _first_dtype(value: Any) -> DType | None:
    for item in value:
        if isinstance(item, (list, tuple)):
            found = _first_dtype(item)
            if found is not None:
                return found
        elif isinstance(item, Tensor) or _is_tensor_like(item):
            return item.dtype
    return None


for _cls, _converter in {
    Tensor: lambda value, dtype, hint: value,
    float: _from_float,
    int: _from_int,
    bool: _from_bool,
    complex: _from_complex,
    str: _from_text,
    bytes: _from_text,
    type(None): _from_none,
    list: _from_sequence,
    tuple: _from_sequence,
    range: lambda value, dtype, hint: _from_sequence(list(value), dtype, hint),
    np.ndarray: _from_array,
    np.generic: lambda value, dtype, hint: _from_array(np.asarray(value), dtype, hint),
    TensorShape: lambda value, dtype, hint: _from_shape(value, dtype, hint),
}.items():
    register_converter(_cls, _converter)


def _from_shape(value: TensorShape, dtype: DType | None, hint: DType | None) -> Tensor:
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {value} to a Tensor.")
    sizes = value.as_list()
    return _from_sequence(sizes, dtype, hint) if sizes else wrap(np.empty(0, (dtype or dtypes.int32)._np))
