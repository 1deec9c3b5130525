"""Times the programs of one engine in this process and prints the microseconds of each as JSON: `measure.py ENGINE`."""

from __future__ import annotations

import json
import logging
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
logging.disable(logging.WARNING)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))


def microseconds(run, seconds: float) -> float:
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


def main(engine: str, seconds: float) -> None:
    from benchmarks.programs import tensorflow_programs, torch_programs

    if engine == "torch":
        import torch

        programs = torch_programs(torch)
    elif engine == "tensorflow":
        import tensorflow as tf

        programs = tensorflow_programs(tf, True)
    else:
        import tenfold as tf

        programs = tensorflow_programs(tf, False)
    print(json.dumps({name: microseconds(run, seconds) for name, run in programs.items()}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.3)
