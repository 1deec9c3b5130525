"""TensorArray: tensors by index, as loops write and read them.

Eagerly it is a list. In a graph it is one tensor with a row for each element, so that loops can carry it and gradients flow
through it. It is made when the number of their axes is known, from `element_shape` or the first write: a loop or branch that
writes the first is traced once more to learn it. Sizes that are unknown are 1 until then, and the first write repeats these zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError, OutOfRangeError
from tenfold.core.op import Op
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise, join, static
from tenfold.ops import gather as gather_ops
from tenfold.ops import scatter as scatter_ops
from tenfold.ops import sizes as size_ops


def grown(rows: Tensor, index: Tensor) -> Tensor:
    """Rows, and zeros after them until there is one at the index."""
    count = size_ops.shape(rows)[0]
    missing = elementwise.maximum(array_ops.reshape(index, ()) + 1, count) - count
    return join.concat([rows, creation.zeros([missing, *rows._array.shape[1:]], rows.dtype)], 0)


def _grow_kernel(rows, index):
    missing = max(int(index) + 1 - len(rows), 0)
    return np.concatenate([rows, np.zeros((missing, *rows.shape[1:]), rows.dtype)])


GROW = Op(
    "TensorArrayGrow",
    _grow_kernel,
    vjp=(lambda dy, rows_shape: dy[: rows_shape[0]], None),
    infer=lambda rows, index: Spec.rows(rows.dtype, rows.shape[1:]),
    expand=grown,
)


class TensorArray:
    """Tensors of one dtype that are written and read one by one.

    Each write returns the array to go on with. An element that was never written reads as zeros, if its shape is known.

    Args:
      dtype: of the elements.
      size: number of elements; 0 by default, which `dynamic_size` lets grow.
      dynamic_size: whether writing beyond the end makes the array larger.
      clear_after_read: whether an element can be read once only; False by default in a graph, where it costs nothing.
      tensor_array_name, handle, flow, colocate_with_first_write_call: of TensorFlow 1; not supported.
      infer_shape: whether all elements must have one shape, that of the first.
      element_shape: what is known of that shape.
    Raises:
      ValueError: an argument that is not supported is given.
    Example:
      >>> array = tf.TensorArray(tf.float32, size=2)
      >>> array = array.write(0, 1.0).write(1, 2.0)
      >>> print(array.stack().numpy())
      [1. 2.]
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        for argument, value in {"handle": handle, "flow": flow}.items():
            if value is not None:
                raise ValueError(
                    f"tf.TensorArray: {argument} belongs to TensorFlow 1 and is not supported. Leave it out."
                )
        self._dtype = as_dtype(dtype)
        self._is_dynamic, self._infers = bool(dynamic_size), infer_shape
        self._clears = True if clear_after_read is None else clear_after_read
        self._element_shape = TensorShape(element_shape)
        self._elements: list[Tensor | None] | None = None  # eagerly
        self._cleared: set[int] = set()  # elements that were read
        self._rows: Tensor | None = None  # in a graph, once the shape of the elements is known
        self._size: Any = 0 if size is None else size
        if traced_graph() is None:
            self._elements = [None] * int(convert(self._size))
        else:
            self._make_rows()

    def _make_rows(self) -> None:
        if self._element_shape.rank is not None:
            size = static.integer(self._size, "tf.TensorArray: size")
            element = [1 if n is None else n for n in self._element_shape.as_list()]
            self._rows = creation.zeros((size, *element), self._dtype)

    @classmethod
    def _of(cls, like: TensorArray, rows: Tensor | None, elements: list[Tensor | None] | None = None) -> TensorArray:
        made = object.__new__(cls)
        made.__dict__.update(like.__dict__)
        made._rows, made._elements, made._cleared = rows, elements, set()
        return made

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def element_shape(self) -> TensorShape:
        return self._element_shape

    @property
    def dynamic_size(self) -> bool:
        return self._is_dynamic

    @property
    def flow(self) -> Tensor:
        """What carries the array through a graph."""
        return self._needed_rows() if self._elements is None else wrap(np.zeros((), np.float32))

    handle = None

    def identity(self) -> TensorArray:
        return self

    def close(self, name: str | None = None) -> None:
        """Lets the elements go."""
        if self._elements is not None:
            self._elements = []

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements, int32."""
        if self._elements is not None:
            return convert(len(self._elements))
        return convert(self._size) if self._rows is None else size_ops.shape(self._rows)[0]

    def _checked(self, value: Any) -> Tensor:
        if isinstance(value, Tensor):
            tensor = value
        else:
            tensor = convert(value, None if hasattr(value, "dtype") else self._dtype)
        if tensor.dtype != self._dtype:
            raise InvalidArgumentError(
                f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype {tensor.dtype.name}"
            )
        if not self._element_shape.is_compatible_with(tensor.shape):
            raise ValueError(f"Incompatible shape for value ({tensor.shape}), expected ({self._element_shape})")
        return tensor

    def _learn(self, shape: TensorShape) -> None:
        if self._infers:
            self._element_shape = self._element_shape.merge_with(shape)

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with an element written.

        Raises:
          tf.errors.OutOfRangeError: there is no such element, and the size is fixed.
          tf.errors.InvalidArgumentError, ValueError: dtype or shape do not fit.
        """
        tensor = self._checked(value)
        if self._elements is None:
            return self._written(index, tensor)
        i = int(convert(index))
        if i < 0:
            raise OutOfRangeError(None, None, f"Writing to negative indices (index {i}) is not allowed.")
        if i >= len(self._elements):
            if not self._is_dynamic:
                raise OutOfRangeError(
                    None,
                    None,
                    f"Tried to write to index {i} but array is not resizeable and size is: {len(self._elements)}",
                )
            self._elements.extend([None] * (i + 1 - len(self._elements)))
        self._elements[i] = tensor
        self._learn(tensor.shape)
        return self

    def _written(self, index: Any, tensor: Tensor) -> TensorArray:
        made = self._of(self, self._rows)
        made._learn(tensor.shape)
        if made._rows is None:
            made._make_rows()
        rows, at = made._shaped(tensor._array.shape), convert(index)
        if self._is_dynamic:
            is_known = type(at._array) is np.ndarray and type(rows._array.shape[0]) is int
            rows = (grown if is_known else GROW)(rows, at)
        made._rows = scatter_ops.tensor_scatter_nd_update(
            rows, array_ops.reshape(at, (1, 1)), array_ops.expand_dims(tensor, 0)
        )
        return made

    def _shaped(self, element: Sequence[Any]) -> Tensor:
        """The rows, as large as an element is: before the first write, unknown sizes are 1."""
        rows = self._needed_rows()
        if rows._array.shape[1:] == tuple(element):
            return rows
        return array_ops.broadcast_to(rows, [size_ops.shape(rows)[0], *element])

    def _needed_rows(self) -> Tensor:
        if self._rows is None:
            raise InvalidArgumentError(
                "tf.TensorArray: an element was never written, and its shape is unknown. Pass element_shape, or write one first."
            )
        return self._rows

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """One element.

        Raises:
          tf.errors.OutOfRangeError: there is no such element.
          tf.errors.InvalidArgumentError: it was read before and is cleared, or was never written and its shape is unknown.
        """
        if self._elements is None:
            return gather_ops.gather(self._needed_rows(), index)
        i = int(convert(index))
        if not 0 <= i < len(self._elements):
            what = "negative indices" if i < 0 else f"index {i} but array size is: {len(self._elements)}"
            raise OutOfRangeError(None, None, f"Tried to read from {what}")
        element = self._elements[i]
        if element is None:
            if i in self._cleared:
                raise InvalidArgumentError(
                    f"Could not read index {i} twice because it was cleared after a previous read (perhaps try setting "
                    "clear_after_read = false?)"
                )
            return self._of_zeros()
        if self._clears:
            self._elements[i] = None
            self._cleared.add(i)
        return element

    def _of_zeros(self) -> Tensor:
        if not self._element_shape.is_fully_defined():
            raise InvalidArgumentError("tf.TensorArray: an element was never written, and its shape is unknown.")
        return creation.zeros(self._element_shape, self._dtype)

    def stack(self, name: str | None = None) -> Tensor:
        """All elements, along a new first axis."""
        if self._elements is None:
            return self._needed_rows()
        return join.stack(self._all()) if self._elements else self._empty()

    def _empty(self) -> Tensor:
        known = self._element_shape
        return creation.zeros([0, *(known if known.is_fully_defined() else ())], self._dtype)

    def _all(self) -> list[Tensor]:
        return [self._of_zeros() if x is None else x for x in self._elements or []]

    def concat(self, name: str | None = None) -> Tensor:
        """All elements joined along their first axis."""
        if self._elements is None:
            rows = self._needed_rows()
            return array_ops.reshape(rows, (-1, *rows._array.shape[2:]))
        return join.concat(self._all(), 0)

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """Some elements, along a new first axis."""
        if self._elements is None:
            return gather_ops.gather(self._needed_rows(), indices)
        return join.stack([self.read(i) for i in convert(indices)])

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array with the slices of a tensor along its first axis as elements."""
        tensor = convert(value, None if isinstance(value, Tensor) else self._dtype)
        if self._elements is None:
            made = self._of(self, tensor)
            made._element_shape = self._element_shape.merge_with(tensor.shape[1:])
            return made
        return self._filled(join.unstack(tensor))

    def _filled(self, parts: Sequence[Tensor]) -> TensorArray:
        known = self._elements or []
        if len(parts) > len(known) and not self._is_dynamic:
            raise InvalidArgumentError(
                f"tf.TensorArray: {len(parts)} elements do not fit the size {len(known)}; pass dynamic_size=True."
            )
        checked = [self._checked(part) for part in parts]
        for part in checked:
            self._learn(part.shape)
        self._elements = [*checked, *known[len(parts) :]]
        return self

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the slices of a tensor along its first axis written at indices."""
        tensor, places = convert(value, None if isinstance(value, Tensor) else self._dtype), convert(indices)
        if self._elements is None and not self._is_dynamic:
            made = self._of(self, self._rows)
            made._learn(tensor.shape[1:])
            if made._rows is None:
                made._make_rows()
            rows = made._shaped(tensor._array.shape[1:])
            made._rows = scatter_ops.tensor_scatter_nd_update(rows, array_ops.expand_dims(places, 1), tensor)
            return made
        written = self
        for i in range(tensor.shape[0]):
            written = written.write(places[i], tensor[i])
        return written

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array with the parts of a tensor, of these lengths along its first axis, as elements."""
        parts = join.split(convert(value), lengths)
        if self._elements is None:
            written = self
            for i, part in enumerate(parts):
                written = written.write(i, part)
            return written
        return self._filled(parts)

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> None:
        raise NotImplementedError("tf.TensorArray.grad belongs to TensorFlow 1. Use tf.GradientTape.")

    @property
    def _type_spec(self) -> TensorArraySpec:
        return TensorArraySpec(self._element_shape, self._dtype, self._is_dynamic, self._infers)


class TensorArraySpec(TypeSpec):
    """What is known of a `tf.TensorArray`.

    Example:
      >>> tf.TensorArraySpec([2], tf.float32).value_type is tf.TensorArray
      True
    """

    __slots__ = ("_element_shape", "_dtype", "_is_dynamic", "_infers")

    def __init__(
        self, element_shape: Any = None, dtype: Any = "float32", dynamic_size: bool = False, infer_shape: bool = True
    ) -> None:
        self._element_shape, self._dtype = TensorShape(element_shape), as_dtype(dtype)
        self._is_dynamic, self._infers = dynamic_size, infer_shape

    @property
    def value_type(self) -> type:
        return TensorArray

    def _serialize(self) -> tuple:
        return self._element_shape, self._dtype, self._is_dynamic, self._infers

    @property
    def _component_specs(self) -> Any:
        known = self._element_shape
        return [TensorSpec(None if known.rank is None else [None, *known.as_list()], self._dtype)]

    def _to_components(self, value: Any) -> list:
        if value._elements is not None and self._element_shape.rank is None:
            raise InvalidArgumentError(
                "tf.TensorArray: an array of which no element was written yet cannot be handed to a function that is traced. "
                "Pass element_shape, or make the array in the function."
            )
        return [value.stack()]

    def _from_components(self, components: Any) -> TensorArray:
        (rows,) = components
        element_shape = rows.shape[1:] if self._element_shape.rank is None and rows.shape.rank else self._element_shape
        made = TensorArray(
            self._dtype, 0, self._is_dynamic, False, infer_shape=self._infers, element_shape=element_shape
        )
        if traced_graph() is None and isinstance(rows, Tensor):
            return made._of(made, None, list(join.unstack(rows)))
        return made._of(made, rows)


def is_waiting(value: Any) -> bool:
    """Whether a value is an array in a graph that does not know the shape of its elements yet."""
    return isinstance(value, TensorArray) and value._elements is None and value._rows is None


def take_shapes(structure: Any, returned: Any) -> None:
    """Lets the arrays of a structure that wait for the shape of their elements know it from those of another."""
    for waiting, written in zip(nest.flatten(structure), nest.flatten(returned), strict=True):
        if is_waiting(waiting) and isinstance(written, TensorArray):
            waiting._element_shape = written._element_shape
            waiting._make_rows()
