"""Gradients that are registered by the names of ops."""

from __future__ import annotations

from collections.abc import Callable

from tenfold.core.op import REGISTRY

_gradients: dict[str, Callable | None] = {}


def _enter(op_type: str, gradient: Callable | None) -> None:
    if op_type in _gradients or op_type in REGISTRY:
        raise KeyError(f"Registering two gradient with name '{op_type}'! An op has one gradient.")
    _gradients[op_type] = gradient


class RegisterGradient:
    """Decorator that names a function as the gradient of an op type that has none.

    Ops of Tenfold have their gradients; a function gets another one with `tf.custom_gradient`.

    Args:
      op_type: the name of the op type.
    Raises:
      TypeError: `op_type` is not a string.
      KeyError: (when it decorates) the op type has a gradient.
    Example:
      >>> @tf.RegisterGradient("MyScale")
      ... def _my_scale_gradient(op, dy):
      ...     return 2.0 * dy
    """

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, f: Callable) -> Callable:
        _enter(self._op_type, f)
        return f


def no_gradient(op_type: str) -> None:
    """Says that ops of a type have no gradient.

    Raises:
      TypeError: `op_type` is not a string.
      KeyError: the op type has a gradient.
    Example:
      >>> tf.no_gradient("MyHash")
    """
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _enter(op_type, None)
