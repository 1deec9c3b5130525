"""The same LLVM IR becomes code for processors with other vectors than this one's."""

from __future__ import annotations

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
