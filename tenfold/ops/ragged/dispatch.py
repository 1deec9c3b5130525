"""How ops run on ragged tensors: element by element on their innermost values, else by rules of their own.

An op that has failed on a `RaggedArray` ends here; so public functions need no second version.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tenfold.core.op import Op
from tenfold.ops import row_rules
from tenfold.ops.ragged.broadcast import meet
from tenfold.ops.ragged.tensor import RaggedTensor

# Ops that compute each element, or each innermost vector, alone, but have shape rules of another kind.
_OF_ELEMENTS = frozenset(
    {"AddN", "AsString", "Bitcast", "Cast", "CheckNumerics", "ClipByValue", "Complex", "StringJoin", "UnicodeTranscode"}
)


def run(op: Op, operands: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """What an op makes of operands of which some are ragged.

    Raises:
      ValueError: it takes dense tensors only.
    """
    rule = _rules().get(op.name)
    if rule is not None:
        return rule(*operands, **attrs)
    if _works_by_elements(op):
        return elementwise(lambda *flat: op(*flat, **attrs), *operands)
    first = next(x for x in operands if isinstance(x, RaggedTensor))
    first._array.refuse(f"{op.name}: ")


def elementwise(function: Callable[..., Any], *operands: Any) -> RaggedTensor:
    """A ragged tensor of what a function makes of the innermost values of operands, which broadcast."""
    flat, rows = meet(operands)
    return rows.with_flat_values(function(*flat))


def _works_by_elements(op: Op) -> bool:
    is_elementwise = op.rows is row_rules.elementwise or getattr(op.infer, "is_elementwise", False)
    return is_elementwise or op.name in _OF_ELEMENTS


@cache
def _rules() -> dict[str, Callable[..., Any]]:
    from tenfold.ops.ragged import lookup, rearrange, reduce, stacks

    return {**lookup.RULES, **rearrange.RULES, **reduce.RULES, **stacks.RULES}
