"""Files that are saved with a model: `tf.saved_model.Asset`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert, register_tensor_conversion_function
from tenfold.core.dtypes import DType
from tenfold.core.errors import NotFoundError
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.graph.node import Step


class Asset:
    """A file that is copied into a SavedModel with the object that holds it; the loaded one has the path of the copy.

    Functions that are saved read `asset_path` inside, so that they have the path of the copy, too.

    Args:
      path: of the file.
    Raises:
      TypeError: `path` is no string.
    Example:
      >>> import pathlib, tempfile
      >>> folder, module = pathlib.Path(tempfile.mkdtemp()), tf.Module()
      >>> _ = (folder / "words.txt").write_text("sun")
      >>> module.words = tf.saved_model.Asset(str(folder / "words.txt"))
      >>> tf.saved_model.save(module, folder / "model")
      >>> copy = tf.saved_model.load(folder / "model").words.asset_path.numpy().decode()
      >>> pathlib.Path(copy).relative_to(folder).as_posix(), pathlib.Path(copy).read_text()
      ('model/assets/words.txt', 'sun')
    """

    def __init__(self, path: Any) -> None:
        self._path = convert(os.fspath(path) if isinstance(path, os.PathLike) else path, dtypes.string)

    @property
    def asset_path(self) -> Tensor:
        """The path of the file, a string scalar."""
        graph = traced_graph()
        if graph is None:
            return self._path
        step = Step("Asset", lambda: [self.asset_path], False, (), resource=self)
        (path,) = graph.step(step, [], [Spec(np.dtype(object), ())])
        return path

    def source(self) -> str:
        """The path as text."""
        return os.fsdecode(self._path._array.item())

    def _checkpoint_children(self) -> Iterable[tuple[str, Any]]:
        return ()


def asset_path(folder: str, name: str) -> str:
    """The path of a file among the assets of a SavedModel.

    Raises:
      ValueError: the name leads out of its folder.
    """
    if os.path.isabs(name) or ".." in name.replace("\\", "/").split("/"):
        raise ValueError(f"{folder!r} is damaged: an asset is called {name!r}, outside of its folder.")
    return os.path.join(folder, "assets", name)


def operand(held: Any) -> Any:
    """What stands for an object of a file in its graphs: itself, or the path of an asset."""
    return held.asset_path if isinstance(held, Asset) else held


def _converted(value: Asset, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    return convert(value.asset_path, dtype)


register_tensor_conversion_function(Asset, _converted)


def file_names(assets: Sequence[Asset]) -> dict[Asset, str]:
    """The names that the files get, each its own; the same file is there once.

    Raises:
      tf.errors.NotFoundError: there is no such file.
    """
    by_path: dict[str, str] = {}
    for asset in assets:
        path = os.path.abspath(asset.source())
        if not os.path.isfile(path):
            raise NotFoundError(f"tf.saved_model.save: there is no file {path!r}, which is an asset.")
        name, number = os.path.basename(path), 0
        while path not in by_path and name in by_path.values():
            number += 1
            name = f"{os.path.basename(path)}_{number}"
        by_path.setdefault(path, name)
    return {asset: by_path[os.path.abspath(asset.source())] for asset in assets}
