"""Optimizer: applies gradients to variables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable as CoreVariable
from tenfold.keras import config, initializers, naming
from tenfold.keras.notes import note_once
from tenfold.keras.optimizers.schedules import InverseTimeDecay, LearningRateSchedule
from tenfold.keras.variables import Variable
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, sums
from tenfold.ops import reduce as reduce_ops

_CHUNK = 8192  # elements of the arrays that an update takes at a time: what stays in the cache


class Optimizer:
    """Base of the optimizers.

    A subclass makes its variables in `build` and updates one variable in `update_step(gradient, variable,
    learning_rate)`.

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
    """

    # Whether a row without a gradient stays as it is, so that sparse gradients update the others only.
    _leaves_rows_alone = False

    def __init__(
        self,
        learning_rate: Any = None,
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
        if "lr" in kwargs:
            note_once("The keyword `lr` of optimizers is `learning_rate` now.")
            learning_rate = kwargs.pop("lr")
        decay = kwargs.pop("decay", None)
        if decay:
            note_once("The keyword `decay` of optimizers is now schedules.InverseTimeDecay as the learning rate.")
            learning_rate = InverseTimeDecay(learning_rate, 1, decay)
        for gone in ("jit_compile", "is_legacy_optimizer"):
            kwargs.pop(gone, None)
        if kwargs:
            raise ValueError(f"Argument(s) not recognized: {kwargs}")
        self.name = name or naming.auto_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        for what in ("clipnorm", "clipvalue", "global_clipnorm"):
            if getattr(self, what) is not None and getattr(self, what) < 0:
                raise ValueError(f"Argument `{what}` must be at least 0. Received: {what}={getattr(self, what)}")
        if sum(limit is not None for limit in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: "
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}."
            )
        if use_ema and not 0 <= ema_momentum <= 1:
            raise ValueError(f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={ema_momentum}")
        if use_ema and ema_overwrite_frequency is not None and (
            not isinstance(ema_overwrite_frequency, int) or ema_overwrite_frequency < 1
        ):
            raise ValueError(
                f"`ema_overwrite_frequency` must be an integer >= 1 or None. Received: {ema_overwrite_frequency}"
            )
        if gradient_accumulation_steps is not None and gradient_accumulation_steps < 2:
            raise ValueError(
                "`gradient_accumulation_steps` must be an integer >= 2. Received: "
                f"gradient_accumulation_steps={gradient_accumulation_steps}"
            )
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._variables: list[Variable] = []
        self._trainable_variables: list = []
        self._indices: dict[int, int] = {}
        self._scratch: dict[tuple, np.ndarray] = {}
        self._iterations = Variable(0, dtype="int64", trainable=False, name="iteration")
        self._track(self._iterations)
        if isinstance(learning_rate, (LearningRateSchedule, CoreVariable)) or callable(learning_rate):
            self._learning_rate: Any = learning_rate
        elif isinstance(learning_rate, (int, float, np.number, Tensor)) and not isinstance(learning_rate, bool):
            rate = np.asarray(learning_rate, as_dtype(config.floatx())._np)
            self._learning_rate = Variable(rate, dtype=config.floatx(), trainable=False, name="learning_rate")
            self._track(self._learning_rate)
        else:
            raise ValueError(
                "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable (that takes "
                f"in the current iteration value and returns the corresponding learning rate value). Received instead: "
                f"learning_rate={learning_rate}"
            )

    # Variables.

    def _track(self, variable: Variable) -> None:
        variable.path = f"{self.name}/{variable.name}"
        self._variables.append(variable)

    @property
    def variables(self) -> list:
        """Iteration count, learning rate and the slots of every variable."""
        return list(self._variables)

    @property
    def iterations(self) -> Variable:
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Any) -> None:
        if self.built:
            raise RuntimeError("Cannot set `iterations` to a new Variable after the Optimizer weights have been created.")
        self._variables = [variable if v is self._iterations else v for v in self._variables]
        self._iterations = variable

    @property
    def learning_rate(self) -> Any:
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, CoreVariable) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        old = self._learning_rate
        if isinstance(value, LearningRateSchedule) or (callable(value) and not isinstance(value, CoreVariable)):
            self._learning_rate = value
            self._variables = [v for v in self._variables if v is not old]
        elif isinstance(old, LearningRateSchedule):
            raise TypeError(
                "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` constructor argument, "
                "hence its learning rate is not settable. If you need the learning rate to be settable, you should instantiate "
                "the optimizer with a float `learning_rate` argument."
            )
        else:
            old.assign(np.asarray(value, old.dtype._np))

    @property
    def lr(self) -> Any:
        note_once("`optimizer.lr` is `optimizer.learning_rate` now.")
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        note_once("`optimizer.lr` is `optimizer.learning_rate` now.")
        self.learning_rate = value

    def build(self, var_list: Any) -> None:
        """Makes what the optimizer keeps for each of the variables."""
        if self.built:
            return
        var_list = list(var_list)
        self._trainable_variables = var_list
        self._indices = {id(v): i for i, v in enumerate(var_list)}
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(var_list, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(var_list, "gradient_accumulator")
        self.built = True

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, aggregation: str = "none", layout: Any = None,
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Makes a variable of the optimizer."""
        dtype = "int64" if dtype == "int" else dtype
        variable = Variable(initializers.get(initializer), shape=tuple(shape), dtype=dtype, trainable=False, name=name)
        self._track(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Makes a variable of the shape and dtype of a model's variable."""
        path = getattr(reference_variable, "path", None) or reference_variable.name.split(":")[0]
        full = re.sub("/", "_", path) + f"_{name}"
        return self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name=full)

    def add_optimizer_variables(self, trainable_variables: Any, name: Any, initializer: Any = "zeros") -> Any:
        """Makes one variable for each of the model's; for a list of names, a tuple of lists."""
        names = [name] if isinstance(name, str) else list(name)
        initial = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        made: list[list] = [[] for _ in names]
        for variable in trainable_variables:
            for slots, slot, start in zip(made, names, initial, strict=True):
                slots.append(self.add_variable_from_reference(variable, slot, start))
        return made[0] if isinstance(name, str) else tuple(made)

    def _get_variable_index(self, variable: Any) -> int:
        return self._indices[id(variable)]

    # Applying gradients.

    def apply_gradients(self, grads_and_vars: Any, name: str | None = None, **kwargs: Any) -> Any:
        """Updates variables, given pairs of gradient and variable.

        Returns:
          The number of steps taken, a variable.
        Raises:
          ValueError: no gradient is there, or a variable is not one that the optimizer was built with.
        """
        kwargs.pop("skip_gradients_aggregation", None)
        kwargs.pop("experimental_aggregate_gradients", None)
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
        if trainable_variables is None:
            if not self.built:
                raise ValueError(
                    "When passing `grads` without `variables`, the optimizer must already be built on a list of variables. "
                    "Call `optimizer.build(trainable_variables)` first. "
                )
            variables = self._trainable_variables
            if len(gradients) != len(variables):
                raise ValueError(
                    f"There are {len(gradients)} gradients, but the optimizer was built with {len(variables)} variables."
                )
        else:
            variables = list(trainable_variables)
            if not self.built:
                self.build(variables)
                self.built = True
            for variable in variables:
                if id(variable) not in self._indices:
                    raise ValueError(
                        f"Unknown variable: {variable}. This optimizer can only be called for the variables it was originally "
                        "built with. When working with a new set of variables, you should recreate a new optimizer instance."
                    )
        if None in gradients:
            gradients, variables = _without_empty(gradients, variables)
        if self.loss_scale_factor is not None:
            gradients = [_scaled(g, 1.0 / self.loss_scale_factor) for g in gradients]
        self._apply_all(gradients, variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._iterations._own_array()[...] += 1

    def _apply_all(self, gradients: list, variables: list) -> None:
        step = int(self._iterations._value._array) + 1
        if self.gradient_accumulation_steps:
            sums = [self._accumulated_gradients[self._get_variable_index(v)] for v in variables]
            if step % self.gradient_accumulation_steps:
                for total, gradient in zip(sums, gradients, strict=True):
                    total.assign_add(_dense(gradient))
                return
            steps = self.gradient_accumulation_steps
            gradients = [(_dense(g) + total._value) / steps for g, total in zip(gradients, sums, strict=True)]
        gradients = self._clipped(gradients)
        if self.weight_decay is not None:
            self._decay_weights(variables)
        self._backend_update_step(gradients, variables, self.learning_rate)
        if self.gradient_accumulation_steps:
            for total in self._accumulated_gradients:
                total._own_array()[...] = 0
        if self.use_ema:
            self._update_averages(step)

    def _backend_update_step(self, grads: list, trainable_variables: list, learning_rate: Any) -> None:
        for gradient, variable in zip(grads, trainable_variables, strict=True):
            self.update_step(gradient, variable, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one variable; to be defined by subclasses."""
        raise NotImplementedError

    def _clipped(self, gradients: list) -> list:
        if self.clipnorm:
            return [_clipped_by_norm(_dense(g), self.clipnorm) for g in gradients]
        if self.clipvalue:
            return [elementwise.clip_by_value(_dense(g), -self.clipvalue, self.clipvalue) for g in gradients]
        if self.global_clipnorm:
            gradients = [_dense(g) for g in gradients]
            squares = [reduce_ops.reduce_sum(elementwise.square(g)) for g in gradients]
            norm = exponential.sqrt(sums.add_n(squares))
            factor = self.global_clipnorm * elementwise.minimum(1.0 / norm, 1.0 / self.global_clipnorm)
            return [g * factor for g in gradients]
        return gradients

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Exempts variables, given themselves or by words in their names, from weight decay."""
        self._decay_exempt = {id(v) for v in var_list or ()}
        self._decay_exempt_names = list(var_names or ())

    def _decay_weights(self, variables: list) -> None:
        exempt, words = getattr(self, "_decay_exempt", set()), getattr(self, "_decay_exempt_names", [])
        rate = np.asarray(self.learning_rate)
        for variable in variables:
            name = getattr(variable, "path", variable.name)
            if id(variable) in exempt or any(re.search(word, name) for word in words):
                continue
            array = variable._own_array()
            array -= array * array.dtype.type(self.weight_decay) * rate.astype(array.dtype)

    def _update_averages(self, step: int) -> None:
        momentum = self.ema_momentum if step > 1 else 0.0
        for variable, average in zip(self._trainable_variables, self._model_variables_moving_average, strict=True):
            target = average._own_array()
            target *= momentum
            target += (1.0 - momentum) * variable._value._array
        if self.ema_overwrite_frequency and step % self.ema_overwrite_frequency == 0:
            self._overwrite_with_averages(self._trainable_variables)

    def _overwrite_with_averages(self, variables: list) -> None:
        for variable, average in zip(variables, self._model_variables_moving_average, strict=True):
            variable.assign(wrap(average._value._array.copy()))

    def finalize_variable_values(self, var_list: Any) -> None:
        """Puts the moving averages into the model; `fit` calls it at the end."""
        if self.use_ema:
            self._overwrite_with_averages(list(var_list))

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the loss scale, if there is one."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def minimize(self, loss: Any, var_list: Any, tape: Any = None, **kwargs: Any) -> Any:
        """Computes gradients of a loss and applies them.

        Args:
          loss: function without arguments, or a tensor recorded on `tape`.
          var_list: variables, or a function that returns them.
        """
        from tenfold.autodiff.tape import GradientTape

        if not callable(loss) and tape is None:
            raise ValueError("`tape` is required when a `Tensor` loss is passed. Received: loss, tape=None.")
        tape = GradientTape() if tape is None else tape
        if callable(loss):
            with tape:
                if not callable(var_list):
                    tape.watch(var_list)
                loss = loss()
        variables = list(var_list() if callable(var_list) else var_list)
        return self.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    # Updating in place.

    def assign(self, variable: Any, value: Any) -> None:
        variable.assign(value)

    def assign_add(self, variable: Any, value: Any) -> None:
        variable.assign_add(_cast_to(value, variable))

    def assign_sub(self, variable: Any, value: Any) -> None:
        variable.assign_sub(_cast_to(value, variable))

    def _run(self, kernel: Callable[..., None], gradient: Any, variable: Any, slots: list, *scalars: Any) -> None:
        """Runs an update in place: `kernel(p, g, *slot arrays, scratch, scratch2, *scalars)`.

        Large arrays go through in parts that stay in the cache. Sparse gradients go row by row where rows without a
        gradient stay as they are, and as dense ones else.
        """
        if type(gradient) is IndexedSlices:
            if self._leaves_rows_alone:
                self._run_on_rows(kernel, gradient, variable, slots, scalars)
                return
            gradient = convert(gradient)
        elif type(gradient) is not Tensor:
            gradient = convert(gradient)
        p = variable._own_array()
        g = gradient._array
        if g.dtype is not p.dtype:
            g = g.astype(p.dtype)
        if g.shape != p.shape:
            raise ValueError(
                f"{type(self).__name__}: the gradient of {variable.name!r} has shape {g.shape}, the variable {p.shape}."
            )
        arrays = [p, g, *[slot._own_array() for slot in slots]]
        with np.errstate(all="ignore"):
            self._run_in_parts(kernel, arrays, scalars)

    def _run_in_parts(self, kernel: Callable[..., None], arrays: list[np.ndarray], scalars: tuple) -> None:
        p = arrays[0]
        size, dtype = p.size, p.dtype
        if size <= _CHUNK or not all(a.flags.c_contiguous for a in arrays):
            key = (p.shape, dtype)
            pair = self._scratch.get(key)
            if pair is None:
                pair = self._scratch[key] = np.empty((2, *p.shape), dtype)
            kernel(*arrays, pair[0, ...], pair[1, ...], *scalars)
            return
        pair = self._scratch.get(dtype)  # type: ignore[call-overload]
        if pair is None:
            pair = self._scratch[dtype] = np.empty((2, _CHUNK), dtype)  # type: ignore[index]
        flat = [a.reshape(-1) for a in arrays]
        first, second = pair
        for start in range(0, size, _CHUNK):
            parts = [a[start : start + _CHUNK] for a in flat]
            count = parts[0].size
            kernel(*parts, first[:count], second[:count], *scalars)

    def _run_on_rows(
        self, kernel: Callable[..., None], gradient: IndexedSlices, variable: Any, slots: list, scalars: tuple
    ) -> None:
        rows, inverse = np.unique(gradient.indices._array, return_inverse=True)
        p = variable._own_array()
        g = gradient.values._array.astype(p.dtype, copy=False)
        if len(rows) != len(g):
            summed = np.zeros((len(rows), *g.shape[1:]), p.dtype)
            np.add.at(summed, inverse, g)
            g = summed
        else:
            g = g[np.argsort(gradient.indices._array, kind="stable")]
        whole = [p, *[slot._own_array() for slot in slots]]
        parts = [a[rows] for a in whole]
        with np.errstate(all="ignore"):
            self._run_in_parts(kernel, [parts[0], g, *parts[1:]], scalars)
        for target, part in zip(whole, parts, strict=True):
            target[rows] = part

    # Saving.

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to make an optimizer like this one, without its state."""
        rate = self._learning_rate
        if isinstance(rate, CoreVariable):
            value: Any = float(rate.numpy())
        else:
            from tenfold.keras.saving import serialization

            value = serialization.serialize_keras_object(rate)
        return {
            "name": self.name,
            "learning_rate": value,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            **{name: getattr(self, name) for name in getattr(self, "_config_names", ())},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Makes an optimizer from what `get_config` returned."""
        from tenfold.keras.saving import serialization

        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = serialization.deserialize_keras_object(config["learning_rate"], custom_objects)
        return cls(**config)

    def get_weights(self) -> list[np.ndarray]:
        """The values of all variables of the optimizer."""
        return [v.numpy() for v in self.variables]

    def set_weights(self, weights: Any) -> None:
        """Sets the values of all variables of the optimizer."""
        if not self.built:
            raise ValueError(
                "You are calling `set_weights()` on an optimizer that has not yet been built. Please call "
                "`optimizer.build(trainable_variables)` to create the optimizer weights before calling `set_weights()`."
            )
        for variable, value in zip(self._variables, weights, strict=True):
            if tuple(variable.shape) != np.shape(value):
                raise ValueError(
                    f"Optimizer variable {variable.path} has shape {variable.shape} not compatible with provided weight shape "
                    f"{np.shape(value)}."
                )
            variable.assign(value)

    def save_own_variables(self, store: Any) -> None:
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        variables = self.variables
        if len(store.keys()) != len(variables):
            note_once(
                f"Skipping variable loading for optimizer '{self.name}', because it has {len(variables)} variables whereas the "
                f"saved optimizer has {len(store.keys())} variables."
            )
            return
        for i, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(i)]))

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} name={self.name}>"


def _dense(gradient: Any) -> Tensor:
    return gradient if type(gradient) is Tensor else convert(gradient)


def _scaled(gradient: Any, factor: float) -> Any:
    if type(gradient) is IndexedSlices:
        return IndexedSlices(gradient.values * factor, gradient.indices, gradient.dense_shape)
    return gradient * factor


def _clipped_by_norm(gradient: Tensor, limit: float) -> Tensor:
    norm = exponential.sqrt(reduce_ops.reduce_sum(elementwise.square(gradient)))
    return gradient * limit / elementwise.maximum(norm, limit)


def _cast_to(value: Any, variable: Any) -> Any:
    value = convert(value, None, variable.dtype)
    return value if value._array.dtype == variable.dtype._np else cast_ops.cast(value, variable.dtype)


def _without_empty(gradients: list, variables: list) -> tuple[list, list]:
    pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
    if not pairs:
        raise ValueError("No gradients provided for any variable.")
    missing = [v.name for g, v in zip(gradients, variables, strict=True) if g is None]
    note_once(
        f"Gradients do not exist for variables {missing} when minimizing the loss. If using `model.compile()`, did you forget to "
        "provide a `loss` argument?"
    )
    return [g for g, _ in pairs], [v for _, v in pairs]
