"""Beam search for the likeliest label sequences: prefixes of which each adds up all alignments that spell it."""

from __future__ import annotations

import numpy as np

_NONE = -1


class Prefixes:
    """A tree of label sequences, whose nodes are numbers; 0 is the empty sequence."""

    def __init__(self) -> None:
        self.parents, self.labels = [_NONE], [_NONE]
        self._children: dict[tuple[int, int], int] = {}

    def extended(self, node: int, label: int) -> int:
        """The sequence of `node` and one more label."""
        child = self._children.setdefault((node, label), len(self.parents))
        if child == len(self.parents):
            self.parents.append(node)
            self.labels.append(label)
        return child

    def spelled(self, node: int, merges_repeated: bool) -> list[int]:
        """The labels of a sequence, equal neighbours as one if so wanted."""
        found: list[int] = []
        while node:
            if not merges_repeated or not found or self.labels[node] != found[-1]:
                found.append(self.labels[node])
            node = self.parents[node]
        return found[::-1]


def _best(kept: np.ndarray, grown: np.ndarray, count: int) -> np.ndarray:
    return np.argsort(-np.concatenate([kept, grown.reshape(-1)]), kind="stable")[:count]


def _drop_growth(
    kept: np.ndarray,
    grown: np.ndarray,
    total: np.ndarray,
    parent: np.ndarray,
    last: np.ndarray,
    best: np.ndarray,
    beam_width: int,
) -> bool:
    """Takes what grew from prefixes out that TensorFlow has forgotten by then, and says whether there are any.

    It grows prefixes one after the other, the likeliest first, into a beam that drops the least likely ones meanwhile. Where the turn comes to one whose
    child was dropped already, it clears that child, which then does not grow.
    """
    flat, blank, has_any = grown.reshape(-1), grown.shape[1], False
    numbers = np.arange(len(kept))
    dropped = np.flatnonzero((parent != _NONE) & (parent < numbers) & ~np.isin(numbers, best))
    places = parent[dropped] * blank + last[dropped]
    for child, place in zip(dropped[np.argsort(places)], np.sort(places), strict=True):
        before, row = flat[:place], parent[child]
        is_dropped = (before > kept[child]).sum() + (kept > kept[child]).sum() >= beam_width
        if is_dropped and (grown[:row] >= total[row]).sum() + (kept >= total[row]).sum() < beam_width:
            grown[child] = -np.inf
            has_any = True
    return has_any


def beam_search(
    log_shares: np.ndarray, beam_width: int, top_paths: int, merges_repeated: bool
) -> list[tuple[list[int], float]]:
    """The likeliest sequences of labels, the best one first, with the logarithms of their probabilities.

    A sequence's probability is that of its alignments so far, apart for those that end in a blank and in its last label.

    Args:
      log_shares: log probabilities of the classes, the blank last, `(frames, classes)`.
    """
    blank, tree = log_shares.shape[1] - 1, Prefixes()
    nodes = np.zeros(1, np.int64)
    with_blank, with_label = np.zeros(1, log_shares.dtype), np.full(1, -np.inf, log_shares.dtype)
    for now in log_shares:
        total = np.logaddexp(with_blank, with_label)
        last = np.array([tree.labels[node] for node in nodes])
        position = {node: place for place, node in enumerate(nodes.tolist())}
        parent = np.array([position.get(tree.parents[node], _NONE) for node in nodes.tolist()])
        grown = total[:, None] + now[:blank]
        of_label = np.flatnonzero(last != _NONE)
        grown[of_label, last[of_label]] = (
            with_blank[of_label] + now[last[of_label]]
        )  # the same label again needs a blank
        is_child = np.flatnonzero(parent != _NONE)
        with_label = with_label + now[last]  # the empty sequence's is -inf, whatever is added
        with_label[is_child] = np.logaddexp(with_label[is_child], grown[parent[is_child], last[is_child]])
        grown[parent[is_child], last[is_child]] = -np.inf
        with_blank = total + now[blank]
        kept = np.logaddexp(with_blank, with_label)
        best = _best(kept, grown, beam_width)
        if _drop_growth(kept, grown, total, parent, last, best, beam_width):
            best = _best(kept, grown, beam_width)
        scores = np.concatenate([kept, grown.reshape(-1)])
        best = best[(scores[best] > -np.inf) | (best < len(nodes))]
        is_old = best < len(nodes)
        rows, labels = np.divmod(best - len(nodes), blank) if blank else (best, best)
        old = np.where(is_old, best, 0)
        nodes = np.array(
            [
                nodes[place] if stays else tree.extended(int(nodes[row]), int(label))
                for place, stays, row, label in zip(best, is_old, rows, labels, strict=True)
            ]
        )
        with_blank = np.where(is_old, with_blank[old], -np.inf).astype(log_shares.dtype)
        with_label = np.where(is_old, with_label[old], scores[best])
    total = np.logaddexp(with_blank, with_label)
    if len(total) < top_paths:
        raise ValueError(f"Less leaves in the beam search than requested: {len(total)}, not {top_paths}")
    best = np.argsort(-total, kind="stable")[:top_paths]
    return [(tree.spelled(int(nodes[place]), merges_repeated), total[place]) for place in best]
