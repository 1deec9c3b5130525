"""Adam and its kin, which divide a mean gradient by the root of a mean square: Adam, AdamW, Adamax, Nadam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.keras.optimizers.in_place import as_type, rounded
from tenfold.keras.optimizers.optimizer import Optimizer
from tenfold.keras.variables import Variable


class Adam(Optimizer):
    """Scales the mean gradient by the root of its mean square (Kingma and Ba, 2014, arXiv:1412.6980).

    Args:
      beta_1, beta_2: momenta of the mean and of the mean square.
      epsilon: added to the root.
      amsgrad: whether the largest mean square so far is used (Reddi et al., 2018).
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable([1.0, 2.0])
      >>> _ = tf.keras.optimizers.Adam(0.1).apply_gradients([(tf.constant([0.5, -3.0]), v)])
      >>> print(v.numpy().round(3))
      [0.9 2.1]
    """

    _config_names: tuple[str, ...] = ("beta_1", "beta_2", "epsilon", "amsgrad")
    _measure = np.square
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat") if self.amsgrad else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        kernel: Callable[..., None] = _adam_of_largest if self.amsgrad else adam
        slots = [kind[i] for kind in (self._momentums, self._velocities, self._velocity_hats) if kind]
        dtype = variable.dtype._np
        work = self._workspace
        rate = work.scalar(corrected_rate, dtype, work.number(learning_rate), self._step(), self.beta_1, self.beta_2)
        numbers = work.constants(dtype, 1 - self.beta_1, 1 - self.beta_2, self.epsilon)
        self._update(kernel, gradient, variable, slots, rate, *numbers)


def corrected_rate(dtype: np.dtype, rate: Any, step: Any, beta_1: float, beta_2: float) -> Any:
    """The learning rate with both corrections of the bias towards zero."""
    one, t = dtype.type(1), as_type(step, dtype)
    power_1, power_2 = rounded(beta_1, dtype) ** t, rounded(beta_2, dtype) ** t
    return as_type(rate, dtype) * np.sqrt(one - power_2) / (one - power_1)


def adam(p, g, m, v, s, t, rate, share_1, share_2, epsilon):
    s -= v
    s *= share_2
    v += s
    _step_by_mean(p, g, m, v, s, t, rate, share_1, epsilon)


def _adam_of_largest(p, g, m, v, largest, s, t, rate, share_1, share_2, epsilon):
    s -= v
    s *= share_2
    v += s
    np.maximum(largest, v, out=largest)
    _step_by_mean(p, g, m, largest, s, t, rate, share_1, epsilon)


def _step_by_mean(p, g, m, v, s, t, rate, share, epsilon):
    move(m, g, share, t)
    np.sqrt(v, out=s)
    s += epsilon
    np.multiply(m, rate, out=t)
    t /= s
    p -= t


def move(mean, value, share, t):
    """`mean += (value - mean) * share`."""
    np.subtract(value, mean, out=t)
    t *= share
    mean += t


class AdamW(Adam):
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2017, arXiv:1711.05101).

    Args: those of `Adam`; `weight_decay` must be given.

    Example:
      >>> tf.keras.optimizers.AdamW().weight_decay
      0.004
    """

    def __init__(
        self, learning_rate: Any = 0.001, weight_decay: float | None = 0.004, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float = 1e-7, amsgrad: bool = False, clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
            ema_momentum, ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        if self.weight_decay is None:
            raise ValueError("Argument `weight_decay` must be a float. Received: weight_decay=None")


class Adamax(Optimizer):
    """Adam with the largest gradient in place of the mean square (Kingma and Ba, 2014, arXiv:1412.6980).

    Args: as for `Adam`, without `amsgrad`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Adamax(0.1).apply_gradients([(tf.constant(0.5), v)])
      >>> print(v.numpy().round(3))
      0.9
    """

    _config_names = ("beta_1", "beta_2", "epsilon")
    _measure = np.absolute
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._m, self._u = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        dtype = variable.dtype._np
        correction = dtype.type(1) - rounded(self.beta_1, dtype) ** as_type(self._step(), dtype)
        numbers = self._workspace.constants(
            dtype, self._workspace.number(learning_rate), 1 - self.beta_1, self.beta_2, self.epsilon
        )
        self._update(_adamax, gradient, variable, [self._m[i], self._u[i]], correction, *numbers)


def _adamax(p, g, m, u, s, t, correction, rate, share, momentum, epsilon):
    move(m, g, share, t)
    u *= momentum
    np.maximum(u, s, out=u)
    np.add(u, epsilon, out=s)
    s *= correction
    np.multiply(m, rate, out=t)
    t /= s
    p -= t


class Nadam(Optimizer):
    """Adam with Nesterov momentum (Dozat, 2015).

    Args: as for `Adam`, without `amsgrad`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Nadam(0.1).apply_gradients([(tf.constant(0.5), v)])
      >>> print(v.numpy().round(3))
      0.894
    """

    _config_names = ("beta_1", "beta_2", "epsilon")
    _measure = np.square
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        dtype = variables[0].dtype if variables else None
        self._u_product = self._named(Variable(1.0, dtype=dtype, trainable=False))

    def _update_all(self, gradients: list, variables: list, learning_rate: Any) -> None:
        product = self._workspace.array(self._u_product)
        product *= self._momentum_at(self._step(), product.dtype)
        super()._update_all(gradients, variables, learning_rate)

    def _momentum_at(self, step: Any, dtype: np.dtype) -> Any:
        one, half, t = dtype.type(1), dtype.type(0.5), as_type(step, dtype)
        return rounded(self.beta_1, dtype) * (one - half * rounded(0.96, dtype) ** t)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        dtype, step = variable.dtype._np, self._step()
        one, beta_1, beta_2 = dtype.type(1), rounded(self.beta_1, dtype), rounded(self.beta_2, dtype)
        now, later = self._momentum_at(step, dtype), self._momentum_at(step + 1, dtype)
        product = as_type(self._workspace.number(self._u_product), dtype)
        factors = later / (one - product * later), (one - now) / (one - product), one - beta_2 ** as_type(step, dtype)
        numbers = (
            *factors,
            one - beta_1,
            one - beta_2,
            *self._workspace.constants(dtype, self._workspace.number(learning_rate), self.epsilon),
        )
        self._update(_nadam, gradient, variable, [self._momentums[i], self._velocities[i]], *numbers)


def _nadam(p, g, m, v, s, t, of_momentum, of_gradient, correction, share_1, share_2, rate, epsilon):
    s -= v
    s *= share_2
    v += s
    move(m, g, share_1, t)
    np.multiply(m, of_momentum, out=t)
    np.multiply(g, of_gradient, out=s)
    t += s
    t *= rate
    np.divide(v, correction, out=s)
    np.sqrt(s, out=s)
    s += epsilon
    t /= s
    p -= t
