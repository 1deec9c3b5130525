"""The models of a folder, each in its newest version: they are loaded, exchanged and let go while requests run."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from tenfold.saved_model.loading import load, signature_definitions
from tenfold.saved_model.options import LoadOptions
from tenfold.serving.batcher import Batcher
from tenfold.serving.metrics import Metrics
from tenfold.serving.refused import Refused
from tenfold.serving.settings import Settings
from tenfold.serving.signature import Signature

_log = logging.getLogger("tenfold.serving")


class Servable:
    """A version of a model that can be asked.

    Attributes:
      signatures: by name.
      definitions: what the file says of them, for clients.
      batcher: what runs them.
    """

    def __init__(self, path: str, settings: Settings) -> None:
        loaded = load(path, options=LoadOptions(compiled=settings.compiled))
        size = settings.max_batch_size
        self.signatures = {key: Signature(key, f, size) for key, f in loaded.signatures.items()}
        self.definitions = signature_definitions(path)
        self.batcher: Any = None
        self._users = 0
        self._is_retired = False

    def prepare(self, most: int | None = None) -> None:
        """Compiles all signatures; for up to `most` rows."""
        for signature in self.signatures.values():
            signature.prepare(most, lambda: not self._is_retired)

    @contextmanager
    def use(self) -> Iterator[Servable]:
        """Keeps it running until the request is answered."""
        self._users += 1
        try:
            yield self
        finally:
            self._users -= 1
            self._end_if_unused()

    def retire(self) -> None:
        """Ends it after the last request."""
        self._is_retired = True
        self._end_if_unused()

    def _end_if_unused(self) -> None:
        if self._is_retired and not self._users and self.batcher is not None:
            self.batcher.stop()
            self.batcher = None

    @property
    def is_ended(self) -> bool:
        return self._is_retired and self.batcher is None


class Model:
    """A model: the version that is served, and what became of the others."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.version: int | None = None
        self.servable: Servable | None = None
        self.states: dict[int, tuple[str, str]] = {}  # with the error, if loading failed
        self.leaving: dict[int, Servable] = {}
        self.failed: dict[int, Any] = {}  # what the folder was like then

    def settle(self) -> None:
        """Forgets versions that have answered their last request."""
        for number, servable in list(self.leaving.items()):
            if servable.is_ended:
                del self.leaving[number]
                self.states[number] = "END", ""

    def status(self) -> list[dict[str, Any]]:
        """The versions, newest first, in the form of TensorFlow Serving."""
        self.settle()
        return [
            {
                "version": str(number),
                "state": state,
                "status": {"error_code": "UNKNOWN" if error else "OK", "error_message": error},
            }
            for number, (state, error) in sorted(self.states.items(), reverse=True)
        ]


class Models:
    """The models of a folder, which has folders of versions, or folders of models with such.

    Args:
      folder: where to look.
      name: of the model, if the folder has versions (its own name, if None); if it has models, the only one to be served.
    """

    def __init__(self, folder: str, name: str | None, settings: Settings, metrics: Metrics) -> None:
        self._folder, self._name, self._settings, self._metrics = os.path.abspath(folder), name, settings, metrics
        self._models: dict[str, Model] = {}
        self._loader = ThreadPoolExecutor(1, "tenfold loader")
        self._preparing: set[asyncio.Future] = set()

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def find(self, name: str, version: int | None) -> tuple[Model, int, Servable]:
        """A version that is served; the newest, if None."""
        model = self._models.get(name)
        if model is None or model.servable is None or model.version is None or version not in (None, model.version):
            wanted = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise Refused(404, f"Servable not found for request: {wanted}")
        return model, model.version, model.servable

    def model(self, name: str) -> Model:
        if name not in self._models:
            raise Refused(404, f"Could not find any versions of model {name}")
        return self._models[name]

    async def update(self) -> None:
        """Looks for versions, and exchanges those that are served for newer ones."""
        fresh = []
        for name, versions in (await self._in_loader(_found, self._folder, self._name)).items():
            model = self._models.setdefault(name, Model(name))
            fresh.append(await self._update(model, versions))
            model.settle()
            keep = {model.version, *versions, *model.leaving}
            model.states = {number: state for number, state in model.states.items() if number in keep}
        for servable in fresh:  # now that all can be asked
            if servable is not None:
                preparing = asyncio.ensure_future(self._in_loader(servable.prepare))
                self._preparing.add(preparing)
                preparing.add_done_callback(self._preparing.discard)

    async def _update(self, model: Model, versions: dict[int, str]) -> Servable | None:
        """Serves the newest version that can be loaded; None if it is served already."""
        for number in sorted(versions, reverse=True):
            if number == model.version:
                break
            mark = await self._in_loader(_mark, versions[number])
            if model.failed.get(number) == mark:
                continue
            model.states[number] = "LOADING", ""
            try:
                servable = await self._in_loader(self._load, versions[number], model.servable is None)
            except Exception as error:
                _log.warning("%s, version %d cannot be served: %s", model.name, number, error)
                model.failed[number], model.states[number] = mark, ("END", str(error))
                continue
            self._exchange(model, number, servable)
            return servable
        return None

    def _load(self, path: str, is_urgent: bool) -> Servable:
        """A version, compiled for all that it may be asked; the first of a model, so that it can be asked at once."""
        servable = Servable(path, self._settings)
        servable.prepare(1 if is_urgent else None)
        return servable

    def _exchange(self, model: Model, number: int, servable: Servable) -> None:
        old_number, old = model.version, model.servable
        settings, name = self._settings, model.name
        servable.batcher = Batcher(
            settings.max_batch_size, settings.batch_delay_seconds, lambda count: self._metrics.ran(name, count)
        )
        model.leaving.pop(number, None)
        model.version, model.servable, model.states[number] = number, servable, ("AVAILABLE", "")
        if old is not None and old_number is not None:
            model.states[old_number], model.leaving[old_number] = ("UNLOADING", ""), old
            old.retire()
        _log.info("%s: version %d is served", name, number)

    async def _in_loader(self, function: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._loader, function, *args)

    async def watch(self) -> None:
        """Looks for versions again and again."""
        while True:
            await asyncio.sleep(self._settings.poll_seconds)
            try:
                await self.update()
            except OSError as error:
                _log.warning("%s cannot be read: %s", self._folder, error)

    def stop(self) -> None:
        """Lets all go, after the last requests."""
        for model in self:
            if model.servable is not None:
                model.servable.retire()
                model.servable = None
        self._loader.shutdown(wait=False, cancel_futures=True)


def _found(folder: str, name: str | None) -> dict[str, dict[int, str]]:
    """The folders of versions, by models."""
    versions = _versions(folder)
    if versions:
        return {name or os.path.basename(folder): versions}
    children = [e for e in os.scandir(folder) if e.is_dir() and name in (None, e.name) and not set("/:") & set(e.name)]
    return {e.name: found for e in children if (found := _versions(e.path))}


def _versions(folder: str) -> dict[int, str]:
    entries = [e for e in os.scandir(folder) if e.name.isascii() and e.name.isdigit()]
    return {int(e.name): e.path for e in entries if os.path.isfile(os.path.join(e.path, "saved_model.pb"))}


def _mark(folder: str) -> Any:
    """Changes where the files of a folder do."""
    files = [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names]
    return sorted((path, os.stat(path).st_size, os.stat(path).st_mtime_ns) for path in files)
