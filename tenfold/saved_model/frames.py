"""Loops of TensorFlow 1: nodes in frames (Enter, Merge, Switch, LoopCond, NextIteration, Exit), made into While."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tenfold.saved_model.plan import DamagedGraph, Plan, PlannedArgument, PlannedNode, Source, calling, in_order

Frame = tuple[str, ...]  # the names of the loops that a node is in, from the outermost
_MOST_DEPTH = 64  # of loops in loops


def kind(node: PlannedNode) -> str:
    """What a node for control flow is, whether it passes values or references."""
    return node.op.removeprefix("Ref")


def without_loops(plan: Plan, add: Callable[[Plan], str], problems: list[str]) -> Plan:
    """The plan with a While in place of each loop, whose results its Exit nodes give.

    Args:
      plan: a graph or function.
      add: takes the plan of a condition or body, and gives the name by which nodes call it.
      problems: gets what does not fit.
    """
    nodes = {node.name: node for node in plan.nodes}
    frames = _frames(plan.nodes, problems)
    loops = sorted({frame for frame in frames.values() if frame}, key=len, reverse=True)
    for frame in loops:
        if not problems:
            _Loop(plan.name, nodes, frames, frame, problems).replace(add)
    return plan._replace(nodes=in_order(nodes.values(), plan.name or "the graph"))


def _frames(nodes: Iterable[PlannedNode], problems: list[str]) -> dict[str, Frame]:
    """In which loop each node is."""
    found: dict[str, Frame] = {}
    for node in nodes:
        around = [found[name] for name in (*[s.node for s in node.inputs], *node.after) if name in found]
        frame = max(around, key=len, default=())
        if any(frame[: len(other)] != other for other in around):
            problems.append(f"node {node.name!r} ({node.op}) takes what two loops make")
        if kind(node) == "Enter":
            frame = (*frame, str(node.attrs["frame_name"]))
        elif kind(node) == "Exit":
            frame = frame[:-1]
        if len(frame) > _MOST_DEPTH:
            raise DamagedGraph(f"loops go {len(frame)} levels deep.")
        found[node.name] = frame
    return found


class _Variable(NamedTuple):
    merge: str
    start: Source
    next: PlannedNode


class _Loop:
    """The nodes of one frame, in which the loops inside of it are While nodes already."""

    def __init__(
        self, name: str, nodes: dict[str, PlannedNode], frames: dict[str, Frame], frame: Frame, problems: list[str]
    ) -> None:
        self._name = "/".join([name, *frame] if name else frame)
        self._nodes, self._frames, self._frame, self._problems = nodes, frames, frame, problems
        self._inside = {name: node for name, node in nodes.items() if frames[name] == frame}
        self._exits = [
            node for node in nodes.values() if kind(node) == "Exit" and frames[node.name] == frame[:-1]
            and node.inputs and node.inputs[0].node in self._inside
        ]  # fmt: skip
        self._variables = list(self._found_variables())
        self._started = {v.start.node for v in self._variables}
        self._constants = [n for n in self._inside.values() if kind(n) == "Enter" and n.name not in self._started]
        self._names = [*[v.merge for v in self._variables], *[n.name for n in self._constants]]
        self._outside: set[str] = set()  # what must have run before

    def _found_variables(self) -> Iterable[_Variable]:
        for node in self._inside.values():
            if kind(node) == "Merge":
                sources = {kind(self._inside[s.node]): s for s in node.inputs if s.node in self._inside}
                if sources.keys() == {"Enter", "NextIteration"}:
                    yield _Variable(node.name, sources["Enter"], self._inside[sources["NextIteration"].node])
                elif "NextIteration" in sources:
                    self._problem(node, "does not join what enters a loop and what its turns hand on")

    def _problem(self, node: PlannedNode, text: str) -> None:
        self._problems.append(f"node {node.name!r} ({node.op}) {text}")

    def replace(self, add: Callable[[Plan], str]) -> None:
        """Puts a While in place of the nodes."""
        conditions = [node for node in self._inside.values() if kind(node) == "LoopCond"]
        if len(conditions) != 1 or not self._variables:
            self._problems.append(
                f"the loop {self._frame[-1]!r} has {len(conditions)} LoopCond nodes and {len(self._variables)} variables"
            )
            return
        (condition,) = conditions
        results = [v.next.inputs[0] for v in self._variables] + [Source(n.name, 0) for n in self._constants]
        test = self._part("cond", [condition.inputs[0]], condition.after)
        body = self._part("body", results, [name for v in self._variables for name in v.next.after])
        exits = [(node, self._resolved(node.inputs[0])) for node in self._exits]
        for node, source in exits:
            if source.node not in self._names:
                self._problem(node, "gives what is no variable of its loop")
        if self._problems:
            return
        enters = [self._inside[v.start.node] for v in self._variables] + self._constants
        after = self._outside.union(*[node.after for node in enters])
        sources = tuple([node.inputs[0] for node in enters])
        for name in self._inside:
            del self._nodes[name]
        self._nodes[condition.name] = PlannedNode(
            condition.name, "While", sources, tuple(sorted(after)), calling(cond=add(test), body=add(body))
        )
        self._frames[condition.name] = self._frame[:-1]
        for node, source in exits:
            result = Source(condition.name, self._names.index(source.node))
            self._nodes[node.name] = PlannedNode(node.name, "Identity", (result,), node.after, {})

    def _resolved(self, source: Source) -> Source:
        """What a value is in the loop: that of a variable where it has passed the loop's own Switch."""
        node = self._inside.get(source.node)
        while node is not None and self._is_switch(node):
            source = node.inputs[0]
            node = self._inside.get(source.node)
        return source

    def _is_switch(self, node: PlannedNode) -> bool:
        if kind(node) != "Switch":
            return False
        condition = self._inside.get(node.inputs[1].node)
        return condition is not None and kind(condition) == "LoopCond"

    def _part(self, what: str, results: list[Source], after: Iterable[str]) -> Plan:
        """The plan of condition or body, a function of variables and constants."""
        found: dict[str, PlannedNode] = {}
        results = [self._resolved(source) for source in results]
        waiting = [*[source.node for source in results], *after]
        while waiting:
            name = waiting.pop()
            if name in found or name in self._names or name in self._started:
                continue
            node = self._inside.get(name)
            if node is None:
                self._outside.add(name)
                continue
            if self._is_switch(node):
                waiting += [self._resolved(node.inputs[0]).node, *node.after]
                continue
            inputs = tuple(map(self._resolved, node.inputs))
            for source in inputs:
                if source.node not in self._inside:
                    self._problem(node, f"takes {source.node!r} from outside of its loop without an Enter")
            found[name] = node._replace(inputs=inputs, op="Identity" if kind(node) == "LoopCond" else node.op)
            waiting += [*[source.node for source in inputs], *node.after]
        arguments = tuple([PlannedArgument(name, None) for name in self._names])
        nodes = in_order(found.values(), self._name) if not self._problems else ()
        return Plan(f"{self._name}/{what}", arguments, nodes, tuple(results))
