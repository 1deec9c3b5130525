"""Model: a layer that is trained, evaluated and saved as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tenfold.core import nest
from tenfold.core.dtypes import as_dtype
from tenfold.keras import checkpoint_names, config, random, saving
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.call_arguments import call_shapes
from tenfold.keras.layers.call_context import call_context
from tenfold.keras.layers.layer import Layer
from tenfold.keras.models.former_names import FormerNames
from tenfold.keras.models.graph import FunctionalGraph
from tenfold.keras.models.trainer import Trainer
from tenfold.keras.shape_inference import output_spec_by_probing
from tenfold.keras.symbolic_ops import SymbolicOp
from tenfold.keras.variables import path_scope


def _is_functional(args: tuple, kwargs: dict) -> bool:
    return len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


class Model(FormerNames, Trainer, Layer):
    """A layer with training loops.

    Three ways lead to one: `Model(inputs, outputs)` from KerasTensors, a subclass with layers and `call`, and
    `Sequential`.

    Example:
      >>> class Line(tf.keras.Model):
      ...     def __init__(self):
      ...         super().__init__()
      ...         self.dense = tf.keras.layers.Dense(1, kernel_initializer="ones")
      ...     def call(self, inputs):
      ...         return self.dense(inputs)
      >>> print(Line()(tf.constant([[1.0, 2.0]])).numpy())
      [[3.]]
    """

    _graph: FunctionalGraph | None = None
    _call_types: dict[str, Any] | None = None  # of the first call's tensors, like `_build_shapes`

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _is_functional(args, kwargs):
            cls = Functional
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        graph = None
        if _is_functional(args, kwargs):
            kwargs.update(zip(("inputs", "outputs", "name"), args, strict=False))
            graph = FunctionalGraph(kwargs.pop("inputs"), kwargs.pop("outputs"))
        elif args:
            raise TypeError(f"Model: expected inputs and outputs, or keywords only; got {args}.")
        Trainer.__init__(self)
        Layer.__init__(self, **kwargs)
        if graph is not None:
            self._set_graph(graph)

    def _set_graph(self, graph: FunctionalGraph) -> None:
        object.__setattr__(self, "_graph", graph)
        self._layers.clear()
        for layer in graph.layers:
            self._track(layer)
        self.autocast = False  # inputs have dtypes of their own
        self.built = True

    # Structure.

    @property
    def layers(self) -> list[Layer]:
        """The layers directly in the model, in order; operators between KerasTensors are none."""
        found = self._layers if self._graph is None else self._graph.layers
        return [layer for layer in found if not isinstance(layer, SymbolicOp)]

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`Model.layers` attribute is reserved and should not be used. Please use another name.")

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name or an index.

        Raises:
          ValueError: there is none, or not exactly one of the two was given.
        """
        if (name is None) == (index is None):
            raise ValueError(
                f"Provide either a layer name or a layer index, and only one. Got name={name}, index={index}."
            )
        layers = self.layers
        if index is not None:
            if index >= len(layers):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in layers]}.")

    def _require_graph(self, what: str) -> FunctionalGraph:
        if self._graph is None:
            raise AttributeError(
                f"The {type(self).__name__} '{self.name}' has no defined {what}: it is not a functional model, or not built."
            )
        return self._graph

    @property
    def inputs(self) -> list[KerasTensor]:
        return self._require_graph("inputs").inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        return self._require_graph("outputs").outputs

    @property
    def input(self) -> Any:
        return self._require_graph("input").inputs_struct

    @property
    def output(self) -> Any:
        return self._require_graph("output").outputs_struct

    @property
    def input_shape(self) -> Any:
        return nest.map_structure(lambda t: t.shape, self._require_graph("input_shape").inputs_struct)

    @property
    def output_shape(self) -> Any:
        return nest.map_structure(lambda t: t.shape, self._require_graph("output_shape").outputs_struct)

    @property
    def input_names(self) -> list[str]:
        return self._require_graph("input_names").input_names

    @property
    def output_names(self) -> list[str]:
        return self._require_graph("output_names").output_names

    # Building and calling.

    def build(self, input_shape: Any) -> None:
        """Makes the variables for a shape (or a structure of shapes), by a call on zeros.

        Raises:
          ValueError: the call failed.
        """
        if self._graph is not None or self.built:
            return
        inputs = _placeholders(input_shape)
        with path_scope(self.name, self):
            call_context.is_batch_open = all(t.shape[:1] == (None,) for t in nest.flatten(inputs))
            try:
                output_spec_by_probing(self, (inputs,), {})
            except NotImplementedError:
                raise
            except Exception as error:
                raise ValueError(
                    f"Model '{self.name}' cannot be built from the shape {input_shape}: its call() on zeros raised "
                    f"{type(error).__name__}: {error}. Call the model on real data instead."
                ) from error
            finally:
                call_context.is_batch_open = False
        self._build_shapes = {"input_shape": input_shape}
        self.built = True

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        if type(self).build is not Model.build:
            super()._build_for(args, kwargs)
        else:  # the call to come builds the layers
            self._build_shapes = call_shapes(type(self), args, kwargs)
            self._call_types = call_shapes(type(self), args, kwargs, _type_for)
            self.built = True

    def build_from_config(self, config: dict[str, Any]) -> None:
        if not config or self.built:
            return
        if "input_shape" in config:
            shape = config["input_shape"]
            self.build([tuple(s) for s in shape] if shape and isinstance(shape[0], (list, tuple)) else shape)
        else:
            shapes = config["shapes_dict"]
            tensors = {name.removesuffix("_shape"): _placeholders(shape) for name, shape in shapes.items()}
            with path_scope(self.name, self):
                output_spec_by_probing(self, (), tensors)
            self._build_shapes = shapes
            self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if self._graph is not None:
            return self._graph.run(inputs)
        raise NotImplementedError(f"Model {type(self).__name__} does not have a `call()` method implemented.")

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        if self._graph is not None and type(self).call is Model.call:
            given = [t.shape for t in nest.flatten(args[0] if args else kwargs["inputs"])]
            if given == [t.shape for t in self._graph.inputs]:
                return nest.map_structure(lambda t: KerasTensor(t.shape, t.dtype), self._graph.outputs_struct)
            return output_spec_by_probing(self._graph.run, args, kwargs)
        return super().compute_output_spec(*args, **kwargs)

    def reset_states(self) -> None:
        """Sets the states of stateful layers to zero."""
        for layer in self._flatten_layers():
            if layer is not self and hasattr(layer, "reset_states"):
                layer.reset_states()

    def _flatten_layers(self) -> list[Layer]:
        found: list[Layer] = []
        stack: list[Layer] = [self]
        while stack:
            layer = stack.pop()
            if not any(layer is known for known in found):
                found.append(layer)
                stack.extend(reversed(layer._layers))
        return found

    # Looking.

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Prints the layers with their output shapes and numbers of parameters."""
        from tenfold.keras.utils import summary

        summary.print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    # Saving.

    def save(self, filepath: Any, overwrite: bool = True, zipped: Any = None, **kwargs: Any) -> None:
        """Saves architecture, weights, optimizer and compile settings to a `.keras` (or legacy `.h5`) file."""
        saving.save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def export(
        self,
        filepath: Any,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Writes a SavedModel that serves the model, for `tf.saved_model.load`, TensorFlow and TensorFlow Serving.

        It has the call without training as `serve`, and lists of the variables. The model needs no call before, only to be built.

        Args:
          filepath: the folder.
          format: `"tf_saved_model"`.
          verbose: whether to print what was saved; yes by default.
          input_signature: structure of `tf.TensorSpec`, one for each argument; by default what the model was built for, with any
            number of rows.
        Raises:
          ValueError: nothing is known of the inputs.
          NotImplementedError: the format is another one, or the call does what TensorFlow's graphs cannot say.
        Example:
          >>> import tempfile
          >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
          >>> folder = tempfile.mkdtemp()
          >>> model.export(folder, verbose=False)
          >>> tf.saved_model.load(folder).serve(tf.zeros([1, 3])).numpy().tolist()
          [[0.0, 0.0]]
        """
        if kwargs:
            raise ValueError(f"Model.export: unexpected arguments {sorted(kwargs)}.")
        from tenfold.keras.saving.saved_model import export

        export(self, filepath, format, verbose, input_signature)

    def _saved_parts(self) -> dict[str, Any]:
        from tenfold.keras.saving.saved_model import saved_parts

        return saved_parts(self)

    def _saved_files(self, objects: Any) -> dict[str, bytes]:
        from tenfold.keras.saving.folder import saved_files

        return saved_files(self, objects)

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Saves the weights to a `.weights.h5` file, or, where the path has no ending of Keras', to a checkpoint of TensorFlow's."""
        saving.save_weights(self, filepath, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> Any:
        """Loads weights from a `.weights.h5`, `.keras` or legacy `.h5` file, or from a checkpoint, whose status it returns."""
        return saving.load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON, for `keras.models.model_from_json`."""
        return saving.model_to_json(self, **kwargs)

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        return checkpoint_names.of_functional(self)

    def _former_checkpoint_children(self, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
        if "_shuffle_seed" in names:
            random.row_orders(self)  # made now, so that the next save has it, with or without a training before
        return checkpoint_names.of_former_model(self, names)

    def get_config(self) -> dict[str, Any]:
        if self._graph is not None and type(self).__init__ in (Model.__init__, Functional.__init__):
            from tenfold.keras.models import functional_config

            return functional_config.serialize(self)
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.models import functional_config

        if functional_config.is_functional(config) and cls.__init__ in (Model.__init__, Functional.__init__):
            return functional_config.deserialize(cls, config, custom_objects)
        return super().from_config(config)


class Functional(Model):
    """The class of `Model(inputs, outputs)`."""

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(inputs=inputs, outputs=outputs, name=name or None, **kwargs)


def _type_for(x: Any) -> str:
    """The dtype of an input in the functions that are saved: floats are those that layers have by default."""
    dtype = as_dtype(x.dtype)
    return config.floatx() if dtype.is_floating else dtype.name


def _placeholders(shape: Any) -> Any:
    """KerasTensors for a shape or a structure of shapes."""
    if isinstance(shape, dict):
        return {key: _placeholders(value) for key, value in shape.items()}
    shape = shape.as_list() if hasattr(shape, "as_list") else shape
    if all(size is None or isinstance(size, int) for size in shape):
        return KerasTensor(shape)
    return [_placeholders(item) for item in shape]
