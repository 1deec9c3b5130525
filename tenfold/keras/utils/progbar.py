"""Progbar: the line that shows how far a long piece of work has come."""

from __future__ import annotations

import math
import sys
import time
from typing import Any


class Progbar:
    """Prints a progress line, as Keras does.

    Args:
      target: number of steps, or None if it is not known.
      width: width of the bar, in characters.
      verbose: 0 silent, 1 a bar that moves, 2 one line at the end.
      interval: least time between two updates, in seconds.
      stateful_metrics: names whose last value is shown; of the others, the mean.
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
        unit_name: str = "step",
    ) -> None:
        self.target, self.width, self.verbose, self.interval, self.unit_name = (
            target,
            width,
            verbose,
            interval,
            unit_name,
        )
        self.stateful_metrics = set(stateful_metrics or ())
        self._is_dynamic = hasattr(sys.stdout, "isatty") and sys.stdout.isatty()
        self._values: dict[str, tuple[float, float]] = {}  # name: (sum of value * steps, steps)
        self._seen = 0
        self._start = time.time()
        self._last_update = 0.0
        self._time_after_first: float | None = None
        self._printed = 0

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Shows that `current` steps are done; `values` is a list of pairs of name and value."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            if name in self.stateful_metrics:
                self._values[name] = (value, 1)
            else:
                base = max(current - self._seen, 1)
                total, steps = self._values.get(name, (0.0, 0))
                self._values[name] = (total + value * base, steps + base)
        self._seen = current
        if self.verbose == 0:
            return
        now = time.time()
        if self.verbose == 1:
            if now - self._last_update < self.interval and not finalize:
                return
            text = self._line(current, now, finalize)
            if self._is_dynamic:
                sys.stdout.write("\r" + text + " " * max(self._printed - len(text), 0) + ("\n" if finalize else ""))
                self._printed = len(text)
            else:
                sys.stdout.write("\r" + text + ("\n" if finalize else ""))
            sys.stdout.flush()
        elif self.verbose == 2 and finalize:
            count = str(self.target) if self.target is not None else str(current)
            sys.stdout.write(f"{count}/{count} - {self._finished(current, now)}{self._metrics()}\n")
            sys.stdout.flush()
        self._last_update = now

    def add(self, n: int, values: Any = None) -> None:
        """Shows that `n` more steps are done."""
        self.update(self._seen + n, values)

    def _line(self, current: int, now: float, finalize: bool) -> str:
        if self.target is None:
            text = f"{current:7d}/Unknown"
        else:
            digits = int(math.log10(max(self.target, 1))) + 1
            text = f"{current:{digits}d}/{self.target}"
            filled = int(self.width * min(current / max(self.target, 1), 1.0))
            bar = "━" * self.width
            if self._is_dynamic:
                bar = f"\033[32m{'━' * filled}\033[0m\033[37m{'━' * (self.width - filled)}\033[0m"
            text += " " + bar
        per_step = self._time_per_step(current, now)
        if self.target is None or finalize:
            text += " " + self._finished(current, now)
        else:
            remaining = per_step * (self.target - current)
            if remaining > 3600:
                eta = f"{int(remaining // 3600)}:{int(remaining % 3600 // 60):02d}:{int(remaining % 60):02d}"
            elif remaining > 60:
                eta = f"{int(remaining // 60)}:{int(remaining % 60):02d}"
            else:
                eta = f"{int(remaining)}s"
            text += f" \033[1m{eta}\033[0m" if self._is_dynamic else f" {eta}"
            text += f" {_duration(per_step)}/{self.unit_name}"
        return text + self._metrics()

    def _finished(self, current: int, now: float) -> str:
        return f"{int(now - self._start)}s {_duration(self._time_per_step(current, now))}/{self.unit_name}"

    def _metrics(self) -> str:
        text = ""
        for name, (total, steps) in self._values.items():
            value = total / max(steps, 1)
            try:
                value = float(value)
            except (TypeError, ValueError):
                text += f" - {name}: {value}"
                continue
            text += f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}"
        return text

    def _time_per_step(self, current: int, now: float) -> float:
        """The mean time of a step, without the first one, which is slower."""
        if self._time_after_first is not None and current > 1:
            return (now - self._time_after_first) / (current - 1)
        duration = (now - self._start) / max(current, 1)
        if self._time_after_first is None:
            self._time_after_first = now
        return duration


def _duration(seconds: float) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms"
    return f"{seconds * 1e6:.0f}us"
