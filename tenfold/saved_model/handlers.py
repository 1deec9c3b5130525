"""Ops of TensorFlow's graphs that are no functions of tensors alone: constants, variables, calls, branches, loops, lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tenfold.autodiff.custom import custom_gradient
from tenfold.core import dtypes
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Spec, Symbol, sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.control_flow import cond, stand_in, switch_case, while_loop
from tenfold.graph.graph import Graph
from tenfold.ops import assertions, creation, elementwise, identity, logic, static
from tenfold.ops import gather as gather_ops
from tenfold.ops import index as index_ops
from tenfold.ops import sizes as size_ops
from tenfold.ops.generator import Generator
from tenfold.saved_model.importing import Functions, VariableReference, handles, read, run_op
from tenfold.saved_model.plan import DamagedGraph, PlannedNode
from tenfold.saved_model.tensor_list import TensorList

Values = Sequence[Any]


# Values.


@handles("Const", "HostConst")
def _const(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [wrap(node.attrs["value"])]


@handles("Placeholder", "PlaceholderV2", "_Arg")
def _placeholder(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    raise ValueError(
        f"the graph needs a value for its placeholder {node.name!r}: pass it in input_map, or among the feeds of prune."
    )


@handles("PlaceholderWithDefault")
def _with_default(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return list(inputs)


@handles("NoOp", "ControlTrigger", "DisableCopyOnRead")
def _nothing(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return []


@handles("Identity", "IdentityN")
def _identity(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """As it is: variables and lists pass too. What `tf.custom_gradient` made has the gradient that the file says."""
    if "_gradient_op_type" not in node.attrs or not all(isinstance(x, Tensor) for x in inputs):
        return list(inputs)
    kind = node.attrs["_gradient_op_type"]
    own = functions.gradients.get(kind)
    captured: list[Any] = []
    problem = f"the file has no gradient {kind!r}"
    if own is not None:
        try:
            captured = functions.captured(own)
        except LookupError as error:
            own, problem = None, str(error)

    def passed(*tensors: Tensor) -> Any:
        def gradients(*dys: Tensor) -> list[Tensor | None]:
            if own is None:
                raise LookupError(f"Node {node.name!r} has a gradient of its own, but {problem}.")
            found: list[Tensor | None] = [None] * len(tensors)
            for place, gradient in zip(own.places, functions.call(own.function, [*dys, *captured]), strict=True):
                found[place] = gradient
            return found

        return [identity.identity(x) for x in tensors], gradients

    return list(custom_gradient(passed)(*inputs))


@handles("Equal", "NotEqual")
def _equal(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """What `==` of tensors makes, for which tensors of shapes that do not fit are unequal."""
    x, y = inputs
    compare = logic.equal if node.op == "Equal" else logic.not_equal
    if not node.attrs.get("incompatible_shape_error", True) and not _fit(x.shape, y.shape):
        return [wrap(np.array(node.op == "NotEqual"))]
    return [compare(x, y)]


def _fit(a: TensorShape, b: TensorShape) -> bool:
    """Whether tensors of two shapes can be broadcast together, as far as is known."""
    if a.rank is None or b.rank is None:
        return True
    pairs = zip(a.as_list()[::-1], b.as_list()[::-1], strict=False)
    return all(m is None or n is None or m == n or 1 in (m, n) for m, n in pairs)


@handles("PreventGradient")
def _prevented(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [identity.stop_gradient(inputs[0])]


@handles("FakeParam")
def _fake(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    shape = [0 if size is None else size for size in node.attrs["shape"] or ()]
    return [creation.zeros(shape, node.attrs["dtype"])]


@handles("Assert")
def _assert(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    assertions.Assert(inputs[0], list(inputs[1:]), node.attrs.get("summarize", 3))
    return []


class BroadcastAxes:
    """The axes along which broadcasting repeats a tensor of a shape; a sum along them goes back to that shape."""

    def __init__(self, shape: tuple) -> None:
        self.shape = shape


@handles("BroadcastGradientArgs")
def _broadcast_axes(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [BroadcastAxes(static.ints(x, node.op)) for x in inputs]


@handles("Sum")
def _sum(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    x, axes = inputs
    return [elementwise.unbroadcast(x, axes.shape)] if isinstance(axes, BroadcastAxes) else run_op(node, inputs)


# Calls, branches, loops.


@handles("PartitionedCall", "StatefulPartitionedCall")
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


# Variables.


@handles("VarHandleOp")
def _handle(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    raise ValueError(
        f"the graph makes the variable {node.attrs.get('shared_name', node.name)!r} itself. Pass a tf.Variable for {node.name!r} in input_map."
    )


@handles("ReadVariableOp")
def _read(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_variable(node, inputs[0])._read()]


def _variable(node: PlannedNode, value: Any) -> Variable:
    if not isinstance(value, Variable):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) takes a variable and is given a tensor.")
    return value


@handles("AssignVariableOp")
def _assign(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _variable(node, inputs[0]).assign(inputs[1])
    return []


@handles("AssignAddVariableOp")
def _assign_add(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _variable(node, inputs[0]).assign_add(inputs[1])
    return []


@handles("AssignSubVariableOp")
def _assign_sub(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _variable(node, inputs[0]).assign_sub(inputs[1])
    return []


@handles("RngReadAndSkip")
def _read_and_skip(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    generator = Generator(state=_variable(node, inputs[0]), alg=int(inputs[1].numpy()))
    return [generator.skip(inputs[2])]


@handles("VarIsInitializedOp")
def _is_initialized(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [wrap(np.array(True))]


@handles("VariableShape")
def _variable_shape(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [size_ops.shape(_variable(node, inputs[0]), node.attrs.get("out_type", dtypes.int32))]


@handles("ResourceGather")
def _gather(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    count = node.attrs.get("batch_dims", 0)
    return [gather_ops.gather(_variable(node, inputs[0]), inputs[1], axis=count, batch_dims=count)]


@handles("ResourceGatherNd")
def _gather_nd(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [gather_ops.gather_nd(_variable(node, inputs[0]), inputs[1])]


_ROWS = {
    f"ResourceScatter{name}": f"scatter_{name.lower()}" for name in ("Add", "Sub", "Mul", "Div", "Min", "Max", "Update")
}
_ELEMENTS = {
    f"ResourceScatterNd{name}": f"scatter_nd_{name.lower()}" for name in ("Add", "Sub", "Min", "Max", "Update")
}


@handles(*_ROWS)
def _scatter(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    getattr(_variable(node, inputs[0]), _ROWS[node.op])(IndexedSlices(inputs[2], inputs[1]))
    return []


@handles(*_ELEMENTS)
def _scatter_nd(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    getattr(_variable(node, inputs[0]), _ELEMENTS[node.op])(inputs[1], inputs[2])
    return []


@handles("ResourceStridedSliceAssign")
def _assign_slice(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    variable, begin, end, strides, value = inputs
    masks = {key: node.attrs.get(key, 0) for key in ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")}  # fmt: skip
    first, last, steps = [static.ints(x, node.op) for x in (begin, end, strides)]
    part: Any = _variable(node, variable)[index_ops.to_index(first, last, steps, **masks)]
    part.assign(value)
    return []


# Lists.


@handles("TensorListReserve", "EmptyTensorList")
def _reserve(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    size = inputs[1] if node.op == "TensorListReserve" else 0
    return [TensorList(node.attrs["element_dtype"], _element_shape(inputs[0]), size)]


def _element_shape(value: Tensor) -> TensorShape:
    """The shape that a tensor says: a scalar or an empty tensor of -1 is one of unknown rank."""
    array: Any = value._array
    if type(array) is Symbol:
        elements = array.value.reshape(-1).tolist() if array.value is not None else [None] * array.shape[0]
        return TensorShape([n if type(n) is int and n >= 0 else None for n in elements])
    if not array.ndim:
        return TensorShape(None)
    return TensorShape([None if n < 0 else n for n in array.tolist()])


def _list(node: PlannedNode, value: Any) -> TensorList:
    if not isinstance(value, TensorList):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) takes a list of tensors and is given another value.")
    return value


@handles("TensorListFromTensor")
def _from_tensor(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    rows = inputs[0]
    return [TensorList(rows.dtype, rows.shape[1:], size_ops.shape(rows)[0], rows)]


@handles("TensorListSetItem")
def _set_item(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    may_grow = node.attrs.get("resize_if_index_out_of_bounds", False)
    return [_list(node, inputs[0]).set(inputs[1], inputs[2], may_grow)]


@handles("TensorListResize")
def _resize(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_list(node, inputs[0]).resized(inputs[1])]


@handles("TensorListGetItem")
def _get_item(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_list(node, inputs[0]).get(inputs[1])]


@handles("TensorListStack")
def _stack(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    rows = identity.identity(_list(node, inputs[0]).needed("TensorListStack"))
    if type(rows._array) is Symbol:
        shape = _element_shape(inputs[1])
        count = node.attrs.get("num_elements", -1)
        if shape.rank is not None:
            rows.set_shape([None if count < 0 else count, *shape.as_list()])
    return [rows]


@handles("TensorListGather")
def _gather_list(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [gather_ops.gather(_list(node, inputs[0]).needed("TensorListGather"), inputs[1])]


@handles("TensorListLength")
def _length(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [convert(_list(node, inputs[0]).size, dtypes.int32)]


@handles("TensorListElementShape")
def _shape_of_element(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [size_ops.shape(_list(node, inputs[0]).needed("TensorListElementShape"), node.attrs["shape_type"])[1:]]


@handles("TensorListPushBack")
def _push(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_list(node, inputs[0]).pushed(inputs[1])]


@handles("TensorListPopBack")
def _pop(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return list(_list(node, inputs[0]).popped())
