"""Gradients that a tape is asked for over and over, as programs: kernel after kernel in place of rules that call ops.

The gradient rules are traced for what a tape has recorded. The program runs the kernels that the rules would run, on NumPy and in
the same order: its results are the same, bit for bit, so it does not matter when it takes over. It spares small models most
of what Python does between two kernels.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from tenfold.autodiff.backward import pull_back
from tenfold.autodiff.tape import GradientTape
from tenfold.core import nest
from tenfold.core.op import Op
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.differentiate import packed
from tenfold.graph.graph import Graph, trace_lock
from tenfold.graph.run import Program
from tenfold.ops import creation

_log = logging.getLogger("tenfold")
_MOST_BYTES = 1 << 24  # of saved tensors: a program holds them to its end


def gradient_program(tape: GradientTape, target: Tensor, nodes: list) -> Callable[[list[Tensor]], list] | None:
    """The gradients of `target` with respect to nodes, as a function of the tensors that the tape has saved.

    Returns:
      A function that returns a gradient, or None, for each node; None where only the rules can compute them.
    """
    if sum([x._array.nbytes for x in tape._values]) > _MOST_BYTES:
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
    run: Callable[..., Any] = Program(graph).run
    if all(type(g) is Tensor for g in gradients):
        return lambda values: [wrap(x) for x in run(*[x._array for x in values])]
    return lambda values: packed(gradients, map(wrap, run(*[x._array for x in values])))
