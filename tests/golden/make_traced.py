"""Freezes what real TensorFlow makes of the cases in functions: `python -m tests.golden.make_traced [family ...]`."""

from __future__ import annotations

import importlib
import os
import sys
from collections import Counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.golden.case import DATA, load, save
from tests.golden.compare import check
from tests.golden.traced import TRACED, traced_families, traced_outcome

_BY_ZERO = "TensorFlow divides by zero, and its process ends"
CRASHES = {"sqrtm of empty": _BY_ZERO, "sqrtm of empty batch": _BY_ZERO}


def main(families: list[str]) -> None:
    import tensorflow as tf

    TRACED.mkdir(exist_ok=True)
    for name in families or traced_families():
        cases = importlib.import_module(f"tests.golden.families.{name}").CASES
        outcomes, counts = [], Counter()
        for case, eager in zip(cases, load(DATA / f"{name}.npz"), strict=True):
            if "error" in eager:  # TensorFlow's process does not survive all of these in functions
                found, kind = {"error": eager["error"], "text": "as eagerly"}, "wrong"
            elif str(case) in CRASHES:
                found, kind = {"error": "Crash", "text": CRASHES[str(case)]}, "refused"
            else:
                found = traced_outcome(tf, case)
                kind = "refused" if "error" in found else "other"
            if kind == "other":
                try:
                    check(found, eager, case)
                    kind, found = "same", {"same": "as eagerly"}
                except AssertionError:
                    pass
            counts[kind] += 1
            outcomes.append(found)
        save(TRACED / f"{name}.npz", outcomes)
        print(f"{name}: {dict(counts)} under TensorFlow {tf.__version__}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
