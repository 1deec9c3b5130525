"""Signatures of a SavedModel: functions of named tensors that return named tensors, which servers call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold.core.spec import TensorSpec
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.tracing.function import Function

DEFAULT = "serving_default"
SIGNATURE_FUNCTION = "_default_save_signature"  # the name of a function that is the signature, if an object has one


class Signature:
    """A function that is offered under a name.

    Attributes:
      function: what runs.
      names: of its arguments, in its order.
      outputs: names of its results, in its order.
    """

    def __init__(self, key: str, function: ConcreteFunction) -> None:
        self.key, self.function = key, function
        self.names = function.tensor_names
        self.outputs = _output_names(key, function)


def _output_names(key: str, function: ConcreteFunction) -> list[str]:
    result = function.structured_outputs
    if isinstance(result, TensorSpec):
        return ["output_0"]
    if isinstance(result, Mapping):
        if all(isinstance(name, str) and isinstance(x, TensorSpec) for name, x in result.items()):
            return sorted(result)
    elif isinstance(result, (list, tuple)) and all(isinstance(x, TensorSpec) for x in result):
        return list(getattr(result, "_fields", [f"output_{i}" for i in range(len(result))]))
    elif result is None:
        return []
    raise ValueError(
        f"tf.saved_model.save: the function of signature {key!r} returns {result!r}; a signature returns a tensor, a list of "
        "tensors, or a dict from names to tensors."
    )


def chosen(parts: Mapping[str, Any], given: Any) -> list[Signature]:
    """The signatures of an object of these parts: those that were given, or that of the only function that has one.

    Raises:
      ValueError: a function has no input signature, or a key is no text.
    """
    if given is None:
        found = _only_one(parts)
        return [] if found is None else [Signature(DEFAULT, found)]
    by_name = given if isinstance(given, Mapping) else {DEFAULT: given}
    signatures = []
    for key, function in by_name.items():
        if not isinstance(key, str):
            raise ValueError(f"tf.saved_model.save: signatures has the key {key!r}; keys are text.")
        concrete = _concrete(function)
        if concrete is None:
            raise ValueError(
                f"Expected a TensorFlow function for which to generate a signature, but got {function!r}. Only `tf.functions` "
                "with an input signature or concrete functions can be used as a signature."
            )
        signatures.append(Signature(key, concrete))
    return signatures


def _concrete(function: Any) -> ConcreteFunction | None:
    if isinstance(function, Function) and function.input_signature is not None:
        return function.get_concrete_function()
    return function if isinstance(function, ConcreteFunction) else None


def _only_one(parts: Mapping[str, Any]) -> ConcreteFunction | None:
    found = []
    if SIGNATURE_FUNCTION in parts:
        return _concrete(parts[SIGNATURE_FUNCTION])
    for child in parts.values():
        concrete = _concrete(child)
        if concrete is not None:
            try:
                if Signature(DEFAULT, concrete).outputs:
                    found.append(concrete)
            except ValueError:
                continue
    return found[0] if len(found) == 1 else None
