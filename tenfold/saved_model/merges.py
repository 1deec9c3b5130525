"""Branches of TensorFlow 1: what Switch nodes let pass on one side only, until a Merge joins the sides, made into If and Case."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

import numpy as np

from tenfold.saved_model.frames import kind
from tenfold.saved_model.plan import DamagedGraph, Plan, PlannedArgument, PlannedNode, Source, calling, in_order

Sides = frozenset[tuple[Source, int]]  # conditions, each with the side that is taken, under which a node runs
_MOST_DEPTH = 64  # of branches in branches


def without_branches(
    plan: Plan, kept: Container[str], add: Callable[[Plan], str], problems: list[str], depth: int = 0
) -> Plan:
    """The plan with If and Case in place of Switch and Merge.

    Args:
      plan: a graph or function without loops of TensorFlow 1, its nodes in order.
      kept: names of nodes that are asked for.
      add: takes the plan of a branch, and gives the name by which nodes call it.
      problems: gets what does not fit.
      depth: how many branches it is in.
    """
    if not any(kind(node) == "Merge" or is_switch(node) for node in plan.nodes):
        return plan
    if depth > _MOST_DEPTH:
        raise DamagedGraph(f"branches go {depth} levels deep.")
    graph = _Branches(plan, problems)
    for node in plan.nodes:
        if graph.sides[node.name] and node.name in kept:
            problems.append(f"node {node.name!r} ({node.op}) is asked for, and runs on one side of a branch only")
    outer = [node for node in plan.nodes if not graph.sides[node.name] and kind(node) != "Merge" and not is_switch(node)]  # fmt: skip
    for group in graph.groups():
        branches = [
            without_branches(part, {s.node for s in part.results}, add, problems, depth + 1) for part in group.plans()
        ]
        outer += group.nodes([add(part) for part in branches])
    return plan._replace(nodes=in_order(outer, plan.name or "the graph") if not problems else ())


def is_switch(node: PlannedNode) -> bool:
    return kind(node) == "Switch" or node.op == "_SwitchN"


class _Branches:
    """Which nodes of a plan run on which sides.

    Attributes:
      nodes: those of the plan, by name.
      sides: the conditions under which each runs.
      conditions: what each Switch asks.
      indexed: those that are numbers.
      numbered: names of Merge nodes of which another node takes which input it was.
    """

    def __init__(self, plan: Plan, problems: list[str]) -> None:
        self.plan, self._problems = plan, problems
        self.nodes = {node.name: node for node in plan.nodes}
        self.sides: dict[str, Sides] = {}
        self.conditions: dict[str, Source] = {}
        self.indexed: set[Source] = set()
        self._joined: dict[str, tuple[Source, list[int]]] = {}  # condition of a Merge, and the side of each input
        for node in plan.nodes:
            self.sides[node.name] = self._sides_of(node)
            if is_switch(node):
                condition = self.conditions[node.name] = self._known(node.inputs[1])
                if node.op == "_SwitchN":
                    self.indexed.add(condition)
        taken = [*[s for node in plan.nodes for s in node.inputs], *plan.results]
        self.numbered = {s.node for s in taken if s.node in self._joined and s.output == 1}

    def _known(self, source: Source) -> Source:
        """What a tensor is that Identity nodes have passed on."""
        while source.node in self.nodes and self.nodes[source.node].op == "Identity":
            source = self.nodes[source.node].inputs[0]
        return source

    def sides_of_value(self, source: Source) -> Sides:
        own = self.sides.get(source.node, frozenset())
        condition = self.conditions.get(source.node)
        return own if condition is None else own | {(condition, source.output)}

    def _sides_of(self, node: PlannedNode) -> Sides:
        values = [self.sides_of_value(source) for source in node.inputs]
        if kind(node) != "Merge":
            return frozenset().union(*values, *[self.sides[name] for name in node.after if name in self.sides])
        common = frozenset.intersection(*values)
        apart = [sorted(sides - common) for sides in values]
        conditions = {condition for sides in apart for condition, _ in sides}
        taken = [sides[0][1] for sides in apart if len(sides) == 1]
        if len(conditions) == 1 and sorted(taken) == list(range(len(values))) and len(values) > 1:
            self._joined[node.name] = conditions.pop(), taken
        else:
            self._problems.append(f"node {node.name!r} ({node.op}) joins what are not the sides of one branch")
        return common

    def groups(self) -> list[_Group]:
        """The outermost branches: what is joined by the same condition is one, unless it needs what that gives."""
        groups: list[_Group] = []
        needs: dict[str, set[int]] = {}  # by name of node, which groups it needs

        def all_needed(numbers: Iterable[int]) -> set[int]:
            found, waiting = set(), list(numbers)
            while waiting:
                number = waiting.pop()
                if number not in found:
                    found.add(number)
                    waiting += groups[number].needs
            return found

        for node in self.plan.nodes:
            own = set().union(*[needs.get(name, set()) for name in (*[s.node for s in node.inputs], *node.after)])
            needs[node.name] = own
            if node.name in self._joined and not self.sides[node.name]:
                condition, taken = self._joined[node.name]
                needed = all_needed(own)
                fitting = [i for i, g in enumerate(groups) if g.fits(condition, len(taken)) and i not in needed]
                if not fitting:
                    fitting = [len(groups)]
                    groups.append(_Group(self, condition))
                number = fitting[-1]
                groups[number].merges.append((node, [node.inputs[taken.index(i)] for i in range(len(taken))]))
                groups[number].needs |= own
                needs[node.name] = {number}
        return groups


class _Group:
    """The Merge nodes that one If or Case gives the results of.

    Attributes:
      condition: which side is taken.
      merges: each with what comes from each side.
      needs: numbers of the groups that must have run.
    """

    def __init__(self, graph: _Branches, condition: Source) -> None:
        self.graph, self.condition = graph, condition
        self.merges: list[tuple[PlannedNode, list[Source]]] = []
        self.needs: set[int] = set()
        self._given: dict[Source, str] = {}  # what branches take from outside, and how they call it
        self._before: set[str] = set()  # nodes outside that must have run

    def fits(self, condition: Source, count: int) -> bool:
        """Whether it has this condition, and this number of sides."""
        return self.condition == condition and len(self.merges[0][1]) == count

    def plans(self) -> list[Plan]:
        """Those of the branches."""
        count = len(self.merges[0][1])
        found = [self._side(side) for side in range(count)]
        arguments = tuple([PlannedArgument(name, None) for name in self._given.values()])
        return [plan._replace(arguments=arguments) for plan in found]

    def _side(self, side: int) -> Plan:
        graph = self.graph
        found: dict[str, PlannedNode] = {}
        waiting: list[str] = []

        def resolved(source: Source) -> Source:
            while graph.conditions.get(source.node) == self.condition:
                source = graph.nodes[source.node].inputs[0]
            if self._is_inside(source.node, side) or source.node in graph.conditions:
                waiting.append(source.node)
                return source
            return Source(self._given.setdefault(source, f"{source.node}:{source.output}"), 0)

        results = [resolved(sources[side]) for _, sources in self.merges]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            node = graph.nodes[name]
            found[name] = node._replace(inputs=tuple(map(resolved, node.inputs)))
            inside = [before for before in node.after if self._is_inside(before, side)]
            self._before.update(set(node.after) - set(inside))
            waiting += inside
        for node, sources in self._numbered():
            number = PlannedNode(f"{node.name}:number", "Const", (), (), {"value": _number(node, sources[side])})
            found[number.name] = number
            results.append(Source(number.name, 0))
        name = f"{graph.plan.name}/{self.merges[0][0].name}/{side}".removeprefix("/")
        return Plan(name, (), in_order(found.values(), name), tuple(results))

    def _is_inside(self, name: str, side: int) -> bool:
        return (self.condition, side) in self.graph.sides.get(name, ())

    def _numbered(self) -> list[tuple[PlannedNode, list[Source]]]:
        return [merge for merge in self.merges if merge[0].name in self.graph.numbered]

    def nodes(self, names: list[str]) -> list[PlannedNode]:
        """What takes the place of the Merge nodes; `names` are those of the branches."""
        first = self.merges[0][0]
        is_case = self.condition in self.graph.indexed
        attrs = calling(branches=names) if is_case else calling(then_branch=names[1], else_branch=names[0])
        name = f"{first.name}:branch"
        before = self._before.union(*[node.after for node, _ in self.merges])
        inputs = (self.condition, *self._given)
        found = [PlannedNode(name, "Case" if is_case else "If", inputs, tuple(sorted(before)), attrs)]
        numbers = [node.name for node, _ in self._numbered()]
        for i, (node, _) in enumerate(self.merges):
            results = [Source(name, i)]
            if node.name in numbers:
                results.append(Source(name, len(self.merges) + numbers.index(node.name)))
            found.append(PlannedNode(node.name, "IdentityN", tuple(results), (), {}))
        return found


def _number(node: PlannedNode, source: Source) -> np.ndarray:
    """Which input of a Merge it is."""
    return np.array(node.inputs.index(source), np.int32)
