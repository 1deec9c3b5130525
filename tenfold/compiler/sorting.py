"""Positions that put rows of int32 in order, equal elements in theirs.

An element is packed with its position behind it, so that sorting integers is sorting stably. Short rows are sorted in blocks, in
registers, and the blocks merged, two runs at a time, without a branch that could be mispredicted. Long ones are dealt by their bytes,
the lowest first.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from tenfold.compiler.functions import I1, I64, Module, Value, const
from tenfold.compiler.phases import MOST_TILES, Kernel, Phase, share, tile_function
from tenfold.compiler.program import Spec
from tenfold.compiler.vectors import loop, minimum, scaled

I32 = "i32"
BLOCK = 8  # elements that are sorted in registers
SHORT = 64  # elements of rows that are merged
_DIGITS = 4  # bytes of an element
_VALUES = 256  # of a byte


def emit(spec: Spec, name: str) -> tuple[Module, Kernel, int]:
    """The function of an argsort, its kernel, and how many operations it takes; its pointers: operand, result, workspace.

    Args:
      spec: of the operand.
      name: of the function.
    """
    width, rows = spec.shape[-1], prod(spec.shape[:-1])
    tiles = min(rows, MOST_TILES)
    sort, scratch, weight = (_merged, 2 * width, 100) if width <= SHORT else (_dealt, 2 * width + _DIGITS * _VALUES, 50)
    module = Module()

    def body(b: Any, pointers: Any, begin: Any, end: Any) -> None:
        source, target, workspace = pointers
        own = b.gep(workspace, scaled(b, begin, scratch), I64)  # no other call begins with this tile
        with loop(b, *share(b, begin, end, rows, tiles)) as turn:
            keys, positions = (b.gep(p, scaled(b, turn.index, width), I32) for p in (source, target))
            sort(b, keys, positions, own, width)

    function = tile_function(module, name, body, pointers=3)
    work = rows * width * weight
    return module, Kernel((Phase(function, tiles, work),), 8 * scratch * tiles), work


def _key(b: Any, keys: Any, place: Any) -> Value:
    """An element as a number without a sign, in the same order."""
    key = b.value(I32, f"xor {b.load(I32, b.gep(keys, place, I32), 4)}, -2147483648")
    return b.value(I64, f"zext {key} to i64")


def _packed(b: Any, keys: Any, place: Any) -> Value:
    return _or(b, b.value(I64, f"shl {_key(b, keys, place)}, 32"), place)


def _put_position(b: Any, element: Any, target: Any, place: Any) -> None:
    b.store(b.value(I32, f"trunc {element} to i32"), b.gep(target, place, I32), 4)


def _put(b: Any, element: Any, target: Any, place: Any) -> None:
    b.store(element, b.gep(target, place, I64), 8)


def _load(b: Any, pointer: Any, place: Any) -> Value:
    return b.load(I64, b.gep(pointer, place, I64), 8)


def _or(b: Any, x: Value, y: Value) -> Value:
    return b.value(x.type, f"or {x}, {y.text}")


# Merging.


def _merged(b: Any, keys: Any, positions: Any, scratch: Any, width: int) -> None:
    runs = [scratch, b.gep(scratch, const(width), I64)]
    put, target = (_put_position, positions) if width <= BLOCK else (_put, runs[0])
    whole, rest = divmod(width, BLOCK)
    with loop(b, 0, whole) as turn:
        _sort_block(b, keys, put, target, scaled(b, turn.index, BLOCK), BLOCK)
    _sort_block(b, keys, put, target, const(whole * BLOCK), rest)
    length = BLOCK
    while length < width:
        put, target = (_put_position, positions) if 2 * length >= width else (_put, runs[1])
        _merge(b, runs[0], put, target, width, length)
        runs.reverse()
        length *= 2


def _sort_block(b: Any, keys: Any, put: Callable[..., None], target: Any, start: Any, count: int) -> None:
    places = [b.add(start, const(i)) for i in range(count)]
    elements = [_packed(b, keys, place) for place in places]
    for last in range(count - 1, 0, -1):
        for i in range(last):
            x, y = elements[i : i + 2]
            is_ordered = b.icmp_unsigned("<", x, y)
            elements[i : i + 2] = b.select(is_ordered, x, y), b.select(is_ordered, y, x)
    for place, element in zip(places, elements, strict=True):
        put(b, element, target, place)


def _merge(b: Any, source: Any, put: Callable[..., None], target: Any, width: int, length: int) -> None:
    """
    for each pair of runs:  i, j = their beginnings;  for each place of the target:  the lesser of source[i], source[j], and on
    """
    with loop(b, 0, -(-width // (2 * length))) as pair:
        low = scaled(b, pair.index, 2 * length)
        middle = minimum(b, b.add(low, const(length)), const(width))
        high = minimum(b, b.add(low, const(2 * length)), const(width))
        with loop(b, low, high, [low]) as turn:
            (i,) = turn.values
            j = b.sub(b.add(turn.index, middle), i)
            x = _load(b, source, minimum(b, i, b.sub(middle, const(1))))
            y = _load(b, source, minimum(b, j, b.sub(high, const(1))))
            is_first = _or(b, b.icmp_signed(">=", j, high), b.icmp_unsigned("<", x, y))
            is_first = b.value(I1, f"and {is_first}, {b.icmp_signed('<', i, middle).text}")
            put(b, b.select(is_first, x, y), target, turn.index)
            turn.next = [b.add(i, b.value(I64, f"zext {is_first} to i64"))]


# Dealing.


def _dealt(b: Any, keys: Any, positions: Any, scratch: Any, width: int) -> None:
    """
    for each byte:  count its values, sum the counts;  for each element, in order:  put it where those with its byte go next
    """
    piles = [scratch, b.gep(scratch, const(width), I64)]
    table = b.gep(scratch, const(2 * width), I64)
    counts = [b.gep(table, const(digit * _VALUES), I64) for digit in range(_DIGITS)]
    with loop(b, 0, _DIGITS * _VALUES) as turn:
        _put(b, const(0), table, turn.index)
    with loop(b, 0, width) as turn:
        key = _key(b, keys, turn.index)
        for digit in range(_DIGITS):
            _next_place(b, counts[digit], key, 8 * digit)
    for begins in counts:
        with loop(b, 0, _VALUES, [const(0)]) as turn:
            count = _load(b, begins, turn.index)
            _put(b, turn.values[0], begins, turn.index)
            turn.next = [b.add(turn.values[0], count)]
    for digit in range(_DIGITS):
        put, target = (_put_position, positions) if digit == _DIGITS - 1 else (_put, piles[1])
        with loop(b, 0, width) as turn:
            element = _load(b, piles[0], turn.index) if digit else _packed(b, keys, turn.index)
            put(b, element, target, _next_place(b, counts[digit], element, 32 + 8 * digit))
        piles.reverse()


def _next_place(b: Any, counts: Any, element: Any, shift: int) -> Value:
    """What stands for a byte of an element, which is one more from now on."""
    byte = b.value(I64, f"lshr {element}, {shift}") if shift else element
    byte = b.value(I64, f"and {byte}, {_VALUES - 1}")
    place = _load(b, counts, byte)
    _put(b, b.add(place, const(1)), counts, byte)
    return place
