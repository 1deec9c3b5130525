"""Machine code, kept on disk across processes.

An entry is a file named by a hash of all that its code depends on: the program, the compiler's own files, the processor, LLVM's version. It
begins with a hash of what follows, so what is cut short or damaged is not used but made again. Files are written aside and renamed.
Code that all programs share, as LLVM IR, has entries of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from tenfold.compiler import loader, target
from tenfold.compiler.program import Literal, Program

MOST_BYTES = 256 << 20  # of all entries together
_DIGEST_BYTES = 32
_ASIDE = ".part"  # how the names of files end that are being written
_ABANDONED_SECONDS = 3600
_written = MOST_BYTES  # bytes since this process last looked how many there are; the first file makes it look


@dataclass(frozen=True)
class Entry:
    """What a program needs to run.

    Attributes:
      code: for `loader.load`.
      arena_bytes: the size of an arena.
      clock_bytes: those at its end where times are noted.
      constants: which of the program's `literals` the arena holds the addresses of.
    """

    code: bytes
    arena_bytes: int
    constants: tuple[int, ...]
    clock_bytes: int = 0


def literals(program: Program) -> Iterator[Literal]:
    """The constants of a program and of its sub-programs, in order."""
    for i in program.instructions:
        for _, value in i.attrs:
            if isinstance(value, Literal):
                yield value
            elif isinstance(value, Program):
                yield from literals(value)


def read(program: Program) -> Entry | None:
    """The entry of a program, if there is a sound one."""
    content = _read(_path(program))
    if content is None:
        return None
    head, _, rest = content.partition(b"\n")
    facts = json.loads(head)
    return Entry(rest, facts["arena_bytes"], tuple(facts["constants"]), facts["clock_bytes"])


def write(program: Program, entry: Entry) -> None:
    """Keeps an entry, if that is possible, and lets the oldest go when there are too many."""
    facts = {"arena_bytes": entry.arena_bytes, "constants": entry.constants, "clock_bytes": entry.clock_bytes}
    _write(_path(program), json.dumps(facts).encode() + b"\n" + entry.code)


provided: dict[str, bytes] = {}  # code of modules, by their text, that needs no compiler


def code_of(text: str) -> bytes:
    """The code of an LLVM module: provided, found or made, in a hurry, for all such modules take nanoseconds a call."""
    content = known(text)
    if content is None:
        from tenfold.compiler import codegen

        content = loader.packed(codegen.object_files([text], level=0))
        _write(_path_of(text), content)
    return content


def known(text: str) -> bytes | None:
    """The code of an LLVM module, if it is provided or found."""
    return provided[text] if text in provided else _read(_path_of(text))


def _path_of(text: str) -> Path | None:
    return _file(hashlib.blake2b(f"{_context()}\n{text}".encode(), digest_size=20).hexdigest())


def _read(path: Path | None) -> bytes | None:
    try:
        content = path.read_bytes() if path else b""
    except OSError:
        return None
    rest = content[_DIGEST_BYTES:]
    if not rest or content[:_DIGEST_BYTES] != _digest(rest):
        return None
    with suppress(OSError):
        os.utime(path or "")  # what is used stays
    return rest


def _write(path: Path | None, content: bytes) -> None:
    global _written
    if path is None:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, suffix=_ASIDE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(content) + content)
            os.replace(aside, path)
        except BaseException:
            os.unlink(aside)
            raise
        _written += len(content)
        if _written > MOST_BYTES >> 5:  # looking at all files takes long where they are many
            _written = 0
            _shrink(path.parent)
    except OSError:
        return  # read-only, or full: the code is made anew each time


def cache_folder() -> Path | None:
    """Where entries are: the folder `TENFOLD_CACHE_DIR`, or `tenfold` in the user's cache folder; None if that variable is empty."""
    named = os.environ.get("TENFOLD_CACHE_DIR")
    if named is not None:
        return Path(named) if named else None
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA", Path.home()))
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # there is no home
        return None
    return base / "tenfold"


@lru_cache(maxsize=1)
def _context() -> str:
    """What code depends on besides the program."""
    llvm = find_spec("llvmlite")
    folders = [Path(__file__).parent, *(Path(place) for place in (llvm and llvm.submodule_search_locations) or ())]
    files = sorted(path for folder in folders for path in folder.glob("*.py"))
    state = [(f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    return f"{state} {target.fingerprint()}"


def _path(program: Program) -> Path | None:
    key = hashlib.blake2b(f"{_context()}\n{program}".encode(), digest_size=20)
    for literal in literals(program):
        key.update(f"{literal.array.dtype}{literal.array.shape}".encode())
        key.update(literal.array.tobytes())
    return _file(key.hexdigest())


def _file(key: str) -> Path | None:
    folder = cache_folder()
    return folder / f"{key}.o" if folder else None


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _shrink(folder: Path) -> None:
    for path in folder.glob(f"*{_ASIDE}"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - _ABANDONED_SECONDS:  # its process was killed
                path.unlink()
    entries = []
    for path in folder.glob("*.o"):
        with suppress(OSError):  # another process may take them away
            state = path.stat()
            entries.append((state.st_mtime, state.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= MOST_BYTES:
            return
        with suppress(OSError):
            path.unlink()
        total -= size
