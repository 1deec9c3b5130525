"""Groups of values while they are being formed: who is in which, who reads what where, and in which order they can run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tenfold.compiler.infer import REDUCTIONS
from tenfold.compiler.loops import Index, Var
from tenfold.compiler.program import Program
from tenfold.compiler.views import VIEWS, Place, base_of, through


@dataclass(eq=False)
class Group:
    """Values computed by one kernel: a fused loop nest, or one primitive that has a kernel of its own (`domain` None)."""

    members: list[int]
    domain: tuple[int, ...] | None
    reduced: tuple[int, ...] = ()
    producer: int | None = None  # a contraction among the members, whose epilogue the others are
    places: dict[int, Place] = field(default_factory=dict)
    before: set[Group] = field(default_factory=set)  # groups that must run earlier, all of them
    stored: list[int] = field(default_factory=list)

    @property
    def is_fused(self) -> bool:
        return self.domain is not None


def place_of(domain: tuple[int, ...]) -> Place:
    """The place of a full member: the loops' own variables."""
    return tuple(Index(0, ((Var(f"i{a}", n), 1),)) if n != 1 else Index() for a, n in enumerate(domain))


class Groups:
    """The groups of a program.

    Attributes:
      groups: all of them, in the order in which they were made.
      group_of: of each value that is in one.
      leaves: of each instruction: what its operands, seen through views, are made of.
      users: of each leaf: the instructions, other than views, that read it.
      roots: what the program is for.
    """

    def __init__(self, program: Program):
        self.program = program
        self.group_of: dict[int, Group] = {}
        self.groups: list[Group] = []
        self.leaves: list[set[int]] = []
        self.users: dict[int, list[int]] = {}
        behind: list[set[int]] = []
        for at, i in enumerate(program.instructions):
            self.leaves.append(set().union(*(behind[o] for o in i.operands)))
            behind.append(self.leaves[at] if i.op in VIEWS else {at})
            if i.op not in VIEWS:
                for leaf in self.leaves[at]:
                    self.users.setdefault(leaf, []).append(at)
        self.roots = {base_of(program, r) for r in program.roots}

    def reads(self, operands: tuple[int, ...], places: list[Place | None]) -> Iterator[tuple[int, Place | None]]:
        """The values of groups that operands read at these places, with the places read; None if a gather or the like is between."""
        pending = list(zip(operands, places, strict=True))
        while pending:
            at, place = pending.pop()
            i = self.program.instructions[at]
            if i.op == "gather":
                pending += [(o, None) for o in i.operands]
            elif i.op in VIEWS:
                for o in i.operands:
                    shape = self.program.instructions[o].shape
                    pending.append((o, None if place is None else through(i, shape, place)))
            elif at in self.group_of:
                yield at, place

    def read_at(self, at: int, group: Group) -> list[Place | None]:
        """Where the members of a group read a value."""
        return [place for m in group.members for leaf, place in self.reads_of(m, group) if leaf == at]

    def reads_of(self, m: int, group: Group) -> Iterator[tuple[int, Place | None]]:
        """What a member of a group reads, and where."""
        i = self.program.instructions[m]
        place = place_of(group.domain or ()) if i.op in REDUCTIONS else group.places[m]
        return self.reads(i.operands, [place] * len(i.operands))

    def needs_of(self, at: int) -> set[Group]:
        """The groups that compute what an instruction reads."""
        return {self.group_of[leaf] for leaf in self.leaves[at] if leaf in self.group_of}

    def is_wanted(self, at: int) -> bool:
        """Whether the program or another group reads a member of a group."""
        own = self.group_of[at]
        return at in self.roots or any(self.group_of[user] is not own for user in self.users.get(at, ()))

    def behind(self, at: int) -> set[int]:
        """What a value, seen through views, is made of."""
        return self.leaves[at] if self.program.instructions[at].op in VIEWS else {at}
