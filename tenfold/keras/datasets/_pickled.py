"""Reading arrays out of pickles without running what the pickles say.

CIFAR's batches and the word lists of IMDB and Reuters exist as pickles only. A pickle is a program that may call any
function it names. Here it can name three things, NumPy's array, dtype and the function that makes an empty array, and
gets stand-ins for them that check what they are given: NumPy's own would believe a forged dtype or buffer.
"""

from __future__ import annotations

import math
import pickle
import re
from typing import IO, Any

import numpy as np

_DTYPE_CODE = re.compile(r"[|<>=]?([biuf][1248]|O8?)")


def load_pickle(file: IO[bytes], path: str) -> Any:
    """Reads a pickle of numbers, strings (as bytes), lists, dicts and arrays of these.

    Args:
      file: binary file positioned at the pickle.
      path: the file's name for error messages.
    Raises:
      pickle.UnpicklingError: the pickle is truncated or corrupt, or names anything but an array.
    """
    try:
        return _plain(_Unpickler(file, encoding="bytes").load())
    except Exception as error:  # a damaged pickle can raise any
        raise pickle.UnpicklingError(
            f"keras.datasets: {path} is refused: {str(error) or type(error).__name__}; it must be a whole pickle of "
            "arrays, numbers and strings. Delete it to download it again."
        ) from error


class _StandIn:
    """What a pickle gets for a global: it can be called, and nothing about it can be changed."""

    __slots__ = ("_make",)

    def __init__(self, make=None):
        self._make = make

    def __call__(self, *args):
        if self._make is None:
            raise pickle.UnpicklingError("an array is made by a call other than NumPy's")
        return self._make(*args)

    def __setstate__(self, state):
        raise pickle.UnpicklingError("a global is given a state")


class _PickledDtype:
    """Stands in for np.dtype: a code like 'u1', then a state that may add the byte order and nothing else."""

    __slots__ = ("_code", "dtype")

    def __init__(self, code, *flags):
        self._code = _as_text(code)
        self.dtype = _plain_dtype(self._code)

    def __setstate__(self, state):
        _, byte_order, subdtype, names, fields, *_ = state
        if (subdtype, names, fields) != (None, None, None):
            raise pickle.UnpicklingError("an array has a structured dtype")
        self.dtype = _plain_dtype(_as_text(byte_order) + self._code)


def _as_text(value):
    return value.decode("ascii") if isinstance(value, bytes) else value


def _plain_dtype(code):
    if not _DTYPE_CODE.fullmatch(code):
        raise pickle.UnpicklingError(f"an array has dtype code {code!r}")
    return np.dtype(code)


class _PickledArray:
    """Stands in for an array: made empty, then given its state."""

    __slots__ = ("array",)

    def __init__(self, *empty_array):
        self.array = np.empty(0)

    def __setstate__(self, state):
        _, shape, pickled_dtype, is_fortran, data = state
        dtype = pickled_dtype.dtype
        if dtype.hasobject:
            if type(data) is not list or len(data) != math.prod(shape):
                raise pickle.UnpicklingError("an array's items do not fill its shape")
            flat = np.fromiter(map(_plain, data), dtype, len(data))
        else:
            flat = np.frombuffer(data, dtype)
        self.array = flat.reshape(shape, order="F" if is_fortran else "C")


def _plain(value):
    """`value` with its arrays for their stand-ins; those in a list stay, for no dataset has any there."""
    if isinstance(value, _PickledArray):
        return value.array
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        match module, name:
            case "numpy", "ndarray":
                return _StandIn()
            case "numpy", "dtype":
                return _StandIn(_PickledDtype)
            case "numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct":
                return _StandIn(_PickledArray)
        raise pickle.UnpicklingError(f"it names '{module}.{name}', which no dataset needs")
