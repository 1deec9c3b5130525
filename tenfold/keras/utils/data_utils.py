"""Files from the network, kept in Keras' cache folder."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

_CHUNK_BYTES = 1 << 16
_TIMEOUT_SECONDS = 30.0
_ABANDONED_SECONDS = 86400.0


def get_file(
    fname: str | os.PathLike[str] | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """Downloads a file that is not in the cache yet, and returns its path.

    The cache is `$KERAS_HOME`, else `~/.keras`, shared with Keras. A cached file stays until its replacement is
    whole and has the expected checksum. One with another checksum is replaced, or, where no replacement can be had,
    used with a warning.

    Args:
      fname: name of the file in the cache, without folders; None takes the last part of `origin`.
      origin: URL of the file.
      untar: older spelling of `extract=True, archive_format="tar"`.
      md5_hash: older spelling of `file_hash`.
      file_hash: expected MD5 or SHA-256 checksum in hexadecimal; None accepts any content.
      cache_subdir: folder inside the cache, or an absolute path.
      hash_algorithm: `"md5"`, `"sha256"` or `"auto"`, which tells them apart by length.
      extract: whether to unpack the archive into a folder beside it and return that folder: `name_extracted` for an
        `fname` like `name.zip`, and `fname` itself where it has no extension (the archive is then `fname_archive`).
      archive_format: `"tar"` (also compressed), `"zip"`, a sequence of these, or `"auto"` for both.
      cache_dir: folder to use as the cache.
      force_download: whether to download even when the file is there.
    Returns:
      Path of the file, or of the folder it was unpacked to.
    Raises:
      ValueError: `origin` is missing, `fname` has folders in it, the downloaded file has another checksum, or the
        archive is damaged or has a member that does not belong in the folder.
      OSError: the file is not in the cache and cannot be downloaded.
    Example:
      >>> import tempfile
      >>> folder = tempfile.mkdtemp()
      >>> path = tf.keras.utils.get_file("hello.txt", origin="data:,hello", cache_dir=folder)
      Downloading data from data:,hello
      >>> with open(path) as file:
      ...     file.read()
      'hello'
    """
    if origin is None:
        raise ValueError("keras.utils.get_file: origin is None; it must be the URL of the file.")
    if hash_algorithm not in ("auto", "md5", "sha256"):
        raise ValueError(
            f"keras.utils.get_file: hash_algorithm is {hash_algorithm!r}; it must be 'auto', 'md5' or 'sha256'."
        )
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    name = _file_name(fname, origin)
    unpack_name = None
    if extract or untar:
        if fname and "." in name:
            unpack_name = f"{name[: name.find('.')]}_extracted"
        else:
            name, unpack_name = f"{name}_archive", name

    path = cached_path(name, cache_subdir, cache_dir)
    if not _is_usable(path):
        import tempfile

        path = cached_path(name, cache_subdir, os.path.join(tempfile.gettempdir(), ".keras"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
    if force_download or not os.path.exists(path):
        _download(origin, path, file_hash, hash_algorithm)
    elif file_hash is not None and not _has_hash(path, file_hash, hash_algorithm):
        print(f"{path} does not have the expected checksum {file_hash}; looking for a replacement.")
        try:
            _download(origin, path, file_hash, hash_algorithm)
        except (OSError, ValueError) as error:
            warnings.warn(
                f"keras.utils.get_file: {path} does not have the expected checksum {file_hash} and is used all the "
                f"same, for no replacement could be had. {error}",
                stacklevel=2,
            )
    if unpack_name is None:
        return path

    from tenfold.keras.utils.archives import extract_archive

    unpacked = os.path.join(os.path.dirname(path), unpack_name)
    if not extract_archive(path, unpacked, "tar" if untar else archive_format):
        warnings.warn(
            f"keras.utils.get_file: {path} was not unpacked; it is no archive of format {archive_format!r}.",
            stacklevel=2,
        )
    return unpacked


def _has_hash(path: str, file_hash: str, algorithm: str) -> bool:
    import hashlib

    if algorithm == "auto":
        algorithm = "sha256" if len(file_hash) == 64 else "md5"
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == file_hash.lower()


def _file_name(fname: str | os.PathLike[str] | None, origin: str) -> str:
    if fname:
        name = os.fspath(fname)
        if os.path.basename(name) != name or name in (os.curdir, os.pardir):
            raise ValueError(
                f"keras.utils.get_file: fname is {name!r}; it must be a file's name without folders. "
                "Name the folder with cache_dir and cache_subdir."
            )
        return name
    from urllib.parse import urlsplit

    name = os.path.basename(urlsplit(origin).path)
    if name in ("", os.curdir, os.pardir):
        raise ValueError(f"keras.utils.get_file: origin {origin!r} does not end in a file's name. Give fname.")
    return name


def cached_path(name: str, cache_subdir: str = "datasets", cache_dir: str | os.PathLike[str] | None = None) -> str:
    """Where the cache keeps a file, be it there or not."""
    if cache_dir is None:
        cache_dir = os.environ.get("KERAS_HOME") or os.path.join("~", ".keras")
    return os.path.join(os.path.expanduser(cache_dir), cache_subdir, name)


def _is_usable(path: str) -> bool:
    """Whether a file is there or can be put there."""
    folder = os.path.dirname(path)
    with suppress(OSError):
        os.makedirs(folder, exist_ok=True)
    return os.access(folder, os.W_OK) or os.path.exists(path)


def _download(origin: str, path: str, file_hash: str | None, algorithm: str) -> None:
    """Fetches `origin` to `path`, which keeps what it had until all of the new file is on the disk."""
    from http.client import HTTPException
    from urllib.request import urlopen

    print(f"Downloading data from {origin}")
    part = new_part(path)
    try:
        try:
            with urlopen(origin, timeout=_TIMEOUT_SECONDS) as response, open(part, "xb") as file:
                _copy(response, file, os.path.basename(path))
                file.flush()
                os.fsync(file.fileno())
        except (OSError, HTTPException) as error:
            folder, name = os.path.split(path)
            raise OSError(
                f"keras.utils.get_file: URL fetch failure on {origin}: {str(error) or type(error).__name__}; "
                f"the file '{name}' is expected in the folder '{folder}'. Go online, or put the file there by hand."
            ) from error
        except ValueError as error:
            raise ValueError(f"keras.utils.get_file: origin is {origin!r}; it must be a URL.") from error
        if file_hash is not None and not _has_hash(part, file_hash, algorithm):
            raise ValueError(
                f"keras.utils.get_file: what was downloaded from {origin} is incomplete or corrupted, and was thrown "
                f"away; its checksum must be {file_hash}."
            )
        os.replace(part, path)
    finally:
        with suppress(FileNotFoundError):
            os.remove(part)


def new_part(path: str) -> str:
    """A name for what will be moved to `path` once it is whole; removes what killed processes left of earlier ones."""
    import shutil

    folder, name = os.path.split(path)
    for entry in os.scandir(folder):
        if entry.name.startswith(f"{name}.") and entry.name.endswith(".part"):
            with suppress(OSError):  # another process may be removing it, too
                if time.time() - entry.stat().st_mtime > _ABANDONED_SECONDS:
                    shutil.rmtree(entry.path) if entry.is_dir() else os.remove(entry.path)
    return f"{path}.{os.urandom(4).hex()}.part"


def _copy(response, file: BinaryIO, name: str) -> None:
    length = response.headers.get("Content-Length")
    total_bytes = int(length) if length is not None and length.isdecimal() else None
    progress = _ProgressLine(name, total_bytes)
    received_bytes = 0
    try:
        while chunk := response.read(_CHUNK_BYTES):
            file.write(chunk)
            received_bytes += len(chunk)
            progress.update(received_bytes)
    finally:
        progress.close(received_bytes)
    if total_bytes is not None and received_bytes != total_bytes:
        raise OSError(f"the connection closed after {received_bytes} of {total_bytes} bytes")


class _ProgressLine:
    """A line on the terminal that is rewritten as bytes arrive; nothing where output goes elsewhere."""

    def __init__(self, name: str, total_bytes: int | None) -> None:
        self._name, self._total_bytes = name, total_bytes
        self._is_shown = sys.stdout is not None and sys.stdout.isatty()
        self._start = self._shown_at = time.monotonic()

    def update(self, received_bytes: int) -> None:
        if self._is_shown and time.monotonic() - self._shown_at > 0.1:
            self._show(received_bytes, end="")

    def close(self, received_bytes: int) -> None:
        if self._is_shown:
            self._show(received_bytes, end="\n")

    def _show(self, received_bytes: int, end: str) -> None:
        self._shown_at = time.monotonic()
        received_mb = received_bytes / 1e6
        rate = received_mb / max(self._shown_at - self._start, 1e-3)
        total = f" of {self._total_bytes / 1e6:.1f}" if self._total_bytes else ""
        # Spaces cover what a longer line left.
        print(f"\r{self._name}: {received_mb:.1f}{total} MB, {rate:.1f} MB/s    ", end=end, flush=True)
