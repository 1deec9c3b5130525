"""Folders of files as one compressed file in the repository: one stream, for the files of one kind are much alike."""

from __future__ import annotations

import tarfile
from pathlib import Path

DATA = Path(__file__).parent / "data"


def pack(folder: Path, name: str) -> None:
    """Replaces an archive by what a folder holds."""
    with tarfile.open(DATA / name, "w:xz", preset=9) as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, path.name, filter=_anonymous)


def unpack(name: str, folder: Path, start: str = "") -> Path:
    """Writes what an archive holds under names that begin so to a folder, and returns that."""
    with tarfile.open(DATA / name) as archive:
        archive.extractall(folder, [m for m in archive.getmembers() if m.name.startswith(start)], filter="data")
    return folder


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    return info
