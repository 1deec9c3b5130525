"""Figures about a server, in the text format of Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_REQUESTS = (1, 2, 4, 8, 16, 32, 64, 128)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]


class Histogram:
    """How many values were at most each bound."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds, self._counts, self._sum = bounds, [0] * (len(bounds) + 1), 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self, name: str, labels: Labels) -> Iterable[str]:
        total = 0
        for bound, count in zip([*self._bounds, "+Inf"], self._counts, strict=True):
            total += count
            yield f"{name}_bucket{_text((*labels, ('le', str(bound))))} {total}"
        yield f"{name}_sum{_text(labels)} {self._sum}"
        yield f"{name}_count{_text(labels)} {total}"


class Metrics:
    """What `/metrics` tells."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._requests: dict[Labels, int] = defaultdict(int)
        self._seconds: dict[Labels, Histogram] = defaultdict(lambda: Histogram(_SECONDS))
        self._batches: dict[Labels, Histogram] = defaultdict(lambda: Histogram(_REQUESTS))

    def answered(self, model: str, method: str, status: int, seconds: float) -> None:
        """Counts a request."""
        labels = ("model", model), ("method", method)
        self._requests[*labels, ("code", str(status))] += 1
        self._seconds[labels].add(seconds)

    def ran(self, model: str, requests: int) -> None:
        """Counts requests that ran together."""
        self._batches[(("model", model),)].add(requests)

    def text(self, versions: Iterable[tuple[str, int]]) -> str:
        """All figures; `versions` are pairs of a model and the version that it is served in."""
        lines = ["# TYPE tenfold_requests_total counter"]
        lines += [f"tenfold_requests_total{_text(labels)} {n}" for labels, n in self._requests.items()]
        lines += ["# TYPE tenfold_requests_in_flight gauge", f"tenfold_requests_in_flight {self.in_flight}"]
        lines += ["# TYPE tenfold_model_version gauge"]
        lines += [f"tenfold_model_version{_text((('model', name),))} {version}" for name, version in versions]
        for name, histograms in (("request_seconds", self._seconds), ("batch_requests", self._batches)):
            lines.append(f"# TYPE tenfold_{name} histogram")
            for labels, histogram in list(histograms.items()):
                lines += histogram.lines(f"tenfold_{name}", labels)
        return "\n".join([*lines, ""])


def _text(labels: Labels) -> str:
    pairs = [f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels]
    return f"{{{','.join(pairs)}}}"


_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
