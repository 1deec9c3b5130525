"""`tf.autograph.to_graph` and `to_code`: conversion asked for by hand."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from tenfold.tracing.autograph import convert
from tenfold.tracing.autograph.jumps import NotConvertible
from tenfold.tracing.autograph.source import NoSource


class ConversionError(Exception):
    """A function cannot be converted."""


def _checked(entity: Any) -> FunctionType:
    inner = entity.__func__ if isinstance(entity, MethodType) else entity
    if not isinstance(inner, FunctionType):
        raise ConversionError(
            f"converting {entity!r}: ValueError: Cannot apply autograph to a function that doesn't expose a __code__ object. If "
            "this is a @tf.function, try passing f.python_function instead."
        )
    return inner


def to_code(entity: Any, recursive: bool = True, experimental_optional_features: Any = None) -> str:
    """The source code of a converted function.

    Args:
      entity: function or method.
      recursive, experimental_optional_features: accepted; they change nothing here.
    Raises:
      ConversionError: it is no Python function, or its source cannot be had.
    Example:
      >>> import textwrap
      >>> print(tf.autograph.to_code(textwrap.dedent).splitlines()[0])
      def dedent(text):
    """
    function = _checked(entity)
    try:
        return ast.unparse(convert.tree(function))
    except (NoSource, NotConvertible) as error:
        raise ConversionError(f"converting {entity!r}: {error}.") from None


def to_graph(entity: Any, recursive: bool = True, experimental_optional_features: Any = None) -> Callable[..., Any]:
    """A function whose control flow becomes part of the graph when it is traced; run eagerly it does the same as before.

    `tf.function` converts what it traces; this is needed where another function traces it.

    Args:
      entity: function or method.
      recursive: whether functions that it calls are converted too, when they are traced.
      experimental_optional_features: accepted; it changes nothing here.
    Raises:
      ConversionError: it is no Python function, or its source cannot be had.
    Example:
      >>> import textwrap
      >>> tf.autograph.to_graph(textwrap.dedent)("  a")
      'a'
    """
    _checked(entity)
    to_code(entity)
    found = convert.converted(entity, by_user=True)

    @functools.wraps(entity)
    def run(*args: Any, **kwargs: Any) -> Any:
        with convert.conversion(recursive):
            return found(*args, **kwargs)

    run.__name__ = f"tf__{entity.__name__}"
    return run
