"""What kernels need to know of the processor: vector width, registers, masks, caches."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from tenfold.compiler.target import host


@dataclass(frozen=True)
class Isa:
    """A kind of processor.

    Args:
      name: of its widest vector instructions.
      vector_bytes: the size of a vector register.
      registers: how many vector registers there are.
      has_masks: whether a part of a vector can be loaded and stored in one instruction.
      l1_bytes: the size of a core's first data cache.
      l2_bytes: the size of a core's second cache.
    """

    name: str
    vector_bytes: int
    registers: int
    has_masks: bool
    l1_bytes: int = 32 << 10
    l2_bytes: int = 512 << 10

    def lanes(self, element_bytes: int) -> int:
        """The number of elements in a vector register."""
        return self.vector_bytes // element_bytes


def isa_of(machine: str, features: Mapping[str, bool], l1_bytes: int = 32 << 10, l2_bytes: int = 512 << 10) -> Isa:
    """The kind of processor that has LLVM's `features`.

    Args:
      machine: as `platform.machine()` names it.
      features: as `Target.features` has them.
    Example:
      >>> isa_of("x86_64", {"avx2": True, "fma": True}).vector_bytes
      32
    """
    if machine.lower() in ("x86_64", "amd64", "i386", "i686"):
        if (
            features.get("avx512f")
            and features.get("avx512vl")
            and features.get("avx512bw")
            and features.get("avx512dq")
        ):
            return Isa("avx512", 64, 32, True, l1_bytes, l2_bytes)
        if features.get("avx") or features.get("avx2"):
            return Isa("avx2" if features.get("avx2") else "avx", 32, 16, True, l1_bytes, l2_bytes)
        return Isa("sse2", 16, 16, False, l1_bytes, l2_bytes)
    return Isa("neon" if machine.lower() in ("aarch64", "arm64") else "simd128", 16, 32, False, l1_bytes, l2_bytes)


@cache
def host_isa() -> Isa:
    """The processor at hand, with vectors as wide as `target.host()` says."""
    caches = _caches(Path("/sys/devices/system/cpu/cpu0/cache"))
    isa = isa_of(platform.machine(), host().features, *caches)
    return replace(isa, vector_bytes=min(isa.vector_bytes, host().vector_bytes))


def _caches(folder: Path) -> tuple[int, int]:
    """The sizes of the first and second data cache; cautious guesses where the system does not say."""
    sizes = {"1": 32 << 10, "2": 512 << 10}
    units = {"K": 1 << 10, "M": 1 << 20}
    for cache_folder in folder.glob("index*"):
        try:
            level, kind, size = ((cache_folder / name).read_text().strip() for name in ("level", "type", "size"))
            if kind != "Instruction" and level in sizes:
                sizes[level] = int(size[:-1]) * units[size[-1]]
        except (OSError, ValueError, KeyError):
            continue
    return sizes["1"], sizes["2"]
