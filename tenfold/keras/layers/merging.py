"""Layers that make one tensor of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.keras.layers.layer import Layer
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import einsum as einsum_ops
from tenfold.ops import elementwise, join, logic, sizes
from tenfold.ops import gather as gather_ops
from tenfold.ops import normalization as norm_ops
from tenfold.ops import reduce as reduce_ops


class _Merge(Layer):
    """Base of element-wise merges: a list of tensors of shapes that broadcast, batch axis first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def _merge(self, inputs: list) -> Any:
        raise NotImplementedError

    def build(self, input_shape: Any) -> None:
        if not input_shape or not isinstance(input_shape[0], (tuple, list)):
            raise ValueError(
                f"A merge layer should be called on a list of inputs. Received: input_shape={input_shape} (not a list of shapes)"
            )
        self.compute_output_shape(input_shape)
        self.built = True

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(
                f"A merge layer should be called on a list of inputs. Received: inputs={inputs} (not a list of tensors)"
            )
        rank = max(x.ndim for x in inputs)
        equal = []
        for x in inputs:
            if x.ndim < rank:
                shape = x._array.shape
                x = array_ops.reshape(x, (*shape[:1], *(1,) * (rank - len(shape)), *shape[1:]))
            equal.append(x)
        return self._merge(equal)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        batches = {shape[0] for shape in input_shape} - {None}
        if len(batches) > 1:
            raise ValueError(
                f"Cannot merge tensors with different batch sizes. Received tensors with shapes {input_shape}"
            )
        rest: tuple = ()
        for shape in input_shape:
            a, b = (tuple(shape[1:]), rest) if len(shape) - 1 >= len(rest) else (rest, tuple(shape[1:]))
            b = (1,) * (len(a) - len(b)) + b
            for m, n in zip(a, b, strict=True):
                if m is not None and n is not None and 1 not in (m, n) and m != n:
                    raise ValueError(f"Inputs have incompatible shapes. Received shapes {input_shape}")
            rest = tuple(n if m == 1 else m if n == 1 or n == m else None for m, n in zip(a, b, strict=True))
        return (batches.pop() if batches else None, *rest)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or any(m is None for m in mask):
            return None
        merged = mask[0]
        for other in mask[1:]:
            merged = logic.logical_or(merged, other)
        return merged


def _folded(function: Callable[[Any, Any], Any], inputs: list) -> Any:
    output = inputs[0]
    for x in inputs[1:]:
        output = function(output, x)
    return output


def _neutral(inputs: list, value: float) -> list:
    """The inputs with what is masked replaced by a value that has no effect."""
    result = []
    for x in inputs:
        mask = x._keras_mask
        if mask is not None:
            x = gather_ops.where(array_ops.expand_dims(mask, -1), x, cast_ops.cast(value, x.dtype))
        result.append(x)
    return result


def _folded_where_kept(function: Callable[[Any, Any], Any], inputs: list) -> Any:
    """A fold without a neutral value: what is masked takes the other operand's element."""
    output, kept = inputs[0], inputs[0]._keras_mask
    for x in inputs[1:]:
        mask = x._keras_mask
        if mask is not None:
            x = gather_ops.where(array_ops.expand_dims(mask, -1), x, output)
        if kept is not None:
            output = gather_ops.where(array_ops.expand_dims(kept, -1), output, x)
        kept = logic.logical_or(kept, mask) if kept is not None and mask is not None else None
        output = function(output, x)
    return output


class Add(_Merge):
    """The sum of all inputs.

    Example:
      >>> print(tf.keras.layers.Add()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
      [3.]
    """

    def _merge(self, inputs: list) -> Any:
        return _folded(elementwise.add, inputs)


class Subtract(_Merge):
    """The first of two inputs minus the second.

    Example:
      >>> print(tf.keras.layers.Subtract()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
      [-1.]
    """

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if len(input_shape) != 2:
            raise ValueError(
                f"A `Subtract` layer should be called on exactly 2 inputs. Received: input_shape={input_shape}"
            )

    def _merge(self, inputs: list) -> Any:
        return inputs[0] - inputs[1]


class Multiply(_Merge):
    """The product of all inputs; what is masked counts as 1, and what is masked in all of them is 0.

    Example:
      >>> print(tf.keras.layers.Multiply()([tf.constant([3.0]), tf.constant([2.0])]).numpy())
      [6.]
    """

    def _merge(self, inputs: list) -> Any:
        output = _folded(elementwise.multiply, _neutral(inputs, 1.0))
        mask = self.compute_mask(inputs, [x._keras_mask for x in inputs])
        if mask is None:
            return output
        return gather_ops.where(array_ops.expand_dims(mask, -1), output, cast_ops.cast(0, output.dtype))


class Average(_Merge):
    """The mean of all inputs.

    Example:
      >>> print(tf.keras.layers.Average()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
      [1.5]
    """

    def _merge(self, inputs: list) -> Any:
        return _folded(elementwise.add, inputs) / len(inputs)


class Maximum(_Merge):
    """The largest of all inputs.

    Example:
      >>> print(tf.keras.layers.Maximum()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
      [2.]
    """

    def _merge(self, inputs: list) -> Any:
        return _folded_where_kept(elementwise.maximum, inputs)


class Minimum(_Merge):
    """The smallest of all inputs.

    Example:
      >>> print(tf.keras.layers.Minimum()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
      [1.]
    """

    def _merge(self, inputs: list) -> Any:
        return _folded_where_kept(elementwise.minimum, inputs)


class Concatenate(_Merge):
    """The inputs one after the other along an axis.

    Example:
      >>> tf.keras.layers.Concatenate()([tf.ones([2, 3]), tf.ones([2, 1])]).shape
      TensorShape([2, 4])
    """

    _config_names = ("axis",)

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        return join.concat(list(inputs), self.axis)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        ranks = {len(shape) for shape in input_shape}
        text = f"A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. Received: input_shape={input_shape}"
        if len(ranks) != 1:
            raise ValueError(text)
        (rank,) = ranks
        axis = self.axis % rank
        result: list[Any] = []
        for i in range(rank):
            found = [shape[i] for shape in input_shape]
            if i == axis:
                result.append(None if None in found else sum(found))
                continue
            known = set(found) - {None}
            if len(known) > 1:
                raise ValueError(text)
            result.append(known.pop() if known else None)
        return tuple(result)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or all(m is None for m in mask):
            return None
        masks = []
        for x, m in zip(inputs, mask, strict=True):
            m = logic.equal(x, x) if m is None else m
            if m.ndim < x.ndim:
                m = array_ops.broadcast_to(array_ops.expand_dims(m, -1), sizes.shape(x))
            masks.append(m)
        return reduce_ops.reduce_any(join.concat(masks, self.axis), axis=-1)


class Dot(_Merge):
    """The product of two inputs summed over an axis of each, for every example.

    Args:
      axes: the axis of both inputs, or a pair.
      normalize: whether the inputs are scaled to L2 norm 1 along the axis first: cosine proximity.

    Example:
      >>> print(tf.keras.layers.Dot(axes=1)([tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]])]).numpy())
      [[11.]]
    """

    _config_names = ("axes", "normalize")

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(f"Invalid type for argument `axes`: it should be a list or an int. Received: axes={axes}")
        if not isinstance(axes, int) and (len(axes) != 2 or not all(isinstance(a, int) for a in axes)):
            raise ValueError(f"Invalid argument `axes`: it should be two integers. Received: axes={axes}")
        self.axes = axes if isinstance(axes, int) else list(axes)
        self.normalize = normalize

    def _axes_of(self, first: int, second: int) -> tuple[int, int]:
        a, b = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        return a % first, b % second

    def call(self, inputs: Any) -> Any:
        x, y = inputs
        a, b = self._axes_of(x.ndim, y.ndim)
        if self.normalize:
            x, y = norm_ops.l2_normalize(x, a), norm_ops.l2_normalize(y, b)
        left, right = "zabcdefgh"[: x.ndim], "z" + "stuvwxy"[: y.ndim - 1]
        right = right[:b] + left[a] + right[b + 1 :]
        result = left[:a] + left[a + 1 :] + (right[:b] + right[b + 1 :])[1:]
        output = einsum_ops.einsum(f"{left},{right}->{result}", x, y)
        return array_ops.expand_dims(output, -1) if output.ndim == 1 else output

    def compute_output_shape(self, input_shape: Any) -> tuple:
        if len(input_shape) != 2:
            raise ValueError(
                f"A `Dot` layer should be called on a list of 2 inputs. Received: input_shape={input_shape}"
            )
        x, y = (list(shape) for shape in input_shape)
        a, b = self._axes_of(len(x), len(y))
        if x[a] != y[b]:
            raise ValueError(
                f"Incompatible input shapes: axis values {x[a]} (at axis {a}) != {y[b]} (at axis {b}). Full input shapes: {x}, {y}"
            )
        result = [*x[:a], *x[a + 1 :], *(y[:b] + y[b + 1 :])[1:]]
        return tuple(result if len(result) > 1 else [*result, 1])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


def add(inputs: Any, **kwargs: Any) -> Any:
    """`Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """`Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """`Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """`Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """`Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """`Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """`Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """`Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes, **kwargs)(inputs)
