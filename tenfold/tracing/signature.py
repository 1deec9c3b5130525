"""What calls of a traced function have in common: a key for their arguments, and the tensors among them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable

_LITERALS = frozenset((int, float, bool, str, bytes, complex, type(None), type(Ellipsis), type))
_SETS = frozenset((set, frozenset))


class Same:
    """Stands for an object in a key without keeping it alive: equal to what the object equals, and to nothing once it is gone.

    Raises:
      TypeError: the object cannot be hashed. Its attributes are constants of a trace, and a change of these would go unseen.
    """

    __slots__ = ("_hash", "_get")

    def __init__(self, value: Any) -> None:
        try:
            self._hash = hash(value)
        except TypeError:
            raise TypeError(
                f"tf.function: an argument of type {type(value).__name__} cannot be hashed, so no call can be told to be like an "
                "earlier one. Pass its tensors, freeze it (@dataclass(frozen=True)), or give the class __tf_flatten__ and "
                "__tf_unflatten__."
            ) from None
        try:
            self._get: Callable[[], Any] = weakref.ref(value)
        except TypeError:
            self._get = lambda: value

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        value = self._get()
        if isinstance(value, Variable):
            return f"VariableSpec(shape={value.shape}, dtype={value.dtype!r}, trainable={value.trainable})"
        return repr(value)

    def __eq__(self, other: object) -> bool:
        if type(other) is not Same or self._hash != other._hash:
            return False
        mine, theirs = self._get(), other._get()
        if mine is None or theirs is None or type(mine) is not type(theirs):
            return False
        return mine is theirs or bool(mine == theirs)


def described(value: Any) -> Any:
    """An argument that is no tensor, for a signature: numbers, texts and dtypes as they are, variables by which they are, other
    objects without keeping them.
    """
    if type(value) in _SETS:
        return frozenset(value)
    if isinstance(value, Variable):
        return "variable", value._node
    return value if type(value) in _LITERALS or isinstance(value, (TypeSpec, DType)) else Same(value)


def key_of(value: Any, tensors: list[Tensor]) -> Any:
    """A hashable description of an argument; its tensors, and arrays as tensors, are appended to `tensors`.

    Tensors are described by dtype and shape, Python's numbers and texts by their values, variables by which they are, and other
    objects by what they equal.
    """
    cls = type(value)
    if cls is Tensor:
        tensors.append(value)
        array = value._array
        return array.dtype, array.shape if type(array) is np.ndarray else array.static_shape
    if cls in _LITERALS:
        if value == 0 or value != value:  # 0.0 and -0.0 are equal, NaNs are not
            return cls, repr(value)
        return cls, value
    if cls in _SETS:
        return cls, frozenset([key_of(x, tensors) for x in value])
    if isinstance(value, (np.ndarray, np.generic)):
        return key_of(convert(value), tensors)
    if isinstance(value, Variable):
        return "variable", value._node
    if isinstance(value, Tensor):
        return cls, key_of(convert(value), tensors)
    if isinstance(value, TypeSpec):
        return value
    if hasattr(value, "_type_spec"):
        return value._type_spec, tuple([key_of(x, tensors) for x in nest.flatten(value, expand_composites=True)])
    kind = nest.PLAIN[cls]
    if kind is not None:
        keys, children = kind.open(value)
        if kind is nest.PROTOCOL:
            keys = [key_of(nest.metadata(value), tensors)]
        return cls, None if keys is None else tuple(keys), tuple([key_of(x, tensors) for x in children])
    if callable(getattr(value, "__func__", None)):  # each access of a bound method makes another, equal object
        return Same(value.__func__), Same(value.__self__)
    return key_of(convert(value), tensors) if hasattr(cls, "__array__") else Same(value)


def static_shape(tensor: Tensor) -> tuple[int | None, ...]:
    array = tensor._array
    return array.static_shape if type(array) is Symbol else array.shape


def describe(wide: Sequence[TensorSpec], specs: Sequence[TensorSpec], arguments: Sequence[Any]) -> bool:
    """Whether specs describe arguments whose own specs are given; names that those of arguments bring along are told apart."""
    return len(wide) == len(specs) and all(
        w.dtype == s.dtype
        and s.shape.rank == w.shape.rank
        and s.shape.is_subtype_of(w.shape)
        and (not isinstance(x, TensorSpec) or x.name in (None, w.name))
        for w, s, x in zip(wide, specs, arguments, strict=True)
    )


def relaxed(specs: Sequence[TensorSpec], tensors: Sequence[Tensor]) -> list[TensorSpec] | None:
    """Specs that describe the tensors too, with unknown sizes where shapes differ; None if dtypes or ranks differ."""
    found = []
    for s, t in zip(specs, tensors, strict=True):
        shape = static_shape(t)
        if s.dtype != t.dtype or s.shape.rank != len(shape):
            return None
        found.append(TensorSpec([a if a == b else None for a, b in zip(s.shape, shape, strict=True)], s.dtype, s.name))
    return found
