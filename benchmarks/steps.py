"""One training step of six models, compiled: `steps.py ENGINE [seconds] [model ...]` prints the microseconds of each as JSON.

Engines: tenfold, tenfold-eager, tensorflow, tensorflow-jit, torch, jax. Besides the median of a step, the first call is timed.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
logging.disable(logging.WARNING)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))


def main(engine: str, seconds: float, names: list[str]) -> None:
    from benchmarks import models
    from benchmarks.measure import microseconds

    if engine == "torch":
        import torch

        steps = models.torch_steps(torch)
    elif engine == "jax":
        import jax

        steps = models.jax_steps(jax)
    elif engine.startswith("tensorflow"):
        import tensorflow as tf

        steps = models.tensorflow_steps(tf, lambda step: tf.function(step, jit_compile=engine.endswith("jit")))
    else:
        import tenfold as tf

        steps = models.tensorflow_steps(tf, tf.function if engine == "tenfold" else lambda step: step)
    found = {}
    for name in names or models.NAMES:
        start = time.perf_counter()
        try:
            steps[name]()
        except Exception as error:
            print(f"{engine}: {name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
            continue
        first = time.perf_counter() - start
        found[name] = {"step": microseconds(steps[name], seconds), "first call": 1e6 * first}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0, sys.argv[3:])
