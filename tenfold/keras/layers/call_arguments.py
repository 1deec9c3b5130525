"""The arguments of a layer's call: what `call` takes, and what the arguments are made into before it gets them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.masks import has_own_mask
from tenfold.ops import cast as cast_ops


class Signature:
    """What the parameters of a class' `call` (or `build`) are; read once per class."""

    __slots__ = (
        "names",
        "defaults",
        "has_training",
        "has_mask",
        "masks",
        "takes_keywords",
        "has_own_mask",
        "is_users",
    )

    def __init__(self, cls: type, method: str) -> None:
        function = getattr(cls, method)
        self.has_own_mask = has_own_mask(cls)
        self.is_users = not str(getattr(function, "__module__", "")).startswith("tenfold.")
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self.takes_keywords = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.names = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.has_training = "training" in self.names
        self.has_mask = "mask" in self.names
        self.masks = [name for name in self.names if name.endswith("_mask")]


def signature_of(cls: type, method: str) -> Signature:
    """The signature of a method of a class, read once."""
    key = f"_{method}_signature"
    found = cls.__dict__.get(key)
    if found is None:
        found = Signature(cls, method)
        setattr(cls, key, found)
    return found


def call_of(layer: Any) -> Callable[..., Any]:
    """The `call` of a layer of the user's; with its control flow on tensors converted where it is traced."""
    if traced_graph() is None:
        return layer.call
    from tenfold.tracing.autograph import converted_if_on

    return converted_if_on(layer.call)


def is_array(value: Any) -> bool:
    """Whether an argument of a call is, or stands for, a tensor."""
    return isinstance(value, (Tensor, np.ndarray, Variable, KerasTensor)) or hasattr(value, "__tf_tensor__")


def is_ready(value: Any, dtype: np.dtype) -> bool:
    """Whether an argument of a call is a tensor of the compute dtype already, or nothing to convert."""
    kind = type(value)
    if kind is Tensor:
        found = value._array.dtype
        return found is dtype or found.kind not in "fV"
    if value is None or kind is bool:
        return True
    if kind is list or kind is tuple:
        for item in value:
            if not is_ready(item, dtype):
                return False
        return True
    return False


def converted(layer: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Arrays as tensors, floating ones in the compute dtype."""
    autocast, compute = layer.autocast, as_dtype(layer._dtype_policy._compute_dtype)

    def convert_one(value: Any) -> Any:
        if type(value) is not Tensor:
            if not is_array(value):
                return value
            is_floating = isinstance(value, np.ndarray) and value.dtype.kind in "fV"
            value = convert(value, compute if autocast and is_floating else None)
        if autocast and value._array.dtype.kind in "fV" and value.dtype is not compute:
            mask = value._keras_mask
            value = cast_ops.cast(value, compute)
            if mask is not None:
                value._keras_mask = mask
        return value

    for value in args:
        if isinstance(value, (str, bytes)):
            raise ValueError(
                f"Layer '{layer.name}': only tensors may be passed as positional arguments. Received: {value!r}; pass it by "
                "keyword."
            )
    args = tuple([convert_one(x) if not nest.is_nested(x) else nest.map_structure(convert_one, x) for x in args])
    for key, x in kwargs.items():
        if type(x) is not bool and x is not None:
            kwargs[key] = convert_one(x) if not nest.is_nested(x) else nest.map_structure(convert_one, x)
    return args, kwargs


def pass_training(args: tuple, kwargs: dict, signature: Signature, outer: bool | None) -> bool | None:
    """Gives `call` the training flag where it takes one: what was passed, what the caller has, its own default."""
    given = kwargs.get("training")
    if not signature.has_training:
        if given is not None and not signature.takes_keywords:
            del kwargs["training"]
        return outer if given is None else given
    if given is None and len(args) > 1 and "training" in signature.names[: len(args)]:
        given = args[signature.names.index("training")]
        return outer if given is None else given
    if given is None:
        given = outer if outer is not None else signature.defaults.get("training")
        kwargs["training"] = given
    return given


def call_shapes(
    cls: type, args: tuple, kwargs: dict, of: Callable[[Any], Any] = lambda x: tuple(x.shape)
) -> dict[str, Any]:
    """The shapes of the tensors among the arguments, as `<argument>_shape`; or what else `of` says of them."""
    names = signature_of(cls, "call").names
    named = dict(zip(names, args, strict=False))
    named.update(kwargs)
    shapes = {}
    for i, (name, value) in enumerate(named.items()):
        if i and (name in ("training", "mask") or name.endswith("_mask")):
            continue
        leaves = nest.flatten(value)
        if leaves and all(is_array(leaf) for leaf in leaves):
            shapes[f"{name}_shape"] = nest.map_structure(of, value)
    if not shapes and args:
        shapes["input_shape"] = nest.map_structure(of, args[0])
    return shapes


def check_inputs(layer: Any, inputs: Any) -> None:
    """Checks the first argument of a call against the layer's `input_spec`.

    Raises:
      ValueError: it does not fit.
    """
    specs = layer.input_spec if isinstance(layer.input_spec, (list, tuple)) else [layer.input_spec]
    leaves = nest.flatten(inputs)
    if len(leaves) != len(specs):
        raise ValueError(
            f'Layer "{layer.name}" expects {len(specs)} input(s), but it received {len(leaves)} input tensors. '
            f"Inputs received: {inputs}"
        )
    for leaf, spec in zip(leaves, specs, strict=True):
        if spec is not None and leaf is not None:
            spec.check(leaf._array.shape if type(leaf) is Tensor else tuple(leaf.shape), layer.name)
