"""Memory over many eager training steps and predictions: it must stay flat. `memory.py [steps]`."""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))


def resident_megabytes() -> float:
    """Memory of this process that is in RAM."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(steps: int) -> None:
    import tenfold as tf
    from benchmarks.programs import tensorflow_programs

    programs = tensorflow_programs(tf, False)
    for name in ("MLP step, eager", "MLP predict, one batch of 1"):
        run = programs[name]
        figures = []
        for i in range(steps):
            run()
            if i % (steps // 10) == steps // 10 - 1:
                figures.append(resident_megabytes())
        print(f"{name}, {steps:,} times: MB after each tenth: " + " ".join(f"{f:.1f}" for f in figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
