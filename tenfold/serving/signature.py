"""Signatures of a loaded model, on arrays: requests of any number of rows, run in pieces of few sizes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tenfold.core.tensor import wrap
from tenfold.graph.rows import has_independent_rows
from tenfold.saved_model.restored import CompiledFunction, UnrankedFunction
from tenfold.serving.refused import Refused

Arrays = dict[str, np.ndarray]
_QUICK_SECONDS = 0.001


class Signature:
    """A function of named arrays.

    Attributes:
      key: its name.
      inputs: specs of its arguments, by name.
      outputs: names of its results.
      is_joinable: whether rows are computed one by one, so that those of several requests may run together.
      is_quick: whether all that runs together takes so little time that others can wait.

    Args:
      function: that of the loaded model.
      max_rows: that run together; a power of two.
    """

    def __init__(self, key: str, function: Any, max_rows: int) -> None:
        self.key, self._function = key, function
        self.inputs = dict(function.structured_input_signature[1])
        self.outputs = list(function.structured_outputs)
        self._sizes = [1 << i for i in range(max_rows.bit_length())]
        if isinstance(function, CompiledFunction):
            self.is_joinable, has_effects = function.has_independent_rows, False
            self._sizes = function.batch_sizes
        elif isinstance(function, UnrankedFunction):
            self.is_joinable, has_effects = False, True  # for all that is known
        else:
            self.is_joinable = has_independent_rows(function.graph)
            has_effects = any(node.has_effects for node in function.graph.nodes)
        self._ahead = self._sizes if self.is_joinable else [] if has_effects else self._sizes[:1]
        self._prepared: list[int] = []
        self._seconds = 0.0  # for the largest of these
        self.is_quick = False

    def check(self, arrays: Arrays) -> None:
        """Refuses arrays of which some are missing. Whether other shapes than the signature's will do, its graph tells."""
        for name in self.inputs:
            if name not in arrays:
                raise Refused(400, f"Missing input {name!r}; signature {self.key!r} takes {sorted(self.inputs)}.")

    def rows(self, arrays: Arrays) -> int | None:
        """The number of rows, if they may be joined with those of other requests."""
        if not self.is_joinable or not all(
            spec.shape.is_compatible_with(arrays[name].shape) for name, spec in self.inputs.items()
        ):
            return None
        counts = {x.shape[0] for x in arrays.values()}
        return counts.pop() or None if len(counts) == 1 else None

    def run(self, arrays: Arrays) -> Arrays:
        """The results, by name."""
        rows = self.rows(arrays)
        if rows is None:
            return self._run(arrays)
        parts = []
        for start, stop, size in self._pieces(rows):
            piece = {name: _padded(x[start:stop], size) for name, x in arrays.items()}
            parts.append({name: x[: stop - start] for name, x in self._run(piece).items()})
        return parts[0] if len(parts) == 1 else {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def _run(self, arrays: Arrays) -> Arrays:
        results = self._function(**{name: wrap(x) for name, x in arrays.items()})
        return {name: x._array for name, x in results.items()}

    def _pieces(self, rows: int) -> Iterator[tuple[int, int, int]]:
        """Where pieces start and stop, and the sizes that they are padded to: each size is compiled once."""
        sizes = self._prepared or self._sizes
        start = 0
        while start < rows:
            size = next((s for s in sizes if s >= rows - start), sizes[-1])
            stop = min(rows, start + size)
            yield start, stop, size
            start = stop

    def prepare(self, most: int | None, is_wanted: Callable[[], bool]) -> None:
        """Compiles for the numbers of rows that run together, up to `most`, as long as it is wanted; for one, where none do.

        Meanwhile requests run with those that are there.
        """
        known = {name: spec.shape.as_list() for name, spec in self.inputs.items() if spec.shape.rank}
        shapes = {name: shape[1:] for name, shape in known.items() if shape[0] is None and None not in shape[1:]}
        if len(shapes) < len(self.inputs):
            return
        for size in self._ahead:
            if (most is None or size <= most) and size not in self._prepared and is_wanted():
                blank = {name: _blank(self.inputs[name].dtype._np, (size, *s)) for name, s in shapes.items()}
                try:
                    self._run(blank)
                    self._seconds = min(self._timed(blank) for _ in range(3))
                except Exception:  # of these values; the requests' own may do better, and say so if not
                    return
                self._prepared = [*self._prepared, size]
        self.is_quick = self.is_joinable and len(self._prepared) == len(self._sizes) and self._seconds < _QUICK_SECONDS

    def _timed(self, arrays: Arrays) -> float:
        start = time.perf_counter()
        self._run(arrays)
        return time.perf_counter() - start


def _padded(array: np.ndarray, rows: int) -> np.ndarray:
    """The array with its last row repeated."""
    missing = rows - len(array)
    return np.concatenate([array, np.repeat(array[-1:], missing, axis=0)]) if missing else array


def _blank(dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    return np.full(shape, b"", object) if dtype.kind == "O" else np.zeros(shape, dtype)
