"""Runs scripts in processes of the engines, in turn, and writes tables in Markdown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent


class Engines:
    """The Pythons of the engines, and how often each is asked.

    An engine may be named with a suffix, such as "tensorflow-jit", for another way to use the same library. "numpy" is what Tenfold's
    Python has.
    """

    def __init__(self, pythons: dict[str, str], rounds: int) -> None:
        self._pythons = {"tenfold": sys.executable, "numpy": sys.executable, **pythons}
        self.rounds = rounds

    def known(self, names: Iterable[str]) -> list[str]:
        """Those of some engines that there is a Python for."""
        return [name for name in names if name.partition("-")[0] in self._pythons]

    def output(self, engine: str, script: str, *arguments: object, cache: str | None = None) -> str:
        """What a script of this folder prints in a process of an engine; `cache`: a folder for Tenfold's object code."""
        environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
        if cache:
            environment["TENFOLD_CACHE_DIR"] = cache
        done = subprocess.run(
            [self._pythons[engine.partition("-")[0]], "-m", f"benchmarks.{script}", *map(str, arguments)],
            capture_output=True, text=True, check=False, env=environment, cwd=ROOT,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{engine}: {script} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def figures(self, engine: str, script: str, *arguments: object, cache: str | None = None) -> dict[str, Any]:
        """What a script prints as JSON on its last line."""
        return json.loads(self.output(engine, script, *arguments, cache=cache).splitlines()[-1])

    def medians(self, names: Iterable[str], script: str, *arguments: object) -> dict[str, dict[str, Any]]:
        """The medians of the figures of each engine over all rounds, in which the engines take turns."""
        names = self.known(names)
        found: dict[str, list[Any]] = {name: [] for name in names}
        for number in range(self.rounds):
            for name in names:
                print(f"\rround {number + 1}/{self.rounds}: {name:16}", end="", file=sys.stderr, flush=True)
                found[name].append(self.figures(name, script, name, *arguments))
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
        return {name: medians(results) for name, results in found.items()}


def medians(results: Sequence[Any]) -> Any:
    """The median of numbers, or of each entry of dicts of them that all have."""
    if not isinstance(results[0], dict):
        return median(results)
    return {key: medians([r[key] for r in results]) for key in results[0] if all(key in r for r in results)}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table whose columns but the first hold numbers."""
    print(f"\n| {' | '.join(head)} |\n|---|{'---:|' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def number(value: float | None, digits: int = 0) -> str:
    """A number, or a dash for none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def ratio(value: float | None, goal: float | None = None) -> str:
    """How many times faster, beside the goal, if there is one; in bold where it is missed."""
    if value is None:
        return "–"
    if goal is None:
        return f"{value:.2f}x"
    return f"{value:.2f}x of {goal:g}x" if value >= goal else f"**{value:.2f}x of {goal:g}x**"
