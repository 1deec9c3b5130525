"""Rules for where the rows of an op's results are, by those of its operands, as ops give them (`Op(rows=)`).

A rule takes a node and the values of its graph (`graph.rows.Values`), which know for each symbol where its rows are.
It returns an axis, and how many times it has all rows, for all results; or a list of such places, with None for a result
that has no rows. It returns None, or raises LookupError, TypeError or ValueError, where rows are mixed or it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod


def elementwise(node, values):
    """Operands that broadcast meet row by row."""
    rank = node.outputs[0].ndim
    found = {values[x]._replace(axis=values[x].axis + rank - x.ndim) for x in node.inputs if x in values}
    ((axis, outer, _),) = found
    for x in node.inputs:
        own = axis - rank + x.ndim
        if x not in values and own >= 0 and x.shape[own] != 1:
            return None
    return axis, outer


def first(node, values):
    """The rows of the first operand; the others say what is done to each."""
    if any(x in values for x in node.inputs[1:]):
        raise LookupError("others have rows, too")
    return values[node.inputs[0]]


def leading(node, values):
    """The first axis has the rows, each of which is computed alone."""
    rows = first(node, values)
    return (0, rows.outer) if rows.axis == 0 else None


def along(attribute: str) -> Callable:
    """The op works along other axes than that of the rows, and may take these away."""

    def rule(node, values):
        rows, axes = first(node, values), node.attrs[attribute]
        rank = node.inputs[0].ndim
        others = [a % rank for a in ([axes] if type(axes) is int else axes)]
        if rows.axis in others:
            return None
        is_shorter = node.outputs[0].ndim < rank
        return rows.axis - sum(a < rows.axis for a in others) * is_shorter, rows.outer

    return rule


def joined(node, values):
    """All operands have their rows in the same place, and are joined along another or a new axis."""
    ((axis, outer, _),) = {values[x] for x in node.inputs}
    rank = node.outputs[0].ndim
    along = node.attrs["axis"] % rank
    if rank > node.inputs[0].ndim:
        return axis + (along <= axis), outer
    return (axis, outer) if along != axis else None


def over_last(node, values):
    """The op works along the last axis only."""
    rows = first(node, values)
    return (rows.axis, rows.outer) if rows.axis < node.inputs[0].ndim - 1 else None


def kept(node, values):
    """Elements keep their order; the sizes of the result tell the rest."""
    rows, sizes = first(node, values), values.sizes(node.inputs[0])[0]
    axis = values.varying_axis(node.outputs[0])
    outer, rest = divmod(prod(sizes[: rows.axis]) * rows.outer, prod(values.sizes(node.outputs[0])[0][:axis]))
    return None if rest else (axis, outer)
