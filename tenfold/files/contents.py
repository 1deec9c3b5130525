"""Whole files as texts of tensors, also in functions, which read and write them whenever they run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.files.gfile import glob
from tenfold.graph.node import Step

_TEXT = dtypes.string._np


def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The bytes of a file, as a text.

    Args:
      filename: its path, a scalar.
    Raises:
      tf.errors.NotFoundError: there is no such file.
      tf.errors.FailedPreconditionError: it is a folder.
    Example:
      >>> import pathlib, tempfile
      >>> path = str(pathlib.Path(tempfile.mkdtemp()) / "a.txt")
      >>> tf.io.write_file(path, "hello")
      >>> tf.io.read_file(path).numpy()
      b'hello'
    """
    return effect("ReadFile", contents, [_path_of(filename)], [Spec(_TEXT, ())])[0]


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Writes a text as the content of a file; makes the folder that it is in.

    Args:
      filename: its path, a scalar.
      contents: a text.
    """
    effect("WriteFile", write, [_path_of(filename), convert(contents, dtypes.string)], [])


def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The paths of files that match a pattern, or one of several, in order; see `tf.io.gfile.glob`."""
    return effect("MatchingFiles", matching, [convert(pattern, dtypes.string)], [Spec.rows(_TEXT)])[0]


def _path_of(filename: Any) -> Tensor:
    return convert(os.fspath(filename) if isinstance(filename, os.PathLike) else filename, dtypes.string)


def effect(name: str, body: Callable[..., list[Tensor]], tensors: Sequence[Tensor], specs: list[Spec]) -> list[Tensor]:
    """Runs a body now or, where a function is traced, whenever that runs."""
    graph = traced_graph()
    if graph is None:
        return body(*tensors)
    return graph.step(Step(name, lambda *again: effect(name, body, again, specs), True, ()), list(tensors), specs)


def contents(filename: Tensor) -> list[Tensor]:
    path = _path(filename, "ReadFile")
    try:
        data = Path(path).read_bytes()
    except IsADirectoryError:
        raise FailedPreconditionError(f"ReadFile: {path}; Is a directory.") from None
    except OSError as error:
        raise NotFoundError(f"ReadFile: {path!r} cannot be read: {error.strerror}.") from None
    return [wrap(np.array(data, object))]


def write(filename: Tensor, contents: Tensor) -> list[Tensor]:
    path = Path(_path(filename, "WriteFile"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents._array.item())
    return []


def _path(filename: Tensor, what: str) -> str:
    if filename._array.ndim:
        raise InvalidArgumentError(f"{what}: filename has the shape {filename._array.shape}; it must be a scalar.")
    return os.fsdecode(filename._array.item())


def matching(pattern: Tensor) -> list[Tensor]:
    found = sorted({path for one in pattern._array.reshape(-1) for path in glob(one)})
    return [wrap(np.array([os.fsencode(path) for path in found], object).reshape(-1))]
