"""Machine code put into memory: from an image where this is Linux on x86-64, which takes microseconds and no llvmlite; elsewhere by LLVM.

Code is text, bytes that `packed` makes and `load` reads: what the disk cache keeps, and files beside models.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import platform
import sys
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np

PAGE = 4096
HAS_IMAGES = sys.platform == "linux" and platform.machine() == "x86_64"
_MOST_BYTES = 1 << 30  # of one image
_LIBRARIES = (
    None,
    "libm.so.6",
    "libgcc_s.so.1",
)  # where functions are that code calls; the first is the process itself

symbols: dict[str, int] = {}  # functions of the runtime, by the names under which code calls them


@dataclass(frozen=True)
class Image:
    """Machine code and its data, to be put anywhere.

    Attributes:
      size: of the image; what is behind `content` is zeros.
      content: the bytes.
      fixed: how many of them, at the beginning, are not written to: a multiple of a page.
      local: places of words that are addresses inside of the image, counted from its beginning.
      imports: places of words to which addresses of functions elsewhere are added, by their names.
      exports: places of what can be found by name.
      frames: places of tables for unwinding.
    """

    size: int
    content: bytes
    fixed: int
    local: tuple[int, ...]
    imports: Mapping[str, Sequence[int]]
    exports: Mapping[str, int]
    frames: tuple[int, ...]


def packed(objects: Sequence[bytes]) -> bytes:
    """The code of object files that may call each other."""
    if HAS_IMAGES:
        from tenfold.compiler.elf import joined

        facts = dict(vars(joined(objects)))
        parts = [facts.pop("content")]
    else:
        facts, parts = {"sizes": [len(content) for content in objects]}, list(objects)
    return json.dumps(facts).encode() + b"\n" + b"".join(parts)


def load(code: bytes) -> Code:
    """Puts code into memory, where it stays as long as the object.

    Raises:
      ValueError: it is damaged.
      OSError: the system does not allow it.
    """
    head, _, content = code.partition(b"\n")
    facts = json.loads(head)
    if "sizes" in facts:
        from tenfold.compiler import codegen

        ends = list(accumulate(facts["sizes"]))
        objects = [content[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
        return _Engine(codegen.link(objects))
    return _Mapped(Image(content=content, **facts))


class Code:
    """Machine code in memory."""

    def address(self, name: str) -> int:
        """Where a function or variable is."""
        raise NotImplementedError

    def keep(self) -> None:
        """Lets it stay until the process has ended: threads may be in it even while Python takes its modules down."""
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))


class _Engine(Code):
    """Code that LLVM has linked."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def address(self, name: str) -> int:
        return self._engine.get_function_address(name) or self._engine.get_global_value_address(name)

    def keep(self) -> None:
        self._engine.detach()
        super().keep()


class _Mapped(Code):
    """An image in memory of its own. What is executed cannot be written, and the other way round."""

    def __init__(self, image: Image) -> None:
        size, fixed = image.size, image.fixed
        if not len(image.content) <= size <= _MOST_BYTES or not 0 <= fixed <= -(-size // PAGE) * PAGE or fixed % PAGE:
            raise ValueError(f"an image of {size} bytes with {fixed} that are fixed")
        private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # a process that is forked has data of its own
        array = np.frombuffer(mmap.mmap(-1, max(size, 1), private), np.uint8, size)
        array[: len(image.content)] = np.frombuffer(image.content, np.uint8)
        base: int = array.ctypes.data
        _add(array, image.local, base)
        for name, places in image.imports.items():
            _add(array, places, address_of(name))
        if any(not 0 <= place < size for place in (*image.exports.values(), *image.frames)):
            raise ValueError("an image whose parts are outside of it")
        _protect(base, fixed)
        self._memory, self._base, self._exports = array, base, image.exports
        for place in image.frames:
            _unwinding()["__register_frame"](ctypes.c_void_p(base + place))
        forget = weakref.finalize(self, _forget, [base + place for place in image.frames])
        forget.atexit = False

    def address(self, name: str) -> int:
        return self._base + self._exports[name]


def _add(array: np.ndarray, places: Sequence[int], value: int) -> None:
    """Adds a number to words at any places."""
    if not places:
        return
    first = np.array(places, np.int64)
    if first.min() < 0 or first.max() > len(array) - 8:
        raise ValueError("an image with words outside of it")
    index = first[:, None] + np.arange(8)
    words = array[index].view(np.int64)
    array[index] = (words + value).view(np.uint8)


def _forget(frames: Iterable[int]) -> None:
    for address in frames:
        _unwinding()["__deregister_frame"](ctypes.c_void_p(address))


def address_of(name: str) -> int:
    """Where a function is that code calls."""
    found = symbols.get(name) or _of_libraries(name)
    if found is None:
        raise ValueError(f"code that calls {name!r}, which is not there")
    return found


@cache
def _of_libraries(name: str) -> int | None:
    for library in _LIBRARIES:
        try:
            return ctypes.cast(getattr(ctypes.CDLL(library), name), ctypes.c_void_p).value
        except (AttributeError, OSError):
            continue
    return None


@cache
def _unwinding() -> Any:
    return ctypes.CDLL("libgcc_s.so.1")


def _protect(base: int, size: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mprotect(ctypes.c_void_p(base), ctypes.c_size_t(size), mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "memory cannot be made executable")
