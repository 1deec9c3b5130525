"""Machine code beside a SavedModel, in `assets.extra/tenfold`: functions that need neither a trace nor a compiler.

The file of a processor begins with a hash of what follows, so what is damaged is not used; then a line says what it was made for. It is
used where all of that is the same: format and version, processor, model. It is code, so whoever loads it must ask for it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.compiler import cache, interrupts, loader, pool, runtime, target
from tenfold.compiler.native_function import NativeFunction
from tenfold.compiler.program import NotLowered
from tenfold.core.atomic import replacing
from tenfold.core.config import settings
from tenfold.core.dtypes import as_dtype
from tenfold.core.release import TENFOLD_VERSION

FOLDER = os.path.join("assets.extra", "tenfold")
_DIGEST_BYTES = 32
_FORMAT = 1
_log = logging.getLogger("tenfold")
Shaped = tuple[list[int], str]  # shape, and name of the dtype


@dataclass(frozen=True)
class Stored:
    """A function for tensors of certain shapes.

    Attributes:
      function: name of the trace.
      shapes: of the tensors among its arguments.
      inputs, outputs: of its code.
      arguments: which of the function's arguments and captured values each input is.
      results: which output of the code each result is.
      constants: arrays that the code reads; where their bytes begin, and what they are.
      code: where its bytes begin and end.
      arena_bytes: see `NativeFunction`.
    """

    function: str
    shapes: list[list[int]]
    inputs: list[Shaped]
    outputs: list[Shaped]
    arguments: list[int]
    results: list[int]
    constants: list[tuple[int, list[int], str]]
    code: tuple[int, int]
    arena_bytes: int


class Native:
    """A stored function in memory."""

    def __init__(self, stored: Stored, content: bytes) -> None:
        self.shapes = tuple(map(tuple, stored.shapes))
        self.arguments, self._results = stored.arguments, stored.results
        begin, end = stored.code
        constants = []
        for start, shape, name in stored.constants:
            dtype = as_dtype(name)._np
            count = int(np.prod(shape, dtype=np.int64))
            constants.append(np.frombuffer(content, dtype, count, start).reshape(shape).copy())
        self._run = NativeFunction(
            content[begin:end], stored.arena_bytes, _unshaped(stored.inputs), _unshaped(stored.outputs), constants
        )

    def __call__(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The results for the arrays of its `arguments`."""
        outputs = self._run(*arrays)
        return [outputs[i] for i in self._results]


class Compiled:
    """The functions of a file.

    Attributes:
      independent: names of the traces whose rows are computed one by one.
    """

    def __init__(self, content: bytes, facts: dict[str, Any]) -> None:
        self._content, self._functions = content, [Stored(**item) for item in facts["functions"]]
        self._natives: dict[str, list[Native]] = {}
        self.independent = frozenset(facts["independent"])

    def natives(self, function: str) -> list[Native]:
        """Those of a trace."""
        if function not in self._natives:
            stored = [item for item in self._functions if item.function == function]
            self._natives[function] = [Native(item, self._content) for item in stored]
        return self._natives[function]


def read(folder: str) -> Compiled | None:
    """The functions beside a model, if there are such that fit; else the log says at level DEBUG why not."""
    path = _path(folder)
    if not settings.compiles:
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        _log.debug("%s has no machine code for this processor and version: %s", folder, error)
        return None
    content = data[_DIGEST_BYTES:]
    if data[:_DIGEST_BYTES] != hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest():
        _log.debug("%s is damaged, and not used", path)
        return None
    head, _, content = content.partition(b"\n")
    facts = json.loads(head)
    if facts["platform"] != _platform() or facts["model"] != _model_digest(folder):
        _log.debug("%s was made for another processor, version or model, and is not used", path)
        return None
    for text, (begin, end) in zip(_runtime(), facts["runtime"], strict=True):
        cache.provided.setdefault(text, content[begin:end])
    try:
        runtime.ensure()
        return Compiled(content, facts)
    except (NotLowered, OSError) as error:
        _log.debug("%s cannot be used: %s", path, error)
        return None


class Writer:
    """Collects functions, and writes their file."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._places: dict[bytes, tuple[int, int]] = {}
        self._functions: list[Stored] = []
        self._runtime = [self.put(cache.code_of(text)) for text in _runtime()]
        self.independent: list[str] = []

    def put(self, data: bytes) -> tuple[int, int]:
        """Where bytes begin and end; equal ones stand once."""
        if data in self._places:
            return self._places[data]
        begin = len(self._content) + -len(self._content) % 64
        self._content[len(self._content) :] = bytes(begin - len(self._content)) + data
        self._places[data] = begin, begin + len(data)
        return self._places[data]

    def put_array(self, array: np.ndarray) -> tuple[int, list[int], str]:
        return (self.put(array.tobytes())[0], *shaped([array])[0])

    def add(self, stored: Stored) -> None:
        self._functions.append(stored)

    def write(self, folder: str) -> Path:
        """Writes the file of this processor, in place of one that may be there."""
        facts = {
            "platform": _platform(),
            "model": _model_digest(folder),
            "functions": [asdict(stored) for stored in self._functions],
            "independent": self.independent,
            "runtime": self._runtime,
        }
        content = json.dumps(facts).encode() + b"\n" + bytes(self._content)
        path = _path(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_bytes(hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest() + content)
        return path


def shaped(specs: Iterable[Any]) -> list[Shaped]:
    """What has shapes and dtypes, as it is stored."""
    return [(list(spec.shape), as_dtype(spec.dtype).name) for spec in specs]


def _unshaped(items: Sequence[Shaped]) -> list[tuple[tuple[int, ...], np.dtype]]:
    return [(tuple(shape), as_dtype(name)._np) for shape, name in items]


def _runtime() -> list[str]:
    """The modules that all code calls, as LLVM IR."""
    return [runtime.IR, interrupts.IR, pool.source()]


def _platform() -> list[Any]:
    """All that must be the same where code is used."""
    what_is_called = hashlib.blake2b("\n".join(_runtime()).encode(), digest_size=16).hexdigest()
    return [_FORMAT, TENFOLD_VERSION, loader.HAS_IMAGES, what_is_called, target.fingerprint()]


def _path(folder: str) -> Path:
    name = hashlib.blake2b(json.dumps(_platform()).encode(), digest_size=8).hexdigest()
    return Path(folder, FOLDER, f"{name}.compiled")


def _model_digest(folder: str) -> str:
    data = Path(folder, "saved_model.pb").read_bytes()
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
