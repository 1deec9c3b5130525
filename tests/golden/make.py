"""Freezes what real TensorFlow makes of the cases: `python -m tests.golden.make [family ...]`, in its environment."""

from __future__ import annotations

import importlib
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.golden.case import DATA, FAMILIES, outcome, save


def main(families: list[str]) -> None:
    import tensorflow as tf

    for name in families or sorted(p.stem for p in FAMILIES.glob("*.py") if p.stem != "__init__"):
        cases = importlib.import_module(f"tests.golden.families.{name}").CASES
        outcomes = [outcome(tf, c) for c in cases]
        save(DATA / f"{name}.npz", outcomes)
        failed = [(c, o) for c, o in zip(cases, outcomes, strict=True) if "error" in o]
        print(f"{name}: {len(cases)} cases, {len(failed)} of them errors, under TensorFlow {tf.__version__}")
        for c, o in failed:
            print(f"  {c}: {o['error']}: {o['text'][:120]}")


if __name__ == "__main__":
    main(sys.argv[1:])
