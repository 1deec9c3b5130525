"""The variables of Keras objects: `tf.Variable`s with a path, a regularizer and a constraint."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tenfold.core.context import paused_recording
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable as CoreVariable
from tenfold.core.variable import VariableAggregation, VariableSynchronization
from tenfold.keras import config, naming
from tenfold.ops import cast as cast_ops


class _Scope(threading.local):
    """Where variables are made and read: inside which layers, and to which dtype reads are cast."""

    path: str = ""
    owner: Any = None
    autocast: DType | None = None
    max_bytes: int | None = None  # of one variable, while a file is read
    unset: list[Unset] | None = None  # variables made meanwhile, most of which get their values from the file


scope = _Scope()


class Unset(NamedTuple):
    """A variable that has not got its first value yet: until then it is zero.

    Attributes:
      variable: that.
      blank: what it holds.
      make: gives its value.
    """

    variable: Variable
    blank: Tensor
    make: Callable[[], Any]

    def settle(self) -> None:
        """Gives it its value, unless it has another one by now."""
        if self.variable._value is self.blank:
            with paused_recording():
                self.variable.assign(self.make())


class path_scope:
    """Puts a name before the paths of variables made inside; entering it again for the same owner adds nothing."""

    __slots__ = ("_name", "_owner", "_outer")

    def __init__(self, name: str, owner: Any) -> None:
        self._name, self._owner = name, owner

    def __enter__(self) -> None:
        self._outer = scope.path, scope.owner
        if scope.owner is not self._owner:
            scope.path = f"{scope.path}/{self._name}" if scope.path else self._name
            scope.owner = self._owner

    def __exit__(self, *exc: object) -> None:
        scope.path, scope.owner = self._outer


def _refuse_excess(shape: Any, dtype: DType, name: str | None) -> None:
    wanted = math.prod(shape) * dtype.size
    if wanted > scope.max_bytes:
        raise ValueError(
            f"The configuration in the file asks for a variable {name!r} of {wanted} bytes, shape {tuple(shape)}; the file is "
            "far too small to hold its value. It is not made."
        )


_read = CoreVariable._read  # by which `super()` is spared, in what every layer calls


class Variable(CoreVariable):
    """A variable of a layer, an optimizer or a metric.

    Args:
      initializer: initial value, or a function of `(shape, dtype=...)` that makes it.
      shape: shape of the variable; needed where `initializer` is a function.
      dtype: dtype, the default float type if None.
      trainable: whether gradient tapes and optimizers take it.
      autocast: whether a layer of mixed precision reads it in its compute dtype.
      name: the last part of its path.

    Example:
      >>> v = tf.keras.Variable(initializer=[1.0, 2.0], name="scale")
      >>> v.path, v.value.numpy().tolist()
      ('scale', [1.0, 2.0])
    """

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: Any = "none",
        synchronization: Any = "auto",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        make: Callable[[], Any] | None = None
        if callable(initializer) and not isinstance(initializer, CoreVariable):
            if shape is None:
                raise ValueError(
                    "When creating a Variable from an initializer, the `shape` argument should be specified. "
                    f"Received: initializer={initializer} and shape={shape}"
                )
            dtype = as_dtype(dtype or config.floatx())
            if scope.max_bytes is not None:
                _refuse_excess(shape, dtype, name)
            make = functools.partial(initializer, tuple(shape), dtype=dtype.name)
            if scope.unset is not None and dtype.is_numeric:
                value = wrap(np.broadcast_to(np.zeros((), dtype._np), shape))
            else:
                with paused_recording():
                    value = make()
        else:
            with paused_recording():
                if dtype is None and isinstance(initializer, (float, list, tuple)):
                    value = convert(initializer, None, as_dtype(config.floatx()))
                else:
                    value = convert(initializer, None if dtype is None else as_dtype(dtype))
        name = name or naming.auto_name("variable")
        if "/" in name:
            raise ValueError(
                f"Argument `name` must be a string and cannot contain character `/`. Received: name={name}"
            )
        self.path = f"{scope.path}/{name}" if scope.path else name
        super().__init__(
            value,
            trainable=trainable,
            name=name,
            dtype=dtype,
            synchronization=_member(VariableSynchronization, synchronization),
            aggregation=_member(VariableAggregation, aggregation),
            **kwargs,
        )
        if make is not None and scope.unset is not None:
            scope.unset.append(Unset(self, self._value, make))
        self.autocast = autocast
        self.regularizer: Any = None
        self.overwrite_with_gradient = False

    def _set_name(self, name: str) -> None:
        self._name = name

    def _read(self) -> Tensor:
        tensor = _read(self)
        if scope.autocast is not None and self.autocast and tensor._array.dtype.kind in "fV":
            if tensor._array.dtype is not scope.autocast._np:
                return cast_ops.cast(tensor, scope.autocast)
        return tensor

    @property
    def value(self) -> Tensor:  # type: ignore[override]
        """The current value; a property here and a method of `tf.Variable`, as in Keras and TensorFlow."""
        return self._read()

    @property
    def ndim(self) -> int:
        return self._value.ndim

    def assign(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Sets a new value; it is cast to the variable's dtype."""
        tensor = convert(value, None, self._value.dtype)
        if tensor._array.dtype is not self._value._array.dtype:
            tensor = cast_ops.cast(tensor, self._value.dtype)
        return super().assign(tensor, *args, **kwargs)

    @property
    def size(self) -> int:
        return self._value._array.size

    def __repr__(self) -> str:
        value = np.array2string(np.asarray(self._value._array), separator=", ", threshold=20)
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype.name}, value={value}>"


def _member(kind: Any, value: Any) -> Any:
    if isinstance(value, kind):
        return value
    return kind["AUTO" if value in (None, "auto") and "AUTO" in kind.__members__ else (value or "none").upper()]
