"""Resampling along one axis: each element of the result is a weighted sum of a few elements, the taps."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Taps(NamedTuple):
    """How an axis is resampled: element i of the result is the sum over k of `weights[k, i] * x[places[k, i]]`."""

    places: np.ndarray  # (taps, result), integers
    weights: np.ndarray  # (taps, result), float32

    def transposed(self, size: int) -> Taps:
        """The taps of the gradient to an axis of this size."""
        count, out = self.places.shape
        keep = self.weights.reshape(-1) != 0
        places = self.places.reshape(-1)[keep]
        results = np.broadcast_to(np.arange(out), (count, out)).reshape(-1)[keep]
        order = np.lexsort((results, places))
        sorted_places = places[order]
        numbers = np.arange(len(order)) - np.searchsorted(sorted_places, sorted_places)  # among those of the same place
        found = Taps(*[np.zeros((numbers.max(initial=0) + 1, size), t) for t in (np.int64, np.float32)])
        found.places[numbers, sorted_places] = results[order]
        found.weights[numbers, sorted_places] = self.weights.reshape(-1)[keep][order]
        return found


def resample(x: np.ndarray, taps: Taps, axis: int) -> np.ndarray:
    """An array resampled along an axis, in its own dtype."""
    spread = (-1,) + (1,) * (x.ndim - 1 - axis)
    weights = taps.weights.astype(x.dtype)
    result = x.take(taps.places[0], axis) * weights[0].reshape(spread)
    for places, weight in zip(taps.places[1:], weights[1:], strict=True):
        result += x.take(places, axis) * weight.reshape(spread)
    return result


def lower_resample(b: Any, x: Any, taps: Taps, axis: int) -> Any:
    """What `resample` does, in primitives: one sum, of which the elements are gathered."""
    count, size = taps.places.shape
    found = b.gather(x, b.constant(taps.places), axis)
    weights = b.constant(taps.weights.reshape(count, size, *[1] * (x.ndim - 1 - axis)), x.dtype)
    return b.reduce_sum(found * weights, [axis])
