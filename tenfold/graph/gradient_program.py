"""Gradients as programs, in place of rules that call ops. The rules are traced for what a tape has recorded.

- Of what is small, if a tape is asked for it over and over: kernel after kernel. The program runs the kernels that the rules would
  run, on NumPy and in the same order: its results are the same, bit for bit, so it does not matter when it takes over. It spares
  small models most of what Python does between two kernels.
- Of few ops with large ones among them, from the first time on, as those round differently from the rules: machine code, made from
  all of them together as in a `tf.function`.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tenfold.autodiff.backward import pull_back
from tenfold.autodiff.tape import GradientTape
from tenfold.core import nest
from tenfold.core.locks import trace_lock
from tenfold.core.op import Op
from tenfold.core.symbol import Symbol, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.graph.differentiate import packed
from tenfold.graph.graph import Graph
from tenfold.graph.native import compiled
from tenfold.graph.node import Node
from tenfold.graph.run import Program
from tenfold.ops import creation
from tenfold.ops.array import BROADCAST_TO

_log = logging.getLogger("tenfold")
# of saved tensors, which a program holds to its end
_MOST_BYTES = 1 << 24
_MOST_BYTES_COMPILED = 1 << 27
_ARITHMETIC = {np.add, np.subtract, np.multiply, np.divide}


def gradient_program(
    tape: GradientTape, target: Tensor, nodes: list, is_compiled: bool
) -> Callable[[list[Tensor]], list] | None:
    """The gradients of `target` with respect to nodes, as a function of the tensors that the tape has saved.

    Args:
      is_compiled: whether it is machine code where it can be, else NumPy and the kernels of large ops.
    Returns:
      A function that returns a gradient, or None, for each node; None where only the rules can compute them.
    """
    most_bytes = _MOST_BYTES_COMPILED if is_compiled else _MOST_BYTES
    if sum([x._array.nbytes for x in tape._values]) > most_bytes:
        return None
    graph = Graph("gradient")
    upstream = creation.ones(target._array.shape, target.dtype)
    wanted_of = {node for node in nodes if node is not None}
    try:
        with trace_lock, graph.tracing():
            values = [graph.input(x._array.dtype, x._array.shape) for x in tape._values]
            path, wanted = tape.path_to(wanted_of, values)
            found = pull_back(path, wanted, wanted_of, {target._node: upstream})  # type: ignore[dict-item]
            gradients = [found.get(node) for node in nodes]
            graph.finish([x for x in nest.flatten(gradients, expand_composites=True) if x is not None])
    except Exception as error:
        _log.debug("gradients are computed by their rules: %s", error)
        return None
    if not all(isinstance(node.op, Op) and not node.has_effects for node in graph.nodes):
        return None
    shorten(graph)
    run: Callable[..., Any] = _OnTensors(compiled(graph) if is_compiled else graph).run
    return run if all(type(g) is Tensor for g in gradients) else lambda values: packed(gradients, run(values))


class _OnTensors(Program):
    """A program whose function takes a list of tensors and returns one."""

    def _beginning(self, names: list[str]) -> list[str]:
        return ["def run(tensors):", *[f"    {v} = tensors[{i}]._array" for i, v in enumerate(names)]]

    def _end(self, names: list[str]) -> list[str]:
        made = [f"    t{i} = new(Tensor); t{i}._array = {v}; t{i}._node = None" for i, v in enumerate(names)]
        return [*made, f"    return [{', '.join([f't{i}' for i in range(len(names))])}]"]


def shorten(graph: Graph) -> None:
    """Leaves out what changes no bit: products with ones, as gradients begin with, and copies for operands that are broadcast anyway.

    before:   a = 1 * x;  b = broadcast_to(a, (5,));  c = b * y
    after:    c = x * y
    """
    kept = {x for x in graph.outputs if type(x) is Symbol}
    readers: dict[Symbol, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        for symbol in node.reads():
            readers[symbol].append(node)
    stands_for: dict[Any, Any] = {}

    def is_broadcast(node: Node, operand: Symbol) -> bool:
        """Whether a node is arithmetic with another operand of the shape of this one."""
        others = [stands_for.get(x, x) if type(x) is Symbol else x for x in node.inputs if x is not operand]
        return _ufunc(node) in _ARITHMETIC and len(others) == 1 and _have_one_shape(others[0], operand)

    nodes = []
    for node in graph.nodes:
        node = replace(node, inputs=tuple([stands_for.get(x, x) if type(x) is Symbol else x for x in node.inputs]))
        result, source = node.outputs[0], _factor_of_one(node)
        if node.op is BROADCAST_TO and all([is_broadcast(reader, result) for reader in readers[result]]):
            source = node.inputs[0]
        if source is None or result in kept:
            nodes.append(node)
        else:
            stands_for[result] = source
    graph.nodes[:] = nodes


def _factor_of_one(node: Node) -> Any:
    """The operand that a node multiplies by ones, if that has the shape of the product; None where there is none."""
    result = node.outputs[0]
    if _ufunc(node) is np.multiply and result.dtype.kind == "f":
        for ones, factor in (node.inputs, node.inputs[::-1]):
            if type(ones) is not Symbol and _have_one_shape(factor, result) and np.all(np.equal(ones, 1)):
                return factor
    return None


def _have_one_shape(x: Any, y: Symbol) -> bool:
    """Whether two shapes are known to be equal."""
    return y.shape is not None and not sizes_in(y.shape) and x.shape == y.shape


def _ufunc(node: Node) -> Any:
    kernel: Any = node.op.kernel  # type: ignore[union-attr]
    return getattr(kernel, "numpy", kernel)
