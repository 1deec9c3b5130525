"""Fuzzes the readers of files and requests, each in a process of its own, for a time of the processor.

python -m tests.fuzz --seconds 600 [--seed 1] [target ...]

`TENFOLD_COMPILE=0` keeps what changed graphs do on NumPy, which is twenty times as many cases. Prints a line for each target, and
for each that fails the error and the smallest case that hypothesis found.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile

from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="target", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60, help="of all targets together (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--here", action="store_true", help="in this process")
    options = parser.parse_args()
    seconds = options.seconds / len(options.targets)
    if options.here:
        for name in options.targets:
            with tempfile.TemporaryDirectory() as folder:
                print(f"{name}: {fuzz(name, folder, seconds, options.seed)} cases", flush=True)
        return 0
    failed = 0
    for name in options.targets:
        command = [
            sys.executable,
            "-m",
            "tests.fuzz",
            "--here",
            "--seed",
            str(options.seed),
            "--seconds",
            str(seconds),
            name,
        ]
        code = subprocess.run(command).returncode
        if code:
            failed += 1
            print(f"{name}: FAILED, exit code {code}", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
