"""Names of layers and other Keras objects: `Conv2D` is `conv2d`, the second one `conv2d_1`."""

from __future__ import annotations

import re

_counts: dict[str, int] = {}


def to_snake_case(name: str) -> str:
    """`"MultiHeadAttention"` as `"multi_head_attention"`."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """`prefix` the first time, then `prefix_1`, `prefix_2`, ..."""
    prefix = to_snake_case(prefix)
    count = _counts.get(prefix, 0)
    _counts[prefix] = count + 1
    return f"{prefix}_{count}" if count else prefix


def uniquify(name: str) -> str:
    """A name for a class, without the conversion to snake case."""
    count = _counts.get(name, 0)
    _counts[name] = count + 1
    return f"{name}_{count}" if count else name


def reset_uids() -> None:
    """Starts the counts again."""
    _counts.clear()


def get_uid(prefix: str = "") -> int:
    """The next number of a prefix, from 1."""
    _counts[prefix] = _counts.get(prefix, 0) + 1
    return _counts[prefix]
