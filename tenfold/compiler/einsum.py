"""Einsum of two values as transposes, one contraction and a transpose, which `passes` and `settle` turn into strides."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenfold.compiler.builder import Builder, Value


def einsum(b: Builder, equation: str, x: Value, y: Value) -> Value:
    inputs, _, result = equation.replace(" ", "").partition("->")
    left, right = inputs.split(",")
    sizes = dict(zip(left, x.shape, strict=True)) | dict(zip(right, y.shape, strict=True))
    # An axis that only one operand has, and the result has not, is summed at once.
    x, left = _sum_out(b, x, left, set(right) | set(result))
    y, right = _sum_out(b, y, right, set(left) | set(result))
    if result and result[-1] in left and result[-1] not in right:  # whose axes are the columns, comes second
        x, left, y, right = y, right, x, left
    batch = [a for a in result if a in left and a in right]
    rows = [a for a in result if a in left and a not in right]
    columns = [a for a in result if a in right and a not in left]
    inner = [a for a in left if a in right and a not in result]

    def matrices(v: Value, axes: str, first: list[str], second: list[str]) -> Value:
        v = b.transpose(v, [axes.index(a) for a in (*batch, *first, *second)])
        return b.reshape(v, [*(sizes[a] for a in batch), size_of(first), size_of(second)])

    def size_of(axes: list[str]) -> int:
        return prod(sizes[a] for a in axes)

    # Whichever order an operand already has, contract can take.
    is_transposed_x = _order(left, batch, inner, rows)
    is_transposed_y = _order(right, batch, columns, inner)
    p = matrices(x, left, inner, rows) if is_transposed_x else matrices(x, left, rows, inner)
    q = matrices(y, right, columns, inner) if is_transposed_y else matrices(y, right, inner, columns)
    z = b.contract(p, q, transpose_x=is_transposed_x, transpose_y=is_transposed_y)
    axes = [*batch, *rows, *columns]
    return b.transpose(b.reshape(z, [sizes[a] for a in axes]), [axes.index(a) for a in result])


def _order(axes: str, *groups: list[str]) -> bool:
    return list(axes) == [a for group in groups for a in group]


def _sum_out(b: Builder, v: Value, axes: str, wanted: set[str]) -> tuple[Value, str]:
    lonely = [i for i, a in enumerate(axes) if a not in wanted]
    return (b.reduce("sum", v, lonely), "".join(a for a in axes if a in wanted)) if lonely else (v, axes)
