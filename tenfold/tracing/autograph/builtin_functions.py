"""Python's built-in functions as they act on tensors that are traced; on anything else they are Python's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.graph.map import vectorized_map
from tenfold.ops import cast, elementwise, extremes, join, reduce, sort
from tenfold.ops.gather import gather
from tenfold.ops.ranges import range as tensor_range
from tenfold.tracing.autograph.branches import current, is_symbolic
from tenfold.tracing.autograph.lists import GrownList
from tenfold.tracing.autograph.rows import are_staged, count_of, enumerated, rows_of, zipped


def _len(value: Any) -> Any:
    if isinstance(value, GrownList):
        return value.size()
    value = current(value)
    if not is_symbolic(value):
        return len(value)
    if value.shape.rank == 0:
        raise ValueError(f"len requires a non-scalar tensor, got one of shape {value.shape}")
    return count_of(value)


def _range(*args: Any) -> Any:
    if not any(isinstance(x, Tensor) for x in map(current, args)) or traced_graph() is None:
        return range(*args)
    start, stop, step = (0, *args, 1) if len(args) == 1 else (*args, 1)[:3]
    return tensor_range(start, stop, step)


def _enumerate(iterable: Any, start: Any = 0) -> Any:
    if traced_graph() is None or not are_staged((iterable,)):
        return enumerate(iterable, start)
    return enumerated(rows_of(current(iterable)), start)  # type: ignore[arg-type]


def _zip(*iterables: Any, strict: bool = False) -> Any:
    if traced_graph() is None or not are_staged(iterables):
        return zip(*iterables, strict=strict)
    return zipped([rows_of(current(x)) for x in iterables])  # type: ignore[misc]


def _int(value: Any = 0, *base: Any) -> Any:
    value = current(value)
    if not is_symbolic(value):
        return int(value, *base)
    return cast.cast(value, "int32")


def _float(value: Any = 0.0) -> Any:
    value = current(value)
    if not is_symbolic(value):
        return float(value)
    return cast.cast(value, "float32")


def _sorted(iterable: Any, *, key: Any = None, reverse: Any = False) -> Any:
    iterable = current(iterable)
    if not is_symbolic(iterable):
        return sorted(iterable, key=key, reverse=reverse)
    direction = "DESCENDING" if reverse else "ASCENDING"
    if key is None:
        return sort.sort(iterable, direction=direction)
    order = sort.argsort(vectorized_map(key, iterable), direction=direction, stable=True)
    return gather(iterable, order)


def _one_of(python: Callable[..., Any], of_all: Callable[..., Any], what: str) -> Callable[..., Any]:
    """`max` or `min`: of a vector, or of scalars."""

    def function(*args: Any, **kwargs: Any) -> Any:
        values = [current(x) for x in args]
        if kwargs or not any(map(is_symbolic, values)):
            return python(*args, **kwargs)
        if len(values) > 1:
            return of_all(join.stack(_alike(values)))
        if values[0].shape.rank != 1:
            raise ValueError(
                f"{what}(arg) of a tensor needs one with a single axis, got shape {values[0].shape}. Use tf.reduce_{what}."
            )
        return of_all(values[0])

    return function


def _alike(values: list[Any]) -> list[Tensor]:
    like = next(x.dtype for x in values if isinstance(x, Tensor))
    return [x if isinstance(x, Tensor) else convert(x, like) for x in values]


def _sum(iterable: Any, /, start: Any = 0) -> Any:
    iterable = current(iterable)
    return reduce.reduce_sum(iterable, 0) + start if is_symbolic(iterable) else sum(iterable, start)


def _truth(python: Callable[..., Any], of_all: Callable[..., Any]) -> Callable[..., Any]:
    """`any` or `all`: of a boolean vector, or of an iterable with boolean scalars."""

    def function(iterable: Any, /) -> Any:
        iterable = current(iterable)
        if is_symbolic(iterable):
            return of_all(iterable)
        if traced_graph() is None or not isinstance(iterable, (list, tuple)) or not any(map(is_symbolic, iterable)):
            return python(iterable)
        return of_all(join.stack([convert(current(x)) for x in iterable]))

    return function


def _abs(value: Any, /) -> Any:
    return elementwise.abs(value) if is_symbolic(value) else abs(value)


OF_TENSORS: dict[Any, Callable[..., Any]] = {
    abs: _abs,
    all: _truth(all, reduce.reduce_all),
    any: _truth(any, reduce.reduce_any),
    enumerate: _enumerate,
    float: _float,
    int: _int,
    len: _len,
    max: _one_of(max, extremes.reduce_max, "max"),
    min: _one_of(min, extremes.reduce_min, "min"),
    range: _range,
    sorted: _sorted,
    sum: _sum,
    zip: _zip,
}
