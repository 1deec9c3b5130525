"""Benchmark classes, and the entry point that runs tests or benchmarks."""

from __future__ import annotations

import json
import re
import sys
import unittest
from collections.abc import Sequence
from typing import Any

_classes: list[type[Benchmark]] = []


class Benchmark:
    """Base of classes whose methods `benchmark...` measure something and report it.

    `tf.test.main()` runs those that `--benchmarks=REGEX` names, as `Class.method`, or all of them with `--benchmarks=all`.

    Example:
      >>> class Adding(tf.test.Benchmark):
      ...     def benchmark_add(self):
      ...         self.report_benchmark(iters=10, wall_time=0.5)
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _classes.append(cls)

    def report_benchmark(
        self,
        iters: int | None = None,
        cpu_time: float | None = None,
        wall_time: float | None = None,
        throughput: float | None = None,
        extras: dict[str, Any] | None = None,
        name: str | None = None,
        metrics: Sequence[dict[str, Any]] | None = None,
    ) -> None:
        """Prints what was measured, in the form of TensorFlow's log entries.

        Args:
          iters: how often it ran.
          cpu_time, wall_time: seconds of one run.
          throughput: in what unit it may be.
          extras: further numbers and texts by name.
          name: name of the measurement; that of the calling method by default.
          metrics: dicts of `name`, `value` and perhaps `min_value`, `max_value`.
        Raises:
          TypeError: an extra is neither a number nor a text.
        Example:
          >>> class Adding(tf.test.Benchmark):
          ...     def benchmark_add(self):
          ...         self.report_benchmark(iters=10, wall_time=0.5)
          >>> Adding().benchmark_add()
          entry {
            name: "Adding.benchmark_add"
            iters: 10
            wall_time: 0.5
          }
        """
        name = f"{type(self).__name__}.{name or sys._getframe(1).f_code.co_name}"
        numbers = {"iters": iters, "cpu_time": cpu_time, "wall_time": wall_time, "throughput": throughput}
        lines = [
            f"  name: {json.dumps(name)}",
            *(f"  {key}: {value}" for key, value in numbers.items() if value is not None),
        ]
        for key, value in (extras or {}).items():
            if not isinstance(value, (str, int, float)):
                raise TypeError(
                    f"tf.test.Benchmark: extra {key!r} is a {type(value).__name__}; it must be a number or a text."
                )
            kind, text = ("string_value", json.dumps(value)) if isinstance(value, str) else ("double_value", value)
            lines += [
                "  extras {",
                f"    key: {json.dumps(key)}",
                "    value {",
                f"      {kind}: {text}",
                "    }",
                "  }",
            ]
        for metric in metrics or ():
            inner = (f"    {key}: {json.dumps(value)}" for key, value in metric.items() if value is not None)
            lines += ["  metrics {", *inner, "  }"]
        print("entry {", *lines, "}", sep="\n")


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the tests of the `__main__` module, or the benchmarks that `--benchmarks=REGEX` names, and exits.

    Args:
      argv: the command line; `sys.argv` by default.
    Raises:
      SystemExit: always, with code 0 if all went well.
    """
    argv = list(sys.argv if argv is None else argv)
    named = [argument for argument in argv if argument.startswith("--benchmarks=")]
    if not named:
        unittest.main(argv=argv)
        return
    pattern = named[-1].partition("=")[2]
    for cls in _classes:
        for method in sorted(name for name in dir(cls) if name.startswith("benchmark")):
            if pattern == "all" or re.search(pattern, f"{cls.__name__}.{method}"):
                getattr(cls(), method)()
    raise SystemExit(0)
