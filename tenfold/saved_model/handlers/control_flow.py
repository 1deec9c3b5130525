"""Calls of functions, branches, loops, and the optional values that gradients of branches hand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tenfold.core import dtypes
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Spec, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.branches import cond, switch_case
from tenfold.graph.graph import Graph
from tenfold.graph.loops import stand_in, while_loop
from tenfold.ops import creation, logic
from tenfold.saved_model.importing import Functions, Values, VariableReference, handles, read
from tenfold.saved_model.plan import DamagedGraph, PlannedNode
from tenfold.saved_model.tensor_list import TensorList


@handles("BatchFunction", "PartitionedCall", "StatefulPartitionedCall")
def _call(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return functions.call(node.attrs["f"], inputs)


def _bool(value: Tensor) -> Tensor:
    """A condition: what is no boolean is true if it is not 0."""
    return value if value.dtype is dtypes.bool else logic.not_equal(value, creation.zeros((), value.dtype))


@handles("If", "StatelessIf", takes_references=True)
def _if(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    then, otherwise = _branches(functions, [node.attrs["then_branch"], node.attrs["else_branch"]], inputs[1:])
    return cond(_bool(read(inputs)[0]), then, otherwise)


@handles("Case", "StatelessCase", takes_references=True)
def _case(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return switch_case(read(inputs)[0], _branches(functions, node.attrs["branches"], inputs[1:]))


def _branches(functions: Functions, names: Sequence[str], inputs: Values) -> list[Callable[[], list[Any]]]:
    """The functions of a branch, which return the same structures: zeros stand for values that are on another side only."""
    calls = [_branch(functions, name, inputs) for name in names]
    if traced_graph() is None or all(n.op != "OptionalNone" for name in names for n in functions.plan(name).nodes):
        return calls
    with Graph("branch_probe", traced_graph()).tracing():
        sides = [call() for call in calls]
    likes = [
        next((x for x in results if type(x) is Optional and x.values is not None), None)
        for results in zip(*sides, strict=True)
    ]
    return [lambda call=call: list(map(_filled, call(), likes)) for call in calls]  # type: ignore[misc]


def _branch(functions: Functions, name: str, inputs: Values) -> Callable[[], list[Any]]:
    return lambda: read(functions.call(name, inputs))


class Optional(NamedTuple):
    """Values that are made on one side of a branch only: what gradients of TensorFlow's branches hand on."""

    values: tuple[Tensor, ...] | None


def _filled(result: Any, like: Any) -> Any:
    if type(result) is not Optional or result.values is not None or like is None:
        return result
    shapes = [[size or 0 for size in x.shape.as_list()] for x in like.values]
    return Optional(tuple([creation.zeros(shape, x.dtype) for shape, x in zip(shapes, like.values, strict=True)]))


@handles("OptionalNone")
def _no_value(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [Optional(None)]


@handles("OptionalFromValue")
def _from_value(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [Optional(tuple(inputs))]


@handles("OptionalHasValue")
def _has_value(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [convert(type(inputs[0]) is Optional and inputs[0].values is not None)]


@handles("OptionalGetValue")
def _get_value(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    (optional,) = inputs
    if type(optional) is not Optional or optional.values is None:
        raise DamagedGraph(f"node {node.name!r} ({node.op}) takes a value that is not there.")
    return list(optional.values)


@handles("While", "StatelessWhile", takes_references=True)
def _while(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """A loop; what it only hands on, such as variables, is closed over."""
    body = functions.plan(node.attrs["body"])
    if not len(inputs) == len(body.arguments) == len(body.results):
        raise DamagedGraph(f"the loop {node.name!r} has {len(inputs)} variables, and its body {len(body.arguments)}.")
    names = [arg.name for arg in body.arguments]
    sources = {n.name: n.inputs[0] for n in body.nodes if n.op == "Identity" and n.inputs}
    changing = []
    for i, result in enumerate(body.results):
        while result.node in sources:
            result = sources[result.node]
        if result.node != names[i]:
            if isinstance(inputs[i], (Variable, VariableReference)):
                raise DamagedGraph(f"the loop {node.name!r} changes which variable its argument {names[i]!r} is.")
            changing.append(i)
    shapes = node.attrs.get("output_shapes") or [arg.shape for arg in body.arguments]

    def filled(values: Values) -> list[Any]:
        every = list(inputs)
        for i, value in zip(changing, values, strict=True):
            every[i] = value
        return every

    def run_body(*values: Any) -> list[Any]:
        results = read(functions.call(body.name, filled(values)))
        return [results[i] for i in changing]

    def run_cond(*values: Any) -> Tensor:
        return _bool(functions.call(node.attrs["cond"], filled(values))[0])

    if not changing:
        raise DamagedGraph(f"the loop {node.name!r} changes nothing.")
    start = _with_known_elements([inputs[i] for i in changing], run_body)
    if all(shape is None for shape in shapes):  # a loop of TensorFlow 1, which says none
        invariants: list[Any] = _shapes_that_stay(start, run_body)
    else:
        invariants = [_invariant(value, shapes[i]) for i, value in zip(changing, start, strict=True)]
    found = while_loop(run_cond, run_body, start, shape_invariants=invariants)
    return filled(found)


def _invariant(value: Any, shape: Any) -> TensorShape:
    if isinstance(value, TensorList):
        rank = len(value.needed("While").shape)
        return TensorShape(
            [None] * rank if value.element_shape.rank is None else [None, *value.element_shape.as_list()]
        )
    return TensorShape(shape)


def _shapes_that_stay(values: list[Any], body: Callable[..., list[Any]]) -> list[TensorShape | None]:
    """The shapes that values have in all turns of a loop: of lists, and of tensors whose shapes change."""
    found = [_invariant(x, None) if isinstance(x, TensorList) else None for x in values]
    is_settled = traced_graph() is None
    while not is_settled:
        is_settled = True
        graph = Graph("while_probe", traced_graph())
        try:
            with graph.tracing():
                given = [
                    _of_shape(graph, x, shape) if isinstance(x, Tensor) and shape is not None else stand_in(graph, x)
                    for x, shape in zip(values, found, strict=True)
                ]
                returned = body(*given)
        except Exception:
            return found  # the loop itself says what is wrong
        for i, (before, after) in enumerate(zip(given, returned, strict=True)):
            if isinstance(before, Tensor) and isinstance(after, Tensor):
                shape = before.shape.most_specific_compatible_shape(after.shape)
                if repr(shape) != repr(before.shape):
                    found[i], is_settled = shape, False
    return found


def _of_shape(graph: Graph, value: Tensor, shape: TensorShape) -> Tensor:
    spec = Spec.of(value._array.dtype, value._array.shape)
    return graph.input(*spec.widened(None if shape.rank is None else shape.as_list()))


def _with_known_elements(values: list[Any], body: Callable[..., list[Any]]) -> list[Any]:
    """Values in which lists of elements of unknown shape know what the body of a loop writes, as far as that is known before it."""
    if not any(isinstance(x, TensorList) and not x.element_shape.is_fully_defined() for x in values):
        return values
    outer = traced_graph()
    graph = Graph("while_probe", outer)
    try:
        with graph.tracing():
            returned = body(*values)
    except Exception:
        if any(isinstance(x, TensorList) and x.rows is None for x in values):
            raise
        return values  # it reads elements, whose unknown sizes are 0 here
    return [
        _told(x, y, outer) if isinstance(x, TensorList) and isinstance(y, TensorList) else x
        for x, y in zip(values, returned, strict=True)
    ]


def _told(given: TensorList, returned: TensorList, graph: Any) -> TensorList:
    """A list that knows of its elements what the one does that a loop's body returned; `graph`: where the loop is."""
    written, around = returned.written, []
    while graph is not None:
        around.append(graph)
        graph = graph.outer
    is_known = written is not None and all(size.source[0].graph in around for size in sizes_in(written))
    if is_known and (given.rows is None or 0 in given.rows._array.shape[1:]):
        shape = given.element_shape if sizes_in(written) else TensorShape(written)
        return TensorList(given.dtype, shape, given.size, creation.zeros((given.size, *written), given.dtype))
    if given.rows is None and returned.element_shape.rank is not None:
        return TensorList(given.dtype, TensorShape([None] * returned.element_shape.rank), given.size)
    return given
