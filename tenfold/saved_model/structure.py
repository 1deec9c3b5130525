"""Structures of arguments and results in SavedModels: Python's containers, plain values and specs, to and from messages."""

from __future__ import annotations

import inspect
from collections import namedtuple
from collections.abc import Mapping
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.dtypes import DType
from tenfold.core.indexed_slices import IndexedSlicesSpec
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.tensor import Tensor
from tenfold.ops.ragged.tensor import RaggedTensorSpec
from tenfold.ops.sparse.tensor import SparseTensorSpec
from tenfold.protos import saved_model as messages
from tenfold.saved_model.values import array_of, dtype_numbered, shape_message, shape_of, tensor_message


class NotEncodable(TypeError):
    """A value that TensorFlow's files have no form for."""


def encoded(value: Any) -> Any:
    """The StructuredValue of a value.

    Raises:
      NotEncodable: it holds an object that files have no form for.
    """
    message = messages.StructuredValue()
    if value is None:
        message.none_value.SetInParent()
    elif isinstance(value, (bool, np.bool_)):
        message.bool_value = bool(value)
    elif isinstance(value, (int, np.integer)):
        message.int64_value = int(value)
    elif isinstance(value, (float, np.floating)):
        message.float64_value = float(value)
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, TensorShape):
        message.tensor_shape_value.CopyFrom(shape_message(_sizes(value)))
    elif isinstance(value, DType):
        message.tensor_dtype_value = value.as_datatype_enum
    elif isinstance(value, TensorSpec):
        message.tensor_spec_value.name = value.name or ""
        message.tensor_spec_value.shape.CopyFrom(shape_message(_sizes(value.shape)))
        message.tensor_spec_value.dtype = value.dtype.as_datatype_enum
    elif isinstance(value, TypeSpec):
        _describe(message.type_spec_value, value)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        message.named_tuple_value.name = type(value).__name__.lstrip("_")
        for key in value._fields:
            message.named_tuple_value.values.add(key=key, value=encoded(getattr(value, key)))
    elif isinstance(value, (list, tuple)):
        field = message.list_value if isinstance(value, list) else message.tuple_value
        field.SetInParent()
        field.values.extend(map(encoded, value))
    elif isinstance(value, Mapping):
        message.dict_value.SetInParent()
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotEncodable(f"a dict has the key {key!r}; TensorFlow's files take text only.")
            message.dict_value.fields[key].CopyFrom(encoded(item))
    elif isinstance(value, (np.ndarray, Tensor)):
        message.tensor_value.CopyFrom(tensor_message(np.asarray(value)))
    else:
        raise NotEncodable(f"{value!r} has no form in TensorFlow's files.")
    return message


def decoded(message: Any) -> Any:
    """The value in a StructuredValue.

    Raises:
      ValueError: it holds a kind that Tenfold does not know.
    """
    kind = message.WhichOneof("kind")
    if kind is None or kind == "none_value":
        return None
    value = getattr(message, kind)
    if kind in ("bool_value", "int64_value", "float64_value", "string_value"):
        return value
    if kind == "tensor_shape_value":
        return TensorShape(shape_of(value))
    if kind == "tensor_dtype_value":
        return dtype_numbered(value)
    if kind in ("tensor_spec_value", "bounded_tensor_spec_value"):
        return TensorSpec(shape_of(value.shape), dtype_numbered(value.dtype), value.name or None)
    if kind == "list_value":
        return [decoded(x) for x in value.values]
    if kind == "tuple_value":
        return tuple([decoded(x) for x in value.values])
    if kind == "dict_value":
        return {key: decoded(value.fields[key]) for key in sorted(value.fields)}
    if kind == "named_tuple_value":
        made = namedtuple(value.name, [pair.key for pair in value.values], rename=True)  # type: ignore[misc]
        return made(*[decoded(pair.value) for pair in value.values])
    if kind in ("tensor_value", "numpy_value"):
        return array_of(value)
    if kind == "type_spec_value":
        return _spec_in(value)
    raise ValueError(f"a structure in the file has a {kind}, which Tenfold does not read.")


# Specs of values of several tensors.

_CLASSES: dict[str, type[TypeSpec]] = {
    "SPARSE_TENSOR_SPEC": SparseTensorSpec,
    "INDEXED_SLICES_SPEC": IndexedSlicesSpec,
    "RAGGED_TENSOR_SPEC": RaggedTensorSpec,
}


def _describe(message: Any, spec: TypeSpec) -> None:
    """Writes the TypeSpecProto of a spec."""
    number = messages.TypeSpecProto.TypeSpecClass.Value
    kinds = [kind for kind, cls in _CLASSES.items() if type(spec) is cls]
    if not kinds:
        raise NotEncodable(f"{spec!r} has no form in TensorFlow's files.")
    message.type_spec_class = number(kinds[0])
    message.type_spec_class_name = type(spec).__name__
    message.type_state.CopyFrom(encoded(spec._serialize()))
    message.num_flat_components = len(nest.flatten(spec, expand_composites=True))


def _spec_in(message: Any) -> TypeSpec:
    """The spec in a TypeSpecProto."""
    cls = _CLASSES.get(messages.TypeSpecProto.TypeSpecClass.Name(message.type_spec_class))
    return UnknownSpec(message.type_spec_class_name) if cls is None else cls(*decoded(message.type_state))


class UnknownSpec(TensorSpec):
    """Stands in a signature for a type that Tenfold does not have, such as an iterator: no tensor is what it describes."""

    def __init__(self, name: str) -> None:
        super().__init__(None, "variant", name)

    def __repr__(self) -> str:
        return f"<{self.name}>"


def _sizes(shape: TensorShape) -> list[int | None] | None:
    return None if shape.rank is None else shape.as_list()


# Signatures of Python functions.

_FullArgSpec = namedtuple("_FullArgSpec", "args varargs varkw defaults kwonlyargs kwonlydefaults annotations")


def describe_parameters(message: Any, signature: inspect.Signature, input_signature: Any = None) -> None:
    """Writes the FunctionSpec of a function."""
    message.fullargspec.CopyFrom(_encoded_signature(signature))
    message.input_signature.CopyFrom(encoded(input_signature))


def _encoded_signature(signature: inspect.Signature) -> Any:
    """The StructuredValue of the parameters of a function. Defaults that have no form in files are left out, with those before."""
    kinds = inspect.Parameter
    by_kind: dict[Any, list[inspect.Parameter]] = {}
    for parameter in signature.parameters.values():
        by_kind.setdefault(parameter.kind, []).append(parameter)
    positional = by_kind.get(kinds.POSITIONAL_ONLY, []) + by_kind.get(kinds.POSITIONAL_OR_KEYWORD, [])
    keywords = by_kind.get(kinds.KEYWORD_ONLY, [])
    defaults = [p.default for p in positional if p.default is not kinds.empty]
    named = {p.name: p.default for p in keywords if p.default is not kinds.empty}
    rest = {
        kind: by_kind[kind][0].name if kind in by_kind else None for kind in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)
    }
    return encoded(
        _FullArgSpec(
            [p.name for p in positional],
            rest[kinds.VAR_POSITIONAL],
            rest[kinds.VAR_KEYWORD],
            tuple(defaults) or None,
            [p.name for p in keywords],
            named or None,
            {},
        )
    )


def decoded_signature(message: Any) -> inspect.Signature:
    """The parameters of a function, from its FunctionSpec."""
    found = decoded(message.fullargspec)
    if found is None:
        return inspect.Signature([_parameter("args", "VAR_POSITIONAL"), _parameter("kwargs", "VAR_KEYWORD")])
    args, defaults = list(found.args or ()), list(found.defaults or ())
    if message.is_method and args:
        del args[0]
    first = len(args) - len(defaults)
    parameters = [
        _parameter(name, "POSITIONAL_OR_KEYWORD", defaults[i - first] if i >= first else inspect.Parameter.empty)
        for i, name in enumerate(args)
    ]
    if found.varargs:
        parameters.append(_parameter(found.varargs, "VAR_POSITIONAL"))
    named = found.kwonlydefaults or {}
    parameters += [
        _parameter(name, "KEYWORD_ONLY", named.get(name, inspect.Parameter.empty)) for name in found.kwonlyargs or ()
    ]
    if found.varkw:
        parameters.append(_parameter(found.varkw, "VAR_KEYWORD"))
    return inspect.Signature(parameters)


def _parameter(name: str, kind: str, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, getattr(inspect.Parameter, kind), default=default)
