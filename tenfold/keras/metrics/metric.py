"""Metric: a number that is gathered batch by batch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tenfold.core import nest, restoring
from tenfold.core.children import attributes
from tenfold.core.context import paused_recording, traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.symbol import Spec, hint_of
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.node import Step
from tenfold.keras import config, dtype_policies, initializers, naming
from tenfold.keras.metrics.former_names import FormerNames
from tenfold.keras.tracking import TrackedDict, TrackedList, unique
from tenfold.keras.variables import Variable, path_scope
from tenfold.ops.flow import init_scope


class Metric(FormerNames):
    """Base of metrics: `update_state` takes in a batch, `result` says what came out, `reset_state` begins anew.

    Args:
      dtype: dtype of the state, the default float type if None.
      name: name of the metric.

    Example:
      >>> class Largest(tf.keras.metrics.Metric):
      ...     def __init__(self, **kwargs):
      ...         super().__init__(**kwargs)
      ...         self.largest = self.add_weight(shape=(), initializer="zeros", name="largest")
      ...     def update_state(self, y_true, y_pred, sample_weight=None):
      ...         self.largest.assign(tf.maximum(self.largest, tf.reduce_max(y_pred)))
      ...     def result(self):
      ...         return self.largest.value
      >>> print(Largest()([0.0], [3.0]).numpy())
      3.0
    """

    _tracked_as = "_metrics"
    _is_own_state = True  # TensorFlow's checkpoints have no Keras metrics
    _direction: str | None = None  # "up" where larger is better, "down" where smaller is
    _is_built: Any = True  # whether all variables are there, also those of a shape that the first batch has to show

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or naming.auto_name(type(self).__name__)
        self._dtype: DType = as_dtype(dtype_policies.get(dtype).compute_dtype if dtype else config.floatx())
        self._metrics: list[Metric] = []
        self._variables: list[Any] = []

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_metrics" and name != "_variables":
            value = self._tracked(value)
        object.__setattr__(self, name, value)
        restoring.resume(self)

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        return attributes(self, ("_metrics",))

    def _tracked(self, value: Any) -> Any:
        """Notes variables and metrics, also those in lists and dicts."""
        if isinstance(value, (Metric, Variable)):
            self._check_super_called()
            known: list[Any] = self._metrics if isinstance(value, Metric) else self._variables
            if all(value is not other for other in known):
                known.append(value)
        elif type(value) is list:
            return TrackedList(value, self._tracked)
        elif type(value) is dict:
            return TrackedDict(value, self._tracked)
        elif type(value) is tuple:
            for item in value:
                self._tracked(item)
        return value

    def _check_super_called(self) -> None:
        if "_variables" not in self.__dict__:
            raise RuntimeError(
                f"{type(self).__name__}: its state is used before it exists. Call super().__init__() first in __init__()."
            )

    @property
    def dtype(self) -> str:
        return self._dtype.name

    @property
    def variables(self) -> list:
        return list(unique([*self._variables, *(v for metric in self._metrics for v in metric.variables)]))

    def add_variable(
        self, shape: Any, initializer: Any, dtype: Any = None, aggregation: str = "sum", name: str | None = None
    ) -> Variable:
        """Makes a variable of the metric's state.

        Args:
          shape: its shape.
          initializer: what makes its first value: an initializer or the name of one.
          dtype: its dtype, the default float type if None.
          aggregation: how devices would be combined; on one it makes no difference.
          name: its name.
        """
        self._check_super_called()
        with path_scope(self.name.replace("/", ">"), self):
            variable = Variable(
                initializers.get(initializer), shape=tuple(shape), dtype=dtype, trainable=False, aggregation=aggregation,
                name=name,
            )  # fmt: skip
        self._variables.append(variable)
        return variable

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Lets the methods of Tenfold's own metrics that work on arrays be steps of the graphs that they are traced into."""
        super().__init_subclass__(**kwargs)
        if cls.__module__.startswith(_OURS):
            for name, wrapper in (
                ("update_state", _traceable),
                ("reset_state", _traceable),
                ("result", _traceable_result),
            ):
                if name in cls.__dict__ and not hasattr(cls.__dict__[name], "is_of_ops"):
                    setattr(cls, name, wrapper(cls.__dict__[name]))

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Takes in a batch; each metric says of what."""
        raise NotImplementedError

    def result(self) -> Any:
        """The metric of all batches since it was made or reset: a tensor, or a dict of tensors."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Sets the state to zeros."""
        for variable in self.variables:
            variable.assign(np.zeros_like(variable._value._array))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`update_state`, then `result`."""
        self._check_super_called()
        with paused_recording():
            self.update_state(*args, **kwargs)
            return self.result()

    # State handed around by the caller.

    def stateless_update_state(self, metric_variables: Any, *args: Any, **kwargs: Any) -> list[Tensor]:
        """The state after a batch, given the state before it; the metric's own state stays.

        Args:
          metric_variables: one value for each of `variables`.
          *args, **kwargs: those of `update_state`.
        Raises:
          ValueError: the number of values is another.
        Example:
          >>> m = tf.keras.metrics.Sum()
          >>> state = m.stateless_update_state(m.stateless_reset_state(), [1.0, 2.0])
          >>> print(m.stateless_result(state).numpy(), m.result().numpy())
          3.0 0.0
        """
        with _borrowed(self, metric_variables):
            self.update_state(*args, **kwargs)
            return [variable._value for variable in self.variables]

    def stateless_result(self, metric_variables: Any) -> Any:
        """The result for a state.

        Raises:
          ValueError: the number of values is another than that of `variables`.
        """
        with _borrowed(self, metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[Tensor]:
        """The state to begin with."""
        with _borrowed(self, self.variables):
            self.reset_state()
            return [variable._value for variable in self.variables]

    # Configuration and files.

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def save_own_variables(self, store: Any) -> None:
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        for i, variable in enumerate(self.variables):
            variable.assign(np.asarray(store[str(i)]))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


_OURS = __name__.rpartition(".")[0] + "."


def of_ops(method: Any) -> Any:
    """Marks a method of a metric that is written with ops: graphs take it in op by op."""
    method.is_of_ops = True
    return method


def _traceable(method: Callable[..., None]) -> Callable[..., None]:
    """A method that writes to a metric's variables, as a step of a graph where it is traced."""

    @functools.wraps(method)
    def run(self: Metric, *args: Any, **kwargs: Any) -> None:
        graph = traced_graph()
        if graph is None:
            method(self, *args, **kwargs)
        else:
            if not self._is_built:
                with init_scope():
                    method(self, *nest.map_structure(_zeros_like, args), **nest.map_structure(_zeros_like, kwargs))
                    self.reset_state()
            call: Any = functools.partial(run, self)
            call.__name__ = f"{type(self).__name__}.{method.__name__}"
            expand = getattr(self, f"_{method.__name__}_by_ops", None)
            graph.defer(call, args, kwargs, always=True, variables=tuple(self.variables) or None, expand=expand)

    return run


def _zeros_like(value: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return wrap(np.zeros(hint_of(tuple(value._array.shape)), value._array.dtype))


def _traceable_result(method: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`result`, as a step of a graph where it is traced; what it looks like is asked of the metric as it is."""

    @functools.wraps(method)
    def run(self: Metric) -> Any:
        graph = traced_graph()
        if graph is None:
            return method(self)
        with init_scope():
            like = method(self)
        flat = [convert(x) for x in nest.flatten(like)]
        by_ops = getattr(self, "_result_by_ops", None)
        expand = None if by_ops is None else lambda: [by_ops()]
        step = Step(
            f"{type(self).__name__}.result",
            lambda: nest.flatten(run(self)),
            False,
            tuple(self.variables),
            expand=expand,
        )
        found = graph.step(step, (), [Spec.of(x._array.dtype, x._array.shape) for x in flat])
        return nest.pack_sequence_as(like, found)

    return run


class _borrowed:
    """Lends a metric other values of its variables, and gives it back its own."""

    def __init__(self, metric: Metric, values: Any) -> None:
        self._variables = metric.variables
        self._lent = list(values)
        if len(self._lent) != len(self._variables):
            raise ValueError(
                f"{type(metric).__name__} {metric.name!r}: metric_variables are {len(self._lent)} values; expected "
                f"{len(self._variables)}, one for each of `variables`."
            )

    def __enter__(self) -> None:
        self._own = [variable._value for variable in self._variables]
        for variable, value in zip(self._variables, self._lent, strict=True):
            variable.assign(value)

    def __exit__(self, *exc: object) -> None:
        for variable, value in zip(self._variables, self._own, strict=True):
            variable.assign(value)
