"""Muon: steps that are orthogonal matrices."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tenfold.keras.optimizers.adam import adam, corrected_rate
from tenfold.keras.optimizers.in_place import as_type
from tenfold.keras.optimizers.optimizer import Optimizer
from tenfold.keras.optimizers.state import path_of


class Muon(Optimizer):
    """Replaces the mean gradient of a matrix by the orthogonal matrix nearest to it (Jordan, 2024; arXiv:2502.16982).

    Variables that are no matrices, embeddings and what `exclude_layers` names are updated as by `AdamW`.

    Args:
      adam_beta_1, adam_beta_2, adam_weight_decay, epsilon: of the variables that AdamW updates.
      exclude_layers: patterns found in the paths of variables that AdamW is to update.
      exclude_embeddings: whether AdamW updates variables with "embedding" in their path.
      muon_a, muon_b, muon_c: coefficients of the iteration that finds the orthogonal matrix.
      adam_lr_ratio: AdamW's learning rate as a multiple of this one.
      momentum: of the mean gradient.
      ns_steps: number of iterations.
      nesterov: whether the mean gradient looks ahead.
      rms_rate: factor that gives the steps the root mean square of AdamW's; None leaves them orthogonal.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.keras.Variable([[1.0, 2.0], [3.0, 4.0]])
      >>> tf.keras.optimizers.Muon(0.1, weight_decay=None).apply([tf.eye(2)], [v])
      >>> print(v.numpy().round(2))
      [[0.97 2.  ]
       [3.   3.97]]
    """

    _config_names = (
        "adam_beta_1", "adam_beta_2", "epsilon", "exclude_layers", "muon_a", "muon_b", "muon_c", "adam_lr_ratio", "momentum",
        "ns_steps", "nesterov", "exclude_embeddings", "adam_weight_decay", "rms_rate",
    )  # fmt: skip
    _measure = np.square
    _has_lowering = True

    def __init__(
        self, learning_rate: Any = 0.001, adam_beta_1: float = 0.9, adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004, epsilon: float = 1e-7, weight_decay: float | None = 0.004,
        clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str | None = None,
        exclude_layers: Any = None, exclude_embeddings: bool = True, muon_a: float = 3.4445, muon_b: float = -4.7750,
        muon_c: float = 2.0315, adam_lr_ratio: float = 1, momentum: float = 0.95, ns_steps: int = 5, nesterov: bool = True,
        rms_rate: float | None = 0.2, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.exclude_layers, self.exclude_embeddings = exclude_layers or [], exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c, self.ns_steps = muon_a, muon_b, muon_c, ns_steps
        self.momentum, self.nesterov, self.rms_rate = momentum, nesterov, rms_rate

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.momentums: list = []
        self.adam_velocities: list = []
        for variable in variables:
            self.momentums.append(self.add_variable_from_reference(variable, "momentum"))
            of_adam = self._is_of_adam(variable)
            self.adam_velocities.append(self.add_variable_from_reference(variable, "velocity") if of_adam else None)

    def _is_of_adam(self, variable: Any) -> bool:
        path = path_of(variable)
        is_embedding = self.exclude_embeddings and "embedding" in path.lower()
        return len(variable.shape) != 2 or is_embedding or any(re.search(name, path) for name in self.exclude_layers)

    def _decay_weights(self, variables: list, learning_rate: Any) -> None:
        for variable in variables:
            weight_decay = self.adam_weight_decay if self._is_of_adam(variable) else self.weight_decay
            if weight_decay is not None:
                self._decay(variable, weight_decay, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i, work, dtype = self._get_variable_index(variable), self._workspace, variable.dtype._np
        m, v = self.momentums[i], self.adam_velocities[i]
        rate: Any = work.number(learning_rate)
        if v is not None:
            rate = work.scalar(
                corrected_rate, dtype, rate * self.adam_lr_ratio, self._step(), self.adam_beta_1, self.adam_beta_2
            )
            numbers = work.constants(dtype, 1 - self.adam_beta_1, 1 - self.adam_beta_2, self.epsilon)
            self._update(adam, gradient, variable, [m, v], rate, *numbers)
            return
        p, mean = work.array(variable), work.array(m)
        g, _ = work.dense(gradient, variable, None)
        mean *= dtype.type(self.momentum)
        mean += g
        step = self._orthogonal(g + dtype.type(self.momentum) * mean if self.nesterov else mean)
        if self.rms_rate is not None:
            rate = rate * (np.sqrt(max(p.shape)) * self.rms_rate)
        p -= (step * as_type(rate, step.dtype)).astype(dtype)

    def _orthogonal(self, x: Any) -> Any:
        """Nearly the orthogonal factor of a matrix, by a polynomial that draws its singular values towards 1."""
        x = x if x.dtype == np.float64 else x.astype(np.float32)
        a, b, c = (x.dtype.type(number) for number in (self.muon_a, self.muon_b, self.muon_c))
        is_tall = x.shape[0] > x.shape[1]
        x = x.T if is_tall else x
        x = x / (np.sqrt(np.square(x).sum()) + x.dtype.type(1e-7))
        for _ in range(self.ns_steps):
            gram = x @ x.T
            x = a * x + (b * gram + (c * gram) @ gram) @ x
        return x.T if is_tall else x
