"""Functions over the elements of tensors: `tf.map_fn`, `tf.scan`, `tf.foldl`, `tf.foldr`, `tf.vectorized_map`.

Eagerly they are Python loops. In a graph they are one `tf.while_loop`, so that the number of elements may be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenfold.core import dtypes, nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec
from tenfold.core.tensor import Tensor
from tenfold.graph import ragged_map
from tenfold.graph.graph import Graph
from tenfold.graph.loops import while_loop
from tenfold.graph.tensor_array import TensorArray
from tenfold.ops import creation, join, rearrange
from tenfold.ops import gather as gather_ops
from tenfold.ops import sizes as size_ops


def _tensors(elems: Any, what: str) -> Any:
    """`elems` as a structure of tensors that have a first axis of one size."""
    converted = nest.map_structure(convert, elems)
    flat = nest.flatten(converted)
    if not flat:
        raise ValueError(f"tf.{what}: elems must be a Tensor or (possibly nested) sequence of Tensors. Got {elems!r}.")
    sizes = set()
    for tensor in flat:
        if not tensor._array.ndim:
            raise ValueError(f"tf.{what}: elements in elems must be 1+ dimensional Tensors, not scalars")
        sizes.add(tensor.shape[0])
    if len(sizes - {None}) > 1:
        raise ValueError(f"tf.{what}: the first axes of elems have sizes {sorted(sizes - {None})}; they must be equal.")
    return converted


def _count(elems: Any) -> Any:
    first = nest.flatten(elems)[0]
    if first.shape[0] is not None:
        return first.shape[0]
    return size_ops.shape(first)[0] if type(first) is Tensor else first.nrows(dtypes.int32)


def _element(elems: Any, i: Any) -> Any:
    return nest.map_structure(lambda x: gather_ops.gather(x, i), elems)


def _any_element(elems: Any) -> Any:
    """The first element; zeros if there is none."""
    if nest.flatten(elems)[0].shape[0] != 0:
        return _element(elems, 0)
    return nest.map_structure(lambda x: creation.zeros(x.shape[1:], x.dtype), elems)


def _result_of(function: Callable[[], Any]) -> Any:
    """The structure of tensors that a function returns, of a graph that is thrown away."""
    graph = Graph("probe", traced_graph())
    with graph.tracing():
        return nest.map_structure(convert, function())


def _arrays(count: Any, like: Any) -> Any:
    return nest.map_structure(lambda x: TensorArray(x.dtype, count, element_shape=x.shape), like)


def _write(arrays: Any, i: Any, values: Any) -> Any:
    flat = [a.write(i, v) for a, v in zip(nest.flatten(arrays), nest.flatten(values), strict=True)]
    return nest.pack_sequence_as(arrays, flat)


def map_fn(
    fn: Callable[..., Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """Applies a function to each element along the first axis, and stacks the results.

    Args:
      fn: function of one element, or of a structure of them like `elems`.
      elems: tensor, ragged tensor, or structure of them, whose first axes have one size.
      dtype: former name of `fn_output_signature`.
      parallel_iterations, back_prop, swap_memory, infer_shape: hints that do not change the result.
      fn_output_signature: dtype, `tf.TensorSpec`, `tf.RaggedTensorSpec` (of tensors whose sizes differ) or structure of them that
        `fn` returns, where that is not like `elems`.
    Raises:
      TypeError: `fn` cannot be called.
      ValueError: `elems` has no tensors, or one without axes, or `fn` returns another structure than is said.
    Example:
      >>> print(tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3])).numpy())
      [1 4 9]
    """
    if not callable(fn):
        raise TypeError(f"The provided function fn is not callable. fn: {fn}")
    signature = dtype if fn_output_signature is None else fn_output_signature
    given = _tensors(elems, "map_fn")
    if signature is None:
        signature = nest.map_structure(lambda x: x.dtype if type(x) is Tensor else ragged_map.spec_of_rows(x), given)
    said = nest.flatten(signature)

    def checked(result: Any) -> Any:
        try:
            nest.assert_same_structure(signature, result)
        except (TypeError, ValueError):
            raise ValueError(
                f"tf.map_fn: fn returned {result!r}, but fn_output_signature is {signature!r}; give the structure that it "
                "returns."
            ) from None
        return nest.map_structure(_as_said, signature, result)

    if traced_graph() is None:
        count = _count(given)
        if not count:
            return nest.map_structure(_no_rows, signature)
        rows = [nest.flatten(checked(fn(_element(given, i)))) for i in range(count)]
        return nest.pack_sequence_as(signature, list(map(_stacked, said, zip(*rows, strict=True))))
    count = _count(given)
    like = nest.flatten(_result_of(lambda: checked(fn(_any_element(given)))))
    if type(count) is int and not count:
        return nest.pack_sequence_as(signature, list(map(_no_rows_like, said, like)))
    start = [_Rows(count, spec, row) for spec, row in zip(said, like, strict=True)]
    invariants = [None, *[shape for rows in start for shape in rows.invariants]]

    def body(i: Tensor, states: Any) -> Any:
        values = nest.flatten(checked(fn(_element(given, i))))
        return i + 1, [rows.with_row(state, i, v) for rows, state, v in zip(start, states, values, strict=True)]

    states = while_loop(lambda i, _: i < count, body, (0, [rows.state for rows in start]), invariants)[1]
    return nest.pack_sequence_as(signature, [rows.whole(state) for rows, state in zip(start, states, strict=True)])


class _Rows:
    """How the results of a graph's turns are kept: in a TensorArray, or as the parts of a ragged tensor.

    Attributes:
      state: what the loop begins with.
      invariants: the shapes that it may have.
    """

    def __init__(self, count: Any, said: Any, like: Any) -> None:
        self._said, self._is_ragged = said, isinstance(said, ragged_map.RaggedTensorSpec)
        self.state: Any
        if self._is_ragged:
            self.state = ragged_map.no_parts(said, like)
            self.invariants: list[Any] = [TensorShape([None, *x.shape[1:]]) for x in self.state]
        else:
            self.state, self.invariants = TensorArray(like.dtype, count, element_shape=like.shape), [None]

    def with_row(self, state: Any, i: Tensor, row: Any) -> Any:
        if not self._is_ragged:
            return state.write(i, row)
        return [join.concat([x, part], 0) for x, part in zip(state, ragged_map.parts(self._said, row), strict=True)]

    def whole(self, state: Any) -> Any:
        return ragged_map.joined([[x] for x in state]) if self._is_ragged else state.stack()


def _stacked(said: Any, rows: Sequence[Any]) -> Any:
    if isinstance(said, ragged_map.RaggedTensorSpec):
        return ragged_map.joined(list(zip(*[ragged_map.parts(said, row) for row in rows], strict=True)))
    return join.stack(list(rows))


def _as_said(said: Any, value: Any) -> Tensor:
    wanted = as_dtype(getattr(said, "dtype", said))
    tensor = convert(value, None if hasattr(value, "dtype") else wanted)
    if tensor.dtype != wanted:
        raise InvalidArgumentError(
            f"tf.map_fn: fn returned {tensor.dtype.name}, expected {wanted.name}. Pass fn_output_signature=tf.{tensor.dtype.name}."
        )
    return tensor


def _no_rows(said: Any) -> Any:
    if isinstance(said, ragged_map.RaggedTensorSpec):
        return ragged_map.joined([[part] for part in ragged_map.no_parts(said)])
    shape = said.shape.as_list() if isinstance(said, TensorSpec) and said.shape.rank is not None else []
    return creation.zeros([0, *[size or 0 for size in shape]], said.dtype if not isinstance(said, DType) else said)


def _no_rows_like(said: Any, row: Any) -> Any:
    is_ragged = isinstance(said, ragged_map.RaggedTensorSpec)
    return _no_rows(said if is_ragged else TensorSpec(row.shape, row.dtype))


def vectorized_map(fn: Callable[..., Any], elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """Applies a function to each element along the first axis, and stacks the results, whatever they are.

    Args:
      fn: function of one element, or of a structure of them like `elems`.
      elems: tensor, or structure of tensors, whose first axes have one size, or size 1, which is repeated.
      fallback_to_while_loop, warn: of TensorFlow's way to do it; they change nothing here.
    Example:
      >>> x = tf.ones([2, 3, 4])
      >>> tf.vectorized_map(lambda a: tf.matmul(a, a, transpose_b=True), x).shape
      TensorShape([2, 3, 3])
    """
    given = nest.map_structure(convert, elems)
    flat = nest.flatten(given)
    most = max([x.shape[0] or 0 for x in flat])
    if most > 1:
        flat = [rearrange.repeat(x, most, axis=0) if x.shape[0] == 1 else x for x in flat]
    given = nest.pack_sequence_as(given, flat)
    result = _result_of(lambda: fn(_any_element(given)))
    return map_fn(fn, given, fn_output_signature=nest.map_structure(lambda x: TensorSpec(x.shape, x.dtype), result))


def _folded(fn: Callable[..., Any], elems: Any, initializer: Any, what: str, is_reversed: bool, keeps_all: bool) -> Any:
    if not callable(fn):
        raise TypeError(f"tf.{what}: {fn!r} is not callable.")
    given = _tensors(elems, what)
    count = _count(given)
    start = 0
    if initializer is None:
        first = count - 1 if is_reversed else 0
        state = _element(given, first)
        start = 1
    else:
        state = nest.map_structure(convert, initializer)
        if keeps_all and type(count) is int and not count:
            return nest.map_structure(lambda x: _no_rows_like(None, x), state)

    def index(i: Any) -> Any:
        return count - 1 - i if is_reversed else i

    def step(state: Any, i: Any) -> Any:
        result = nest.map_structure(convert, fn(state, _element(given, index(i))))
        try:
            nest.assert_same_structure(state, result, check_types=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"tf.{what}: fn must return what it takes, {state!r}: {error}") from None
        return nest.pack_sequence_as(state, nest.flatten(result))

    if traced_graph() is None:
        states = [state] if start else []
        for i in range(start, count):
            state = step(state, i)
            states.append(state)
        if not keeps_all:
            return state
        if is_reversed:
            states.reverse()
        columns = zip(*[nest.flatten(s) for s in states], strict=True)
        return nest.pack_sequence_as(state, [join.stack(list(column)) for column in columns])
    if not keeps_all:
        return while_loop(lambda i, _: i < count, lambda i, s: (i + 1, step(s, i)), (start, state))[1]
    arrays = _arrays(count, state)
    if start:
        arrays = _write(arrays, index(0), state)

    def body(i: Tensor, state: Any, arrays: Any) -> Any:
        state = step(state, i)
        return i + 1, state, _write(arrays, index(i), state)

    *_, arrays = while_loop(lambda i, *_: i < count, body, (start, state, arrays))
    return nest.map_structure(lambda a: a.stack(), arrays)


def foldl(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Combines the elements along the first axis from the first to the last: `fn(fn(fn(init, e0), e1), e2)`.

    Args:
      fn: function of what has come out so far and an element; it returns what it takes first.
      elems: tensor, or structure of tensors, whose first axes have one size.
      initializer: what to begin with; the first element by default.
      parallel_iterations, back_prop, swap_memory: hints that do not change the result.
    Raises:
      TypeError: `fn` cannot be called.
      ValueError: `fn` returns another structure than it takes.
    Example:
      >>> print(tf.foldl(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])).numpy())
      123
    """
    return _folded(fn, elems, initializer, "foldl", False, False)


def foldr(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Combines the elements along the first axis from the last to the first; else like `tf.foldl`.

    Raises:
      TypeError: `fn` cannot be called.
      ValueError: `fn` returns another structure than it takes.
    Example:
      >>> print(tf.foldr(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])).numpy())
      321
    """
    return _folded(fn, elems, initializer, "foldr", True, False)


def scan(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """What `tf.foldl` has after each element, stacked.

    Args:
      fn: function of what has come out so far and an element; it returns what it takes first.
      elems: tensor, or structure of tensors, whose first axes have one size.
      initializer: what to begin with, which is not in the result; the first element by default, which is.
      parallel_iterations, back_prop, swap_memory, infer_shape: hints that do not change the result.
      reverse: whether to go from the last element to the first.
    Raises:
      TypeError: `fn` cannot be called.
      ValueError: `fn` returns another structure than it takes.
    Example:
      >>> print(tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3, 4])).numpy())
      [ 1  3  6 10]
    """
    return _folded(fn, elems, initializer, "scan", reverse, True)
