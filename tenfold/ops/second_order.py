"""Gradients of ops that are gradients themselves, and have no formula of their own for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.ops.identity import identity


def gradients_of_gradient(
    run: Callable[..., Any], inputs: Sequence[Tensor], dys: Sequence[Tensor], us: Sequence[Tensor]
) -> list[Tensor]:
    """The gradients to `inputs` and `dys` of the gradient to `inputs`, by running what it is the gradient of with
    public functions.

    Args:
      run: that, a function of `inputs` that returns a list of results.
      dys: the gradients of the results.
      us: the gradients of the gradients to `inputs`.
    """
    from tenfold.autodiff.endpoints import UnconnectedGradients
    from tenfold.autodiff.tape import GradientTape

    inputs, dys = [identity(x) for x in inputs], [identity(dy) for dy in dys]
    zero = UnconnectedGradients.ZERO
    with GradientTape(watch_accessed_variables=False) as outer:
        outer.watch([*inputs, *dys])
        with GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(inputs)
            results = run(*inputs)
        gradients = inner.gradient(results, inputs, dys, zero)
    return outer.gradient(gradients, [*inputs, *dys], us, zero)
