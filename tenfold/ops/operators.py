"""Python's operators on tensors and variables, in terms of the ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops import elementwise, matmul


def _reflected(run: Callable[[Any, Any], Tensor]) -> Callable[[Any, Any], Tensor]:
    """The operator with its operands in turn: the left one must take the dtype of the tensor on the right."""

    def operator(y: Any, x: Any) -> Tensor:
        return run(convert(x, y.dtype), y)

    return operator


_ARITHMETIC = {
    "add": elementwise._add,
    "sub": elementwise._subtract,
    "mul": elementwise._multiply,
    "truediv": elementwise._divide,
    "matmul": matmul.matmul,
}
for _cls in (Tensor, Variable):
    for _name, _run in _ARITHMETIC.items():
        setattr(_cls, f"__{_name}__", _run)
        setattr(_cls, f"__r{_name}__", _reflected(_run))
    setattr(_cls, "__lt__", elementwise._less)
    setattr(_cls, "__neg__", elementwise._negative)
