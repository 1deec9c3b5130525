"""What is known of an operator from what is known of those that it is made of."""

from __future__ import annotations

from typing import Any

_HINTS = ("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square")


def is_product_square(left: Any, right: Any) -> bool:
    return left.range_dimension == right.domain_dimension


def both_non_singular(left: Any, right: Any) -> bool | None:
    if left.is_non_singular is False or right.is_non_singular is False:
        return False
    return True if left.is_non_singular and right.is_non_singular else None


def product_hints(left: Any, right: Any) -> dict[str, Any]:
    """What is known of a product from what is known of its factors."""
    if is_product_square(left, right):
        return {"is_square": True, "is_non_singular": both_non_singular(left, right)}
    return dict.fromkeys(_HINTS, False)


def commuting_hints(left: Any, right: Any) -> dict[str, Any]:
    """What is known of a product of factors that commute."""
    known = left.is_self_adjoint, right.is_self_adjoint
    is_self_adjoint = True if all(known) else False if set(known) == {True, False} else None
    is_positive_definite = True if left._can_use_cholesky() and right._can_use_cholesky() else None
    return {
        "is_square": True,
        "is_non_singular": both_non_singular(left, right),
        "is_self_adjoint": is_self_adjoint,
        "is_positive_definite": is_positive_definite,
    }


def shared_hint(operator: Any, name: str, given: bool | None, message: str) -> bool | None:
    """A hint that an operator and one made of it must agree on."""
    known = getattr(operator, name)
    if known is None or given is None:
        return given if known is None else known
    if known != given:
        raise ValueError(message)
    return known


def require_hint(name: str, given: bool | None, expected: bool, statement: str) -> None:
    """Checks a hint that is the same for all operators of a class."""
    if given is not None and given is not expected:
        raise ValueError(f"{statement} Expected argument `{name}` to be {expected}. Received: {given}.")
