"""`python -m tenfold script.py [args]`: runs a script that imports TensorFlow, unmodified."""

from __future__ import annotations

import os
import runpy
import sys

from tenfold.standin import install_as_tensorflow

_USAGE = "usage: python -m tenfold script.py [args ...]\n       python -m tenfold -m module [args ...]"


def main(arguments: list[str]) -> int:
    """Runs a script or a module with Tenfold in TensorFlow's place."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_USAGE)
        return 0 if arguments else 2
    install_as_tensorflow()
    if arguments[0] == "-m":
        if len(arguments) < 2:
            print(_USAGE, file=sys.stderr)
            return 2
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return 0
    script = arguments[0]
    if not os.path.exists(script):
        print(f"python -m tenfold: there is no file {script!r}", file=sys.stderr)
        return 2
    sys.argv = arguments
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    runpy.run_path(script, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
