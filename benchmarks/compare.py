"""Tenfold beside TensorFlow, PyTorch and JAX: `python -m benchmarks.compare [TABLE ...] --tensorflow PYTHON --torch PYTHON --jax PYTHON`.

The engines run in turn, each in processes of its own, several rounds; a figure is the median over the rounds. Ratios are to the fastest of
the others in the same run; goals that are missed are bold.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable

from benchmarks.engines import Engines, medians, number, ratio, table
from benchmarks.kernels import SIZES, resnet50
from benchmarks.models import NAMES

# program, against whom, at least how many times faster
EAGER_GOALS = [
    ("linear regression step", "tensorflow", 40.0),
    ("linear regression step", "torch", 3.0),
    ("MLP step, eager", "tensorflow", 25.0),
    ("MLP step, eager", "torch", 1.0),
    ("MLP model(x), batch 1", "tensorflow", 20.0),
    ("CNN step, eager", "tensorflow", 1.0),
]
STEP_GOALS = dict(zip(NAMES, (1.7, 1.5, 1.6, 1.35, 1.8, 1.45), strict=True))  # a compiled step, than the fastest peer
INFERENCE_GOAL = 1.2  # the same, of one row
EAGER_SHARE = 2.0  # an eager step takes at most so many times as long as a compiled one
WARM_SECONDS = 0.3  # a first call with object code on disk
SAVING_GOAL = 1.0  # times as fast as TensorFlow
TRAINING_GOALS = {"fit, the first epoch": 4.0, "predict": 8.0}  # than TensorFlow
PEERS = ("tensorflow", "tensorflow-jit", "torch", "jax")


def fastest(medians_of: dict[str, float | None]) -> float | None:
    """The least time of the peers."""
    times = [t for engine, t in medians_of.items() if t is not None and engine in PEERS]
    return min(times, default=None)


def divided(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b is not None else None


def eager(engines: Engines, models: list[str], seconds: float) -> None:
    """Ops, steps and predictions as users write them, without tf.function."""
    median = engines.medians(("tenfold", "tensorflow", "torch"), "measure", seconds)
    mine, peers = median["tenfold"], [p for p in median if p != "tenfold"]
    rows = []
    for name, time in mine.items():
        others = [median[p].get(name) for p in peers]
        cells = [cell for other in others for cell in (number(other, 1), ratio(divided(other, time)))]
        rows.append([name, number(time, 1), *cells])
    table(["program", "tenfold us", *(head for p in peers for head in (f"{p} us", "ratio"))], rows)
    for peer in peers:
        ratios = [median[peer][n] / mine[n] for n in mine if n.startswith("op ")]
        print(f"\nten ops on 8x8, geometric mean: {math.prod(ratios) ** (1 / len(ratios)):.1f}x {peer}")
    if "tensorflow" in peers:
        compiled = median["tensorflow"]["MLP step, tf.function"]
        print(
            f"MLP step against TensorFlow's tf.function ({compiled:,.0f} us): {ratio(compiled / mine['MLP step, eager'])}"
        )
    print(f"predict on one batch / model(x): {mine['MLP predict, one batch of 1'] / mine['MLP model(x), batch 1']:.2f}")
    numpy_ms, tenfold_ms = (import_milliseconds(module) for module in ("numpy", "tenfold"))
    print(f"import: numpy {numpy_ms:.0f} ms, tenfold {tenfold_ms:.0f} ms\n")
    for name, peer, goal in EAGER_GOALS:
        if peer in peers:
            print(f"{name}, {peer}: {ratio(median[peer][name] / mine[name], goal)}")


def import_milliseconds(module: str) -> float:
    """The least of six times that a new process takes for an import."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # it would compile each time
    code = f"import time; t = time.perf_counter(); import {module}; print(1e3 * (time.perf_counter() - t))"
    times = [
        float(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, env=environment).stdout)
        for _ in range(6)
    ]
    return min(times)


def steps(engines: Engines, models: list[str], seconds: float) -> None:
    """The six models: a compiled training step, the same step as an eager loop, and what they say of one row."""
    median = engines.medians(("tenfold", "tenfold-eager", *PEERS), "steps", seconds, *models)
    for figure, title in (("step", "one training step, us"), ("infer", "inference of one row, us")):
        rows = []
        for name in models:
            times = {engine: found.get(name, {}).get(figure) for engine, found in median.items()}
            if times["tenfold"] is None:
                continue
            goal = STEP_GOALS[name] if figure == "step" else INFERENCE_GOAL
            rows.append([name, *map(number, times.values()), ratio(divided(fastest(times), times["tenfold"]), goal)])
            slower = times["tenfold-eager"] / times["tenfold"]
            is_missed = figure == "step" and slower > EAGER_SHARE and name != "linear regression"
            rows[-1].append(f"**{slower:.2f}**" if is_missed else f"{slower:.2f}")
        table([title, *median, "to the fastest peer", "eager / compiled"], rows)


def first(engines: Engines, models: list[str], seconds: float) -> None:
    """The first call of a compiled step in a new process, with and without object code on disk."""
    rows = []
    for name in models:
        found = []
        for _ in range(engines.rounds):
            with tempfile.TemporaryDirectory() as cache:
                times = {
                    which: engines.figures("tenfold", "steps", "tenfold", 0, name, cache=cache)
                    for which in ("cold", "warm")
                }
            times |= {peer: engines.figures(peer, "steps", peer, 0, name) for peer in engines.known(PEERS)}
            found.append({which: 1e-6 * figures[name]["first"] for which, figures in times.items()})
        median = medians(found)
        warm = f"{median['warm']:.2f}" if median["warm"] <= WARM_SECONDS else f"**{median['warm']:.2f}**"
        peers = [number(median[peer], 2) for peer in engines.known(PEERS)]
        to_jax = ratio(divided(median.get("jax"), median["cold"]), 1.0)
        rows.append([name, number(median["cold"], 2), warm, *peers, to_jax])
    table(["first call, s", "tenfold, cold", "tenfold, warm", *engines.known(PEERS), "JAX / cold"], rows)


def training(work: str) -> Callable[[Engines, list[str], float], None]:
    """A table of whole trainings."""

    def run(engines: Engines, models: list[str], seconds: float) -> None:
        known, found = engines.known(("tenfold", "tensorflow", "torch")), {}
        for engine in known:
            results = []
            for _ in range(engines.rounds if work == "mlp" else 1):
                with tempfile.TemporaryDirectory() as cache:
                    results.append(engines.figures(engine, "training", engine, work, cache=cache))
            found[engine] = medians(results)
        rows = []
        for name, mine in found["tenfold"].items():
            others = [found[engine][name] for engine in known]
            peers = {engine: divided(found[engine][name], mine) for engine in known[1:]}
            goals = {"tensorflow": TRAINING_GOALS.get(name)}
            ratios = ["" if name == "accuracy" else ratio(r, goals.get(engine)) for engine, r in peers.items()]
            rows.append([name, *(number(other, 2) for other in others), *ratios])
        table([f"{work}, 60,000 images, s", *known, *(f"{engine} / tenfold" for engine in known[1:])], rows)

    return run


def saving(engines: Engines, models: list[str], seconds: float) -> None:
    """Saved models: milliseconds to write and read them, and their size."""
    found = engines.medians(("tenfold", "tensorflow"), "saving")
    rows = []
    for name, mine in found["tenfold"].items():
        other = found.get("tensorflow", {}).get(name, {})
        rows.append([name])
        for figure in ("save", "load"):
            faster = divided(other.get(figure), mine[figure])
            rows[-1] += [number(mine[figure]), number(other.get(figure)), ratio(faster, SAVING_GOAL)]
        rows[-1] += [number(mine["size"], 1), number(other.get("size"), 1)]
    head = [f"{figure}, {unit}" for figure in ("save", "load") for unit in ("tenfold ms", "tensorflow ms", "ratio")]
    table(["model and form", *head, "MB, tenfold", "MB, tensorflow"], rows)


def products(engines: Engines, models: list[str], seconds: float) -> None:
    """Square matrix products."""
    median = engines.medians(("tenfold", "numpy", "tensorflow", "torch", "jax"), "kernels", "products", seconds)
    rows = [[str(n), *(number(found[str(n)], 1) for found in median.values())] for n in SIZES]
    table(["n x n by n x n, GFLOP/s", *median], rows)


def convolutions(engines: Engines, models: list[str], seconds: float) -> None:
    """The layers of ResNet-50, forward and both gradients."""
    median = engines.medians(("tenfold", "tensorflow", "torch", "jax"), "kernels", "convolutions", seconds)
    mine, rows = median["tenfold"], []
    for layer in resnet50():
        for direction in ("forward", "to input", "to filter"):
            name = f"{layer}, {direction}"
            others = [found[name] for engine, found in median.items() if engine != "tenfold" and name in found]
            best = max(others, default=None)
            rows.append([name, *(number(found.get(name)) for found in median.values())])
            rows[-1] += [f"{mine[name] / mine['sgemm']:.0%}", ratio(divided(mine[name], best))]
    table(["convolution, 8 images, GFLOP/s", *median, "of sgemm", "to the fastest peer"], rows)
    print(f"\nsgemm of 2048 x 2048: {mine['sgemm']:.0f} GFLOP/s")


def script(name: str, *arguments: str) -> Callable[[Engines, list[str], float], None]:
    """What a script that concerns Tenfold only prints."""

    def run(engines: Engines, models: list[str], seconds: float) -> None:
        print(engines.output("tenfold", name, *(models if name == "limits" else arguments)), end="")

    return run


TABLES: dict[str, Callable[[Engines, list[str], float], None]] = {
    "eager": eager,
    "steps": steps,
    "first": first,
    "mlp": training("mlp"),
    "saving": saving,
    "limits": script("limits"),
    "products": products,
    "convolutions": convolutions,
    "lenet": training("lenet"),
    "memory": script("memory"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"which to make, all if none: {', '.join(TABLES)}")
    parser.add_argument("--tensorflow", help="a Python that has tensorflow-cpu")
    parser.add_argument("--torch", help="a Python that has torch")
    parser.add_argument("--jax", help="a Python that has jax")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3, help="time for each figure in each round")
    parser.add_argument("--models", nargs="*", default=NAMES, help="which of the six", choices=NAMES)
    args = parser.parse_args()
    if unknown := set(args.tables) - set(TABLES):
        parser.error(f"no such table: {', '.join(unknown)}; there are {', '.join(TABLES)}")
    peers = {name: getattr(args, name) for name in ("tensorflow", "torch", "jax")}
    engines = Engines({name: python for name, python in peers.items() if python}, args.rounds)
    for name in args.tables or TABLES:
        TABLES[name](engines, list(args.models), args.seconds)


if __name__ == "__main__":
    main()
