"""Optimizer: applies gradients to variables."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tenfold.core.context import recorders, traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable as CoreVariable
from tenfold.graph.branches import cond
from tenfold.keras import config, naming
from tenfold.keras.optimizers.former_names import translated
from tenfold.keras.optimizers.in_place import Workspace, as_number, as_type, rounded, summed_rows
from tenfold.keras.optimizers.programs import Programs
from tenfold.keras.optimizers.schedules import LearningRateSchedule
from tenfold.keras.optimizers.state import State, path_of
from tenfold.keras.optimizers.traced_update import enter_update
from tenfold.keras.variables import Variable
from tenfold.ops import cast as cast_ops
from tenfold.ops import clip, elementwise

_LARGE = 1 << 16  # numbers: NumPy needs longer for them than a small model takes to compile, in a thousand steps


class Optimizer(State):
    """Base of the optimizers.

    A subclass makes its variables in `build` and updates one variable in `update_step`. It may do so with ops, `assign`
    and its kin; the optimizers here run a kernel on arrays, in place.

    Args:
      learning_rate: float, schedule, or function without arguments.
      weight_decay: share of each weight, times the learning rate, that is taken away before an update.
      clipnorm, clipvalue, global_clipnorm: limits of each gradient's L2 norm, of each element, of all gradients' norm.
      use_ema: whether moving averages of the weights are kept.
      ema_momentum: momentum of these averages.
      ema_overwrite_frequency: every how many steps they replace the weights.
      loss_scale_factor: number that `scale_loss` multiplies and `apply` divides by.
      gradient_accumulation_steps: number of calls whose gradients are averaged for one update.
      name: name of the optimizer.

    Example:
      >>> class SignDescent(tf.keras.optimizers.Optimizer):
      ...     def update_step(self, gradient, variable, learning_rate):
      ...         self.assign_sub(variable, learning_rate * tf.sign(gradient))
      >>> v = tf.Variable([1.0, 2.0])
      >>> SignDescent(0.1).apply([tf.constant([3.0, -3.0])], [v])
      >>> print(v.numpy())
      [0.9 2.1]
    """

    # What a kernel wants to know of the gradient beside itself: its square, its absolute value.
    _measure: np.ufunc | None = None
    # Whether `update_step` does all that it does with the workspace, and nothing with ops.
    _has_lowering = False
    # Whether it updates so many numbers that the update is compiled in eager code too.
    _is_large = False
    # Whether a row without a gradient stays as it is, so that a sparse gradient need not touch it.
    _leaves_rows_alone = False
    # What `get_config` adds to the configuration of every optimizer.
    _config_names: tuple[str, ...] = ()

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        learning_rate = translated(learning_rate, kwargs)
        if kwargs:
            raise ValueError(f"Argument(s) not recognized: {kwargs}")
        if gradient_accumulation_steps and gradient_accumulation_steps < 2:
            raise ValueError(
                "`gradient_accumulation_steps` must be an integer >= 2. Received: "
                f"gradient_accumulation_steps={gradient_accumulation_steps}"
            )
        if use_ema and not 0 <= ema_momentum <= 1:
            raise ValueError(f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={ema_momentum}")
        every = ema_overwrite_frequency
        if use_ema and every and not (isinstance(every, int) and every >= 1):
            raise ValueError(f"`ema_overwrite_frequency` must be an integer >= 1 or None. Received: {every}")
        if sum(limit is not None for limit in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: "
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}."
            )
        self.__dict__["_variables"] = []
        self.name = name or naming.auto_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, every
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._trainable_variables: list = []
        self._indices: dict[int, int] = {}
        self._without_decay: tuple[list, re.Pattern | None] = ([], None)
        self._workspace = Workspace()
        self._programs = Programs()
        self._iterations = self._named(Variable(0, dtype="int64", trainable=False, name="iteration"))
        if isinstance(learning_rate, CoreVariable) or callable(learning_rate):
            self._learning_rate: Any = learning_rate
        elif isinstance(learning_rate, (int, float, np.number, Tensor)) and not isinstance(learning_rate, bool):
            rate = np.asarray(learning_rate, as_dtype(config.floatx())._np)
            self._learning_rate = self._named(Variable(rate, trainable=False, name="learning_rate"))
        else:
            raise ValueError(
                "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable (that takes "
                f"in the current iteration value and returns the corresponding learning rate value). Received instead: "
                f"learning_rate={learning_rate}"
            )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update_step" in cls.__dict__ and "_has_lowering" not in cls.__dict__:
            cls._has_lowering = False

    @property
    def iterations(self) -> Any:
        """The number of updates: a variable, or a tensor where gradients of several calls are accumulated for one."""
        if self.gradient_accumulation_steps:
            return self._iterations._read() // self.gradient_accumulation_steps
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Any) -> None:
        if self.built:
            raise RuntimeError(
                "Cannot set `iterations` to a new Variable after the Optimizer weights have been created."
            )
        self._variables.remove(self._iterations)
        self._iterations = variable

    def _step(self) -> Any:
        """The number of the update being made, from 1."""
        count = self._workspace.number(self._iterations)
        return count + 1 if not self.gradient_accumulation_steps else count // self.gradient_accumulation_steps + 1

    @property
    def learning_rate(self) -> Any:
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, CoreVariable) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        old = self._learning_rate
        if callable(value) and not isinstance(value, CoreVariable):
            self._learning_rate = value
            self.__dict__["_variables"] = [v for v in self._variables if v is not old]
        elif isinstance(old, LearningRateSchedule):
            raise TypeError(
                "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` constructor argument, "
                "hence its learning rate is not settable. If you need the learning rate to be settable, you should instantiate "
                "the optimizer with a float `learning_rate` argument."
            )
        else:
            old.assign(np.asarray(value, old.dtype._np))

    def build(self, variables: Any) -> None:
        """Makes what the optimizer keeps for each of the variables."""
        variables = list(variables)
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(variables, "gradient_accumulator")
        self._trainable_variables = variables
        self._is_large = self._has_lowering and sum(v._value._array.size for v in variables) >= _LARGE
        self._indices = {id(v): i for i, v in enumerate(variables)}
        self.built = True

    def _get_variable_index(self, variable: Any) -> int:
        return self._indices[id(variable)]

    # Applying gradients.

    def apply_gradients(self, grads_and_vars: Iterable[tuple], name: str | None = None, **kwargs: Any) -> Any:
        """Updates variables, given pairs of gradient and variable.

        Returns:
          The number of calls so far, a variable.
        Raises:
          ValueError: no gradient is there, or a variable is not one that the optimizer was built with.
        """
        if kwargs:
            for keyword in ("skip_gradients_aggregation", "experimental_aggregate_gradients"):  # of one replica
                kwargs.pop(keyword, None)
            if kwargs:
                raise TypeError(f"apply_gradients: unexpected arguments {sorted(kwargs)}.")
        gradients, variables = [], []
        for gradient, variable in grads_and_vars:
            gradients.append(gradient)
            variables.append(variable)
        self.apply(gradients, variables)
        return self._iterations

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Updates variables with one gradient for each; None leaves a variable as it is."""
        gradients = list(grads)
        if not gradients:
            return
        if trainable_variables is not None and not recorders():
            trainable_variables = list(trainable_variables)
            program = self._programs.known.get(tuple(map(id, trainable_variables)))
            if program is not None and program(gradients):
                return
        variables = self._known(gradients, trainable_variables)
        for gradient in gradients:
            if gradient is None:
                gradients, variables = _without_missing(gradients, variables)
                break
        if not recorders() and (program := self._programs.program(self, variables)) is not None and program(gradients):
            return
        if self.loss_scale_factor is not None:
            gradients = [divided(g, self.loss_scale_factor) for g in gradients]
        if self.gradient_accumulation_steps:
            self._accumulate(gradients, variables)
        else:
            self._apply(gradients, variables)

    def _apply(self, gradients: list, variables: list) -> None:
        """Updates variables with gradients, or makes a step without an update if there are none."""
        if gradients and (self.clipnorm or self.global_clipnorm or self.clipvalue):
            gradients = self._clipped(gradients)
        graph = traced_graph()
        if graph is None:
            self._update_in_place(gradients, variables, self.learning_rate)
        else:
            enter_update(self, graph, gradients, variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))

    def _accumulate(self, gradients: list, variables: list) -> None:
        """Adds gradients to those of earlier calls; at the last of them, updates variables with the means."""
        steps = self.gradient_accumulation_steps
        totals = [self._accumulated_gradients[self._get_variable_index(v)] for v in variables]
        for total, gradient in zip(totals, gradients, strict=True):
            total.assign_add(_cast_to(gradient, total))

        def update() -> None:
            means = [total._read() / steps for total in totals]
            for total in self._accumulated_gradients:
                total.assign(np.zeros_like(total._value._array))
            self._apply(means, variables)

        cond((self._iterations._read() + 1) % steps == 0, update, lambda: self._apply([], variables))

    def _update_in_place(self, gradients: list, variables: list, learning_rate: Any) -> None:
        """All that becomes of gradients and is done by kernels."""
        if gradients:
            self._decay_weights(variables, learning_rate)
            self._update_all(gradients, variables, learning_rate)
        if self.use_ema:
            self._update_averages()
        if self._workspace.advance(self._iterations):
            for variable in self._variables:
                self._workspace.flush_subnormals(variable)

    def _known(self, gradients: list, trainable_variables: Any) -> list:
        """The variables that the gradients are for; builds the optimizer if that is still to be done."""
        if trainable_variables is None:
            variables = self._trainable_variables
            if not self.built:
                raise ValueError(
                    "When passing `grads` without `variables`, the optimizer must already be built on a list of variables. "
                    "Call `optimizer.build(trainable_variables)` first. "
                )
            if len(gradients) != len(variables):
                raise ValueError(
                    f"There are {len(gradients)} gradients, but the optimizer was built with {len(variables)} variables."
                )
            return variables
        variables = list(trainable_variables)
        if not self.built:
            self.build(variables)
            self.built = True
        for variable in variables:
            if id(variable) not in self._indices:
                raise ValueError(
                    f"Unknown variable: {variable!r}. This optimizer can only be called for the variables it was originally "
                    "built with. When working with a new set of variables, you should recreate a new optimizer instance."
                )
        return variables

    def _clipped(self, gradients: list) -> list:
        if self.clipnorm and self.clipnorm > 0:
            return [clip.clip_by_norm(g, self.clipnorm) for g in gradients]
        if self.global_clipnorm and self.global_clipnorm > 0:
            scaled = clip.clip_by_global_norm(gradients, self.global_clipnorm)[0]
            return [summed_rows(g) if type(g) is IndexedSlices else g for g in scaled]  # as Keras adds them up here
        if self.clipvalue and self.clipvalue > 0:
            limit = self.clipvalue
            return [_mapped(lambda g: elementwise.clip_by_value(g, -limit, limit), g) for g in gradients]
        return gradients

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Exempts variables, given themselves or by patterns found in their paths, from weight decay."""
        self._without_decay = list(var_list or ()), re.compile("|".join(var_names)) if var_names else None

    def _is_exempt_from_decay(self, variable: Any) -> bool:
        exempt, pattern = self._without_decay
        return any(v is variable for v in exempt) or bool(pattern and pattern.search(path_of(variable)))

    def _decay_weights(self, variables: list, learning_rate: Any) -> None:
        if self.weight_decay is not None:
            for variable in variables:
                self._decay(variable, self.weight_decay, learning_rate)

    def _decay(self, variable: Any, weight_decay: float, learning_rate: Any) -> None:
        if not self._is_exempt_from_decay(variable):
            p = self._workspace.array(variable)
            numbers = rounded(weight_decay, p.dtype), as_type(self._workspace.number(learning_rate), p.dtype)
            self._workspace.run(_decay_kernel, [p], numbers)

    def _update_all(self, gradients: list, variables: list, learning_rate: Any) -> None:
        for gradient, variable in zip(gradients, variables, strict=True):
            self.update_step(gradient, variable, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one variable; to be defined by subclasses."""
        raise NotImplementedError

    def _update_averages(self) -> None:
        step = self._step()
        for variable, average in zip(self._trainable_variables, self._model_variables_moving_average, strict=True):
            p, mean = self._workspace.array(variable), self._workspace.array(average)
            momentum = as_type(self.ema_momentum * (step > 1), mean.dtype)
            self._workspace.run(_average_kernel, [mean, p], (momentum, mean.dtype.type(1) - momentum))
            if self.ema_overwrite_frequency:
                self._workspace.run(_replace_kernel, [p, mean], (step % self.ema_overwrite_frequency == 0,))

    def finalize_variable_values(self, var_list: Any) -> None:
        """Puts the moving averages into the model; `fit` calls it at the end."""
        if self.use_ema:
            for variable in var_list:
                average = self._model_variables_moving_average[self._get_variable_index(variable)]
                variable.assign(wrap(average._value._array.copy()))

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the loss scale, if there is one."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def stateless_apply(self, optimizer_variables: Any, grads: Any, trainable_variables: Any) -> Any:
        raise ValueError(
            "stateless_apply is not supported with the TensorFlow backend: variables keep the state. Use `apply`."
        )

    # Updating a variable.

    def assign(self, variable: Any, value: Any) -> None:
        """Sets a variable, which may be one of the model's or of the optimizer's; the value is cast to its dtype."""
        if type(value) is IndexedSlices:
            variable.scatter_update(value)
        else:
            variable.assign(_cast_to(value, variable))

    def assign_add(self, variable: Any, value: Any) -> None:
        """Adds to a variable."""
        variable.assign_add(_cast_to(value, variable))

    def assign_sub(self, variable: Any, value: Any) -> None:
        """Subtracts from a variable."""
        variable.assign_sub(_cast_to(value, variable))

    def _update(self, kernel: Callable[..., None], gradient: Any, variable: Any, slots: list, *numbers: Any) -> None:
        """Updates a variable and its slots in place: `kernel(p, g, *slot arrays, s, t, *numbers)`; see `Workspace`."""
        self._workspace.update(kernel, gradient, variable, slots, numbers, self._measure, self._leaves_rows_alone)

    # Configuration.

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to make an optimizer like this one, without its state."""
        from tenfold.keras.saving import serialization

        rate = self._learning_rate
        return {
            "name": self.name,
            "learning_rate": as_number(rate)
            if isinstance(rate, CoreVariable)
            else serialization.serialize_keras_object(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            **{name: getattr(self, name) for name in self._config_names},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Makes an optimizer from what `get_config` returned."""
        from tenfold.keras.saving import serialization

        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = serialization.deserialize_keras_object(config["learning_rate"], custom_objects)
        return cls(**config)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_indices"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._indices = {id(v): i for i, v in enumerate(self._trainable_variables)}  # by identity: those of the copies

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} name={self.name}>"


def _decay_kernel(p, s, t, decay, rate):
    np.multiply(p, decay, out=s)
    s *= rate
    p -= s


def _average_kernel(average, p, s, t, momentum, rest):
    np.multiply(p, rest, out=s)
    average *= momentum
    average += s


def _replace_kernel(p, average, s, t, is_due):
    p[...] = np.where(is_due, average, p)


def _mapped(function: Callable[[Tensor], Tensor], gradient: Any) -> Any:
    """A function of elements, on a gradient or on its slices."""
    if type(gradient) is IndexedSlices:
        return IndexedSlices(function(gradient.values), gradient.indices, gradient.dense_shape)
    return function(convert(gradient))


def divided(gradient: Any, scale: Any) -> Any:
    """A gradient divided by a number; None stays."""
    return None if gradient is None else _mapped(lambda g: g / scale, gradient)


def _cast_to(value: Any, variable: Any) -> Any:
    return cast_ops.cast(convert(value, None, variable.dtype), variable.dtype)


def _without_missing(gradients: list, variables: list) -> tuple[list, list]:
    """The gradients that are there, of which some are not, and their variables."""
    missing = [path_of(v) for g, v in zip(gradients, variables, strict=True) if g is None]
    if len(missing) == len(gradients):
        raise ValueError("No gradients provided for any variable.")
    warnings.warn(
        f"Gradients do not exist for variables {missing} when minimizing the loss. If using `model.compile()`, did you forget to "
        "provide a `loss` argument?",
        stacklevel=4,
    )
    pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
    return [g for g, _ in pairs], [v for _, v in pairs]
