"""`python -m tenfold script.py [args]` runs a script that imports TensorFlow, unmodified; `serve` and `compile` are commands for models."""

from __future__ import annotations

import builtins
import importlib.machinery
import os
import runpy
import sys
import types

from tenfold.standin import install_as_tensorflow

_USAGE = """\
usage: python -m tenfold script.py [argument ...]
       python -m tenfold -m module [argument ...]
       python -m tenfold serve folder [option ...]
       python -m tenfold compile folder [--batch 1,8]

Runs a script or a module with Tenfold in the place of TensorFlow and Keras; or serves the SavedModels of a folder over HTTP; or
stores machine code beside a SavedModel, so that it starts without a compiler (`serve --help` and `compile --help` tell more).
"""


def main(arguments: list[str]) -> int:
    """Runs what the arguments name, and returns the exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(_USAGE, end="")
        return 0
    if arguments[:1] == ["serve"]:
        from tenfold.serving.command import main as serve

        return serve(arguments[1:])
    if arguments[:1] == ["compile"]:
        from tenfold.saved_model.compiling import main as compile_model

        return compile_model(arguments[1:])
    is_module = arguments[:1] == ["-m"]
    command = arguments[is_module:]
    if not command or command[0].startswith("-"):
        print(_USAGE, end="", file=sys.stderr)
        return 2
    if not is_module and not os.path.isfile(command[0]):
        print(f"python -m tenfold: there is no file {command[0]!r}", file=sys.stderr)
        return 2
    install_as_tensorflow()
    sys.argv = command
    try:
        if is_module:
            runpy.run_module(command[0], run_name="__main__", alter_sys=True)
        else:
            _run_script(command[0])
    except Exception as error:
        error.__traceback__ = _without_runner(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def command() -> int:
    """`tenfold`, as it is installed."""
    return main(sys.argv[1:])


def _run_script(path: str) -> None:
    """Runs a file as Python does: as `__main__`, which stays after its end, with its folder first on the path."""
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    path = os.path.abspath(path)
    loader = importlib.machinery.SourceFileLoader("__main__", path)
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=path, __loader__=loader, __builtins__=builtins, __cached__=None)
    sys.modules["__main__"] = module
    exec(loader.source_to_code(loader.get_data(path), path), module.__dict__)


def _without_runner(traceback: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without the lines that lead from here to what the user runs."""
    while traceback is not None and _is_runner(traceback.tb_frame.f_code.co_filename):
        traceback = traceback.tb_next
    return traceback


def _is_runner(filename: str) -> bool:
    return filename == __file__ or filename.startswith("<frozen ")


if __name__ == "__main__":
    sys.exit(command())
