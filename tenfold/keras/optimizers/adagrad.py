"""Optimizers that divide each weight's step by the root of its squared gradients: Adagrad, RMSprop, Adadelta, Ftrl."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.keras import initializers
from tenfold.keras.optimizers.optimizer import Optimizer


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of its squares (Duchi et al., 2011).

    Args:
      initial_accumulator_value: where the sums start.
      epsilon: added to the sums.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Adagrad(0.1).apply_gradients([(tf.constant(0.5), v)])
      >>> print(v.numpy().round(4))
      0.9155
    """

    _config_names = ("initial_accumulator_value", "epsilon")
    _measure = np.square
    _has_lowering = True
    _leaves_rows_alone = True

    def __init__(
        self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulators = self.add_optimizer_variables(variables, "accumulator", start)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slots = [self._accumulators[self._get_variable_index(variable)]]
        numbers = self._workspace.constants(variable.dtype._np, self._workspace.number(learning_rate), self.epsilon)
        self._update(_adagrad, gradient, variable, slots, *numbers)


def _adagrad(p, g, total, s, t, rate, epsilon):
    total += s
    np.add(total, epsilon, out=s)
    np.sqrt(s, out=s)
    np.multiply(g, rate, out=t)
    t /= s
    p -= t


class RMSprop(Optimizer):
    """Divides the gradient by the root of its moving mean square (Hinton's lecture 6e).

    Args:
      rho: momentum of the mean square.
      momentum: momentum of the steps.
      epsilon: added to the mean square.
      centered: whether the square of the mean gradient is subtracted, which makes the mean square the variance.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> tf.keras.optimizers.RMSprop(0.1, name="rms").apply_gradients([(tf.constant(0.5), v)])
      <Variable path=rms/iteration, shape=(), dtype=int64, value=1>
    """

    _config_names = ("rho", "momentum", "epsilon", "centered")
    _measure = np.square
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum > 0 else []
        self._average_gradients = self.add_optimizer_variables(variables, "average_gradient") if self.centered else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        slots = [kind[i] for kind in (self._velocities, self._momentums, self._average_gradients) if kind]
        hyperparameters = self.rho, 1 - self.rho, self.momentum, self.epsilon
        numbers = self._workspace.constants(variable.dtype._np, self._workspace.number(learning_rate), *hyperparameters)
        self._update(self._kernel, gradient, variable, slots, *numbers)

    def _kernel(self, p, g, v, *rest):
        *slots, s, t, rate, rho, share, momentum, epsilon = rest
        v *= rho
        s *= share
        v += s
        if self.centered:
            average = slots[-1]
            average *= rho
            np.multiply(g, share, out=s)
            average += s
            np.square(average, out=s)
            np.subtract(v, s, out=s)
            s += epsilon
        else:
            np.add(v, epsilon, out=s)
        np.sqrt(s, out=s)
        np.multiply(g, rate, out=t)
        t /= s
        if self.momentum > 0:
            step = slots[0]
            step *= momentum
            step += t
            p -= step
        else:
            p -= t


class Adadelta(Optimizer):
    """Scales the gradient by the ratio of moving means of steps and gradients (Zeiler, 2012, arXiv:1212.5701).

    Args:
      rho: momentum of the means.
      epsilon: added under the roots.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Adadelta(1.0).apply_gradients([(tf.constant(0.5), v)])
      >>> print(v.numpy().round(4))
      0.9986
    """

    _config_names = ("rho", "epsilon")
    _measure = np.square
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.rho, self.epsilon = rho, epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        names = ["accumulated_grad", "accumulated_delta_var"]
        self._accumulated_grads, self._accumulated_delta_vars = self.add_optimizer_variables(variables, names)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        slots = [self._accumulated_grads[i], self._accumulated_delta_vars[i]]
        numbers = self._workspace.constants(
            variable.dtype._np, self._workspace.number(learning_rate), self.rho, 1 - self.rho, self.epsilon
        )
        self._update(_adadelta, gradient, variable, slots, *numbers)


def _adadelta(p, g, gradients, deltas, s, t, rate, rho, share, epsilon):
    gradients *= rho
    np.multiply(s, share, out=t)
    gradients += t
    np.add(deltas, epsilon, out=t)
    t /= gradients + epsilon
    s *= t  # the square of the step
    np.sqrt(t, out=t)
    t *= g
    t *= rate
    p -= t
    deltas *= rho
    s *= share
    deltas += s


class Ftrl(Optimizer):
    """Follow the regularized leader (McMahan et al., 2013).

    Args:
      learning_rate_power: power of the sums that the rate falls with, at most 0.
      initial_accumulator_value: where the sums start.
      l1_regularization_strength, l2_regularization_strength, l2_shrinkage_regularization_strength: of the weights.
      beta: as in the paper.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Ftrl(0.1).apply_gradients([(tf.constant(0.5), v)])
      >>> print(v.numpy().round(4))
      0.381
    """

    _config_names = (
        "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength",
        "l2_shrinkage_regularization_strength", "beta",
    )  # fmt: skip
    _measure = np.square
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.001, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        if learning_rate_power > 0.0:
            raise ValueError(
                f"`learning_rate_power` needs to be negative or zero. Received: learning_rate_power={learning_rate_power}."
            )
        self.learning_rate_power, self.initial_accumulator_value = learning_rate_power, initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength, self.beta = l2_shrinkage_regularization_strength, beta
        for what in self._config_names[1:5]:
            if getattr(self, what) < 0.0:
                raise ValueError(f"`{what}` needs to be positive or zero. Received: {what}={getattr(self, what)}.")

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables, ["accumulator", "linear"], [start, "zeros"]
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        rate = self._workspace.number(learning_rate)
        l2 = self.l2_regularization_strength + self.beta / (2.0 * rate)
        shrinkage = 2 * self.l2_shrinkage_regularization_strength
        numbers = self._workspace.constants(
            variable.dtype._np, rate, self.l1_regularization_strength, 2 * l2, shrinkage
        )
        self._update(self._kernel, gradient, variable, [self._accumulators[i], self._linears[i]], *numbers)

    def _kernel(self, p, g, total, linear, s, t, rate, l1, l2, shrinkage):
        s += total  # the new sums
        inverse_rates = self._powered(s)
        np.subtract(inverse_rates, self._powered(total), out=t)
        t /= rate
        t *= p
        linear -= t
        linear += g
        np.multiply(p, shrinkage, out=t)
        linear += t
        total[...] = s
        inverse_rates /= rate
        inverse_rates += l2
        np.maximum(linear, -l1, out=t)
        np.minimum(t, l1, out=t)
        t -= linear
        np.divide(t, inverse_rates, out=p)

    def _powered(self, x: np.ndarray) -> np.ndarray:
        power = -self.learning_rate_power
        return np.sqrt(x) if power == 0.5 else np.power(x, x.dtype.type(power))
