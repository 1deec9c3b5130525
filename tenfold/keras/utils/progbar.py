"""Progbar: the line that shows how far a long piece of work has come."""

from __future__ import annotations

import re
import sys
import time
from typing import Any

import numpy as np


class Progbar:
    """Prints a progress line, as Keras does.

    Args:
      target: number of steps, or None if it is not known.
      width: width of the bar, in characters.
      verbose: 0 silent, 1 a bar that moves, 2 one line at the end.
      interval: least time between two updates, in seconds.
      stateful_metrics: names whose last value is shown; of the others, the mean.
      stateless_metrics: the other way round: names whose mean is shown.
      unit_name: what a step is called.

    Example:
      >>> bar = tf.keras.utils.Progbar(2, verbose=0)
      >>> bar.update(2, [("loss", 0.5)])
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Any = None,
        stateless_metrics: Any = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("Progbar: give `stateful_metrics` or `stateless_metrics`, not both.")
        self.target, self.width, self.verbose, self.interval = target, width, verbose, interval
        self.unit_name = unit_name
        self.stateful_metrics, self.stateless_metrics = set(stateful_metrics or ()), stateless_metrics
        is_terminal = hasattr(sys.stdout, "isatty") and sys.stdout.isatty()
        self._is_dynamic = is_terminal or "ipykernel" in sys.modules
        self._values: dict[str, tuple[Any, float]] = {}  # name: (sum of value * steps, steps)
        self._seen = 0
        self._start = time.time()
        self._last_update = 0.0
        self._time_after_first: float | None = None
        self._printed = 0

    def _is_mean(self, name: str) -> bool:
        return (
            name in self.stateless_metrics if self.stateless_metrics is not None else name not in self.stateful_metrics
        )

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Shows that `current` steps are done; `values` is a list of pairs of name and value."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            if self._is_mean(name) and not finalize:
                base = max(current - self._seen, 1)
                total, steps = self._values.get(name, (0.0, 0))
                self._values[name] = (total + value * base, steps + base)
            else:
                self._values[name] = (value, 1)
        self._seen = current
        now = time.time()
        per_step = self._time_per_step(current, now)
        if self.verbose == 1:
            if now - self._last_update < self.interval and not finalize:
                return
            bar, info = self._bar(current), self._info(current, now, per_step, finalize)
            width = len(_ESCAPES.sub("", bar + info))
            text = f"\r{bar}{info}" + " " * max(self._printed - width, 0) + "\n" * finalize
            text = "\b" * self._printed + text if self._is_dynamic else _ESCAPES.sub("", text)
            self._printed = width
            sys.stdout.write(text)
            sys.stdout.flush()
        elif self.verbose == 2 and finalize and self.target:
            count = f"{current:{len(str(self.target))}d}/{self.target}"
            text = f"{count} - {now - self._start:.0f}s - {_duration(per_step)}/{self.unit_name}{self._metrics()}\n"
            sys.stdout.write(text)
            sys.stdout.flush()
        self._last_update = now

    def add(self, n: int, values: Any = None) -> None:
        """Shows that `n` more steps are done."""
        self.update(self._seen + n, values)

    def _bar(self, current: int) -> str:
        """How many steps are done, as numbers and as a line in two colours."""
        if not self.target:
            return f"{current:7d}/Unknown"
        filled = int(self.width * current / self.target)
        done = f"\033[32m{'━' * filled}\033[0m" if filled else ""
        return f"\033[1m{current:{len(str(self.target))}d}/{self.target}\033[0m {done}\033[37m{'━' * (self.width - filled)}\033[0m"

    def _info(self, current: int, now: float, per_step: float, finalize: bool) -> str:
        """The time that is left, or that it took, the time of a step, and the metrics."""
        if self.target and not finalize:
            left = per_step * (self.target - current)
            if left > 3600:
                shown = f"{int(left // 3600)}:{int(left % 3600 // 60):02d}:{int(left % 60):02d}"
            else:
                shown = f"{int(left // 60)}:{int(left % 60):02d}" if left > 60 else f"{int(left)}s"
        else:
            shown = f"{now - self._start:.0f}s"
        return f" \033[1m{shown}\033[0m {_duration(per_step)}/{self.unit_name}{self._metrics()}"

    def _metrics(self) -> str:
        text = ""
        for name, (total, steps) in self._values.items():
            value = float(np.mean(total)) / max(1, steps)
            text += f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}"
        return text

    def _time_per_step(self, current: int, now: float) -> float:
        """The mean time of a step, without the first one, which is slower."""
        if not current:
            return 0
        if self._time_after_first is not None and current > 1:
            return (now - self._time_after_first) / (current - 1)
        if current == 1:
            self._time_after_first = now
        return (now - self._start) / current


_ESCAPES = re.compile(r"\033\[\d+m")


def _duration(seconds: float) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"
