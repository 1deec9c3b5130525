"""Checks for NaN and infinity: in one tensor, or in the results of all ops."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.context import recorders, set_recorders
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING, is_differentiable
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import row_rules


def _check_kernel(tensor, *, message):
    if not np.isfinite(tensor).all():
        kinds = [name for name, found in (("Inf", np.isinf(tensor)), ("NaN", np.isnan(tensor))) if found.any()]
        raise InvalidArgumentError(f"{message} : Tensor had {' and '.join(kinds)} values")
    return tensor


def _check_v2_kernel(tensor, *, message):
    if not np.isfinite(tensor).all():
        raise InvalidArgumentError(f"{message} : Tensor had {_kinds(tensor)} values")
    return tensor


def _kinds(array: np.ndarray) -> str:
    """Which values are not finite, in TensorFlow's words."""
    infinite = array[np.isinf(array)]
    found = {"-Inf": (infinite < 0).any(), "+Inf": (infinite > 0).any(), "NaN": np.isnan(array).any()}
    *first, last = [name for name, is_there in found.items() if is_there]
    return f"{', '.join(first)} and {last}" if first else last


def _check_vjp(dy, message):
    return check_numerics(dy, "Not a number (NaN) or infinity (Inf) values detected in gradient. " + message)


def _check_v2_vjp(dy, message):
    return CHECK_NUMERICS_V2(dy, message="Not a number (NaN) or infinity (Inf) values detected in gradient. " + message)


CHECK_NUMERICS = register(
    Op("CheckNumerics", _check_kernel, types=FLOATING, vjp=_check_vjp, rows=row_rules.elementwise)
)
CHECK_NUMERICS_V2 = register(Op("CheckNumericsV2", _check_v2_kernel, types=FLOATING, vjp=_check_v2_vjp))


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """Returns a tensor whose elements are all finite; so must its gradient be.

    Args:
      tensor: Tensor of a floating dtype.
      message: what the error begins with.
    Raises:
      tf.errors.InvalidArgumentError: an element is NaN or infinite.
    Example:
      >>> print(tf.debugging.check_numerics([1.0, 2.0], "x").numpy())
      [1. 2.]
    """
    if not isinstance(message, (str, bytes)):
        raise TypeError(f"Expected string for argument 'message' not {message!r}.")
    x = convert(tensor)
    CHECK_NUMERICS.require(x._array)
    return CHECK_NUMERICS(x, message=message)


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Tensor:
    """Returns a tensor whose elements are all finite, as `tf.debugging.check_numerics` does.

    Raises:
      tf.errors.InvalidArgumentError: an element is NaN or infinite.
    Example:
      >>> print(tf.debugging.assert_all_finite([1.0, 2.0], "x").numpy())
      [1. 2.]
    """
    return check_numerics(x, message)


# Ops that only move elements, which TensorFlow does not check either: the op that made them was.
_MOVES = frozenset(
    "BroadcastTo Concat ConcatV2 ExpandDims Fill Gather GatherNd GatherV2 Identity IdentityN Maximum Minimum Pack Pad "
    "PadV2 Reshape ReverseV2 Roll SelectV2 Slice Split SplitV Squeeze StridedSlice StridedSliceGrad Tile Transpose "
    "Unpack".split()
)


class _Checker:
    """A recorder that looks at the results of all ops."""

    is_graph = False

    def record(self, op: Op, inputs: tuple, attrs: dict[str, Any], outputs: tuple) -> None:
        if op.name in _MOVES:
            return
        for slot, out in enumerate(outputs):
            array = out._array
            if type(array) is np.ndarray and is_differentiable(array.dtype) and not np.isfinite(array).all():
                raise InvalidArgumentError(_report(op, slot, len(outputs), out, inputs))

    def variable_read(self, variable: Any) -> None:
        pass


_CHECKER = _Checker()


def _report(op: Op, slot: int, count: int, out: Tensor, inputs: tuple[Tensor, ...]) -> str:
    array = out._array
    is_infinite = np.isinf(array)
    lines = [
        "",
        "",
        f'!!! Detected Infinity or NaN in output {slot} of eagerly-executing op "{op.name}" (# of outputs: {count}) !!!',
        f"  dtype: {out.dtype}",
        f"  shape: {out.shape}",
    ]
    real = array.real
    for name, is_bad in (
        ("-Inf", is_infinite & (real < 0)),
        ("+Inf", is_infinite & (real > 0)),
        ("+NaN", np.isnan(array)),
    ):
        if is_bad.any():
            lines.append(f"  # of {name} elements: {np.count_nonzero(is_bad)}")
    if len(inputs) == 1:
        lines += ["", f"  Input tensor: {inputs[0]!s}"]
    elif inputs:
        lines += ["", f"  Input tensors ({len(inputs)}):", *(f"         {i}: {x!s}" for i, x in enumerate(inputs))]
    return "\n".join([*lines, "", f" : Tensor had {_kinds(array)} values"])


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Makes ops of this thread raise an error when a result is NaN or infinite; while it is off it costs nothing.

    Args:
      stack_height_limit, path_length_limit: lengths of the stack traces of graphs; here the error's own trace leads to
        the line.
    Example:
      >>> tf.debugging.enable_check_numerics()
      >>> try:
      ...     tf.math.log([0.0])
      ... except tf.errors.InvalidArgumentError:
      ...     print("caught")
      ... finally:
      ...     tf.debugging.disable_check_numerics()
      caught
    """
    if _CHECKER not in recorders():
        set_recorders((*recorders(), _CHECKER))  # a graph that is traced stays the first


def disable_check_numerics() -> None:
    """Ends what `tf.debugging.enable_check_numerics` began."""
    set_recorders(tuple([r for r in recorders() if r is not _CHECKER]))
