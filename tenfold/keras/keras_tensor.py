"""KerasTensor: stands for a value in the functional API, before there is any."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.core import nest
from tenfold.core.convert import register_converter
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.shapes import TensorShape
from tenfold.keras import naming


class KerasHistory(NamedTuple):
    """Which call of which layer a KerasTensor came from."""

    operation: Any
    node_index: int
    tensor_index: int


class KerasTensor:
    """A shape and a dtype that layers are called on to say how a functional model computes.

    Attributes:
      shape: tuple of ints, None where a size is open.
      dtype: name of the dtype.

    Example:
      >>> x = tf.keras.Input(shape=(3,))
      >>> x.shape, x.dtype, tf.keras.layers.Dense(2)(x).shape
      ((None, 3), 'float32', (None, 2))
    """

    __array_priority__ = 200
    _keras_mask: Any = None

    if TYPE_CHECKING:
        __getitem__: Callable[..., Any]  # set by `symbolic_ops`, as the operators are

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        record_history: bool = True,
        name: str | None = None,
    ) -> None:
        if sparse:
            raise ValueError("KerasTensor: sparse=True is not supported yet. Leave it out.")
        self.shape = tuple(None if s is None else int(s) for s in shape)
        self.dtype = as_dtype(dtype).name
        self.sparse = self.ragged = False
        self.name = name or naming.auto_name("keras_tensor")
        self._keras_history: KerasHistory | None = None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def get_shape(self) -> TensorShape:
        return TensorShape(self.shape)

    def set_shape(self, shape: Any) -> None:
        """Narrows open sizes."""
        self.shape = tuple(TensorShape(self.shape).merge_with(shape).as_list())

    def __bool__(self) -> bool:
        raise TypeError("A symbolic KerasTensor cannot be used as a boolean; it has no value yet.")

    def __float__(self) -> float:
        raise TypeError("A symbolic KerasTensor has no value; float() needs one.")

    __int__ = __float__

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise ValueError("A KerasTensor is symbolic: it has no value that NumPy could use.")

    def __iter__(self) -> Any:
        raise TypeError("Iterating over a symbolic KerasTensor is not supported.")

    def __len__(self) -> int:
        raise TypeError("len() of a symbolic KerasTensor is not supported; see its `shape`.")

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse={self.sparse}, ragged={self.ragged}, name={self.name}>"


def is_symbolic(*values: Any) -> bool:
    """Whether a KerasTensor is among the values, also inside structures."""
    return any(isinstance(leaf, KerasTensor) for leaf in nest.flatten(values))


def _no_tensor(value: KerasTensor, dtype: DType | None, hint: DType | None) -> Any:
    raise ValueError(
        "A KerasTensor cannot be used as input to a TensorFlow function: it is a symbolic placeholder for a shape and "
        "dtype, used when building functional models. Wrap the function in a layer and call that:\n\n"
        "    class MyLayer(Layer):\n        def call(self, x):\n            return tf_fn(x)\n\n    x = MyLayer()(x)\n"
    )


register_converter(KerasTensor, _no_tensor)
