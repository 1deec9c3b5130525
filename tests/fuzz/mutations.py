"""Small changes of valid data: of bytes, of protocol buffer messages, of JSON. What is chosen, hypothesis can shrink."""

from __future__ import annotations

import json
from random import Random
from typing import Any

NUMBERS = [
    0,
    1,
    2,
    7,
    127,
    128,
    255,
    1 << 15,
    (1 << 31) - 1,
    1 << 31,
    1 << 40,
    (1 << 63) - 1,
    -1,
    -2,
    -(1 << 31),
    -(1 << 63),
]
WORDS = [
    "",
    "a",
    "/",
    "../x",
    "\0",
    "é",
    "x" * 300,
    "Const",
    "While",
    "VarHandleOp",
    "PyFunc",
    "input:0",
    "^input",
    "T",
    "value",
]


def mutated_bytes(data: bytes, random: Random) -> bytes:
    """Bytes with a few places overwritten, cut out, repeated, put in, or all after one cut off."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 3)):
        at, length = random.randint(0, len(changed)), random.randint(0, 16)
        kind = random.randint(0, 5)
        if kind == 0:
            del changed[at:]
        elif kind == 1:
            del changed[at : at + length]
        elif kind == 2:
            changed[at:at] = changed[at : at + length]
        elif kind == 3 and at < len(changed):
            changed[at] ^= 1 << random.randint(0, 7)
        elif kind == 4:
            width = random.choice([1, 2, 4, 8])
            number = random.choice(NUMBERS) & ((1 << 8 * width) - 1)
            changed[at : at + width] = number.to_bytes(width, "little")
        else:
            changed[at : at + length] = bytes(random.randint(0, 255) for _ in range(length))
    return bytes(changed)


def mutate_message(message: Any, random: Random) -> None:
    """Changes a few fields of a message or of those inside, in place."""
    for _ in range(random.randint(1, 3)):
        places = list(_places(message))
        if places:
            _change(*random.choice(places), random)


def _places(message: Any) -> Any:
    """All fields that are set, and repeated ones, as pairs of message and field."""
    for field, value in message.ListFields():
        yield message, field
        if field.message_type is None:
            continue
        if _is_map(field):
            is_inside = field.message_type.fields_by_name["value"].message_type is not None
            inside = [value[key] for key in sorted(value)] if is_inside else ()
        else:
            inside = value if _is_repeated(field) else [value]
        for child in inside:
            yield from _places(child)


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _is_repeated(field: Any) -> bool:
    return field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED


def _change(message: Any, field: Any, random: Random) -> None:
    value = getattr(message, field.name)
    if random.randint(0, 7) == 0:
        message.ClearField(field.name)
    elif _is_map(field):
        _change_map(value, field, random)
    elif _is_repeated(field):
        at = random.randint(0, len(value) - 1)
        kind = random.randint(0, 3)
        if kind == 0:
            del value[at]
        elif field.message_type is not None:
            other = value[random.randint(0, len(value) - 1)]
            copy = type(other).FromString(other.SerializeToString())
            if kind == 1:
                value.append(copy)
            else:
                value[at].CopyFrom(copy)
        elif kind == 1:
            value.append(value[at])
        else:
            value[at] = _scalar(field, value[at], random)
    elif field.message_type is not None:
        value.Clear()
    else:
        setattr(message, field.name, _scalar(field, value, random))


def _change_map(value: Any, field: Any, random: Random) -> None:
    key = random.choice(sorted(value))
    kind = random.randint(0, 2)
    if kind == 0:
        del value[key]
    elif field.message_type.fields_by_name["value"].message_type is not None:
        other = value[random.choice(sorted(value))]
        name = random.choice(WORDS) if kind == 1 and isinstance(key, str) else key
        value[name].CopyFrom(type(other).FromString(other.SerializeToString()))
    else:
        value[key] = value[random.choice(sorted(value))]


def _scalar(field: Any, value: Any, random: Random) -> Any:
    if field.cpp_type == field.CPPTYPE_STRING:
        if isinstance(value, bytes):
            return mutated_bytes(value, random)
        return random.choice(WORDS) if random.randint(0, 1) else value + random.choice(WORDS)
    if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        return random.choice([0.0, -1.5, 1e30, float("inf"), float("nan")])
    if field.cpp_type == field.CPPTYPE_BOOL:
        return not value
    if field.cpp_type == field.CPPTYPE_ENUM:
        return random.randint(0, 130)
    bits = 32 if field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_UINT32) else 64
    number = random.choice([*NUMBERS, value + 1, value - 1])
    if field.cpp_type in (field.CPPTYPE_UINT32, field.CPPTYPE_UINT64):
        return number % (1 << bits)
    return (number + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)


def mutated_json(text: bytes, random: Random) -> bytes:
    """A document with a few values exchanged, taken away, doubled or nested; or with changed bytes."""
    if random.randint(0, 3) == 0:
        return mutated_bytes(text, random)
    try:
        return _with_other_values(text, random)
    except RecursionError:  # nested more deeply than Python writes
        return b"[" * 100_000


def _with_other_values(text: bytes, random: Random) -> bytes:
    document = [json.loads(text)]
    for _ in range(random.randint(1, 3)):
        parent, key = random.choice(list(_inside(document)))
        kind = random.randint(0, 4)
        if kind == 0 and parent is not document:
            del parent[key]
        elif kind == 1:
            parent[key] = _json_value(random)
        elif kind == 2:
            parent[key] = [parent[key]] * random.randint(0, 3)
        elif kind == 3:
            other, name = random.choice(list(_inside(document)))
            parent[key] = json.loads(json.dumps(other[name]))
        elif isinstance(parent, dict):
            parent[random.choice([*WORDS, *parent])] = parent[key]
    return json.dumps(document[0] if document else None).encode()


def _inside(value: Any) -> Any:
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, child in items:
        yield value, key
        if isinstance(child, (dict, list)):
            yield from _inside(child)


def _json_value(random: Random) -> Any:
    nested: Any = 1.0
    for _ in range(random.choice([1, 5, 900])):
        nested = [nested]
    numbers = [*NUMBERS, 0.5, 1e308, float("nan"), float("inf"), 10**400]
    return random.choice(
        [None, True, {}, [], [[]], {"b64": "AA=="}, {"b64": 7}, nested, random.choice(numbers), random.choice(WORDS)]
    )
