"""Locks that a fork waits for."""

from __future__ import annotations

import threading

from tenfold.core.locks import SharedLock


def test_threads_share_a_lock_and_one_that_wants_it_alone_waits_for_them():
    lock, both, leave = SharedLock(), threading.Barrier(3, timeout=60), threading.Event()
    seen = []

    def inside():
        with lock:
            both.wait()
            leave.wait(60)
            seen.append("left")

    def alone():
        lock.acquire()
        seen.append("alone")
        lock.release()

    threads = [threading.Thread(target=inside) for _ in range(2)]
    for thread in threads:
        thread.start()
    both.wait()
    waiting = threading.Thread(target=alone)
    waiting.start()
    waiting.join(0.05)
    assert seen == []
    leave.set()
    for thread in [*threads, waiting]:
        thread.join(60)
    assert seen == ["left", "left", "alone"]


def test_who_is_inside_may_take_it_alone():
    lock = SharedLock()
    with lock:
        lock.acquire()
        lock.release()
