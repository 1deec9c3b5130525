"""Loops whose number of turns is known only when they run, as scans of unknown length: so their gradients are loops, too."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph
from tenfold.graph.run import replay
from tenfold.graph.scan import loop
from tenfold.ops.logic import logical_and


def open_loop(
    operands: Sequence[Tensor], graphs: tuple[Graph, Graph], places: Sequence[Sequence[int]], has_limit: bool
) -> list[Tensor]:
    """The results of a loop as those of a scan.

    Args:
      operands: the loop's variables, the most turns that there may be, and what its graphs capture, at these places.
      graphs: condition and body, without effects.
      has_limit: whether there is a most number of turns.
    Raises:
      NotImplementedError: sizes are not known, or change.
      Exception: of a gradient that cannot be traced.
    """
    cond, body = graphs
    count = len(body.outputs)
    before = [operands[i]._array for i in range(count)]
    changing = [i for i in range(count) if body.inputs[i] is not body.outputs[i]]
    if any(body.outputs[i].shape != before[i].shape or before[i].dtype.kind == "O" for i in changing):
        raise NotImplementedError("a loop over tensors whose sizes are not known, or change")
    of_cond, of_body = ([operands[i] for i in where] for where in places)

    def variables(states: list[Tensor]) -> list[Tensor]:
        """All variables of the loop, where these are those that change."""
        now = dict(zip(changing, states, strict=False))
        return [now.get(i, operands[i]) for i in range(count)]

    def goes_on(states: list[Tensor]) -> Tensor:
        (wanted,) = replay(cond, [*variables(states), *of_cond])
        return logical_and(wanted, states[-1] > 0) if has_limit else wanted

    def turn(states: list[Tensor]) -> list[Tensor]:
        after = replay(body, [*variables(states), *of_body])
        return [*[after[i] for i in changing], *[left - 1 for left in states[len(changing) :]]]

    begin = [*[operands[i] for i in changing], *operands[count : count + has_limit]]
    return variables(loop(goes_on, turn, begin))
