"""The arguments of a traced function: which of them are tensors, and the structure that holds them."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tenfold.core import nest
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.symbol import STAND_IN
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.tracing.signature import static_shape


class Placeholder:
    """Stands in a structure of arguments for a tensor with an index, or for what a type spec makes of several."""

    __slots__ = ("indices", "type_spec")

    def __init__(self, indices: Sequence[int], type_spec: TypeSpec | None = None) -> None:
        self.indices, self.type_spec = indices, type_spec

    def fill(self, values: Sequence[Any]) -> Any:
        given = [values[i] for i in self.indices]
        if self.type_spec is None:
            return given[0]
        return self.type_spec._from_components(nest.pack_sequence_as(self.type_spec._component_specs, given))


class Arguments(NamedTuple):
    """Arguments with placeholders for tensors.

    Attributes:
      structure: pair of the positional and the keyword arguments.
      leaves: the tensors, or specs of tensors, that the placeholders stand for.
      shapes: theirs; of parts of a composite tensor those that its type spec says.
      names: of the arguments that they are, or stand in.
      paths: what they are called: the names with the keys that lead to them.
    """

    structure: tuple[tuple, dict[str, Any]]
    leaves: list[Any]
    shapes: list[TensorShape]
    names: list[str]
    paths: list[str]

    @property
    def tensors(self) -> list[Tensor]:
        return [leaf for leaf in self.leaves if not isinstance(leaf, TensorSpec)]

    @property
    def specs(self) -> list[TensorSpec]:
        found = []
        for leaf, shape, path in zip(self.leaves, self.shapes, self.paths, strict=True):
            is_named = isinstance(leaf, TensorSpec) and leaf.name
            found.append(leaf if is_named else TensorSpec(shape, leaf.dtype, path))
        return found

    @property
    def hints(self) -> list[list[int]]:
        """Sizes that the tensors may have."""
        return [
            [STAND_IN if size is None else size for size in _sizes(leaf.shape)]
            if isinstance(leaf, TensorSpec)
            else [STAND_IN if size is None else size for size in static_shape(leaf) or ()]
            for leaf in self.leaves
        ]

    @property
    def key(self) -> Any:
        """The structure with something equal for all placeholders of a kind."""
        return nest.map_structure(lambda x: (x.type_spec or Ellipsis) if type(x) is Placeholder else x, self.structure)


def _sizes(shape: TensorShape) -> Sequence[int | None]:
    return () if shape.rank is None else shape.as_list()


def opened(positional: tuple, keywords: dict[str, Any], names: Sequence[str]) -> Arguments:
    """Takes the tensors out of bound arguments; `names` are those of the positional ones."""
    leaves: list[Any] = []
    shapes: list[TensorShape] = []

    def placed(value: Any) -> Any:
        first = len(leaves)
        if isinstance(value, TensorSpec):
            leaves.append(value)
            shapes.append(value.shape)
        elif isinstance(value, Variable):
            return value
        elif isinstance(value, (Tensor, np.ndarray, np.generic)):
            leaves.append(convert(value))
            shapes.append(TensorShape(static_shape(leaves[-1])))
        elif isinstance(value, TypeSpec) and value._component_specs is not None:
            leaves.extend(nest.flatten(value._component_specs))
            shapes.extend([spec.shape for spec in leaves[first:]])
            return Placeholder(range(first, len(leaves)), value)
        elif getattr(value, "_type_spec", None) is not None:
            type_spec = value._type_spec
            leaves.extend(map(convert, nest.flatten(type_spec._to_components(value))))
            shapes.extend([spec.shape for spec in nest.flatten(type_spec._component_specs)])
            return Placeholder(range(first, len(leaves)), type_spec)
        elif hasattr(type(value), "__array__"):
            leaves.append(convert(value))
            shapes.append(TensorShape(static_shape(leaves[-1])))
        else:
            return value
        return Placeholder((first,))

    roots: list[str] = []
    paths: list[str] = []
    filled: list[Any] = []
    for name, value in [*zip(names, positional, strict=False), *keywords.items()]:
        filled.append(nest.map_structure(placed, value))
        for path, leaf in nest.flatten_with_path_as(nest.PLAIN, filled[-1]):
            if type(leaf) is Placeholder:
                roots += [name] * len(leaf.indices)
                paths += ["_".join([name, *map(str, path)])] * len(leaf.indices)
    count = len(positional)
    return Arguments(
        (tuple(filled[:count]), dict(zip(keywords, filled[count:], strict=True))), leaves, shapes, roots, paths
    )


def bound(signature: inspect.Signature, args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, dict[str, Any], list[str]]:
    """Positional and keyword-only arguments with the defaults, and the names of the positional ones.

    Raises:
      TypeError: they do not fit.
    """
    found = signature.bind(*args, **kwargs)
    found.apply_defaults()
    names: list[str] = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{name}_{i}" for i in range(len(found.arguments[name]))]
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(name)
    return found.args, found.kwargs, names


def fitted(specs: Sequence[Any], positional: tuple) -> tuple:
    """Arguments as an input signature wants them: what is no tensor becomes one.

    Raises:
      TypeError, ValueError: one does not fit.
    """

    given = [_fitted(spec, value) for spec, value in zip(specs, positional, strict=False)]
    return (*given, *positional[len(specs) :])


def _fitted(spec: Any, value: Any) -> Any:
    if isinstance(spec, TensorSpec):
        if not isinstance(value, TensorSpec):
            value = convert(value, None if is_tensor_like(type(value)) else spec.dtype)
        if value.dtype != spec.dtype or not spec.shape.is_compatible_with(value.shape):
            raise TypeError(f"{value.dtype.name} of shape {value.shape} is no {spec}")
        return value
    kind, own = nest.PLAIN[type(spec)], nest.PLAIN[type(value)]
    if kind is None:
        return value
    (names, specs), (keys, values) = kind.open(spec), own.open(value) if own else (None, ())
    if own is None or len(specs) != len(values) or list(names or ()) != list(keys or ()):
        raise TypeError(f"{value!r} has another structure than {spec!r}")
    return own.rebuild(value, keys, [_fitted(s, v) for s, v in zip(specs, values, strict=True)])


def of_this_rank(wanted: TensorSpec, given: TensorSpec) -> TensorSpec:
    """A spec of an input signature; one of any rank with that of an argument."""
    shape = wanted.shape
    if shape.rank is None and given.shape.rank is not None:
        shape = TensorShape([None] * given.shape.rank)
    return TensorSpec(shape, wanted.dtype, wanted.name or given.name)
