"""The native worker pool that all kernels share.

`parallel_for(function, arguments, count, grain)` is machine code, called from machine code: generated modules declare it
under the name `SYMBOL`. It runs `function(arguments, begin, end)` over ranges that cover `0..count`, each of at least
`grain` indices but the last ones. Every index must compute the same whatever range it comes in; then results do not depend on
the number of threads.

Each thread of the team owns a contiguous share of the indices, the same one in every call with the same count, so data
stay in its cache. Who has finished takes from the others' shares: a worker that is late or has no core delays nobody. The last
chunk of a share is left to its owner, if that has begun, for some microseconds: taken away, it would be in the wrong cache.

Workers are Python threads that entered machine code (without the GIL) for good. They spin for about `SPIN_SECONDS` after
a call, then sleep: in the kernel (futex) on Linux, on a Python lock elsewhere. The first call in a process, also in a forked one, starts them.
One call at a time has the workers; a call that finds them busy runs on its own thread, as one from inside a loop does.

A share is a claim word, `round << 32 | has begun << 31 | chunks left`. Taking a chunk is a compare-and-swap of that word, so a worker that wakes
up in a round that is over can take nothing, and whatever it read of the call's description does not matter.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import threading
import time

from tenfold.compiler import cache, loader, pool_code
from tenfold.compiler.cpus import usable_cores
from tenfold.compiler.pool_code import MAX_THREADS
from tenfold.compiler.pool_code import SYMBOL as SYMBOL
from tenfold.core.config import get_intra_op_parallelism_threads, settings
from tenfold.core.locks import new_lock

SPIN_SECONDS = (
    300e-6  # what an eager step does in Python between two kernels: an MLP's takes 250 us so, 300 with 100e-6
)


class _Pool:
    """The workers of this process."""

    def __init__(self, has_futex: bool) -> None:
        loaded = loader.load(cache.code_of(pool_code.source(has_futex)))
        code, word = loaded.address, ctypes.c_void_p
        self.address = code(SYMBOL)
        self._work = ctypes.CFUNCTYPE(None, ctypes.c_int64)(code("tenfold_worker"))
        self._stop = ctypes.CFUNCTYPE(None)(code("tenfold_stop"))
        self._reset = ctypes.CFUNCTYPE(None)(code("tenfold_reset"))
        self._configure = ctypes.CFUNCTYPE(None, ctypes.c_int32, ctypes.c_int32)(code("tenfold_configure"))
        self._spin = ctypes.CFUNCTYPE(None, ctypes.c_int32)(code("tenfold_spin"))
        set_hooks = ctypes.CFUNCTYPE(None, word, word, word)(code("tenfold_hooks"))
        self._affinity = code("affinity") if has_futex else 0
        loaded.keep()  # a worker may be in it when the process ends
        loader.symbols[SYMBOL] = self.address

        on_word = ctypes.CFUNCTYPE(None, word)
        self._hooks = [ctypes.CFUNCTYPE(None)(self._start)]
        if not has_futex:
            self._hooks += [on_word(self._sleep), on_word(self._wake)]
        set_hooks(*[ctypes.cast(hook, word) for hook in self._hooks], *[None] * (3 - len(self._hooks)))

        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)
        atexit.register(self.stop)
        settings.thread_listeners.append(self._resize)

    def _begin(self) -> None:
        self._starting = threading.Lock()
        self._workers: list[threading.Thread] = []
        self._turns = 0
        self._is_stopped = False
        self._beds: dict[int, threading.Semaphore] = {}

    def _forked(self) -> None:
        self._begin()
        self._reset()

    def _resize(self, threads: int) -> None:
        if not self._is_stopped:
            self._configure(0, self._turns)  # the next call asks again

    def _start(self) -> None:
        """Called by machine code that finds no team: starts the workers that are missing."""
        with self._starting:
            if self._is_stopped:
                return
            team = thread_count()
            if team > 1:
                self._turns = self._turns or self._count_turns()
            if self._affinity:
                cpus = sum(1 << cpu for cpu in os.sched_getaffinity(0) if cpu < 1024)
                ctypes.memmove(self._affinity, cpus.to_bytes(128, "little"), 128)
            self._configure(1, self._turns)  # what follows may run machine code of other threads
            try:
                while len(self._workers) < team - 1:
                    number = len(self._workers) + 1
                    worker = threading.Thread(
                        target=self._work, args=(number,), name=f"tenfold-worker-{number}", daemon=True
                    )
                    worker.start()
                    self._workers.append(worker)
            except RuntimeError:  # no more threads to be had, or the interpreter is shutting down
                team = 1 + len(self._workers)
            self._configure(team, self._turns)

    def _count_turns(self) -> int:
        """The turns of a spinning worker that take about SPIN_SECONDS: how long a pause is differs tenfold."""
        turns = 1000
        seconds = min(self._time_spin(turns) for _ in range(3))
        return max(100, int(turns * SPIN_SECONDS / max(seconds, 1e-9)))

    def _time_spin(self, turns: int) -> float:
        start = time.perf_counter()
        self._spin(turns)
        return time.perf_counter() - start

    def stop(self) -> None:
        """Lets the workers go, and waits shortly for those inside a kernel; later calls run on their own thread."""
        with self._starting:
            self._is_stopped = True
            self._stop()
        for worker in self._workers:
            worker.join(timeout=0.2)

    # Without futex: a worker sleeps on a semaphore. The words are told apart by their addresses.

    def _sleep(self, word: int) -> None:
        bed = self._beds.setdefault(word, threading.Semaphore(0))
        value = ctypes.c_int32.from_address(word)
        while value.value:
            bed.acquire()

    def _wake(self, word: int) -> None:
        self._beds.setdefault(word, threading.Semaphore(0)).release()


_HAS_FUTEX = sys.platform == "linux" and pool_code.MACHINE in pool_code.FUTEX_NUMBERS
_pool: _Pool | None = None
_making = new_lock()


def source() -> str:
    """The pool of this system as LLVM IR."""
    return pool_code.source(_HAS_FUTEX)


def thread_count() -> int:
    """The number of threads that a parallel loop may use, the caller's among them.

    Returns:
      What `tf.config.threading.set_intra_op_parallelism_threads` set; else the cores that affinity and the container's CPU quota leave.
    """
    return min(get_intra_op_parallelism_threads() or usable_cores(), MAX_THREADS)


def parallel_for_address() -> int:
    """The address of `parallel_for`, `void(ptr function, ptr arguments, i64 count, i64 grain)`.

    It is also made known to the loader under the name `SYMBOL`, so it must be called before code that uses the name is
    linked. No thread is started before the first loop.
    """
    global _pool
    if _pool is None:
        with _making:
            if _pool is None:
                _pool = _Pool(_HAS_FUTEX)
    return _pool.address
