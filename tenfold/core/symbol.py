"""Symbol: what a tensor holds in place of an array while a function is traced. It has a dtype and a shape, but no elements.

Kernels are written for arrays, so any of them fails on a symbol, and `Op.recover` then enters the op into the symbol's graph:
tracing costs eager ops nothing. What asks a symbol for its elements raises `SymbolError`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple, NoReturn

import numpy as np

from tenfold.core.errors import OperatorNotAllowedInGraphError


class SymbolError(OperatorNotAllowedInGraphError, NotImplementedError):
    """The elements of a tensor were asked for while it is traced."""


STAND_IN = 3  # for an integer of which nothing is known: neither 0 nor 1, which are special


class Turns(int):
    """The hint of a size that may differ with each call, as how often a loop runs: no graph is made anew for it."""


class Size:
    """An integer that is not known before a traced function runs: the size of an axis, or an element of a tensor.

    Arithmetic gives other sizes. Compared with small numbers, a size counts as large: that is what shape rules want, for
    which only 0 and 1 are special, and their results hold for these as well. While values are computed, not shapes
    (`is_ordered` is False), comparing is an error.

    Attributes:
      source: (symbol, axis) for the size of an axis, (symbol, index tuple) for an element, (function, *operands) else.
      hint: the value in the call that is traced, or a stand-in.
    """

    __slots__ = ("source", "hint")
    is_ordered = True

    def __init__(self, source: tuple, hint: int) -> None:
        self.source, self.hint = source, hint

    @property
    def is_leaf(self) -> bool:
        return type(self.source[0]) is Symbol

    def evaluate(self, leaf: Callable[[Size], int]) -> int:
        """The value, where `leaf` gives that of each size it is computed from."""
        if self.is_leaf:
            return leaf(self)
        function, *operands = self.source
        return function(*[evaluate(x, leaf) for x in operands])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return "?"

    def __neg__(self) -> Size:
        return 0 - self  # type: ignore[operator,return-value]

    def _less(self, other: Any) -> bool:
        if not Size.is_ordered:
            raise SymbolError("which of two integers is larger is known only when the function runs.")
        return self.hint < other.hint if isinstance(other, Size) else max(self.hint, 2) < other

    def __lt__(self, other: Any) -> bool:
        return self._less(other)

    def __ge__(self, other: Any) -> bool:
        return not self._less(other)

    def __gt__(self, other: Any) -> bool:
        return self != other and not self._less(other)

    def __le__(self, other: Any) -> bool:
        return self == other or self._less(other)


def _arithmetic(function: Callable[[Any, Any], Any], neutral: int | None) -> tuple[Callable, Callable]:
    def compute(a: Any, b: Any) -> Any:
        if not isinstance(a, (int, np.integer, Size)) or not isinstance(b, (int, np.integer, Size)):
            return NotImplemented
        if type(b) is int and b == neutral:
            return a
        if type(a) is int and a == neutral and function in (operator.add, operator.mul):
            return b
        hint = function(hint_of(a), hint_of(b))
        return Size((function, a, b), hint)

    return compute, lambda a, b: compute(b, a)


for _name, _neutral in (("add", 0), ("sub", 0), ("mul", 1), ("floordiv", 1), ("mod", None)):
    _forward, _backward = _arithmetic(getattr(operator, _name), _neutral)
    setattr(Size, f"__{_name}__", _forward)
    setattr(Size, f"__r{_name}__", _backward)


def evaluate(value: Any, leaf: Callable[[Size], int]) -> Any:
    """A value in which sizes, also those in tuples, lists and slices, are replaced by integers."""
    if type(value) is Size:
        return value.evaluate(leaf)
    if type(value) is tuple or type(value) is list:
        return type(value)(evaluate(x, leaf) for x in value)
    if type(value) is slice:
        return slice(*[evaluate(x, leaf) for x in (value.start, value.stop, value.step)])
    return value


def exchanged(value: Any, change: Callable[[Size], Size | None]) -> Any:
    """A value in which sizes, also those in tuples, lists and slices and what they are computed from, are others where `change` gives one."""
    if type(value) is Size:
        new = change(value)
        if new is not None or value.is_leaf:
            return value if new is None else new
        function, *operands = value.source
        return Size((function, *[exchanged(x, change) for x in operands]), value.hint)
    if type(value) is tuple or type(value) is list:
        return type(value)([exchanged(x, change) for x in value])
    if type(value) is slice:
        return slice(*[exchanged(x, change) for x in (value.start, value.stop, value.step)])
    return value


def hint_of(value: Any) -> Any:
    """A value with hints in place of sizes."""
    return evaluate(value, lambda size: size.hint)


def sizes_in(value: Any) -> list[Size]:
    """The sizes that a value is made of, down to the leaves."""
    if type(value) is Size:
        return [value] if value.is_leaf else [s for x in value.source[1:] for s in sizes_in(x)]
    if type(value) is tuple or type(value) is list:
        return [s for x in value for s in sizes_in(x)]
    if type(value) is slice:
        return sizes_in((value.start, value.stop, value.step))
    return []


def may_equal(a: Sequence[Any], b: Sequence[Any]) -> bool:
    """Whether two shapes are equal, as far as their sizes are known; where they are not, the op will see."""
    return a == b or (
        len(a) == len(b) and all(x == y or type(x) is Size or type(y) is Size for x, y in zip(a, b, strict=True))
    )


class Spec(NamedTuple):
    """What is known of a result: a shape of ints, sizes, and None for a new unknown size, which `hints` has a value for; or
    None as the shape, if even the number of axes is unknown.
    """

    dtype: np.dtype
    shape: Any
    hints: tuple[int, ...] = ()

    @classmethod
    def of(cls, dtype: np.dtype, shape: Sequence[Any] | None) -> Spec:
        """The spec of a value of another graph, whose unknown sizes are unknown ones of its own."""
        if shape is None:
            return cls(dtype, None)
        known = tuple([None if type(size) is Size else size for size in shape])
        return cls(dtype, known, tuple([hint_of(size) for size in shape if type(size) is Size]))

    @classmethod
    def rows(cls, dtype: np.dtype, shape: Sequence[Any] = ()) -> Spec:
        """The spec of rows of a shape, whose number depends on values."""
        return cls(dtype, (None, *shape), (STAND_IN,))

    @classmethod
    def stack(cls, dtype: np.dtype, shape: Sequence[Any] = ()) -> Spec:
        """The spec of what a loop keeps of each turn, rows of a shape."""
        return cls(dtype, (None, *shape), (Turns(STAND_IN),))

    @classmethod
    def given(cls, array: np.ndarray, symbol: Symbol) -> Spec:
        """The spec of an argument for arrays of this one's shape, where a graph has the symbol; how often loops run stays unknown."""
        if not is_stack(symbol):
            return cls.of(array.dtype, array.shape)
        return cls.of(array.dtype, (symbol.shape[0], *array.shape[1:]))

    def widened(self, shape: Sequence[int | None] | None) -> Spec:
        """With sizes unknown where `shape` has None."""
        if shape is None or self.shape is None:
            return Spec(
                self.dtype, None if shape is None else tuple(shape), tuple([3 for size in shape or () if size is None])
            )
        hints = iter(self.hints)
        before = [next(hints) if size is None else size for size in self.shape]
        return Spec(self.dtype, tuple(shape), tuple([b for s, b in zip(shape, before, strict=True) if s is None]))


class Symbol:
    """A value of a graph.

    Attributes:
      graph: the graph that it is a value of.
      dtype: NumPy dtype.
      shape: tuple of ints and sizes; None if even the number of axes is unknown.
      value: for small vectors and scalars of integers that are known in part, their elements as an object array of
        ints and sizes; else None.
      name: what the user calls it, if that is known.
    """

    __slots__ = ("graph", "dtype", "shape", "value", "name")

    def __init__(
        self, graph: Any, dtype: np.dtype, shape: Any, value: np.ndarray | None = None, name: str = ""
    ) -> None:
        self.graph, self.dtype, self.shape, self.value, self.name = graph, dtype, shape, value, name

    @property
    def ndim(self) -> int:
        if self.shape is None:
            self._refuse("the number of its axes is needed", "Tell it with set_shape.")
        return len(self.shape)

    @property
    def size(self) -> Any:
        return prod(self.shape)

    @property
    def static_shape(self) -> tuple[int | None, ...] | None:
        """The shape with None for sizes that are not known; None if even the number of axes is not."""
        if self.shape is None:
            return None
        return tuple([None if type(size) is Size else size for size in self.shape])

    def narrow(self, shape: Sequence[int | None]) -> None:
        """Takes over what the user knows of the shape."""
        before = self.shape or [Size((self, axis), STAND_IN) for axis in range(len(shape))]
        self.shape = tuple([b if known is None else known for b, known in zip(before, shape, strict=True)])

    def elements(self, what: str) -> list:
        """The integers of a scalar or vector: known ones, and sizes for those that are not.

        Raises:
          SymbolError: the number of elements is not known either.
        """
        if self.value is not None:
            return self.value.reshape(-1).tolist()
        if self.dtype.kind not in "iu" or type(self.size) is Size:
            self._refuse(f"{what} needs its elements")
        return [Size((self, index), STAND_IN) for index in np.ndindex(self.shape)]

    @property
    def described(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"the tensor{name} of shape {self.static_shape} and dtype {self.dtype}"

    def _refuse(self, what: str, instead: str = "") -> NoReturn:
        raise SymbolError(
            f"{what}, but {self.described} is being traced by tf.function and has no value yet. {instead}".rstrip()
        )

    # Ufuncs end here, too. With an `__array_ufunc__` that refuses, NumPy 2.4 never gives back its reference to the symbol.
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        self._refuse("NumPy needs its elements", "Use tf's function of that name, or tf.numpy_function.")

    def view(self, *args: Any) -> NoReturn:
        self._refuse("NumPy needs its elements", "Use tf's function of that name, or tf.numpy_function.")

    copy = astype = item = tolist = view

    def __getitem__(self, key: Any) -> NoReturn:
        self._refuse("indexing needs its elements")

    def __len__(self) -> NoReturn:
        self._refuse("len() needs its elements")

    def __iter__(self) -> NoReturn:
        self._refuse(
            "iterating over it needs its number of elements",
            "Loop over tf.range(tf.shape(x)[0]), or let AutoGraph convert the loop.",
        )

    def __bool__(self) -> NoReturn:
        self._refuse(
            "Python's if, while, and, or, not need its value",
            "Use tf.cond or tf.where, or let AutoGraph convert the function.",
        )

    def __int__(self) -> NoReturn:
        self._refuse("int() needs its value", "Use tf.cast.")

    def __index__(self) -> NoReturn:
        self._refuse("a Python index needs its value", "Use tf.gather, or tf.range in place of range.")

    def __float__(self) -> NoReturn:
        self._refuse("float() needs its value", "Use tf.cast.")

    def __complex__(self) -> NoReturn:
        self._refuse("complex() needs its value", "Use tf.cast.")

    def __format__(self, format_spec: str) -> NoReturn:
        self._refuse(f"the format {format_spec!r} needs its value", "Use tf.print.")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def is_stack(x: Any) -> bool:
    """Whether the first size of a symbol is how often a loop runs, and all others are known."""
    return bool(x.shape) and counts_turns(x.shape[0]) and not sizes_in(x.shape[1:])


def counts_turns(size: Any) -> bool:
    """Whether a size is how often a loop runs."""
    return type(size) is Size and type(size.hint) is Turns
