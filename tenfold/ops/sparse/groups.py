"""Rows of values along the last axis of tensors, dense or sparse: sets and sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.ops.sparse.indices import check_bounds, check_parts

Groups = dict[tuple[int, ...], list[Any]]


def sparse_groups(indices: np.ndarray, values: np.ndarray, shape: np.ndarray, is_checked: bool = True) -> Groups:
    """The values of each row that has some, by the indices of the other axes.

    Raises:
      ValueError: the parts do not fit, an index is out of bounds, or, if checked, they are out of order.
    """
    check_parts(indices, values, shape)
    check_bounds(indices, shape)
    if is_checked and len(indices) > 1:
        step = indices[1:] - indices[:-1]
        first = np.take_along_axis(step, (step != 0).argmax(1)[:, None], 1)[:, 0]
        if len(wrong := np.flatnonzero(first <= 0)):
            i = int(wrong[0]) + 1
            what = "is repeated" if not first[wrong[0]] else "is out of order; tf.sparse.reorder sorts them"
            raise ValueError(f"indices[{i}] = {tuple(indices[i].tolist())} {what}")
    groups: Groups = {}
    for place, value in zip(indices[:, :-1].tolist(), values.tolist(), strict=True):
        groups.setdefault(tuple(place), []).append(value)
    return groups
