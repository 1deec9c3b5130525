"""What TensorFlow offers for gradients in graphs: registering them by op name, and functions that work in graphs only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from tenfold.autodiff.tape import UnconnectedGradients
from tenfold.core.op import REGISTRY

_gradients: dict[str, Callable | None] = {}


class AggregationMethod:
    """How gradients of a value with several readers are added; the sum is the same."""

    ADD_N = 0
    DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


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


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
) -> NoReturn:
    """Gradients in a graph; values that have been computed already need `tf.GradientTape`.

    Raises:
      RuntimeError: always, in eager execution.
    """
    raise RuntimeError("tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead.")


def hessians(
    ys: Any,
    xs: Any,
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    name: str = "hessians",
) -> NoReturn:
    """Second derivatives in a graph; see `tf.gradients`.

    Raises:
      RuntimeError: always, in eager execution.
    """
    raise RuntimeError("tf.hessians is not supported when eager execution is enabled. Use tf.GradientTape instead.")
