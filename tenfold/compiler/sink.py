"""What is cheap to make is made where it is read."""

from __future__ import annotations

from tenfold.compiler.groups import Group, Groups, place_of
from tenfold.compiler.vector_math import EXPENSIVE
from tenfold.compiler.views import POINTWISE


def sink(groups: Groups) -> None:
    """Moves what only one other group reads there, if that reads no more memory: a mask is made where it is applied.

    before:   %1 = maximum %0 zero; %2 = gt %1 zero in one group; %4 = mul %3 %2 in another
    after:    %1 = maximum %0 zero; and %2 = gt %1 zero; %4 = mul %3 %2
    """
    for group in groups.groups:
        for m in sorted(group.members, reverse=True):
            readers = {groups.group_of[user] for user in groups.users.get(m, ())}
            if m not in group.members or m in groups.roots or len(readers) != 1 or group in readers:
                continue
            (reader,) = readers
            moved = _made_for(groups, m, group)
            read = set().union(*(groups.leaves[x] for x in moved)).difference(moved)
            size = groups.program.instructions[m].spec.size
            large = [leaf for leaf in read if 8 * groups.program.instructions[leaf].spec.size > size]
            if not moved or reader.domain != group.domain or len(large) > 1:
                continue
            if any(place != group.places[m] for place in groups.read_at(m, reader)):  # it is seen through a view
                continue
            if all(leaf not in group.members or groups.is_wanted(leaf) for leaf in read):
                group.members = [x for x in group.members if x not in moved]
                reader.members = sorted([*reader.members, *moved])
                for x in moved:
                    reader.places[x] = group.places.pop(x)
                    groups.group_of[x] = reader
    for group in [g for g in groups.groups if not g.members]:
        groups.groups.remove(group)
        for other in groups.groups:
            other.before.discard(group)


def _made_for(groups: Groups, m: int, group: Group) -> set[int]:
    """A full member, with those that nothing else reads; none if that is dear to compute."""
    found: set[int] = set()
    pending = [m]
    while pending:
        x = pending.pop()
        i = groups.program.instructions[x]
        is_cheap = i.op in POINTWISE and i.op not in EXPENSIVE
        if not is_cheap or group.domain is None or group.places[x] != place_of(group.domain):
            return set()
        found.add(x)
        for leaf in groups.leaves[x]:
            if leaf in group.members and leaf not in groups.roots and found.issuperset(groups.users[leaf]):
                pending.append(leaf)
    return found
