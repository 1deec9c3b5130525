"""Fusion: which values are computed by the same loops.

A group has a domain, the shape that its loops run over. Its members are element-wise values and reductions, each with a place: the
index of its element that belongs to a turn of the loops. Members of the domain's own shape are full; once the group
has a reduction, all its reductions are over the same axes, and values of the shape that is left are rows: one for each turn of
the loops over the kept axes. So softmax is one group: a row's largest element, the sum of exponentials, the quotients.

Concat and write move what others compute. Where one group computes all that is moved, it stores it where it goes.
"""

from __future__ import annotations

from math import prod

from tenfold.compiler.groups import Group, Groups, place_of
from tenfold.compiler.infer import REDUCTIONS
from tenfold.compiler.isa import host_isa
from tenfold.compiler.loops import Index, linear, strides_of
from tenfold.compiler.program import Instruction, Program, Spec
from tenfold.compiler.sink import sink
from tenfold.compiler.views import CONTRACTIONS, FUSIBLE, LEAVES, MOVES, VIEWS, Place, base_of

MAX_MEMBERS = 96
SMALL = 1 << 15  # elements up to which a sum over leading axes may set the order of a group's loops
MAX_STREAMS = 4  # arrays that an epilogue may read and write, the contraction's result among them
WIDE = 16  # elements of the last axis from which it may, and from which an epilogue may cut a contraction's columns


def fuse(program: Program) -> list[Group]:
    """The groups of a settled program (`passes.settle`), in an order in which they can run.

    before:   %1 = exp %0; %2 = reduce_sum %1 axes=(1,); %3 = broadcast %2 ...; %4 = div %1 %3
    after:    one group of %1, %2 and %4, over the shape of %0, with reduced axes (1,)
    refuses:  an operand that is not read at the place where it was computed (a transposed one, for example), or that also is
              needed by a kernel between.
    """
    return _Fusion(program).run()


class _Fusion(Groups):
    def run(self) -> list[Group]:
        for at, i in enumerate(self.program.instructions):
            if i.op in FUSIBLE:
                self._add(at, i)
            elif i.op == "item":
                self.group_of[at] = group = self.group_of[i.operands[0]]
                group.members.append(at)
            elif i.op not in VIEWS and i.op not in LEAVES:
                group = Group([at], None)
                self._register(group, at, self.needs_of(at))
                self.groups.append(group)
        sink(self)
        for find, ops in ((self._find_source, MOVES), (self._find_epilogue, CONTRACTIONS)):
            for group in list(self.groups):
                if not group.is_fused and self.program.instructions[group.members[0]].op in ops:
                    find(group)
        self._mark_stored()
        self._order_updates()
        return self._ordered()

    def _register(self, group: Group, at: int, needs: set[Group]) -> None:
        self.group_of[at] = group
        self._order_after(group, needs - {group})

    def _order_after(self, group: Group, needs: set[Group]) -> None:
        new = set(needs).union(*(g.before for g in needs))
        if new <= group.before:
            return
        group.before |= new
        for other in self.groups:
            if group in other.before:
                other.before |= new

    def _add(self, at: int, i: Instruction) -> None:
        needs = self.needs_of(at)
        # The last in order first: whatever depends on another candidate can take this one, not the other way round.
        candidates = sorted((g for g in needs if g.is_fused), key=lambda g: (len(g.before), g.members[0]), reverse=True)
        for group in candidates:
            if self._join(group, at, i, needs):
                return
        shape = self.program.instructions[i.operands[0]].shape
        reduced = i["axes"] if i.op in REDUCTIONS else ()
        group = Group([at], shape, reduced)
        group.places[at] = _kept(place_of(shape), reduced)
        self.groups.append(group)
        self._register(group, at, needs)

    def _join(self, group: Group, at: int, i: Instruction, needs: set[Group]) -> bool:
        if len(group.members) >= MAX_MEMBERS or any(group in g.before for g in needs if g is not group):
            return False
        domain, reduced = group.domain, group.reduced
        if domain is None:
            return False
        if i.op in REDUCTIONS:
            operand = self.program.instructions[i.operands[0]].shape
            axes = i["axes"]
            if operand != domain or reduced not in ((), axes):
                return False
            if not reduced and (not _may_reduce(domain, axes) or self._is_epilogue(group, axes)):
                return False
            operand_place, place, reduced = place_of(domain), _kept(place_of(domain), axes), axes
        else:
            found = _row_or_full(i.shape, domain, reduced)
            if found is None:
                return False
            place = operand_place = found
        merged = [group]
        for leaf, read in self.reads(i.operands, [operand_place] * len(i.operands)):
            other = self.group_of[leaf]
            if other in merged:
                if read != other.places[leaf]:
                    return False
            elif read is not None and read == other.places.get(leaf) and self._can_merge(merged, other, reduced):
                merged.append(other)
        # A group that was merged may be needed elsewhere too, in another place.
        for leaf, read in self.reads(i.operands, [operand_place] * len(i.operands)):
            other = self.group_of[leaf]
            if other in merged and read != other.places[leaf]:
                return False
        if any(other in g.before for g in needs.difference(merged) for other in merged[1:]):
            return False  # what runs after a group that is to be merged would have to run before it, too
        group.reduced = reduced
        for other in merged[1:]:
            self._merge(group, other)
        group.members.append(at)
        group.places[at] = place
        self._register(group, at, needs - set(merged))
        return True

    def _find_source(self, move: Group) -> None:
        """Merges a concat or a write with a group that may store what is moved where it goes."""
        (at,) = move.members
        if self.program.instructions[at].op == "concat":
            self._merge_parts(self.program.instructions[at].operands)
        for group in reversed(self.groups):
            if move in group.before:
                continue
            if group.domain is not None and not group.reduced and self._may_move(group, at, move.before):
                group.members.append(at)
                group.places[at] = place_of(group.domain)
                self.group_of[at] = group
                self.groups.remove(move)
                for g in self.groups:
                    if move in g.before:
                        g.before.discard(move)
                        g.before |= {group} | group.before
                self._order_after(group, (move.before | self._readers_before(at)) - {group})
                return

    def _merge_parts(self, parts: tuple[int, ...]) -> None:
        """Makes the groups that compute the parts of a concat one, if they can be."""
        groups = list(dict.fromkeys(self.group_of[part] for part in parts if part in self.group_of))
        if not all(part in self.group_of for part in parts) or groups[0].domain is None or groups[0].reduced:
            return
        if all(self._can_merge(groups[:n], group, ()) for n, group in enumerate(groups) if n):
            for group in groups[1:]:
                self._merge(groups[0], group)

    def _may_move(self, group: Group, at: int, needs: set[Group]) -> bool:
        i = self.program.instructions[at]
        if any(group in g.before for g in needs):
            return False
        full = place_of(group.domain or ())

        def computes(o: int) -> bool:
            return o in group.members and group.places[o] == full and self.program.instructions[o].shape == group.domain

        if i.op == "concat":
            return all(map(computes, i.operands))
        x, index, value = i.operands
        v = self.program.instructions[value]
        if v.op == "concat":
            is_at_hand = value in group.members
        else:
            is_at_hand = computes(value) if value in group.members else v.shape == group.domain and v.op not in VIEWS
        return (
            is_at_hand
            and not self.behind(index).intersection(group.members)
            and not any(self.behind(x) & (self.leaves[m] | {m}) for m in group.members)
            and not any(group in reader.before for reader in self._readers_before(at))
        )

    def _readers_before(self, at: int) -> set[Group]:
        """What reads the array that a write changes: it should run first."""
        i = self.program.instructions[at]
        if i.op != "write":
            return set()
        return {self.group_of[user] for leaf in self.behind(i.operands[0]) for user in self.users[leaf] if user != at}

    def _is_epilogue(self, group: Group, axes: tuple[int, ...]) -> bool:
        """Whether a group that has memory anyway can be what follows a contraction: then sums over its rows read that memory."""
        read = set().union(*(self.leaves[m] for m in group.members)).difference(group.members)
        size = prod(group.domain or ())
        kinds = {self.program.instructions[user].op for m in group.members for user in self.users.get(m, ())}
        return (
            len(group.domain or ()) - 1 not in axes
            and any(
                i.op in CONTRACTIONS and i.spec.size == size for i in map(self.program.instructions.__getitem__, read)
            )
            and not kinds.issubset(FUSIBLE)
        )

    def _find_epilogue(self, contraction: Group) -> None:
        """Merges a contraction with element-wise values that read its result where it is computed."""
        (at,) = contraction.members
        shape = self.program.instructions[at].shape
        for group in self.groups:
            if not group.domain or group.reduced or group.producer is not None or contraction not in group.before:
                continue
            if prod(group.domain) != prod(shape) or not prod(shape):
                continue
            columns = sorted((group.domain[-1], shape[-1]))  # vectors may be parts of the shorter of the two
            if columns[0] != columns[1] and (columns[0] < WIDE or columns[1] % columns[0]):
                continue
            own = linear(place_of(group.domain), strides_of(group.domain))
            places = self.read_at(at, group)
            reads = [None if place is None else linear(place, strides_of(shape)) for place in places]
            if not reads or any(r != own for r in reads) or any(contraction in x.before for x in group.before):
                continue
            if len(self._memory(group)) > MAX_STREAMS:
                continue
            group.producer = at
            group.before.discard(contraction)
            self._absorb(group, contraction)
            return

    def _memory(self, group: Group) -> set[int]:
        """Values as large as the group's domain that its members read, or that others read of it."""
        size = prod(group.domain or ())
        read = set().union(*(self.leaves[m] for m in group.members)).difference(group.members)
        large = {v for v in read if self.program.instructions[v].spec.size == size}
        return large | {m for m in group.members if self.is_wanted(m)}

    def _absorb(self, group: Group, contraction: Group) -> None:
        (at,) = contraction.members
        group.members.insert(0, at)
        self.group_of[at] = group
        self.groups.remove(contraction)
        group.before |= contraction.before
        for g in self.groups:
            if contraction in g.before:
                g.before.discard(contraction)
                if g is not group:
                    g.before |= {group} | group.before
        for g in self.groups:
            if group in g.before:
                g.before |= group.before

    def _can_merge(self, merged: list[Group], other: Group, reduced: tuple[int, ...]) -> bool:
        group = merged[0]
        if other.domain != group.domain or other.reduced not in ((), reduced):
            return False
        if len(group.members) + len(other.members) > MAX_MEMBERS:
            return False
        together = [*merged, other]
        if any(g in x.before for h in together for x in h.before if x not in together for g in together):
            return False
        return all(self._reads_in_place(g, other) and self._reads_in_place(other, g) for g in merged)

    def _reads_in_place(self, group: Group, other: Group) -> bool:
        """Whether a group reads what another one computes where that is computed."""
        if other not in group.before:
            return True
        return all(
            place == other.places[leaf]
            for m in group.members
            for leaf, place in self.reads_of(m, group)
            if leaf in other.places
        )

    def _merge(self, group: Group, other: Group) -> None:
        group.members += other.members
        group.places |= other.places
        for at in other.members:
            self.group_of[at] = group
        self.groups.remove(other)
        group.before |= other.before
        group.before -= {group, other}
        for g in self.groups:
            if other in g.before:
                g.before.discard(other)
                g.before.add(group)
            if group in g.before:
                g.before |= group.before
        group.members.sort()

    def _mark_stored(self) -> None:
        for group in self.groups:
            group.stored = [m for m in sorted(group.members) if not group.is_fused or self.is_wanted(m)]

    def _order_updates(self) -> None:
        """What gives a variable its new value runs after what reads the old one, where that is possible: then it needs no copy."""
        for number, value in self.program.updates:
            writer = self.group_of.get(base_of(self.program, value))
            readers = {self.group_of[user] for user in self.users.get(self.program.inputs[number], ())}
            for reader in sorted(readers, key=lambda g: g.members[0]):
                if writer is not None and reader is not writer and writer not in reader.before:
                    self._order_after(writer, {reader})

    def _ordered(self) -> list[Group]:
        """By need; numbers as soon as they can be; then who alone reads what was computed last and does not stay in the cache, for `chain`;
        then by where in the program a group ends."""
        result: list[Group] = []
        done: set[Group] = set()
        pending = sorted(self.groups, key=lambda g: max(g.members))
        while pending:
            ready = [g for g in pending if g.before <= done]
            numbers = [g for g in ready if g.domain is not None and prod(g.domain) == 1]
            links = self._next_links(result[-1]) if result else set()
            group = next(iter(numbers or [g for g in ready if g in links] or ready))
            pending.remove(group)
            done.add(group)
            result.append(group)
        return result

    def _next_links(self, group: Group) -> set[Group]:
        """The groups each of which alone reads a value of a group that is larger than the second cache."""
        specs = {m: self.program.instructions[m].spec for m in group.stored if m not in self.roots}
        large = [m for m, spec in specs.items() if isinstance(spec, Spec) and spec.nbytes > host_isa().l2_bytes]
        readers = [{self.group_of[user] for user in self.users.get(m, ())} for m in large]
        return set().union(*(each for each in readers if len(each) == 1))


def _kept(place: Place, axes: tuple[int, ...]) -> Place:
    return tuple(p for a, p in enumerate(place) if a not in axes)


def _may_reduce(domain: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    """Whether loops that so far had free order may be bound to a reduction: along memory, or few elements."""
    last = max((a for a, n in enumerate(domain) if n != 1), default=0)
    return last in axes or prod(domain) <= SMALL or domain[last] >= WIDE


def _row_or_full(shape: tuple[int, ...], domain: tuple[int, ...], reduced: tuple[int, ...]) -> Place | None:
    place = place_of(domain)
    if shape == domain:
        return place
    if reduced:
        if shape == tuple(n for a, n in enumerate(domain) if a not in reduced):
            return _kept(place, reduced)
        if shape == tuple(1 if a in reduced else n for a, n in enumerate(domain)):
            return tuple(Index() if a in reduced else p for a, p in enumerate(place))
    return None
