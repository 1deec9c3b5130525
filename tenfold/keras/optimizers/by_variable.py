"""Optimizers whose step depends on a variable as a whole: Lamb and Adafactor."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.keras.optimizers.adam import move
from tenfold.keras.optimizers.in_place import as_number, constants, gradient_arrays, rounded
from tenfold.keras.optimizers.optimizer import Optimizer
from tenfold.keras.variables import Variable


class Lamb(Optimizer):
    """Adam's step, scaled to the norm of the variable (You et al., 2019, arXiv:1904.00962).

    Args: as for `Adam`, without `amsgrad`.

    Example:
      >>> v = tf.Variable([1.0, 2.0])
      >>> _ = tf.keras.optimizers.Lamb(0.1).apply_gradients([(tf.constant([0.5, 0.1]), v)])
      >>> print(v.numpy().round(3))
      [0.842 1.842]
    """

    _config_names = ("beta_1", "beta_2", "epsilon")
    _measure = np.square

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

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        p = variable._own_array()
        step, one, t = np.empty_like(p), p.dtype.type(1), p.dtype.type(self._step())
        slots = [self._momentums[i]._own_array(), self._velocities[i]._own_array(), step]
        corrections = [one - rounded(beta, p.dtype) ** t for beta in (self.beta_1, self.beta_2)]
        numbers = constants(p.dtype, 1 - self.beta_1, 1 - self.beta_2, self.epsilon)
        g, measure, measured = gradient_arrays(gradient, p, np.square)
        self._workspace.run(_lamb, [g, *slots], (*corrections, *numbers), measure, measured)
        length, step_length = _length(p), _length(step)
        if length > 0 and step_length > 0:
            step *= length / step_length
        step *= p.dtype.type(as_number(learning_rate))
        p -= step


def _lamb(g, m, v, step, s, t, correction_1, correction_2, share_1, share_2, epsilon):
    s -= v
    s *= share_2
    v += s
    move(m, g, share_1, t)
    np.divide(v, correction_2, out=s)
    np.sqrt(s, out=s)
    s += epsilon
    np.divide(m, correction_1, out=step)
    step /= s


def _length(x: np.ndarray) -> Any:
    return np.sqrt(np.add.reduce(np.square(x), None))


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
      >>> print(v.numpy().round(3))
      [[0.842 1.842]]
    """

    _config_names = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step")
    _measure = np.square

    def __init__(
        self, learning_rate: Any = 0.001, beta_2_decay: float = -0.8, epsilon_1: float = 1e-30, epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0, relative_step: bool = True,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._r: list[Variable] = []
        self._c: list[Variable] = []
        self._v: list[Variable] = []
        for variable in variables:
            shape = tuple(variable.shape)
            rows, columns, dtype = shape[:-1], (*shape[:-2], *shape[-1:]), variable.dtype
            if len(shape) < 2:  # has neither; a file has an integer for each
                rows, columns, dtype = (), (), "int32"
            self._r.append(self.add_variable(rows, dtype=dtype, name=variable.name))
            self._c.append(self.add_variable(columns, dtype=dtype, name=variable.name))
            self._v.append(self.add_variable_from_reference(variable, "velocity"))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        p = variable._own_array()
        g, measure, measured = gradient_arrays(gradient, p, np.square)
        squares = measure(measured, np.empty_like(p))
        v, dtype, one, step = self._v[i]._own_array(), p.dtype, p.dtype.type(1), p.dtype.type(self._step())
        rate = min(dtype.type(as_number(learning_rate)), one / np.sqrt(step))
        share = step ** dtype.type(self.beta_2_decay)
        means = np.add(squares, dtype.type(self.epsilon_1), out=np.empty_like(p))
        if p.ndim >= 2:
            r, c = self._r[i]._own_array(), self._c[i]._own_array()
            move(r, np.mean(means, -1), share, np.empty_like(r))
            move(c, np.mean(means, -2), share, np.empty_like(c))
            np.multiply((r / np.mean(r, -1, keepdims=True))[..., None], c[..., None, :], out=v)
        else:
            move(v, means, share, means)
        size = np.sqrt(np.mean(squares / v))  # the root mean square of g / sqrt(v)
        alpha = rate * max(rounded(self.epsilon_2, dtype), np.sqrt(np.mean(np.square(p))))
        p -= alpha / max(one, size / dtype.type(self.clip_threshold)) * g / np.sqrt(v)
