"""CriticalSection: functions that no two threads run at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_shared: dict[str, threading.RLock] = {}


class CriticalSection:
    """Runs functions one at a time, whichever threads ask for it.

    Args:
      name: name of the section.
      shared_name: sections with the same one wait for each other.
      critical_section_def: not supported.
      import_scope: not supported.
    Raises:
      ValueError: `critical_section_def` or `import_scope` is given.
    Example:
      >>> section, v = tf.CriticalSection(), tf.Variable(0)
      >>> print(section.execute(lambda: v.assign_add(1)).numpy())
      1
    """

    def __init__(
        self,
        name: str | None = None,
        shared_name: str | None = None,
        critical_section_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        for argument, value in {"critical_section_def": critical_section_def, "import_scope": import_scope}.items():
            if value is not None:
                raise ValueError(f"tf.CriticalSection: {argument}={value!r} is not supported. Leave it out.")
        self.name = name or shared_name or "critical_section"
        new = threading.RLock()
        self._lock = new if shared_name is None else _shared.setdefault(shared_name, new)

    def execute(self, fn: Callable[[], T], exclusive_resource_access: bool = True, name: str | None = None) -> T:
        """Runs a function when no other runs in this section, and returns what it returns.

        Args:
          fn: function without arguments.
          exclusive_resource_access: whether its variables are used in this section only; nothing depends on it.
          name: name of the operation.
        """
        with self._lock:
            return fn()
