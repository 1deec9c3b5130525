"""Object files of LLVM modules, made on several threads; LLVM's own linker, for systems that `loader` knows no other way for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from tenfold.compiler import llvm, loader
from tenfold.compiler.target import host
from tenfold.core.locks import compile_lock


def object_files(modules: Sequence[str], level: int = 2) -> tuple[bytes, ...]:
    """The object file of each module, which is LLVM IR as text.

    Args:
      level: of LLVM's code generator; at 0 it takes half of the time, and keeps values in memory. A module without loops takes no more.
    """
    with compile_lock:
        if len(modules) == 1:
            return (_object_file(modules[0], level),)
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(len(modules)) as threads:
            return tuple(threads.map(_object_file, modules, repeat(level)))


def link(object_files: Iterable[bytes]) -> Any:
    """An execution engine, which owns the machine code of object files that may call each other."""
    import llvmlite.binding

    host()  # LLVM knows the processor from then on
    for name, address in loader.symbols.items():
        llvmlite.binding.add_symbol(name, address)
    machine = llvmlite.binding.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvmlite.binding.create_mcjit_compiler(llvmlite.binding.parse_assembly(""), machine)
    for content in object_files:
        engine.add_object_file(llvmlite.binding.ObjectFileRef.from_data(content))
    engine.finalize_object()
    return engine


def _object_file(text: str, level: int) -> bytes:
    return llvm.object_file(text, host().cpu, host().features, level if " phi " in text else 0)
