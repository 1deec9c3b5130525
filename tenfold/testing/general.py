"""Assertions on Python values and temporary files, as absl's test cases have them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unittest
from collections.abc import Callable, Iterable, Sequence, Sized
from typing import Any


class TempFile(os.PathLike):
    """A file of a test, gone after it."""

    def __init__(self, path: str) -> None:
        self.full_path = path

    def __fspath__(self) -> str:
        return self.full_path

    def read_text(self, encoding: str = "utf8") -> str:
        with open(self.full_path, encoding=encoding) as file:
            return file.read()

    def read_bytes(self) -> bytes:
        with open(self.full_path, "rb") as file:
            return file.read()

    def write_text(self, text: str, encoding: str = "utf8") -> None:
        with open(self.full_path, "w", encoding=encoding) as file:
            file.write(text)

    def write_bytes(self, data: bytes) -> None:
        with open(self.full_path, "wb") as file:
            file.write(data)


class TempDir(os.PathLike):
    """A folder of a test, gone after it."""

    def __init__(self, path: str) -> None:
        self.full_path = path

    def __fspath__(self) -> str:
        return self.full_path

    def create_file(self, file_path: str | None = None, content: str | bytes | None = None) -> TempFile:
        """Makes a file in the folder, with the folders in between."""
        if file_path is None:
            handle, path = tempfile.mkstemp(dir=self.full_path)
            os.close(handle)
        else:
            path = os.path.join(self.full_path, file_path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
        file = TempFile(path)
        file.write_bytes(content) if isinstance(content, bytes) else file.write_text(content or "")
        return file

    def mkdir(self, dir_name: str | None = None) -> TempDir:
        """Makes a folder in the folder."""
        if dir_name is None:
            return TempDir(tempfile.mkdtemp(dir=self.full_path))
        path = os.path.join(self.full_path, dir_name)
        os.makedirs(path)
        return TempDir(path)


class GeneralTestCase(unittest.TestCase):
    """unittest's test case with more assertions."""

    def assertLen(self, container: Sized, expected_len: int, msg: Any = None) -> None:
        """Fails unless the container has that many elements."""
        if len(self._sized(container, msg)) != expected_len:
            self.fail(
                self._formatMessage(msg, f"{container!r} has length of {len(container)}, expected {expected_len}.")
            )

    def assertEmpty(self, container: Sized, msg: Any = None) -> None:
        """Fails unless the container has no element."""
        if len(self._sized(container, msg)):
            self.fail(self._formatMessage(msg, f"{container!r} has length of {len(container)}."))

    def assertNotEmpty(self, container: Sized, msg: Any = None) -> None:
        """Fails if the container has no element."""
        if not len(self._sized(container, msg)):
            self.fail(self._formatMessage(msg, f"{container!r} has length of 0."))

    def _sized(self, container: Any, msg: Any) -> Any:
        if not isinstance(container, Sized):
            self.fail(self._formatMessage(msg, f"Expected a Sized object, got: {type(container).__name__!r}"))
        return container

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: Any = None) -> None:
        """Fails unless `minv <= value <= maxv`."""
        if not minv <= value <= maxv:
            self.fail(self._formatMessage(msg, f'"{value}" unexpectedly not between "{minv}" and "{maxv}"'))

    def assertStartsWith(self, actual: Any, expected_start: Any, msg: Any = None) -> None:
        """Fails unless a text starts with another."""
        if not actual.startswith(expected_start):
            self.fail(self._formatMessage(msg, f"{actual!r} does not start with {expected_start!r}"))

    def assertNotStartsWith(self, actual: Any, unexpected_start: Any, msg: Any = None) -> None:
        """Fails if a text starts with another."""
        if actual.startswith(unexpected_start):
            self.fail(self._formatMessage(msg, f"{actual!r} does start with {unexpected_start!r}"))

    def assertEndsWith(self, actual: Any, expected_end: Any, msg: Any = None) -> None:
        """Fails unless a text ends with another."""
        if not actual.endswith(expected_end):
            self.fail(self._formatMessage(msg, f"{actual!r} does not end with {expected_end!r}"))

    def assertNotEndsWith(self, actual: Any, unexpected_end: Any, msg: Any = None) -> None:
        """Fails if a text ends with another."""
        if actual.endswith(unexpected_end):
            self.fail(self._formatMessage(msg, f"{actual!r} does end with {unexpected_end!r}"))

    def assertSameElements(self, expected_seq: Iterable, actual_seq: Iterable, msg: Any = None) -> None:
        """Fails unless two collections have the same elements, however often."""
        expected, actual = list(expected_seq), list(actual_seq)
        missing = [item for item in expected if item not in actual]
        surplus = [item for item in actual if item not in expected]
        if missing or surplus:
            self.fail(self._formatMessage(msg, f"Expected, but missing: {missing}; unexpected, but present: {surplus}"))

    def assertItemsEqual(self, first: Iterable, second: Iterable, msg: Any = None) -> None:
        """Fails unless two collections have the same elements equally often."""
        self.assertCountEqual(first, second, msg)

    def assertContainsSubset(self, expected_subset: Iterable, actual_set: Iterable, msg: Any = None) -> None:
        """Fails unless all of the first are among the second."""
        missing = set(expected_subset) - set(actual_set)
        if missing:
            self.fail(self._formatMessage(msg, f"Missing elements {missing}"))

    def assertNoCommonElements(self, expected_seq: Iterable, actual_seq: Iterable, msg: Any = None) -> None:
        """Fails if two collections share an element."""
        common = set(expected_seq) & set(actual_seq)
        if common:
            self.fail(self._formatMessage(msg, f"Common elements {common}"))

    def assertSequenceAlmostEqual(
        self,
        expected_seq: Sequence,
        actual_seq: Sequence,
        places: int | None = None,
        msg: Any = None,
        delta: Any = None,
    ) -> None:
        """`assertAlmostEqual` for the elements of two sequences."""
        if len(expected_seq) != len(actual_seq):
            self.fail(self._formatMessage(msg, f"Sequence size mismatch: {len(expected_seq)} vs {len(actual_seq)}"))
        for i, (expected, actual) in enumerate(zip(expected_seq, actual_seq, strict=True)):
            self.assertAlmostEqual(expected, actual, places, f"At index {i}" if msg is None else msg, delta)

    def assertDictAlmostEqual(
        self, a: dict, b: dict, places: int | None = None, msg: Any = None, delta: Any = None
    ) -> None:
        """`assertAlmostEqual` for the values of two dicts with the same keys."""
        self.assertCountEqual(a, b, msg)
        for key, value in a.items():
            self.assertAlmostEqual(value, b[key], places, f"At key {key!r}" if msg is None else msg, delta)

    def assertIsSubclass(self, cls: type, superclass: type, msg: Any = None) -> None:
        """Fails unless a class is the other or derived from it."""
        if not issubclass(cls, superclass):
            self.fail(self._formatMessage(msg, f"{cls} is not a subclass of {superclass}"))

    def assertNotIsSubclass(self, cls: type, superclass: type, msg: Any = None) -> None:
        """Fails if a class is the other or derived from it."""
        if issubclass(cls, superclass):
            self.fail(self._formatMessage(msg, f"{cls} is a subclass of {superclass}"))

    def assertRegexMatch(self, actual_str: str | bytes, regexes: Sequence, message: Any = None) -> None:
        """Fails unless one of some regular expressions is found in a text."""
        if not any(re.search(regex, actual_str) for regex in regexes):
            self.fail(
                self._formatMessage(message, f'"{actual_str!s}" does not contain any of these regexes: {regexes}.')
            )

    def assertContainsInOrder(self, strings: Sequence[str], target: str, msg: Any = None) -> None:
        """Fails unless some texts occur in another one after the other."""
        place = 0
        for i, text in enumerate(strings):
            found = target.find(text, place)
            if found < 0:
                after = f" after {strings[i - 1]!r}" if i else ""
                self.fail(self._formatMessage(msg, f"Did not find {text!r}{after} in {target!r}"))
            place = found + len(text)

    def assertRaisesRegexp(self, *args: Any, **kwargs: Any) -> Any:
        """`assertRaisesRegex`, by its name in older Pythons."""
        return self.assertRaisesRegex(*args, **kwargs)

    def assertRaisesWithLiteralMatch(
        self, expected_exception: Any, expected_exception_message: str, callable_obj: Callable | None = None,
        *args: Any, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """`assertRaises`, with a message that must be this one."""
        exactly = f"^{re.escape(expected_exception_message)}$"
        if callable_obj is None:
            return self.assertRaisesRegex(expected_exception, exactly)
        return self.assertRaisesRegex(expected_exception, exactly, callable_obj, *args, **kwargs)

    # Files.

    def get_temp_dir(self) -> str:
        """A folder of this test, the same in every call, gone after it."""
        if not hasattr(self, "_temp_dir"):
            self._temp_dir = self.create_tempdir().full_path
        return self._temp_dir

    def create_tempdir(self, name: str | None = None) -> TempDir:
        """A new folder, gone after this test; `name` is its name inside `get_temp_dir()`."""
        if name is not None:
            return TempDir(self.get_temp_dir()).mkdir(name)
        path = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return TempDir(path)

    def create_tempfile(self, file_path: str | None = None, content: str | bytes | None = None) -> TempFile:
        """A new file inside `get_temp_dir()`, gone after this test."""
        return TempDir(self.get_temp_dir()).create_file(file_path, content)
