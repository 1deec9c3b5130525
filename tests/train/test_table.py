"""Tables and bundles: what was written is read, and what is damaged gives a clear error."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.core.errors import DataLossError, NotFoundError, UnimplementedError
from tenfold.protos import checkpoint as messages
from tenfold.train.bundle import Bundle
from tenfold.train.bundle_writer import write_bundle
from tenfold.train.checksum import crc32c, masked
from tenfold.train.slices import indices, slice_key
from tenfold.train.table import MAGIC, read_table, write_table
from tenfold.train.varint import encode

ARCHIVE = Path(__file__).parents[1] / "golden" / "data" / "checkpoints.zip"
tables = st.dictionaries(st.binary(max_size=40), st.binary(max_size=300), max_size=80)


@given(tables)
def test_a_table_that_is_written_is_read(entries: dict[bytes, bytes]) -> None:
    assert read_table(write_table(sorted(entries.items()))) == entries


def test_a_table_of_several_blocks_is_read() -> None:
    entries = [(f"variable/{i:06d}".encode(), bytes(100)) for i in range(9000)]
    data = write_table(entries)
    assert len(data) < 9000 * 110  # keys leave out what they share
    assert list(read_table(data).items()) == entries


@given(st.binary(max_size=400))
def test_random_bytes_are_no_table(data: bytes) -> None:
    for ending in (b"", struct.pack("<Q", MAGIC)):
        with pytest.raises(DataLossError):
            read_table(data + ending)


@given(tables, st.data())
def test_a_damaged_table_is_told(entries: dict[bytes, bytes], data: Any) -> None:
    table = write_table(sorted(entries.items()))
    length = data.draw(st.integers(0, len(table) - 1))
    with pytest.raises(DataLossError):
        read_table(table[:length])
    bit = data.draw(st.integers(0, 8 * len(table) - 1))
    flipped = bytearray(table)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        assert read_table(bytes(flipped)) == entries  # a bit of the padding, or of the place of the empty block
    except (DataLossError, UnimplementedError):
        pass


def table_of(block: bytes) -> bytes:
    """A table whose one block has these contents, with right checksums."""
    contents = block + b"\0"
    data = contents + struct.pack("<I", masked(crc32c(contents)))
    start, handle = len(data), encode(0) + encode(len(block))
    index = b"\0\1" + encode(len(handle)) + b"z" + handle + struct.pack("<2I", 0, 1) + b"\0"
    data += index + struct.pack("<I", masked(crc32c(index)))
    handles = encode(0) + encode(0) + encode(start) + encode(len(index) - 1)
    return data + handles.ljust(40, b"\0") + struct.pack("<Q", MAGIC)


@given(st.binary(min_size=4, max_size=100))
def test_a_block_with_a_right_checksum_may_say_anything(block: bytes) -> None:
    try:
        read_table(table_of(block))
    except DataLossError:
        pass


def test_keys_that_would_fill_the_memory_are_refused() -> None:
    long = encode(20000)  # the length of a key that all later ones share
    later = b"".join(long + b"\2\0" + struct.pack(">H", i) for i in range(40000))
    with pytest.raises(DataLossError, match="more space"):
        read_table(table_of(b"\0" + long + b"\0" + b"k" * 20000 + later + struct.pack("<2I", 0, 1)))


ARRAYS: dict[str, np.ndarray] = {
    **{
        name: np.arange(6).reshape(2, 3).astype(name)
        for name in (
            "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 complex64 complex128"
        ).split()
    },
    **{
        name: np.array([1, 0.5, 3], getattr(ml_dtypes, name))
        for name in ("bfloat16", "float8_e5m2", "float8_e4m3fn", "int4", "uint4")
    },
    "bool": np.array([[True], [False]]),
    "empty": np.zeros((0, 3), np.float32),
    "scalar": np.array(-3),
    "texts": np.array([[b"", b"a\0b"], [b"\xff" * 300, "ä".encode()]], object),
    "strided": np.arange(12.0)[::3],
}


def test_arrays_of_all_types_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_bundle(str(tmp_path / "x"), ARRAYS)
    bundle = Bundle(str(tmp_path / "x"))
    assert bundle.names() == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        read = bundle.read(name)
        assert read.dtype == array.dtype and read.shape == array.shape
        np.testing.assert_array_equal(read, array)
        read[...] = read  # an array of its own


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=20))
def test_strings_of_all_lengths_are_read(tmp_path_factory: Any, items: list[bytes]) -> None:
    prefix = str(tmp_path_factory.getbasetemp() / "strings")
    array = np.empty(len(items), object)
    array[:] = items
    write_bundle(prefix, {"s": array})
    assert Bundle(prefix).read("s").tolist() == items


@pytest.fixture(scope="module")
def saved(tmp_path_factory: Any) -> Path:
    """A small checkpoint of TensorFlow's, with text and numbers."""
    folder = tmp_path_factory.mktemp("saved")
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(
            folder, [f"sharded/ckpt.{end}" for end in ("index", *(f"data-0000{i}-of-00003" for i in range(3)))]
        )
    return folder / "sharded"


def read_all(prefix: Path) -> dict[str, bytes]:
    bundle = Bundle(str(prefix))
    return {name: bundle.read(name).astype(str).tobytes() for name in bundle.names()}


@pytest.mark.parametrize("file", ["ckpt.index", *(f"ckpt.data-0000{i}-of-00003" for i in range(3))])
def test_every_damage_of_a_file_is_told(file: str, saved: Path, tmp_path: Path) -> None:
    whole = read_all(saved / "ckpt")
    for path in saved.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    data = (saved / file).read_bytes()
    for place in range(0, len(data), 7 if "index" in file else 3):
        for damaged in (data[:place], data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]):
            (tmp_path / file).write_bytes(damaged)
            try:
                assert read_all(tmp_path / "ckpt") == whole
            except DataLossError as error:
                assert "ckpt" in str(error)
    (tmp_path / file).unlink()
    with pytest.raises(NotFoundError, match=file.replace(".", r"\.")):
        read_all(tmp_path / "ckpt")


def forged(prefix: Path, **fields: Any) -> None:
    """A bundle with one entry that says something else than there is."""
    (prefix.parent / f"{prefix.name}.data-00000-of-00001").write_bytes(bytes(8))
    entry = messages.BundleEntryProto(**{"dtype": 1, "size": 8, "crc32c": masked(crc32c(bytes(8))), **fields})
    header = messages.BundleHeaderProto(num_shards=1)
    table = write_table([(b"", header.SerializeToString()), (b"v", entry.SerializeToString())])
    (prefix.parent / f"{prefix.name}.index").write_bytes(table)


SHAPE = {"shape": {"dim": [{"size": 2}]}}
HUGE = {"shape": {"dim": [{"size": 1 << 40}, {"size": 1 << 40}]}}


@pytest.mark.parametrize(
    "fields, message",
    [
        (HUGE, "takes .* bytes, the entry says 8"),
        ({**HUGE, "size": 1 << 62}, "takes .* bytes, the entry says"),
        ({"shape": {"dim": [{"size": 1 << 38}]}, "size": 1 << 40}, "has 8: the file is truncated"),
        ({**HUGE, "dtype": 7}, "strings cannot be in 8 bytes"),
        ({**SHAPE, "offset": -8}, "8 bytes from byte -8 on"),
        ({**SHAPE, "offset": 1 << 62}, "8 bytes from byte"),
        ({**SHAPE, "shard_id": 1}, "in file 1 of 1"),
        ({"shape": {"dim": [{"size": -1}]}}, "its shape is .-1"),
        ({**SHAPE, "dtype": 99}, "its type has the number 99"),
        ({**SHAPE, "crc32c": 1}, "the data are damaged"),
        ({**SHAPE, "slices": [{"extent": [{"start": 0, "length": 2}]}]}, "its part .* is missing"),
        ({**SHAPE, "slices": [{"extent": [{"start": 1, "length": 2}]}]}, "outside of an axis"),
        ({**HUGE, "slices": [{"extent": [{"start": 0, "length": 2}, {}]}]}, "elements in all"),
        ({**SHAPE, "slices": [{"extent": [{}] * 9}]}, "a part of 9 axes"),
    ],
)
def test_an_entry_that_lies_is_refused_before_memory_is_taken(fields: Any, message: str, tmp_path: Path) -> None:
    forged(tmp_path / "x", **fields)
    tracemalloc.start()
    try:
        with pytest.raises(DataLossError, match=message):
            Bundle(str(tmp_path / "x")).read("v")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_an_entry_of_random_bytes_is_an_error(tmp_path_factory: Any, value: bytes) -> None:
    prefix = tmp_path_factory.getbasetemp() / "entry"
    header = messages.BundleHeaderProto(num_shards=1)
    prefix.with_suffix(".index").write_bytes(write_table([(b"", header.SerializeToString()), (b"v", value)]))
    prefix.with_suffix(".data-00000-of-00001").write_bytes(bytes(64))
    try:
        Bundle(str(prefix)).read("v")
    except (DataLossError, UnimplementedError):
        pass


def test_numbers_in_keys_of_parts_sort_as_they_should() -> None:
    """Figures of the ordered code: one byte holds -64 to 63, two hold -8192 to 8191."""
    assert slice_key("w", [(0, 5), (64, -1)]) == b"\x00w\x00\x01\x01\x02\x80\x85\xc0\x40\x7f"
    keys = [slice_key("w", [(number, 1)]) for number in (-9000, -64, -1, 0, 63, 64, 8191, 8192, 1 << 40, 1 << 62)]
    assert keys == sorted(keys)
    assert indices([(1, 2), (0, -1)], (4, 3)) == (slice(1, 3), slice(0, 3))
