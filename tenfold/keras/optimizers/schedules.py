"""`tf.keras.optimizers.schedules`: learning rates that change with the number of steps."""

from __future__ import annotations

import math
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import division, elementwise, exponential, trigonometry
from tenfold.ops.cast import cast
from tenfold.ops.gather import where


class LearningRateSchedule:
    """Base of schedules: called with the number of steps, returns the rate.

    Example:
      >>> class Half(tf.keras.optimizers.schedules.LearningRateSchedule):
      ...     def __call__(self, step):
      ...         return 0.5 / (tf.cast(step, tf.float32) + 1.0)
    """

    _config_names: tuple[str, ...] = ()

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`."
        )

    def get_config(self) -> dict[str, Any]:
        if not self._config_names:
            raise NotImplementedError(
                f"Learning rate schedule '{type(self).__name__}' must override `get_config()` to be serialized."
            )
        return {name: getattr(self, name) for name in self._config_names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _number(step: Any) -> Tensor:
    return cast(convert(step), dtypes.float32)


class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
      staircase: whether the exponent is rounded down.

    Example:
      >>> print(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)(10).numpy())
      0.05
    """

    _config_names = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:  # fmt: skip
        if decay_steps <= 0:
            raise ValueError(f"Argument `decay_steps` must be > 0. Received: decay_steps={decay_steps}")
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Tensor:
        p = _number(step) / self.decay_steps
        p = division.floor(p) if self.staircase else p
        return self.initial_learning_rate * exponential.pow(self.decay_rate, p)


class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[i]` up to and at `boundaries[i]`, the last value after.

    Example:
      >>> print(tf.keras.optimizers.schedules.PiecewiseConstantDecay([5], [1.0, 0.1])(6).numpy())
      0.1
    """

    _config_names = ("boundaries", "values", "name")

    def __init__(self, boundaries: Any, values: Any, name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. Received: "
                f"boundaries={boundaries} of length {len(boundaries)}, and values={values} of length {len(values)}."
            )
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> Tensor:
        step = convert(step)
        rate = convert(self.values[-1])
        for boundary, value in reversed(list(zip(self.boundaries, self.values, strict=False))):
            rate = where(step <= convert(boundary, step.dtype), value, rate)
        return rate


class PolynomialDecay(LearningRateSchedule):
    """From `initial_learning_rate` to `end_learning_rate` in `decay_steps`, along a polynomial.

    Args:
      power: degree; 1 is a line.
      cycle: whether it begins anew, with more steps, after the end.

    Example:
      >>> print(tf.keras.optimizers.schedules.PolynomialDecay(0.1, 10, 0.0)(5).numpy())
      0.05
    """

    _config_names = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle", "name")

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, end_learning_rate: float = 0.0001, power: float = 1.0,
        cycle: bool = False, name: str = "PolynomialDecay",
    ) -> None:  # fmt: skip
        if decay_steps <= 0:
            raise ValueError(f"Argument `decay_steps` must be > 0. Received: decay_steps={decay_steps}")
        self.initial_learning_rate, self.decay_steps, self.end_learning_rate = (
            initial_learning_rate,
            decay_steps,
            end_learning_rate,
        )
        self.power, self.cycle, self.name = power, cycle, name

    def __call__(self, step: Any) -> Tensor:
        number, steps = _number(step), convert(float(self.decay_steps), dtypes.float32)
        if self.cycle:
            steps = steps * where(number == 0.0, 1.0, division.ceil(number / steps))
        else:
            number = elementwise.minimum(number, steps)
        start, end = (convert(x, dtypes.float32) for x in (self.initial_learning_rate, self.end_learning_rate))
        return (start - end) * exponential.pow(1.0 - number / steps, self.power) + end


class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Example:
      >>> print(tf.keras.optimizers.schedules.InverseTimeDecay(0.1, 10, 1.0)(10).numpy())
      0.05
    """

    _config_names = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:  # fmt: skip
        if decay_steps <= 0:
            raise ValueError(f"Argument `decay_steps` must be > 0. Received: decay_steps={decay_steps}")
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Tensor:
        p = _number(step) / self.decay_steps
        p = division.floor(p) if self.staircase else p
        return self.initial_learning_rate / (1.0 + self.decay_rate * p)


class CosineDecay(LearningRateSchedule):
    """Half a cosine from `initial_learning_rate` to `alpha` times it (Loshchilov and Hutter, 2016, arXiv:1608.03983).

    Args:
      alpha: share of the rate that is left at the end.
      warmup_target: rate that is first reached in a line, from `initial_learning_rate`, in `warmup_steps`.

    Example:
      >>> print(tf.keras.optimizers.schedules.CosineDecay(0.1, 10)(5).numpy())
      0.05
    """

    _config_names = ("initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target", "warmup_steps")

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, alpha: float = 0.0, name: str = "CosineDecay",
        warmup_target: float | None = None, warmup_steps: int = 0,
    ) -> None:  # fmt: skip
        if decay_steps <= 0:
            raise ValueError(f"Argument `decay_steps` must be > 0. Received: decay_steps={decay_steps}")
        self.initial_learning_rate, self.decay_steps, self.alpha = initial_learning_rate, decay_steps, alpha
        self.name, self.warmup_target, self.warmup_steps = name, warmup_target, warmup_steps

    def __call__(self, step: Any) -> Tensor:
        number, steps = _number(step), float(self.decay_steps)
        start = convert(self.initial_learning_rate, dtypes.float32)
        if self.warmup_target is None:
            return self._decayed(start, number)
        warmup, target = float(self.warmup_steps), convert(self.warmup_target, dtypes.float32)
        number = elementwise.minimum(number, steps + warmup)
        rising = (target - start) * (number / warmup) + start
        return where(number < warmup, rising, self._decayed(target, number - warmup))

    def _decayed(self, start: Tensor, number: Tensor) -> Tensor:
        completed = elementwise.minimum(number, float(self.decay_steps)) / float(self.decay_steps)
        alpha = convert(self.alpha, dtypes.float32)
        return start * ((1.0 - alpha) * (0.5 * (1.0 + trigonometry.cos(math.pi * completed))) + alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """`CosineDecay` that begins anew, each time with more steps and a lower rate (arXiv:1608.03983).

    Args:
      first_decay_steps: steps of the first period.
      t_mul, m_mul: factors of the steps and of the rate from one period to the next.
      alpha: share of the rate that is left at the end of a period.

    Example:
      >>> print(tf.keras.optimizers.schedules.CosineDecayRestarts(0.1, 10)(10).numpy())
      0.1
    """

    _config_names = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha", "name")

    def __init__(
        self, initial_learning_rate: float, first_decay_steps: int, t_mul: float = 2.0, m_mul: float = 1.0,
        alpha: float = 0.0, name: str = "SGDRDecay",
    ) -> None:  # fmt: skip
        if first_decay_steps <= 0:
            raise ValueError(
                f"Argument `first_decay_steps` must be > 0. Received: first_decay_steps={first_decay_steps}"
            )
        self.initial_learning_rate, self.first_decay_steps = initial_learning_rate, first_decay_steps
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: Any) -> Tensor:
        completed = _number(step) / float(self.first_decay_steps)
        t, alpha = convert(float(self.t_mul)), convert(self.alpha, dtypes.float32)
        if self.t_mul == 1.0:
            restarts = division.floor(completed)
            completed = completed - restarts
        else:
            restarts = division.floor(exponential.log(1.0 - completed * (1.0 - t)) / exponential.log(t))
            before = (1.0 - exponential.pow(t, restarts)) / (1.0 - t)
            completed = (completed - before) / exponential.pow(t, restarts)
        cosine = 0.5 * exponential.pow(float(self.m_mul), restarts) * (1.0 + trigonometry.cos(math.pi * completed))
        return self.initial_learning_rate * ((1.0 - alpha) * cosine + alpha)


def serialize(learning_rate_schedule: Any) -> Any:
    """What stands for a schedule in a file."""
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The schedule that `serialize` made `config` of."""
    from tenfold.keras.saving import serialization

    return serialization.deserialize_keras_object(config, custom_objects, module_objects=globals())
