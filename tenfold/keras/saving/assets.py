"""Files that layers keep beside their variables, as vocabularies are: what `save_assets` writes and `load_assets` reads.

Each layer has a folder of its own, named by the way from the model to it, as for the variables.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tenfold.keras.saving import weights_file


def _owners(model: Any) -> Iterator[tuple[str, Any]]:
    return ((path, owner) for path, owner in weights_file.walk(model) if hasattr(owner, "save_assets"))


def assets_of(model: Any) -> dict[str, bytes]:
    """The files of all layers of a model, by their paths."""
    found: dict[str, bytes] = {}
    for path, owner in _owners(model):
        with tempfile.TemporaryDirectory() as folder:
            owner.save_assets(folder)
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    found["/".join(filter(None, [path, *file.relative_to(folder).parts]))] = file.read_bytes()
    return found


def restore_assets(model: Any, files: Mapping[str, Any], read: Any) -> None:
    """Gives all layers of a model their files.

    Args:
      files: by their paths.
      read: gives the bytes of one of these.
    """
    for path, owner in _owners(model):
        prefix = f"{path}/" if path else ""
        own = [name for name in files if name.startswith(prefix)]
        if not own:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name in own:
                file = Path(folder, *filter(None, name.removeprefix(prefix).split("/")))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(read(files[name]))
            owner.load_assets(folder)


def are_missing(model: Any) -> bool:
    """Whether a layer of a model needs files: its configuration does not say what it learned from data."""
    return any(owner.needs_assets() for _, owner in _owners(model) if hasattr(owner, "needs_assets"))
