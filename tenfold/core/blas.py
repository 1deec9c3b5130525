"""The OpenBLAS library that NumPy's wheels bring: how many threads it has, and products that leave these asleep.

After each product that OpenBLAS shares among its threads they spin for some 30 ms. The workers of `compiler/pool.py` then have to share their
cores with them, and large ops of eager code take twice as long. Products of middle size gain too little by threads to be worth that;
the largest run as machine code (`ops/large.py`).
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SHARED = 1 << 18  # multiplications of which OpenBLAS shares a product
_LONG = 1 << 22  # and of which that saves more than some 50 us


class _Library(NamedTuple):
    get_threads: Any
    set_threads: Any


@cache
def _openblas() -> _Library | None:
    """The library; None if NumPy has another one."""
    package = Path(np.__file__).parent
    for folder in (package.with_name("numpy.libs"), package / ".dylibs"):
        for path in folder.glob("*openblas*"):
            library = ctypes.PyDLL(str(path))  # it is loaded already: this only finds it
            for suffix in ("64_", ""):
                names = (f"scipy_openblas_get_num_threads{suffix}", f"scipy_openblas_set_num_threads{suffix}")
                if all(hasattr(library, name) for name in names):
                    return _Library(*[getattr(library, name) for name in names])
    return None


def limit_threads(threads: int) -> None:
    """Limits the threads of NumPy's OpenBLAS, 0 to one for each core; with another library nothing is done."""
    if library := _openblas():
        library.set_threads(threads or os.cpu_count() or 1)


def matmul(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """`np.matmul`, on the calling thread unless the product is so large that threads save more than they cost afterwards."""
    if not SHARED < a.size * b.shape[-1] < _LONG:
        return np.matmul(a, b, out=out)
    library = _openblas()
    threads = library.get_threads() if library else 1
    if library is None or threads == 1:
        return np.matmul(a, b, out=out)
    library.set_threads(1)
    try:
        return np.matmul(a, b, out=out)
    finally:
        library.set_threads(threads)
