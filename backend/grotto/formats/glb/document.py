"""The JSON of a GLB and its binary chunk, every number of it checked before it is used (glTF 2.0, sections 3.6 and 4.4)."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input, malformed_as_bad_input, parse_json
from ..inflation import refuse_inflated

_MAGIC, _JSON, _BINARY = 0x46546C67, 0x4E4F534A, 0x004E4942
_CHUNK_HEADER = struct.Struct("<II")
_COLUMNS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
REMEDY = "choose a GLB that Grotto wrote"

Object = dict[str, Any]


class GlbDocument:
    """What a GLB holds. All methods raise ValueError or KeyError where the file contradicts itself or the specification."""

    def __init__(self, path: Path) -> None:
        """Read a file. Raises a bad-input problem where it is no GLB or cut short."""
        data = path.read_bytes()
        if len(data) < 20 or struct.unpack_from("<I", data)[0] != _MAGIC:
            raise bad_input(f"{path.name} is no GLB file", REMEDY)
        if struct.unpack_from("<I", data, 8)[0] > len(data):
            raise bad_input(f"{path.name} is cut short", "copy or make the file again")
        with malformed_as_bad_input(f"{path.name} is no whole GLB file", REMEDY):
            (length,) = struct.unpack_from("<I", data, 8)
            length, kind = _chunk(data, 12, length)
            if kind != _JSON:
                raise ValueError("it does not begin with its description")
            document = parse_json(data[20 : 20 + length])
            if not isinstance(document, dict):
                raise ValueError("its description is no object")
            at = 20 + length
            binary_length, kind = _chunk(data, at, len(data)) if at + 8 <= len(data) else (0, _BINARY)
            if kind != _BINARY:
                raise ValueError("its second part holds no numbers")
        self._document, self._binary = document, memoryview(data)[at + 8 : at + 8 + binary_length]
        self._file_bytes, self._taken = len(data), 0
        self._lists: dict[str, list[Object]] = {}
        self._views: dict[int, bytes] = {}

    def refuse_extensions(self) -> None:
        """Raise ValueError where the file cannot be read without an extension."""
        needed = self._document.get("extensionsRequired", [])
        if needed:
            raise ValueError(f"it needs {', '.join(map(str, needed))}, which is not read")

    def items(self, name: str) -> list[Object]:
        """The objects of one of the document's lists; none where it has no such list."""
        if name not in self._lists:
            found = self._document.get(name, [])
            if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
                raise ValueError(f"{name} is no list of objects")
            self._lists[name] = found
        return self._lists[name]

    def item(self, name: str, index: object) -> Object:
        """One of these objects by its number."""
        items = self.items(name)
        return items[whole(index, len(items), f"a number of {name}")]

    def array(self, index: object) -> NDArray[np.generic]:
        """The array (count,) or (count, columns) of an accessor; integers that stand for 0 to 1 become floats."""
        accessor = self.item("accessors", index)
        if "sparse" in accessor or "bufferView" not in accessor:
            raise ValueError("it has sparse arrays, which are not read")
        if accessor["componentType"] not in _TYPES or accessor["type"] not in _COLUMNS:
            raise ValueError(f"it has an array of {accessor['type']} of kind {accessor['componentType']}")
        kind, columns = np.dtype(_TYPES[accessor["componentType"]]), _COLUMNS[accessor["type"]]
        start, length, view = self._extent(accessor["bufferView"])
        offset = whole(accessor.get("byteOffset", 0), length + 1, "an offset")
        row = kind.itemsize * columns
        stride = whole(view.get("byteStride", row), 253, "a stride") if "byteStride" in view else row
        count = whole(accessor["count"], len(self._binary) + 1, "a count")
        if stride < row or (count and offset + stride * (count - 1) + row > length):
            raise ValueError("an array ends after its part of the file")
        self._take(count * columns * max(4, kind.itemsize))
        strides = (stride, kind.itemsize)
        values: NDArray[Any] = np.ndarray((count, columns), kind, self._binary, start + offset, strides)
        if accessor.get("normalized") and kind.kind != "f":
            values = np.maximum(values.astype(np.float32) / np.iinfo(kind).max, -1.0)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError("an array holds a number that is not finite")
        return values if columns > 1 else values[:, 0]

    def picture(self, texture: object) -> bytes:
        """The file of a texture's picture; empty where there is no texture."""
        if texture is None:
            return b""
        if not isinstance(texture, dict):
            raise ValueError("a texture is no object")
        image = self.item("images", self.item("textures", texture["index"])["source"])
        if "bufferView" not in image:
            raise ValueError("its pictures are files of their own")
        index = image["bufferView"]
        start, length, _ = self._extent(index)
        if index not in self._views:
            self._take(length)
            self._views[index] = bytes(self._binary[start : start + length])
        return self._views[index]

    def _extent(self, index: object) -> tuple[int, int, Object]:
        """Where in the binary chunk a view begins, its length, and the view."""
        view = self.item("bufferViews", index)
        if view.get("buffer", 0) != 0:
            raise ValueError("it has numbers in other files")
        most = len(self._binary) + 1
        start, length = whole(view.get("byteOffset", 0), most, "an offset"), whole(view["byteLength"], most, "a length")
        if start + length > len(self._binary):
            raise ValueError("a part of the file ends after its end")
        return start, length, view

    def _take(self, size: int) -> None:
        """Count what is read, so that a short file does not name its bytes over and over."""
        self._taken += size
        refuse_inflated(2 * self._taken, self._file_bytes)


def whole(value: object, end: int, what: str) -> int:
    """A whole number from 0 to below `end`. Raises ValueError for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < end:
        raise ValueError(f"{what} is not from 0 to {end - 1}")
    return value


def numbers(value: object, count: int, what: str) -> tuple[float, ...]:
    """So many finite numbers of a list. Raises ValueError for anything else."""
    fits = isinstance(value, list | tuple) and len(value) == count
    if not fits or not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in value):
        raise ValueError(f"{what} is no list of {count} numbers")
    return tuple(float(one) for one in value)


def text(value: object, what: str) -> str:
    """A name. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError(f"{what} is no name")
    return value


def _chunk(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Length and kind of the chunk whose header is at `at`."""
    length, kind = _CHUNK_HEADER.unpack_from(data, at)
    if at + 8 + length > end:
        raise ValueError("a part of the file ends after its end")
    return length, kind
