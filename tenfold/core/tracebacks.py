"""The switches of TensorFlow's debugger and of its traceback filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.errors import UnimplementedError

_is_filtering = True


def is_traceback_filtering_enabled() -> bool:
    """Whether the errors of ops come without the lines of their kernels; True at first.

    Example:
      >>> tf.debugging.is_traceback_filtering_enabled()
      True
    """
    return _is_filtering


def enable_traceback_filtering() -> None:
    """Leaves the lines of kernels, and NumPy's error there, out of the tracebacks of ops' errors: the message says all.

    Example:
      >>> tf.debugging.enable_traceback_filtering()
    """
    global _is_filtering
    _is_filtering = True


def disable_traceback_filtering() -> None:
    """Shows tracebacks whole, to find a bug in a kernel.

    Example:
      >>> tf.debugging.disable_traceback_filtering()
      >>> try:
      ...     tf.reshape(tf.ones([2, 3]), [4])
      ... except tf.errors.InvalidArgumentError as error:
      ...     print(repr(error.__cause__))
      ValueError('cannot reshape array of size 6 into shape (4,)')
      >>> tf.debugging.enable_traceback_filtering()
    """
    global _is_filtering
    _is_filtering = False


def enable_dump_debug_info(
    dump_root: str,
    tensor_debug_mode: str = "NO_TENSOR",
    circular_buffer_size: int = 1000,
    op_regex: str | None = None,
    tensor_dtypes: Sequence[Any] | None = None,
) -> None:
    """Would write what runs to files for TensorBoard's debugger.

    Raises:
      tf.errors.UnimplementedError: always. `tf.debugging.enable_check_numerics` finds NaN and infinity.
    """
    raise UnimplementedError(
        "tf.debugging.experimental.enable_dump_debug_info: Tenfold writes no files for the debugger. Use "
        "tf.debugging.enable_check_numerics to find NaN and infinity."
    )


def disable_dump_debug_info() -> None:
    """Does nothing: nothing is written."""
