"""get_file: what the cache holds before, during and after a download, whatever goes wrong."""

import contextlib
import hashlib
import http.server
import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
import warnings
import zipfile

import pytest

from tenfold.keras.utils.data_utils import get_file

OLD, NEW = b"old content", b"new content" * 50_000
NEW_HASH = hashlib.sha256(NEW).hexdigest()
CLOSED = "http://127.0.0.1:1/file.bin"  # nobody listens there


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/no_length":
            self.send_header("Content-Length", str(len(NEW)))
        self.end_headers()
        if self.path in ("/truncated", "/stalled"):
            self.wfile.write(NEW[:100_000])
            self.wfile.flush()
            if self.path == "/stalled":
                self.server.is_over.wait()
            return
        self.wfile.write(NEW)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.is_over = [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.is_over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "datasets"


@pytest.fixture
def cached(home):
    home.mkdir(parents=True)
    path = home / "file.bin"
    path.write_bytes(OLD)
    return path


def test_get_file_downloads_once(server, home, capsys):
    for _ in range(2):
        path = get_file("file.bin", origin=f"{server.url}/any", file_hash=NEW_HASH)
        assert path == str(home / "file.bin")
        assert (home / "file.bin").read_bytes() == NEW
    assert server.requests == ["/any"]
    assert os.listdir(home) == ["file.bin"]
    assert capsys.readouterr().out == f"Downloading data from {server.url}/any\n"


def test_get_file_takes_the_name_from_the_origin(server, home):
    assert get_file(origin=f"{server.url}/folder/name.txt?query=1") == str(home / "name.txt")


def test_get_file_without_content_length(server, home):
    assert get_file(origin=f"{server.url}/no_length", md5_hash=hashlib.md5(NEW).hexdigest())
    assert (home / "no_length").read_bytes() == NEW


def test_get_file_in_another_cache(server, tmp_path):
    path = get_file("f", origin=f"{server.url}/any", cache_dir=tmp_path / "not" / "yet", cache_subdir="a/b")
    assert path == str(tmp_path / "not" / "yet" / "a" / "b" / "f")
    absolute = tmp_path / "absolute"
    assert get_file("f", origin=f"{server.url}/any", cache_subdir=str(absolute)) == str(absolute / "f")


def test_get_file_where_home_cannot_be_written_uses_the_temporary_directory(server, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file"))  # not a folder: nothing can be written below it
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    assert get_file("f", origin=f"{server.url}/any") == str(tmp_path / "temporary" / ".keras" / "datasets" / "f")


@pytest.mark.parametrize("algorithm", ["auto", "md5", "sha256"])
def test_get_file_uses_a_cached_file_with_the_checksum(cached, algorithm):
    file_hash = (hashlib.sha256 if algorithm == "sha256" else hashlib.md5)(OLD).hexdigest()
    assert get_file("file.bin", origin=CLOSED, file_hash=file_hash, hash_algorithm=algorithm) == str(cached)


def test_get_file_replaces_a_cached_file_with_another_checksum(server, cached):
    get_file("file.bin", origin=f"{server.url}/any", file_hash=NEW_HASH)
    assert cached.read_bytes() == NEW


def test_get_file_offline_uses_a_cached_file_with_another_checksum_and_warns_once(cached):
    with pytest.warns(UserWarning, match="file.bin does not have the expected checksum .* used all the same") as caught:
        assert get_file("file.bin", origin=CLOSED, file_hash=NEW_HASH) == str(cached)
    assert len(caught) == 1
    assert cached.read_bytes() == OLD


def test_get_file_keeps_the_cached_file_when_the_replacement_is_wrong_too(server, cached):
    with pytest.warns(UserWarning, match="incomplete or corrupted"):
        get_file("file.bin", origin=f"{server.url}/any", file_hash="0" * 64)
    assert cached.read_bytes() == OLD
    assert os.listdir(cached.parent) == ["file.bin"]


def test_get_file_refuses_a_download_with_another_checksum(server, home):
    with pytest.raises(ValueError, match="incomplete or corrupted"):
        get_file("file.bin", origin=f"{server.url}/any", file_hash="0" * 32)
    assert os.listdir(home) == []


@pytest.mark.parametrize("page, reason", [("truncated", "100000 of 550000 bytes"), ("missing", "404")])
def test_get_file_failed_download_leaves_nothing(server, home, page, reason):
    with pytest.raises(OSError, match=f"URL fetch failure on {server.url}/{page}: .*{reason}"):
        get_file("file.bin", origin=f"{server.url}/{page}")
    assert os.listdir(home) == []


def test_get_file_offline_says_which_file_goes_where(home):
    with pytest.raises(OSError) as caught:
        get_file("file.bin", origin=CLOSED)
    for part in (CLOSED, "'file.bin'", f"'{home}'"):
        assert part in str(caught.value)


def test_get_file_that_stalls_times_out(server, home, monkeypatch):
    monkeypatch.setattr("tenfold.keras.utils.data_utils._TIMEOUT_SECONDS", 0.2)
    with pytest.raises(OSError, match="timed out"):
        get_file("file.bin", origin=f"{server.url}/stalled")
    assert os.listdir(home) == []


@pytest.mark.parametrize("page", ["truncated", "missing"])
def test_force_download_that_fails_raises_and_keeps_the_file(server, cached, page):
    with pytest.raises(OSError, match="URL fetch failure"):
        get_file("file.bin", origin=f"{server.url}/{page}", force_download=True)
    assert cached.read_bytes() == OLD


def test_force_download_replaces_a_file_that_is_fine(server, cached):
    get_file("file.bin", origin=f"{server.url}/any", force_download=True)
    assert cached.read_bytes() == NEW


def test_killed_download_keeps_the_old_file_and_its_rest_is_removed_later(server, cached):
    script = (
        "import sys; from tenfold.keras.utils.data_utils import get_file; get_file(*sys.argv[1:], force_download=True)"
    )
    child = subprocess.Popen([sys.executable, "-c", script, "file.bin", f"{server.url}/stalled"])
    deadline = time.monotonic() + 30
    while not (parts := list(cached.parent.glob("file.bin.*.part"))) and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert len(parts) == 1
    assert cached.read_bytes() == OLD

    get_file("file.bin", origin=f"{server.url}/any", force_download=True)
    assert parts[0].exists()  # it could be another process' living download
    os.utime(parts[0], (0, 0))
    get_file("file.bin", origin=f"{server.url}/any", force_download=True)
    assert os.listdir(cached.parent) == ["file.bin"]
    assert cached.read_bytes() == NEW


def test_interrupted_download_leaves_nothing(cached, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        get_file("file.bin", origin="data:,new", force_download=True)
    assert os.listdir(cached.parent) == ["file.bin"]
    assert cached.read_bytes() == OLD


def test_progress_is_shown_on_a_terminal_only(server, home, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    with contextlib.redirect_stdout(Terminal()) as terminal:
        get_file("file.bin", origin=f"{server.url}/any")
    assert "\rfile.bin: 0.6 of 0.6 MB, " in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({}, "origin is None"),
        ({"origin": "nonsense"}, "must be a URL"),
        ({"origin": "http://host/"}, "Give fname"),
        ({"origin": "http://host/.."}, "Give fname"),
        ({"origin": CLOSED, "fname": "a/b"}, "without folders"),
        ({"origin": CLOSED, "fname": ".."}, "without folders"),
        ({"origin": CLOSED, "hash_algorithm": "crc32"}, "'auto', 'md5' or 'sha256'"),
    ],
)
def test_get_file_wrong_arguments(home, arguments, message):
    with pytest.raises(ValueError, match=message):
        get_file(**arguments)


def test_get_file_asks_no_server_for_a_cached_file(cached, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", None)
    assert get_file("file.bin", origin=CLOSED) == str(cached)


def archive(path):
    """Writes an archive with one file, folder/a.txt."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as zipped:
            zipped.writestr("folder/a.txt", "hello")
    else:
        with tarfile.open(path, "w:gz") as tar:
            info = tarfile.TarInfo("folder/a.txt")
            info.size = 5
            tar.addfile(info, io.BytesIO(b"hello"))
    return path.as_uri()


@pytest.mark.parametrize("suffix", [".zip", ".tgz"])
@pytest.mark.parametrize(
    "fname, kept, folder",
    [
        (None, "data{}_archive", "data{}"),
        ("flowers", "flowers_archive", "flowers"),
        ("flowers.v1.x", "flowers.v1.x", "flowers_extracted"),
    ],
)
def test_get_file_extract_names(home, tmp_path, suffix, fname, kept, folder):
    unpacked = get_file(fname, origin=archive(tmp_path / f"data{suffix}"), extract=True)
    assert unpacked == str(home / folder.format(suffix))
    assert sorted(os.listdir(home)) == sorted([kept.format(suffix), folder.format(suffix)])
    assert (home / folder.format(suffix) / "folder" / "a.txt").read_text() == "hello"


def test_get_file_untar(home, tmp_path):
    assert get_file("flowers", origin=archive(tmp_path / "data.tgz"), untar=True) == str(home / "flowers")
    assert (home / "flowers" / "folder" / "a.txt").exists()


@pytest.mark.parametrize("arguments", [{"untar": True}, {"extract": True, "archive_format": None}])
def test_get_file_warns_of_what_it_cannot_extract(home, tmp_path, arguments):
    with pytest.warns(UserWarning, match="was not unpacked"):
        get_file("flowers", origin=archive(tmp_path / "data.zip"), **arguments)


def test_get_file_extract_of_an_unknown_format(home, tmp_path):
    with pytest.raises(NotImplementedError, match="'rar'"):
        get_file("flowers", origin=archive(tmp_path / "data.zip"), extract=True, archive_format="rar")


def test_get_file_extract_heals_and_keeps(home, tmp_path):
    """Unpacking again restores what is missing or half written, and leaves alone what is there."""
    origin = archive(tmp_path / "data.tgz")
    file = home / "flowers" / "folder" / "a.txt"
    own = home / "flowers" / "own.txt"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get_file("flowers", origin=origin, extract=True)
        before = file.stat()
        own.write_text("mine")
        get_file("flowers", origin=origin, extract=True)
        assert file.stat().st_ino == before.st_ino
        file.write_text("hel")
        get_file("flowers", origin=origin, extract=True)
        assert (file.read_text(), own.read_text()) == ("hello", "mine")
        file.unlink()
        get_file("flowers", origin=origin, extract=True)
        assert file.read_text() == "hello"
