"""ScheduleFreeAdamW: averages of the weights in place of a falling learning rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.keras.optimizers.in_place import as_type, rounded
from tenfold.keras.optimizers.optimizer import Optimizer


class ScheduleFreeAdamW(Optimizer):
    """AdamW on weights apart; the model has these, drawn towards their mean so far (Defazio et al., 2024, arXiv:2405.15682).

    Args:
      beta_1: share of the mean in the model's weights.
      beta_2: momentum of the mean square.
      epsilon: added to the root of the mean square.
      warmup_steps: number of steps in which the learning rate rises from 0.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable([1.0, 2.0])
      >>> _ = tf.keras.optimizers.ScheduleFreeAdamW(0.1).apply_gradients([(tf.constant([0.5, -3.0]), v)])
      >>> print(v.numpy().round(3))
      [0.9 2.1]
    """

    _config_names = ("beta_1", "beta_2", "epsilon", "warmup_steps")
    _measure = np.square
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.0025, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8,
        warmup_steps: int = 0,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon, self.warmup_steps = beta_1, beta_2, epsilon, warmup_steps

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        for momentum, variable in zip(self._momentums, variables, strict=True):
            momentum.assign(variable)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        dtype = variable.dtype._np
        one, step = dtype.type(1), as_type(self._step(), dtype)
        rate = as_type(self._workspace.number(learning_rate), dtype)
        if self.warmup_steps > 0:
            rate = rate * np.minimum(step / dtype.type(self.warmup_steps), one)
        beta_1, beta_2 = rounded(self.beta_1, dtype), rounded(self.beta_2, dtype)
        numbers = rate, one - beta_2**step, one / step, beta_1, one - beta_1, one - beta_2, rounded(self.epsilon, dtype)
        self._update(_schedule_free, gradient, variable, [self._momentums[i], self._velocities[i]], *numbers)


def _schedule_free(p, g, z, v, s, t, rate, correction, share, beta_1, rest_1, share_2, epsilon):
    s -= v
    s *= share_2
    v += s
    np.divide(v, correction, out=s)
    np.sqrt(s, out=s)
    s += epsilon
    np.multiply(g, rate, out=t)
    t /= s
    z -= t
    np.multiply(z, rest_1, out=t)
    p -= t
    p /= beta_1  # the mean so far; Keras, under TensorFlow, takes it with the new z, and so do we
    np.subtract(z, p, out=t)
    t *= share
    p += t  # the mean
    p *= beta_1
    np.multiply(z, rest_1, out=t)
    p += t
