"""The public namespace `tf.compat`. `tf.compat.v2` is Tenfold itself; `tf.compat.v1` has what runs graphs of files."""

import sys
from importlib import import_module

from tenfold.core.shapes import dimension_at_index as dimension_at_index
from tenfold.core.shapes import dimension_value as dimension_value
from tenfold.core.text import as_bytes as as_bytes
from tenfold.core.text import as_str as as_str
from tenfold.core.text import as_str_any as as_str_any
from tenfold.core.text import as_text as as_text
from tenfold.core.text import bytes_or_text_types as bytes_or_text_types
from tenfold.core.text import complex_types as complex_types
from tenfold.core.text import integral_types as integral_types
from tenfold.core.text import path_to_str as path_to_str
from tenfold.core.text import real_types as real_types

v2 = sys.modules["tenfold"]


def __getattr__(name: str) -> object:
    """Imports `tf.compat.v1` when it is first used."""
    if name == "v1":
        return import_module("tenfold.compat_v1")
    raise AttributeError(f"module 'tf.compat' has no attribute {name!r}")
