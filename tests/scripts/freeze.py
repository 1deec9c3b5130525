"""Writes down what the programs print under the TensorFlow of this Python: `python -m tests.scripts.freeze [NAME ...]`."""

import sys

from tests.scripts.programs_of import NAMES, output_of, text_of


def main() -> None:
    for name in sys.argv[1:] or NAMES:
        done = output_of(name, [sys.executable])
        if done.returncode:
            raise SystemExit(f"{name} ended with {done.returncode}:\n{done.stderr}")
        text_of(name).write_text(done.stdout, encoding="utf-8")
        print(f"{name}: {len(done.stdout.splitlines())} lines")


if __name__ == "__main__":
    main()
