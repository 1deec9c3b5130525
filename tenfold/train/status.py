"""What `Checkpoint.restore` returns: questions about what was restored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.train.object_graph import ObjectGraph, name_of, tensors_of
from tenfold.train.restore import Restoration


class LoadStatus:
    """What became of a checkpoint that was restored."""

    def assert_consumed(self) -> LoadStatus:
        """Raises an error unless all values of the checkpoint are restored, to all objects."""
        raise NotImplementedError

    def assert_existing_objects_matched(self) -> LoadStatus:
        """Raises an error unless all objects that are there got values; the checkpoint may have more."""
        raise NotImplementedError

    def assert_nontrivial_match(self) -> LoadStatus:
        """Raises an error if nothing but the root was found in the checkpoint."""
        raise NotImplementedError

    def expect_partial(self) -> LoadStatus:
        """Says that values which nothing asks for are no reason for a warning."""
        return self

    def run_restore_ops(self, session: Any = None) -> None:
        """Does nothing: values were restored when they were read."""

    def initialize_or_restore(self, session: Any = None) -> None:
        """Does nothing: values were restored when they were read."""


class NothingRestored(LoadStatus):
    """The status where there is no checkpoint."""

    def assert_consumed(self) -> LoadStatus:
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    assert_existing_objects_matched = assert_nontrivial_match = assert_consumed

    def run_restore_ops(self, session: Any = None) -> None:
        self.assert_consumed()


class RestoredByNames(LoadStatus):
    """The status where a checkpoint of TensorFlow 1 was restored by the names of variables."""

    def __init__(self, prefix: str, without_value: list[Any], unused: Callable[[], list[str]]) -> None:
        self._prefix, self._without_value, self._unused = prefix, without_value, unused

    def assert_consumed(self) -> LoadStatus:
        self.assert_existing_objects_matched()
        unused = self._unused()
        if unused:
            raise AssertionError(f"Checkpoint {self._prefix}: {len(unused)} values have no variable: {unused[:10]}.")
        return self

    def assert_existing_objects_matched(self) -> LoadStatus:
        if self._without_value:
            names = [name_of(v) for v in self._without_value[:10]]
            raise AssertionError(
                f"Checkpoint {self._prefix}: {len(self._without_value)} variables have no value, such as {names}."
            )
        return self

    def assert_nontrivial_match(self) -> LoadStatus:
        return self


class Restored(LoadStatus):
    """The status of a checkpoint that holds a graph of objects."""

    def __init__(self, restoration: Restoration, root: Any, attached: Callable[[], list[tuple[str, Any]]]) -> None:
        self._restoration, self._root, self._attached = restoration, root, attached

    def _without_value(self) -> list[Any]:
        """The objects that keep a tensor and got none."""
        restoration = self._restoration
        restoration.restore(self._root, is_deep=True)
        got = {id(restoration.object(node)) for node in restoration.bound}
        graph = ObjectGraph(self._root, self._attached())
        return [value for value in graph.shared_objects() if id(value) not in got and tensors_of(value)]

    def _named(self, node: int) -> str:
        attributes = self._restoration.nodes[node].attributes
        return attributes[0].checkpoint_key if attributes else f"object {node}"

    def assert_consumed(self) -> LoadStatus:
        self.assert_existing_objects_matched()
        restoration = self._restoration
        lost = [i for i, node in enumerate(restoration.nodes) if node.attributes and i not in restoration.bound]
        if lost:
            raise AssertionError(
                f"Unresolved object in checkpoint {restoration.bundle.prefix}: {len(lost)} values have no object to be "
                f"restored to, such as {[self._named(node) for node in lost[:10]]}. If that is right, leave the assertion out "
                "and call expect_partial()."
            )
        if restoration.unused:
            unused = {self._named(node): names for node, names in restoration.unused.items()}
            raise AssertionError(
                f"Unused attributes in these objects of checkpoint {restoration.bundle.prefix}: {unused}."
            )
        return self

    def assert_existing_objects_matched(self) -> LoadStatus:
        lacking = self._without_value()
        if lacking:
            raise AssertionError(
                f"Found {len(lacking)} Python objects that were not bound to checkpointed values, likely due to changes in the "
                f"Python program. Showing {min(10, len(lacking))} of them: {[name_of(v) or v for v in lacking[:10]]}."
            )
        return self

    def assert_nontrivial_match(self) -> LoadStatus:
        lacking = self._without_value()
        if len(self._restoration.bound) <= 1:
            raise AssertionError(
                "Nothing except the root object matched a checkpointed value."
                + (f" These objects have no value: {[name_of(v) or v for v in lacking[:10]]}." if lacking else "")
            )
        return self

    def expect_partial(self) -> LoadStatus:
        self._restoration.expect_partial()
        return self
