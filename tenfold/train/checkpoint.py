"""Checkpoint: objects and all that they hold, saved to files and restored from them."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tenfold.core import restoring
from tenfold.core.atomic import naming
from tenfold.core.children import CONTAINERS, attributes, children, is_trackable
from tenfold.core.context import traced_graph
from tenfold.core.errors import NotFoundError
from tenfold.core.variable import Variable
from tenfold.train.bundle import Bundle
from tenfold.train.bundle_writer import write_bundle
from tenfold.train.object_graph import ObjectGraph, name_of, read_graph
from tenfold.train.options import CheckpointOptions
from tenfold.train.restore import Restoration, restore_by_names
from tenfold.train.state import update_checkpoint_state
from tenfold.train.status import LoadStatus, NothingRestored, Restored, RestoredByNames

_OWN_NAMES = frozenset(("_root", "_kwargs", "_save_counter"))


class Checkpoint:
    """Saves objects and what they hold (variables, layers, optimizers, modules, lists and dicts of them), and restores them.

    The files are TensorFlow's: either reads what the other wrote. Objects are found again by the names of attributes.

    Args:
      root: an object whose attributes are to stand at the top of the checkpoint.
      **kwargs: objects, under the names that they have in the checkpoint; they become attributes.
    Raises:
      ValueError: one of them has nothing that can be saved, or `root` has another object of the same name.
    Example:
      >>> step, w = tf.Variable(0), tf.Variable([1.0, 2.0])
      >>> checkpoint = tf.train.Checkpoint(step=step, w=w)
      >>> path = checkpoint.save(folder + "/ckpt")
      >>> _ = w.assign([0.0, 0.0])
      >>> _ = checkpoint.restore(path).assert_consumed()
      >>> print(w.numpy())
      [1. 2.]
    """

    _root: Any
    _kwargs: tuple[str, ...]
    _save_counter: Variable | None

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        put = object.__setattr__
        put(self, "_root", root)
        put(self, "_kwargs", tuple(sorted(kwargs)) if root is not None else ())
        put(self, "_save_counter", None)
        if root is not None:
            _require_trackable("root", root)
            put(self, "root", root)
            known = {child.name: child.value for child in children(root)}
            put(self, "_save_counter", known.get("save_counter"))
            for name in kwargs:
                if name in known and known[name] is not kwargs[name]:
                    raise ValueError(
                        f"tf.train.Checkpoint: the argument {name} and the root's attribute {name} are different objects. "
                        "Leave the argument out, or give it another name."
                    )
            put(self, "_kwargs", tuple(sorted({*kwargs, "root"} - set(known))))
        for name in sorted(kwargs):
            _require_trackable(name, kwargs[name])
            put(self, name, kwargs[name])

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        restoring.resume(self)

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        yield from attributes(self, _OWN_NAMES)
        yield from self._counter()

    def _counter(self) -> list[tuple[str, Any]]:
        return [] if self._save_counter is None else [("save_counter", self._save_counter)]

    def _top(self) -> Any:
        return self if self._root is None else self._root

    def _attached(self) -> list[tuple[str, Any]]:
        """Children of the root that it does not know of."""
        if self._root is None:
            return []
        return [*((name, getattr(self, name)) for name in self._kwargs), *self._counter()]

    @property
    def save_counter(self) -> Variable:
        """How often `save` was called: a variable that is saved too, and numbers the checkpoints."""
        if self._save_counter is None:
            counter = Variable(np.int64(0), trainable=False, name="save_counter")
            object.__setattr__(self, "_save_counter", counter)
            restoring.resume(self._top())
        return self._save_counter  # type: ignore[return-value]

    def save(self, file_prefix: Any, options: CheckpointOptions | None = None) -> str:
        """Writes a checkpoint with the next number, and notes it as the latest of its folder.

        Args:
          file_prefix: path to which `-1`, `-2`, ... is added; its folder is made if it is not there.
          options: callbacks.
        Returns:
          The path, for `restore`.
        Raises:
          NotImplementedError: a function is being traced.
        """
        _refuse_tracing("save")
        self.save_counter.assign_add(1)
        path = self._write(f"{os.fsdecode(file_prefix)}-{int(self.save_counter.numpy())}", options)
        update_checkpoint_state(os.path.dirname(path), path)
        return path

    def write(self, file_prefix: Any, options: CheckpointOptions | None = None) -> str:
        """Writes a checkpoint to a path, without a number and without noting it as the latest.

        Returns:
          The path, for `read`.
        """
        _refuse_tracing("write")
        return self._write(os.fsdecode(file_prefix), options)

    def _write(self, path: str, options: CheckpointOptions | None) -> str:
        with naming(path):
            write_bundle(path, ObjectGraph(self._top(), self._attached()).tensors())
        if options is not None:
            options._call_back(path)
        return path

    def restore(self, save_path: Any, options: CheckpointOptions | None = None) -> LoadStatus:
        """Restores what `save` wrote, TensorFlow or Tenfold.

        Variables that are there get their values at once; those that are made later get them when they become attributes
        of what belongs to them.

        Args:
          save_path: what `save` or `tf.train.latest_checkpoint` returned; None restores nothing. A checkpoint of
            TensorFlow 1 is restored by the names of variables; of a SavedModel's folder, its variables are taken.
          options: accepted.
        Returns:
          An object with `assert_consumed()`, `assert_existing_objects_matched()`, `assert_nontrivial_match()`, which return
          it again, and `expect_partial()`.
        Raises:
          tf.errors.NotFoundError: there is no such checkpoint.
          tf.errors.DataLossError: it is damaged.
          ValueError: a variable has another shape.
          tf.errors.InvalidArgumentError: a variable has another dtype.
        """
        if save_path is None:
            return NothingRestored()
        try:
            status = self.read(save_path, options)
        except NotFoundError as error:
            raise NotFoundError(
                f"Error when restoring from checkpoint or SavedModel at {os.fsdecode(save_path)}: {error}\nPlease double-check that the path is "
                "correct. You may be missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1')."
            ) from None
        self.save_counter  # noqa: B018 (made, so that it is restored)
        return status

    def read(self, save_path: Any, options: CheckpointOptions | None = None) -> LoadStatus:
        """Restores what `write` wrote; like `restore`, but there need be no save counter in it."""
        _refuse_tracing("read")
        path = os.fsdecode(save_path)
        if os.path.isfile(os.path.join(path, "saved_model.pb")):
            path = os.path.join(path, "variables", "variables")
        bundle = Bundle(path)
        graph = read_graph(bundle)
        if graph is None:
            return self._read_by_names(bundle)
        restoration = Restoration(bundle, graph, _attached_of(weakref.ref(self)))
        restoration.restore(self._top())
        return Restored(restoration, self._top(), self._attached)

    def _read_by_names(self, bundle: Bundle) -> LoadStatus:
        objects = ObjectGraph(self._top(), self._attached()).objects
        without_value = restore_by_names(bundle, objects)

        def unused() -> list[str]:
            names = {name_of(value) for value in objects}
            return [name for name in bundle.names() if name not in names]

        return RestoredByNames(bundle.prefix, [v for v in without_value if v is not self._save_counter], unused)

    def sync(self) -> None:
        """Does nothing: what was written is there."""


def _attached_of(checkpoint: weakref.ref) -> Callable[[], list[tuple[str, Any]]]:
    """What asks a checkpoint that may be gone: what waits for values does not keep it alive."""
    return lambda: [] if (there := checkpoint()) is None else there._attached()


def _require_trackable(name: str, value: Any) -> None:
    is_container = isinstance(value, CONTAINERS)
    if is_container and name == "root" or not is_container and not is_trackable(value):
        raise ValueError(
            f"`Checkpoint` was expecting {name} to be a trackable object (a variable, module, layer, model or optimizer, or, "
            f"as a keyword argument, a list, tuple or dict of them), got {value!r} of type {type(value).__name__}."
        )


def _refuse_tracing(what: str) -> None:
    if traced_graph() is not None:
        raise NotImplementedError(
            f"Calling tf.train.Checkpoint.{what}() from a function that is traced is not supported: it would run once, while "
            "the function is traced. Call it outside of tf.function."
        )
