"""Object files of ELF, joined into one image of machine code that can be put anywhere in memory.

Compiled code uses the large code model, so that all that depends on where it is are whole words. What links only inside of the image
is settled here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from tenfold.compiler.loader import PAGE, Image

_ALLOCATED, _WRITEABLE = 2, 1  # flags of sections
_SYMBOLS, _RELOCATIONS, _NO_BITS = 2, 4, 8  # their types
_ABSOLUTE, _RELATIVE, _RELATIVE_32 = 1, 24, 2  # R_X86_64_64, R_X86_64_PC64, R_X86_64_PC32


@dataclass
class _Section:
    name: str
    kind: int
    flags: int
    content: bytes
    size: int
    link: int
    info: int
    alignment: int
    place: int = -1  # in the image


@dataclass
class _Layout:
    """What is put one after the other."""

    end: int = 0
    parts: list[tuple[int, bytes]] = field(default_factory=list)

    def put(self, section: _Section, more: int = 0) -> None:
        section.place = -(-self.end // section.alignment) * section.alignment
        self.parts.append((section.place, section.content))
        self.end = section.place + section.size + more


def joined(objects: Sequence[bytes]) -> Image:
    """The image of object files that may call each other.

    Raises:
      NotImplementedError: they are not what the compiler writes for this processor.
    """
    files = [_sections(content) for content in objects]
    layout, frames = _Layout(), []
    for is_writeable in (False, True):
        if is_writeable:
            fixed = layout.end = -(-layout.end // PAGE) * PAGE
        for sections in files:
            for section in sorted(sections, key=lambda x: x.kind == _NO_BITS):
                if section.flags & _ALLOCATED and bool(section.flags & _WRITEABLE) == is_writeable:
                    is_frame = section.name == ".eh_frame"
                    layout.put(section, 4 * is_frame)  # the word 0 ends a list of frames
                    frames += [section.place] * is_frame
    symbols = [_symbols(sections) for sections in files]
    exports = {name: at for table in symbols for name, at, is_global in table if is_global and at is not None}
    content = bytearray(layout.end)
    for place, part in layout.parts:
        content[place : place + len(part)] = part
    local: list[int] = []
    imports: dict[str, list[int]] = {}
    for sections, table in zip(files, symbols, strict=True):
        for section in sections:
            if section.kind != _RELOCATIONS or sections[section.info].place < 0:
                continue
            for offset, info, addend in struct.iter_unpack("<QQq", section.content):
                name, at, _ = table[info >> 32]
                at = exports.get(name) if at is None else at
                place, kind = sections[section.info].place + offset, info & 0xFFFFFFFF
                if kind == _ABSOLUTE and at is None:
                    imports.setdefault(name, []).append(place)
                    struct.pack_into("<q", content, place, addend)
                elif kind == _ABSOLUTE:
                    local.append(place)
                    struct.pack_into("<q", content, place, at + addend)
                elif kind in (_RELATIVE, _RELATIVE_32) and at is not None:
                    struct.pack_into("<q" if kind == _RELATIVE else "<i", content, place, at + addend - place)
                else:
                    raise NotImplementedError(f"a relocation of type {kind} to {name or 'a section'!r}")
    return Image(layout.end, bytes(content).rstrip(b"\0"), fixed, tuple(local), imports, exports, tuple(frames))


def _sections(content: bytes) -> list[_Section]:
    if content[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", content, 18)[0] != 62:
        raise NotImplementedError("the object file is not ELF for x86-64")
    (start,) = struct.unpack_from("<Q", content, 40)
    _, count, names = struct.unpack_from("<HHH", content, 58)
    found, name_at = [], []
    for number in range(count):
        name, kind, flags, _, offset, size, link, info, alignment, _ = struct.unpack_from(
            "<IIQQQQIIQQ", content, start + 64 * number
        )
        data = b"" if kind == _NO_BITS else content[offset : offset + size]
        name_at.append(name)
        found.append(_Section("", kind, flags, data, size, link, info, max(alignment, 1)))
    for section, at in zip(found, name_at, strict=True):
        section.name = _text(found[names].content, at)
    return found


def _symbols(sections: Sequence[_Section]) -> list[tuple[str, int | None, bool]]:
    """Name, place in the image (None if it is elsewhere) and visibility of each symbol."""
    table = next(section for section in sections if section.kind == _SYMBOLS)
    found: list[tuple[str, int | None, bool]] = []
    for name, info, _, section, value, _ in struct.iter_unpack("<IBBHQQ", table.content):
        is_here = 0 < section < len(sections) and sections[section].place >= 0
        place = sections[section].place + value if is_here else None
        found.append((_text(sections[table.link].content, name), place, info >> 4 != 0))
    return found


def _text(strings: bytes, at: int) -> str:
    return strings[at : strings.index(b"\0", at)].decode()
