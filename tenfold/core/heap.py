"""The heap of the C library, which arrays are in.

The arrays of a step come and go by megabytes. By default glibc gives what is free at the end of its heap back to the kernel and takes
it again in the next step, page by page, each of which costs microseconds: an eager step of a text LSTM takes a quarter of its time so.

A processor remembers where some thousand pages are; to find another one takes long. NumPy asks for pages of two megabytes for arrays of four
and more. Here it is done for smaller ones, as most weights are: a step of a char LSTM takes 5 % less, one of a CNN 3 %.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache as once

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # glibc's malloc.h
_KEPT = 1 << 30  # bytes at the heap's end
_LARGEST = 1 << 25  # bytes of what is in the heap: glibc's own limit, which it comes to when such arrays are freed
_ADDED, _ADDED_BY_DEFAULT = 1 << 28, 1 << 17  # bytes that the heap grows by, beside what is wanted
_HUGE_PAGE, _MADV_HUGEPAGE = 1 << 21, 14  # Linux on x86-64 and aarch64


@once
def prepare_heap() -> None:
    """Lets glibc keep memory that arrays gave back, and have large pages for those that are still to come.

    With another library, or where the environment tunes malloc, nothing is done.
    """
    if sys.platform != "linux" or any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        return
    library = ctypes.CDLL(None)
    if mallopt := getattr(library, "mallopt", None):
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_TOP_PAD, _ADDED)
        _grow(library)
        mallopt(_TOP_PAD, _ADDED_BY_DEFAULT)


def _grow(library: ctypes.CDLL) -> None:
    """Makes the heap longer, by addresses which take memory when they are used, large pages then."""
    size, address = ctypes.c_size_t, ctypes.c_void_p
    malloc = ctypes.CFUNCTYPE(address, size)(("malloc", library))
    free = ctypes.CFUNCTYPE(None, address)(("free", library))
    end_of_heap = ctypes.CFUNCTYPE(address, ctypes.c_ssize_t)(("sbrk", library))
    advise = ctypes.CFUNCTYPE(ctypes.c_int, address, size, ctypes.c_int)(("madvise", library))
    last = malloc(_LARGEST // 2)
    if last is None:
        return
    free(last)
    begin, end = -(-last // _HUGE_PAGE) * _HUGE_PAGE, end_of_heap(0) or 0
    if begin < end <= begin + 2 * _ADDED:  # else this thread has another heap, or the system no more addresses
        advise(begin, end - begin, _MADV_HUGEPAGE)
