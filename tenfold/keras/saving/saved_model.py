"""Keras models as SavedModels: the functions that such a file has, and `Model.export`."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from tenfold.core import nest
from tenfold.core.config import get_logger
from tenfold.core.spec import TensorSpec
from tenfold.core.variable import Variable
from tenfold.keras import config
from tenfold.keras.saving.former_folder import ALL_VARIABLES, CALL_AND_LOSSES, KERAS_API
from tenfold.saved_model.export import graph_def
from tenfold.saved_model.held import held_by, key_of
from tenfold.saved_model.saved_objects import children
from tenfold.saved_model.saving import save
from tenfold.tracing.function import Function

_SERVE = "serve"
_PLAIN = bool, int, float, str, bytes, type(None)


def export(model: Any, filepath: Any, format: str, verbose: bool | None, input_signature: Any) -> None:
    """Writes a SavedModel that has the model's variables, and its call without training as `serve`; see `Model.export`."""
    if format != "tf_saved_model":
        raise NotImplementedError(f"Model.export: format={format!r} is not supported; it must be 'tf_saved_model'.")
    serve = serving_function(model, input_signature)
    save(_Exported(model, serve), filepath, {_SERVE: serve, "serving_default": serve})
    if verbose is None or verbose:
        signature = serve.get_concrete_function().pretty_printed_signature(verbose=False)
        print(f"Saved artifact at '{os.fspath(filepath)}'. Its endpoint is '{_SERVE}': {signature}")


class _Exported:
    """What an exported model is: a function, lists of variables, and the tables that the function looks up."""

    def __init__(self, model: Any, serve: Function) -> None:
        self._model, self.serve = model, serve

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        lists = _lists_of_variables(self._model)
        yield from lists.items()
        known, held = {key_of(v) for v in lists["variables"]}, held_by([self.serve.get_concrete_function().graph])
        # Those of recurrent layers are no variables of the model.
        yield "states", [x for x in held if isinstance(x, Variable) and key_of(x) not in known]
        yield "_misc_assets", [x for x in held if not isinstance(x, Variable)]


def serving_function(model: Any, input_signature: Any = None) -> Function:
    """The model's call without training, as a function of specs."""
    if input_signature is None:
        args, keywords = input_specs(model)
    else:
        args, keywords = list(nest.map_structure(_as_spec, input_signature)), {}
    names = list(keywords)

    def serve(*inputs: Any) -> Any:
        given = dict(zip(names, inputs[len(args) :], strict=True))
        return model(*inputs[: len(args)], **given, training=False)

    return Function(serve, (*args, *keywords.values()), autograph=False)


def _lists_of_variables(model: Any) -> dict[str, list]:
    names = "variables", "trainable_variables", "non_trainable_variables"
    return {name: list(getattr(model, name)) for name in names}


def saved_parts(model: Any) -> dict[str, Any]:
    """What a model that is saved as it is has beside its own: its call, without training and with, what is served, its variables.

    The call with its losses, and the variables by number, are for Keras 2. A model of unknown inputs that has functions of its own
    is saved with these alone, as in TensorFlow.
    """
    try:
        (inputs,), others = input_specs(model)
    except ValueError:
        if any(isinstance(child, Function) for _, child in children(model)):
            return {}
        raise
    call = _call_of(model, others)

    @functools.wraps(call)
    def call_and_losses(*args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs), model.losses

    modes = [False, True]
    function = _traced(call, inputs, others, modes)
    try:
        graph_def(function.concrete_functions[1].graph)
    except NotImplementedError as error:
        get_logger().warning("The file will have no call of %r with training=True: %s", model.name, error)
        modes = [False]
        function = _traced(call, inputs, others, modes)
    return {
        "__call__": function,
        "call": function,
        "_default_save_signature": serving_function(model),
        **_lists_of_variables(model),
        KERAS_API: SimpleNamespace(**{CALL_AND_LOSSES: _traced(call_and_losses, inputs, others, modes)}),
        ALL_VARIABLES: {str(i): variable for i, variable in enumerate(model.variables)},
    }


def _traced(call: Callable[..., Any], inputs: Any, others: dict[str, TensorSpec], modes: list[bool]) -> Function:
    function = Function(call, autograph=False)
    for training in modes:
        function.get_concrete_function(inputs, training=training, **others)
    return function


def _call_of(model: Any, others: Iterable[str]) -> Callable[..., Any]:
    """The model's call as a function of its arguments, of which `training` is False unless it is given."""
    signature = _call_signature(model, others)
    defaults = {p.name: p.default for p in signature.parameters.values() if p.name != "training"}

    def call(*args: Any, **kwargs: Any) -> Any:
        (_, inputs), *given = signature.bind(*args, **kwargs).arguments.items()
        return model(inputs, **{name: x for name, x in given if name not in defaults or x is not defaults[name]})

    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def _call_signature(model: Any, others: Iterable[str]) -> inspect.Signature:
    """The parameters of a model's call whose defaults can be written; if it takes any, those that are known."""
    kinds = inspect.Parameter
    training = kinds("training", kinds.KEYWORD_ONLY, default=False)
    own = list(inspect.signature(model.call).parameters.values())
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in own):
        own = [kinds("inputs", kinds.POSITIONAL_OR_KEYWORD), *[kinds(name, kinds.KEYWORD_ONLY) for name in others]]
    found = {p.name: p for p in own if p.default is p.empty or isinstance(p.default, _PLAIN)}
    found["training"] = found.get("training", training).replace(default=False)
    return inspect.Signature(list(found.values()))


def input_specs(model: Any) -> tuple[list[Any], dict[str, TensorSpec]]:
    """Specs of what the model is called with, for any number of rows: positional arguments, and others by name.

    Raises:
      ValueError: nothing is known of them.
    """
    is_open = not any(
        getattr(layer, "stateful", False) for layer in model._flatten_layers()
    )  # states are of one batch size
    if model._graph is not None:
        return [nest.map_structure(lambda x: _spec(x.shape, x.name, x.dtype, is_open), model._graph.inputs_struct)], {}
    shapes = model._build_shapes
    if not shapes:
        raise ValueError(
            f"Model '{model.name}' cannot be saved as a SavedModel: the shapes of its inputs are not known. Call it on a batch, "
            "or model.build((None, ...)), or pass input_signature to export."
        )
    types = model._call_types or {}
    specs = {}
    for key, shape in shapes.items():
        name = key.removesuffix("_shape")
        specs[name] = _specs_of(shape, name, types.get(key, config.floatx()), is_open)
    first, *others = specs
    return [specs[first]], {name: specs[name] for name in others}


def _specs_of(shape: Any, name: str, dtype: Any, is_open: bool) -> Any:
    """Specs of a shape and a dtype, or of structures of them."""
    if isinstance(shape, dict):
        types = dtype if isinstance(dtype, dict) else dict.fromkeys(shape, dtype)
        return {key: _specs_of(item, key, types[key], is_open) for key, item in shape.items()}
    if isinstance(shape, (list, tuple)) and any(isinstance(item, (list, tuple, dict)) for item in shape):
        each = [dtype] * len(shape) if isinstance(dtype, str) else dtype
        return [_specs_of(x, f"{name}_{i}", t, is_open) for i, (x, t) in enumerate(zip(shape, each, strict=True))]
    return _spec(shape, name, dtype, is_open)


def _spec(shape: Sequence[int | None], name: str, dtype: Any, is_open: bool) -> TensorSpec:
    return TensorSpec((None, *shape[1:]) if len(shape) and is_open else shape, dtype, name)


def _as_spec(given: Any) -> TensorSpec:
    return (
        given if isinstance(given, TensorSpec) else TensorSpec(given.shape, given.dtype, getattr(given, "name", None))
    )
