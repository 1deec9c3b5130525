"""Values in TensorFlow's messages: shapes, tensors and attributes, to and from Python's."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype, from_numpy
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Size
from tenfold.protos import graph as messages

_STRING = as_dtype("string").as_datatype_enum
Shape = Sequence[Any] | None  # sizes; what is no int is unknown

# The field of a TensorProto that has the elements, where it is not `tensor_content`.
_FIELDS = {
    "float32": "float_val", "float64": "double_val", "int32": "int_val", "uint8": "int_val", "int16": "int_val", "int8": "int_val",
    "string": "string_val", "complex64": "scomplex_val", "int64": "int64_val", "bool": "bool_val", "bfloat16": "half_val",
    "uint16": "int_val", "complex128": "dcomplex_val", "float16": "half_val", "uint32": "uint32_val", "uint64": "uint64_val",
    "qint8": "int_val", "quint8": "int_val", "qint32": "int_val", "qint16": "int_val", "quint16": "int_val",
    "int4": "int_val", "uint4": "int_val", "int2": "int_val", "uint2": "int_val",
    "float8_e5m2": "float8_val", "float8_e4m3fn": "float8_val", "float8_e4m3fnuz": "float8_val", "float8_e4m3b11fnuz": "float8_val",
    "float8_e5m2fnuz": "float8_val",
}  # fmt: skip


def shape_message(shape: Shape) -> Any:
    if shape is None:
        return messages.TensorShapeProto(unknown_rank=True)
    message = messages.TensorShapeProto()
    for size in shape:
        message.dim.add(size=-1 if size is None or type(size) is Size else int(size))
    return message


def shape_of(message: Any) -> Any:
    """The sizes in a message; None for a size or a number of axes that is unknown."""
    if message.unknown_rank:
        return None
    if any(dim.size < -1 for dim in message.dim):
        raise ValueError(f"a shape has the sizes {[dim.size for dim in message.dim]}; the file is damaged.")
    return [None if dim.size == -1 else dim.size for dim in message.dim]


def dtype_numbered(number: int) -> DType:
    """The dtype of a number in a file."""
    try:
        return as_dtype(number)
    except TypeError:
        raise ValueError(f"the file has a tensor of type number {number}, which Tenfold does not know.") from None


def dtype_of(x: Any) -> DType:
    """The dtype of an array or symbol.

    Raises:
      NotImplementedError: files have none such.
    """
    known = from_numpy(x.dtype)
    if known is None:
        raise NotImplementedError(f"a value of dtype {x.dtype} cannot be written to TensorFlow's files.")
    return known


def tensor_message(array: np.ndarray) -> Any:
    """A TensorProto with the elements of an array."""
    array = np.asarray(array)
    message = messages.TensorProto(dtype=dtype_of(array).as_datatype_enum, tensor_shape=shape_message(array.shape))
    if message.dtype == _STRING:
        message.string_val.extend([x if isinstance(x, bytes) else str(x).encode() for x in array.reshape(-1)])
    elif array.size:
        little = array.astype(array.dtype.newbyteorder("<")) if array.dtype.isbuiltin == 1 else array
        message.tensor_content = np.ascontiguousarray(little).tobytes()
    return message


def array_of(message: Any) -> np.ndarray:
    """The array in a TensorProto.

    Raises:
      ValueError: it does not hold what its shape says.
    """
    dtype, shape = dtype_numbered(message.dtype), shape_of(message.tensor_shape)
    field = _FIELDS.get(dtype.name)
    if shape is None or None in shape or field is None:
        raise ValueError(f"a constant is {dtype.name} of shape {shape}; Tenfold reads none such.")
    count = prod(shape)  # type: ignore[arg-type]
    if message.tensor_content:
        if dtype.name == "string":
            raise ValueError("a constant has its strings as bytes of memory; the file is damaged.")
        of_file = dtype._np.newbyteorder("<") if dtype._np.isbuiltin == 1 else dtype._np
        if len(message.tensor_content) != count * of_file.itemsize:
            raise ValueError(
                f"a constant of shape {tuple(shape)} and dtype {dtype.name} has {len(message.tensor_content)} bytes; the file is damaged."
            )
        return np.frombuffer(message.tensor_content, of_file).reshape(shape).astype(dtype._np)
    found = _elements(dtype, getattr(message, field))
    if len(found) > count or (not len(found) and count > _MOST_ZEROS):
        raise ValueError(f"a constant of shape {tuple(shape)} has {len(found)} elements; the file is damaged.")
    if len(found) < count:  # the last one stands for the rest
        last = (
            found[-1:] if len(found) else _elements(dtype, [b"" if dtype.name == "string" else 0] * _per_element(dtype))
        )
        if count > _MOST_ZEROS:
            raise ValueError(
                f"a constant of shape {tuple(shape)} repeats one element; that is more than Tenfold unfolds."
            )
        found = np.concatenate([found, np.broadcast_to(last, (count - len(found),))])
    return found.reshape(shape)


_MOST_ZEROS = 1 << 28  # elements that a few bytes of a file may ask for


def _per_element(dtype: DType) -> int:
    return 2 if dtype.name.startswith("complex") else 1


def _elements(dtype: DType, values: Sequence[Any]) -> np.ndarray:
    if dtype.name == "string":
        found = np.empty(len(values), object)
        found[:] = list(values)
        return found
    if isinstance(values, bytes):  # of float8, one for each element
        return np.frombuffer(values, dtype._np)
    if dtype.name in ("float16", "bfloat16"):
        return np.array(values, np.int64).astype(np.uint16).view(dtype._np)
    if dtype.name.startswith("complex"):
        return np.array(values, np.float64).view(np.complex128).astype(dtype._np)
    return np.array(values).astype(dtype._np)


# Attributes.


def attribute_message(kind: str, value: Any) -> Any:
    """The AttrValue of a value for an attribute of a kind: `"int"`, `"list(type)"`, `"func"`, ..."""
    message = messages.AttrValue()
    if kind.startswith("list("):
        message.list.SetInParent()
        for item in value:
            _add(getattr(message.list, _FIELD_OF[kind[5:-1]]), kind[5:-1], item)
        return message
    plain = _plain(kind, value)
    if kind in ("shape", "tensor", "func"):
        getattr(message, _FIELD_OF[kind]).CopyFrom(plain)
    else:
        setattr(message, _FIELD_OF[kind], plain)
    return message


_FIELD_OF = {"string": "s", "int": "i", "float": "f", "bool": "b", "type": "type", "shape": "shape", "tensor": "tensor", "func": "func"}  # fmt: skip


def _add(field: Any, kind: str, value: Any) -> None:
    field.append(_plain(kind, value))


def _plain(kind: str, value: Any) -> Any:
    if kind == "string":
        return value if isinstance(value, bytes) else str(value).encode()
    if kind == "type":
        return as_dtype(value).as_datatype_enum
    if kind == "shape":
        return shape_message(value.as_list() if isinstance(value, TensorShape) and value.rank is not None else value)
    if kind == "tensor":
        return tensor_message(value)
    if kind == "func":
        return messages.NameAttrList(name=value)
    return {"int": int, "float": float, "bool": bool}[kind](value)


def value_of(message: Any) -> Any:
    """The value in an AttrValue: strings as str where they are text, types as DType, shapes as lists, functions by name."""
    kind = message.WhichOneof("value")
    if kind is None:
        raise ValueError("an attribute has no value; the file is damaged.")
    if kind == "list":
        for field in ("s", "i", "f", "b", "type", "shape", "tensor", "func"):
            items = getattr(message.list, field)
            if len(items):
                return [_value(field, item) for item in items]
        return []
    return _value(kind, getattr(message, kind))


def _value(field: str, value: Any) -> Any:
    if field == "s":
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if field == "type":
        return dtype_numbered(value)
    if field == "shape":
        return shape_of(value)
    if field == "tensor":
        return array_of(value)
    if field == "func":
        return value.name
    if field == "f":
        return float(str(np.float32(value)))  # 0.1, not the float64 nearest to the float32 nearest to 0.1
    return value
