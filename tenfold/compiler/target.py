"""The processor at hand: what LLVM knows of it, and how many lanes a register has."""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from itertools import takewhile

import numpy as np

from tenfold.compiler import llvm
from tenfold.core.locks import new_lock

_making = new_lock()
_DTYPES = frozenset("?bhilqBHILQefdE")  # NumPy's type characters; the last one is that of bfloat16


@lru_cache(maxsize=1)
def host() -> Target:
    """This machine, once for the process."""
    with _making:
        return Target()


def has_machine_code(dtype: np.dtype) -> bool:
    """Whether machine code computes with elements of this type."""
    return dtype.char in _DTYPES and (dtype.char != "e" or host().has_half)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """What machine code of this processor depends on, as text; where the system tells it, LLVM is not asked."""
    width = os.environ.get("TENFOLD_VECTOR_BYTES", "")
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            first = dict(line.partition(":")[::2] for line in takewhile(str.strip, file))
    except OSError:
        return host().name
    known = [value.strip() for name, value in first.items() if name.strip() in _FACTS]
    return f"{platform.machine()} {' '.join(known)} {width}"


_FACTS = frozenset("vendor_id,cpu family,model,model name,stepping,flags,CPU implementer,CPU part,Features".split(","))


class Target:
    """CPU name, features, the width in bytes of its vector registers, and whether it converts float16.

    The environment variable `TENFOLD_VECTOR_BYTES` narrows the registers that code is written for.
    """

    def __init__(self) -> None:
        self.cpu = llvm.cpu_name()
        self.features = features = llvm.cpu_features()
        widest = 64 if features.get("avx512f") else 32 if features.get("avx2") else 16
        self.has_half = bool(features.get("f16c") or features.get("avx512f") or features.get("fullfp16"))
        self.vector_bytes = min(widest, int(os.environ.get("TENFOLD_VECTOR_BYTES", widest)))

    @property
    def name(self) -> str:
        """All that machine code depends on."""
        return f"{self.cpu} {self.features} {self.vector_bytes}"
