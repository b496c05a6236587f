"""Damage to files: of bytes, of the words and numbers of text, of the shape of JSON."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

Change = Callable[[bytes, random.Random], bytes]

_WORDS = (
    b"-1", b"0", b"1", b"1e999", b"nan", b"-inf", b"4294967295", b"4294967296", b"9223372036854775808", b"1.5", b"-0", b"0x10",
    b"", b"9" * 400, b"9" * 5000, b"1e-320", b"vertex", b"\xff", b"\0", b"list", b"int", b"65536", b"2147483647",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2**31, 2**63, -(2**70), 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"),
    "", "..", "/", "a", "\0", "\ud800", "../" * 40 + "etc/passwd", "x" * 5000, [], {}, [[]], [None] * 4, {"a": {"a": {}}},
    ["a"], [0] * 16,
)  # fmt: skip
_INTEGERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**62, 2**64 - 1)


def change_bytes(data: bytes, chance: random.Random) -> bytes:
    """Flip, cut, take out, double, insert or overwrite bytes, one to three times."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        size = len(changed)
        at = chance.randrange(size) if size else 0
        length = chance.choice((1, 2, 4, 16, 100, max(1, size // 3)))
        way = chance.randrange(7)
        if way == 0 and size:
            for _ in range(chance.choice((1, 2, 8))):
                changed[chance.randrange(size)] ^= 1 << chance.randrange(8)
        elif way == 1:
            del changed[at:]
        elif way == 2:
            del changed[at : at + length]
        elif way == 3:
            changed[at:at] = changed[at : at + length]
        elif way == 4:
            changed[at:at] = chance.randbytes(length)
        elif way == 5:
            changed[at : at + length] = chance.randbytes(min(length, size - at))
        else:
            width = chance.choice((1, 2, 4, 8))
            value = chance.choice(_INTEGERS) & (2 ** (8 * width) - 1)
            changed[at : at + width] = value.to_bytes(width, chance.choice(("little", "big")))
    return bytes(changed)


def change_text(data: bytes, chance: random.Random, limit: int = 0) -> bytes:
    """Replace, take out or double numbers, words and lines, of the first `limit` bytes where it is above 0."""
    head, rest = (data[:limit], data[limit:]) if limit else (data, b"")
    for _ in range(chance.choice((1, 1, 2, 3))):
        way = chance.randrange(5)
        pattern = (rb"[-+0-9.eE]+", rb"\S+", rb"[^\n]*\n?")[min(way, 2)] if way < 3 else rb"\S+"
        found = [one.span() for one in re.finditer(pattern, head) if one.end() > one.start()]
        if not found:
            return change_bytes(data, chance)
        start, end = chance.choice(found)
        if way in (0, 1):
            head = head[:start] + chance.choice(_WORDS) + head[end:]
        elif way in (2, 3):
            head = head[:start] + chance.choice((b"", 2 * head[start:end])) + head[end:]
        else:
            other = chance.choice(found)
            head = head[:start] + head[other[0] : other[1]] + head[end:]
    return head + rest


def change_json(data: bytes, chance: random.Random) -> bytes:
    """Replace values by others of any kind, take out, add and swap members, or nest deeply."""
    try:
        document = json.loads(data)
    except ValueError:
        return change_text(data, chance)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = [(document, key) for key in _keys(document)]
        for holder, key in places:
            places += [(holder[key], inner) for inner in _keys(holder[key])]
        if not places:
            break
        holder, key = chance.choice(places)
        way = chance.randrange(6)
        if way < 3:
            holder[key] = deepcopy(chance.choice(_VALUES))
        elif way == 3:
            del holder[key]
        elif way == 4:
            other, name = chance.choice(places)
            if name in _keys(other):
                holder[key] = deepcopy(other[name])
        elif isinstance(holder, dict):
            holder[chance.choice(("extra", "", "name", "uri", "sparse", "matrix"))] = deepcopy(chance.choice(_VALUES))
        else:
            holder.insert(key, deepcopy(chance.choice(_VALUES)))
    text = json.dumps(document).encode()
    if chance.random() < 0.03:
        depth = chance.choice((100, 5000, 100_000))
        text = text.replace(b"1", b"[" * depth + b"]" * depth, 1)
    return text


def _keys(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else list(range(min(len(value), 40))) if isinstance(value, list) else []
