"""LossScaleOptimizer: keeps float16 gradients from vanishing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.keras import initializers
from tenfold.keras.optimizers.optimizer import Optimizer, _scaled


class LossScaleOptimizer(Optimizer):
    """Multiplies the loss by a scale, divides the gradients by it, and finds a scale at which none overflows.

    Args:
      inner_optimizer: the optimizer that updates.
      initial_scale: first scale.
      dynamic_growth_steps: steps without overflow after which the scale doubles; an overflow halves it.

    Example:
      >>> optimizer = tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.SGD(0.1))
      >>> print(optimizer.scale_loss(tf.constant(1.0)).numpy())
      32768.0
    """

    def __init__(
        self, inner_optimizer: Any, initial_scale: float = 2.0**15, dynamic_growth_steps: int = 2000,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if not kwargs.pop("dynamic", True):
            raise ValueError(
                "LossScaleOptimizer no longer supports `dynamic=False`. Instead, simply set `loss_scale_factor` directly on the "
                "`inner_optimizer`."
            )
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        self.step_counter = self.add_variable((), dtype="int", name="step_counter")
        start = initializers.Constant(self.initial_scale)
        self.dynamic_scale = self.add_variable((), start, "float32", name="dynamic_scale")
        self.inner_optimizer.build(var_list)
        super().build(var_list)

    @property
    def variables(self) -> list:
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        return self.inner_optimizer.iterations

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        gradients = list(grads)
        if not self.built:
            self.build(trainable_variables)
        if all(np.isfinite(convert(g)._array).all() for g in gradients if g is not None):
            factor = 1.0 / float(self.dynamic_scale._value._array)
            self.inner_optimizer.apply([None if g is None else _scaled(g, factor) for g in gradients], trainable_variables)
            if int(self.step_counter._value._array) == self.dynamic_growth_steps - 1:
                self._set_scale(2.0)
            else:
                self.step_counter.assign_add(1)
        else:
            self._set_scale(0.5)

    def _set_scale(self, factor: float) -> None:
        self.step_counter.assign(0)
        self.dynamic_scale.assign(self.dynamic_scale._value._array * np.float32(factor))

    def scale_loss(self, loss: Any) -> Any:
        scale = self.dynamic_scale._value if self.built else self.initial_scale
        return loss * (float(scale._array) if hasattr(scale, "_array") else scale)

    def get_scaled_loss(self, loss: Any) -> Any:
        """`scale_loss`, by its name in Keras 2."""
        return self.scale_loss(loss)

    def get_unscaled_gradients(self, grads: Any) -> list:
        """The gradients divided by the scale, by Keras 2's way of training by hand."""
        scale = float(self.dynamic_scale._value._array) if self.built else self.initial_scale
        return [None if g is None else _scaled(g, 1.0 / scale) for g in grads]

    def finalize_variable_values(self, var_list: Any) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {
            "name": self.name,
            "inner_optimizer": serialization.serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        inner = serialization.deserialize_keras_object(config.pop("inner_optimizer"), custom_objects)
        return cls(inner, **config)
