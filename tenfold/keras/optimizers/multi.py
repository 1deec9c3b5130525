"""MultiOptimizer: each variable has an optimizer of its own choice."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from tenfold.keras.optimizers.former_names import CallableList
from tenfold.keras.optimizers.loss_scale import LossScaleOptimizer
from tenfold.keras.optimizers.optimizer import Optimizer


class OptimizerMap(MutableMapping):
    """Optimizers by the paths of variables: a path, or a regular expression that matches the whole of it.

    Args:
      default_optimizer: optimizer of variables that match none.
      optimizer_map: dict of path or expression to optimizer.

    Example:
      >>> kinds = tf.keras.optimizers
      >>> optimizers = kinds.OptimizerMap(kinds.SGD(), {"encoder/.*": kinds.Adam(name="of_encoder")})
      >>> optimizers["encoder/kernel"].name
      'of_encoder'
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"default_optimizer must be a Keras Optimizer instance. Received: {default_optimizer}")
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(f"optimizer_map must be a dictionary. Received: {optimizer_map}")
        self.default_optimizer = default_optimizer
        self._optimizers = optimizer_map or {}

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizers:
            return self._optimizers[key]
        matching = [optimizer for pattern, optimizer in self._optimizers.items() if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"Multiple optimizers assigned to variable {key}.")
        return matching[0] if matching else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if key in self._optimizers:
            raise ValueError(f"'{key}' already exists in the OptimizerMap with value {self._optimizers[key]}.")
        if not isinstance(key, str):
            raise ValueError(f"key must be a string. Received: {key}")
        _check_inner(optimizer)
        self._optimizers[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizers[key]

    def __len__(self) -> int:
        return len(self._optimizers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizers)

    def __call__(self, variable: Any) -> Optimizer:
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        return {"default_optimizer": self.default_optimizer, "optimizer_map": self._optimizers}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> OptimizerMap:
        from tenfold.keras.saving import serialization

        return cls(**serialization.deserialize_keras_object(config, custom_objects))


class MultiOptimizer(Optimizer):
    """Updates each variable by the optimizer that a map or a function gives for it.

    Args:
      optimizer_map: OptimizerMap, or function of a variable that returns an optimizer.
      loss_scale_factor: as for `Optimizer`; replaces that of the optimizers.
      name: name of the optimizer.

    Example:
      >>> kinds = tf.keras.optimizers
      >>> slow, fast = kinds.SGD(0.1), kinds.SGD(1.0)
      >>> v, w = tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w")
      >>> optimizer = kinds.MultiOptimizer(lambda variable: slow if variable is v else fast)
      >>> optimizer.apply([tf.constant(1.0), tf.constant(1.0)], [v, w])
      >>> print(v.numpy(), w.numpy())
      0.9 0.0
    """

    def __init__(self, optimizer_map: Any, loss_scale_factor: float | None = None, name: str | None = None) -> None:
        self._inner: list[Optimizer] = []
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._include(optimizer)

    def _include(self, optimizer: Any) -> None:
        _check_inner(optimizer)
        if not any(known is optimizer for known in self._inner):
            optimizer.loss_scale_factor = self.loss_scale_factor
            self._inner.append(optimizer)

    def build(self, variables: Any) -> None:
        if self.built:
            return
        self._optimizer_of = {}
        for variable in variables:
            optimizer = self._optimizer_map(variable)
            self._include(optimizer)
            self._optimizer_of[id(variable)] = optimizer
        for optimizer, its_variables in self._by_optimizer(variables):
            optimizer.build(its_variables)
        super().build(variables)

    def _by_optimizer(self, variables: Any) -> list[tuple[Optimizer, list]]:
        groups = [(o, [v for v in variables if self._optimizer_of[id(v)] is o]) for o in self._inner]
        return [(optimizer, group) for optimizer, group in groups if group]

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers that variables may be updated by."""
        return self._inner

    @property
    def variables(self) -> list:
        return CallableList([*self._variables, *(v for optimizer in self._inner for v in optimizer.variables)])

    @property
    def learning_rate(self) -> Any:
        raise AttributeError("Learning rate cannot be accessed on a MultiOptimizer; each of its `optimizers` has one.")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError("Learning rate cannot be set on a MultiOptimizer; each of its `optimizers` has one.")

    @property
    def loss_scale_factor(self) -> Any:
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: Any) -> None:
        self._loss_scale_factor = value
        for optimizer in self._inner:
            optimizer.loss_scale_factor = value

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        gradients = list(grads)
        if not gradients:
            return
        variables = self._known(gradients, trainable_variables)
        gradient_of = {id(v): g for v, g in zip(variables, gradients, strict=True)}
        for optimizer, its_variables in self._by_optimizer(variables):
            optimizer.apply([gradient_of[id(v)] for v in its_variables], its_variables)
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list: Any) -> None:
        for optimizer, its_variables in self._by_optimizer(list(var_list)):
            optimizer.finalize_variable_values(its_variables)

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {
            "optimizer_map": serialization.serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        optimizers = serialization.deserialize_keras_object(config["optimizer_map"], custom_objects)
        return cls(**{**config, "optimizer_map": optimizers})


def _check_inner(optimizer: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"optimizer must be a Keras Optimizer instance. Received: {optimizer}")
    if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ValueError(f"optimizer cannot be {type(optimizer).__name__}.")
