"""Loops on tensors: `tf.while_loop`.

Eagerly they are Python's own. In a function that is traced, a condition that is not known yet makes a step of them, which runs
the graphs of a loop's condition and body.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TypeSpec
from tenfold.core.symbol import Size, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.counted_loop import as_scan
from tenfold.graph.execute import execute, known_graph
from tenfold.graph.graph import Graph
from tenfold.graph.infer import Spec
from tenfold.graph.lowering import lower_loop
from tenfold.graph.reads import take_reads_out
from tenfold.graph.staged import staged
from tenfold.graph.tensor_array import TensorArray, is_waiting, take_shapes
from tenfold.ops.array import broadcast_to
from tenfold.ops.identity import stop_gradient


class _Loop:
    """The functions of a loop, and how they are traced."""

    def __init__(self, cond: Callable, body: Callable, maximum: Any) -> None:
        self.cond, self.body, self.maximum = cond, body, maximum

    def probe(self, structure: Any) -> Any:
        """What the body returns, though some arrays among its variables do not know the shape of their elements."""
        graph = Graph("while_probe", traced_graph())
        with graph.tracing():
            given = nest.map_structure(lambda x: stand_in(graph, x), structure)
            return _like(structure, self.body(*given), expand_composites=False)

    def trace(self, structure: Any, specs: Sequence[Spec]) -> tuple[Graph, Graph, Any]:
        """The graphs of condition and body for variables of these specs, and what the body returned."""
        graphs = []
        returned: Any = None
        for name, function in (("while_cond", self.cond), ("while_body", self.body)):
            graph = Graph(name, traced_graph(), is_part=True)
            with graph.tracing():
                variables = [graph.input(*s) for s in specs]
                packed = nest.pack_sequence_as(structure, variables, expand_composites=True)
                result = function(*packed)
                if name == "while_cond":
                    flat = [_scalar_condition(convert(result))]
                else:
                    returned = _like(structure, result)
                    flat = [convert(x) for x in nest.flatten(returned, expand_composites=True)]
                graph.finish(flat)
            graphs.append(graph)
        return graphs[0], graphs[1], returned


def _scalar_condition(value: Tensor) -> Tensor:
    if value.shape.rank:
        raise InvalidArgumentError(
            f"tf.while_loop: cond must return a scalar, got shape {value.shape}. Use tf.reduce_all."
        )
    return value


def stand_in(graph: Graph, value: Any) -> Any:
    """A variable of a loop for a trace that only asks what the body makes of it."""
    if is_waiting(value):
        return value
    tensors = [convert(x) for x in nest.flatten(value, expand_composites=True)]
    inputs = [graph.input(*spec) for spec in _open(value, [Spec.of(t._array.dtype, t._array.shape) for t in tensors])]
    return nest.pack_sequence_as(value, inputs, expand_composites=True)


def _like(structure: Any, result: Any, expand_composites: bool = True) -> Any:
    """What a body returned, as the tuple of variables that it is."""
    if not isinstance(result, (list, tuple)) or hasattr(result, "_fields"):
        result = (result,)
    if len(structure) == 1 and len(result) != 1:
        result = (result,)
    result = type(structure)(result) if type(structure) in (list, tuple) else tuple(result)
    try:
        nest.assert_same_structure(structure, result, check_types=False, expand_composites=expand_composites)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"tf.while_loop: the body must return what it takes, {len(structure)} values of the structure {structure!r}: {error}"
        ) from None
    return nest.map_structure(lambda x: x._read() if isinstance(x, Variable) else x, result)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Runs `body` on the loop's variables as long as `cond` is true of them.

    Args:
      cond: function of the variables that returns a scalar boolean tensor.
      body: function of the variables that returns their new values.
      loop_vars: list or tuple of tensors, or structures of them.
      shape_invariants: a structure like `loop_vars` of `tf.TensorShape`, for variables whose shape changes; None for one that keeps it.
      parallel_iterations, back_prop, swap_memory: hints that do not change the result; `back_prop=False` stops gradients.
      maximum_iterations: how many times `body` may run.
    Returns:
      A structure like `loop_vars`.
    Raises:
      TypeError: `cond` or `body` cannot be called, or a variable changes its dtype.
      ValueError: there are no variables, or the body returns another structure, or another shape than the invariants allow.
    Example:
      >>> print(tf.while_loop(lambda i: i < 10, lambda i: [i * 2], [tf.constant(1)])[0].numpy())
      16
    """
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    if not loop_vars:
        raise ValueError("tf.while_loop: No loop variables provided.")
    if not isinstance(loop_vars, (list, tuple)):
        loop_vars = [loop_vars]
    graph = traced_graph()
    if graph is None:
        result = _eager_loop(cond, body, loop_vars, maximum_iterations)
    else:
        result = _staged_loop(_Loop(cond, body, maximum_iterations), loop_vars, shape_invariants)
    if not back_prop:
        result = nest.map_structure(stop_gradient, result, expand_composites=True)
    return result


def _eager_loop(cond: Callable, body: Callable, loop_vars: Any, maximum: Any) -> Any:
    limit = None if maximum is None else int(maximum)
    values = nest.map_structure(lambda x: x if hasattr(x, "_type_spec") else convert(x), loop_vars)
    count = 0
    while (limit is None or count < limit) and bool(convert(cond(*values))):
        values = nest.map_structure(
            lambda x: x if hasattr(x, "_type_spec") else convert(x), _like(values, body(*values))
        )
        count += 1
    return values


def _staged_loop(loop: _Loop, loop_vars: Any, shape_invariants: Any) -> Any:
    structure = nest.map_structure(lambda x: x if hasattr(x, "_type_spec") else convert(x), loop_vars)
    if any(map(is_waiting, nest.flatten(structure))):
        take_shapes(structure, loop.probe(structure))
    tensors = [convert(x) for x in nest.flatten(structure, expand_composites=True)]
    specs = [Spec.of(t._array.dtype, t._array.shape) for t in tensors]
    if shape_invariants is not None:
        shapes = _shapes_said(structure, shape_invariants)
        specs = [spec if s is None else _invariant(spec, s) for spec, s in zip(specs, shapes, strict=True)]
    specs = _open(structure, specs)
    composites = [value for value in nest.flatten(structure) for _ in nest.flatten(value, expand_composites=True)]
    is_open = [isinstance(x, TensorArray) and None in s.shape[1:] for x, s in zip(composites, specs, strict=True)]
    cond_graph, body_graph, returned = loop.trace(structure, specs)
    flat = [convert(x) for x in nest.flatten(returned, expand_composites=True)]
    _check_variables(specs, flat)
    specs = [s if s.shape is None else _returned(t).widened(s.shape) for s, t in zip(specs, flat, strict=True)]
    graphs = (cond_graph, body_graph)
    if not any(node.has_effects for g in graphs for node in g.nodes):
        for g in graphs:
            take_reads_out(g)
    outer = {symbol: g.tensor_of(symbol) for g in graphs for symbol, _ in g.captures}
    order = list(outer)
    extra = [] if loop.maximum is None else [convert(loop.maximum)]
    first = len(tensors) + len(extra)
    where = [[first + order.index(symbol) for symbol, _ in g.captures] for g in graphs]
    results = _entered_loop([*tensors, *extra, *outer.values()], graphs, where, specs, is_open, bool(extra))
    return nest.pack_sequence_as(structure, results, expand_composites=True)


def _shapes_said(structure: Any, shape_invariants: Any) -> list[Any]:
    """For each tensor of a loop's variables what its shape may be, or None; a shape of a `TensorArray` says nothing of its rows."""
    shapes: list[Any] = []
    for value, said in zip(nest.flatten(structure), nest.flatten(shape_invariants), strict=True):
        count = len(nest.flatten(value, expand_composites=True))
        if isinstance(said, TypeSpec) and not isinstance(value, Tensor):
            shapes.extend(said._component_specs)
        else:
            shapes.extend([None if isinstance(value, TensorArray) else said] * count)
    return shapes


def _invariant(spec: Spec, given: Any) -> Spec:
    shape = TensorShape(getattr(given, "shape", given))
    return spec.widened(None if shape.rank is None else shape.as_list())


def _returned(tensor: Tensor) -> Spec:
    """The spec of what a body returned: rows that a loop writes have no likely size before."""
    return Spec.of(tensor._array.dtype, tensor._array.shape)


def _entered_loop(
    operands: Sequence[Tensor],
    graphs: tuple[Graph, Graph],
    places: Sequence[list[int]],
    specs: list[Spec],
    is_open: list[bool],
    has_limit: bool,
) -> list[Tensor]:
    """Enters a loop.

    Args:
      operands: its variables, the most turns that there may be, and what its graphs capture, at these places.
      graphs: condition and body.
      specs: of its variables.
      is_open: which of these are rows of a `TensorArray` whose elements have unknown sizes.
      has_limit: whether there is a most number of turns.
    """
    as_known = as_scan(operands, graphs, places, has_limit)
    if as_known is not None:
        return as_known
    cond_graph, body_graph = graphs
    count = len(specs)
    lower = lower_loop(cond_graph, body_graph, places, count, has_limit)

    def run(*given: Tensor) -> list[Tensor]:
        if traced_graph() is not None:
            if any(is_open):
                settled = known_graph(body_graph, [*given[:count], *[given[i] for i in places[1]]]).outputs
                rows = [_widened(t, x.shape) if o else t for t, x, o in zip(given, settled, is_open, strict=False)]
                given = (*rows, *given[count:])
            known = [
                known_graph(g, [*given[:count], *[given[i] for i in where]])
                for g, where in zip(graphs, places, strict=True)
            ]
            found = [Spec.of(t._array.dtype, t._array.shape) for t in given[:count]]
            if any(a is not b for a, b in zip(graphs, known, strict=True)) and found == [
                Spec.of(x.dtype, x.shape) for x in known[1].outputs
            ]:
                return _entered_loop(given, (known[0], known[1]), places, found, [False] * count, has_limit)
            as_known = as_scan(given, (known[0], known[1]), places, has_limit)
            return as_known or staged("while", run, given, specs, graphs, lower=lower, places=places)
        values = list(given[:count])
        limit = int(given[count]) if has_limit else math.inf
        of_cond, of_body = ([given[i] for i in where] for where in places)
        while limit > 0 and bool(execute(cond_graph, [*values, *of_cond])[0]._array):
            values = execute(body_graph, [*values, *of_body])
            limit -= 1
        return values

    return staged("while", run, operands, specs, graphs, lower=lower, places=places)


def _widened(rows: Tensor, shape: Any) -> Tensor:
    """The rows of a `TensorArray` before a loop with the shape that they have in it, where sizes were unknown."""
    before = rows._array.shape
    if shape is None or sizes_in(shape[1:]) or sizes_in(before) or before[1:] == shape[1:]:
        return rows
    return broadcast_to(rows, [before[0], *shape[1:]])


def _open(structure: Any, specs: Sequence[Spec]) -> list[Spec]:
    """The specs of variables; arrays that may grow have any number of elements, and elements any size that is unknown."""
    remaining = iter(specs)
    found = []
    for value in nest.flatten(structure):
        for _ in nest.flatten(value, expand_composites=True):
            spec = next(remaining)
            if isinstance(value, TensorArray) and spec.shape:
                spec = spec.widened([None if value.dynamic_size else spec.shape[0], *value.element_shape.as_list()])
            found.append(spec)
    return found


def _check_variables(specs: Sequence[Spec], returned: Sequence[Tensor]) -> None:
    for i, (spec, tensor) in enumerate(zip(specs, returned, strict=True)):
        if tensor._array.dtype != spec.dtype:
            raise TypeError(
                f"tf.while_loop: variable {i} enters the loop with dtype {spec.dtype} but has {tensor._array.dtype} after an "
                "iteration; they must be the same. Use tf.cast."
            )
        if spec.shape is None:
            continue
        before = TensorShape([None if type(s) is Size else s for s in spec.shape])
        if not tensor.shape.rank == before.rank or any(
            a is not None and a != b for a, b in zip(before, tensor.shape, strict=True)
        ):
            raise ValueError(
                f"tf.while_loop: variable {i} enters the loop with shape {before} but has shape {tensor.shape} after an "
                "iteration. Pass shape_invariants with None for the sizes that change."
            )
