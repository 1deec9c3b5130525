"""Python functions in graphs: `tf.py_function` and `tf.numpy_function`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.context import recorders, set_recorders
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.spec import TensorSpec
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.graph.staged import staged


def py_function(
    func: Callable[..., Any] | None = None, inp: Any = None, Tout: Any = None, name: str | None = None
) -> Any:
    """Calls a Python function with eager tensors, also from a graph; gradients flow through it.

    Args:
      func: function of as many tensors as `inp` has, which returns tensors, or values that can become some; it runs at
        every call of the graph. Left out, the result is a decorator of such a function.
      inp: list of its arguments; not for a decorator, whose function gets what it is called with.
      Tout: dtype of its result, or a structure of dtypes or of `tf.TensorSpec`, which also say the shapes; in a graph a
        shape that is not said is unknown until `set_shape`.
    Returns:
      Tensor, or a structure like `Tout`; a list without elements if `Tout` is empty.
    Raises:
      tf.errors.InvalidArgumentError: the function returns another number of values, or one that does not fit its dtype.
      TypeError: `Tout` is missing; `func` is there without `inp`, or `inp` without `func`.
    Example:
      >>> tf.py_function(lambda x: float(x) ** 2, [tf.constant(3.0)], tf.float32).numpy()
      np.float32(9.0)
    """
    if func is None:
        return _decorator("tf.py_function", inp, Tout, lambda f, given: py_function(f, given, Tout, name))
    return _called(func, inp, Tout, _eager_results, "EagerPyFunc")


def numpy_function(
    func: Callable[..., Any] | None = None,
    inp: Any = None,
    Tout: Any = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Calls a Python function with NumPy arrays, also from a graph; it has no gradient.

    Args:
      func: function of as many arrays as `inp` has, which returns arrays or numbers; it runs at every call of the graph.
        Left out, the result is a decorator of such a function.
      inp: list of its arguments; not for a decorator, whose function gets what it is called with.
      Tout: dtype of its result, or a list of dtypes, or of `tf.TensorSpec`, which also say the shapes.
      stateful: whether a graph must call it even if nobody reads its result.
    Raises:
      tf.errors.InvalidArgumentError: the function returns another number of values, or of other dtypes.
      TypeError: as for `tf.py_function`.
    Example:
      >>> tf.numpy_function(np.sinh, [tf.constant(0.0)], tf.float32).numpy()
      np.float32(0.0)
    """
    if func is None:
        return _decorator(
            "tf.numpy_function", inp, Tout, lambda f, given: numpy_function(f, given, Tout, stateful, name)
        )
    return _called(func, inp, Tout, _numpy_results, "PyFunc", stateful)


def _decorator(
    what: str, inp: Any, Tout: Any, call: Callable[[Callable, tuple], Any]
) -> Callable[[Callable], Callable]:
    if inp is not None or Tout is None:
        raise TypeError(f"As a decorator {what} takes Tout and no inp: @{what}(Tout=...).")

    def decorated(func: Callable) -> Callable:
        @wraps(func)
        def function(*args: Any) -> Any:
            return call(func, args)

        return function

    return decorated


def _called(
    func: Callable[..., Any], inp: Any, Tout: Any, results: Callable, name: str, has_effects: bool = True
) -> Any:
    if inp is None or Tout is None:
        raise TypeError(
            f"tf.{'py' if results is _eager_results else 'numpy'}_function needs inp, the function's arguments, and Tout."
        )
    leaves = nest.flatten(inp, expand_composites=True)
    tensors = [convert(x) for x in leaves]
    wanted = nest.flatten(Tout) if nest.is_nested(Tout) else [Tout]
    types = [as_dtype(getattr(w, "dtype", w)) for w in wanted]

    def body(*given: Tensor) -> list[Tensor]:
        packed = nest.pack_sequence_as(inp, list(given), expand_composites=True)
        return results(func, packed, types)

    flat = staged(name, body, tensors, [_spec(w, t) for w, t in zip(wanted, types, strict=True)], (), has_effects)
    return nest.pack_sequence_as(Tout, flat) if nest.is_nested(Tout) else flat[0]


def _spec(wanted: Any, dtype: DType) -> Spec:
    shape = wanted.shape if isinstance(wanted, TensorSpec) else None
    if shape is None or shape.rank is None:
        return Spec(dtype._np, None)
    return Spec(dtype._np, tuple(shape.as_list()), tuple([3 for size in shape if size is None]))


def _checked(func: Callable, found: Any, types: Sequence[DType]) -> list:
    values = list(found) if isinstance(found, (list, tuple)) else [] if found is None and not types else [found]
    if len(values) != len(types):
        raise InvalidArgumentError(
            f"{getattr(func, '__name__', func)} returned {len(values)} values, but Tout names {len(types)}."
        )
    return values


def _eager_results(func: Callable, inp: Sequence[Tensor], types: Sequence[DType]) -> list[Tensor]:
    tensors = []
    for value, dtype in zip(_checked(func, func(*inp), types), types, strict=True):
        try:
            tensors.append(convert(value, dtype))
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError(f"tf.py_function: {error}; Tout says {dtype.name}.") from None
    return tensors


def _numpy_results(func: Callable, inp: Sequence[Tensor], types: Sequence[DType]) -> list[Tensor]:
    active = recorders()
    set_recorders(())
    try:
        values = _checked(func, func(*[x.numpy() for x in inp]), types)
    finally:
        set_recorders(active)
    tensors = []
    for value, dtype in zip(values, types, strict=True):
        tensor = convert(
            value, dtype if isinstance(value, (int, float)) and not isinstance(value, np.generic) else None
        )
        if tensor.dtype != dtype:
            raise InvalidArgumentError(
                f"tf.numpy_function: the function returned {tensor.dtype.name}, but Tout says {dtype.name}. Use .astype."
            )
        tensors.append(tensor)
    return tensors
