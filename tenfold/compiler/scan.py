"""A loop over time, written with a builder: rows in, rows out, and states that go from step to step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tenfold.compiler.builder import Builder, Value


def scan(
    b: Builder,
    step: Callable[..., tuple[Sequence[Value], Sequence[Value]]],
    length: int,
    xs: Sequence[Value],
    states: Sequence[Value],
    constants: Sequence[Value],
    outputs: Sequence[tuple[tuple[int, ...], Any]],
    reverse: bool = False,
) -> tuple[list[Value], list[Value]]:
    """Runs a step for each row of `xs`.

    Args:
      b: the builder.
      step: takes a builder, the rows of `xs`, the states and the constants, as lists; returns the new states and the outputs.
      length: the number of steps.
      xs: values of shape `(length, ...)`.
      states: what the first step begins with.
      constants: what is the same at each step.
      outputs: shape and dtype of each output of a step.
      reverse: whether the last row comes first.
    Returns:
      The states after all steps, and the outputs of all, `(length, ...)`: each step writes its rows where they stay.
    """
    stacks = [b.empty((length, *shape), dtype) for shape, dtype in outputs]
    begin, end = 1 + len(states), 1 + len(states) + len(stacks)

    def is_left(b: Builder, t: Value, *rest: Value) -> Value:
        return b.ge(t, 0) if reverse else b.lt(t, length)

    def body(b: Builder, t: Value, *rest: Value) -> list[Value]:
        values = (t, *rest)
        same = values[end:]
        rows = [b.gather(x, t, in_range=True) for x in same[: len(xs)]]
        after, found = step(b, rows, list(values[1:begin]), list(same[len(xs) :]))
        written = [b.write(stack, t, row) for stack, row in zip(values[begin:end], found, strict=True)]
        return [t - 1 if reverse else t + 1, *after, *written]

    first = b.constant(length - 1 if reverse else 0, np.int64)
    result = b.while_loop(is_left, body, [first, *states, *stacks], [*xs, *constants])
    return result[1:begin], result[begin:end]


def open_scan(
    b: Builder,
    step: Callable[..., tuple[Sequence[Value], Sequence[Value]]],
    xs: Sequence[Value],
    states: Sequence[Value],
    constants: Sequence[Value],
    num_outputs: int,
    reverse: bool = False,
) -> tuple[list[Value], list[Value]]:
    """Runs a step for each row of stacks; where there are none, as long as the first state, a boolean, is true.

    Args:
      b, step, states, constants, reverse: as for `scan`.
      xs: stacks of as many rows.
      num_outputs: how many outputs a step has.
    Returns:
      The states after all steps, and the outputs of all, as stacks.
    """
    begin, end = 1 + len(states), 1 + len(states) + len(xs)
    last = b.count(xs[0]) - 1 if xs else None

    def is_left(b: Builder, t: Value, *rest: Value) -> Value:
        if not xs:
            return rest[0]
        return b.ge(t, 0) if reverse else b.le(t, rest[begin - 1])

    def body(b: Builder, t: Value, *rest: Value) -> list[Value]:
        values = (t, *rest)
        same = values[end + (last is not None) :]
        after, found = step(b, list(values[begin:end]), list(values[1:begin]), list(same))
        return [t - 1 if reverse else t + 1, *after, *found]

    first = b.constant(0, np.int64) if last is None or not reverse else last
    operands = constants if last is None else [last, *constants]
    result = b.while_loop(is_left, body, [first, *states], operands, stacks=xs, pushes=num_outputs)
    return result[1:begin], result[begin:]
