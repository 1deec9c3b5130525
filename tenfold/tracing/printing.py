"""The signature of a trace in print, in the forms of TensorFlow."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tenfold.core import nest
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.tracing.signature import Same

if TYPE_CHECKING:
    from tenfold.tracing.concrete import ConcreteFunction


class _Text(str):
    """Prints as it is in signatures, which show the `repr` of annotations."""

    __repr__ = str.__str__


def signature_of(concrete: ConcreteFunction) -> inspect.Signature:
    """The arguments and results of a trace, with their types as annotations."""
    positional, keywords = concrete.structured_input_signature
    kind = inspect.Parameter.POSITIONAL_ONLY if concrete.is_variadic else inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        inspect.Parameter(name, kind, annotation=_Text(_type_of(value, name)))
        for name, value in zip(concrete.argument_names, positional, strict=False)
    ]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=_Text(_type_of(value, name)))
        for name, value in keywords.items()
    ]
    return inspect.Signature(parameters, return_annotation=_Text(_type_of(concrete.structured_outputs)))


def in_lines(concrete: ConcreteFunction) -> str:
    """The signature with a line for each argument, the results, and what the trace takes from outside."""
    signature = signature_of(concrete)
    arguments = [f"{p.name} ({p.kind.name}): {p.annotation}" for p in signature.parameters.values()]
    captures = [
        f"{id(x)}: {_type_of(TensorSpec(getattr(x, 'shape', None), x.dtype))}" for x in concrete.captured_inputs
    ]
    return "\n".join(
        [
            "Input Parameters:", *_indented(arguments),
            "Output Type:", *_indented([str(signature.return_annotation)]),
            "Captures:", *_indented(captures),
        ]
    )  # fmt: skip


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines or ["None"]]


def _type_of(value: Any, argument: str = "") -> str:
    """The type of an argument or a result; of tensors, only names that users gave them are shown."""
    if isinstance(value, TensorSpec):
        is_given = value.name and value.name != argument and not value.name.startswith(f"{argument}_")
        return f"TensorSpec(shape={value.shape}, dtype={value.dtype!r}, name={value.name if is_given else None!r})"
    if isinstance(value, Mapping):
        return f"Dict[{_fields(value.items(), argument)}]"
    if nest.is_namedtuple_type(type(value)):
        return f"{type(value).__name__}[{_fields(zip(value._fields, value, strict=True), argument)}]"
    if isinstance(value, (list, tuple)):
        types = ", ".join([_type_of(x, argument) for x in value])
        return f"{'List' if isinstance(value, list) else 'Tuple'}[{types}]"
    return repr(value) if isinstance(value, (TypeSpec, Same)) else f"Literal[{value!r}]"


def _fields(pairs: Iterable[tuple[Any, Any]], argument: str) -> str:
    return ", ".join([f"[{key!r}, {_type_of(value, argument)}]" for key, value in pairs])
