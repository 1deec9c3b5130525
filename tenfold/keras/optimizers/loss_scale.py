"""LossScaleOptimizer: keeps float16 gradients from vanishing."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor
from tenfold.graph.branches import cond
from tenfold.keras import initializers
from tenfold.keras.notes import note_once
from tenfold.keras.optimizers.former_names import CallableList
from tenfold.keras.optimizers.optimizer import Optimizer, divided
from tenfold.ops import join, reduce
from tenfold.ops.cast import cast
from tenfold.ops.gather import where
from tenfold.ops.logic import is_finite

_UNUSED = {
    "weight_decay": None, "clipnorm": None, "global_clipnorm": None, "clipvalue": None, "use_ema": False, "ema_momentum": 0.99,
    "ema_overwrite_frequency": None, "loss_scale_factor": None, "gradient_accumulation_steps": None,
}  # fmt: skip


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
        for what, value in kwargs.items():  # files of older Keras versions hold the defaults
            if what not in _UNUSED or value != _UNUSED[what]:
                raise ValueError(
                    f"LossScaleOptimizer does not support `{what}`. Instead, set `{what}` on the `inner_optimizer`."
                )
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        self._next_are_unscaled = False
        inner_optimizer.loss_scale_factor = None

    def build(self, variables: Any) -> None:
        if self.built:
            return
        self.step_counter = self.add_variable((), dtype="int", name="step_counter")
        start = initializers.Constant(self.initial_scale)
        self.dynamic_scale = self.add_variable((), start, "float32", name="dynamic_scale")
        self.inner_optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self) -> list:
        return CallableList([*self._variables, *self.inner_optimizer.variables])

    @property
    def learning_rate(self) -> Any:
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, variable: Any) -> None:
        self.inner_optimizer.iterations = variable

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        gradients = list(grads)
        variables = self._known(gradients, trainable_variables)
        unscaled = gradients if self._next_are_unscaled else self._unscaled(gradients)
        self._next_are_unscaled = False
        finite = [reduce.reduce_all(is_finite(_values(g))) for g in gradients if g is not None]
        cond(
            reduce.reduce_all(join.stack(finite)),
            lambda: self._update_and_grow(unscaled, variables),
            lambda: self._set_scale(0.5, 0),
        )

    def _update_and_grow(self, gradients: list, variables: list) -> None:
        self.inner_optimizer.apply(gradients, variables)
        steps = convert(self.step_counter) + 1
        is_due = steps == self.dynamic_growth_steps
        self._set_scale(where(is_due, 2.0, 1.0), where(is_due, 0, steps))

    def _set_scale(self, factor: Any, steps: Any) -> None:
        self.dynamic_scale.assign(self.dynamic_scale * factor)
        self.step_counter.assign(steps)

    def _unscaled(self, gradients: list) -> list:
        scale = self._scale()
        return [None if g is None else divided(g, cast(scale, _values(g).dtype)) for g in gradients]

    def _scale(self) -> Tensor:
        return convert(self.dynamic_scale if self.built else self.initial_scale)

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the current scale."""
        loss = convert(loss)
        return loss * cast(self._scale(), loss.dtype)

    def get_scaled_loss(self, loss: Any) -> Any:
        """`scale_loss`, by its name in Keras 2."""
        note_once("`LossScaleOptimizer.get_scaled_loss` is `scale_loss` now.")
        return self.scale_loss(loss)

    def get_unscaled_gradients(self, grads: Any) -> list:
        """The gradients divided by the scale, as Keras 2 had it; the next `apply` does not divide them again."""
        note_once("`LossScaleOptimizer.get_unscaled_gradients` is part of `apply` now.")
        self._next_are_unscaled = True
        return self._unscaled(list(grads))

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

        inner = serialization.deserialize_keras_object(config["inner_optimizer"], custom_objects)
        return cls(**{**config, "inner_optimizer": inner})


def _values(gradient: Any) -> Tensor:
    return gradient.values if type(gradient) is IndexedSlices else convert(gradient)
