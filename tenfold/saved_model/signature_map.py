"""The signatures of a SavedModel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class SignatureMap(Mapping):
    """The signatures of a SavedModel, by name."""

    def __init__(self, functions: Mapping[str, Any] | None = None) -> None:
        self._functions = dict(functions or {})

    def __getitem__(self, key: str) -> Any:
        return self._functions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def __repr__(self) -> str:
        return f"_SignatureMap({self._functions!r})"
