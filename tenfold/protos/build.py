"""Classes of protocol buffer messages from tables, in a pool of their own.

A table has a line per message, which may go on in indented lines, with `name:type=number` for each field:

    AttrValue  tensor:TensorProto=8  attr:{string:AttrValue}=5  input:string*=3  kind(i:int64=3 f:float=4)
    enum DataType  DT_FLOAT=1  DT_DOUBLE=2

`*` is a list, `{}` a map, `()` a oneof, `A.B` a message or enum inside `A`. The classes work with any current protobuf, and
since the pool is private, beside TensorFlow's own in the same process. protobuf is imported with the first message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

PACKAGE = "tensorflow"
_FIELD = re.compile(r"(\w+):(?:\{(\w+):([\w.]+)\}|([\w.]+)(\*?))=(\d+)")
_ONEOF = re.compile(r"(\w+)\(([^)]*)\)")


def messages(area: str, table: str, needs: Sequence[str] = ()) -> Callable[[str], Any]:
    """What gives the class of a message by its name, for a module's `__getattr__`.

    Args:
      area: a name for the table.
      table: see above.
      needs: the modules of tables whose messages this one names.
    """
    names = frozenset(line.split()[0] for line in table.splitlines() if line[:1].strip())

    def message(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"there is no message {name!r} in the table of {area}")
        from google.protobuf.message_factory import GetMessageClass

        _load(area, table, tuple(needs))
        return GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))

    return message


@cache
def _pool() -> Any:
    from google.protobuf import any_pb2, wrappers_pb2
    from google.protobuf.descriptor_pool import DescriptorPool

    pool = DescriptorPool()
    for module in (any_pb2, wrappers_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    return pool


@cache
def _load(area: str, table: str, needs: tuple[str, ...]) -> None:
    """Enters a table into the pool, after those that it needs."""
    from importlib import import_module

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    file = FileDescriptorProto(name=f"tenfold/{area}.proto", package=PACKAGE, syntax="proto3")
    file.dependency.extend(["google/protobuf/any.proto", "google/protobuf/wrappers.proto"])
    for need in needs:
        module = import_module(f"{__package__}.{need}")
        _load(need, module.TABLE, module.NEEDS)
        file.dependency.append(f"tenfold/{need}.proto")
    made: dict[str, Any] = {}
    for line in re.sub(r"\n\s+", " ", table.strip()).splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "enum":
            name, _, rest = rest.strip().partition(" ")
            _add_enum(_place(file, made, name, "enum_type"), rest)
        else:
            made[kind] = _place(file, made, kind, "message_type")
            _add_fields(made[kind], kind, rest)
    _pool().AddSerializedFile(file.SerializeToString())


def _place(file: Any, made: dict[str, Any], name: str, kind: str) -> Any:
    """A new message or enum, inside the message that its name says, which must stand before it."""
    outer, _, own = name.rpartition(".")
    if outer:
        return getattr(made[outer], kind.replace("message", "nested")).add(name=own)
    return getattr(file, kind).add(name=own)


def _add_enum(enum: Any, text: str) -> None:
    for entry in text.split():
        name, _, number = entry.partition("=")
        enum.value.add(name=name, number=int(number))


def _add_fields(message: Any, full_name: str, text: str) -> None:
    for index, (oneof, fields) in enumerate(_ONEOF.findall(text)):
        message.oneof_decl.add(name=oneof)
        for match in _FIELD.finditer(fields):
            _add_field(message, full_name, match).oneof_index = index
    for match in _FIELD.finditer(_ONEOF.sub("", text)):
        _add_field(message, full_name, match)


def _add_field(message: Any, full_name: str, match: re.Match) -> Any:
    name, key, value, plain, many, number = match.groups()
    field = message.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if many or key else field.LABEL_OPTIONAL
    if key is None:
        _set_type(field, plain)
        return field
    entry = message.nested_type.add(name=name.title().replace("_", "") + "Entry")
    entry.options.map_entry = True
    for part, kind, at in (("key", key, 1), ("value", value, 2)):
        of_entry = entry.field.add(name=part, number=at, label=field.LABEL_OPTIONAL)
        _set_type(of_entry, kind)
    field.type_name = f".{PACKAGE}.{full_name}.{entry.name}"
    return field


def _set_type(field: Any, name: str) -> None:
    scalar = f"TYPE_{name.upper()}"
    if hasattr(field, scalar):
        field.type = getattr(field, scalar)
    else:
        field.type_name = f".{name}" if name.startswith("google.") else f".{PACKAGE}.{name}"
