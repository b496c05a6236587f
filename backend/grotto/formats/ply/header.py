"""The header of a PLY file: its format, its elements and their properties."""

from __future__ import annotations

from dataclasses import dataclass

_LIMIT = 65536  # bytes; no file of ours or of common tools has a longer header
ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
_NAMES_OF_KINDS = {
    "i1": ("char", "int8"),
    "u1": ("uchar", "uint8"),
    "i2": ("short", "int16"),
    "u2": ("ushort", "uint16"),
    "i4": ("int", "int32"),
    "u4": ("uint", "uint32"),
    "f4": ("float", "float32"),
    "f8": ("double", "float64"),
}
_KINDS = {name: kind for kind, names in _NAMES_OF_KINDS.items() for name in names}


@dataclass(frozen=True)
class Property:
    """A number, or a list of numbers, of every row of an element."""

    name: str
    kind: str  # of the numbers, as numpy has it without byte order: "f4"
    length_kind: str = ""  # of the number before a list that says how long it is; "" where the property is no list


@dataclass(frozen=True)
class Element:
    """A table of the file."""

    name: str
    count: int
    properties: tuple[Property, ...]

    @property
    def plain(self) -> tuple[Property, ...]:
        """Those that are no lists."""
        return tuple(one for one in self.properties if not one.length_kind)

    @property
    def lists(self) -> tuple[Property, ...]:
        return tuple(one for one in self.properties if one.length_kind)

    @property
    def least_bytes(self) -> int:
        """Bytes of a row of a binary file whose lists are empty."""
        return sum(int((one.length_kind or one.kind)[1]) for one in self.properties)


@dataclass(frozen=True)
class Header:
    """What a PLY file holds; its rows begin after `length` bytes."""

    order: str  # byte order as numpy has it; "" for text
    elements: tuple[Element, ...]
    length: int


def read_header(data: bytes) -> Header:
    """The header at the beginning of a file. Raises ValueError, with the reason, where there is none."""
    start = data[:_LIMIT]
    if start.split(b"\n", 1)[0].strip() != b"ply":
        raise ValueError("it does not begin with the word ply")
    lines, length = [], 0
    for line in start.splitlines(keepends=True):
        length += len(line)
        if line.strip() == b"end_header":
            break
        lines.append(line.decode("ascii", errors="replace").split())
    else:
        raise ValueError("its header has no end")
    order, elements = None, list[Element]()
    for words in lines[1:]:
        if words[:1] == ["format"] and len(words) == 3:
            order = ORDERS.get(words[1])
        elif words[:1] == ["element"]:
            if len(words) != 3 or not words[2].isdecimal() or words[1] in [one.name for one in elements]:
                raise ValueError(f"its header has the line {' '.join(words)}")
            elements.append(Element(words[1], int(words[2]), ()))
        elif words[:1] == ["property"]:
            if not elements:
                raise ValueError("its header has a property of no element")
            last = elements.pop()
            elements.append(Element(last.name, last.count, (*last.properties, _property(words, last))))
        elif words[:1] not in ([], ["comment"], ["obj_info"]):
            raise ValueError(f"its header has the line {' '.join(words)}")
    if order is None:
        raise ValueError("its header names no format that is read")
    return Header(order, tuple(elements), length)


def _property(words: list[str], element: Element) -> Property:
    kinds = words[2:4] if words[1:2] == ["list"] else words[1:2]
    unknown = next((kind for kind in kinds if kind not in _KINDS), None)
    if unknown is not None or len(words) != (5 if len(kinds) == 2 else 3):
        raise ValueError(f"its header has the line {' '.join(words)}")
    if words[-1] in [one.name for one in element.properties]:
        raise ValueError(f"its element {element.name} has two properties {words[-1]}")
    if len(kinds) == 1:
        return Property(words[-1], _KINDS[kinds[0]])
    if _KINDS[kinds[0]].startswith("f"):
        raise ValueError(f"the list {words[-1]} has a length that is no whole number")
    return Property(words[-1], _KINDS[kinds[1]], _KINDS[kinds[0]])
