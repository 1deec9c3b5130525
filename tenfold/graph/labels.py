"""What the nodes of a graph are called: by the `name` that the user's call was given, in the `tf.name_scope` around it.

Public functions do not hand their `name` on, so eager code does not pay for it: it is read from the frame of the call when a
node is entered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import FrameType
from typing import Any

from tenfold.core.context import context


@dataclass(eq=False, slots=True)
class Label:
    """The name of a call: its last node has it, others are called by their ops, after it and a slash.

    Attributes:
      scope: what `tf.name_scope` puts before it, with a slash behind it.
      name: empty if the call was given none.
      last: the last node that the call has made, reads of what it has written left out.
    """

    scope: str
    name: str
    last: Any = None

    def of(self, node: Any) -> str:
        """The name of one of the call's nodes."""
        if self.name and node is self.last:
            return self.scope + self.name
        return f"{self.scope}{self.name}{'/' if self.name else ''}{node.op.name}"


class Labels:
    """The labels of a graph's nodes, while it is traced."""

    def __init__(self) -> None:
        self._call: FrameType | None = None  # the last one that was given a name
        self._label = Label("", "")

    def of(self, call: FrameType | None) -> Label | None:
        """The label of what a call makes; None if nobody named it."""
        scope, name = context.name_scope, _name_in(call)
        if not name:
            self._call = None
            return Label(_valid(scope), "") if scope else None
        if call is not self._call:
            is_whole = name.endswith("/")  # the name of a scope that has been entered
            self._call, self._label = call, Label("" if is_whole else _valid(scope), _valid(name.strip("/")))
        return self._label

    def forget(self) -> None:
        """Lets go of the last call, and of what its frame holds."""
        self._call = None


def _name_in(call: FrameType | None) -> str:
    code = None if call is None else call.f_code
    if code is None or "name" not in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        return ""
    name = call.f_locals.get("name")  # type: ignore[union-attr]
    return name if isinstance(name, str) else ""


def _valid(name: str) -> str:
    """The name with other characters for those that TensorFlow's names may not have."""
    return re.sub(r"^[^A-Za-z0-9.]", ".", re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name))
