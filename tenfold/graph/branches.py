"""Branches on tensors: `tf.cond`, `tf.case` and `tf.switch_case`.

Eagerly they are Python's own. In a function that is traced, a condition that is not known yet makes a step of them, which runs
a graph for each branch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.context import recorders, traced_graph
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.symbol import Symbol, hint_of
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.branch_gradient import branch_gradient
from tenfold.graph.execute import execute, known_graph
from tenfold.graph.graph import Graph
from tenfold.graph.infer import Spec
from tenfold.graph.lowering import is_lowerable, lower_branch
from tenfold.graph.pure import without_effects
from tenfold.graph.reads import take_reads_out
from tenfold.graph.staged import staged
from tenfold.ops.assertions import Assert, assert_less
from tenfold.ops.cast import cast
from tenfold.ops.gather import where as array_where
from tenfold.ops.join import stack
from tenfold.ops.logic import logical_or
from tenfold.ops.reduce import reduce_sum


def traced_branch(name: str, function: Callable[[], Any]) -> tuple[Graph, Any, list[Tensor]]:
    """A graph of a function without arguments, in the graph that is being traced; its structured and its flat results."""
    graph = Graph(name, traced_graph(), is_part=True)
    with graph.tracing():
        result = nest.map_structure(lambda x: x._read() if isinstance(x, Variable) else x, function())
        flat = [convert(x) for x in nest.flatten(result, expand_composites=True) if x is not None]
        graph.finish(flat)
    return graph, result, flat


def branch(name: str, index: Tensor, functions: Sequence[Callable[[], Any]]) -> Any:
    """The result of that of the functions which a scalar tensor, known only when the graph runs, says.

    Raises:
      TypeError: the functions return different structures or dtypes.
    """
    traced = [traced_branch(f"{name}_{i}", f) for i, f in enumerate(functions)]
    graphs = [graph for graph, _, _ in traced]
    _, structure, first = traced[0]
    for _, other, flat in traced[1:]:
        try:
            nest.assert_same_structure(structure, other, expand_composites=True)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"tf.{name}: the branches must return the same structure, got {structure!r} and {other!r}: {error}"
            ) from None
        for a, b in zip(first, flat, strict=True):
            if a.dtype != b.dtype:
                raise TypeError(
                    f"tf.{name}: the branches must return the same dtypes, got {a.dtype.name} and {b.dtype.name}. Cast one."
                )
    flat = chosen(name, index, graphs, [flat for _, _, flat in traced])
    results = iter(flat)
    leaves = [None if x is None else next(results) for x in nest.flatten(structure, expand_composites=True)]
    return nest.pack_sequence_as(structure, leaves, expand_composites=True)


def chosen(name: str, index: Tensor, graphs: Sequence[Graph], results: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    """The results of that of several traced graphs which a scalar tensor says; `results` are those of each, of the same dtypes."""
    captured = list({symbol: graph.tensor_of(symbol) for graph in graphs for symbol, _ in graph.captures}.items())
    order = [symbol for symbol, _ in captured]
    places = [[1 + order.index(symbol) for symbol, _ in graph.captures] for graph in graphs]
    specs = [_merged(tensors) for tensors in zip(*results, strict=True)]
    return _entered_branch(name, [index, *[tensor for _, tensor in captured]], graphs, places, specs)


def _entered_branch(
    name: str, operands: list[Tensor], graphs: Sequence[Graph], places: Sequence[list[int]], specs: Sequence[Spec]
) -> list[Tensor]:
    """Enters a branch whose graphs take the operands at these places; the first one is the index."""
    if (found := _writing_branch(name, operands, graphs, places, specs)) is not None:
        return found
    is_pure = True
    for graph, where in zip(graphs, places, strict=True):
        values = take_reads_out(graph) if all(map(is_lowerable, graph.nodes)) else None
        is_pure = is_pure and values is not None
        for value in values or ():
            known = [i for i, x in enumerate(operands) if i and x._array is value._array]
            where += known or [len(operands)]
            operands = operands if known else [*operands, value]
    lower = lower_branch(graphs, places)
    gradient = branch_gradient(name, graphs, places) if is_pure else None

    def run(*given: Tensor) -> list[Tensor]:
        if traced_graph() is not None:
            fitting = [known_graph(g, [given[i] for i in where]) for g, where in zip(graphs, places, strict=True)]
            if any(a is not b for a, b in zip(graphs, fitting, strict=True)):
                found = [_merged(x) for x in zip(*[[wrap(x) for x in g.outputs] for g in fitting], strict=True)]
                return _entered_branch(name, [*given], fitting, [[*where] for where in places], found)
            if (written := _writing_branch(name, given, graphs, places, specs)) is not None:
                return written
            return staged(name, run, given, specs, graphs, lower=lower, gradient=gradient, places=places)
        index = given[0]._array
        chosen = min(max(int(index), 0), len(graphs) - 1) if len(graphs) > 1 else 0
        return execute(graphs[chosen], [given[i] for i in places[chosen]])

    return staged(name, run, operands, specs, graphs, lower=lower, gradient=gradient, places=places)


def _writing_branch(
    name: str, operands: Sequence[Tensor], graphs: Sequence[Graph], places: Sequence[list[int]], specs: Sequence[Spec]
) -> list[Tensor] | None:
    """The results of a branch that a tape may care for, if its effects are that it writes variables and draws random numbers: as those
    of one without effects. None for all others.
    """
    nodes = [node for graph in graphs for node in graph.nodes]
    is_watched = any(not r.is_graph for r in recorders())
    if not is_watched or not any(node.has_effects for node in nodes) or not all(map(is_lowerable, nodes)):
        return None
    pure = without_effects(graphs, 0, [True] * len(graphs))
    if pure is None:
        return None
    given, first = [*operands, *pure.before], len(operands)
    moved = [[*range(first, len(given)), *where] for where in places]
    for where, read in zip(moved, pure.read, strict=True):
        where += range(len(given), len(given) + len(read))
        given += read
    kept = [Spec.of(x._array.dtype, x._array.shape) for x in pure.before]
    results = _entered_branch(name, given, pure.graphs, moved, [*specs, *kept])
    for variable, after in zip(pure.written, results[len(specs) :], strict=True):
        traced_graph().assign(variable, after)
    return results[: len(specs)]


def _merged(tensors: Sequence[Tensor]) -> Spec:
    """What is known of a result that is one of several tensors."""
    arrays = [t._array for t in tensors]
    shapes = [a.shape for a in arrays]
    if len({None if s is None else len(s) for s in shapes}) > 1 or shapes[0] is None:
        return Spec(arrays[0].dtype, None)
    merged = [
        sizes[0] if len(set(sizes)) == 1 and type(sizes[0]) is int else None for sizes in zip(*shapes, strict=True)
    ]
    hints = [hint_of(sizes[0]) for sizes, m in zip(zip(*shapes, strict=True), merged, strict=True) if m is None]
    return Spec(arrays[0].dtype, tuple(merged), tuple(hints))


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """The result of `true_fn()` if `pred` is true, else of `false_fn()`.

    Args:
      pred: scalar boolean tensor, or a Python bool.
      true_fn, false_fn: functions without arguments that return structures alike, of tensors of the same dtypes.
    Raises:
      TypeError: a function cannot be called, `pred` is no boolean, or the branches return different structures or dtypes.
    Example:
      >>> x = tf.constant(3.0)
      >>> print(tf.cond(x > 0.0, lambda: x, lambda: -x).numpy())
      3.0
    """
    if not callable(true_fn):
        raise TypeError("'true_fn' must be callable.")
    if not callable(false_fn):
        raise TypeError("'false_fn' must be callable.")
    if isinstance(pred, (bool, np.bool_)):
        return true_fn() if pred else false_fn()
    tensor = convert(pred)
    if type(tensor._array) is not Symbol:
        return true_fn() if tensor else false_fn()
    if tensor.dtype.name != "bool":
        raise TypeError(f"tf.cond: pred must be a boolean, got {tensor.dtype.name}. Compare it with something.")
    if tensor.ndim:
        raise InvalidArgumentError(
            f"tf.cond: pred must be a scalar, got shape {tensor.shape}. Use tf.where for elements."
        )
    return branch("cond", tensor, [false_fn, true_fn])


def switch_case(
    branch_index: Any, branch_fns: Any, default: Callable[[], Any] | None = None, name: str = "switch_case"
) -> Any:
    """The result of one of several functions, chosen by an index.

    Args:
      branch_index: scalar int32 tensor.
      branch_fns: list of functions without arguments, dict from int to function, or list of pairs of these.
      default: function for an index that is not there; the last function by default.
    Raises:
      TypeError: a function cannot be called, or the index is no int32.
      ValueError: there is no function, or an index between those of `branch_fns` is missing.
    Example:
      >>> print(tf.switch_case(tf.constant(1), [lambda: tf.constant(10), lambda: tf.constant(20)]).numpy())
      20
    """
    if isinstance(branch_fns, dict):
        by_index = dict(sorted(branch_fns.items()))
    elif branch_fns and all(isinstance(x, tuple) for x in branch_fns):
        by_index = dict(branch_fns)
    else:
        by_index = dict(enumerate(branch_fns))
    if not by_index:
        raise ValueError("tf.switch_case: there must be at least one function in branch_fns.")
    if not all(callable(f) for f in by_index.values()):
        raise TypeError(f"tf.switch_case: branch_fns must be functions, got {branch_fns!r}.")
    if set(by_index) != set(range(len(by_index))):
        raise ValueError(
            f"tf.switch_case: the indices of branch_fns are {[*by_index]}; they must be 0, 1, 2, ... without holes."
        )
    otherwise = default or by_index[len(by_index) - 1]
    index = convert(branch_index)
    if index.dtype.name != "int32":
        raise TypeError(f"tf.switch_case: branch_index must have type int32, got {index.dtype.name}.")
    if type(index._array) is not Symbol:
        return by_index.get(int(index), otherwise)()
    count = len(by_index)
    placed = array_where(logical_or(index < 0, index >= count), count, index)
    return branch("switch_case", placed, [*[by_index[i] for i in range(count)], otherwise])


def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """The result of the function that goes with the first true condition.

    Args:
      pred_fn_pairs: list of pairs of a scalar boolean tensor and a function without arguments.
      default: function for when none is true; without it, one must be.
      exclusive: whether at most one condition may be true.
      strict: accepted.
    Raises:
      tf.errors.InvalidArgumentError: `exclusive`, and several conditions are true; or none is, and there is no default.
      TypeError: something in the list is no such pair.
      ValueError: there is none.
    Example:
      >>> x = tf.constant(3)
      >>> print(tf.case([(x < 0, lambda: tf.constant("negative"))], default=lambda: tf.constant("not")).numpy())
      b'not'
    """
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else list(pred_fn_pairs)
    if not pairs:
        raise ValueError("tf.case: there must be at least one pair in pred_fn_pairs.")
    if not all(isinstance(p, tuple) and len(p) == 2 and callable(p[1]) for p in pairs):
        raise TypeError(f"tf.case: pred_fn_pairs must be pairs of a condition and a function, got {pred_fn_pairs!r}.")
    if exclusive:
        count = reduce_sum(cast(stack([convert(p) for p, _ in pairs]), "int32"))
        assert_less(count, 2, message="tf.case: more than one condition is true, though exclusive=True")

    def chosen(i: int) -> Any:
        condition, function = pairs[i]
        if i + 1 < len(pairs):
            return cond(condition, function, lambda: chosen(i + 1))
        if default is not None:
            return cond(condition, function, default)
        Assert(condition, ["tf.case: none of the conditions is true, and there is no default"])
        return function()

    return chosen(0)
