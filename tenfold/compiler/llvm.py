"""LLVM, as far as object files need it: functions of llvmlite's library, called directly.

`import llvmlite.binding` runs 18 ms of Python, longer than all else that the first call of a small function does, and its calls
wait for each other. The library's functions are not the same in every version: others than `VERSION` are refused.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

VERSION = "0.50"
_INT, _TEXT, _REF, _OUT = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "InitializeNativeTarget": (None, []),
    "InitializeNativeAsmPrinter": (None, []),
    "InitializeNativeAsmParser": (None, []),
    "GetHostCPUName": (None, [_OUT]),
    "GetHostCPUFeatures": (_INT, [_OUT]),
    "GetDefaultTargetTriple": (None, [_OUT]),
    "GetTargetFromTriple": (_REF, [_TEXT, _OUT]),
    "CreateTargetMachine": (_REF, [_REF, _TEXT, _TEXT, _TEXT, _INT, _TEXT, _TEXT, _INT, _INT, _TEXT]),
    "ContextCreate": (_REF, []),
    "ParseAssembly": (_REF, [_REF, _TEXT, _OUT]),
    "CreateNewModulePassManager": (_REF, []),
    "module_AddAlwaysInlinerPass": (None, [_REF]),
    "CreatePipelineTuningOptions": (_REF, []),
    "CreatePassBuilder": (_REF, [_REF, _REF]),
    "RunNewModulePassManager": (None, [_REF, _REF, _REF]),
    "TargetMachineEmitToMemory": (_REF, [_REF, _REF, _INT, _OUT]),
    "GetBufferStart": (_REF, [_REF]),
    "GetBufferSize": (ctypes.c_size_t, [_REF]),
    "DisposeString": (None, [_REF]),
    "DisposeMemoryBuffer": (None, [_REF]),
    "DisposePassBuilder": (None, [_REF]),
    "DisposePipelineTuningOptions": (None, [_REF]),
    "DisposeNewModulePassManger": (None, [_REF]),  # spelled so
    "DisposeModule": (None, [_REF]),
    "ContextDispose": (None, [_REF]),
    "DisposeTargetMachine": (None, [_REF]),
}


@cache
def path() -> Path:
    """Where llvmlite's library is.

    Raises:
      ImportError: there is no llvmlite, or its version is another one.
    """
    import llvmlite

    if not llvmlite.__version__.startswith(f"{VERSION}."):
        raise ImportError(f"llvmlite {llvmlite.__version__} is installed, {VERSION} is needed")
    name = {"win32": "llvmlite.dll", "darwin": "libllvmlite.dylib"}.get(sys.platform, "libllvmlite.so")
    return Path(llvmlite.__file__).with_name("binding") / name


@cache
def library() -> Any:
    """llvmlite's library, with LLVM in it, which takes some milliseconds to load.

    Raises:
      ImportError: see `path`.
    """
    if os.name == "posix":  # without the interpreter's lock, which the next call holds
        ctypes.CDLL(None).dlopen(os.fsencode(path()), os.RTLD_NOW)
    try:
        found = ctypes.CDLL(str(path()))
    except OSError as error:
        raise ImportError(str(error)) from error
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(found, f"LLVMPY_{name}")
        function.restype, function.argtypes = result, arguments
        setattr(found, name, function)
    found.InitializeNativeTarget()
    found.InitializeNativeAsmPrinter()
    found.InitializeNativeAsmParser()
    return found


def cpu_name() -> str:
    """The processor at hand."""
    return _text(library().GetHostCPUName)


def cpu_features() -> dict[str, bool]:
    """What it has, and has not."""
    known = _text(library().GetHostCPUFeatures).split(",")
    return {feature[1:]: feature[0] == "+" for feature in sorted(known, key=lambda feature: feature[1:]) if feature}


def object_file(text: str, cpu: str, features: Mapping[str, bool], level: int) -> bytes:
    """Machine code of a module.

    Args:
      text: LLVM IR, vectorised already: only what says `alwaysinline` is inlined.
      cpu: a processor's name.
      features: what it has and has not.
      level: of the code generator, 0 to 3.
    Raises:
      RuntimeError: the text is not LLVM IR, or has something that the processor has no code for.
    """
    llvm = library()
    error = ctypes.c_void_p()
    with ExitStack() as owned:

        def made(reference: int) -> int:
            if not reference:
                raise RuntimeError(f"LLVM: {_taken(error)}")
            return reference

        def own(dispose: Any, reference: int) -> int:
            owned.callback(dispose, made(reference))
            return reference

        triple = _text(llvm.GetDefaultTargetTriple).encode()
        target = made(llvm.GetTargetFromTriple(triple, error))
        if os.name == "nt":
            triple += b"-elf"  # what `link` takes there
        flags = ",".join(("+" if is_there else "-") + name for name, is_there in features.items())
        about = (cpu.encode(), flags.encode(), level, b"default", b"jitdefault", 0, 1, b"")
        machine = own(llvm.DisposeTargetMachine, llvm.CreateTargetMachine(target, triple, *about))
        context = own(llvm.ContextDispose, llvm.ContextCreate())
        module = own(llvm.DisposeModule, llvm.ParseAssembly(context, text.encode(), error))
        if " alwaysinline " in text:
            passes = own(llvm.DisposeNewModulePassManger, llvm.CreateNewModulePassManager())
            llvm.module_AddAlwaysInlinerPass(passes)
            options = own(llvm.DisposePipelineTuningOptions, llvm.CreatePipelineTuningOptions())
            builder = own(llvm.DisposePassBuilder, llvm.CreatePassBuilder(machine, options))
            llvm.RunNewModulePassManager(passes, module, builder)
        buffer = own(llvm.DisposeMemoryBuffer, llvm.TargetMachineEmitToMemory(machine, module, 1, error))
        return ctypes.string_at(llvm.GetBufferStart(buffer), llvm.GetBufferSize(buffer))


def _text(function: Any) -> str:
    text = ctypes.c_void_p()
    function(text)
    return _taken(text)


def _taken(text: ctypes.c_void_p) -> str:
    try:
        return ctypes.string_at(text.value).decode(errors="replace") if text.value else ""
    finally:
        library().DisposeString(text)
