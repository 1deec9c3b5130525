"""Variable: a name for a value that changes.

The value is a tensor. Reading returns that tensor and copies nothing; assigning puts another in its place. An update in
place is taken only where nobody else holds the old value (`_own_array`), so what was read never changes.
"""

from __future__ import annotations

import enum
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.core import aligned, printing
from tenfold.core.context import context, recorders, set_recorders, traced_graph
from tenfold.core.convert import convert, register_converter
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.heap import prepare_heap
from tenfold.core.locks import new_lock
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Symbol, SymbolError
from tenfold.core.tensor import Reference, Tensor, new_node, wrap


class VariableSynchronization(enum.Enum):
    """When a distributed variable is synchronised; on one device all are the same."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class VariableAggregation(enum.Enum):
    """How updates of a distributed variable are combined; on one device all are the same."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


def _most_references(tensors: list[Tensor], arrays: list[np.ndarray]) -> tuple[int, int]:
    return max(map(getrefcount, tensors)), max(map(getrefcount, arrays))


def _references_to_a_sole_owner() -> tuple[int, int, tuple[int, int]]:
    """What sys.getrefcount says of a tensor and an array that only a variable holds, or lists of them beside it; it differs
    between Pythons.
    """

    class Holder:
        __slots__ = ("_value",)
        _value: Tensor

    holder = Holder()
    holder._value = wrap(np.zeros(1))
    listed = _most_references([holder._value], [holder._value._array])
    return getrefcount(holder._value), getrefcount(holder._value._array), listed


_SOLE_TENSOR, _SOLE_ARRAY, (_LISTED_TENSOR, _LISTED_ARRAY) = _references_to_a_sole_owner()
_names: dict[str, int] = {}


class _Creators(threading.local):
    active: tuple[Callable[..., Any], ...] = ()  # the outermost first


_creators = _Creators()


@contextmanager
def variable_creator_scope(variable_creator: Callable[..., Any]) -> Iterator[None]:
    """Lets a function make the variables for which `tf.Variable` is called in a block.

    Args:
      variable_creator: function of `next_creator` and the arguments of `tf.Variable` by name. It returns the variable,
        most often that of `next_creator(**kwargs)`; the creators of outer scopes come after those of inner ones.
    Example:
      >>> def frozen(next_creator, **kwargs):
      ...     return next_creator(**{**kwargs, "trainable": False})
      >>> with tf.variable_creator_scope(frozen):
      ...     v = tf.Variable(1.0)
      >>> v.trainable
      False
    """
    outer = _creators.active
    _creators.active = (*outer, variable_creator)
    try:
        yield
    finally:
        _creators.active = outer


class _AsksCreators(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not _creators.active or cls is not Variable:
            return super().__call__(*args, **kwargs)
        create: Callable[..., Any] = super().__call__
        for creator in _creators.active:
            create = functools.partial(creator, create)
        names = cls.__init__.__code__.co_varnames[1:]
        defaults = dict(zip(names, cls.__init__.__defaults__ or (), strict=False))
        return create(**{**defaults, **dict(zip(names, args, strict=False)), **kwargs})

    @property
    def __signature__(cls) -> Any:
        import inspect

        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=list(signature.parameters.values())[1:])


class Variable(metaclass=_AsksCreators):
    """A tensor-like value that `assign` and its kin change.

    Args:
      initial_value: what `tf.convert_to_tensor` takes, or a function without arguments that returns it.
      trainable: whether gradient tapes watch the variable by themselves; None means yes.
      validate_shape: whether the shape must be known; False lets later values have any shape.
      caching_device: not supported.
      name: the name, `"Variable"` by default.
      dtype: the type to convert the initial value to.
      constraint: function that optimizers apply to the value after an update.
      shape: what later values must be compatible with; the initial value's shape by default.

    Example:
      >>> v = tf.Variable([1.0, 2.0])
      >>> _ = v.assign_add([1.0, 1.0])
      >>> print((v * 2.0).numpy())
      [4. 6.]
    """

    __array_priority__ = 100
    _is_stream = False  # whether it is the position of a random stream, which ops move, and which is none of the user's
    OVERLOADABLE_OPERATORS: frozenset[str] = frozenset()

    if TYPE_CHECKING:
        __getitem__: Callable[[Any, Any], Tensor]  # set where the ops are, as the operators are

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: str | None = None,
        constraint: Callable[[Any], Any] | None = None,
        synchronization: VariableSynchronization = VariableSynchronization.AUTO,
        aggregation: VariableAggregation = VariableAggregation.NONE,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        for argument, value in {
            "caching_device": caching_device,
            "variable_def": variable_def,
            "import_scope": import_scope,
        }.items():
            if value is not None:
                raise ValueError(f"tf.Variable: {argument}={value!r} is not supported. Leave it out.")
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified except when you are not providing a "
                "`variable_def`. You provided neither."
            )
        if constraint is not None and not callable(constraint):
            raise ValueError(
                f"Argument `constraint` must be None or a callable. a callable. Got a {type(constraint)}:  {constraint}"
            )
        prepare_heap()
        tensor = self._initial(initial_value, None if dtype is None else as_dtype(dtype))
        self._value = wrap(aligned.placed(tensor._array))
        self._node = new_node()
        self._value._node = self._node
        self.trainable = True if trainable is None else bool(trainable)
        self._set_name(name or "Variable")
        if shape is None:
            shape = tensor.shape if validate_shape else TensorShape(None)
        self._shape = TensorShape(shape)
        if not self._shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"In this `tf.Variable` creation, the initial value's shape ({tensor.shape}) is not compatible with the "
                f"explicitly supplied `shape` argument ({self._shape})."
            )
        self._has_fixed_shape = self._shape.is_fully_defined()
        self._lock = new_lock()  # of those who update it
        self.constraint = constraint
        self.synchronization, self.aggregation = synchronization, aggregation

    def _initial(self, value: Any, dtype: DType | None) -> Tensor:
        """The initial value as a tensor; computed at once, though a function may be being traced."""
        graph = traced_graph()
        if graph is None:
            return convert(value() if callable(value) and not isinstance(value, Variable) else value, dtype)
        active = recorders()
        set_recorders(())
        try:
            tensor = convert(value() if callable(value) and not isinstance(value, Variable) else value, dtype)
            if type(tensor._array) is Symbol:
                tensor = graph.lifted(tensor)
        finally:
            set_recorders(active)
        graph.note_created(self)
        return tensor

    def _set_name(self, name: str) -> None:
        self._name = context.name_scope + name + ":0"

    # Reading.

    def _read(self) -> Tensor:
        """The current value, with tapes told."""
        active = recorders()
        if active:
            for recorder in active:
                recorder.variable_read(self)
            if active[0].is_graph:
                return active[0].value_of(self)  # type: ignore[attr-defined]
        return self._value

    def read_value(self) -> Tensor:
        return self._read()

    read_value_no_copy = read_value

    def value(self) -> Tensor:
        return self._read()

    def numpy(self) -> Any:
        """The current value as an array of its own."""
        return self._value.numpy()

    @property
    def shape(self) -> TensorShape:
        return self._shape

    def get_shape(self) -> TensorShape:
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Narrows the shape that later values must be compatible with."""
        self._shape = self._shape.merge_with(shape)
        self._has_fixed_shape = self._shape.is_fully_defined()

    @property
    def dtype(self) -> DType:
        return self._value.dtype

    @property
    def name(self) -> str:
        return self._name

    @property
    def device(self) -> str:
        return self._value.device

    @property
    def handle(self) -> Variable:
        """What identifies the variable; here the variable itself."""
        return self

    @property
    def ndim(self) -> int:
        return self._value.ndim

    def is_initialized(self, name: str | None = None) -> Tensor:
        return wrap(np.array(True))

    @property
    def initializer(self) -> None:
        """None: the initial value is assigned when the variable is made."""

    def ref(self) -> Reference:
        """A hashable reference, to use the variable as a key."""
        return Reference(self)

    experimental_ref = ref

    # Writing.

    def _put(self, tensor: Tensor) -> None:
        array = tensor._array
        if recorders() and (graph := traced_graph()) is not None:
            return graph.assign(self, tensor)
        if array.shape != self._value._array.shape and not self._shape.is_compatible_with(array.shape):
            name = f" '{self._name}'"
            raise ValueError(
                f"Cannot assign value to variable{name}: Shape mismatch.The variable shape {self._shape}, and the "
                f"assigned value shape {tensor.shape} are incompatible."
            )
        value = wrap(array)
        value._node = self._node
        self._value = value

    def _own_array(self) -> np.ndarray:
        """The value's array, to be written to: a copy takes its place first if anybody else holds it."""
        if recorders() and traced_graph() is not None:
            raise SymbolError(f"variable '{self._name}' is to be written in place, but a function is being traced.")
        if not (self._holds_alone() and self._value._array.flags.writeable):
            self._put(wrap(aligned.copy(self._value._array)))
        return self._value._array

    def _holds_alone(self) -> bool:
        """Whether nobody else holds the value, or memory of it."""
        return (
            getrefcount(self._value) <= _SOLE_TENSOR
            and getrefcount(self._value._array) <= _SOLE_ARRAY
            and type(self._value._array.base) in aligned.OWN
        )

    def assign(
        self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Sets a new value of the same dtype and a compatible shape.

        Returns:
          The variable; None if `read_value` is False.
        Raises:
          ValueError: shape or dtype do not fit.
        """
        self._put(convert(value, self._value.dtype))
        return self if read_value else None  # type: ignore[return-value]

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Adds `delta`, of the variable's shape, to the value."""
        self._update(np.add, delta, "assign_add")
        return self if read_value else None  # type: ignore[return-value]

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Subtracts `delta`, of the variable's shape, from the value."""
        self._update(np.subtract, delta, "assign_sub")
        return self if read_value else None  # type: ignore[return-value]

    def _update(self, ufunc: np.ufunc, delta: Any, what: str) -> None:
        tensor = convert(delta, self._value.dtype)
        if recorders() and traced_graph() is not None:
            return self._put(self._read() + tensor if ufunc is np.add else self._read() - tensor)
        array = tensor._array
        if array.shape != self._value._array.shape:
            raise InvalidArgumentError(
                f"{what}: the variable '{self._name}' has shape {self._value._array.shape}, delta has {array.shape}; "
                "they must be equal."
            )
        with self._lock:
            target = self._own_array()
            try:
                ufunc(target, array, out=target)
            except (FloatingPointError, RuntimeWarning):
                with np.errstate(all="ignore"):
                    ufunc(target, array, out=target)

    # NumPy, Python.

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._value.__array__(dtype, copy)

    def __bool__(self) -> bool:
        return bool(self._value)

    __nonzero__ = __bool__

    def __int__(self) -> int:
        return int(self._value)

    def __float__(self) -> float:
        return float(self._value)

    def __complex__(self) -> complex:
        return complex(self._value)

    def __iter__(self) -> Any:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._value)

    def __hash__(self) -> int:
        raise TypeError("Variable is unhashable. Instead, use variable.ref() as the key.")

    def __format__(self, format_spec: str) -> str:
        return self.numpy().__format__(format_spec)

    def __copy__(self) -> Variable:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict) -> Variable:
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied._node, copied._lock = new_node(), new_lock()
        copied._value = wrap(self._value._array)
        copied._value._node = copied._node
        memo[id(self)] = copied
        return copied

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=new_lock())
        self._node = self._value._node = new_node()  # that of the pickled one was of another process

    def __repr__(self) -> str:
        return printing.format_variable_repr(self._value._array, self.dtype, self._name, self._shape)


def held_alone(variables: Sequence[Variable]) -> list[np.ndarray] | None:
    """The arrays of variables; None if anybody else holds one of these values, or memory of it."""
    tensors = [v._value for v in variables]
    arrays = [x._array for x in tensors]
    of_tensors, of_arrays = _most_references(tensors, arrays)
    own = aligned.OWN
    is_alone = (
        of_tensors <= _LISTED_TENSOR and of_arrays <= _LISTED_ARRAY and all([type(x.base) in own for x in arrays])
    )
    return arrays if is_alone else None


def _to_tensor(value: Variable, dtype: DType | None, hint: DType | None) -> Tensor:
    tensor = value._read()
    return tensor if dtype is None else convert(tensor, dtype)


register_converter(Variable, _to_tensor, is_tensor_like=True)
