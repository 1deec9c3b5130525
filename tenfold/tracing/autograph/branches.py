"""`if` on tensors: both branches are traced, and what they set is chosen when the graph runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.symbol import Size, Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.branches import chosen
from tenfold.graph.graph import Graph
from tenfold.graph.node import user_line
from tenfold.graph.tensor_array import is_waiting, take_shapes
from tenfold.ops.creation import zeros
from tenfold.tracing.autograph.jumps import RESULT, RETURNED
from tenfold.tracing.autograph.names import Place
from tenfold.tracing.autograph.variables import UNDEFINED, Variables


def current(value: Any) -> Any:
    """A value as a condition: that of a variable as a tensor."""
    return value._read() if isinstance(value, Variable) else value


def is_symbolic(value: Any) -> bool:
    """Whether a value is a tensor that has no elements yet."""
    return isinstance(value, Tensor) and type(value._array) is Symbol


def check_condition(value: Any, what: str) -> Tensor:
    """A condition on which a graph can decide.

    Raises:
      ValueError: it is no boolean scalar.
    """
    tensor = convert(value)
    if tensor.dtype.name == "bool" and not tensor.shape.rank:
        return tensor
    cast = "" if tensor.dtype.name == "bool" else "to use as boolean Tensor, use `tf.cast`; "
    raise ValueError(
        f"condition of {what} expected to be `tf.bool` scalar, got {tensor!s}; {cast}to check for None, use `is not None`"
    )


def if_(
    test: Any, body: Callable[[], Any], orelse: Callable[[], Any] | None, names: Sequence[str | Place], count: int
) -> None:
    """An `if` statement.

    Args:
      test: the condition.
      body, orelse: functions that do what the branches do.
      names: the variables that they set, first the `count` ones that are read afterwards.
    """
    test = current(test)
    if not is_symbolic(test):
        if test:
            body()
        elif orelse is not None:
            orelse()
        return
    staged_if(test, body, orelse, Variables(names, body, orelse), count)


def staged_if(
    test: Tensor, body: Callable[[], Any], orelse: Callable[[], Any] | None, variables: Variables, count: int
) -> None:
    """An `if` whose condition is a tensor that is not known yet."""
    test = check_condition(test, "if statement")
    before = variables.get()

    def run(function: Callable[[], Any] | None) -> list[Any]:
        variables.set(before)
        if function is not None:
            function()
        return variables.get()[:count]

    if any(map(is_waiting, before[:count])):
        _learn_shapes(run, (body, orelse), before)
    results = choose(test, lambda: run(body), lambda: run(orelse), variables.names[:count])
    variables.set([*results, *before[count:]])


def _learn_shapes(run: Callable[[Any], list[Any]], functions: Sequence[Any], before: list[Any]) -> None:
    """Lets arrays know the shape of their elements, if a branch writes the first."""
    for function in functions:
        with Graph("probe", traced_graph()).tracing():
            after = run(function)
        for array, written in zip(before, after, strict=False):
            if is_waiting(array):
                take_shapes(array, written)


@dataclass
class _Branch:
    """What a branch was traced into, and the values that it gives."""

    name: str
    graph: Graph
    values: list[Any]
    returns: bool  # whether it always leaves the function, so that its variables are not read any more


def choose(
    test: Tensor, on_true: Callable[[], list[Any]], on_false: Callable[[], list[Any]], names: Sequence[str]
) -> list[Any]:
    """The values that one of two functions returns, by a boolean tensor that is not known yet.

    Raises:
      ValueError: only one of them gives a value, or one gives None.
      TypeError: the values differ in structure or dtype.
    """
    branches = [_traced("main", on_true, names), _traced("else", on_false, names)]
    main, other = branches
    flat: list[list[Tensor]] = [[], []]
    is_same = []
    for i, name in enumerate(names):
        _fill(name, i, main, other, RETURNED in names)
        _fill(name, i, other, main, RETURNED in names)
        a, b = main.values[i], other.values[i]
        is_same.append(_is_same(name, a, b))
        if not is_same[-1]:
            for tensors, found in zip(flat, _alike(name, branches, a, b), strict=True):
                tensors += found
    for branch, tensors in zip(branches, flat, strict=True):
        branch.graph.finish(tensors)
    chosen_ones = iter(chosen("cond", test, [other.graph, main.graph], flat[::-1]))
    return [
        a if same else nest.map_structure(lambda _: next(chosen_ones), a, expand_composites=True)
        for a, same in zip(main.values, is_same, strict=True)
    ]


def _traced(name: str, function: Callable[[], list[Any]], names: Sequence[str]) -> _Branch:
    graph = Graph(f"cond_{name}", traced_graph(), is_part=True)
    with graph.tracing():
        values = [current(x) for x in function()]
    returns = any(name == RETURNED and x is True for name, x in zip(names, values, strict=True))
    return _Branch(name, graph, values, returns)


def at_line() -> str:
    """Where the user's branch or loop stands, for the end of a message."""
    line = user_line()
    return f" ({line})" if line else ""


def shown(name: str) -> str:
    return "the return value" if name == RESULT else f"'{name}'"


def _fill(name: str, i: int, branch: _Branch, other: _Branch, may_return: bool) -> None:
    """Gives a variable that a branch does not set a value, if nobody reads it where that branch is taken.

    Raises:
      ValueError: it is read.
    """
    value, wanted = branch.values[i], other.values[i]
    if value is wanted or not (value is UNDEFINED or value is None):
        return
    if name == RESULT:
        is_read = not may_return or value is None
    else:
        is_read = not branch.returns or "." in name or "[" in name
    if not is_read:
        if wanted is not None:
            with branch.graph.tracing():
                value = nest.map_structure(placeholder, wanted, expand_composites=True)
        branch.values[i] = value
    elif name == RESULT:
        raise ValueError(f"the {branch.name} branch must also have a return statement.{at_line()}")
    elif value is UNDEFINED:
        raise ValueError(f"'{name}' must also be initialized in the {branch.name} branch{at_line()}")
    else:
        raise ValueError(f"'{name}' is None at the end of the {branch.name} branch.{at_line()}")


def placeholder(value: Any) -> Any:
    """A tensor like another one, of zeros."""
    if value is None:
        return None
    tensor = convert(value)
    shape = tensor._array.shape
    if shape is None:
        shape = ()
    return zeros([0 if type(size) is Size else size for size in shape], tensor.dtype)


def _is_same(name: str, a: Any, b: Any) -> bool:
    """Whether a value is the same object in both branches, and no number, which would become a tensor."""
    if a is not b:
        return False
    return not isinstance(a, (bool, int, float, complex, str, bytes)) or name.startswith("ag__")


def _alike(name: str, branches: Sequence[_Branch], a: Any, b: Any) -> list[list[Tensor]]:
    """The tensors of a value in both branches.

    Raises:
      TypeError: it differs in structure or dtype, or is no tensor.
    """
    try:
        nest.assert_same_structure(a, b, expand_composites=True)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{shown(name)} must have the same nested structure in the main and else branches{at_line()}:\n\n{error}"
        ) from None
    found = []
    for branch, value in zip(branches, (a, b), strict=True):
        with branch.graph.tracing():
            found.append([_tensor(name, x) for x in nest.flatten(value, expand_composites=True)])
    for x, y in zip(*found, strict=True):
        if x.dtype != y.dtype:
            raise TypeError(
                f"{shown(name)} has dtype {x.dtype.name} in the main branch, but dtype {y.dtype.name} in the else branch"
                f"{at_line()}"
            )
    return found


def _tensor(name: str, value: Any) -> Tensor:
    try:
        return convert(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"{shown(name)} is set in a branch on a tensor to {value!r} of type {type(value).__name__}, which is no tensor"
            f"{at_line()}. Set it outside, or use tensors."
        ) from None
