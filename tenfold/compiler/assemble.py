"""From a program to LLVM modules: an entry that Python calls, procedures for programs and sub-programs, and their kernels.

The entry is `i64(ptr inputs, ptr outputs, ptr arena)`: the first two are Python tuples of arrays. The arena begins with
`runtime.HEADER_WORDS` words and the inputs' addresses of the last call, then the addresses of inputs, outputs and constants, then memory for values. It returns 0, or the
code of an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenfold.compiler.memory import aligned
from tenfold.compiler.parts import Parts
from tenfold.compiler.procedure import Procedure
from tenfold.compiler.program import Instruction, Literal, Program
from tenfold.compiler.runtime import BIND, HEADER_WORDS
from tenfold.compiler.step import Step
from tenfold.compiler.target import Target


@dataclass
class Module:
    """A program's machine code to be.

    Attributes:
      texts: LLVM IR, in modules whose functions call each other.
      arena_bytes: the size of an arena.
      clock_bytes: those at its end where times are noted.
      constants: arrays whose addresses the arena holds.
      steps: what is done, kernel by kernel.
      programs: the program and its sub-programs, each with the code of its first instruction's errors.
    """

    texts: tuple[str, ...]
    arena_bytes: int
    constants: tuple[Literal, ...]
    clock_bytes: int
    steps: tuple[Step, ...]
    programs: tuple[tuple[int, Program], ...]

    def instruction(self, code: int) -> tuple[Program, Instruction]:
        """What found the error of this code, and the program it belongs to."""
        first, program = next((f, p) for f, p in reversed(self.programs) if f <= code)
        return program, program.instructions[code - first]


def assemble(program: Program, target: Target, is_timed: bool = False, most: int = 1) -> Module:
    """The code of an optimised program.

    Args:
      program: what to compute.
      target: the processor.
      is_timed: it notes the cycle counter around steps, in the arena's last words.
      most: how many modules there may be.
    Raises:
      NotLowered: a primitive or a dtype has no machine code.
    """
    parts = Parts(target)
    main = Procedure(program, parts, "main", is_timed)
    arrays = len(program.inputs) + len(program.outputs)
    slots = HEADER_WORDS + len(program.inputs)
    header = aligned(8 * (slots + arrays + len(parts.constants)))
    parts.declare(f"declare i64 @{BIND}(ptr, ptr, ptr)")
    parts.procedure(f"""define i64 @entry(ptr %inputs, ptr %outputs, ptr %arena) {{
entry:
  %status = call i64 @{BIND}(ptr %inputs, ptr %outputs, ptr %arena)
  %bound = icmp eq i64 %status, 0
  br i1 %bound, label %run, label %refuse
refuse:
  ret i64 %status
run:
  %error = getelementptr i64, ptr %arena, i64 1
  %slots = getelementptr i64, ptr %arena, i64 {slots}
  %constants = getelementptr i64, ptr %slots, i64 {arrays}
  %memory = getelementptr i8, ptr %arena, i64 {header}
  call void @{main.name}(ptr %slots, ptr %constants, ptr %memory, ptr %error)
  %code = load i64, ptr %error
  ret i64 %code
}}
""")
    return Module(
        parts.modules(most),
        header + main.memory_bytes,
        tuple(parts.constants),
        main.clock_bytes,
        tuple(main.steps),
        tuple(parts.programs),
    )
