"""Runs requests, those that fit together as one: in a thread; or at once, where that takes less time than to go there and back."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tenfold.serving.signature import Arrays, Signature


@dataclass(eq=False)
class _Job:
    signature: Signature
    arrays: Arrays
    rows: int | None  # that may be joined
    future: asyncio.Future = field(repr=False)

    def key(self) -> Any:
        """Equal for jobs that may run together."""
        if self.rows is None:
            return id(self)
        return self.signature.key, *[(name, x.shape[1:]) for name, x in sorted(self.arrays.items())]


class Batcher:
    """Runs requests of one model, in the order in which they came.

    Args:
      max_rows: that run together.
      delay_seconds: how long the first waits for others.
      on_batch: is told the number of requests that ran together.
    """

    def __init__(self, max_rows: int, delay_seconds: float, on_batch: Callable[[int], None]) -> None:
        self._max_rows, self._delay, self._on_batch = max_rows, delay_seconds, on_batch
        self._loop = asyncio.get_running_loop()
        self._quick: list[_Job] = []
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="tenfold predictions", daemon=True)
        self._thread.start()

    async def run(self, signature: Signature, arrays: Arrays) -> Arrays:
        """The results of a signature; a caller that is cancelled lets its request go."""
        future: asyncio.Future[Arrays] = self._loop.create_future()
        job = _Job(signature, arrays, signature.rows(arrays), future)
        if signature.is_quick and not self._delay and (job.rows or sys.maxsize) <= self._max_rows:
            self._quick.append(job)
            if len(self._quick) == 1:
                self._loop.call_soon(self._run_quick)  # after all requests that have arrived by now
        else:
            self._queue.put(job)
        return await future

    def stop(self) -> None:
        """Ends the thread when all that was asked for is done."""
        self._queue.put(None)

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            if job is None:
                return
            for group in _groups(self._together(job)):
                self._loop.call_soon_threadsafe(_deliver, self._run(group))

    def _run_quick(self) -> None:
        jobs, self._quick = self._quick, []
        for group in _groups(jobs):
            _deliver(self._run(group))

    def _together(self, first: _Job) -> list[_Job]:
        """The jobs that are waiting, up to the size and the time limit."""
        jobs, rows, until = [first], first.rows or self._max_rows, time.monotonic() + self._delay
        while rows < self._max_rows:
            try:
                wait = until - time.monotonic()
                job = self._queue.get(timeout=wait) if wait > 0 else self._queue.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._queue.put(None)
                break
            jobs.append(job)
            rows += job.rows or self._max_rows
        return jobs

    def _run(self, jobs: Sequence[_Job]) -> list[tuple[asyncio.Future, Any]]:
        """Futures with their results or errors; where joined requests fail, each runs by itself and has its own error."""
        jobs = [job for job in jobs if not job.future.done()]  # the others' time was up
        if not jobs:
            return []
        signature = jobs[0].signature
        try:
            if len(jobs) == 1:
                results = [signature.run(jobs[0].arrays)]
            else:
                joined = {name: np.concatenate([job.arrays[name] for job in jobs]) for name in signature.inputs}
                results = _split(signature.run(joined), [job.rows or 0 for job in jobs])
        except Exception as error:
            if len(jobs) == 1:
                return [(jobs[0].future, error)]
            return [pair for job in jobs for pair in self._run([job])]
        self._on_batch(len(jobs))
        return [(job.future, found) for job, found in zip(jobs, results, strict=True)]


def _groups(jobs: Sequence[_Job]) -> list[list[_Job]]:
    """Jobs by what may run together."""
    groups: dict[Any, list[_Job]] = {}
    for job in jobs:
        groups.setdefault(job.key(), []).append(job)
    return list(groups.values())


def _split(arrays: Arrays, rows: Sequence[int]) -> list[Arrays]:
    ends = np.cumsum(rows)
    return [{name: x[end - n : end] for name, x in arrays.items()} for n, end in zip(rows, ends, strict=True)]


def _deliver(pairs: Sequence[tuple[asyncio.Future, Any]]) -> None:
    for future, found in pairs:
        if future.done():  # its time was up
            continue
        if isinstance(found, Exception):
            future.set_exception(found)
        else:
            future.set_result(found)
