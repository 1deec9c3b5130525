"""`compile`: from a program to something that can be called on NumPy arrays."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache as cache_results
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from tenfold.compiler import cache, loader, runtime
from tenfold.compiler.assemble import Module, assemble
from tenfold.compiler.cpus import usable_cores
from tenfold.compiler.interpreter import index_error
from tenfold.compiler.native_function import NativeFunction
from tenfold.compiler.passes import optimise
from tenfold.compiler.program import Literal, NotLowered, Program, StackSpec
from tenfold.compiler.stacks import array_of, words_of
from tenfold.compiler.step import Step
from tenfold.compiler.target import host
from tenfold.core.locks import compile_lock

_log = logging.getLogger("tenfold")

__all__ = ["Executable", "NotLowered", "compile"]


def compile(program: Program) -> Executable:
    """Machine code for a program.

    Args:
      program: what to compute; shapes and dtypes of all inputs are part of it.
    Returns:
      A callable of arrays.
    Raises:
      NotLowered: a primitive or a dtype has no machine code, or there is no llvmlite.
    Example:
      >>> from tenfold.compiler.builder import Builder
      >>> b = Builder()
      >>> x, total = b.input((3,), "float32"), b.input((), "float32")
      >>> b.update(total, total + b.reduce_sum(x))
      >>> step = compile(b.program([b.exp(x)]))
      >>> memory = np.zeros((), "float32")
      >>> (y,) = step(np.array([0, 1, 2], "float32"), memory)
      >>> print(y, memory)
      [1.  2.7182817 7.389056 ] 3.0
    """
    with compile_lock:
        return loaded(program, code_of(program))


def loaded(program: Program, entry: cache.Entry) -> Executable:
    """A program with its code."""
    has_stacks = any(isinstance(spec, StackSpec) for spec in (*program.input_specs, *program.output_specs))
    return (_WithStacks if has_stacks else Executable)(program, entry)


def code_of(program: Program) -> cache.Entry:
    """What a program needs to run, found on disk or made.

    Raises:
      NotLowered: see `compile`.
    """
    try:
        entry = cache.read(program)
        if entry is None:
            entry, _ = build(program)
            cache.write(program, entry)
        runtime.ensure()
    except ImportError as error:
        _warn_once(str(error))
        raise NotLowered(f"llvmlite cannot be used ({error})") from error
    return entry


@cache_results
def _warn_once(reason: str) -> None:
    """llvmlite is installed, but cannot be used, as where a library that it needs is missing."""
    _log.warning("llvmlite cannot be used (%s): functions run op by op on NumPy.", reason)


def build(program: Program, is_timed: bool = False) -> tuple[cache.Entry, tuple[Step, ...]]:
    """Compiles a program; `is_timed`: its code notes the clock around steps, in the arena's last bytes."""
    from tenfold.compiler import codegen

    optimised = optimise(program)
    module = assemble(optimised, host(), is_timed, usable_cores())
    objects = codegen.object_files(module.texts)
    known: dict[Any, int] = {}
    for n, literal in enumerate(chain(cache.literals(program), _literals_of_optimised(optimised))):
        if known.keys() >= set(module.constants):
            break
        known.setdefault(literal, n)
    constants = tuple(known[literal] for literal in module.constants)
    return cache.Entry(loader.packed(objects), module.arena_bytes, constants, module.clock_bytes), module.steps


def _literals_of_optimised(program: Program) -> Iterator[Literal]:
    """The constants that passes left, of which some came of folding others; and those that they leave of sub-programs, on which `flow` runs them again."""
    yield from cache.literals(program)
    for i in program.instructions:
        for _, value in i.attrs:
            if isinstance(value, Program):
                yield from _literals_of_optimised(optimise(value))


class Executable(NativeFunction):
    """A compiled program.

    Attributes:
      program: what it computes.
    """

    def __init__(self, program: Program, entry: cache.Entry):
        self.program = program
        known = list(cache.literals(program))
        if any(n >= len(known) for n in entry.constants):  # some came of folding others
            known += _literals_of_optimised(optimise(program))
        super().__init__(
            entry.code,
            entry.arena_bytes,
            [(s.shape, s.dtype) for s in program.input_specs],
            [(s.shape, s.dtype) for s in program.output_specs],
            [known[n].array for n in entry.constants],
            [number for number, _ in program.updates],
        )

    @cached_property
    def _module(self) -> Module:
        return assemble(optimise(self.program), host())

    @property
    def text(self) -> str:
        """Its LLVM IR."""
        return self._module.texts[0]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What a call does, kernel by kernel."""
        return self._module.steps

    def _message(self, code: int, place: int, value: int) -> str:
        program, i = self._module.instruction(code)
        if i.op not in ("gather", "scatter_add", "scatter_fold", "write"):
            return "Integer division by zero"
        indices = program.instructions[i.operands[1]]
        size = program.instructions[i.operands[0]].shape[i["axis"] if i.op == "gather" else 0]
        at = tuple(int(p) for p in np.unravel_index(place, indices.shape)) if indices.shape else ()
        return index_error(at, value, size)


class _WithStacks(Executable):
    """A program that takes or returns stacks: arrays of any number of rows."""

    def __call__(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        given, held = list(arrays), []
        for n, (array, spec) in enumerate(zip(arrays, self.program.input_specs, strict=True)):
            if isinstance(spec, StackSpec):
                given[n], rows = words_of(array, spec)
                held.append(rows)
        found = zip(super().__call__(*given), self.program.output_specs, strict=True)
        return tuple([array_of(x, spec) if isinstance(spec, StackSpec) else x for x, spec in found])
