"""How many cores this process may keep busy: its affinity, and the CPU quota of its container."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path


def usable_cores(root: Path = Path("/")) -> int:
    """The number of cores that this process may keep busy, at least 1.

    Args:
      root: where `proc` and `sys` are mounted.
    Returns:
      The number of cores of the affinity mask, or the CPU quota of the control groups (versions 1 and 2), rounded up,
      if that is less.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [quota for folder in _cgroups(root) if (quota := _quota(folder)) is not None]
    return max(1, math.ceil(min([cores, *quotas])))


def _cgroups(root: Path) -> Iterator[Path]:
    """The folders of the control groups that limit this process' time, outer ones included."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    mounts = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            tops = [mounts, mounts / "unified"]
        elif "cpu" in controllers.split(","):
            tops = [mounts / "cpu", mounts / controllers]
        else:
            continue
        group = Path(path.lstrip("/"))
        for top in tops:
            yield from (top / parent for parent in (group, *group.parents))


def _quota(folder: Path) -> float | None:
    """The cores' worth of time that one control group grants; None if it sets no limit."""
    try:
        if (file := folder / "cpu.max").exists():  # version 2
            quota, period = file.read_text().split()
        else:
            quota, period = ((folder / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period"))
        return int(quota) / int(period) if quota not in ("max", "-1") else None
    except (OSError, ValueError):
        return None
