"""`TensorShape`: sizes of axes, some or all of them unknown, and how shapes broadcast."""

import operator
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from math import prod
from typing import Any

from tenfold.core.symbol import Size, Symbol


def _binary(function):
    def method(self, other):
        other = Dimension(other).value
        return Dimension(None if self.value is None or other is None else function(self.value, other))

    return method


def _reflected(function):
    return _binary(lambda a, b: function(b, a))


class Dimension:
    """One size in `TensorShape.dims`: `value` is an int or None; arithmetic with an unknown gives an unknown.

    Example:
      >>> tf.TensorShape([2, None]).dims[0].value
      2
    """

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = _size(value)

    def __index__(self):
        return self.value  # None makes Python raise TypeError, as it must

    __int__ = __index__

    def __repr__(self):
        return f"Dimension({self.value})"

    def __str__(self):
        return "?" if self.value is None else str(self.value)

    def __eq__(self, other):
        try:
            return self.value == _size(other)
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self):
        return hash(self.value)

    __add__ = _binary(operator.add)
    __radd__ = _reflected(operator.add)
    __sub__ = _binary(operator.sub)
    __rsub__ = _reflected(operator.sub)
    __mul__ = _binary(operator.mul)
    __rmul__ = _reflected(operator.mul)
    __floordiv__ = _binary(operator.floordiv)
    __rfloordiv__ = _reflected(operator.floordiv)
    __mod__ = _binary(operator.mod)
    __rmod__ = _reflected(operator.mod)


def _size(value: Any) -> int | None:
    """One size as int or None."""
    if value is None:
        return None
    if isinstance(value, Dimension):
        return value.value
    try:
        size = operator.index(value)
    except TypeError:
        raise TypeError(
            f"Dimension value must be integer or None or have an __index__ method, got value {value!r} "
            f"with type {type(value)!r}"
        ) from None
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


def dimension_value(dimension: Any) -> Any:
    """The int or None that a `Dimension` holds; anything else as it is.

    Example:
      >>> tf.compat.dimension_value(tf.TensorShape([2, None]).dims[0])
      2
    """
    return dimension.value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape: "TensorShape", index: int) -> Dimension:
    """The size of one axis as a `Dimension`, of unknown value if the rank is unknown.

    Args:
      shape: TensorShape.
      index: the axis.
    Raises:
      IndexError: the shape has no such axis.
    Example:
      >>> tf.compat.dimension_at_index(tf.TensorShape([2, None]), 0)
      Dimension(2)
    """
    dims = shape.dims
    return Dimension(None) if dims is None else dims[index]


class TensorShape:
    """The shape of a tensor: a rank and sizes, each of which may be unknown (None).

    Args:
      dims: sequence of sizes (int, None, or anything with `__index__`), another TensorShape, one size for a
        vector, or None when even the rank is unknown.
    Raises:
      TypeError: a size is no integer.
      ValueError: a size is negative.
    Example:
      >>> shape = tf.TensorShape([2, None])
      >>> shape.rank, shape[0], shape.is_compatible_with([2, 3])
      (2, 2, True)
    """

    __slots__ = ("_dims",)

    _dims: tuple[int | None, ...] | None

    def __init__(self, dims: Any):
        if dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            self._dims = dims._dims
        elif isinstance(dims, Dimension):
            self._dims = (dims.value,)
        else:
            try:
                sizes = iter(dims)  # before __index__: a tensor offers both, whatever its rank
            except TypeError:
                sizes = iter((dims,))
            self._dims = tuple([_size(size) for size in sizes])

    @staticmethod
    def _of(dims: tuple[int | None, ...]) -> "TensorShape":
        """A shape of a tuple known to hold only sizes, unchecked: `Tensor.shape` makes one at each access."""
        shape = _new(TensorShape)
        shape._dims = dims
        return shape

    @property
    def rank(self) -> int | None:
        """Number of axes, or None if unknown."""
        return None if self._dims is None else len(self._dims)

    ndims = rank

    @property
    def dims(self) -> list[Dimension] | None:
        """The sizes as `Dimension` objects, or None if the rank is unknown."""
        return None if self._dims is None else [Dimension(size) for size in self._dims]

    def as_list(self) -> list[int | None]:
        """The sizes as a list.

        Raises:
          ValueError: the rank is unknown.
        Example:
          >>> tf.TensorShape([2, None]).as_list()
          [2, None]
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def num_elements(self) -> int | None:
        """The product of the sizes, or None unless all are known."""
        return prod(self._dims) if self.is_fully_defined() else None  # type: ignore[arg-type]

    def is_fully_defined(self) -> bool:
        """Whether rank and all sizes are known."""
        return self._dims is not None and None not in self._dims

    def __len__(self):
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self):
        return self._dims is not None

    def __iter__(self) -> Iterator[int | None]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims)

    def __getitem__(self, key):
        if self._dims is not None:
            item = self._dims[key]
            return TensorShape._of(item) if isinstance(key, slice) else item
        if not isinstance(key, slice):
            return None
        if key.step is not None:
            raise ValueError("Steps are not handled on a shape with unknown rank.")
        start, stop = key.start or 0, key.stop
        if stop is None or start < 0 or stop < 0:
            return TensorShape(None)
        return TensorShape._of((None,) * max(stop - start, 0))

    def __repr__(self):
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self):
        return "<unknown>" if self._dims is None else str(self._dims)

    def __hash__(self):
        return hash(self._dims)

    def __eq__(self, other):
        if isinstance(other, TensorShape):
            return self._dims == other._dims
        if isinstance(other, (tuple, list)):
            return self._dims == tuple(other)
        try:
            return self._dims == TensorShape(other)._dims
        except (TypeError, ValueError):
            return NotImplemented

    def __reduce__(self):
        return TensorShape, (self._dims,)

    def __add__(self, other):
        return self.concatenate(other)

    def __radd__(self, other):
        return as_shape(other).concatenate(self)

    def concatenate(self, other: Any) -> "TensorShape":
        """The axes of this shape followed by those of `other`; unknown if either rank is.

        Example:
          >>> tf.TensorShape([2]).concatenate([None, 3])
          TensorShape([2, None, 3])
        """
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return TensorShape(None)
        return TensorShape._of(self._dims + other._dims)

    def is_compatible_with(self, other: Any) -> bool:
        """Whether some fully known shape is an instance of both; unknowns match anything."""
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return True
        return len(self._dims) == len(other._dims) and all(
            a == b or a is None or b is None for a, b in zip(self._dims, other._dims, strict=True)
        )

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every shape this one describes is also described by the TensorShape `other`."""
        if not isinstance(other, TensorShape):
            return False
        if other._dims is None:
            return True
        if self._dims is None or len(self._dims) != len(other._dims):
            return False
        return all(b is None or a == b for a, b in zip(self._dims, other._dims, strict=True))

    def merge_with(self, other: Any) -> "TensorShape":
        """The shape with what both know.

        Raises:
          ValueError: the shapes contradict each other.
        Example:
          >>> tf.TensorShape([2, None]).merge_with([None, 3])
          TensorShape([2, 3])
        """
        other = as_shape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        if self._dims is None or other._dims is None:
            return other if self._dims is None else self
        return TensorShape._of(tuple([b if a is None else a for a, b in zip(self._dims, other._dims, strict=True)]))

    def most_specific_compatible_shape(self, other: Any) -> "TensorShape":
        """The most precise shape that describes both; sizes that differ become None.

        Example:
          >>> tf.TensorShape([2, 3]).most_specific_compatible_shape([2, 4])
          TensorShape([2, None])
        """
        other = as_shape(other)
        if self._dims is None or other._dims is None or len(self._dims) != len(other._dims):
            return TensorShape(None)
        return TensorShape._of(tuple([a if a == b else None for a, b in zip(self._dims, other._dims, strict=True)]))

    def most_specific_common_supertype(self, others: Sequence[Any]) -> "TensorShape | None":
        """The most precise shape that describes this and all `others`, or None if one is not a TensorShape."""
        shape = self
        for other in others:
            if not isinstance(other, TensorShape):
                return None
            shape = shape.most_specific_compatible_shape(other)
        return shape

    def with_rank(self, rank: int) -> "TensorShape":
        """This shape, known to have `rank` axes.

        Raises:
          ValueError: the rank is another one.
        """
        if self._dims is None:
            return TensorShape._of((None,) * rank)
        self.assert_has_rank(rank)
        return self

    def with_rank_at_least(self, rank: int) -> "TensorShape":
        """This shape.

        Raises:
          ValueError: it has fewer than `rank` axes.
        """
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> "TensorShape":
        """This shape.

        Raises:
          ValueError: it has more than `rank` axes.
        """
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        """Raises ValueError if the rank is known and not `rank`."""
        if self._dims is not None and len(self._dims) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other: Any) -> None:
        """Raises ValueError if both ranks are known and differ."""
        other = as_shape(other)
        if self._dims is not None and other._dims is not None and len(self._dims) != len(other._dims):
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises ValueError unless `is_compatible_with(other)`."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible")

    def assert_is_fully_defined(self) -> None:
        """Raises ValueError unless `is_fully_defined()`."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")


_new = object.__new__


def as_shape(value: Any) -> TensorShape:
    """`value` as a TensorShape, itself if it is one."""
    return value if isinstance(value, TensorShape) else TensorShape(value)


def broadcast_shapes(a: tuple[int | None, ...], b: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The sizes that two tuples of sizes broadcast to; an unknown size takes the other's unless that is 1.

    Raises:
      ValueError: two sizes differ and neither is 1.
    """
    if a == b:
        return a
    sizes = []
    for x, y in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if x == 1 or x == y:
            sizes.append(y)
        elif y == 1:
            sizes.append(x)
        elif x is None or y is None:
            sizes.append(y if x is None else x)
        else:
            raise ValueError(
                f"Incompatible shapes for broadcasting: {a} and {b}; counted from the last axis, "
                "two sizes must be equal or one of them 1."
            )
    return tuple(reversed(sizes))


def shape_in(array: Any) -> TensorShape:
    """The shape whose sizes a vector holds, as far as they are known."""
    if type(array) is not Symbol:
        return TensorShape(array.tolist())
    if array.value is None and (array.shape is None or type(array.size) is Size):
        return TensorShape(None)
    return TensorShape([None if type(size) is Size else size for size in array.elements("a shape")])


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The shape that two shapes broadcast to, as far as it is known.

    Args:
      shape_x: TensorShape, or what makes one.
      shape_y: likewise.
    Returns:
      TensorShape; unknown if either rank is.
    Raises:
      ValueError: the shapes do not broadcast.
    Example:
      >>> tf.broadcast_static_shape(tf.TensorShape([1, 2, 3]), tf.TensorShape([5, 1, 3]))
      TensorShape([5, 2, 3])
    """
    x, y = as_shape(shape_x)._dims, as_shape(shape_y)._dims
    if x is None or y is None:
        return TensorShape(None)
    return TensorShape._of(broadcast_shapes(x, y))
