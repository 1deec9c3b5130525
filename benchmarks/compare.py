"""Tenfold beside TensorFlow, PyTorch and JAX: `compare.py --tensorflow PYTHON --torch PYTHON --jax PYTHON`.

The engines run in turn, each in processes of its own, several rounds; a figure is the median over the rounds. Memory over
100,000 training steps and 100,000 predictions is measured by `memory.py`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from benchmarks.models import NAMES  # noqa: E402

# program, against whom, at least how many times faster
GOALS = [
    ("linear regression step", "tensorflow", 40.0),
    ("linear regression step", "torch", 3.0),
    ("MLP step, eager", "tensorflow", 25.0),
    ("MLP step, eager", "torch", 1.0),
    ("MLP model(x), batch 1", "tensorflow", 20.0),
    ("CNN step, eager", "tensorflow", 1.0),
]


def run(python: str, engine: str, seconds: float, script: str = "measure.py") -> dict:
    """The figures of one process."""
    environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    done = subprocess.run(
        [python, str(HERE / script), engine, str(seconds)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{engine} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def import_milliseconds(python: str, module: str) -> float:
    """The least of six times that a new process takes for an import."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # it would compile each time
    code = f"import time; t = time.perf_counter(); import {module}; print(1e3 * (time.perf_counter() - t))"
    times = [
        float(subprocess.run([python, "-c", code], stdout=subprocess.PIPE, check=True, env=environment).stdout)
        for _ in range(6)
    ]
    return min(times)


def compiled_steps(pythons: dict[str, str], rounds: int, seconds: float) -> None:
    """Prints what one compiled training step of the six models takes in each engine, and the first call."""
    python_of = {
        "tenfold": "tenfold",
        "tenfold-eager": "tenfold",
        "tensorflow": "tensorflow",
        "tensorflow-jit": "tensorflow",
    }
    engines = {e: python_of.get(e, e) for e in (*python_of, "torch", "jax") if python_of.get(e, e) in pythons}
    found: dict[str, list[dict[str, dict[str, float]]]] = {engine: [] for engine in engines}
    for number in range(rounds):
        for engine, python in engines.items():
            print(f"\rround {number + 1}/{rounds}: {engine:16}", end="", file=sys.stderr, flush=True)
            found[engine].append(run(pythons[python], engine, seconds, "steps.py"))
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    print("\n| one training step, us | " + " | ".join(engines) + " | to the fastest peer | first call, s |")
    print("|---|" + "---:|" * (len(engines) + 2))
    for name in NAMES:
        medians = {}
        for engine, results in found.items():
            times = sorted(r[name]["step"] for r in results if name in r)
            if times:
                medians[engine] = times[len(times) // 2]
        peers = [t for engine, t in medians.items() if not engine.startswith("tenfold")]
        cells = [f"{medians[e]:,.0f}" if e in medians else "–" for e in engines]
        ratio = f"{min(peers) / medians['tenfold']:.2f}x" if peers and "tenfold" in medians else "–"
        first = min((r[name]["first call"] for r in found["tenfold"] if name in r), default=0.0)
        print(f"| {name} | " + " | ".join(cells) + f" | {ratio} | {first / 1e6:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tensorflow", help="a Python that has tensorflow-cpu")
    parser.add_argument("--torch", help="a Python that has torch")
    parser.add_argument("--jax", help="a Python that has jax, for the compiled steps")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3, help="time per program and round")
    args = parser.parse_args()
    pythons = {"tenfold": sys.executable, "tensorflow": args.tensorflow, "torch": args.torch}
    engines = [engine for engine, python in pythons.items() if python]
    rounds: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for number in range(args.rounds):
        for engine in engines:
            print(f"\rround {number + 1}/{args.rounds}: {engine:12}", end="", file=sys.stderr, flush=True)
            rounds[engine].append(run(pythons[engine], engine, args.seconds))
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    median = {
        engine: {name: sorted(r[name] for r in found)[len(found) // 2] for name in found[0]}
        for engine, found in rounds.items()
    }
    peers = engines[1:]
    print("| program | tenfold us |" + "".join(f" {p} us | ratio |" for p in peers))
    print("|---|---:|" + "---:|---:|" * len(peers))
    for name, mine in median["tenfold"].items():
        cells = []
        for peer in peers:
            other = median[peer].get(name)
            cells.append(" – | – |" if other is None else f" {other:,.1f} | {other / mine:.1f}x |")
        print(f"| {name} | {mine:,.1f} |" + "".join(cells))
    for peer in peers:
        ratios = [median[peer][n] / median["tenfold"][n] for n in median["tenfold"] if n.startswith("op ")]
        print(f"\nten ops on 8x8, geometric mean: {math.prod(ratios) ** (1 / len(ratios)):.1f}x {peer}")
    if "tensorflow" in peers:
        compiled = median["tensorflow"]["MLP step, tf.function"]
        print(
            f"MLP step against TensorFlow's tf.function ({compiled:,.0f} us): {compiled / median['tenfold']['MLP step, eager']:.1f}x"
        )
    mine = median["tenfold"]
    print(f"predict on one batch / model(x): {mine['MLP predict, one batch of 1'] / mine['MLP model(x), batch 1']:.2f}")
    numpy_ms, tenfold_ms = (import_milliseconds(sys.executable, m) for m in ("numpy", "tenfold"))
    print(f"import: numpy {numpy_ms:.0f} ms, tenfold {tenfold_ms:.0f} ms\n")
    for name, peer, least in GOALS:
        if peer in peers:
            ratio = median[peer][name] / mine[name]
            print(f"{'reached' if ratio >= least else 'MISSED '}  {name}: {ratio:.1f}x {peer}, goal {least:g}x")
    known = {**pythons, "jax": args.jax}
    compiled_steps({engine: python for engine, python in known.items() if python}, args.rounds, args.seconds)


if __name__ == "__main__":
    main()
