"""What a file from a stranger may do while a model is built from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenfold.keras.variables import scope

KERAS_VERSION = "3.15.1"  # whose formats the files have
_MAX_RATIO = 1000  # of a variable to the whole file, which holds its value
_FREE_BYTES = 64 << 20  # a variable up to this size is always made


@contextmanager
def reading_model(path: Path, file_bytes: int) -> Iterator[None]:
    """Turns whatever goes wrong inside into ValueErrors that name the file, and bounds the size of variables.

    Variables made inside get their initial values at its end, if they got none of the file.

    A configuration of a few bytes may ask for a layer of a billion units; a file that belongs to such a model is large.
    """
    outer = scope.max_bytes, scope.unset
    unset = scope.unset = []
    scope.max_bytes = max(_FREE_BYTES, file_bytes * _MAX_RATIO)
    try:
        yield
        scope.unset = None
        for each in unset:
            each.settle()
    except (ValueError, TypeError, NotImplementedError, ImportError):
        raise
    except RecursionError as error:
        raise ValueError(f"{str(path)!r}: its configuration is nested too deep.") from error
    except Exception as error:
        raise ValueError(
            f"{str(path)!r}: its model cannot be built: {type(error).__name__}: {error}. The file may be damaged, or a custom "
            "class may differ from the one it was saved with."
        ) from error
    finally:
        scope.max_bytes, scope.unset = outer
