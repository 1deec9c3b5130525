"""Ops on variables of TensorFlow 1 that are references: they take and return the variable itself."""

from __future__ import annotations

import numpy as np

from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.saved_model.importing import Functions, Values, VariableReference, handles, read
from tenfold.saved_model.plan import DamagedGraph, PlannedNode

_ASSIGN = {"Assign": "assign", "AssignAdd": "assign_add", "AssignSub": "assign_sub"}
_ROWS = {f"Scatter{name}": f"scatter_{name.lower()}" for name in ("Add", "Sub", "Mul", "Div", "Min", "Max", "Update")}


@handles("Variable", "VariableV2")
def _made(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    raise ValueError(f"the graph makes the variable {node.name!r} itself. Pass a tf.Variable for it in input_map.")


@handles(*_ASSIGN, takes_references=True)
def _assign(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    variable, (value,) = _split(node, inputs)
    getattr(variable, _ASSIGN[node.op])(value)
    return [VariableReference(variable)]


@handles(*_ROWS, takes_references=True)
def _scatter(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    variable, (indices, updates) = _split(node, inputs)
    getattr(variable, _ROWS[node.op])(IndexedSlices(updates, indices))
    return [VariableReference(variable)]


@handles("IsVariableInitialized", takes_references=True)
def _is_initialized(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [wrap(np.array(True))]


def _split(node: PlannedNode, inputs: Values) -> tuple[Variable, list[Tensor]]:
    """The variable that a node changes, and the values of the other inputs."""
    first, *others = inputs
    variable = first.variable if type(first) is VariableReference else first
    if not isinstance(variable, Variable):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) changes what is no variable.")
    return variable, read(others)
