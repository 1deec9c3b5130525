"""`while` and `for` on tensors: one step of the graph, which runs the body as often as is found out then."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from types import GeneratorType
from typing import Any

from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph
from tenfold.graph.loops import stand_in, while_loop
from tenfold.ops.assertions import Assert
from tenfold.ops.logic import logical_and
from tenfold.tracing.autograph.branches import (
    at_line,
    check_condition,
    current,
    is_symbolic,
    placeholder,
    shown,
    staged_if,
)
from tenfold.tracing.autograph.lists import GrownList
from tenfold.tracing.autograph.names import Place
from tenfold.tracing.autograph.rows import Rows, rows_of
from tenfold.tracing.autograph.settings import set_loop_options
from tenfold.tracing.autograph.variables import UNDEFINED, Variables

Options = Callable[[], dict[str, Any]] | None
_ENDLESS = (itertools.count, itertools.cycle, itertools.repeat, GeneratorType)


def while_(
    test: Callable[[], Any], body: Callable[[], Any], names: Sequence[str | Place], count: int, options: Options
) -> None:
    """A `while` statement. It runs as Python's as long as its condition is no tensor.

    Args:
      test, body: functions that give the condition, and do what the body does.
      names: the variables that the body or later statements read, first the `count` ones for the latter, but for a target of `for`.
      options: function that gives the arguments of `set_loop_options`.
    """
    graph = traced_graph()
    while True:
        undo = None if graph is None else graph.checkpoint()
        value = current(test())
        if undo is not None and isinstance(value, Tensor):
            undo()
            _Loop(Variables(names, test, body), count, options).run(
                "while loop", convert(0), lambda _: test(), lambda _: body()
            )
            return
        if not value:
            return
        body()


def for_(
    iterable: Any,
    body: Callable[[Any], Any],
    test: Callable[[], Any] | None,
    names: Sequence[str | Place],
    count: int,
    options: Options,
) -> None:
    """A `for` statement. Where a jump out of a loop over a Python iterable depends on a tensor, later items run on that condition.

    Args:
      iterable: what it runs over.
      body: function of an item.
      test: function that says whether to go on after an item; None if nothing jumps out of the loop.
      names, count, options: as for `while_`.
    """
    iterable = current(iterable)
    rows = None if traced_graph() is None else rows_of(iterable)
    if rows is not None:
        _over_rows(rows, body, test, _Loop(Variables(names, body, test), count, options))
        return
    condition: Any = None
    for item in iterable:
        if condition is None:
            body(item)
        else:
            variables = Variables(names, body, test)
            staged_if(condition, lambda: body(item), None, variables, len(names))  # noqa: B023
        if test is not None:
            condition = current(test())
            if is_symbolic(condition):
                if isinstance(iterable, _ENDLESS):
                    raise NotImplementedError(
                        "break and return statements which depend on a TF condition are not supported in Python for loops "
                        f"without an end{at_line()}. Did you intend to make it a TF loop?"
                    )
            elif not condition:
                return
            else:
                condition = None


def _over_rows(rows: Rows, body: Callable[[Any], Any], test: Callable[[], Any] | None, loop: _Loop) -> None:
    def goes_on(index: Tensor) -> Any:
        is_left = index < rows.count
        wanted = True if test is None else current(test())
        if is_symbolic(wanted):
            return logical_and(is_left, wanted)
        return is_left if wanted else convert(False)

    def step(index: Tensor) -> None:
        body(rows.item(index))

    loop.run("for loop", convert(0), goes_on, step)


class _Loop:
    """A loop on tensors, with a counter of its own."""

    def __init__(self, variables: Variables, count: int, options: Options) -> None:
        self._variables, self._count = variables, count
        self._options: dict[str, Any] = {} if options is None else options()
        set_loop_options(**self._options)

    def run(self, what: str, counter: Tensor, test: Callable[[Tensor], Any], body: Callable[[Tensor], Any]) -> None:
        """Enters the loop.

        Args:
          what: the kind of statement.
          counter: its first value.
          test: function of the counter that says whether to go on.
          body: function of the counter.
        """
        variables, names = self._variables, self._variables.names
        before = variables.get()
        invariants = self._invariants(before)
        initial = [x if x is UNDEFINED or x is None else _as_tensors(current(x)) for x in before]
        if any(type(x) is list for x in before):
            self._let_lists_grow(before, initial, counter, body)
        if any(x is UNDEFINED or x is None for x in initial):
            first = check_condition(test(counter), what)
            unset = self._complete(initial, invariants, counter, body)
            for name in unset:
                Assert(first, [f"loop must iterate at least once to initialize {name}"])
        carried = [i for i, x in enumerate(initial) if not (x is UNDEFINED or x is None or isinstance(x, _Kept))]

        def put(values: Sequence[Any]) -> Tensor:
            found = [x.value if isinstance(x, _Kept) else x for x in initial]
            for i, value in zip(carried, values[1:], strict=True):
                found[i] = value
            variables.set(found)
            return values[0]

        def cond(*values: Any) -> Tensor:
            return check_condition(test(put(values)), what)

        def step(*values: Any) -> tuple:
            counter = put(values)
            body(counter)
            after = [current(x) for x in variables.get()]
            for name, x, y, shape in zip(names, initial, after, invariants, strict=True):
                _check(name, x, y, shape)
            return (counter + 1, *[nest.pack_sequence_as(initial[i], nest.flatten(after[i])) for i in carried])

        start = (counter, *[initial[i] for i in carried])
        shapes = None
        if any(invariants[i] is not None for i in carried):
            kept = [nest.map_structure(lambda _: None, initial[i]) for i in carried]
            shapes = [
                None,
                *[k if invariants[i] is None else invariants[i] for i, k in zip(carried, kept, strict=True)],
            ]
        put(start)
        put(while_loop(cond, step, start, shapes, maximum_iterations=self._options.get("maximum_iterations")))

    def _let_lists_grow(
        self, before: Sequence[Any], initial: list[Any], counter: Tensor, body: Callable[[Tensor], Any]
    ) -> None:
        """Puts a list that can grow in the place of each that the body appends to."""
        after = self._probed(
            [_Kept(list(x)) if type(x) is list else y for x, y in zip(before, initial, strict=True)], counter, body
        )
        self._variables.set(before)
        for i, (x, y) in enumerate(zip(before, after, strict=True)):
            if type(x) is list and type(y) is list and len(y) > len(x):
                items = [convert(current(item)) for item in y[len(x) :]]
                initial[i] = GrownList(x, items[0])

    def _invariants(self, before: Sequence[Any]) -> list[Any]:
        """For each variable the shapes that `set_loop_options` says, or None."""
        said = self._options.get("shape_invariants") or ()
        return [next((shape for value, shape in said if value is x), None) for x in before]

    def _complete(
        self, initial: list[Any], invariants: list[Any], counter: Tensor, body: Callable[[Tensor], Any]
    ) -> list[str]:
        """Gives variables that have no value before the loop one like that after an iteration.

        Returns:
          The names of those that are read after the loop, which must run at least once therefore.
        """
        names = self._variables.names
        after = self._probed(initial, counter, body)
        unset = []
        for i, (x, y) in enumerate(zip(initial, after, strict=True)):
            if not (x is UNDEFINED or x is None) or y is UNDEFINED or y is None:
                continue
            value = _as_tensors(current(y))
            if isinstance(value, _Kept):
                raise TypeError(
                    f"'{names[i]}' is set in a loop on tensors to {y!r}, which is no tensor{at_line()}. Set it before the loop."
                )
            invariants[i] = invariants[i] or nest.map_structure(_shape, value)
            initial[i] = nest.map_structure(placeholder, value, expand_composites=True)
            if i < self._count and not names[i].startswith("ag__"):
                unset.append(names[i])
        return unset

    def _probed(self, initial: Sequence[Any], counter: Tensor, body: Callable[[Tensor], Any]) -> list[Any]:
        """The values of the variables after one iteration, traced into a graph that is thrown away."""
        graph = Graph("probe", traced_graph())
        with graph.tracing():
            plain = [x.value if isinstance(x, _Kept) else x for x in initial]
            is_given = [not (x is UNDEFINED or x is None or isinstance(x, _Kept)) for x in initial]
            self._variables.set(
                [
                    nest.map_structure(lambda t: stand_in(graph, t), x) if given else x
                    for x, given in zip(plain, is_given, strict=True)
                ]
            )
            try:
                body(stand_in(graph, counter))
            except NameError as error:
                missing = [n for n, x in zip(self._variables.names, initial, strict=True) if x is UNDEFINED]
                name = error.name if error.name in missing else next(iter(missing), error.name)
                raise ValueError(
                    f"'{name}' must be defined before the loop{at_line()}\nNote: AutoGraph tried to define it automatically, but "
                    f"ran into a {type(error).__name__}: {error}"
                ) from None
            after = self._variables.get()
        self._variables.set(plain)
        return after


class _Kept:
    """The value of a variable that is no tensor, and must stay as it is."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _as_tensors(value: Any) -> Any:
    """A structure with tensors as leaves; `_Kept` if it holds anything else."""
    try:
        return nest.map_structure(lambda x: x if _is_composite(x) else convert(current(x)), value)
    except (TypeError, ValueError):
        return _Kept(value)


def _is_composite(value: Any) -> bool:
    return not isinstance(value, Tensor) and hasattr(value, "_type_spec")


def _shape(value: Any) -> Any:
    return value._type_spec if _is_composite(value) else value.shape


def _check(name: str, before: Any, after: Any, invariant: Any) -> None:
    """Checks that a variable after an iteration is like before.

    Raises:
      TypeError, ValueError: it is not.
    """
    if isinstance(before, _Kept):
        if after is not before.value:
            raise TypeError(
                f"'{name}' is {before.value!r} before the loop and {after!r} after one iteration{at_line()}; in a loop on "
                "tensors, only tensors can change."
            )
        return
    if before is UNDEFINED or before is None:
        return
    if after is UNDEFINED:
        raise ValueError(f"'{name}' is not defined at the end of the iteration{at_line()}.")
    if after is None:
        raise ValueError(f"'{name}' is None at the end of the iteration{at_line()}.")
    try:
        nest.assert_same_structure(before, after)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{shown(name)} does not have the same nested structure after one iteration{at_line()}.\n\n{error}"
        ) from None
    shapes = [None] * len(nest.flatten(before)) if invariant is None else nest.flatten(invariant)
    for x, y, shape in zip(nest.flatten(before), nest.flatten(after), shapes, strict=True):
        if not _is_composite(x):
            _check_leaf(shown(name), x, convert(current(y)), shape)


def _check_leaf(name: str, before: Tensor, after: Tensor, invariant: Any) -> None:
    if before.dtype != after.dtype:
        raise TypeError(
            f"{name} has dtype {before.dtype.name} before the loop, but dtype {after.dtype.name} after one iteration{at_line()}"
        )
    wanted = before.shape if invariant is None else TensorShape(invariant)
    if wanted.rank is None or _fits(wanted, after.shape):
        return
    if invariant is not None:
        raise ValueError(
            f"{name} has shape {after.shape} after one iteration, which does not conform with the shape invariant {wanted}"
            f"{at_line()}."
        )
    raise ValueError(
        f"{name} has shape {before.shape} before the loop, but shape {after.shape} after one iteration. Use "
        f"tf.autograph.experimental.set_loop_options to set shape invariants.{at_line()}"
    )


def _fits(wanted: TensorShape, shape: TensorShape) -> bool:
    return shape.rank == wanted.rank and all(a is None or a == b for a, b in zip(wanted, shape, strict=True))
