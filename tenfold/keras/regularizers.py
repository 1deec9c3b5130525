"""`tf.keras.regularizers`: what large weights and outputs add to the loss."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras.identifiers import by_both_names, deserialized, interpreted, serialized
from tenfold.ops import elementwise
from tenfold.ops import matmul as matmul_ops
from tenfold.ops import normalization as norm_ops
from tenfold.ops import reduce as reduce_ops


class Regularizer:
    """Base of regularizers: called with a tensor, returns a scalar.

    Example:
      >>> class Cubic(tf.keras.regularizers.Regularizer):
      ...     def __call__(self, x):
      ...         return tf.reduce_sum(x ** 3)
    """

    def __call__(self, x: Any) -> Any:
        return 0.0

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError(f"{self} does not implement get_config()")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _checked(value: Any, name: str) -> float:
    if value is None:
        return 0.0
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 0:
        raise ValueError(f"Invalid value for argument {name}: expected a non-negative float. Received: {name}={value}")
    return float(value)


class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x^2)`.

    Example:
      >>> print(tf.keras.regularizers.L1L2(0.5, 1.0)(tf.constant([1.0, -2.0])).numpy())
      6.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _checked(l1, "l1"), _checked(l2, "l2")

    def __call__(self, x: Any) -> Tensor:
        x = convert(x)
        total = wrap(np.zeros((), x._array.dtype))
        if self.l1:
            total = total + reduce_ops.reduce_sum(elementwise.abs(x)) * self.l1
        if self.l2:
            total = total + reduce_ops.reduce_sum(elementwise.square(x)) * self.l2
        return total

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """`l1 * sum(|x|)`.

    Example:
      >>> print(tf.keras.regularizers.L1(0.5)(tf.constant([1.0, -2.0])).numpy())
      1.5
    """

    def __init__(self, l1: float = 0.01, **kwargs: Any) -> None:
        l1 = kwargs.pop("l", l1)  # as Keras 2 had it
        if kwargs:
            raise TypeError(f"Argument(s) not recognized: {kwargs}")
        self.l1 = 0.01 if l1 is None else _checked(l1, "l1")

    def __call__(self, x: Any) -> Tensor:
        return reduce_ops.reduce_sum(elementwise.abs(x)) * self.l1

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(Regularizer):
    """`l2 * sum(x^2)`.

    Example:
      >>> print(tf.keras.regularizers.L2(0.5)(tf.constant([1.0, -2.0])).numpy())
      2.5
    """

    def __init__(self, l2: float = 0.01, **kwargs: Any) -> None:
        l2 = kwargs.pop("l", l2)  # as Keras 2 had it
        if kwargs:
            raise TypeError(f"Argument(s) not recognized: {kwargs}")
        self.l2 = 0.01 if l2 is None else _checked(l2, "l2")

    def __call__(self, x: Any) -> Tensor:
        return reduce_ops.reduce_sum(elementwise.square(x)) * self.l2

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """Pulls the rows (or columns) of a matrix towards orthogonality.

    Args:
      factor: strength.
      mode: `"rows"` or `"columns"`.

    Example:
      >>> print(tf.keras.regularizers.OrthogonalRegularizer()(tf.eye(3)).numpy())
      0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _checked(factor, "factor")
        if mode not in ("rows", "columns"):
            raise ValueError(
                f'Invalid value for argument `mode`. Expected one of {{"rows", "columns"}}. Received: mode={mode}'
            )
        self.mode = mode

    def __call__(self, inputs: Any) -> Tensor:
        x = convert(inputs)
        if x.ndim != 2:
            raise ValueError(f"Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape={x.shape}")
        by_rows = self.mode == "rows"
        x = norm_ops.l2_normalize(x, 1 if by_rows else 0)
        product = matmul_ops.matmul(x, x, transpose_b=True) if by_rows else matmul_ops.matmul(x, x, transpose_a=True)
        size = x._array.shape[0 if by_rows else 1]
        off_diagonal = product * wrap(1 - np.eye(size, dtype=x._array.dtype))
        pairs = size * (size - 1.0) / 2.0
        return reduce_ops.reduce_sum(elementwise.abs(off_diagonal)) * (self.factor * 0.5) / max(pairs, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer
_CLASSES = (L1, L2, L1L2, OrthogonalRegularizer)
_BY_NAME: dict[str, Any] = {
    **by_both_names(_CLASSES),
    "l1_l2": L1L2,
}


def serialize(regularizer: Any) -> Any:
    """What stands for a regularizer in a file."""
    return serialized(regularizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The regularizer that `serialize` made `config` of."""
    return deserialized(config, custom_objects, _BY_NAME)


def get(identifier: Any) -> Any:
    """The regularizer that a name, a config, a class or a function means.

    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.regularizers.get("l2").get_config()
      {'l2': 0.01}
    """
    return None if identifier is None else interpreted(identifier, _BY_NAME, "regularizer")
