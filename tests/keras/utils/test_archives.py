"""extract_archive against archives that are hostile or broken."""

import io
import os
import random
import tarfile
import zipfile

import pytest

from tenfold.keras.utils.archives import extract_archive


def tar_of(path, *members, mode="w:gz"):
    """Writes a tar of (name, content) files and (name, type, linkname) others."""
    with tarfile.open(path, mode) as tar:
        for name, *rest in members:
            info = tarfile.TarInfo(name)
            if len(rest) == 1:
                content = rest[0] if isinstance(rest[0], bytes) else rest[0].encode()
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = rest
                tar.addfile(info)
    return str(path)


def files_below(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


HOSTILE_NAMES = ["../evil.txt", "good/../../evil.txt", "{outside}/evil.txt", "..", "nul\0l"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_tar_traversal_is_refused_and_nothing_is_unpacked(tmp_path, name):
    name = name.format(outside=tmp_path)
    path = tar_of(tmp_path / "a.tgz", ("good.txt", "good"), (name, "evil"))
    if "\0" in name:  # tar cuts the name there
        assert extract_archive(path, str(tmp_path / "out" / "in"))
        assert files_below(tmp_path / "out") == ["in/good.txt", "in/nul"]
        return
    with pytest.raises(ValueError, match="a.tgz is refused: .* lies outside the folder; nothing was unpacked"):
        extract_archive(path, str(tmp_path / "out" / "in"))
    assert files_below(tmp_path) == ["a.tgz"]


@pytest.mark.parametrize("name", HOSTILE_NAMES[:3])
def test_zip_traversal_is_refused_and_nothing_is_unpacked(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr("good.txt", "good")
        zipped.writestr(name.format(outside=tmp_path), "evil")
    with pytest.raises(ValueError, match="a.zip is refused: .* lies outside the folder; nothing was unpacked"):
        extract_archive(str(tmp_path / "a.zip"), str(tmp_path / "out" / "in"))
    assert files_below(tmp_path) == ["a.zip"]


@pytest.mark.parametrize(
    "kind, target",
    [
        (tarfile.SYMTYPE, "../../outside.txt"),
        (tarfile.SYMTYPE, "{outside}"),
        (tarfile.LNKTYPE, "{outside}"),
        (tarfile.LNKTYPE, "../outside.txt"),
        (tarfile.SYMTYPE, "link"),
        (tarfile.SYMTYPE, "."),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_tar_links_out_and_devices_are_refused(tmp_path, kind, target):
    (tmp_path / "outside.txt").write_text("secret")
    path = tar_of(
        tmp_path / "a.tar",
        ("link", kind, target.format(outside=tmp_path / "outside.txt")),
        ("link/through.txt", "written through the link"),
        mode="w",
    )
    with pytest.raises(ValueError, match="a.tar is refused: 'link'"):
        extract_archive(path, str(tmp_path / "out"))
    assert files_below(tmp_path) == ["a.tar", "outside.txt"]


def test_tar_links_within_become_copies(tmp_path):
    path = tar_of(
        tmp_path / "a.tgz",
        ("folder/a.txt", "hello"),
        ("folder/symbolic.txt", tarfile.SYMTYPE, "a.txt"),
        ("hard.txt", tarfile.LNKTYPE, "folder/a.txt"),
        ("empty", tarfile.DIRTYPE, ""),
    )
    assert extract_archive(path, str(tmp_path / "out"))
    assert files_below(tmp_path / "out") == ["folder/a.txt", "folder/symbolic.txt", "hard.txt"]
    assert {(tmp_path / "out" / name).read_text() for name in files_below(tmp_path / "out")} == {"hello"}
    assert not (tmp_path / "out" / "folder" / "symbolic.txt").is_symlink()
    assert (tmp_path / "out" / "empty").is_dir()


def test_member_that_would_pass_through_a_link_on_the_disk_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="lies outside the folder"):
        extract_archive(tar_of(tmp_path / "a.tgz", ("link/evil.txt", "evil")), str(tmp_path / "out"))
    assert os.listdir(tmp_path / "elsewhere") == []


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz", "w"])
@pytest.mark.parametrize("share", [0.6, 0.9])
def test_truncated_tar_says_so_and_unpacks_nothing(tmp_path, mode, share):
    noise = random.Random(0).randbytes(1_000_000)  # more than a block of bzip2
    path = tmp_path / "a.tar"
    tar_of(path, ("a.bin", noise), ("b.bin", noise[::-1]), mode=mode)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match="a.tar is truncated or corrupt .*; nothing was unpacked"):
        extract_archive(str(path), str(tmp_path / "out"))
    assert files_below(tmp_path) == ["a.tar"]


def test_zip_with_a_wrong_checksum_says_so_and_unpacks_nothing(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("a.txt", "hello")
    path.write_bytes(path.read_bytes().replace(b"hello", b"jello"))
    with pytest.raises(ValueError, match="a.zip is truncated or corrupt .*CRC"):
        extract_archive(str(path), str(tmp_path / "out"))
    assert files_below(tmp_path) == ["a.zip"]


def test_complete_folder_is_not_written_to(tmp_path, monkeypatch):
    """So that a cache on a read-only disk can be used."""
    path = tar_of(tmp_path / "a.tgz", ("folder", tarfile.DIRTYPE, ""), ("folder/a.txt", "hello"))
    extract_archive(path, str(tmp_path / "out"))
    monkeypatch.setattr("tenfold.keras.utils.archives.new_part", None)
    assert extract_archive(path, str(tmp_path / "out"))


def test_executable_bit_is_kept(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, mode in (("plain", 0o644), ("run", 0o4755)):
            info = tarfile.TarInfo(name)
            info.mode = mode
            tar.addfile(info)
    extract_archive(str(tmp_path / "a.tar"), str(tmp_path / "out"))
    assert not os.access(tmp_path / "out" / "plain", os.X_OK)
    assert (tmp_path / "out" / "run").stat().st_mode & 0o7100 == 0o100


def test_other_files_are_no_archives(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    assert not extract_archive(str(tmp_path / "a.txt"), str(tmp_path / "out"))
    assert not extract_archive(tar_of(tmp_path / "a.tgz", ("a", "b")), str(tmp_path / "out"), "zip")
    assert extract_archive(str(tmp_path / "a.tgz"), str(tmp_path / "out"), ["zip", "tar"])
