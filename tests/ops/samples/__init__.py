"""Arguments for every registered op: a module for each file of `tenfold/ops`, which holds `SAMPLES`, by the op's name.

The arguments are those of the raw op. Arrays become tensors. Arrays of float64 stand for the dtype T of the op and are
cast to whichever is tried; other arrays keep their dtype. The modules import nothing of Tenfold: real TensorFlow runs
the same samples (`tests/golden/families/by_rule.py`).
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sample:
    """Arguments of one run.

    Args:
      arguments: those of the raw op; arrays, and lists of arrays, are tensors.
      order: up to which order the gradients are what differences say. Anything less than 2 needs a reason.
      complex_order: likewise for complex numbers.
      fixed: arguments that differences do not move, where the op trusts that they follow from others.
      repeats: whether a second run with the same seeds gives the same.
    """

    arguments: dict[str, Any]
    order: int = 2
    complex_order: int = 2
    fixed: tuple[str, ...] = ()
    repeats: bool = True

    def of_type(self, dtype: Any) -> dict[str, Any]:
        """The arguments, with the arrays of float64 cast; complex numbers get an imaginary part."""
        return {
            key: [_cast(item, dtype) for item in value] if _is_list(value) else _cast(value, dtype)
            for key, value in self.arguments.items()
        }

    def has_type(self) -> bool:
        """Whether any argument has the dtype of the op."""
        return any(self.of_type(np.float32)[key] is not value for key, value in self.arguments.items())

    def __str__(self) -> str:
        return ",".join(f"{key}={_short(value)}" for key, value in self.arguments.items())


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, np.ndarray) for item in value)


def _cast(value: Any, dtype: Any) -> Any:
    if not isinstance(value, np.ndarray) or value.dtype != np.float64:
        return value
    if np.dtype(dtype).kind in "iu":
        value = np.rint(5 * value)
    if np.dtype(dtype).kind == "c":
        value = value + 0.3j * np.cos(np.arange(value.size)).reshape(value.shape)
    return np.asarray(value, dtype)


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "x".join(map(str, value.shape)) or "scalar"
    if _is_list(value):
        return "+".join(map(_short, value))
    return str(value).replace(" ", "")


def sample(
    order: int = 2, complex_order: int = 2, fixed: tuple[str, ...] = (), repeats: bool = True, **arguments: Any
) -> Sample:
    return Sample(arguments, order, min(order, complex_order), fixed, repeats)


def real(*shape: int, low: float = -1.0, high: float = 1.0, seed: int = 0) -> np.ndarray:
    """Uniform numbers for the dtype of the op, no two of them equal."""
    random = np.random.RandomState(seed + 7 * len(shape) + sum(shape))
    return np.asarray(random.uniform(low, high, shape))


def whole(*shape: int, low: int = -5, high: int = 6, seed: int = 0, dtype: Any = np.int32) -> np.ndarray:
    """Uniform integers that stay integers."""
    return np.random.RandomState(seed + 7 * len(shape) + sum(shape)).randint(low, high, shape).astype(dtype)


def ints(*values: Any, dtype: Any = np.int32) -> np.ndarray:
    return np.array(values[0] if len(values) == 1 else values, dtype)


def every_sample() -> dict[str, list[Sample]]:
    """The samples of all modules by the ops' names."""
    found: dict[str, list[Sample]] = {}
    for module in pkgutil.iter_modules(__path__):
        for name, samples in importlib.import_module(f"{__name__}.{module.name}").SAMPLES.items():
            if name in found:
                raise ValueError(f"{module.name}.py: {name} has samples in another module too")
            found[name] = samples
    return found
