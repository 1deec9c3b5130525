"""Looking into checkpoints: which tensors they hold, of which types and shapes, and their values."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tenfold.core.dtypes import DType
from tenfold.core.tensor import wrap
from tenfold.train.bundle import Bundle
from tenfold.train.state import latest_checkpoint


class CheckpointReader:
    """The tensors of a checkpoint by name, made by `tf.train.load_checkpoint`."""

    def __init__(self, prefix: str) -> None:
        self._bundle = Bundle(prefix)

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a tensor of this name."""
        return tensor_str in self._bundle

    def get_tensor(self, tensor_str: str) -> Any:
        """A tensor's value: an array, a number, or `bytes`.

        Raises:
          tf.errors.NotFoundError: there is none of this name.
          tf.errors.DataLossError: the file is damaged.
        """
        return wrap(self._bundle.read(tensor_str)).numpy()

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shape of each tensor, a list, by name."""
        return {name: self._bundle.shape(name) for name in self._bundle.names()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """The dtype of each tensor by name."""
        return {name: self._bundle.dtype(name) for name in self._bundle.names()}


def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """Opens a checkpoint to look into it.

    Args:
      ckpt_dir_or_file: what `save` returned, or a folder, whose latest checkpoint is taken.
    Raises:
      ValueError: the folder has none.
      tf.errors.NotFoundError: there is no such checkpoint.
      tf.errors.DataLossError: it is damaged.
    Example:
      >>> path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(folder + "/seen")
      >>> reader = tf.train.load_checkpoint(path)
      >>> reader.get_tensor("v/.ATTRIBUTES/VARIABLE_VALUE")
      array([1., 2.], dtype=float32)
    """
    path = os.fsdecode(ckpt_dir_or_file)
    if os.path.isdir(path):
        latest = latest_checkpoint(path)
        if latest is None:
            raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}")
        path = latest
    return CheckpointReader(path)


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """Names and shapes of all tensors of a checkpoint, by name.

    Args:
      ckpt_dir_or_file: as for `tf.train.load_checkpoint`.
    Example:
      >>> path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(folder + "/listed")
      >>> tf.train.list_variables(path)
      [('_CHECKPOINTABLE_OBJECT_GRAPH', []), ('v/.ATTRIBUTES/VARIABLE_VALUE', [2])]
    """
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: Any, name: str) -> np.ndarray:
    """The value of one tensor of a checkpoint.

    Args:
      ckpt_dir_or_file: as for `tf.train.load_checkpoint`.
      name: its name, as `tf.train.list_variables` says it.
    Raises:
      tf.errors.NotFoundError: there is none of this name.
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))
