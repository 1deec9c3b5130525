"""Branches and loops of TensorFlow 1, whose parts are nodes among all others, made into If, Case and While."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tenfold.saved_model.frames import kind, without_loops
from tenfold.saved_model.merges import without_branches
from tenfold.saved_model.plan import DamagedGraph, Plan

_LEAST_INPUTS = {"Switch": 2, "_SwitchN": 2, "Merge": 1, "Enter": 1, "Exit": 1, "NextIteration": 1, "LoopCond": 1}


def functionalised(plan: Plan, add: Callable[[Plan], str], wanted: Iterable[str] = ()) -> Plan:
    """The plan without TensorFlow 1's nodes for branches and loops; itself if it has none.

    before:   Switch(x, p) -> x0, x1;  y = Neg(x0);  z = Exp(x1);  Merge(y, z)
    after:    If(p, x), whose branches are plans of their own

    Args:
      plan: a graph or a function.
      add: takes the plan of a branch, condition or body, and gives the name by which nodes call it.
      wanted: names of nodes that are asked for, beside the plan's results.
    Raises:
      NotImplementedError: the nodes are no branches and loops as TensorFlow writes them. All that do not fit are named.
    """
    counts = [(node, _LEAST_INPUTS.get(node.op.removeprefix("Ref"))) for node in plan.nodes]
    if all(count is None for _, count in counts):
        return plan
    for node, count in counts:
        if count is not None and len(node.inputs) < count:
            raise DamagedGraph(f"node {node.name!r} ({node.op}) has {len(node.inputs)} inputs; that is too few.")
    found, problems = plan, _outside_of_loops(plan)
    if not problems:
        found = without_loops(plan, lambda part: add(_branched(part, (), add, problems)), problems)
    if not problems:
        found = _branched(found, wanted, add, problems)
    if problems:
        place = f"function {plan.name!r}" if plan.name else "the graph"
        raise NotImplementedError(
            f"{place} has branches or loops of TensorFlow 1 that Tenfold cannot read: {'; '.join(dict.fromkeys(problems))}."
        )
    return found


def _outside_of_loops(plan: Plan) -> list[str]:
    """What is wrong if a graph has parts of loops, and nothing enters one."""
    parts = [node for node in plan.nodes if kind(node) in ("Exit", "NextIteration", "LoopCond")]
    if any(kind(node) == "Enter" for node in plan.nodes):
        return []
    return [f"node {node.name!r} ({node.op}) is in no loop" for node in parts]


def _branched(plan: Plan, wanted: Iterable[str], add: Callable[[Plan], str], problems: list[str]) -> Plan:
    return without_branches(plan, {*wanted, *[source.node for source in plan.results]}, add, problems)
