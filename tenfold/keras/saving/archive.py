"""`.keras` archives and `.weights.h5` files."""

from __future__ import annotations

import datetime
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenfold.core.atomic import replacing
from tenfold.keras.saving import assets, hdf5, serialization, weights_file
from tenfold.keras.saving.file_part import FilePart
from tenfold.keras.saving.legacy_config import is_legacy, modernized
from tenfold.keras.saving.limits import KERAS_VERSION, reading_model
from tenfold.keras.saving.serialization import SafeModeScope

_MAX_JSON_BYTES = 256 << 20
_WEIGHTS = "model.weights.h5"  # a member
_ASSETS = "assets/"
_HEADER_BYTES = 30  # of a member, before its name
_MAX_RATIO = 2000  # of unpacked to packed bytes; deflate itself reaches 1032


def save_archive(model: Any, path: Path) -> None:
    """Writes a model to a `.keras` archive, atomically."""
    config = json.dumps(serialization.serialize_keras_object(model))
    metadata = json.dumps(
        {"keras_version": KERAS_VERSION, "date_saved": datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")}
    )
    with replacing(path) as part, zipfile.ZipFile(part, "w") as archive:
        archive.writestr("metadata.json", metadata)
        archive.writestr("config.json", config)
        for name, content in assets.assets_of(model).items():
            archive.writestr(_ASSETS + name, content)
        _write_weights(model, archive)


def _write_weights(model: Any, archive: zipfile.ZipFile) -> None:
    """Writes the last member of an archive, not compressed, where it is to be: no copy of it is in memory."""
    target: Any = archive.fp
    info = zipfile.ZipInfo(_WEIGHTS)
    info.header_offset, info.CRC, info.file_size, info.compress_size = archive.start_dir, 0, 0, 0
    info.external_attr = 0o600 << 16  # who may read it when it is unpacked
    start = archive.start_dir + len(info.FileHeader(zip64=True))
    with hdf5.written_into(target, start) as (file, part):
        weights_file.write(model, file)
    info.file_size = info.compress_size = part.size
    archive.start_dir = start + part.size
    info.CRC = part.checksum()
    target.seek(info.header_offset)
    target.write(info.FileHeader(zip64=True))
    archive.filelist.append(info)
    archive.NameToInfo[info.filename] = info


def load_archive(path: Path, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """Reads a model from a `.keras` archive.

    Raises:
      ValueError: the file is damaged, hostile, or lacks something.
    """
    with _opened(path) as archive, reading_model(path, path.stat().st_size):
        config = _config_of(archive, path)
        if not compile:
            config.pop("compile_config", None)
        with SafeModeScope(safe_mode):
            model = serialization.deserialize_keras_object(config, custom_objects, safe_mode)
        _read_weights(model, archive, path)
        members = {name.removeprefix(_ASSETS): name for name in archive.namelist() if name.startswith(_ASSETS)}
        assets.restore_assets(model, members, lambda name: _member(archive, name, path))
    return model


def load_archive_weights(model: Any, path: Path, skip_mismatch: bool) -> None:
    """Reads only the weights of a `.keras` archive."""
    with _opened(path) as archive, reading_model(path, path.stat().st_size):
        _read_weights(model, archive, path, skip_mismatch)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
        names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(
            f"{str(path)!r} is not a whole `.keras` file: {error}. It may have been cut off while it was copied."
        ) from error
    for name in names:
        plain = name.replace("\\", "/")
        if plain.startswith("/") or ".." in plain.split("/"):
            raise ValueError(f"{str(path)!r} has a member {name!r} that points out of the archive; it is not read.")
    return archive


def _config_of(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        config = json.loads(_member(archive, "config.json", path, _MAX_JSON_BYTES))
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        raise ValueError(f"{str(path)!r}: its config.json is damaged: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"{str(path)!r}: its config.json holds no model.")
    return modernized(config) if is_legacy(config) or _is_of_keras_2(archive, path) else config


def _is_of_keras_2(archive: zipfile.ZipFile, path: Path) -> bool:
    try:
        metadata = json.loads(_member(archive, "metadata.json", path, _MAX_JSON_BYTES))
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        raise ValueError(f"{str(path)!r}: its metadata.json is damaged: {error}.") from error
    return isinstance(metadata, dict) and str(metadata.get("keras_version")).startswith("2.")


def _member(archive: zipfile.ZipFile, name: str, path: Path, limit: int | None = None) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise ValueError(f"{str(path)!r} is not a `.keras` file: it has no member {name!r}.") from None
    if info.file_size > max(info.compress_size, 1) * _MAX_RATIO or (limit is not None and info.file_size > limit):
        raise ValueError(
            f"{str(path)!r}: {name!r} would unpack from {info.compress_size} to {info.file_size} bytes; it is not read."
        )
    with _damage_told(name, path):
        return archive.read(info)


@contextmanager
def _damage_told(name: str, path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise ValueError(f"{str(path)!r}: {name!r} is damaged: {error}.") from error


def _read_weights(model: Any, archive: zipfile.ZipFile, path: Path, skip_mismatch: bool = False) -> None:
    with hdf5.opened(_weights_member(archive, path), path) as file:
        weights_file.read(model, file, skip_mismatch)


def _weights_member(archive: zipfile.ZipFile, path: Path) -> Any:
    """The weights as a file: where they are in the archive, unless they are compressed."""
    info = archive.NameToInfo.get(_WEIGHTS)
    if info is None or info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        return io.BytesIO(_member(archive, _WEIGHTS, path))
    source: Any = archive.fp
    with _damage_told(_WEIGHTS, path):
        archive.open(info).close()  # which looks at the header
        source.seek(info.header_offset + _HEADER_BYTES - 4)
        start = info.header_offset + _HEADER_BYTES + sum(struct.unpack("<HH", source.read(4)))  # a name, more fields
        part = FilePart(source, start, info.file_size)
        if part.checksum() != info.CRC:
            raise zipfile.BadZipFile("its checksum is another")
    return part


def save_weights_file(model: Any, path: Path, remarks: Mapping[str, str] | None = None) -> None:
    """Writes the state of a model to a `.weights.h5` file, atomically; remarks, which `remark_of` reads, go along."""
    if not model.built:
        raise ValueError(
            "You are saving a model that has not yet been built. Try building the model first by calling it on some data or "
            "by using `build()`."
        )
    with hdf5.writing(path) as file:
        weights_file.write(model, file)
        for name, text in (remarks or {}).items():
            file.attrs[name] = text


def remark_of(path: Path, name: str) -> str | None:
    """What was said under a name when the file was written; None if nothing was."""
    with hdf5.opened(path, path) as file:
        text = hdf5.attribute(file, name)
    return text if isinstance(text, str) else None


def load_weights_file(model: Any, path: Path, skip_mismatch: bool) -> None:
    """Reads the state of a model from a `.weights.h5` file."""
    with hdf5.opened(path, path) as file, reading_model(path, path.stat().st_size):
        weights_file.read(model, file, skip_mismatch)
