"""What the six models take in one engine: `python -m benchmarks.steps ENGINE [seconds] [model ...]` prints microseconds as JSON.

Of each model the first training step, a later one, and what it says of one row are timed; with 0 seconds the first only. Engines:
tenfold, tenfold-eager, tensorflow, tensorflow-jit, torch, jax.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable

from benchmarks import models
from benchmarks.measure import library, microseconds


def models_of(engine: str) -> dict[str, Callable[[], models.Runs]]:
    """What makes each model in an engine."""
    module = library(engine)
    if engine == "torch":
        return models.torch_models(module)
    if engine == "jax":
        return models.jax_models(module)
    if engine.endswith("eager"):
        return models.tensorflow_models(module, lambda function: function)
    return models.tensorflow_models(module, functools.partial(module.function, jit_compile=engine.endswith("jit")))


def main(engine: str, seconds: float, names: list[str]) -> None:
    makers, found = models_of(engine), {}
    for name in names or models.NAMES:
        try:
            runs = makers[name]()
            start = time.perf_counter()
            runs.step()
            found[name] = {"first": 1e6 * (time.perf_counter() - start)}
            if seconds:
                found[name]["step"] = microseconds(runs.step, seconds)
                if runs.infer:
                    found[name]["infer"] = microseconds(runs.infer, seconds)
        except Exception as error:
            print(f"{engine}: {name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0, sys.argv[3:])
