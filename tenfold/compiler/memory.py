"""Where values live: in inputs, in outputs, or in one arena, planned by lifetimes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ALIGNMENT = 64


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def plan_arena(sizes: Mapping[int, int], uses: Sequence[Sequence[int]]) -> tuple[dict[int, int], int]:
    """Offsets of values in an arena, and its size.

    Args:
      sizes: bytes of each value that is to have a place.
      uses: for each step, in order, the values that it reads or writes; a value lives from its first use to its last.
    Returns:
      Offsets, multiples of ALIGNMENT; values that live at the same time do not overlap.
    Example:
      >>> offsets, size = plan_arena({1: 100, 2: 64, 3: 128}, [[1], [1, 2], [2, 3]])
      >>> sorted(offsets.items()), size
      ([(1, 0), (2, 128), (3, 0)], 192)
    """
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for step, values in enumerate(uses):
        for value in values:
            if value in sizes:
                first.setdefault(value, step)
                last[value] = step
    offsets: dict[int, int] = {}
    end = 0
    # Large ones first: small ones fit between them.
    for value in sorted(first, key=lambda v: (-sizes[v], first[v])):
        neighbours = sorted(
            (offsets[other], aligned(sizes[other]))
            for other in offsets
            if first[other] <= last[value] and first[value] <= last[other]
        )
        at = 0
        for offset, size in neighbours:
            if at + aligned(sizes[value]) <= offset:
                break
            at = max(at, offset + size)
        offsets[value] = at
        end = max(end, at + aligned(sizes[value]))
    return offsets, end
