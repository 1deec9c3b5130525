"""Machine code from LLVM IR."""

from __future__ import annotations

from typing import Any

from tenfold.compiler.target import host


def load(text: str) -> Any:
    """An execution engine with the machine code of a module."""
    import llvmlite.binding as llvm

    machine = host().machine()
    code = machine.emit_object(llvm.parse_assembly(text))
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine
