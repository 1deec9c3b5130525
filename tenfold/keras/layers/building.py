"""Building a layer: `build` is called with the shapes of the first call's inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tenfold.core import restoring
from tenfold.keras.layers.call_arguments import signature_of
from tenfold.keras.layers.call_context import call_context
from tenfold.keras.variables import path_scope, scope


def marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` method that also works when it is called by hand: with paths for the variables, `built` set, the shape kept."""

    @functools.wraps(build)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        if self._build_shapes is None and (args or kwargs):  # of the outermost `build`, not of one that it calls
            names = signature_of(type(self), "build").names
            self._build_shapes = {**dict(zip(names, args, strict=False)), **kwargs}
        with path_scope(self.name, self):
            build(self, *args, **kwargs)
        self.built = True
        restoring.resume(self)

    return wrapped


def build_with(layer: Any, shapes: dict[str, Any]) -> None:
    """Calls `build` with those of the shapes that it takes."""
    signature = signature_of(type(layer), "build")
    outer = scope.autocast
    scope.autocast = None
    try:
        if not signature.names:
            layer.build()
        elif len(signature.names) == 1 or not set(signature.names) & set(shapes):
            layer.build(next(iter(shapes.values()), None))
        else:
            layer.build(**{k: v for k, v in shapes.items() if k in signature.names})
    finally:
        scope.autocast = outer
    layer._build_shapes = _open_batch(shapes) if call_context.is_batch_open else shapes
    layer.built = True


def _open_batch(shapes: dict[str, Any]) -> dict[str, Any]:
    """The shapes with the size of the first axis left open."""
    return {k: (None, *s[1:]) if isinstance(s, tuple) and s and isinstance(s[0], int) else s for k, s in shapes.items()}


def as_shape(value: Any) -> Any:
    """A shape, or a structure of shapes, with tuples in place of the lists that files hold."""
    if isinstance(value, (list, tuple)):
        if all(item is None or isinstance(item, int) for item in value):
            return tuple(value)
        return [as_shape(item) for item in value]
    if isinstance(value, dict):
        return {key: as_shape(item) for key, item in value.items()}
    return value


def input_shape_argument(kwargs: dict[str, Any]) -> tuple | None:
    """The shape, batch axis included, that `input_shape=`, `batch_input_shape=` or `input_dim=` of Keras 2 mean."""
    if "batch_input_shape" in kwargs:
        kwargs.pop("batch_size", None)
        return tuple(kwargs.pop("batch_input_shape"))
    batch = kwargs.pop("batch_size", None)
    if "input_shape" in kwargs:
        shape = kwargs.pop("input_shape")
        return (batch, *((shape,) if isinstance(shape, int) else shape))
    if "input_dim" in kwargs:
        length = kwargs.pop("input_length", None)
        return (batch, length, kwargs.pop("input_dim")) if length is not None else (batch, kwargs.pop("input_dim"))
    return None
