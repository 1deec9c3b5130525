"""Object code on disk: found again, never trusted when damaged, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from tenfold.compiler import cache, codegen, executable, runtime
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.program import Spec


@pytest.fixture
def folder(tmp_path, monkeypatch):
    runtime.ensure()  # its code would be kept beside that of programs
    monkeypatch.setenv("TENFOLD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def built(monkeypatch):
    """The programs for which code was made, not found."""
    programs = []
    build = executable.build
    monkeypatch.setattr(executable, "build", lambda program: programs.append(program) or build(program))
    return programs


def program(scale=2.0, table=(1.0, 2.0, 3.0)):
    return trace(lambda b, x: x * scale + b.constant(np.array(table, np.float32)), [Spec((3,), np.dtype(np.float32))])


def run(p):
    return compile(p)(np.ones(3, np.float32))[0].tolist()


def test_what_was_compiled_once_is_found(folder, built):
    assert run(program()) == run(program()) == [3, 4, 5]
    assert len(built) == 1
    assert len(list(folder.iterdir())) == 1


def test_llvm_modules_have_entries_too(folder, monkeypatch):
    text = "define void @nothing() { ret void }"
    made = cache.code_of(text)
    monkeypatch.setattr(codegen, "object_files", lambda texts: pytest.fail("made again"))
    assert cache.code_of(text) == made
    monkeypatch.undo()
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert cache.code_of(text) == made


def test_constants_are_part_of_the_key(folder, built):
    assert run(program()) == [3, 4, 5]
    assert run(program(table=(5.0, 5.0, 5.0))) == [7, 7, 7]
    assert run(program(scale=3.0)) == [4, 5, 6]
    assert len(built) == 3


@pytest.mark.parametrize(
    "damage", [lambda c: c[:100], lambda c: b"", lambda c: c[:-1] + bytes([c[-1] ^ 1]), lambda c: b"x" * len(c)]
)
def test_a_damaged_entry_is_made_again(folder, built, damage):
    run(program())
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert run(program()) == [3, 4, 5]
    assert len(built) == 2
    assert path.read_bytes()[32:] == whole[32:]


def test_another_processor_or_compiler_has_entries_of_its_own(folder, built, monkeypatch):
    run(program())
    monkeypatch.setattr(cache, "_context", lambda: "another")
    run(program())
    assert len(built) == 2


def test_the_oldest_entries_go_when_there_are_too_many(folder, monkeypatch):
    for n in range(4):
        run(program(scale=n + 2.0))
        newest = max(folder.iterdir(), key=lambda p: p.stat().st_mtime_ns)
        os.utime(newest, (n, n))
    size = sum(p.stat().st_size for p in folder.iterdir())
    monkeypatch.setattr(cache, "MOST_BYTES", size // 2)
    run(program(scale=9.0))
    assert sum(p.stat().st_size for p in folder.iterdir()) <= size // 2
    assert max(p.stat().st_mtime for p in folder.iterdir()) > 10


def test_files_that_a_killed_process_left_are_taken_away(folder, monkeypatch):
    run(program())
    old, new = folder / "old.part", folder / "new.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    monkeypatch.setattr(cache, "_written", cache.MOST_BYTES)
    run(program(scale=7.0))
    assert not old.exists() and new.exists()


def test_what_cannot_be_put_in_its_place_leaves_no_file(folder, built):
    run(program())
    (path,) = folder.iterdir()
    path.unlink()
    path.mkdir()
    assert run(program()) == [3, 4, 5]
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("value", ["", "/dev/null/cache"])
def test_without_a_folder_code_is_made_each_time(monkeypatch, built, value):
    monkeypatch.setenv("TENFOLD_CACHE_DIR", value)
    assert run(program()) == run(program()) == [3, 4, 5]
    assert len(built) == 2


@pytest.mark.parametrize(
    "package, reason",
    [
        ("raise ImportError('a library is missing')", "a library is missing"),
        ("__version__ = '0.44.1'", "llvmlite 0.44.1 is installed, 0.50 is needed"),
        ("__version__ = '0.50.1'", "libllvmlite"),
    ],
)
def test_where_llvmlite_is_broken_functions_run_on_numpy_after_one_warning(tmp_path, package, reason):
    (tmp_path / "llvmlite").mkdir()
    (tmp_path / "llvmlite" / "__init__.py").write_text(package)
    program = """
import tenfold as tf
for scale in (2.0, 3.0):
    print(tf.function(lambda x: tf.exp(x) * scale + 1.0)(tf.zeros([2])).numpy())
"""
    path = os.pathsep.join([str(tmp_path), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "TENFOLD_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[3. 3.]", "[4. 4.]"]
    assert done.stderr.count("llvmlite cannot be used") == 1 and reason in done.stderr
