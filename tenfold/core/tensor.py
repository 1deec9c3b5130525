"""Tensor: an immutable NumPy array with TensorFlow's interface.

Operators and indexing are set by `ops/operators.py`, where the ops they name are defined.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.core import dtypes, printing
from tenfold.core.dtypes import DType
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Size, Symbol

# A node is the identity of a value in gradient tapes. It is never used again, and of two, the larger is the younger.
new_node = itertools.count(1).__next__
_ndarray = np.ndarray


class Tensor:
    """An n-dimensional array whose elements never change.

    Tensors come from ops, `tf.constant` and `tf.convert_to_tensor`, not from this class.

    Attributes:
      shape: `tf.TensorShape`.
      dtype: `tf.DType`.

    Example:
      >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
      >>> x.shape, x.dtype, (x @ x).numpy().tolist()
      (TensorShape([2, 2]), tf.float32, [[7.0, 10.0], [15.0, 22.0]])
    """

    # _array: np.ndarray, never written after it is set. _node: set once a tape knows the tensor, else None.
    __slots__ = ("_array", "_node", "__dict__", "__weakref__")
    _keras_mask: Any = None  # which steps count, where a Keras layer says so
    __array_priority__ = 100  # NumPy's operators leave mixed expressions to ours
    OVERLOADABLE_OPERATORS: frozenset[str] = frozenset()

    if TYPE_CHECKING:
        _array: np.ndarray
        _node: int | None
        _keras_logits: Any  # what a Keras activation was computed from, where one was
        __add__: Callable[[Any, Any], Tensor]
        __radd__: Callable[[Any, Any], Tensor]
        __sub__: Callable[[Any, Any], Tensor]
        __rsub__: Callable[[Any, Any], Tensor]
        __mul__: Callable[[Any, Any], Tensor]
        __rmul__: Callable[[Any, Any], Tensor]
        __truediv__: Callable[[Any, Any], Tensor]
        __rtruediv__: Callable[[Any, Any], Tensor]
        __floordiv__: Callable[[Any, Any], Tensor]
        __rfloordiv__: Callable[[Any, Any], Tensor]
        __mod__: Callable[[Any, Any], Tensor]
        __rmod__: Callable[[Any, Any], Tensor]
        __pow__: Callable[[Any, Any], Tensor]
        __rpow__: Callable[[Any, Any], Tensor]
        __matmul__: Callable[[Any, Any], Tensor]
        __rmatmul__: Callable[[Any, Any], Tensor]
        __and__: Callable[[Any, Any], Tensor]
        __or__: Callable[[Any, Any], Tensor]
        __xor__: Callable[[Any, Any], Tensor]
        __lt__: Callable[[Any, Any], Tensor]
        __le__: Callable[[Any, Any], Tensor]
        __gt__: Callable[[Any, Any], Tensor]
        __ge__: Callable[[Any, Any], Tensor]
        __neg__: Callable[[Any], Tensor]
        __invert__: Callable[[Any], Tensor]
        __abs__: Callable[[Any], Tensor]
        __getitem__: Callable[[Any, Any], Tensor]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("tf.Tensor: cannot be made directly; use tf.constant or tf.convert_to_tensor.")

    @property
    def shape(self) -> TensorShape:
        array = self._array
        return TensorShape._of(array.shape) if type(array) is _ndarray else TensorShape(array.static_shape)  # type: ignore[attr-defined]

    @property
    def dtype(self) -> DType:
        return dtypes._BY_NUMPY[self._array.dtype]

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def device(self) -> str:
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    backing_device = device

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Checks that `shape` fits; a tensor that is traced takes over the sizes that it did not know.

        Raises:
          ValueError: `shape` is not compatible with the tensor's.
        """
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {self.shape} is not compatible with supplied shape {shape}.")
        if type(self._array) is Symbol and TensorShape(shape).rank is not None:
            self._array.narrow(TensorShape(shape).as_list())

    def numpy(self) -> Any:
        """The value as an array of its own, or as a NumPy scalar (`bytes` for a string) if the tensor has no axes."""
        array: Any = self._array
        if type(array) is not _ndarray:
            raise AttributeError(
                f"Tensor.numpy: {array.described} is being traced by tf.function and has no value. "
                "Return it and look at the result, or use tf.print."
            )
        if array.dtype.names is not None:
            array = dtypes.integers(array)
        return array.copy() if array.ndim else array[()]

    def cpu(self) -> Tensor:
        return self

    def gpu(self, gpu_index: int = 0) -> Tensor:
        raise RuntimeError(
            f"Tensor.gpu: GPU {gpu_index} is not there; Tenfold computes on the CPU. Leave the call out."
        )

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        raise NotImplementedError("Tensor.eval: there are no sessions in eager execution. Call .numpy().")

    def consumers(self) -> list:
        raise NotImplementedError("Tensor.consumers is undefined when eager execution is enabled.")

    def ref(self) -> Reference:
        """A hashable reference, to use the tensor as a key: tensors themselves compare by value."""
        return Reference(self)

    experimental_ref = ref

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = dtypes.integers(self._array)
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        if copy:
            return array.copy()
        view = array.view()
        view.flags.writeable = False
        return view

    def __dlpack__(self, **kwargs: Any) -> Any:
        if kwargs.get("copy") is None:
            kwargs["copy"] = True  # the consumer may write to what it gets, a tensor's elements never change
        return self._array.__dlpack__(**kwargs)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array.__dlpack_device__()

    def __len__(self) -> int:
        array: Any = self._array
        if not array.ndim:
            raise TypeError("Scalar tensor has no `len()`")
        if type(array.shape[0]) is Size:
            raise TypeError(f"len is not well defined for {array.described}. Call tf.shape(x)[0] instead.")
        return array.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self._array.ndim:
            raise TypeError("Cannot iterate over a scalar tensor.")
        if type(self._array.shape[0]) is Size:
            iter(self._array)  # type: ignore[call-overload]
        return (self[i] for i in range(self._array.shape[0]))

    def __bool__(self) -> bool:
        array = self._array
        return bool(array) if type(array) is Symbol or array.size else False

    __nonzero__ = __bool__

    def __int__(self) -> int:
        return int(dtypes.integers(self._array))

    def __float__(self) -> float:
        return float(dtypes.integers(self._array))

    def __complex__(self) -> complex:
        return complex(dtypes.integers(self._array))

    def __index__(self) -> int:
        return dtypes.integers(self._array).__index__()

    def __hash__(self) -> int:
        raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")

    def __format__(self, format_spec: str) -> str:
        if type(self._array) is Symbol and not format_spec:
            return str(self)
        return format(self._array if type(self._array) is Symbol else self.numpy(), format_spec)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self._array,)

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: dict) -> Tensor:
        return self

    def __repr__(self) -> str:
        if type(self._array) is Symbol:
            return f"<tf.Tensor {self.name!r} shape={self.shape} dtype={self.dtype.name}>"  # type: ignore[attr-defined]
        return printing.format_tensor_repr(self._array, self.dtype)

    def __str__(self) -> str:
        if type(self._array) is Symbol:
            return f'Tensor("{self.name}", shape={self.shape}, dtype={self.dtype.name})'  # type: ignore[attr-defined]
        return printing.format_tensor_str(self._array, self.dtype)


class _Missing:
    """An attribute that eager tensors have not, and why. With a `__getattr__` every other attribute would be slower."""

    __slots__ = ("_message", "_name")

    def __init__(self, message: str, name: str = "") -> None:
        self._message, self._name = message, name

    def __get__(self, tensor: Any, cls: type) -> Any:
        if tensor is None:
            return self
        if self._name and type(tensor._array) is Symbol:  # tensors of a graph have it
            return tensor._array.graph.describe(tensor, self._name)
        raise AttributeError(self._message)


for _name in ("astype", "ravel", "transpose", "reshape", "clip", "size", "tolist", "data", "T"):
    _message = f"EagerTensor object has no attribute {_name!r}. Call .numpy() first, or the tf function of that name."
    setattr(Tensor, _name, _Missing(_message))
for _name in ("graph", "name", "op", "value_index"):
    setattr(Tensor, _name, _Missing(f"Tensor.{_name} is undefined when eager execution is enabled.", _name))


class Reference:
    """Compares and hashes by the identity of what it wraps."""

    __slots__ = ("_wrapped", "__weakref__")

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    def deref(self) -> Any:
        """The wrapped tensor or variable."""
        return self._wrapped

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._wrapped is other._wrapped

    def __hash__(self) -> int:
        return id(self._wrapped)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._wrapped!r}>"


_new = Tensor.__new__


def as_array(result: Any) -> Any:
    """A kernel's result as the array of a tensor: NumPy scalars become arrays; symbols stay."""
    return result if type(result) is Symbol else np.asarray(result)


def wrap(array: np.ndarray | Symbol) -> Tensor:
    """A tensor that owns `array`: nobody may write to it any more."""
    tensor = _new(Tensor)
    tensor._array = array  # type: ignore[assignment]
    tensor._node = None
    return tensor


def _unpickle(array: np.ndarray) -> Tensor:
    known = dtypes.from_numpy(array.dtype)
    return wrap(array.astype(known._np) if known else array)  # pickle makes a dtype of its own, equal to NumPy's
