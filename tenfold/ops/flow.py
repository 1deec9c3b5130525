"""What orders ops and groups them. Eager ops run one after the other, as they are called, so there is little to do."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from tenfold.core.context import recorders, set_recorders, traced_graph
from tenfold.core.op import NotDifferentiable, StatefulOp, register
from tenfold.core.tensor import Tensor


def executing_eagerly() -> bool:
    """Whether ops run when they are called, and no function is being traced.

    Example:
      >>> tf.executing_eagerly()
      True
    """
    return traced_graph() is None


def inside_function() -> bool:
    """Whether a function is being traced, and ops do not run when they are called.

    Example:
      >>> tf.inside_function()
      False
    """
    return traced_graph() is not None


class control_dependencies:
    """A context manager for ops that must run after others, as they do anyway.

    Args:
      control_inputs: iterable of tensors or None; functions among them are called.
    Example:
      >>> with tf.control_dependencies([tf.constant(1)]):
      ...     x = tf.constant(2)
    """

    def __init__(self, control_inputs: Iterable[Any] | None) -> None:
        for control in control_inputs or ():
            if callable(control):
                control()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass


class init_scope:
    """A context manager inside which ops run eagerly, even where a function is traced, and no gradient tape records them.

    Example:
      >>> with tf.init_scope():
      ...     print(tf.executing_eagerly())
      True
    """

    __slots__ = ("_recorders",)

    def __enter__(self) -> None:
        self._recorders = recorders()
        set_recorders(())

    def __exit__(self, *exc: object) -> None:
        set_recorders(self._recorders)


def no_op(name: str | None = None) -> None:
    """Does nothing.

    Example:
      >>> tf.no_op()
    """


def group(*inputs: Any, name: str | None = None) -> None:
    """One op that depends on several: nothing, where all have run already.

    Example:
      >>> tf.group(tf.constant(1), tf.constant(2))
    """


def tuple(tensors: Sequence[Any], control_inputs: Sequence[Any] | None = None, name: str | None = None) -> list[Any]:
    """A list of tensors that are all computed before any is used, as they are anyway.

    Example:
      >>> [int(x) for x in tf.tuple([tf.constant(1), tf.constant(2)])]
      [1, 2]
    """
    return list(tensors)


def _timestamp_kernel():
    return np.array(time.time())


TIMESTAMP = register(
    StatefulOp("Timestamp", _timestamp_kernel, vjp=NotDifferentiable("time does not depend on tensors"))
)


def timestamp(name: str | None = None) -> Tensor:
    """The seconds since 1970, as a float64 Tensor.

    Example:
      >>> tf.timestamp().dtype
      tf.float64
    """
    return TIMESTAMP()
