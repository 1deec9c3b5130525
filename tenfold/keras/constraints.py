"""`tf.keras.constraints`: what weights must be after an update."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.identifiers import by_both_names, deserialized, interpreted, serialized
from tenfold.ops import elementwise, exponential
from tenfold.ops import reduce as reduce_ops


class Constraint:
    """Base of constraints: called with a weight, returns the value it is to have; this one, the weight.

    Example:
      >>> class Rounded(tf.keras.constraints.Constraint):
      ...     def __call__(self, w):
      ...         return tf.round(w)
    """

    def __call__(self, w: Any) -> Any:
        return convert(w)

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _norms(w: Tensor, axis: Any) -> Tensor:
    return exponential.sqrt(reduce_ops.reduce_sum(elementwise.square(w), axis, keepdims=True))


class MaxNorm(Constraint):
    """Scales down what has an L2 norm above `max_value` along `axis`.

    Example:
      >>> print(tf.keras.constraints.MaxNorm(1.0)(tf.constant([[3.0], [4.0]])).numpy().round(3))
      [[0.6]
       [0.8]]
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Tensor:
        w = convert(w)
        norms = _norms(w, self.axis)
        desired = elementwise.clip_by_value(norms, 0.0, self.max_value)
        return w * (desired / (config.epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """Replaces negative weights by zero.

    Example:
      >>> print(tf.keras.constraints.NonNeg()(tf.constant([-1.0, 2.0])).numpy())
      [0. 2.]
    """

    def __call__(self, w: Any) -> Tensor:
        return elementwise.maximum(convert(w), 0.0)


class UnitNorm(Constraint):
    """Scales weights to L2 norm 1 along `axis`.

    Example:
      >>> print(tf.keras.constraints.UnitNorm()(tf.constant([[3.0], [4.0]])).numpy().round(3))
      [[0.6]
       [0.8]]
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        w = convert(w)
        return w / (config.epsilon() + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Moves L2 norms along `axis` into `[min_value, max_value]`, by the share `rate` of the way.

    Example:
      >>> print(tf.keras.constraints.MinMaxNorm(0.0, 1.0)(tf.constant([[3.0], [4.0]])).numpy().round(3))
      [[0.6]
       [0.8]]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Tensor:
        w = convert(w)
        norms = _norms(w, self.axis)
        desired = elementwise.clip_by_value(norms, self.min_value, self.max_value) * self.rate + norms * (1 - self.rate)
        return w * (desired / (config.epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm
_CLASSES = (MaxNorm, NonNeg, UnitNorm, MinMaxNorm)
_BY_NAME: dict[str, Any] = {
    **by_both_names(_CLASSES),
    "nonneg": NonNeg,
}


def serialize(constraint: Any) -> Any:
    """What stands for a constraint in a file."""
    return serialized(constraint)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The constraint that `serialize` made `config` of."""
    return deserialized(config, custom_objects, _BY_NAME)


def get(identifier: Any) -> Any:
    """The constraint that a name, a config, a class or a function means.

    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.constraints.get("non_neg").get_config()
      {}
    """
    return None if identifier is None else interpreted(identifier, _BY_NAME, "constraint")
