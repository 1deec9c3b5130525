"""A model of the functions of a SavedModel, for when its class is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tenfold.core import nest
from tenfold.core.children import attributes
from tenfold.core.spec import TensorSpec
from tenfold.keras.models import Model
from tenfold.keras.saving.former_folder import CALL_AND_LOSSES, KERAS_API
from tenfold.ops.cast import cast
from tenfold.saved_model.restored import RestoredFunction


class RestoredModel(Model):
    """Calls what a SavedModel has of its model: the call with and without training, or what is served.

    It can be compiled, trained and saved again.

    Args:
      loaded: what `tf.saved_model.load` returned.
      name: of the model.
      output_names: of the outputs, where the model had names for them.
    Raises:
      ValueError: there is nothing to be called.
    """

    output_names: Any = None

    def __init__(self, loaded: Any, name: str, output_names: list[str] | None = None) -> None:
        super().__init__(name="".join(c if c.isalnum() else "_" for c in name))
        functions = [vars(loaded).get(key) for key in ("__call__", "call", "serve")]
        found = next((f for f in functions if isinstance(f, RestoredFunction) and f.stored), None)
        if found is None:
            raise ValueError(
                f"load_model: the SavedModel {name!r} has no function '__call__' or 'serve', so it is no model. Use tf.saved_model.load."
            )
        put = object.__setattr__
        put(self, "_loaded", loaded)
        put(self, "output_names", output_names)
        put(self, "_function", found)
        put(self, "_with_losses", getattr(getattr(loaded, KERAS_API, None), CALL_AND_LOSSES, None))
        put(self, "_regularization", getattr(getattr(loaded, KERAS_API, None), "regularization_losses", ()))
        trained = set(map(id, loaded.trainable_variables))
        for variable in loaded.variables:
            variable.trainable = id(variable) in trained
            self._track(variable)
        self._has_training = "training" in found._signature.parameters
        positional, keywords = found.stored[0].signature
        named = dict(zip(found._signature.parameters, positional, strict=False), **keywords)
        specs = {f"{key}_shape": x for key, x in named.items() if _is_of_specs(x)}
        self._build_shapes = nest.map_structure(lambda s: tuple(s.shape.as_list()), specs)
        self._call_types = nest.map_structure(lambda s: s.dtype.name, specs)
        put(self, "_types", next(iter(self._call_types.values()), None))
        self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None, **others: Any) -> Any:
        if self._types is not None:
            inputs = nest.map_structure(lambda x, dtype: cast(x, dtype), inputs, self._types)
        if self._has_training:
            others["training"] = bool(training)
        if self._with_losses is None:
            return self._function(inputs, **others)
        outputs, losses = self._with_losses(inputs, **others)
        self.add_loss([*losses, *[loss() for loss in self._regularization]])
        return outputs

    @property
    def updated(self) -> list:
        """The variables that the stored optimizer has states of."""
        return self._loaded.optimizer._trainable_variables

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        own = dict(super()._checkpoint_children())
        hidden = {"_shuffle_seed", *own} if self.compiled else own.keys() - {"optimizer"}
        yield from attributes(self._loaded, hidden)
        yield from ((name, child) for name, child in own.items() if name != "_loaded")

    def _former_checkpoint_children(self, names: Collection[str]) -> None:
        super()._former_checkpoint_children(names)  # which are those of the loaded object anyway

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError(
            f"Model {self.name!r} consists of functions of a SavedModel, and has no configuration. Save it to a folder."
        )


def _is_of_specs(value: Any) -> bool:
    leaves = nest.flatten(value)
    return bool(leaves) and all(isinstance(x, TensorSpec) and x.shape.rank is not None for x in leaves)
