"""Optimizers that take the gradient, or its sign, as it is: SGD and Lion; and Adafactor, which keeps little."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.keras.optimizers.adaptive import _number
from tenfold.keras.optimizers.optimizer import Optimizer
from tenfold.keras.variables import Variable


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted: `v = momentum * v - rate * g; w += v`.

    Args:
      momentum: share of the last step that is taken again.
      nesterov: whether the step looks ahead: `w += momentum * v - rate * g`.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.SGD(0.1).apply_gradients([(tf.constant(2.0), v)])
      >>> print(v.numpy())
      0.8
    """

    _config_names = ("momentum", "nesterov")

    def __init__(
        self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str = "SGD",
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        if not isinstance(momentum, (int, float)) or momentum < 0 or momentum > 1:
            raise ValueError("`momentum` must be a float between [0, 1].")
        self.momentum, self.nesterov = momentum, nesterov

    @property
    def _leaves_rows_alone(self) -> bool:  # type: ignore[override]
        return self.momentum == 0

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        self.momentums = self.add_optimizer_variables(var_list, "momentum") if self.momentum != 0 else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slots = [self.momentums[self._get_variable_index(variable)]] if self.momentums else []
        self._run(self._kernel, gradient, variable, slots, _number(learning_rate, variable))

    def _kernel(self, p, g, *rest):
        *momentums, s, t, rate = rest
        np.multiply(g, rate, out=s)
        if not momentums:
            p -= s
            return
        m = momentums[0]
        m *= self.momentum
        m -= s
        if self.nesterov:
            np.multiply(m, self.momentum, out=t)
            t -= s
            p += t
        else:
            p += m


class Lion(Optimizer):
    """Steps by the sign of a mean gradient (Chen et al., 2023, arXiv:2302.06675).

    Args:
      beta_1, beta_2: momenta of the mean that is stepped by, and of the one that is kept.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Lion(0.1).apply_gradients([(tf.constant(2.0), v)])
      >>> print(v.numpy())
      0.9
    """

    _config_names = ("beta_1", "beta_2")

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str = "lion",
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        if beta_1 <= 0 or beta_1 > 1:
            raise ValueError(f"Argument `beta_1` must be in the [0, 1] range. Otherwise, the optimizer degenerates to SignSGD. Received: beta_1={beta_1}.")
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        self._momentums = self.add_optimizer_variables(var_list, "momentum")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slots = [self._momentums[self._get_variable_index(variable)]]
        self._run(self._kernel, gradient, variable, slots, _number(learning_rate, variable))

    def _kernel(self, p, g, m, s, t, rate):
        number = p.dtype.type
        np.multiply(m, number(self.beta_1), out=s)
        np.multiply(g, number(1) - number(self.beta_1), out=t)
        s += t
        np.sign(s, out=s)
        s *= rate
        p -= s
        m *= number(self.beta_2)
        np.multiply(g, number(1) - number(self.beta_2), out=t)
        m += t


class Adafactor(Optimizer):
    """Adam without momentum, whose mean squares are kept by row and column (Shazeer and Stern, 2018, arXiv:1804.04235).

    Args:
      beta_2_decay: how fast the momentum of the mean squares approaches 1.
      epsilon_1, epsilon_2: added to squares, and least root mean square of weights.
      clip_threshold: largest root mean square of a step.
      relative_step: whether the rate falls with the root of the number of steps.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable([[1.0, 2.0]])
      >>> _ = tf.keras.optimizers.Adafactor(0.1).apply_gradients([(tf.constant([[0.5, 0.1]]), v)])
    """

    _config_names = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step")

    def __init__(
        self, learning_rate: Any = 0.001, beta_2_decay: float = -0.8, epsilon_1: float = 1e-30, epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0, relative_step: bool = True, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str = "adafactor",
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        self._rows: list[Variable | None] = []
        self._columns: list[Variable | None] = []
        self._velocities = []
        for variable in var_list:
            shape, name = tuple(variable.shape), variable.name.split(":")[0]
            is_matrix = len(shape) >= 2
            self._rows.append(self.add_variable(shape[:-1], dtype=variable.dtype, name=name) if is_matrix else None)
            columns = (*shape[:-2], shape[-1]) if is_matrix else ()
            self._columns.append(self.add_variable(columns, dtype=variable.dtype, name=name) if is_matrix else None)
            self._velocities.append(self.add_variable_from_reference(variable, "velocity"))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        number = variable.dtype._np.type
        g, p = convert(gradient)._array, variable._own_array()
        step, one = number(int(self._iterations._value._array) + 1), number(1)
        rate = _number(learning_rate, variable)
        if self.relative_step:
            rate = min(rate, one / np.sqrt(step))
        rho = min(rate, one / np.sqrt(step))
        alpha = max(number(self.epsilon_2), _root_mean_square(p)) * rho
        squares = np.square(g) + number(self.epsilon_1)
        beta = one - step ** number(self.beta_2_decay)
        v = self._velocities[i]._own_array()
        rows, columns = self._rows[i], self._columns[i]
        if rows is not None and columns is not None:
            r, c = rows._own_array(), columns._own_array()
            r[...] = beta * r + (one - beta) * np.mean(squares, -1)
            c[...] = beta * c + (one - beta) * np.mean(squares, -2)
            v[...] = (r / np.mean(r, -1, keepdims=True))[..., None] * c[..., None, :]
        else:
            v[...] = beta * v + (one - beta) * squares
        update = g / np.sqrt(v)
        p -= alpha * (update / max(one, _root_mean_square(update) / number(self.clip_threshold)))


def _root_mean_square(x: np.ndarray) -> Any:
    return np.sqrt(np.mean(np.square(x)))
