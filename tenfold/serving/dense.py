"""Arrays from values of JSON, and values of JSON from arrays."""

from __future__ import annotations

import base64
import binascii
import json
from itertools import chain
from typing import Any

import numpy as np
import orjson

from tenfold.core.dtypes import DType
from tenfold.serving.refused import Refused

_MOST_AXES = 32


def parsed(body: bytes) -> Any:
    """What a JSON text says; it may have the numbers `NaN`, `Infinity` and `-Infinity`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in body and b"Infinity" not in body:
            raise Refused(400, f"JSON Parse error: {error}") from None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"JSON Parse error: {error}") from None


def array_from(value: Any, dtype: DType, name: str) -> np.ndarray:
    """The array that nested lists stand for.

    Args:
      value: what a JSON text says.
      dtype: of the elements, which must be such in the text, too.
      name: of the input, for errors.
    """
    shape: list[int] = []
    level = [value]
    while level and type(level[0]) is list:
        size = len(level[0])
        if {*map(type, level)} != {list} or {*map(len, level)} != {size}:
            raise Refused(400, f"Input {name!r}: lists at level {len(shape) + 1} differ in length or kind.")
        if len(shape) == _MOST_AXES:
            raise Refused(400, f"Input {name!r}: lists are nested deeper than {_MOST_AXES} levels.")
        shape.append(size)
        level = [*chain.from_iterable(level)]
    try:
        return _elements(level, dtype).reshape(shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(400, f"Input {name!r}: {error}") from None


def _elements(values: list, dtype: DType) -> np.ndarray:
    kinds = {*map(type, values)}
    if dtype.name == "string":
        return _texts(values, kinds)
    allowed = {bool} if dtype.name == "bool" else {int} if dtype.is_integer else {int, float}
    if not dtype.is_integer and not dtype.is_floating and dtype.name != "bool":
        raise Refused(501, f"JSON has no form for {dtype.name}.")
    if kinds - allowed:
        found = ", ".join(sorted(kind.__name__ for kind in kinds - allowed))
        raise TypeError(f"elements must be {dtype.name}, the JSON text has {found}")
    if not dtype.is_floating:
        return np.array(values, dtype._np)
    exact = np.array(values, np.float64)
    with np.errstate(over="ignore"):
        array = exact.astype(dtype._np)
    if np.isinf(array.astype(np.float64)).sum() != np.isinf(exact).sum():
        raise ValueError(f"a number is too large for {dtype.name}")
    return array


def _texts(values: list, kinds: set[type]) -> np.ndarray:
    if kinds - {str, dict}:
        found = ", ".join(sorted(kind.__name__ for kind in kinds - {str, dict}))
        raise TypeError(f'elements must be texts or {{"b64": text}}, the JSON text has {found}')
    array = np.empty(len(values), object)
    array[:] = [x.encode() if type(x) is str else from_base64(x) for x in values]
    return array


def is_base64(value: Any) -> bool:
    """Whether a value stands for bytes."""
    return type(value) is dict and len(value) == 1 and type(value.get("b64")) is str


def from_base64(value: Any) -> bytes:
    if not is_base64(value):
        raise ValueError('an object in place of a text must be {"b64": text}')
    text = value["b64"]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"a text is not base64: {error}") from None


def printable(array: np.ndarray, name: str) -> np.ndarray | list:
    """What `written` can write for an array; bytes that are no UTF-8, and those of names that end in `_bytes`, as base64."""
    if array.dtype.kind == "O":
        flat = [_text(x, name.endswith("_bytes")) for x in array.ravel()]
        nested = np.empty(array.size, object)
        nested[:] = flat
        return nested.reshape(array.shape).tolist()
    if array.dtype.kind == "c":
        raise Refused(501, f"Output {name!r}: JSON has no form for {array.dtype}.")
    if array.dtype.kind not in "biuf" or array.dtype.itemsize < 4 and array.dtype.kind == "f":  # bfloat16 has kind V
        array = array.astype(np.float32)
    return np.ascontiguousarray(array) if array.ndim else array[()]


def _text(value: bytes, is_binary: bool) -> Any:
    if not is_binary:
        try:
            return value.decode()
        except UnicodeDecodeError:
            pass
    return {"b64": base64.b64encode(value).decode()}


def written(document: Any, arrays: list[Any]) -> bytes:
    """The JSON text of a document.

    Args:
      document: dicts, lists, texts and what `printable` returned.
      arrays: those in it, which decide whether `NaN` and `Infinity` are needed.
    """
    if all(np.isfinite(x).all() for x in arrays if getattr(getattr(x, "dtype", None), "kind", "") == "f"):
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    return json.dumps(document, default=_plain, ensure_ascii=False).encode()


def _plain(x: Any) -> Any:
    """Numbers of Python; those of float32 with the fewest digits that tell them apart."""
    return x.astype("U").astype(np.float64).tolist() if x.dtype == np.float32 else x.tolist()
