"""The conversion of nested sequences to tensors.

The first element tells the kind of all, and the rest must fit it, but for a first integer, which a later float turns
into one. Python's floats become float32 and integers int32, or int64 where they do not fit; NumPy's floats keep their
type, NumPy's integers are integers like Python's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import (
    as_bytes,
    cannot,
    fits,
    is_tensor_like,
    refuse,
    register_converter,
    unfit,
    wrapped_around,
)
from tenfold.core.dtypes import DType
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Size
from tenfold.core.tensor import Tensor, wrap

_KINDS: dict[type, str] = {}


def _kind_of(cls: type) -> str:
    """What elements of a type are in a sequence: `b i f c S` scalars, `A`rrays, `T`ensors, `L`ists or `O`thers."""
    kind = _KINDS.get(cls)
    if kind is None:
        if is_tensor_like(cls) or cls is Size:
            kind = "T"
        elif issubclass(cls, (str, bytes)):
            kind = "S"
        elif issubclass(cls, (bool, np.bool_)):
            kind = "b"
        elif issubclass(cls, (int, np.integer)):
            kind = "i"
        elif issubclass(cls, (float, np.floating)):
            kind = "f"
        elif issubclass(cls, (complex, np.complexfloating)):
            kind = "c"
        elif issubclass(cls, np.ndarray):
            kind = "A"
        elif issubclass(cls, np.generic):
            narrow = dtypes.from_numpy(np.dtype(cls))  # one of ml_dtypes
            kind = "O" if narrow is None else "f" if narrow.is_floating else "i"
        else:
            kind = "L" if issubclass(cls, (Sequence, TensorShape)) else "O"
        _KINDS[cls] = kind
    return kind


def _add_types(value: Any, types: set[type]) -> None:
    """Adds the types of all elements of a nested sequence."""
    found = set(map(type, value))
    if list in found or tuple in found:
        found -= {list, tuple}
        for item in value:
            if type(item) is list or type(item) is tuple:
                _add_types(item, types)
    types |= found


def _from_sequence(value: Any, dtype: DType | None, hint: DType | None) -> Tensor:
    types: set[type] = set()
    _add_types(value, types)
    kinds = {_kind_of(cls) for cls in types}
    if "T" in kinds:
        from tenfold.ops.join import stack_nested  # made of ops, so that gradients flow to the tensors

        return stack_nested(value, dtype)
    if "L" in kinds:
        return _from_sequence(_as_lists(value), dtype, hint)
    if not kinds:
        return wrap(np.empty(np.shape(value), (dtype or hint or dtypes.float32)._np))
    if "A" in kinds:
        kinds = (kinds - {"A"}) | {_kind_of(array.dtype.type) for array in _arrays_in(value)}
    first = _first_element(value)
    kind, own = _kind_of(type(first)), None
    if kind == "A":
        if dtypes.from_numpy(first.dtype) is None:
            raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type: {first.dtype}).")
        kind, own = _kind_of(first.dtype.type), first.dtype
    elif isinstance(first, np.generic):
        own = first.dtype
    if kind == "O":
        refuse(first, dtype, hint)
    if kind == "i" and "f" in kinds:
        kind, own = "f", None
    if not kinds <= _MAY_FOLLOW[kind]:
        raise unfit("Can't convert Python sequence with mixed types to Tensor.")
    if dtype is not None:
        if not fits(kind, dtype):
            raise cannot(value, dtype)
    elif hint is not None and fits(kind, hint):
        dtype = hint
    elif kind == "f" and own is not None:
        dtype = dtypes.from_numpy(own)
    try:
        if kind == "S":
            return wrap(as_bytes(_object_array(value)))
        if kind == "i":
            return wrap(_integers(value, types, dtype))
        return wrap(np.array(value, (dtype or _DEFAULT[kind])._np))
    except OverflowError:
        raise ValueError("Can't convert Python sequence with a value out of range to Tensor.") from None
    except ValueError as error:
        if "inhomogeneous" in str(error) or "sequence" in str(error):
            raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from None
        raise


_MAY_FOLLOW = {"b": set("b"), "i": set("bi"), "f": set("bif"), "c": set("bifc"), "S": set("S")}
_DEFAULT = {"b": dtypes.bool, "f": dtypes.float32, "c": dtypes.complex128}
_PLAIN_INTEGERS = {int, bool}


def _integers(value: Any, types: set[type], dtype: DType | None) -> np.ndarray:
    if dtype is not None:
        if dtype is not dtypes.uint64 and not types <= _PLAIN_INTEGERS:
            return np.array(value, np.int64).astype(dtype._np)
        try:
            return np.array(value, dtype._np)
        except OverflowError:
            return wrapped_around(value, dtype)
    if types <= _PLAIN_INTEGERS:
        try:
            return np.array(value, np.int32)  # checks the range, which NumPy's integers would escape
        except OverflowError:
            pass
    wide = np.array(value, np.int64)
    narrow = wide.astype(np.int32)
    return narrow if (narrow == wide).all() else wide


def _first_element(value: Any) -> Any:
    while isinstance(value, (list, tuple)):
        for item in value:
            if not isinstance(item, (list, tuple)) or len(item):
                break
        value = item
    return value


def _arrays_in(value: Any) -> list[np.ndarray]:
    found = []
    for item in value:
        if isinstance(item, (list, tuple)):
            found += _arrays_in(item)
        elif isinstance(item, np.ndarray):
            found.append(item)
    return found


def _as_lists(value: Any) -> Any:
    """A nested sequence in which every sequence is a list."""
    kind = _kind_of(type(value))
    return [_as_lists(item) for item in value] if kind == "L" else value


def _object_array(value: Any) -> np.ndarray:
    """An array with the text of a nested sequence; NumPy's arrays of text would cut off trailing zero bytes.

    Raises:
      ValueError: it is not rectangular.
    """
    array = np.array(value, object)
    if not {list, tuple, np.ndarray}.isdisjoint(map(type, array.reshape(-1))):
        raise ValueError("an inhomogeneous shape")
    return array


register_converter(list, _from_sequence)
register_converter(tuple, _from_sequence)
