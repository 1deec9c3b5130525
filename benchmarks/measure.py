"""Times the eager programs of one engine in this process and prints the microseconds of each as JSON: `python -m benchmarks.measure ENGINE`."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any


def library(engine: str) -> Any:
    """The module that an engine is, which may be named with a suffix: "tensorflow-jit" is TensorFlow."""
    return importlib.import_module(engine.partition("-")[0])


def microseconds(run: Callable[[], Any], seconds: float) -> float:
    """The median time of a call: of groups of calls that take about 10 ms each, for about `seconds`."""
    for _ in range(3):
        run()
    start = time.perf_counter()
    run()
    once = max(time.perf_counter() - start, 1e-7)
    calls = max(1, int(0.01 / once))
    samples = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(samples) < 3:
        start = time.perf_counter()
        for _ in range(calls):
            run()
        samples.append((time.perf_counter() - start) / calls)
    return 1e6 * sorted(samples)[len(samples) // 2]


def shortest(run: Callable[[], Any], repeat: int = 7, least: float = 0.02) -> float:
    """The best time of a call in seconds, of groups of calls that take at least so long."""
    run()
    start = time.perf_counter()
    run()
    calls = max(1, int(least / max(time.perf_counter() - start, 1e-9)))
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        for _ in range(calls):
            run()
        best = min(best, (time.perf_counter() - start) / calls)
    return best


def main(engine: str, seconds: float) -> None:
    from benchmarks.programs import tensorflow_programs, torch_programs

    if engine == "torch":
        programs = torch_programs(library(engine))
    else:
        programs = tensorflow_programs(library(engine), engine == "tensorflow")
    print(json.dumps({name: microseconds(run, seconds) for name, run in programs.items()}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.3)
