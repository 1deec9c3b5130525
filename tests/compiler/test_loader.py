"""Machine code in memory: what is called is found, what is damaged is refused, and no LLVM is needed once there is code."""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tenfold.compiler import cache, codegen, loader, runtime
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.program import Spec

needs_images = pytest.mark.skipif(not loader.HAS_IMAGES, reason="images are for Linux on x86-64")
TEXTS = (
    """
    declare i64 @other(i64)
    declare double @fmod(double, double)
    @calls = global i64 40
    define i64 @count(i64 %x) {
      %old = load i64, ptr @calls
      %new = add i64 %old, 1
      store i64 %new, ptr @calls
      %y = call i64 @other(i64 %x)
      %z = add i64 %y, %new
      ret i64 %z
    }
    define double @rest(double %x) {
      %y = call double @fmod(double %x, double 3.0)
      ret double %y
    }
    """,
    """
    @table = internal constant [3 x i64] [i64 100, i64 200, i64 300]
    @places = internal constant [2 x ptr] [ptr @table, ptr getelementptr (i8, ptr @table, i64 16)]
    define i64 @other(i64 %x) {
      %p = getelementptr ptr, ptr @places, i64 %x
      %q = load ptr, ptr %p
      %y = load i64, ptr %q
      ret i64 %y
    }
    """,
)


@pytest.fixture(scope="module")
def objects():
    return codegen.object_files(TEXTS)


def in_images(objects):
    return loader.packed(objects)


def in_objects(objects):
    """As on a system of which only LLVM knows how code is loaded."""
    return json.dumps({"sizes": [len(x) for x in objects]}).encode() + b"\n" + b"".join(objects)


@pytest.mark.parametrize("form", [pytest.param(in_images, marks=needs_images), in_objects])
def test_functions_and_data_of_several_objects_are_found(objects, form):
    code = loader.load(form(objects))
    count = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("count"))
    assert [count(0), count(1)] == [141, 342]
    assert ctypes.c_int64.from_address(code.address("calls")).value == 42
    assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code.address("rest"))(7.5) == 1.5


@needs_images
def test_each_image_has_its_own_data_and_lets_memory_go(objects):
    form = in_images(objects)
    one, other = loader.load(form), loader.load(form)
    count = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(one.address("count"))
    assert count(0) == 141
    assert ctypes.c_int64.from_address(other.address("calls")).value == 40
    places = {one.address("count"), other.address("count")}
    del one, other
    gc.collect()
    maps = [line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines()]
    executable = [place for place in places for low, high in maps if int(low, 16) <= place < int(high, 16)]
    assert not executable


@needs_images
def test_no_memory_is_writeable_and_executable(objects):
    code = loader.load(in_images(objects))
    modes = {}
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, mode = line.split()[:2]
        low, high = (int(x, 16) for x in span.split("-"))
        modes |= {name: mode for name in ("count", "calls") if low <= code.address(name) < high}
    assert modes["count"].startswith("r-x") and modes["calls"].startswith("rw-")


@needs_images
@pytest.mark.parametrize(
    "change",
    [
        {"fixed": 5},
        {"fixed": 1 << 40},
        {"local": [-8]},
        {"local": [1 << 40]},
        {"imports": {"memcpy": [1 << 40]}},
        {"imports": {"no_such_function": [0]}},
        {"exports": {"count": -1}},
        {"frames": [1 << 40]},
    ],
)
def test_an_image_that_lies_is_refused(objects, change):
    head, _, content = in_images(objects).partition(b"\n")
    with pytest.raises(ValueError):
        loader.load(json.dumps(json.loads(head) | change).encode() + b"\n" + content)


@needs_images
def test_code_of_another_machine_is_refused(objects):
    other = bytearray(objects[0])
    other[18] = 183  # AArch64
    with pytest.raises(NotImplementedError):
        loader.packed([bytes(other)])


@needs_images
def test_what_is_on_disk_needs_no_llvm(tmp_path, monkeypatch):
    script = """
import sys
from pathlib import Path
import numpy as np
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.program import Spec
x = np.linspace(0, 1, 300 * 400, dtype=np.float32).reshape(300, 400)
program = trace(lambda b, x: b.softmax(b.contract(x, x, transpose_y=True)), [Spec(x.shape, x.dtype)])
(y,) = compile(program)(x)
print(float(y.sum()), "llvmlite" in sys.modules)
"""
    monkeypatch.setenv("TENFOLD_CACHE_DIR", str(tmp_path))
    runs = [subprocess.run([sys.executable, "-c", script], capture_output=True, text=True) for _ in range(2)]
    (first, was_loaded), (second, is_loaded) = (run.stdout.split() for run in runs)
    assert first == second and (was_loaded, is_loaded) == ("True", "False"), [run.stderr for run in runs]


def test_damaged_code_on_disk_is_made_again(tmp_path, monkeypatch):
    runtime.ensure()
    monkeypatch.setenv("TENFOLD_CACHE_DIR", str(tmp_path))
    program = trace(lambda b, x: b.exp(x) * 2.0, [Spec((5,), np.dtype(np.float32))])
    x = np.zeros(5, np.float32)
    assert compile(program)(x)[0].tolist() == [2.0] * 5
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert cache.read(program) is None
    assert compile(program)(x)[0].tolist() == [2.0] * 5
