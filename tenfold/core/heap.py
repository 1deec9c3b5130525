"""The heap of the C library, which arrays are in.

The arrays of a step come and go by megabytes. By default glibc gives what is free at the end of its heap back to the kernel and takes
it again in the next step, page by page, each of which costs microseconds: an eager step of a text LSTM takes a quarter of its time so.
"""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
_KEPT = 1 << 30  # bytes at the heap's end
_LARGEST = 1 << 25  # bytes of what is in the heap: glibc's own limit, which it comes to when such arrays are freed


def keep_freed_memory() -> None:
    """Lets glibc keep memory that arrays gave back; with another library, or where the environment tunes malloc, nothing is done."""
    if sys.platform != "linux" or any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        return
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _KEPT)
