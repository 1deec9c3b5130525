"""Copies that bring operands of contractions into the order in which the blocks read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

from tenfold.compiler.blocks import Blocks, panel_loops
from tenfold.compiler.functions import I64, POINTER, Function, Module, const
from tenfold.compiler.tiling import Axis
from tenfold.compiler.vectors import Vectors, loop, minimum, scaled


def copy(b: Any, vectors: Vectors, axes: Sequence[tuple[Any, int, int]], run: Any, source: Any, target: Any) -> None:
    """Copies contiguous runs of elements.

    Args:
      b: where to emit.
      vectors: the element type.
      axes: for each axis, outermost first, its extent (an int or an i64), and its strides in source and target.
      run: the number of elements of a run, an int or an i64.
      source: the first run.
      target: where it goes.
    """
    if axes:
        size, from_stride, to_stride = axes[0]
        with loop(b, 0, size) as turn:
            inner_source = vectors.at(b, source, scaled(b, turn.index, from_stride))
            inner_target = vectors.at(b, target, scaled(b, turn.index, to_stride))
            copy(b, vectors, axes[1:], run, inner_source, inner_target)
        return
    whole: Any = b.udiv(run, const(vectors.lanes)) if not isinstance(run, int) else run // vectors.lanes
    rest = run % vectors.lanes if isinstance(run, int) else 0
    if whole != 0:
        with loop(b, 0, whole) as turn:
            offset = scaled(b, turn.index, vectors.lanes)
            vectors.store(b, vectors.load(b, vectors.at(b, source, offset)), vectors.at(b, target, offset))
    if rest:
        place = whole * vectors.lanes
        value = vectors.load(b, vectors.at(b, source, place), rest)
        vectors.store(b, value, vectors.at(b, target, place), rest)
    if not isinstance(run, int):
        with loop(b, scaled(b, whole, vectors.lanes), run) as turn:
            element = vectors.load_one(b, vectors.at(b, source, turn.index))
            b.store(element, vectors.at(b, target, turn.index), vectors.bytes)


def fill_zero(b: Any, vectors: Vectors, count: int, target: Any) -> None:
    """Sets `count` elements to zero."""
    whole, rest = divmod(count, vectors.lanes)
    if whole:
        with loop(b, 0, whole) as turn:
            vectors.store(b, vectors.zero(), vectors.at(b, target, scaled(b, turn.index, vectors.lanes)))
    if rest:
        vectors.store(b, vectors.zero(), vectors.at(b, target, whole * vectors.lanes), rest)


def pack_panels(
    b: Any,
    blocks: Blocks,
    reduction: Sequence[Axis],
    column_stride: int,
    source: Any,
    target: Any,
    panels: tuple[Any, Any] | None = None,
    rows: tuple[Any, Any] | None = None,
) -> None:
    """Copies B into panels, as a nest with `is_packed` wants it; columns that fill up the last vector are of no meaning.

    Args:
      b: where to emit.
      blocks: of that nest.
      reduction: its axes, with B's own strides.
      column_stride: the distance of B's columns.
      source: B at reduction 0 and column 0.
      target: the first panel.
      panels: bounds (ints or i64) of the panels to do; all if None.
      rows: i64, of a reduction of one axis, the first row to do and how many, at least the lanes of a vector if columns are not contiguous; all if None.
    """
    v, depth = blocks.vectors, blocks.nest.depth
    if rows:
        first, count = rows
        source = v.at(b, source, scaled(b, first, reduction[0].b))
        reduction = [replace(reduction[0], size=count)]
    for turn, columns in panel_loops(b, blocks, panels):
        start = scaled(b, turn.index, blocks.panel)
        to = v.at(b, target, scaled(b, start, depth))
        if rows:
            to = v.at(b, to, scaled(b, first, v.fill(columns)))
        panel = v.at(b, source, scaled(b, start, column_stride))
        _pack(b, v, list(reduction), column_stride, panel, to, v.fill(columns), columns)


def _pack(
    b: Any, v: Vectors, axes: list[Axis], column_stride: int, source: Any, target: Any, step: int, columns: int
) -> None:
    """One panel: its rows have `step` elements, of which `columns` mean something."""
    axis, inner = axes[0], prod(other.size for other in axes[1:])
    if len(axes) > 1:
        with loop(b, 0, axis.size) as turn:
            at = v.at(b, source, scaled(b, turn.index, axis.b))
            to = v.at(b, target, scaled(b, turn.index, inner * step))
            _pack(b, v, axes[1:], column_stride, at, to, step, columns)
        return
    is_long = not isinstance(axis.size, int) or axis.size >= v.lanes
    if axis.b == 1 and column_stride != 1 and is_long and v.lanes > 1:
        _pack_transposed(b, v, axis.size, column_stride, source, target, step, columns)
        return
    counts = [min(v.lanes, columns - place) for place in range(0, step, v.lanes)]
    with loop(b, 0, axis.size) as turn:
        row = v.at(b, source, scaled(b, turn.index, axis.b))
        to = v.at(b, target, scaled(b, turn.index, step))
        for j, count in enumerate(counts):
            at = v.at(b, row, j * v.lanes * column_stride)
            value = v.load(b, at, count) if column_stride == 1 else _gather(b, v, at, column_stride, count)
            v.store(b, value, v.at(b, to, j * v.lanes))


def _gather(b: Any, v: Vectors, source: Any, stride: int, count: int) -> Any:
    value = v.zero()
    for lane in range(count):
        value = b.insert_element(value, v.load_one(b, v.at(b, source, lane * stride)), lane)
    return value


def _pack_transposed(
    b: Any, v: Vectors, depth: Any, stride: int, source: Any, target: Any, step: int, columns: int
) -> None:
    """A panel whose columns are contiguous in the source: square blocks are transposed, the last of them overlapping."""
    transpose = _transposition(b.module, v)
    depth = const(depth) if isinstance(depth, int) else depth
    blocks = b.udiv(b.add(depth, const(v.lanes - 1)), const(v.lanes))
    with loop(b, 0, step // v.lanes) as vector, loop(b, 0, blocks) as block:
        column = scaled(b, vector.index, v.lanes)
        k = minimum(b, scaled(b, block.index, v.lanes), b.sub(depth, const(v.lanes)))
        count = minimum(b, const(v.lanes), b.sub(const(columns), column))
        at = v.at(b, source, b.add(scaled(b, column, stride), k))
        to = v.at(b, target, b.add(scaled(b, k, step), column))
        b.call_named(transpose.name, "void", [at, const(stride), count, to, const(step)], is_declared=False)


def _transposition(module: Module, v: Vectors) -> Function:
    """A function (source, its stride, rows, target, its stride) that transposes a square block.

    Where the source has fewer rows, the last one stands for those that are missing.
    """
    name = f"transpose.{v.dtype}x{v.lanes}"
    if name in module.functions:
        return module.functions[name]
    function = Function(module, name, [POINTER, I64, I64, POINTER, I64], is_shared=True)
    b = function.builder
    source, stride, count, target, step = function.arguments
    last = b.sub(count, const(1))
    places = [b.mul(minimum(b, const(row), last), stride) for row in range(v.lanes)]
    rows = [v.load(b, v.at(b, source, place)) for place in places]
    for row, value in enumerate(v.transpose(b, rows)):
        v.store(b, value, v.at(b, target, b.mul(const(row), step)))
    return function
