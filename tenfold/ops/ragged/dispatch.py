"""How ops run on ragged tensors: element by element on their innermost values, else by rules of their own.

An op that has failed on a `RaggedArray` ends here; so public functions need no second version.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tenfold.core.op import Op
from tenfold.core.ragged_array import refuse
from tenfold.ops import row_rules
from tenfold.ops.ragged.broadcast import meet
from tenfold.ops.ragged.tensor import RaggedTensor


def run(op: Op, operands: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """What an op makes of operands of which some are ragged.

    Raises:
      ValueError: it takes dense tensors only.
    """
    rule = _rules().get(op.name)
    if rule is not None:
        return rule(*operands, **attrs)
    if op.rows is row_rules.elementwise or getattr(op.infer, "is_elementwise", False):
        flat, rows = meet(operands)
        return rows.with_flat_values(op(*flat, **attrs))
    refuse(next(x for x in operands if isinstance(x, RaggedTensor)), f"{op.name}: ")


@cache
def _rules() -> dict[str, Callable[..., Any]]:
    from tenfold.ops.ragged import lookup, rearrange, reduce, stacks

    return {**lookup.RULES, **rearrange.RULES, **reduce.RULES, **stacks.RULES}
