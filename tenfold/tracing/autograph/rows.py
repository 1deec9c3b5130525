"""What a loop on tensors runs over: the rows of a tensor, the numbers of a range, and `enumerate` and `zip` of such."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops import sizes
from tenfold.ops.cast import cast
from tenfold.ops.elementwise import maximum, minimum
from tenfold.ops.gather import gather
from tenfold.tracing.autograph.lists import GrownList


class Rows:
    """Items by index.

    Attributes:
      count: how many there are: int, or int32 tensor.
      item: function of an int32 tensor.
    """

    def __init__(self, count: Any, item: Callable[[Any], Any]) -> None:
        self.count, self.item = count, item

    def __iter__(self) -> Iterator[Any]:
        return map(self.item, range(self.count))


def rows_of(value: Any) -> Rows | None:
    """The rows of a tensor; None if a value is none.

    Raises:
      ValueError: the tensor has no axes.
    """
    if isinstance(value, Rows):
        return value
    if isinstance(value, GrownList):
        value = value.stack()
    if not isinstance(value, Tensor):
        return None
    if value.shape.rank == 0:
        raise ValueError(f"len requires a non-scalar tensor, got one of shape {value.shape}; a loop runs over rows.")
    return _numbers(value) or Rows(count_of(value), lambda i: gather(value, i))


def _numbers(value: Tensor) -> Rows | None:
    """The integers of a `tf.range` whose length is not known, by themselves: that they make no tensor lets the loop be native."""
    symbol = value._array
    if type(symbol) is not Symbol or value.shape[0] is not None or symbol.dtype.kind != "i":
        return None
    node = next((node for node in reversed(symbol.graph.nodes) if symbol in node.outputs), None)
    if node is None or node.op.name != "Range" or type(node.inputs[2]) is Symbol or not node.inputs[2].any():
        return None
    start, limit, delta = (symbol.graph.tensor_of(x) for x in node.inputs)
    length, step = (limit - start, delta) if node.inputs[2] > 0 else (start - limit, -delta)
    steps = maximum(length + (step - 1), 0) // step
    return Rows(cast(steps, "int32"), lambda i: start + cast(i, start.dtype) * delta)


def count_of(value: Tensor) -> Any:
    """The number of rows of a tensor: int where it is known, else int32 tensor."""
    known = value.shape[0] if value.shape.rank else None
    return sizes.shape(value)[0] if known is None else known


def enumerated(value: Rows, start: Any) -> Rows:
    """Pairs of a number, which begins at `start`, and a row."""
    return Rows(value.count, lambda i: (convert(start) + i, value.item(i)))


def zipped(values: list[Rows]) -> Rows:
    """Tuples of rows, as many as the shortest has."""
    count = values[0].count
    for other in values[1:]:
        count = (
            min(count, other.count)
            if isinstance(count, int) and isinstance(other.count, int)
            else minimum(count, other.count)
        )
    return Rows(count, lambda i: tuple([x.item(i) for x in values]))


def are_staged(values: tuple) -> bool:
    """Whether all values are what loops on tensors run over."""
    return bool(values) and all(isinstance(x, (Tensor, Variable, Rows, GrownList)) for x in values)
