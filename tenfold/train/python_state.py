"""PythonState: a base for objects whose state is bytes of the program's own making."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import Any


class PythonState(abc.ABC):
    """Base of objects that a checkpoint saves as the bytes they make of themselves.

    Example:
      >>> class Position(tf.train.experimental.PythonState):
      ...     count = 3
      ...     def serialize(self):
      ...         return str(self.count)
      ...     def deserialize(self, string_value):
      ...         self.count = int(string_value)
      >>> position = Position()
      >>> path = tf.train.Checkpoint(position=position).write(folder + "/position")
      >>> position.count = 0
      >>> _ = tf.train.Checkpoint(position=position).read(path)
      >>> position.count
      3
    """

    @abc.abstractmethod
    def serialize(self) -> Any:
        """The state as bytes or text."""

    @abc.abstractmethod
    def deserialize(self, string_value: Any) -> None:
        """Takes the state from what `serialize` returned, as bytes."""

    def _checkpoint_children(self) -> Iterable[tuple[str, Any]]:
        return ()
