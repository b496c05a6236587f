"""Coloured point clouds as binary PLY (Greg Turk's Stanford polygon format, 1.0, little endian)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input

_VERTEX = np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)])
_HEADER_LIMIT = 65536  # bytes; no point cloud of ours or of common tools has a longer one
_TYPES = {
    "char": "i1",
    "int8": "i1",
    "uchar": "u1",
    "uint8": "u1",
    "short": "i2",
    "int16": "i2",
    "ushort": "u2",
    "uint16": "u2",
    "int": "i4",
    "int32": "i4",
    "uint": "u4",
    "uint32": "u4",
    "float": "f4",
    "float32": "f4",
    "double": "f8",
    "float64": "f8",
}


@dataclass(frozen=True)
class PointCloud:
    """Points (n, 3) float32 in the frame of their artefact, colours (n, 3) uint8 sRGB."""

    points: NDArray[np.float32]
    colours: NDArray[np.uint8]


def write_points_ply(path: Path, points: NDArray[np.floating], colours: NDArray[np.uint8]) -> None:
    """Write points (n, 3) and sRGB colours (n, 3) uint8 as binary PLY with float32 positions."""
    if points.shape != colours.shape or points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"points {points.shape} and colours {colours.shape} must both be (n, 3)")
    rows = np.empty(len(points), _VERTEX)
    rows["xyz"] = points
    rows["rgb"] = colours
    names = [f"property float {axis}" for axis in "xyz"] + [f"property uchar {name}" for name in ("red", "green", "blue")]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}", *names, "end_header", ""]
    with path.open("wb") as file:
        file.write("\n".join(header).encode("ascii"))
        file.write(rows.tobytes())


def read_points_ply(path: Path) -> PointCloud:
    """Read the vertices of a PLY, binary of either byte order or text; points without colour come out white.

    Raises a bad-input problem where the file is no PLY, holds no vertices first, or is cut short.
    """
    with path.open("rb") as file:
        lines = _header(path, file.read(_HEADER_LIMIT))
        file.seek(lines.bytes)
        rows = _rows(path, lines, file.read())
    names = rows.dtype.names or ()
    if not {"x", "y", "z"} <= set(names):
        raise bad_input(f"{path.name} has no x, y and z", "choose a PLY that holds points")
    points = np.stack([rows[axis].astype(np.float32) for axis in "xyz"], axis=1)
    colours = np.full((len(rows), 3), 255, np.uint8)
    if {"red", "green", "blue"} <= set(names):
        colours = np.stack([_as_byte(rows[name]) for name in ("red", "green", "blue")], axis=1)
    return PointCloud(points, colours)


@dataclass(frozen=True)
class _Header:
    bytes: int
    format: str
    count: int
    vertex: np.dtype[np.void]


def _header(path: Path, start: bytes) -> _Header:
    end = start.find(b"end_header")
    if not start.startswith(b"ply") or end < 0:
        raise bad_input(f"{path.name} is no PLY file", "choose a PLY that holds points")
    end_of_line = start.find(b"\n", end) + 1
    file_format, count, fields = "", -1, []
    element = ""
    for line in start[:end].decode("ascii", errors="replace").splitlines():
        words = line.split()
        if words[:1] == ["format"]:
            file_format = words[1]
        elif words[:1] == ["element"]:
            if not element and words[1] != "vertex":
                raise bad_input(f"{path.name} does not begin with its points", "save it again with the points first")
            element = words[1]
            count = int(words[2]) if element == "vertex" else count
        elif words[:1] == ["property"] and element == "vertex":
            if words[1] not in _TYPES:
                raise bad_input(f"the points of {path.name} hold a {words[1]}", "save it again with plain numbers only")
            order = ">" if file_format == "binary_big_endian" else "<"
            fields.append((words[2], order + _TYPES[words[1]]))
    return _Header(end_of_line, file_format, count, np.dtype(fields))


def _rows(path: Path, header: _Header, body: bytes) -> NDArray[np.void]:
    if header.format == "ascii":
        text = [tuple(line.split()) for line in body.decode("ascii").splitlines()[: header.count]]
        rows = np.array([tuple(float(word) for word in line) for line in text], header.vertex)
    else:
        whole = len(body) // max(header.vertex.itemsize, 1)
        rows = np.frombuffer(body, header.vertex, min(whole, header.count))
    if len(rows) < header.count:
        raise bad_input(f"{path.name} is cut short: {len(rows)} of {header.count} points", "copy or make the file again")
    return rows


def _as_byte(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    if values.dtype.kind == "f":  # tools that store colours as 0 to 1
        return np.clip(np.rint(values.astype(np.float32) * 255.0), 0, 255).astype(np.uint8)
    return values.astype(np.uint8)
