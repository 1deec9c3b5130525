"""Layer: variables and the computation that uses them."""

from __future__ import annotations

import functools
import inspect
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.core import nest
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable as CoreVariable
from tenfold.keras import constraints, dtype_policies, initializers, naming, regularizers, tracking
from tenfold.keras.functional_graph import Node
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.notes import note_once
from tenfold.keras.shape_inference import output_spec_by_probing
from tenfold.keras.variables import Variable, path_scope, scope
from tenfold.ops import cast as cast_ops


class _CallContext(threading.local):
    """What the calls in progress hand down: the outermost layer, and whether it trains."""

    def __init__(self) -> None:
        self.entry: Any = None
        self.training: bool | None = None
        self.is_batch_open = False  # in fit, evaluate and predict, whose batches are of any size


call_context = _CallContext()


class _Signature:
    """What the parameters of a class' `call` (or `build`) are; read once per class."""

    __slots__ = (
        "names",
        "defaults",
        "has_training",
        "has_mask",
        "masks",
        "is_variadic",
        "takes_keywords",
        "has_own_mask",
    )

    def __init__(self, cls: type, method: str) -> None:
        function = getattr(cls, method)
        self.has_own_mask = getattr(cls, "compute_mask", None) is not Layer.compute_mask
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self.takes_keywords = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.is_variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.names = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.has_training = "training" in self.names
        self.has_mask = "mask" in self.names
        self.masks = [name for name in self.names if name.endswith("_mask")]


def signature_of(cls: type, method: str) -> _Signature:
    key = f"_{method}_signature"
    found = cls.__dict__.get(key)
    if found is None:
        found = _Signature(cls, method)
        setattr(cls, key, found)
    return found


def _is_array(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray, CoreVariable, KerasTensor)) or hasattr(value, "__tf_tensor__")


class Layer:
    """A computation and the variables it owns.

    Subclasses make their variables in `__init__` or `build(input_shape)` and compute in `call(inputs)`. Attributes that
    are variables, layers, metrics, or lists and dicts of them, are tracked.

    Args:
      activity_regularizer: regularizer of the output.
      trainable: whether the variables are trained.
      dtype: dtype, dtype policy or name of one; variables and inputs of floating type take it.
      autocast: whether floating inputs are cast to the compute dtype.
      name: the layer's name.

    Example:
      >>> class Linear(tf.keras.layers.Layer):
      ...     def __init__(self, units, activation=None, **kwargs):
      ...         super().__init__(**kwargs)
      ...         self.units = units
      ...         self.activation = tf.keras.activations.get(activation)
      ...     def build(self, input_shape):
      ...         self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones", name="kernel")
      ...         self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
      ...     def call(self, inputs):
      ...         return self.activation(inputs @ self.kernel + self.bias)
      >>> print(Linear(3, activation="relu")(tf.constant([[1.0, 2.0]])).numpy())
      [[3. 3. 3.]]
    """

    supports_masking = False
    input_spec: Any = None
    quantization_mode: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _marking_built(cls.build)  # type: ignore[method-assign]
        if "compute_mask" in cls.__dict__ and "supports_masking" not in cls.__dict__:
            cls.supports_masking = True
        for name in cls.__dict__.get("_config_names", ()):  # the class knows the names that its instances have
            if not hasattr(cls, name):
                setattr(cls, name, None)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = object.__new__(cls)
        object.__setattr__(layer, "_init_arguments", (args, kwargs))
        return layer

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        put = object.__setattr__
        put(self, "_trainable_variables", [])
        put(self, "_non_trainable_variables", [])
        put(self, "_layers", [])
        put(self, "_metrics", [])
        put(self, "_seed_generators", [])
        put(self, "_losses", [])
        put(self, "_inbound_nodes", [])
        put(self, "_outbound_nodes", [])
        put(self, "_has_losses", False)
        put(self, "_build_shapes", None)
        put(self, "built", False)
        put(self, "_was_called", False)
        put(self, "_checked_shape", None)  # the last one that `input_spec` accepted
        input_shape = _input_shape_argument(kwargs)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(
                f"Argument `name` must be a string and cannot contain character `/`. Received: name={name!r}"
            )
        self.name = name or naming.auto_name(type(self).__name__)
        self._dtype_policy = dtype_policies.get(dtype)
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._trainable = trainable
        self._input_shape_argument = input_shape

    # Attributes.

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (CoreVariable, Layer, list, dict, tuple)) or hasattr(type(value), "_tracked_as"):
            value = self._track(value)
            if name in self.__dict__:
                self._untrack(self.__dict__[name])
        elif name in self.__dict__ and isinstance(self.__dict__[name], (CoreVariable, Layer)):
            self._untrack(self.__dict__[name])
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        # Not properties: some layers have arguments of these names.
        if name in ("input_shape", "output_shape"):
            tensors = self.input if name == "input_shape" else self.output
            return nest.map_structure(lambda t: t.shape, tensors)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        self._untrack(self.__dict__.get(name))
        object.__delattr__(self, name)

    def _track(self, value: Any) -> Any:
        """Enters a value into the list of its kind; lists and dicts come back as tracked ones."""
        kind = type(value)
        if kind in (list, tracking.TrackedList):
            return tracking.TrackedList(value, self._track)
        if kind in (dict, tracking.TrackedDict):
            return tracking.TrackedDict(value, self._track)
        if isinstance(value, tuple):
            for item in value:
                self._track(item)
            return value
        where = self._place(value)
        if where is not None and not any(item is value for item in where):
            where.append(value)
        return value

    def _untrack(self, value: Any) -> None:
        where = self._place(value)
        if where is not None:
            where[:] = [item for item in where if item is not value]

    def _place(self, value: Any) -> list | None:
        try:
            if isinstance(value, CoreVariable):
                return self._trainable_variables if value.trainable else self._non_trainable_variables
            if isinstance(value, Layer):
                return self._layers
            place = getattr(type(value), "_tracked_as", None)
            return None if place is None else getattr(self, place)
        except AttributeError:
            raise RuntimeError(_FORGOT_INIT.format(type(self).__name__)) from None

    # Variables.

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
        return list(tracking.unique(self._own_metrics()))

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

    # Building.

    def build(self, input_shape: Any) -> None:
        """Makes the variables; called with the shape of the first input before the first `call`."""
        self.built = True

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        """Calls `build` with the shapes of the inputs."""
        self._build_with(self._call_shapes(args, kwargs))

    def _ensure_built(self, input_shape: Any) -> None:
        """Builds the layer as a part of another one, if it is not built."""
        if not self.built:
            with path_scope(self.name, self):
                self._build_with({"input_shape": tuple(input_shape)})

    def _build_with(self, shapes: dict[str, Any]) -> None:
        signature = signature_of(type(self), "build")
        outer = scope.autocast
        scope.autocast = None
        try:
            if not signature.names:
                self.build()  # type: ignore[call-arg]
            elif len(signature.names) == 1 or not set(signature.names) & set(shapes):
                self.build(next(iter(shapes.values()), None))
            else:
                self.build(**{k: v for k, v in shapes.items() if k in signature.names})
        finally:
            scope.autocast = outer
        self._build_shapes = _open_batch(shapes) if call_context.is_batch_open else shapes
        self.built = True

    def _call_shapes(self, args: tuple, kwargs: dict) -> dict[str, Any]:
        """The shapes of the tensors among the arguments, as `<argument>_shape`."""
        names = signature_of(type(self), "call").names
        named = dict(zip(names, args, strict=False))
        named.update(kwargs)
        shapes = {}
        for i, (name, value) in enumerate(named.items()):
            if i and (name in ("training", "mask") or name.endswith("_mask")):
                continue
            leaves = nest.flatten(value)
            if leaves and all(_is_array(leaf) for leaf in leaves):
                shapes[f"{name}_shape"] = nest.map_structure(lambda x: tuple(x.shape), value)
        if not shapes and args:
            shapes["input_shape"] = nest.map_structure(lambda x: tuple(x.shape), args[0])
        return shapes

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build_from_config` needs to build the layer without data."""
        shapes = self._build_shapes
        if not shapes:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds the layer from what `get_build_config` returned."""
        if not config:
            return
        if "input_shape" in config:
            self.build(_as_shape(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{k: _as_shape(v) for k, v in config["shapes_dict"].items()})
        self.built = True

    # Calling.

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the layer computes; to be defined by subclasses."""
        raise NotImplementedError(f"Layer {type(self).__name__} does not have a `call()` method implemented.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Builds the layer if need be, prepares the inputs, and calls `call`."""
        try:
            policy = self._dtype_policy
        except AttributeError:
            raise RuntimeError(_FORGOT_INIT.format(type(self).__name__)) from None
        dtype = policy._compute_np
        for value in args:
            if not _is_ready(value, dtype):
                break
        else:
            for value in kwargs.values():
                if not _is_ready(value, dtype):
                    break
            else:
                return self._call_on_tensors(args, kwargs)
        if _is_symbolic(args, kwargs):
            return self._symbolic_call(args, kwargs)
        return self._call_on_tensors(*self._converted(args, kwargs))

    def _call_on_tensors(self, args: tuple, kwargs: dict) -> Any:
        first = args[0] if args else next(iter(kwargs.values()), None)
        if self.input_spec is not None:
            shape = first._array.shape if type(first) is Tensor else None
            if shape is None or shape != self._checked_shape:
                self._check_inputs(first)
                object.__setattr__(self, "_checked_shape", shape)
        cls = type(self)
        signature = cls.__dict__.get("_call_signature") or signature_of(cls, "call")
        mask = first._keras_mask if type(first) is Tensor else _mask_of(first)
        if mask is not None or signature.masks:
            self._pass_masks(args, kwargs, signature, mask)
        if kwargs and signature.has_mask and kwargs.get("mask") is not None:
            mask = kwargs["mask"]
        context = call_context.__dict__
        outer_entry, outer_training = context["entry"], context["training"]
        if outer_entry is None:
            context["entry"] = self
            if self._has_losses:
                self._clear_losses()
        context["training"] = _pass_training(args, kwargs, signature, outer_training)
        policy = self._dtype_policy
        autocast = as_dtype(policy._compute_dtype) if policy._is_mixed else None
        if autocast is not scope.autocast:
            outer_autocast, scope.autocast = scope.autocast, autocast
        else:
            outer_autocast = autocast
        try:
            outputs = self.call(*args, **kwargs) if self._was_called else self._first_call(args, kwargs)
            if self.activity_regularizer is not None:
                self._add_activity_losses(outputs)
        finally:
            context["entry"], context["training"] = outer_entry, outer_training
            if outer_autocast is not autocast:
                scope.autocast = outer_autocast
        if self.supports_masking:
            if mask is not None or signature.has_own_mask:
                self._set_masks(first, outputs, mask)
        elif mask is not None:
            warnings.warn(_LOSES_MASK.format(self.name, cls.__name__), stacklevel=3)
        return outputs

    def _add_activity_losses(self, outputs: Any) -> None:
        """Adds what the activity regularizer says of each output, per row, so that it does not depend on the batch size."""
        for output in nest.flatten(outputs):
            loss = self.activity_regularizer(output)
            rows = output.shape[0] if output.ndim else 1
            self.add_loss(loss / rows if rows else loss)

    def _first_call(self, args: tuple, kwargs: dict) -> Any:
        """Builds the layer and calls it, its name before the paths of all variables made on the way."""
        with path_scope(self.name, self):
            if not self.built:
                self._build_for(args, kwargs)
            outputs = self.call(*args, **kwargs)
        object.__setattr__(self, "_was_called", True)
        return outputs

    def _converted(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Arrays as tensors, floating ones in the compute dtype."""
        autocast, compute = self.autocast, self._dtype_policy._compute_dtype

        def convert_one(value: Any) -> Any:
            if type(value) is not Tensor:
                if not _is_array(value):
                    return value
                dtype = getattr(value, "dtype", None)
                is_floating = isinstance(value, np.ndarray) and value.dtype.kind in "fV"
                value = convert(value, as_dtype(compute) if autocast and is_floating and dtype is not None else None)
            array = value._array
            if autocast and array.dtype.kind in "fV" and array.dtype.name != compute:
                mask = value._keras_mask
                value = cast_ops.cast(value, compute)
                if mask is not None:
                    value._keras_mask = mask
            return value

        for value in args:
            if isinstance(value, (str, bytes)):
                raise ValueError(
                    f"Layer '{self.name}': only tensors may be passed as positional arguments. Received: {value!r}; pass it by "
                    "keyword."
                )
        args = tuple([convert_one(x) if not nest.is_nested(x) else nest.map_structure(convert_one, x) for x in args])
        for key, x in kwargs.items():
            if type(x) is not bool and x is not None:
                kwargs[key] = convert_one(x) if not nest.is_nested(x) else nest.map_structure(convert_one, x)
        return args, kwargs

    def _check_inputs(self, inputs: Any) -> None:
        specs = self.input_spec if isinstance(self.input_spec, (list, tuple)) else [self.input_spec]
        leaves = nest.flatten(inputs)
        if len(leaves) != len(specs):
            raise ValueError(
                f'Layer "{self.name}" expects {len(specs)} input(s), but it received {len(leaves)} input tensors. '
                f"Inputs received: {inputs}"
            )
        for leaf, spec in zip(leaves, specs, strict=True):
            if spec is not None and leaf is not None:
                spec.check(leaf._array.shape if type(leaf) is Tensor else tuple(leaf.shape), self.name)

    def _symbolic_call(self, args: tuple, kwargs: dict) -> Any:
        """Calls the layer on KerasTensors: finds out what comes out, and notes the call."""
        if self.input_spec is not None:
            self._check_inputs(args[0] if args else next(iter(kwargs.values())))
        with path_scope(self.name, self):
            if not self.built:
                self._build_for(args, kwargs)
            outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        self._set_symbolic_masks(args, kwargs, outputs)
        return outputs

    def _set_symbolic_masks(self, args: tuple, kwargs: dict, outputs: Any) -> None:
        """Gives the outputs in a functional model the masks that they will carry."""
        first = args[0] if args else next(iter(kwargs.values()))
        mask = kwargs.get("mask")
        mask = _mask_of(first) if mask is None else mask
        if not self.supports_masking:
            if mask is not None:
                warnings.warn(_LOSES_MASK.format(self.name, type(self).__name__), stacklevel=4)
        elif mask is not None or signature_of(type(self), "call").has_own_mask:
            from tenfold.keras.symbolic_ops import symbolic_mask

            for output, found in zip(
                nest.flatten(outputs), nest.flatten(symbolic_mask(self, first, mask)), strict=False
            ):
                if output._keras_mask is None:
                    output._keras_mask = found

    def stateless_call(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple:
        """Calls the layer with other values of its variables, which stay as they are.

        Args:
          trainable_variables, non_trainable_variables: values in the order of the properties of these names.
          *args, **kwargs: arguments of the call.
          return_losses: whether the losses of the call are returned too.
        Returns:
          The outputs, what the call made of the variables that are not trained, and the losses if wanted.
        Raises:
          ValueError: the layer is not built, or the numbers of values and variables differ.
        Example:
          >>> layer = tf.keras.layers.Dense(1, use_bias=False)
          >>> layer.build((None, 2))
          >>> outputs, _ = layer.stateless_call([tf.ones([2, 1])], [], tf.constant([[1.0, 2.0]]))
          >>> print(outputs.numpy())
          [[3.]]
        """
        if not self.built:
            raise ValueError(f"{type(self).__name__}.stateless_call: the layer is not built. Call it on data first.")
        changing = self.non_trainable_variables
        variables = [*self.trainable_variables, *changing]
        for name, values, count in (
            ("trainable_variables", trainable_variables, len(variables) - len(changing)),
            ("non_trainable_variables", non_trainable_variables, len(changing)),
        ):
            if len(values) != count:
                raise ValueError(
                    f"{type(self).__name__}.stateless_call: `{name}` has {len(values)} values; the layer has {count} "
                    "variables of this kind."
                )
        before = [variable._value for variable in variables]
        try:
            for variable, value in zip(variables, [*trainable_variables, *non_trainable_variables], strict=True):
                variable._value = convert(value, variable.dtype)
            outputs = self(*args, **kwargs)
            after = [variable._value for variable in changing]
            losses = self.losses if return_losses else None
        finally:
            for variable, tensor in zip(variables, before, strict=True):
                variable._value = tensor
        return (outputs, after, losses) if return_losses else (outputs, after)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the output for a shape of the input; a subclass may define it to spare `call` on zeros."""
        if not args and kwargs:
            args = tuple(kwargs.values())
        is_single = isinstance(args[0], (tuple, list)) and all(s is None or isinstance(s, int) for s in args[0])
        specs = (
            KerasTensor(args[0], self.compute_dtype)
            if is_single
            else [KerasTensor(s, self.compute_dtype) for s in args[0]]
        )
        return nest.map_structure(lambda t: t.shape, self.compute_output_spec(specs))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """KerasTensors like the outputs that a call on these KerasTensors would have."""
        if type(self).compute_output_shape is not Layer.compute_output_shape:
            shapes = self._call_shapes(args, kwargs)
            signature = signature_of(type(self), "compute_output_shape")
            if len(signature.names) <= 1:
                shape = self.compute_output_shape(next(iter(shapes.values()), None))
            else:
                shape = self.compute_output_shape(**{k: v for k, v in shapes.items() if k in signature.names})
            return _specs_of(shape, self.compute_dtype)
        return output_spec_by_probing(self, args, kwargs)

    # Masks.

    if TYPE_CHECKING:
        compute_mask: Callable[..., Any]  # subclasses name the mask as they like
    else:

        def compute_mask(self, inputs: Any, previous_mask: Any = None, mask: Any = None) -> Any:
            """The mask of the output, by default that of the input; `mask` is the name of that in Keras 2."""
            return previous_mask if mask is None else mask

    def _pass_masks(self, args: tuple, kwargs: dict, signature: _Signature, mask: Any) -> None:
        """Gives `call` the masks that its inputs carry, where it takes them; `mask` is that of the first one."""
        if (
            mask is not None
            and signature.has_mask
            and kwargs.get("mask") is None
            and "mask" not in signature.names[: len(args)]
        ):
            kwargs["mask"] = mask
        for name in signature.masks:
            source = name.removesuffix("_mask")
            if kwargs.get(name) is None and source in signature.names:
                index = signature.names.index(source)
                found = _mask_of(args[index] if index < len(args) else kwargs.get(source))
                if found is not None:
                    kwargs[name] = found

    def _set_masks(self, inputs: Any, outputs: Any, previous: Any) -> None:
        flat_outputs = nest.flatten(outputs)
        if all(getattr(output, "_keras_mask", None) is not None for output in flat_outputs):
            return
        masks = self.compute_mask(inputs, previous)
        if masks is None:
            return
        for output, mask in zip(flat_outputs, nest.flatten(masks), strict=False):
            if mask is not None and isinstance(output, (Tensor, KerasTensor)) and output._keras_mask is None:
                output._keras_mask = mask

    # Losses.

    def add_loss(self, loss: Any, inputs: Any = None) -> None:
        """Adds scalars to what training minimises besides the loss of the outputs.

        Args:
          loss: scalar, or a structure of scalars.
          inputs: an argument of Keras 2, without effect.
        """
        if inputs is not None:
            note_once("`inputs` of `Layer.add_loss` is gone; it has no effect.")
        for item in nest.flatten(loss):
            if callable(item) and not isinstance(item, (Tensor, CoreVariable)):
                item = item()
            if isinstance(item, KerasTensor):
                raise ValueError(
                    "Layer.add_loss: a KerasTensor has no value; call add_loss inside the call() of a layer."
                )
            self._losses.append(convert(item))
        self._has_losses = True
        if call_context.entry is not None:
            call_context.entry._has_losses = True

    def _clear_losses(self) -> None:
        self._losses.clear()
        self._has_losses = False
        for layer in self._layers:
            layer._clear_losses()

    def _own_losses(self) -> list:
        losses = list(self._losses)
        for layer in self._layers:
            losses.extend(layer._own_losses())
        return losses

    @property
    def losses(self) -> list:
        """What `add_loss` added in the last call, and the losses of regularizers."""
        losses = self._own_losses()
        for variable in self.trainable_weights:
            regularizer = getattr(variable, "regularizer", None)
            if regularizer is not None:
                losses.append(regularizer(variable))
        return losses

    # Functional graph.

    @property
    def input(self) -> Any:
        """The KerasTensor the layer was called on, in a functional model."""
        return self._first_node("input").input_tensors_structure()

    @property
    def output(self) -> Any:
        """The KerasTensor that the layer's call in a functional model returned."""
        return self._first_node("output").outputs

    def _first_node(self, what: str) -> Node:
        if not self._inbound_nodes:
            raise AttributeError(f"The layer {self.name} has never been called and thus has no defined {what}.")
        return self._inbound_nodes[0]

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        return self._symbolic_call(args, kwargs)

    # Configuration.

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to make a layer like this one.

        A subclass that takes more arguments than this class adds them; if it does not define `get_config`, the arguments
        it was made with are recorded instead.
        """
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "dtype": self._dtype_config()}
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        for cls in type(self).__mro__:
            for name in cls.__dict__.get("_config_names", ()):
                config.setdefault(name, _serialized(getattr(self, name)))
        if self._records_arguments():
            config.update(self._recorded_arguments(config))
        return config

    def _dtype_config(self) -> Any:
        return {
            "module": "keras",
            "class_name": "DTypePolicy",
            "config": {"name": self.dtype_policy.name},
            "registered_name": None,
        }

    @classmethod
    def _records_arguments(cls) -> bool:
        """Whether `__init__` is of a more special class, not one of Keras', than what the configuration comes from."""
        sources = ("get_config", "_config_names")
        first = next(c for c in cls.__mro__ if any(name in c.__dict__ for name in ("__init__", *sources)))
        return not any(name in first.__dict__ for name in sources) and not first.__module__.startswith("tenfold.keras.")

    def _recorded_arguments(self, base: dict[str, Any]) -> dict[str, Any]:
        args, kwargs = self._init_arguments
        signature = inspect.signature(type(self).__init__)
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        config: dict[str, Any] = {}
        takes_base = False
        for name, parameter in list(signature.parameters.items())[1:]:
            if parameter.kind is parameter.VAR_KEYWORD:
                takes_base = True
                config.update(bound.arguments.get(name, {}))
            elif parameter.kind is parameter.VAR_POSITIONAL:
                if bound.arguments.get(name):
                    raise NotImplementedError(
                        f"{type(self).__name__}: __init__ takes *{name}, which cannot be recorded. Define get_config()."
                    )
            elif name in bound.arguments:
                config[name] = bound.arguments[name]
        from tenfold.keras.saving import serialization

        config = {k: serialization.serialize_keras_object(v) for k, v in config.items()}
        if not takes_base:
            for name in base.keys() - signature.parameters.keys():
                base.pop(name)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Makes a layer from what `get_config` returned."""
        config = dict(config)
        dtype = config.get("dtype")
        if isinstance(dtype, dict):
            config["dtype"] = dtype_policies.get(dtype)
        if cls._records_arguments():
            from tenfold.keras.saving import serialization

            config = {
                k: serialization.deserialize_keras_object(v) if isinstance(v, dict) and "class_name" in v else v
                for k, v in config.items()
            }
        return cls(**config)

    def get_layer_state(self) -> dict[str, Any]:
        """State besides the variables that `.keras` files keep; empty by default."""
        return {}

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

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` method that also works when it is called by hand: with paths for the variables, `built` set, the shape kept."""

    @functools.wraps(build)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        if self._build_shapes is None and (args or kwargs):  # of the outermost `build`, not of one that it calls
            names = signature_of(type(self), "build").names
            self._build_shapes = {**dict(zip(names, args, strict=False)), **kwargs}
        with path_scope(self.name, self):
            build(self, *args, **kwargs)
        self.built = True

    return wrapped


_LOSES_MASK = (
    "Layer '{0}' (of type {1}) was passed an input with a mask attached to it, but does not support masking: the layers "
    "after it will not see the mask. Set `self.supports_masking = True` if it should be passed on."
)
_FORGOT_INIT = "In layer '{0}', you forgot to call `super().__init__()` as the first statement in the `__init__()` method. Go add it!"


def _is_ready(value: Any, dtype: np.dtype) -> bool:
    """Whether an argument of a call is a tensor of the compute dtype already, or nothing to convert."""
    kind = type(value)
    if kind is Tensor:
        found = value._array.dtype
        return found is dtype or found.kind not in "fV"
    if value is None or kind is bool:
        return True
    if kind is list or kind is tuple:
        for item in value:
            if not _is_ready(item, dtype):
                return False
        return True
    return False


def _is_symbolic(args: tuple, kwargs: dict) -> bool:
    """Whether a KerasTensor is among the arguments of a call."""
    return any(isinstance(leaf, KerasTensor) for leaf in nest.flatten((args, kwargs)))


def _pass_training(args: tuple, kwargs: dict, signature: _Signature, outer: bool | None) -> bool | None:
    """Gives `call` the training flag where it takes one: what was passed, what the caller has, its own default."""
    given = kwargs.get("training")
    if not signature.has_training:
        if given is not None and not signature.takes_keywords:
            del kwargs["training"]
        return outer if given is None else given
    if given is None and len(args) > 1 and "training" in signature.names[: len(args)]:
        given = args[signature.names.index("training")]
        return outer if given is None else given
    if given is None:
        given = outer if outer is not None else signature.defaults.get("training")
        kwargs["training"] = given
    return given


def _mask_of(value: Any) -> Any:
    """The mask that a tensor carries, or a list of those of a structure; None if there is none."""
    if type(value) is Tensor:
        return value._keras_mask
    if isinstance(value, (list, tuple)):
        masks = [_mask_of(item) for item in value]
        return masks if any(mask is not None for mask in masks) else None
    return getattr(value, "_keras_mask", None)


def _open_batch(shapes: dict[str, Any]) -> dict[str, Any]:
    """The shapes with the size of the first axis left open."""
    return {k: (None, *s[1:]) if isinstance(s, tuple) and s and isinstance(s[0], int) else s for k, s in shapes.items()}


def _specs_of(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _specs_of(value, dtype) for key, value in shape.items()}
    if hasattr(shape, "as_list") or (
        isinstance(shape, (tuple, list)) and all(s is None or isinstance(s, (int, np.integer)) for s in shape)
    ):
        return KerasTensor(shape, dtype)
    return type(shape)([_specs_of(item, dtype) for item in shape])


def weight_options(*names: str) -> tuple[str, ...]:
    """The configuration entries of weights that `_describe_weight` describes."""
    return tuple(f"{name}_{what}" for name in names for what in ("initializer", "regularizer", "constraint"))


def _serialized(value: Any) -> Any:
    """An argument of a layer as it stands in its configuration."""
    if callable(value) or hasattr(value, "get_config"):
        from tenfold.keras import activations
        from tenfold.keras.saving import serialization

        return (
            serialization.serialize_keras_object(value)
            if hasattr(value, "get_config")
            else activations.serialize(value)
        )
    return value


def _as_shape(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if all(item is None or isinstance(item, int) for item in value):
            return tuple(value)
        return [_as_shape(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_shape(item) for key, item in value.items()}
    return value


def _input_shape_argument(kwargs: dict[str, Any]) -> tuple | None:
    """The shape, batch axis included, that `input_shape=`, `batch_input_shape=` or `input_dim=` of Keras 2 mean."""
    if "batch_input_shape" in kwargs:
        kwargs.pop("batch_size", None)
        return tuple(kwargs.pop("batch_input_shape"))
    batch = kwargs.pop("batch_size", None)
    if "input_shape" in kwargs:
        shape = kwargs.pop("input_shape")
        return (batch, *((shape,) if isinstance(shape, int) else shape))
    if "input_dim" in kwargs:
        length = kwargs.pop("input_length", None)
        return (batch, length, kwargs.pop("input_dim")) if length is not None else (batch, kwargs.pop("input_dim"))
    return None
