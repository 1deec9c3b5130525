"""Object files of LLVM modules, made on several threads; LLVM's own linker, for systems that `loader` knows no other way for."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Any

import llvmlite.binding as llvm
from llvmlite.binding import ffi

from tenfold.compiler import loader
from tenfold.compiler.target import host
from tenfold.core.locks import compile_lock


def object_files(modules: Sequence[str], level: int = 2) -> tuple[bytes, ...]:
    """The object file of each module, which is LLVM IR as text. It is vectorised already: only what says so needs inlining.

    Args:
      level: of LLVM's code generator; at 0 it takes a quarter of the time, and keeps values in memory.
    """
    with compile_lock:
        host()
        if len(modules) == 1:
            return (_object_file(modules[0], level),)
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(len(modules)) as threads:
            return tuple(threads.map(_object_file, modules, repeat(level)))


def link(object_files: Iterable[bytes]) -> Any:
    """An execution engine, which owns the machine code of object files that may call each other."""
    for name, address in loader.symbols.items():
        llvm.add_symbol(name, address)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), host().machine())
    for content in object_files:
        engine.add_object_file(llvm.ObjectFileRef.from_data(content))
    engine.finalize_object()
    return engine


def _object_file(text: str, level: int) -> bytes:
    machine = host().machine(level)
    module = llvm.parse_assembly(text, llvm.create_context())
    if " alwaysinline " in text:
        passes = llvm.create_new_module_pass_manager()
        passes.add_always_inliner_pass()
        passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=0)))
    return _emit(machine, module)


def _emit(machine: Any, module: Any) -> bytes:
    """`machine.emit_object(module)` without llvmlite's lock: modules with contexts of their own need none."""
    error = ctypes.c_char_p()
    buffer = _emitter()(machine, module, 1, ctypes.byref(error))
    if not buffer:
        raise RuntimeError(f"LLVM writes no object code: {(error.value or b'').decode()}")
    try:
        return ctypes.string_at(ffi.lib.LLVMPY_GetBufferStart(buffer), ffi.lib.LLVMPY_GetBufferSize(buffer))
    finally:
        ffi.lib.LLVMPY_DisposeMemoryBuffer(buffer)


@cache
def _emitter() -> Any:
    known = ffi.lib.LLVMPY_TargetMachineEmitToMemory
    function = ctypes.CDLL(ffi.lib._name).LLVMPY_TargetMachineEmitToMemory
    function.argtypes, function.restype = known.argtypes, known.restype
    return function
