"""How SavedModels are written and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def _refuse(name: str, **given: Any) -> None:
    for argument, value in given.items():
        if value:
            raise NotImplementedError(f"tf.saved_model.{name}: {argument}={value!r} is not supported. Leave it out.")


class SaveOptions:
    """Options of `tf.saved_model.save`.

    Args:
      namespace_whitelist, experimental_io_device, experimental_custom_gradients, experimental_image_format: accepted; they change
        nothing here, where all ops are known and gradients of functions' own are always written.
      function_aliases: dict from a name to a `tf.function` that tools will find by it.
      extra_tags: tags of the graph beside `"serve"`.
      save_debug_info, experimental_debug_stripper, experimental_variable_policy, experimental_skip_saver,
        experimental_sharding_callback: not supported.
    """

    def __init__(
        self,
        namespace_whitelist: Sequence[str] | None = None,
        save_debug_info: bool = False,
        function_aliases: dict[str, Any] | None = None,
        experimental_debug_stripper: bool = False,
        experimental_io_device: str | None = None,
        experimental_variable_policy: Any = None,
        experimental_custom_gradients: bool = True,
        experimental_image_format: bool = False,
        experimental_skip_saver: bool = False,
        experimental_sharding_callback: Any = None,
        extra_tags: Sequence[str] | None = None,
    ) -> None:
        _refuse(
            "SaveOptions",
            save_debug_info=save_debug_info,
            experimental_debug_stripper=experimental_debug_stripper,
            experimental_variable_policy=experimental_variable_policy,
            experimental_skip_saver=experimental_skip_saver,
            experimental_sharding_callback=experimental_sharding_callback,
        )
        self.namespace_whitelist = list(namespace_whitelist or ())
        self.function_aliases = dict(function_aliases or {})
        self.experimental_io_device = experimental_io_device
        self.experimental_custom_gradients = experimental_custom_gradients
        self.experimental_image_format = experimental_image_format
        self.extra_tags = list(extra_tags or ())


class LoadOptions:
    """Options of `tf.saved_model.load`.

    Args:
      allow_partial_checkpoint: whether variables without a value in the file keep zeros, instead of an error.
      experimental_io_device: accepted; there is one device.
      compiled: whether machine code is used that `python -m tenfold compile` has stored beside the model, where it fits. It runs with
        your rights: say so only for folders that you trust as you trust programs.
      allowed_ops: names of ops that functions may run although they read or write files: of `"ReadFile"`, `"WriteFile"`, `"RestoreV2"`,
        `"SaveV2"`, and `"InitializeTableFromTextFileV2"` for files other than the assets. Without it, a SavedModel with such ops is refused.
      experimental_skip_checkpoint, experimental_variable_policy, experimental_load_function_aliases: not supported.
    """

    def __init__(
        self,
        allow_partial_checkpoint: bool = False,
        experimental_io_device: str | None = None,
        experimental_skip_checkpoint: bool = False,
        experimental_variable_policy: Any = None,
        experimental_load_function_aliases: bool = False,
        *,
        compiled: bool = False,
        allowed_ops: Sequence[str] = (),
    ) -> None:
        _refuse(
            "LoadOptions",
            experimental_skip_checkpoint=experimental_skip_checkpoint,
            experimental_variable_policy=experimental_variable_policy,
            experimental_load_function_aliases=experimental_load_function_aliases,
        )
        self.allow_partial_checkpoint = allow_partial_checkpoint
        self.compiled = compiled
        self.allowed_ops = allowed_ops
        self.experimental_io_device = experimental_io_device
