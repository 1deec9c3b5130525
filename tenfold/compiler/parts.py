"""What the procedures of one program share: the functions that they call, and how all are dealt to LLVM modules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.compiler.functions import Module
from tenfold.compiler.pool import SYMBOL
from tenfold.compiler.program import Literal, Program
from tenfold.compiler.stacks import Stacks
from tenfold.compiler.target import Target

if TYPE_CHECKING:
    from tenfold.compiler.contraction import Contraction

MODULE_BYTES = 1 << 15  # text that is worth a thread


@dataclass
class _Piece:
    """Functions that stay together: their names, their text, and what they call that each module has for itself."""

    names: tuple[str, ...]
    text: str
    shared: frozenset[str] = frozenset()


class SharedKernel(NamedTuple):
    """A kernel that is written once: its phases by name, tiles and work; the others are as in `phases.Kernel`, with all its work."""

    phases: list[tuple[str, int, int]]
    workspace_bytes: int
    work: int
    batch: Contraction | None


class Parts:
    """Constants, sub-programs, and functions as LLVM IR."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.constants: dict[Literal, int] = {}
        self.programs: list[tuple[int, Program]] = []
        self.contractions: dict[Any, SharedKernel] = {}
        self.stacks = Stacks(self)
        self._declarations: dict[str, str] = {}
        self.declare(
            f"declare void @{SYMBOL}(ptr, ptr, i64, i64)", "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"
        )
        self._procedures: list[str] = []
        self._kernels: dict[str, str] = {}  # text to name
        self._epilogues: dict[str, str] = {}
        self._shared: dict[str, str] = {}  # name to text
        self._contractions: list[_Piece] = []
        self._names = 0

    def name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def first_code(self, program: Program) -> int:
        """The code of errors of a program's first instruction."""
        code = 1 + sum(len(p.instructions) for _, p in self.programs)
        self.programs.append((code, program))
        return code

    def declare(self, *lines: str) -> None:
        """Declares functions, each name once."""
        for line in lines:
            self._declarations.setdefault(_name(line), line)

    def procedure(self, text: str) -> None:
        """Adds a function that calls the others."""
        self._procedures.append(text)

    def kernel(self, text: str, declarations: Iterable[str]) -> str:
        """The name of a kernel's function; equal kernels share one."""
        self.declare(*declarations)
        return self._kernels.get(text) or self._kernels.setdefault(text, self.name("k"))

    def epilogue(self, text: str, declarations: Iterable[str]) -> str:
        """The name of a function that contractions inline; equal ones share one."""
        self.declare(*declarations)
        if text not in self._epilogues:
            self._epilogues[text] = name = self.name("e")
            self._shared[name] = _named(text, name)
        return self._epilogues[text]

    def contraction(self, module: Module) -> None:
        """Adds the functions of a contraction, and what they declare."""
        shared = {f.name: f.text for f in module.functions.values() if f.is_shared}
        own = [f for f in module.functions.values() if not f.is_shared]
        self._shared |= shared
        declared = {_name(line): line for line in module.declarations}
        self.declare(*(line for name, line in declared.items() if name not in self._shared))
        needs = frozenset(shared) | self._shared.keys() & declared.keys()
        self._contractions.append(_Piece(tuple(f.name for f in own), "\n".join(f.text for f in own), needs))

    def modules(self, most: int) -> tuple[str, ...]:
        """LLVM IR, at most so many modules of about the same size; the first has the procedures."""
        kernels = [_Piece((name,), _named(text, name)) for text, name in self._kernels.items()]
        pieces = sorted([*kernels, *self._contractions], key=lambda piece: -len(piece.text))
        procedures = _Piece((), "\n".join(self._procedures))
        size = sum(len(piece.text) for piece in (procedures, *pieces))
        modules = [[procedures], *([] for _ in range(min(most, size // MODULE_BYTES) - 1))]
        sizes = [len(procedures.text)] + [0] * (len(modules) - 1)
        for piece in pieces:
            smallest = sizes.index(min(sizes))
            modules[smallest].append(piece)
            sizes[smallest] += len(piece.text)
        return tuple(self._text(module) for module in modules)

    def _text(self, module: Sequence[_Piece]) -> str:
        here = {name for piece in module for name in piece.names}
        shared = {name for piece in module for name in piece.shared}
        elsewhere = [*self._kernels.values(), *(name for piece in self._contractions for name in piece.names)]
        return "\n".join(
            [
                *sorted(self._declarations.values()),
                *(f"declare void @{name}(ptr, i64, i64)" for name in elsewhere if name not in here),
                *(text for name, text in self._shared.items() if name in shared),
                *(piece.text for piece in module),
            ]
        )


def _named(text: str, name: str) -> str:
    return text.replace("@KERNEL", f"@{name}")


def _name(line: str) -> str:
    """The function that a line declares."""
    return line[line.index("@") + 1 : line.index("(")]
