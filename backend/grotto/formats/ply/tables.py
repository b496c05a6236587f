"""The tables of a PLY file, binary of either byte order or text, with properties in any order and lists of any length."""

from __future__ import annotations

import io
import struct
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input, malformed_as_bad_input
from .header import Element, Header, Property, read_header

Column = NDArray[np.generic]

_LONGEST_LINE = 2**20  # bytes of a row of text
_NUMBERS_AT_ONCE = 200_000  # of text; as words each takes some forty bytes
_STRUCT = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
_ROWS = {"vertex": "points", "face": "faces"}


@dataclass(frozen=True)
class ListColumn:
    """A list a row: row i holds `lengths[i]` numbers of `values`, one row after the other."""

    lengths: NDArray[np.integer]  # (n,)
    values: Column


@dataclass(frozen=True)
class PlyTable:
    """An element of a PLY file with its n rows."""

    count: int
    columns: dict[str, Column]  # (n,) by property; of a text file float32
    lists: dict[str, ListColumn]
    kinds: dict[str, str]  # of all numbers as the header has them, in numpy's words: "f4"

    def stacked(self, *names: str) -> NDArray[np.float32]:
        """(n, k) of columns. Raises ValueError for a row that is not finite."""
        matrix = np.empty((self.count, len(names)), np.float32)
        with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite, and is refused
            for number, name in enumerate(names):
                matrix[:, number] = self.columns[name]
        if not np.isfinite(matrix).all():
            row, column = (int(place[0]) for place in np.nonzero(~np.isfinite(matrix)))
            raise ValueError(f"{names[column]} in row {row + 1} is not a finite number")
        return matrix


def read_tables(path: Path, wanted: Collection[str]) -> dict[str, PlyTable]:
    """The elements of these names that a PLY has. Raises bad input for what is no PLY, is cut short or contradicts itself."""
    data = path.read_bytes()
    with malformed_as_bad_input(f"{path.name} is no PLY file", "choose a PLY, or save it again as binary PLY"):
        header = read_header(data)
    tables: dict[str, PlyTable] = {}
    at, lines = header.length, io.BytesIO(data)
    lines.seek(at)
    for element in header.elements:
        if tables.keys() >= set(wanted):
            break
        with malformed_as_bad_input(f"the PLY file {path.name} cannot be read", "save it again as binary PLY"):
            if not header.order:
                table = _text(path, element, lines)
            elif element.lists:
                table, at = _binary_with_lists(path, element, header, data, at)
            else:
                table, at = _binary(path, element, header, data, at), at + element.count * element.least_bytes
        if element.name in wanted:
            tables[element.name] = table
    return tables


def _cut_short(path: Path, element: Element, whole: int) -> Exception:
    rows = _ROWS.get(element.name, f"rows of {element.name}")
    return bad_input(f"{path.name} is cut short: {whole} of {element.count} {rows}", "copy or make the file again")


def _table(element: Element, columns: dict[str, Column], lists: dict[str, ListColumn]) -> PlyTable:
    return PlyTable(element.count, columns, lists, {one.name: one.kind for one in element.properties})


def _plain_type(element: Element, order: str) -> np.dtype[np.void]:
    return np.dtype([(one.name, order + one.kind) for one in element.plain])


def _binary(path: Path, element: Element, header: Header, data: bytes, at: int) -> PlyTable:
    if not element.properties:
        return _table(element, {}, {})
    whole = (len(data) - at) // element.least_bytes
    if whole < element.count:
        raise _cut_short(path, element, whole)
    rows = np.frombuffer(data, _plain_type(element, header.order), element.count, at)
    return _table(element, {one.name: rows[one.name] for one in element.plain}, {})


def _binary_with_lists(path: Path, element: Element, header: Header, data: bytes, at: int) -> tuple[PlyTable, int]:
    even = _even_lists(element, header, data, at)
    return _walked(path, element, header, data, at) if even is None else even


def _even_lists(element: Element, header: Header, data: bytes, at: int) -> tuple[PlyTable, int] | None:
    """The table where every row's lists are as long as the first row's; None where they are not."""
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
    place, lengths = at, dict[str, int]()
    for one in element.properties:
        if not one.length_kind:
            fields.append((one.name, header.order + one.kind))
            place += int(one.kind[1])
            continue
        if place + int(one.length_kind[1]) > len(data):
            return None
        (length,) = struct.unpack_from((header.order or "<") + _STRUCT[one.length_kind], data, place)
        if not 0 <= length <= len(data):
            return None
        lengths[one.name] = length
        fields += [(f" {one.name}", header.order + one.length_kind), (one.name, header.order + one.kind, (length,))]
        place += int(one.length_kind[1]) + length * int(one.kind[1])
    if element.count * (place - at) > len(data) - at:
        return None
    rows = np.frombuffer(data, np.dtype(fields), element.count, at)
    if any((rows[f" {name}"] != length).any() for name, length in lengths.items()):
        return None
    lists = {
        name: ListColumn(np.broadcast_to(np.int64(length), (element.count,)), rows[name].reshape(-1))
        for name, length in lengths.items()
    }
    columns: dict[str, Column] = {one.name: rows[one.name] for one in element.plain}
    return _table(element, columns, lists), at + element.count * (place - at)


def _walked(path: Path, element: Element, header: Header, data: bytes, at: int) -> tuple[PlyTable, int]:
    """The table row by row."""
    view, plain = memoryview(data), bytearray()
    lengths = {one.name: array("I") for one in element.lists}
    values = {one.name: bytearray() for one in element.lists}
    steps = [_step(one, header) for one in element.properties]
    for row in range(element.count):
        for name, size, length_of in steps:
            if length_of is None:
                plain += view[at : at + size]
                at += size
                continue
            if at + length_of.size > len(data):
                raise _cut_short(path, element, row)
            (length,) = length_of.unpack_from(data, at)
            if length < 0:
                raise ValueError(f"row {row + 1} of {element.name} has a list shorter than nothing")
            at += length_of.size
            lengths[name].append(length)
            values[name] += view[at : at + length * size]
            at += length * size
        if at > len(data):
            raise _cut_short(path, element, row)
    rows = np.frombuffer(plain, _plain_type(element, header.order)) if element.plain else None
    lists = {
        one.name: ListColumn(np.frombuffer(lengths[one.name], np.uintc), np.frombuffer(values[one.name], header.order + one.kind))
        for one in element.lists
    }
    columns: dict[str, Column] = {} if rows is None else {one.name: rows[one.name] for one in element.plain}
    return _table(element, columns, lists), at


def _step(one: Property, header: Header) -> tuple[str, int, struct.Struct | None]:
    return one.name, int(one.kind[1]), struct.Struct(header.order + _STRUCT[one.length_kind]) if one.length_kind else None


def _text(path: Path, element: Element, lines: io.BytesIO) -> PlyTable:
    if not element.properties:
        return _table(element, {}, {})
    rows = _text_rows(path, element, lines)
    return _text_with_lists(element, rows) if element.lists else _plain_text(element, rows)


def _text_rows(path: Path, element: Element, lines: io.BytesIO) -> Iterator[list[bytes]]:
    """The words of every row; blank lines are passed over."""
    done = 0
    while done < element.count:
        line = lines.readline(_LONGEST_LINE)
        if not line:
            raise _cut_short(path, element, done)
        if len(line) == _LONGEST_LINE:
            raise ValueError("a line of it is longer than a row can be")
        words = line.split()
        if words:
            done += 1
            yield words


def _plain_text(element: Element, rows: Iterator[list[bytes]]) -> PlyTable:
    width, at_once = len(element.properties), max(1, _NUMBERS_AT_ONCE // len(element.properties))
    parts: list[NDArray[np.float32]] = []
    waiting: list[list[bytes]] = []
    for number, words in enumerate(rows, start=1):
        if len(words) != width:
            raise ValueError(f"row {number} of {element.name} has {len(words)} numbers, not {width}")
        waiting.append(words)
        if len(waiting) == at_once:
            parts.append(_numbers(waiting))
            waiting = []
    parts.append(_numbers(waiting).reshape(-1, width))
    matrix = parts[0] if len(parts) == 1 else np.concatenate(parts)
    columns: dict[str, Column] = {one.name: matrix[:, number] for number, one in enumerate(element.properties)}
    return _table(element, columns, {})


def _numbers(rows: list[list[bytes]]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what float32 does not hold becomes infinite, and is refused where it is used
        return np.array(rows, np.float32)


def _text_with_lists(element: Element, rows: Iterator[list[bytes]]) -> PlyTable:
    numbers = {one.name: array("d") for one in element.properties}
    lengths = {one.name: array("I") for one in element.lists}
    for row, words in enumerate(rows, start=1):
        at = 0
        for one in element.properties:
            length = 1
            if one.length_kind:
                length = int(words[at])
                if length < 0:
                    raise ValueError(f"row {row} of {element.name} has a list shorter than nothing")
                lengths[one.name].append(length)
                at += 1
            if at + length > len(words):
                raise ValueError(f"row {row} of {element.name} has too few numbers")
            numbers[one.name].extend(map(float, words[at : at + length]))
            at += length
        if at != len(words):
            raise ValueError(f"row {row} of {element.name} has too many numbers")
    columns: dict[str, Column] = {one.name: np.frombuffer(numbers[one.name]) for one in element.plain}
    lists = {name: ListColumn(np.frombuffer(column, np.uintc), np.frombuffer(numbers[name])) for name, column in lengths.items()}
    return _table(element, columns, lists)
