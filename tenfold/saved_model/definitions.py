"""What TensorFlow's files say of an op: the names and types of its inputs, outputs and attributes.

`op_definitions.txt` has a line for each op, frozen from TensorFlow's registry (`tests/golden/make_op_definitions.py`):

    Split split_dim:=int32 value:T -> output:num_split*T | num_split:int T:type

An argument's type is an attribute (`T`), one dtype (`=int32`) or a list of dtypes (`[Tin]`); `N*T` is a list of tensors of one
type. Attributes have a kind and perhaps a default, as JSON. `!` marks ops with a state.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from tenfold.core.op import Op

REQUIRED = object()  # in place of the default of an attribute that has none


class Argument(NamedTuple):
    """An input or output: `type_attr`, `dtype` or `list_attr` says its type, `number_attr` how many tensors it is."""

    name: str
    number_attr: str
    type_attr: str
    dtype: str
    list_attr: str

    @property
    def is_list(self) -> bool:
        return bool(self.number_attr or self.list_attr)


class Attribute(NamedTuple):
    name: str
    kind: str  # "int", "list(shape)", ...
    default: Any


class Definition(NamedTuple):
    """An op as TensorFlow knows it."""

    name: str
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    attrs: dict[str, Attribute]
    is_stateful: bool


def host_names(op: Op, known: Definition) -> dict[str, str]:
    """The inputs in TensorFlow's definition that are Python values here, each with the name of the attribute that is it."""
    names = {arg.name: arg.name for arg in known.inputs if arg.name in op.host}
    others = [name for name in op.host if name not in names]
    for arg in known.inputs:
        if others and arg.name not in names and arg.name not in op.inputs:
            names[arg.name] = others.pop(0)
    return names


def definition(name: str) -> Definition | None:
    """The definition of an op; None where Tenfold's table has none."""
    line = _lines().get(name)
    return None if line is None else _parsed(line)


@cache
def _lines() -> dict[str, str]:
    text = files(__package__).joinpath("op_definitions.txt").read_text(encoding="utf-8")
    return {line.split(" ", 1)[0].rstrip("!"): line for line in text.splitlines()}


@cache
def _parsed(line: str) -> Definition:
    signature, _, attributes = line.partition(" |")
    before, _, after = signature.partition(" ->")
    name, *inputs = before.split()
    attrs = [_attribute(text) for text in attributes.split()]
    return Definition(
        name.rstrip("!"),
        tuple(map(_argument, inputs)),
        tuple(map(_argument, after.split())),
        {attr.name: attr for attr in attrs},
        name.endswith("!"),
    )


def _argument(text: str) -> Argument:
    name, _, kind = text.partition(":")
    number, _, kind = kind.rpartition("*")
    if kind.startswith("["):
        return Argument(name, number, "", "", kind[1:-1])
    if kind.startswith("="):
        return Argument(name, number, "", kind[1:], "")
    return Argument(name, number, kind, "", "")


def _attribute(text: str) -> Attribute:
    name, _, rest = text.partition(":")
    kind, has_default, default = rest.partition("=")
    return Attribute(name, kind, json.loads(default) if has_default else REQUIRED)
