"""Optimizers whose step depends on a variable as a whole: Lamb and Adafactor."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.keras.optimizers.adam import move
from tenfold.keras.optimizers.in_place import as_type, constants, rounded
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

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i, dtype = self._get_variable_index(variable), variable.dtype._np
        slots = [self._momentums[i], self._velocities[i]]
        self._update(_move_means, gradient, variable, slots, *constants(dtype, 1 - self.beta_1, 1 - self.beta_2))
        work, one = self._workspace, dtype.type(1)
        p, m, v = map(work.array, (variable, *slots))
        t = as_type(self._step(), dtype)
        mean, square = (x / (one - rounded(beta, dtype) ** t) for x, beta in ((m, self.beta_1), (v, self.beta_2)))
        step = mean / (np.sqrt(square) + dtype.type(self.epsilon))
        length, step_length = _length(p), _length(step)
        step *= np.where(length > 0, np.where(step_length > 0, length / step_length, one), one)
        step *= as_type(work.number(learning_rate), dtype)
        p -= step


def _move_means(p, g, m, v, s, t, share_1, share_2):
    s -= v
    s *= share_2
    v += s
    move(m, g, share_1, t)


def _length(x: Any) -> Any:
    return np.sqrt(np.square(x).sum())


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
    _has_lowering = True

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
        i, work = self._get_variable_index(variable), self._workspace
        p, v, r, c = map(work.array, (variable, self._v[i], self._r[i], self._c[i]))
        g, squares = work.dense(gradient, variable, np.square)
        dtype, one = p.dtype, p.dtype.type(1)
        t = as_type(self._step(), dtype)
        rate = np.minimum(as_type(work.number(learning_rate), dtype), one / np.sqrt(t))
        share = t ** dtype.type(self.beta_2_decay)
        raised = squares + dtype.type(self.epsilon_1)
        if len(p.shape) >= 2:
            r += (_mean(raised, -1) - r) * share
            c += (_mean(raised, -2) - c) * share
            rows, columns = (*r.shape, 1), (*c.shape[:-1], 1, c.shape[-1])
            np.multiply((r / _mean(r, -1, keepdims=True)).reshape(rows), c.reshape(columns), out=v)
        else:
            v += (raised - v) * share
        size = np.sqrt(_mean(squares / v))  # the root mean square of g / sqrt(v)
        alpha = rate * np.maximum(rounded(self.epsilon_2, dtype), np.sqrt(_mean(np.square(p))))
        p -= alpha / np.maximum(one, size / dtype.type(self.clip_threshold)) * g / np.sqrt(v)


def _mean(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    count = prod(x.shape) if axis is None else x.shape[axis]
    return x.sum(axis, keepdims=keepdims) / x.dtype.type(count)
