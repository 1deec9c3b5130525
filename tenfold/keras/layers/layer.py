"""Layer: variables and the computation that uses them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tenfold.core import nest
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable as CoreVariable
from tenfold.keras import checkpoint_names, dtype_policies, regularizers
from tenfold.keras.functional_graph import Node
from tenfold.keras.keras_tensor import KerasTensor, is_symbolic
from tenfold.keras.layers import layer_config, masks, symbolic_call
from tenfold.keras.layers.building import as_shape, build_with, input_shape_argument, marking_built
from tenfold.keras.layers.call_arguments import (
    call_of,
    call_shapes,
    check_inputs,
    converted,
    is_ready,
    pass_training,
    signature_of,
)
from tenfold.keras.layers.call_context import call_context
from tenfold.keras.layers.masks import mask_of
from tenfold.keras.layers.weights import WeightOwner
from tenfold.keras.notes import note_once
from tenfold.keras.shape_inference import output_spec_by_probing
from tenfold.keras.tracking import FORGOT_INIT
from tenfold.keras.variables import path_scope, scope
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, sizes


class _ShapeOf:
    """The shape of what a property of a layer is. No property itself: attributes of its name, which some layers have, come first.
    Nor is it for `__getattr__`, with which Python would look up all attributes of layers the long way.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, layer: Any, cls: type) -> Any:
        return self if layer is None else nest.map_structure(lambda t: t.shape, getattr(layer, self._name))


class Layer(WeightOwner):
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
    # What attributes are called in checkpoints, where it is another name.
    _checkpoint_names: Mapping[str, str] = {}
    _former_checkpoint_names: Mapping[str, str] = {}  # likewise, in those of Keras 2

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = marking_built(cls.build)  # type: ignore[method-assign]
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
        input_shape = input_shape_argument(kwargs)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")
        super().__init__(name, dtype, trainable)
        put = object.__setattr__
        put(self, "_losses", [])
        put(self, "_inbound_nodes", [])
        put(self, "_outbound_nodes", [])
        put(self, "_has_losses", False)
        put(self, "_build_shapes", None)
        put(self, "built", False)
        put(self, "_was_called", False)
        put(self, "_checked_shape", None)  # the last one that `input_spec` accepted
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._input_shape_argument = input_shape

    # Building.

    def build(self, input_shape: Any) -> None:
        """Makes the variables; called with the shape of the first input before the first `call`."""
        self.built = True

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        """Calls `build` with the shapes of the inputs."""
        build_with(self, call_shapes(type(self), args, kwargs))

    def _ensure_built(self, input_shape: Any) -> None:
        """Builds the layer as a part of another one, if it is not built."""
        if not self.built:
            with path_scope(self.name, self):
                build_with(self, {"input_shape": tuple(input_shape)})

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
            self.build(as_shape(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{k: as_shape(v) for k, v in config["shapes_dict"].items()})
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
            raise RuntimeError(FORGOT_INIT.format(type(self).__name__)) from None
        dtype = policy._compute_np
        for value in (*args, *kwargs.values()):
            if (type(value) is not Tensor or value._array.dtype is not dtype) and not is_ready(value, dtype):
                break
        else:
            return self._call_on_tensors(args, kwargs)
        if is_symbolic(args, kwargs):
            return self._symbolic_call(args, kwargs)
        return self._call_on_tensors(*converted(self, args, kwargs))

    def _call_on_tensors(self, args: tuple, kwargs: dict) -> Any:
        first = args[0] if args else next(iter(kwargs.values()), None)
        if self.input_spec is not None:
            shape = first._array.shape if type(first) is Tensor else None
            if shape is None or shape != self._checked_shape:
                check_inputs(self, first)
                object.__setattr__(self, "_checked_shape", shape)
        cls = type(self)
        signature = cls.__dict__.get("_call_signature") or signature_of(cls, "call")
        mask = first._keras_mask if type(first) is Tensor else mask_of(first)
        if mask is not None or signature.masks:
            masks.pass_masks(args, kwargs, signature, mask)
        if kwargs and signature.has_mask and kwargs.get("mask") is not None:
            mask = kwargs["mask"]
        context = call_context.__dict__
        outer_entry, outer_training = context["entry"], context["training"]
        if outer_entry is None:
            context["entry"] = self
            if self._has_losses:
                self._clear_losses()
        context["training"] = pass_training(args, kwargs, signature, outer_training)
        policy = self._dtype_policy
        autocast = as_dtype(policy._compute_dtype) if policy._is_mixed else None
        if autocast is not scope.autocast:
            outer_autocast, scope.autocast = scope.autocast, autocast
        else:
            outer_autocast = autocast
        try:
            call = call_of(self) if signature.is_users else self.call
            outputs = call(*args, **kwargs) if self._was_called else self._first_call(call, args, kwargs)
            if self.activity_regularizer is not None:
                self._add_activity_losses(outputs)
        finally:
            context["entry"], context["training"] = outer_entry, outer_training
            if outer_autocast is not autocast:
                scope.autocast = outer_autocast
        if self.supports_masking:
            if mask is not None or signature.has_own_mask:
                masks.set_masks(self, first, outputs, mask)
        elif mask is not None:
            warnings.warn(masks.LOSES_MASK.format(self.name, cls.__name__), stacklevel=3)
        return outputs

    def _add_activity_losses(self, outputs: Any) -> None:
        """Adds what the activity regularizer says of each output, per row, so that it does not depend on the batch size."""
        for output in nest.flatten(outputs):
            loss = self.activity_regularizer(output)
            if output.ndim:
                loss = elementwise.divide_no_nan(loss, cast_ops.cast(sizes.shape(output)[0], loss.dtype))
            self.add_loss(loss)

    def _first_call(self, call: Callable[..., Any], args: tuple, kwargs: dict) -> Any:
        """Builds the layer and calls it, its name before the paths of all variables made on the way."""
        with path_scope(self.name, self):
            if not self.built:
                self._build_for(args, kwargs)
            outputs = call(*args, **kwargs)
        object.__setattr__(self, "_was_called", True)
        return outputs

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        return self._symbolic_call(args, kwargs)

    def _symbolic_call(self, args: tuple, kwargs: dict) -> Any:
        outputs = symbolic_call.noted_call(self, args, kwargs)
        masks.set_symbolic_masks(self, args, kwargs, outputs)
        return outputs

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
        return symbolic_call.shape_by_spec(self, args, kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """KerasTensors like the outputs that a call on these KerasTensors would have."""
        if type(self).compute_output_shape is not Layer.compute_output_shape:
            return symbolic_call.spec_by_shape(self, args, kwargs)
        return output_spec_by_probing(self, args, kwargs)

    # Masks.

    if TYPE_CHECKING:
        compute_mask: Callable[..., Any]  # subclasses name the mask as they like

        def __getattr__(self, name: str) -> Any: ...  # what `put` and `_describe_weight` set
    else:
        compute_mask = masks.compute_mask

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

    input_shape: Any = _ShapeOf("input")
    output_shape: Any = _ShapeOf("output")

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
                config.setdefault(name, layer_config.serialized(getattr(self, name)))
        if self._records_arguments():
            config.update(layer_config.recorded_arguments(self, config))
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

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Makes a layer from what `get_config` returned."""
        config = dict(config)
        dtype = config.get("dtype")
        if isinstance(dtype, dict):
            config["dtype"] = dtype_policies.get(dtype)
        if cls._records_arguments():
            config = layer_config.deserialized(config)
        return cls(**config)

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        return checkpoint_names.of_layer(self)

    def _former_checkpoint_children(self, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
        return checkpoint_names.of_former_layer(self, names)

    def get_layer_state(self) -> dict[str, Any]:
        """State besides the variables that `.keras` files keep; empty by default."""
        return {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"
