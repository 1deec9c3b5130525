"""CheckpointOptions: how checkpoints are written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any


class CheckpointOptions:
    """Options of `tf.train.Checkpoint`'s methods.

    Args:
      experimental_io_device: accepted; there is one device.
      experimental_enable_async_checkpoint: accepted; a checkpoint is there when `save` returns, as it is without.
      experimental_write_callbacks: functions that are called when a checkpoint is written, of its path or of nothing.
      enable_async: the newer name of `experimental_enable_async_checkpoint`.
      experimental_skip_slot_variables: not supported.
      experimental_sharding_callback: not supported; one file holds all tensors.
    """

    def __init__(
        self,
        experimental_io_device: str | None = None,
        experimental_enable_async_checkpoint: bool = False,
        experimental_write_callbacks: Sequence[Callable[..., Any]] | None = None,
        enable_async: bool = False,
        experimental_skip_slot_variables: bool = False,
        experimental_sharding_callback: Any = None,
    ) -> None:
        for name, value in {
            "experimental_skip_slot_variables": experimental_skip_slot_variables,
            "experimental_sharding_callback": experimental_sharding_callback,
        }.items():
            if value:
                raise ValueError(f"tf.train.CheckpointOptions: {name}={value!r} is not supported. Leave it out.")
        self.experimental_io_device = experimental_io_device
        self.experimental_enable_async_checkpoint = self.enable_async = (
            experimental_enable_async_checkpoint or enable_async
        )
        self.experimental_write_callbacks = (
            None if experimental_write_callbacks is None else list(experimental_write_callbacks)
        )

    def _call_back(self, path: str) -> None:
        for function in self.experimental_write_callbacks or ():
            if inspect.signature(function).parameters:
                function(path)
            else:
                function()
