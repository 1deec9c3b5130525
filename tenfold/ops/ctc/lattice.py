"""Forward-backward algorithm over the alignments of labels with frames (Graves et al., 2006, doi:10.1145/1143844.1143891).

A sequence of n labels has 2 n + 2 states: a start that emits nothing, a blank, and for each label a state and a blank after it. From frame to
frame a path stays, goes to the next state, or skips a blank between two labels. All is in log space, vectorised over the batch; numbers
are scaled at each frame, so that long sequences lose no precision.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LOWEST = -1e30  # what is subtracted from scores that are all -inf


class Lattice(NamedTuple):
    """States of a batch of label sequences, each array `(batch, states)`.

    Attributes:
      places: the class that a state emits.
      stay: the score of staying in a state, 0 or -inf.
      skip: the score of coming from two states before.
      first: scores before the first frame.
      last: scores of ending there.
    """

    places: np.ndarray
    stay: np.ndarray
    skip: np.ndarray
    first: np.ndarray
    last: np.ndarray


def lattice(
    labels: np.ndarray, lengths: np.ndarray, blank: int, impossible: float, dtype: np.dtype, merges: bool = True
) -> Lattice:
    """The states of labels `(batch, labels)`, of which each row has so many.

    Args:
      impossible: the score of beginning and ending in the wrong state; finite where such paths are to have a gradient.
      merges: whether equal labels of neighbouring frames are one, so that two of them need a blank in between.
    """
    batch, count = labels.shape
    states = 2 * count + 2
    places = np.full((batch, states), blank, np.int64)
    places[:, 2::2] = labels
    may_skip = np.zeros((batch, states), bool)
    may_skip[:, 2::2] = True
    may_stay = np.ones((batch, states), bool)
    may_stay[:, 2::2] = merges
    if merges:
        may_skip[:, 4::2] = labels[:, 1:] != labels[:, :-1]
    first = np.full((batch, states), impossible, dtype)
    first[:, 0] = 0
    is_last = np.arange(states) // 2 == lengths[:, None]
    return Lattice(
        places,
        _scores(may_stay, -np.inf, dtype),
        _scores(may_skip, -np.inf, dtype),
        first,
        _scores(is_last, impossible, dtype),
    )


def _scores(is_free: np.ndarray, otherwise: float, dtype: np.dtype) -> np.ndarray:
    return np.where(is_free, dtype.type(0), dtype.type(otherwise))


def _log_sum(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    largest = np.maximum(np.maximum(a, b), c)
    np.maximum(largest, LOWEST, out=largest)
    total = np.exp(a - largest)
    total += np.exp(b - largest)
    total += np.exp(c - largest)
    np.log(total, out=total)
    total += largest
    return total


def _scale(scores: np.ndarray) -> np.ndarray:
    """Makes the largest score of each row 0, in place, and returns what it was."""
    largest = np.maximum(scores.max(1, keepdims=True), LOWEST)
    scores -= largest
    return largest


def align(states: Lattice, observed: np.ndarray, is_inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The probability of all paths together, and of being in a state.

    Args:
      observed: log probabilities of what states emit, `(frames, batch, states)`.
      is_inside: whether a frame is one of the sequence, `(frames, batch)`.
    Returns:
      `-log` of the paths' probability, `(batch,)`, and shares of states at each frame, `(frames, batch, states)`; 0 where no path is possible.
    """
    frames = len(observed)
    padded = np.full((observed.shape[1], observed.shape[2] + 2), -np.inf, observed.dtype)
    shares = np.empty(observed.shape, observed.dtype)
    before = states.first
    for t in range(frames):
        padded[:, 2:] = before
        before = _log_sum(before + states.stay, padded[:, 1:-1], padded[:, :-2] + states.skip)
        before += observed[t]
        _scale(before)
        shares[t] = before
    after, total = states.last, np.zeros((observed.shape[1], 1), observed.dtype)
    padded[:] = -np.inf
    skip = np.full(padded.shape, -np.inf, observed.dtype)
    skip[:, :-2] = states.skip
    for t in reversed(range(frames)):
        shares[t] += after
        now = after + observed[t]
        padded[:, :-2] = now
        now = _log_sum(now + states.stay, padded[:, 1:-1], padded[:, 2:] + skip[:, 2:])
        inside = is_inside[t][:, None]
        total += np.where(inside, _scale(now), 0)
        after = np.where(inside, now, states.last)
    shares -= np.maximum(shares.max(2, keepdims=True), LOWEST)
    np.exp(shares, out=shares)
    sums = np.add.reduce(shares, 2, keepdims=True)
    np.divide(shares, sums, out=shares, where=sums > 0)
    return -(after[:, 0] + total[:, 0]), shares
