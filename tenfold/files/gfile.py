"""`tf.io.gfile`: files and folders of this machine, with TensorFlow's names and errors."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from tenfold.core.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    UnknownError,
)

_MODES = ("r", "w", "a", "r+", "w+", "a+")
_ERRORS: dict[int | None, type[Exception]] = {
    errno.ENOENT: NotFoundError,
    errno.ENOTDIR: FailedPreconditionError,
    errno.EISDIR: FailedPreconditionError,
    errno.ENOTEMPTY: FailedPreconditionError,
    errno.EEXIST: AlreadyExistsError,
    errno.EACCES: PermissionDeniedError,
    errno.EPERM: PermissionDeniedError,
}


@contextmanager
def _told(path: Any) -> Iterator[None]:
    """Has errors of the system be those of TensorFlow."""
    try:
        yield
    except OSError as error:
        kind = _ERRORS.get(error.errno, UnknownError)
        raise kind(f"{os.fsdecode(path)}; {error.strerror}") from None


class GFile:
    """A file that is opened when it is first read or written.

    Args:
      name: its path.
      mode: "r", "w", "a", "r+", "w+" or "a+", with a "b" for bytes; texts are UTF-8.
    Raises:
      tf.errors.InvalidArgumentError: there is no such mode.
    Example:
      >>> import pathlib, tempfile
      >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
      >>> with tf.io.gfile.GFile(path, "w") as file:
      ...     file.write("one\\ntwo\\n")
      >>> tf.io.gfile.GFile(path).readlines()
      ['one\\n', 'two\\n']
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        self._mode = mode.replace("b", "")
        if self._mode not in _MODES:
            raise InvalidArgumentError(f"mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'; it is {mode!r}.")
        self._is_binary, self._name = "b" in mode, name
        self._file: Any = None

    @property
    def name(self) -> Any:
        return self._name

    @property
    def mode(self) -> str:
        return self._mode

    def _opened(self) -> Any:
        if self._file is None:
            with _told(self._name):
                self._file = open(self._name, f"{self._mode}b")  # noqa: SIM115 (`close` closes it)
        return self._file

    def _readable(self) -> Any:
        if self._mode in ("w", "a"):
            raise PermissionDeniedError("File isn't open for reading")
        return self._opened()

    def _value(self, data: bytes) -> Any:
        return data if self._is_binary else data.decode()

    def read(self, n: int = -1) -> Any:
        """The next `n` bytes, or all that are left; as a text unless the mode has a "b".

        Raises:
          tf.errors.NotFoundError: there is no such file.
          tf.errors.PermissionDeniedError: it is open for writing only.
        """
        with _told(self._name):
            return self._value(self._readable().read(n))

    def readline(self) -> Any:
        """The next line, with its end."""
        with _told(self._name):
            return self._value(self._readable().readline())

    def readlines(self) -> list[Any]:
        """All lines that are left."""
        return list(self)

    def write(self, file_content: str | bytes) -> None:
        """Writes a text or bytes.

        Raises:
          tf.errors.PermissionDeniedError: the file is open for reading only.
          tf.errors.NotFoundError: there is no such folder.
        """
        if self._mode == "r":
            raise PermissionDeniedError("File isn't open for writing")
        with _told(self._name):
            self._opened().write(file_content.encode() if isinstance(file_content, str) else file_content)

    def seek(self, offset: int = 0, whence: int = 0) -> None:
        """Goes on at another byte: from the beginning, or with `whence` 1 and 2 from here and from the end."""
        if whence not in (0, 1, 2):
            raise InvalidArgumentError(f"Invalid whence argument: {whence}; it must be 0, 1 or 2.")
        with _told(self._name):
            self._opened().seek(offset, whence)

    def tell(self) -> int:
        """At which byte it goes on."""
        return self._opened().tell()

    def seekable(self) -> bool:
        return True

    def size(self) -> int:
        """The number of bytes of the file."""
        return stat(self._name).length

    def flush(self) -> None:
        """Hands what was written to the system."""
        if self._file is not None:
            with _told(self._name):
                self._file.flush()

    def close(self) -> None:
        """Closes the file; the next use opens it again."""
        if self._file is not None:
            with _told(self._name):
                self._file.close()
            self._file = None

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.close()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line


class FileStatistics(NamedTuple):
    """What `stat` says of a file: its bytes, when it was changed in nanoseconds, and whether it is a folder."""

    length: int
    mtime_nsec: int
    is_directory: bool


def exists(path: Any) -> bool:
    """Whether there is such a file or folder."""
    return os.path.exists(path)


def isdir(path: Any) -> bool:
    """Whether there is such a folder."""
    return os.path.isdir(path)


def listdir(path: Any) -> list[str]:
    """The names of what is in a folder.

    Raises:
      tf.errors.NotFoundError: there is no such folder.
    """
    if not isdir(path):
        raise NotFoundError(f"Could not find directory {os.fsdecode(path)}")
    return os.listdir(path)


def glob(pattern: Any) -> list[str]:
    """The paths that match a pattern with `*`, `?` and `[...]`, or one of several.

    Example:
      >>> tf.io.gfile.glob("/nowhere/*.txt")
      []
    """
    import glob as matching

    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return [path for one in patterns for path in sorted(matching.glob(os.fsdecode(one)))]


def makedirs(path: Any) -> None:
    """Makes a folder, with those that it is in, unless it is there."""
    with _told(path):
        os.makedirs(path, exist_ok=True)


def mkdir(path: Any) -> None:
    """Makes a folder unless it is there.

    Raises:
      tf.errors.NotFoundError: there is no folder for it to be in.
    """
    with _told(path):
        if not isdir(path):
            os.mkdir(path)


def remove(path: Any) -> None:
    """Removes a file.

    Raises:
      tf.errors.NotFoundError: there is none.
      tf.errors.FailedPreconditionError: it is a folder.
    """
    with _told(path):
        os.remove(path)


def rmtree(path: Any) -> None:
    """Removes a folder with all that is in it, or a file.

    Raises:
      tf.errors.NotFoundError: there is none.
    """
    import shutil

    with _told(path):
        if isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.remove(path)


def _check_target(dst: Any, overwrite: bool) -> None:
    if not overwrite and exists(dst):
        raise AlreadyExistsError(f"file already exists: {os.fsdecode(dst)}; pass overwrite=True to replace it.")


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copies a file.

    Raises:
      tf.errors.NotFoundError: there is no file `src`.
      tf.errors.AlreadyExistsError: there is a file `dst`, and `overwrite` is False.
    """
    import shutil

    _check_target(dst, overwrite)
    with _told(src):
        shutil.copyfile(src, dst)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Gives a file or folder another path; see `copy`."""
    _check_target(dst, overwrite)
    with _told(src):
        os.replace(src, dst)


def stat(path: Any) -> FileStatistics:
    """Size, time of the last change and kind of a file.

    Raises:
      tf.errors.NotFoundError: there is none.
    """
    with _told(path):
        found = os.stat(path)
    return FileStatistics(found.st_size, found.st_mtime_ns, isdir(path))


def walk(
    top: Any, topdown: bool = True, onerror: Callable[..., Any] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """For each folder below one, and itself: its path, and the names of the folders and files in it."""
    return os.walk(os.fsdecode(top), topdown, onerror)


def join(path: Any, *paths: Any) -> str:
    """Paths, one below the other, as one."""
    return os.path.join(path, *paths)


def get_registered_schemes() -> list[str]:
    """The kinds of paths that are understood: those of this machine."""
    return [""]
