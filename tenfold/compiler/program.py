"""The IR of tensor primitives: a program is a list of instructions on values of known shapes and dtypes.

An instruction's operands are positions of earlier ones. Instructions are pure: a program that changes one of its inputs
(a variable) says so in `updates`, which take place after all else has been read. Shapes and dtypes are inferred when an
instruction is made (`infer`), so a program that exists is well formed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

import numpy as np


def is_narrow(dtype: np.dtype) -> bool:
    """Whether it is float16 or bfloat16."""
    return dtype == np.float16 or dtype.name == "bfloat16"


class NotLowered(Exception):
    """There is no machine code for this; the caller runs it as a host step on NumPy."""


@dataclass(frozen=True)
class Spec:
    """Shape and dtype of a value."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype.name}[{','.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class StackSpec(Spec):
    """A stack of rows whose number is known only when the program runs: the value is their address and their number.

    To the caller, who takes it as an output or gives it as an input, it is an array of rows.
    """

    row: Spec

    @classmethod
    def of(cls, row: Spec) -> StackSpec:
        return cls((2,), np.dtype(np.int64), row)

    def __str__(self) -> str:
        return f"stack of {self.row}"


class Literal:
    """An array as a constant: hashable, equal by dtype, shape and bits; nobody writes to it."""

    __slots__ = ("array", "_key")

    def __init__(self, array: np.ndarray):
        self.array = np.ascontiguousarray(array).reshape(array.shape)
        self.array.flags.writeable = False
        self._key = (array.dtype, array.shape, self.array.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        array = self.array
        return str(array.item()) if array.size == 1 else f"<{array.size} values>"


Attrs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Instruction:
    """One primitive: `op` applied to the values at `operands`, with attributes; `spec` describes the result.

    The result of control flow is a tuple of values, `spec` a tuple of their Specs, and `item` instructions take them apart.
    """

    op: str
    operands: tuple[int, ...]
    attrs: Attrs
    spec: Any  # Spec, or a tuple of Specs

    def __getitem__(self, name: str) -> Any:
        for key, value in self.attrs:
            if key == name:
                return value
        raise KeyError(name)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.spec.shape

    @property
    def dtype(self) -> np.dtype:
        return self.spec.dtype

    @cached_property
    def _hash(self) -> int:
        return hash((self.op, self.operands, self.attrs, self.spec))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True)
class Program:
    """Instructions, the positions of the outputs, and the updates of inputs as pairs (input's number, position).

    Example:
      >>> from tenfold.compiler.builder import Builder
      >>> b = Builder()
      >>> x = b.input((2, 3), "float32")
      >>> print(b.program([b.reduce_sum(x * 2.0, [1])]))
      %0 = input number=0 : float32[2,3]
      %1 = constant value=2.0 : float32[]
      %2 = broadcast %1 shape=(2, 3) axes=() : float32[2,3]
      %3 = mul %0 %2 : float32[2,3]
      %4 = reduce_sum %3 axes=(1,) : float32[2]
      return %4
    """

    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    updates: tuple[tuple[int, int], ...] = ()
    inputs: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        numbered = {i["number"]: at for at, i in enumerate(self.instructions) if i.op == "input"}
        object.__setattr__(self, "inputs", tuple(numbered[n] for n in range(len(numbered))))

    @property
    def input_specs(self) -> tuple[Spec, ...]:
        return tuple(self.instructions[i].spec for i in self.inputs)

    @property
    def output_specs(self) -> tuple[Spec, ...]:
        return tuple(self.instructions[i].spec for i in self.outputs)

    @property
    def roots(self) -> Iterator[int]:
        """Positions of what the program is for: outputs and new values of inputs."""
        yield from self.outputs
        yield from (value for _, value in self.updates)

    def __str__(self) -> str:
        lines = [f"%{at} = {_text(i)}" for at, i in enumerate(self.instructions)]
        lines += [f"update %{self.inputs[number]} = %{value}" for number, value in self.updates]
        return "\n".join([*lines, " ".join(["return", *(f"%{o}" for o in self.outputs)])])

    def rewrite(self, rule: Callable[[Rewriter, Instruction, tuple[int, ...]], int]) -> Program:
        """The program with each instruction replaced by what `rule(rewriter, instruction, new operands)` returns.

        Returns:
          The new program; this same object if it says the same.
        """
        new = Rewriter()
        where: list[int] = []
        for instruction in self.instructions:
            where.append(rule(new, instruction, tuple(where[o] for o in instruction.operands)))
        program = Program(
            tuple(new.instructions),
            tuple(where[o] for o in self.outputs),
            tuple((n, where[v]) for n, v in self.updates),
        )
        return self if program == self else program


class Rewriter:
    """Instructions being appended; `emit` infers the result."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []

    def append(self, instruction: Instruction) -> int:
        self.instructions.append(instruction)
        return len(self.instructions) - 1

    def keep(self, instruction: Instruction, operands: tuple[int, ...]) -> int:
        if operands != instruction.operands:
            instruction = Instruction(instruction.op, operands, instruction.attrs, instruction.spec)
        return self.append(instruction)

    def emit(self, op: str, operands: Iterable[int], **attrs: Any) -> int:
        from tenfold.compiler.infer import infer

        operands = tuple(operands)
        spec = infer(op, [self.instructions[o].spec for o in operands], attrs)
        return self.append(Instruction(op, operands, tuple(attrs.items()), spec))

    def __getitem__(self, at: int) -> Instruction:
        return self.instructions[at]


def _text(i: Instruction) -> str:
    words = [i.op, *(f"%{o}" for o in i.operands)]
    words += [f"{name}={value.name if isinstance(value, np.dtype) else value}" for name, value in i.attrs]
    spec = i.spec if isinstance(i.spec, Spec) else f"({', '.join(map(str, i.spec))})"
    return f"{' '.join(words)} : {spec}"
