"""Batches made ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any


def batches_ahead(source: Any, indices: Iterator[int], workers: int, most: int) -> Iterator[Any]:
    """The batches of a source, in order, made by several threads.

    Args:
      source: what gives batches by number.
      indices: the numbers of the batches, without end if there is none.
      workers: number of threads.
      most: how many batches may be begun before they are read.
    """
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(workers)
    try:
        begun = deque(pool.submit(source.__getitem__, i) for i in islice(indices, max(most, workers)))
        while begun:
            batch = begun.popleft().result()
            begun.extend(pool.submit(source.__getitem__, i) for i in islice(indices, 1))
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)
