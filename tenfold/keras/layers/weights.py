"""The weights of a layer: how they are made, found, set and stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import as_dtype
from tenfold.keras import constraints, dtype_policies, initializers, naming, regularizers
from tenfold.keras.tracking import Tracker, unique
from tenfold.keras.variables import Variable, path_scope


class WeightOwner(Tracker):
    """The part of a layer that a call does not need: its name, its dtypes, and the weights of it and of the layers in it."""

    built: bool

    def __init__(self, name: str | None, dtype: Any, trainable: bool) -> None:
        super().__init__()
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(
                f"Argument `name` must be a string and cannot contain character `/`. Received: name={name!r}"
            )
        self.name = name or naming.auto_name(type(self).__name__)
        self._dtype_policy = dtype_policies.get(dtype)
        self._trainable = trainable

    # Dtypes.

    @property
    def dtype_policy(self) -> dtype_policies.DTypePolicy:
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._dtype_policy = dtype_policies.get(value)

    @property
    def dtype(self) -> str:
        return self.variable_dtype

    @property
    def variable_dtype(self) -> str:
        return self._dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        return self._dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        return self._dtype_policy.compute_dtype

    # Making weights.

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> Variable:
        """Makes a variable of the layer.

        Args:
          shape: its shape, () by default.
          initializer: initializer, name of one, or function; Glorot uniform for floats and zeros otherwise.
          dtype: its dtype, by default the layer's variable dtype.
          trainable: whether it is trained.
          regularizer, constraint: what training adds to the loss, and applies after an update.
          name: the last part of its path.
        """
        if isinstance(shape, str):  # Keras 2 had the name first
            shape, name = (None if callable(initializer) or isinstance(initializer, str) else initializer), shape
            initializer = None if isinstance(initializer, (tuple, list)) else initializer
        kwargs.pop("use_resource", None)
        kwargs.pop("experimental_autocast", None)
        if kwargs:
            raise TypeError(f"Layer.add_weight: unexpected arguments {sorted(kwargs)}.")
        if isinstance(shape, int):
            shape = (shape,)
        shape = () if shape is None else tuple(shape)
        dtype = as_dtype(dtype).name if dtype is not None else self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if as_dtype(dtype).is_floating else "zeros"
        with path_scope(self.name, self):
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._track(variable)
        if not self._trainable:
            variable.trainable = False
        return variable

    def add_variable(self, shape: Any, initializer: Any, **kwargs: Any) -> Variable:
        """`add_weight` under its former name."""
        return self.add_weight(shape=shape, initializer=initializer, **kwargs)

    def _describe_weight(self, name: str, initializer: Any, regularizer: Any = None, constraint: Any = None) -> None:
        """Sets `<name>_initializer`, `<name>_regularizer` and `<name>_constraint`, which `_make_weight` reads."""
        setattr(self, f"{name}_initializer", initializers.get(initializer))
        setattr(self, f"{name}_regularizer", regularizers.get(regularizer))
        setattr(self, f"{name}_constraint", constraints.get(constraint))

    def _make_weight(self, name: str, shape: Any, variable_name: str | None = None, **kwargs: Any) -> Variable:
        """A variable as `_describe_weight` described it."""
        kwargs.setdefault("initializer", getattr(self, f"{name}_initializer"))
        return self.add_weight(
            shape=shape,
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            name=variable_name or name,
            **kwargs,
        )

    # Finding them.

    @property
    def path(self) -> str:
        return self.__dict__.get("_path", self.name)

    @property
    def variables(self) -> list:
        """All variables, states of seed generators included, metrics not."""
        found: dict[int, Any] = {}
        self._collect_variables(found, True)
        return list(found.values())

    def _collect_variables(self, found: dict[int, Any], with_seeds: bool) -> None:
        """Enters the variables, by their identity, in order."""
        for variable in self._trainable_variables:
            found[id(variable)] = variable
        for variable in self._non_trainable_variables:
            found[id(variable)] = variable
        if with_seeds:
            for generator in self._seed_generators:
                found[id(generator.state)] = generator.state
        for layer in self._layers:
            layer._collect_variables(found, with_seeds)

    @property
    def weights(self) -> list:
        """The variables without the states of seed generators."""
        found: dict[int, Any] = {}
        self._collect_variables(found, False)
        return list(found.values())

    @property
    def trainable_variables(self) -> list:
        return [v for v in self.variables if v.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list:
        return [v for v in self.variables if not v.trainable] if self.trainable else self.variables

    @property
    def trainable_weights(self) -> list:
        return [v for v in self.weights if v.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list:
        return [v for v in self.weights if not v.trainable] if self.trainable else self.weights

    @property
    def metrics(self) -> list:
        """The metrics of this layer and of those in it; what a model in it was compiled with is its own affair."""
        return list(unique(self._own_metrics()))

    def _own_metrics(self) -> list:
        metrics = list(self._metrics)
        for layer in self._layers:
            metrics.extend(layer._own_metrics())
        return metrics

    @property
    def metrics_variables(self) -> list:
        return [v for metric in self.metrics for v in metric.variables]

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        """Keras has dropped it.

        Raises:
          NotImplementedError: always.
        """
        raise NotImplementedError(
            f"{type(self).__name__}.add_metric: layers add no metrics any more. Give the metric to "
            "`Model.compile(metrics=[...])`, or make it in `__init__` and call its `update_state` in `call`."
        )

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self._trainable = value
        for variable in self._trainable_variables:
            variable.trainable = value
        for layer in self._layers:
            layer.trainable = value

    # Their values.

    def get_weights(self) -> list[np.ndarray]:
        """The values of `weights`, as arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Sets the values of `weights`.

        Raises:
          ValueError: number or shapes differ; nothing is changed then.
        """
        variables = self.weights
        weights = [np.asarray(w) for w in weights]
        if len(weights) != len(variables):
            raise ValueError(
                f"You called `set_weights(weights)` on layer '{self.name}' with a weight list of length {len(weights)}, "
                f"but the layer was expecting {len(variables)} weights."
            )
        for variable, value in zip(variables, weights, strict=True):
            if variable.shape != value.shape:
                raise ValueError(
                    f"Layer {self.name} weight shape {variable.shape} is not compatible with provided weight shape "
                    f"{value.shape}."
                )
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """The number of elements of all weights.

        Raises:
          ValueError: the layer is not built.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on layer '{self.name}', but the layer isn't built. You can build it "
                "manually via: `layer.build(input_shape)`."
            )
        return sum(int(np.prod(w.shape.as_list())) for w in self.weights)

    def save_own_variables(self, store: Any) -> None:
        """Writes the layer's own variables to a dict-like store, by number."""
        for i, variable in enumerate(self._trainable_variables + self._non_trainable_variables):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Reads what `save_own_variables` wrote.

        Raises:
          ValueError: number or shapes of the variables differ.
        """
        variables = self._trainable_variables + self._non_trainable_variables
        if len(store.keys()) != len(variables):
            if not variables and not self.built:
                raise ValueError(
                    f"Layer '{self.name}' was never built and thus it doesn't have any variables. However the weights file "
                    f"lists {len(store.keys())} variables for this layer. Build it, by calling it or `build()`, first."
                )
            raise ValueError(
                f"Layer '{self.name}' expected {len(variables)} variables, but received {len(store.keys())} variables during "
                f"loading. Expected: {[v.name for v in variables]}"
            )
        for i, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(i)]))


def weight_options(*names: str) -> tuple[str, ...]:
    """The configuration entries of weights that `_describe_weight` describes."""
    return tuple(f"{name}_{what}" for name in names for what in ("initializer", "regularizer", "constraint"))
