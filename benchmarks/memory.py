"""Memory over many calls and shapes: it must stay flat. `python -m benchmarks.memory [WORK ...]`, works: eager, compiled, shapes."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import tenfold as tf
from benchmarks.engines import table
from benchmarks.models import tensorflow_models
from benchmarks.programs import tensorflow_programs

CALLS, SHAPES = 100_000, 1_000


def resident_megabytes() -> float:
    """Memory of this process that is in RAM."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def other_shapes() -> Callable[[], Any]:
    """A function that is called with another number of rows each time, in no order, so that each call compiles."""
    weights, rows = tf.random.normal([32, 32]), cycle(random.Random(0).sample(range(1, SHAPES + 1), SHAPES))
    layer = tf.function(lambda x: tf.nn.softmax(tf.nn.relu(x @ weights) + 1.0))
    return lambda: layer(tf.zeros([next(rows), 32]))


def main(works: list[str]) -> None:
    rows = []
    for work in works or ("eager", "compiled", "shapes"):
        if work == "shapes":
            runs, count = {"one function, another shape each time": other_shapes()}, SHAPES
        elif work == "compiled":
            runs, count = {"MLP step, tf.function": tensorflow_models(tf, tf.function)["MLP"]().step}, CALLS
        else:
            programs = tensorflow_programs(tf, False)
            runs = {name: programs[name] for name in ("MLP step, eager", "MLP predict, one batch of 1")}
            count = CALLS
        for name, run in runs.items():
            figures = []
            for i in range(count):
                run()
                if i % (count // 10) == count // 10 - 1:
                    figures.append(f"{resident_megabytes():.1f}")
            rows.append((f"{name}, {count:,} times", *figures))
    table(("MB in RAM after", *(f"{n}/10" for n in range(1, 11))), rows)


if __name__ == "__main__":
    main(sys.argv[1:])
