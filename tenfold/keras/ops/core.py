"""Values, dtypes, parts that are written, and control flow."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tenfold as tf
from tenfold.core import nest
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike
from tenfold.keras.utils.numerical import standardize_dtype


def convert_to_tensor(
    x: TensorLike, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """A tensor of anything that can be one; a tensor of another dtype is cast.

    Args:
      x: tensor, variable, array, number or nested list.
      dtype: dtype of the result, that of x by default: int32 for Python ints, `floatx` for floats.
      sparse, ragged: must not be True.
    Raises:
      ValueError: sparse=True or ragged=True.
    Example:
      >>> tf.keras.ops.convert_to_tensor([1, 2], dtype="float16").dtype
      tf.float16
    """
    if sparse or ragged:
        raise ValueError("convert_to_tensor: Tenfold has no sparse or ragged tensors. Leave sparse and ragged out.")
    x = convert(x)
    return x if dtype is None else tf.cast(x, dtype)


def convert_to_numpy(x: TensorLike) -> np.ndarray:
    """A NumPy array of the values."""
    return np.array(convert(x).numpy())


def is_tensor(x: Any) -> bool:
    """Whether it is a tensor or a variable."""
    return tf.is_tensor(x)


def shape(x: TensorLike) -> tuple[Any, ...]:
    """The sizes: ints, or where a traced function does not know one, a tensor of shape (); None of a KerasTensor.

    Example:
      >>> tf.keras.ops.shape(tf.zeros((2, 3)))
      (2, 3)
    """
    if isinstance(x, KerasTensor):
        return x.shape
    x = convert(x)
    sizes = x.shape.as_list()
    if None not in sizes:
        return tuple(sizes)
    known = tf.shape(x)
    return tuple(known[i] if size is None else size for i, size in enumerate(sizes))


def dtype(x: TensorLike) -> str:
    """The name of a tensor's dtype."""
    return standardize_dtype(x.dtype)


@operation
def cast(x: TensorLike, dtype: Any) -> Tensor:
    """The values as another dtype; what does not fit is cut.

    Example:
      >>> print(tf.keras.ops.cast([1.7, 2.0], "int32").numpy())
      [1 2]
    """
    return tf.cast(convert(x), standardize_dtype(dtype))


@operation
def saturate_cast(x: TensorLike, dtype: Any) -> Tensor:
    """The values as another dtype; what does not fit becomes the nearest that does."""
    return tf.saturate_cast(convert(x), standardize_dtype(dtype))


@operation
def stop_gradient(variable: TensorLike) -> Tensor:
    """The values, as constants to gradients."""
    return tf.stop_gradient(convert(variable))


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Lets a function say its own gradient: it returns its result and a function of the upstream gradient.

    Example:
      >>> @tf.keras.ops.custom_gradient
      ... def doubled_gradient(x):
      ...     return x, lambda upstream: 2 * upstream
    """
    return tf.custom_gradient(f)


@operation
def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """The slices along an axis."""
    return tf.unstack(convert(x), num, axis)


@operation
def slice(inputs: TensorLike, start_indices: TensorLike, shape: Any) -> Tensor:
    """The block of a shape that begins at an index; -1 means up to the end.

    Example:
      >>> print(tf.keras.ops.slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2)).numpy())
      [[2 3]
       [5 6]]
    """
    return tf.slice(convert(inputs), start_indices, shape)


@operation
def slice_update(inputs: TensorLike, start_indices: TensorLike, updates: TensorLike) -> Tensor:
    """A tensor with a block of it replaced; a block that passes the end is moved inside.

    Args:
      inputs: tensor of shape `(d0, ..., dn)`.
      start_indices: one int per axis, or a tensor of shape `(n + 1,)`.
      updates: the block, of inputs' rank and dtype.
    Example:
      >>> print(tf.keras.ops.slice_update([0, 0, 0, 0], [1], [7, 8]).numpy())
      [0 7 8 0]
    """
    x = convert(inputs)
    block = convert(updates)
    start = tf.stack([tf.cast(i, "int32") for i in tf.unstack(convert(start_indices))])
    start = tf.clip_by_value(start, 0, tf.shape(x) - tf.shape(block))
    sizes = tf.shape(block)
    ranges = [tf.range(sizes[i]) + start[i] for i in builtins.range(len(x.shape))]
    return tf.tensor_scatter_nd_update(x, tf.stack(tf.meshgrid(*ranges, indexing="ij"), -1), block)


@operation
def scatter(indices: TensorLike, values: TensorLike, shape: Any) -> Tensor:
    """Zeros of a shape, and values added at indices.

    Args:
      indices: integers of shape `(..., k)`: the last axis has the first k indices of an element or slice.
      values: tensor of shape `(..., *shape[k:])`.
      shape: ints.
    Example:
      >>> print(tf.keras.ops.scatter([[0], [2]], [1.0, 2.0], (4,)).numpy())
      [1. 0. 2. 0.]
    """
    return tf.scatter_nd(convert(indices), convert(values), shape)


_REDUCTIONS = {
    None: "tensor_scatter_nd_update",
    "add": "tensor_scatter_nd_add",
    "max": "tensor_scatter_nd_max",
    "min": "tensor_scatter_nd_min",
}


@operation
def scatter_update(
    inputs: TensorLike, indices: TensorLike, updates: TensorLike, reduction: str | None = None
) -> Tensor:
    """A tensor with values at indices replaced, or joined with what is there.

    Args:
      inputs: tensor of any shape.
      indices: integers of shape `(..., k)`.
      updates: tensor of shape `(..., *inputs.shape[k:])`.
      reduction: None, `"add"`, `"max"` or `"min"`.
    Raises:
      ValueError: the reduction is another one.
    Example:
      >>> print(tf.keras.ops.scatter_update([1, 2, 3], [[0], [2]], [7, 8]).numpy())
      [7 2 8]
    """
    if reduction not in _REDUCTIONS:
        raise ValueError(f"scatter_update: reduction is {reduction!r}; it must be None, 'add', 'max' or 'min'.")
    x = convert(inputs)
    return getattr(tf, _REDUCTIONS[reduction])(x, convert(indices), tf.cast(convert(updates), x.dtype))


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """The result of one of two functions.

    Example:
      >>> tf.keras.ops.cond(True, lambda: 1, lambda: 2)
      1
    """
    if isinstance(pred, bool):
        return true_fn() if pred else false_fn()
    return tf.cond(pred, true_fn, false_fn)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """What the branch of a number makes of the operands; numbers out of range mean the first or the last one."""
    last = len(branches) - 1
    if isinstance(index, int):
        return branches[min(max(index, 0), last)](*operands)
    place = tf.clip_by_value(tf.cast(index, "int32"), 0, last)
    return tf.switch_case(place, [lambda b=branch: b(*operands) for branch in branches])


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Runs `body` on the loop's variables as long as `cond` of them holds.

    Args:
      cond: function of the variables to a bool.
      body: function of the variables to their next values.
      loop_vars: tuple or list of the variables, or one alone.
      maximum_iterations: int, or None.
    Returns:
      The variables' last values, as loop_vars has them.
    Example:
      >>> print(tf.keras.ops.while_loop(lambda i: i < 3, lambda i: i + 1, 0).numpy())
      3
    """
    is_alone = not isinstance(loop_vars, (tuple, list))
    start = (loop_vars,) if is_alone else tuple(loop_vars)

    def step(*values: Any) -> tuple:
        found = body(*values)
        return tuple(found) if isinstance(found, (tuple, list)) else (found,)

    start = nest.map_structure(convert, start)
    last = tf.while_loop(cond, step, start, maximum_iterations=maximum_iterations)
    return last[0] if is_alone else last


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """The last of the values that `body_fun(i, value)` makes, for each i from `lower` up to `upper`.

    Example:
      >>> print(tf.keras.ops.fori_loop(0, 4, lambda i, total: total + i, 0).numpy())
      6
    """
    start = (convert(lower), nest.map_structure(convert, init_val))
    return tf.while_loop(lambda i, _: i < upper, lambda i, value: (i + 1, body_fun(i, value)), start)[1]


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any = None, length: int | None = None,
    reverse: bool = False, unroll: int | bool = 1,
) -> tuple[Any, Any]:  # fmt: skip
    """Hands a state through the elements of `xs`, and collects what is made on the way.

    Args:
      f: function of the state and an element (None without xs) to the next state and an output.
      init: the first state, a structure of tensors.
      xs: structure of tensors with one first axis, or None.
      length: number of steps, needed without xs.
      reverse: whether the last element comes first.
      unroll: changes nothing.
    Returns:
      The last state, and the outputs stacked along a new first axis.
    Raises:
      ValueError: neither xs nor length is given, or there are no steps.
    Example:
      >>> total, totals = tf.keras.ops.scan(lambda total, x: (total + x, total + x), 0, tf.constant([1, 2, 3]))
      >>> print(total.numpy(), totals.numpy())
      6 [1 3 6]
    """
    xs = nest.map_structure(lambda x: None if x is None else convert(x), xs)
    leaves = [x for x in nest.flatten(xs) if x is not None]
    if not leaves and length is None:
        raise ValueError("scan: xs and length are both missing; give one, so that the number of steps is known.")
    steps = length if length is not None else shape(leaves[0])[0]
    if isinstance(steps, int) and steps == 0:
        raise ValueError("scan: there are no steps; outputs of no step have no known shape.")

    def element(i: Any) -> Any:
        place = steps - 1 - i if reverse else i
        return nest.map_structure(lambda x: None if x is None else x[place], xs)

    def written(arrays: list, i: Any, outputs: Any) -> list:
        values = [None if y is None else convert(y) for y in nest.flatten(outputs)]
        place = steps - 1 - i if reverse else i
        return [a if y is None else a.write(place, y) for a, y in zip(arrays, values, strict=True)]

    # the first step tells what the outputs look like
    state, outputs = f(nest.map_structure(convert, init), element(0))
    state = nest.map_structure(convert, state)
    like = [None if y is None else convert(y) for y in nest.flatten(outputs)]
    arrays = [
        tf.TensorArray(tf.int32 if y is None else y.dtype, steps, element_shape=None if y is None else y.shape)
        for y in like
    ]
    arrays = written(arrays, 0, outputs)

    def body(i: Any, state: Any, arrays: list) -> Any:
        state, outputs = f(state, element(i))
        return i + 1, nest.map_structure(convert, state), written(arrays, i, outputs)

    _, state, arrays = tf.while_loop(lambda i, *_: i < steps, body, (tf.constant(1), state, arrays))
    stacked = [None if y is None else a.stack() for a, y in zip(arrays, like, strict=True)]
    return state, nest.pack_sequence_as(outputs, stacked)


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """What a function makes of each element along the first axis, stacked.

    Example:
      >>> print(tf.keras.ops.map(lambda x: x * x, tf.constant([1, 2, 3])).numpy())
      [1 4 9]
    """
    return scan(lambda state, x: (state, f(x)), (), xs)[1]


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """What a function makes of each element along the first axis, stacked, computed for all at once."""
    return tf.vectorized_map(function, elements)


def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """The results of joining the elements so far along an axis, by an associative function.

    Args:
      f: function of two structures of tensors to one, element by element along the axis.
      elems: structure of tensors with one size along the axis.
      reverse: whether to begin at the end.
      axis: int.
    Example:
      >>> print(tf.keras.ops.associative_scan(lambda a, b: a * b, tf.constant([1, 2, 3, 4])).numpy())
      [ 1  2  6 24]
    """
    found = nest.map_structure(convert, elems)
    if reverse:
        found = nest.map_structure(lambda x: tf.reverse(x, [axis]), found)
    count = nest.flatten(found)[0].shape[axis]

    def part(start: int | None, stop: int | None) -> Any:
        def cut(x: Tensor) -> Tensor:
            return x[(*[builtins.slice(None)] * (axis % len(x.shape)), builtins.slice(start, stop))]

        return nest.map_structure(cut, found)

    distance = 1
    while distance < count:  # each holds `distance` elements so far, then twice as many
        joined = f(part(None, -distance), part(distance, None))
        found = nest.map_structure(lambda a, b: tf.concat([a, b], axis), part(None, distance), joined)
        distance *= 2
    return nest.map_structure(lambda x: tf.reverse(x, [axis]), found) if reverse else found
