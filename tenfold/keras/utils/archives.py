"""Unpacking tar and zip archives that nobody vouches for."""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from gzip import BadGzipFile
from typing import IO, NamedTuple

from tenfold.keras.utils.data_utils import new_part

_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    BadGzipFile,
    EOFError,
    RuntimeError,  # a zip that needs a password or an unknown compression
    ValueError,  # a time that is none
    OverflowError,
)


class _Member(NamedTuple):
    name: str
    data: IO[bytes] | None  # None for a folder
    size: int
    mtime: float
    is_executable: bool


def extract_archive(path: str, folder: str, archive_format: str | Sequence[str] | None = "auto") -> bool:
    """Unpacks a tar or zip archive into a folder, all of it or, on an error, nothing.

    Files that the folder has already, with the archive's size and time, are left alone, so that unpacking again does
    not disturb who is reading them; others are replaced whole. Links are never made: one to a file of the archive
    becomes a copy of that file.

    Args:
      path: the archive.
      folder: where its members go; made when missing.
      archive_format: `"tar"`, `"zip"`, a sequence of these, `"auto"` for both, or None for none.
    Returns:
      Whether the file is an archive of these formats.
    Raises:
      ValueError: a member lies outside the folder, or is a device or a link to something else than a file of the
        archive; or the archive is damaged.
      NotImplementedError: `archive_format` names another format.
    """
    if archive_format == "auto":
        archive_format = ("tar", "zip")
    formats = (archive_format,) if isinstance(archive_format, str) else archive_format or ()
    for name in formats:
        if name not in ("tar", "zip"):
            raise NotImplementedError(
                f"keras.utils.get_file: archive_format is {name!r}; it must be 'auto', 'tar', 'zip' or None."
            )
        try:
            if name == "tar" and tarfile.is_tarfile(path):
                with tarfile.open(path) as tar:
                    _unpack(_tar_members(tar), folder)
                return True
            if name == "zip" and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as zipped:
                    _unpack(_zip_members(zipped), folder)
                return True
        except _DAMAGE as error:
            raise ValueError(
                f"keras.utils.get_file: archive {path} is truncated or corrupt ({str(error) or type(error).__name__}); "
                "nothing was unpacked. Delete it, or pass force_download=True, to download it again."
            ) from error
        except _Refused as error:
            raise ValueError(
                f"keras.utils.get_file: archive {path} is refused: {error}; nothing was unpacked."
            ) from error
    return False


class _Refused(Exception):
    """A member that has no place in the folder."""


def _tar_members(archive: tarfile.TarFile) -> Iterator[_Member]:
    for info in archive:
        data = None
        if not info.isdir():
            # For a link, extractfile opens the member it names, which it looks for in the archive only.
            try:
                data = archive.extractfile(info)
            except (KeyError, RecursionError):
                raise _Refused(f"{info.name!r} links to {info.linkname!r}, which is no file of the archive") from None
            if data is None:
                raise _Refused(f"{info.name!r} is neither a file nor a folder")
        size = info.size if info.isreg() else -1
        yield _Member(info.name, data, size, info.mtime, bool(info.mode & stat.S_IXUSR))


def _zip_members(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        data = None if info.is_dir() else archive.open(info)
        mtime = time.mktime((*info.date_time, 0, 0, -1))
        yield _Member(info.filename, data, info.file_size, mtime, is_executable=False)


def _unpack(members: Iterator[_Member], folder: str) -> None:
    folder = os.path.realpath(folder)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with ExitStack() as stack:
        staging = None  # made when the first file is missing: a complete folder may be read-only
        for member in members:
            path = _path_inside(folder, member.name)
            if os.path.isdir(path) if member.data is None else _is_unpacked(path, member):
                continue
            if staging is None:
                staging = new_part(folder)
                os.mkdir(staging)
                stack.callback(shutil.rmtree, staging)
            _write(member, os.path.join(staging, os.path.relpath(path, folder)))
        if staging is not None:
            _move_files(staging, folder)


def _path_inside(folder: str, name: str) -> str:
    try:
        path = os.path.realpath(os.path.join(folder, name))
        if os.path.commonpath([folder, path]) == folder:
            return path
    except ValueError:  # a null character, or another drive
        pass
    raise _Refused(f"{name!r} lies outside the folder")


def _is_unpacked(path: str, member: _Member) -> bool:
    try:
        found = os.stat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == member.size and int(found.st_mtime) == int(member.mtime)


def _write(member: _Member, path: str) -> None:
    if member.data is None:
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with member.data, open(path, "wb") as file:
        shutil.copyfileobj(member.data, file, 1 << 20)
    os.utime(path, (member.mtime, member.mtime))
    if member.is_executable:
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


def _move_files(source: str, target: str) -> None:
    for root, _, files in os.walk(source):
        folder = os.path.join(target, os.path.relpath(root, source))
        os.makedirs(folder, exist_ok=True)
        for name in files:
            os.replace(os.path.join(root, name), os.path.join(folder, name))
