"""Constants, placeholders, values that are handed on, and the axes of sums that undo broadcasting."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.autodiff.custom import custom_gradient
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import assertions, creation, elementwise, identity, logic, static
from tenfold.saved_model.importing import Functions, Values, handles, run_op
from tenfold.saved_model.plan import PlannedNode


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
