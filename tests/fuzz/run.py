"""Runs one target: case after case, each with limits of time and memory."""

from __future__ import annotations

import faulthandler
import logging
import resource
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.targets import OF_CALLS, TARGETS

CASE_SECONDS = 20.0  # of the processor, for reading
USE_SECONDS = 2.0
MORE_BYTES = 2 << 30  # than the process has at first


class TooLong(BaseException):
    """No `except Exception` of what is tested keeps it."""


def fuzz(name: str, folder: str, seconds: float, number: int) -> int:
    """The number of cases that ran; a case that fails is raised, made small, with its trace.

    Args:
      name: of the target.
      folder: an empty one.
      seconds: of the processor.
      number: chooses the cases.
    """
    faulthandler.enable()
    warnings.simplefilter("ignore")
    logging.disable()
    target = TARGETS[name](Path(folder))
    cases, end = 0, time.process_time() + seconds
    with _bounded_memory():
        while time.process_time() < end:
            number += 1
            cases += _round(target, number)
    return cases


def _round(target: Any, number: int) -> int:
    cases = 0

    @seed(number)
    @settings(
        max_examples=50,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.randoms(use_true_random=False))
    def case(random: Random) -> None:
        nonlocal cases
        cases += 1
        one_case(target, random)

    case()
    return cases


def one_case(target: Any, random: Random) -> None:
    """Changes, reads and uses once."""
    target.change(random)
    try:
        with _limited(CASE_SECONDS):
            found = target.read()
    except target.errors:
        return
    try:
        with _limited(USE_SECONDS):
            target.use(found)
    except (*OF_CALLS, TooLong):
        pass


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TooLong(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)  # again, where it was not heard
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """More memory cannot be had: what asks for it fails."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MORE_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
