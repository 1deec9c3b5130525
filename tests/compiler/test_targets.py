"""Code for processors with other vectors than this one's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tenfold.compiler import runtime
from tenfold.compiler.assemble import assemble
from tenfold.compiler.builder import trace
from tenfold.compiler.passes import optimise
from tenfold.compiler.program import Spec
from tenfold.compiler.target import Target


@pytest.mark.parametrize(
    "triple, cpu", [("x86_64-unknown-linux-gnu", "x86-64"), ("aarch64-unknown-linux-gnu", "generic")]
)
@pytest.mark.parametrize("vector_bytes", [16, 64])
def test_code_for_other_processors(triple, cpu, vector_bytes):
    import llvmlite.binding as llvm

    def function(b, x, i):
        y = b.softmax(x) * b.erf(x) + b.sin(x)
        return [y, b.argmax(y, 1), b.gather(b.pow(y, x), i), b.transpose(y, (1, 0)), b.floor_div(i, i)]

    runtime.ensure()
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        machine = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, opt=2)
    except RuntimeError:
        pytest.skip(f"this llvmlite writes no code for {triple}")
    target = Target()
    target.vector_bytes = vector_bytes
    program = trace(function, [Spec((9, 37), np.dtype(np.float32)), Spec((5,), np.dtype(np.int64))])
    (text,) = assemble(optimise(program), target).texts
    module = llvm.parse_assembly(text)
    module.triple = triple
    module.verify()
    assert machine.emit_object(module)


NARROW = """
import numpy as np
import tenfold as tf

random = np.random.default_rng(0)
x, w, k = [random.normal(size=shape).astype(np.float32) for shape in ((2, 9, 10, 5), (40, 19), (3, 3, 5, 8))]

@tf.function
def f(x, w, k):
    y = tf.nn.conv2d(x, k, 1, "SAME")
    return tf.nn.softmax(tf.reshape(y, [-1, 40]) @ w), tf.sort(x, 2), tf.reduce_max(y, [1, 2]), tf.cumsum(tf.exp(x), 1)

np.savez(__import__("sys").argv[1], *f(x, w, k))
"""


def test_narrower_vectors_give_the_same_from_code_of_their_own(tmp_path):
    results, entries = [], [set()]
    for vector_bytes in "16", "32", "":
        environment = os.environ | {"TENFOLD_CACHE_DIR": str(tmp_path / "cache"), "TENFOLD_VECTOR_BYTES": vector_bytes}
        if not vector_bytes:
            del environment["TENFOLD_VECTOR_BYTES"]
        command = [sys.executable, "-c", NARROW, tmp_path / "found.npz"]
        subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], check=True)
        with np.load(tmp_path / "found.npz") as found:
            results.append([found[name] for name in found.files])
        entries.append({path.name for path in (tmp_path / "cache").glob("*.o")})
        assert entries[-2] < entries[-1]
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
