"""What the user can say of conversion: functions to leave alone, options of loops, how much to tell."""

from __future__ import annotations

import enum
import functools
import logging
from collections.abc import Callable
from typing import Any

from tenfold.tracing.autograph.convert import conversion, log

_verbosity = 0


def do_not_convert(func: Callable[..., Any] | None = None) -> Any:
    """Makes a function run as it is where it is called in a function that is traced, and all that it calls too.

    Args:
      func: the function; without it, a decorator is returned.
    Example:
      >>> @tf.autograph.experimental.do_not_convert
      ... def double(x):
      ...     return x * 2
      >>> print(tf.function(double)(3).numpy())
      6
    """
    if func is None:
        return do_not_convert

    @functools.wraps(func)
    def run(*args: Any, **kwargs: Any) -> Any:
        with conversion(False):
            return func(*args, **kwargs)

    return run


def set_loop_options(
    parallel_iterations: int | None = None,
    swap_memory: bool | None = None,
    maximum_iterations: Any = None,
    shape_invariants: Any = None,
) -> None:
    """As a statement in a loop of a function that is traced, says how that loop behaves; elsewhere it does nothing.

    Args:
      parallel_iterations, swap_memory: hints that do not change the result.
      maximum_iterations: how many times the loop may run, if it is on tensors.
      shape_invariants: list of pairs of a variable and a `tf.TensorShape` with None for the sizes that change in the loop.
    Example:
      >>> @tf.function
      ... def ones(n):
      ...     x = tf.zeros([0])
      ...     for _ in tf.range(n):
      ...         tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
      ...         x = tf.concat([x, [1.0]], 0)
      ...     return x
      >>> print(ones(tf.constant(3)).numpy())
      [1. 1. 1.]
    """


class Feature(enum.Enum):
    """Conversions that TensorFlow leaves to the user to turn on. Here all that there are are always on; it is accepted.

    Example:
      >>> tf.autograph.experimental.Feature.all_but(tf.autograph.experimental.Feature.LISTS)[0].name
      'AUTO_CONTROL_DEPS'
    """

    ALL = "ALL"
    AUTO_CONTROL_DEPS = "AUTO_CONTROL_DEPS"
    ASSERT_STATEMENTS = "ASSERT_STATEMENTS"
    BUILTIN_FUNCTIONS = "BUILTIN_FUNCTIONS"
    EQUALITY_OPERATORS = "EQUALITY_OPERATORS"
    LISTS = "LISTS"
    NAME_SCOPES = "NAME_SCOPES"

    @classmethod
    def all(cls) -> tuple[Feature, ...]:
        """All features but `ALL` itself."""
        return tuple([x for x in cls if x is not cls.ALL])

    @classmethod
    def all_but(cls, exclude: Any) -> tuple[Feature, ...]:
        """All features but some."""
        left_out = exclude if isinstance(exclude, (list, tuple, set)) else (exclude,)
        return tuple([x for x in cls.all() if x not in left_out])


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """How much is told of conversions: 0 for warnings only, 3 and more for each function that is converted.

    Args:
      level: the level.
      alsologtostdout: whether to print it too.
    """
    global _verbosity
    _verbosity = int(level)
    log.setLevel(logging.DEBUG if _verbosity else logging.NOTSET)
    if alsologtostdout and not any(isinstance(x, logging.StreamHandler) for x in log.handlers):
        import sys

        log.addHandler(logging.StreamHandler(sys.stdout))


def trace(*args: Any) -> None:
    """Prints its arguments when a function is traced.

    Example:
      >>> tf.autograph.trace("rank", 2)
      rank 2
    """
    print(*args)
