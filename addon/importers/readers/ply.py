"""Read coloured points from PLY files with properties in any order, with numpy only."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....backend.grotto.contract import bad_input, malformed_as_bad_input

HEADER_BYTES = 65536
_ROWS_AT_ONCE = 8192  # of text
_BRIGHTEST = 1.5  # of colours in floats, which may be a little over white
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
KINDS = {name: kind for kind, names in _NAMES_OF_KINDS.items() for name in names}
ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": "="}
_COLOURS = (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))


@dataclass(frozen=True)
class PointCloud:
    positions: NDArray[np.float32]  # (N, 3)
    colours: NDArray[np.float32] | None  # (N, 4) sRGB, 0 to 1, alpha 1


def read_header(data: bytes, name: str) -> tuple[str, int, list[tuple[str, str]], int]:
    """Return format, number of vertices, their properties as (name, numpy kind), and the offset of the body."""
    if not data.startswith(b"ply"):
        raise bad_input(f"{name} is not a PLY file", "choose a point cloud in PLY format")
    with malformed_as_bad_input(f"{name} is not a whole PLY file", "save it again as binary PLY"):
        return _read_header(data[:HEADER_BYTES], name)


def _read_header(data: bytes, name: str) -> tuple[str, int, list[tuple[str, str]], int]:
    end = data.find(b"end_header")
    if end < 0:
        raise ValueError("its header has no end")
    body = data.index(b"\n", end) + 1
    form, count, properties, element = "", -1, dict[str, str](), ""
    for line in data[:end].decode("ascii", "replace").splitlines():
        words = line.split()
        if not words or words[0] in ("ply", "comment", "obj_info"):
            continue
        if words[0] == "format":
            form = words[1]
        elif words[0] == "element":
            if words[1] != "vertex" and count < 0:
                raise bad_input(f"{name} does not begin with its points", "save it with the element vertex first")
            element = words[1]
            count = int(words[2]) if element == "vertex" else count
        elif words[0] == "property" and element == "vertex":
            if words[1] not in KINDS:
                raise bad_input(f"{name} has points with a property of kind {words[1]}", "save it without that property")
            if words[2] in properties:
                raise ValueError(f"its points have two properties {words[2]}")
            properties[words[2]] = KINDS[words[1]]
    if form not in ORDERS or count < 0:
        raise bad_input(f"{name} has no points or no known format", "save it as binary PLY with the element vertex")
    return form, count, list(properties.items()), body


def read_ply(path: Path) -> PointCloud:
    """Read points and, where the file has them, colours. Raises ProblemError naming what is missing."""
    data = path.read_bytes()
    form, count, properties, body = read_header(data, path.name)
    for axis in "xyz":
        if axis not in dict(properties):
            raise bad_input(f"{path.name} has points without {axis}", "save it with the properties x, y and z")
    with malformed_as_bad_input(f"the points of {path.name} can not be read", "make it again"):
        vertices = _text_rows(data, count, properties, body) if form == "ascii" else _rows(data, form, count, properties, body)
        with np.errstate(over="ignore"):  # what float32 does not hold becomes infinite, and is refused
            positions = np.stack([vertices[axis] for axis in "xyz"], axis=1).astype(np.float32)
        if not np.isfinite(positions).all():
            raise ValueError("a point of it is not finite")
        return PointCloud(positions=np.ascontiguousarray(positions), colours=_colours(vertices, dict(properties)))


def _rows(data: bytes, form: str, count: int, properties: list[tuple[str, str]], body: int) -> Any:
    kind: np.dtype[Any] = np.dtype([(name, ORDERS[form] + code) for name, code in properties])
    if len(data) - body < count * kind.itemsize:
        raise ValueError(f"it ends before its {count} points do")
    return np.frombuffer(data, kind, count, body)


def _text_rows(data: bytes, count: int, properties: list[tuple[str, str]], body: int) -> Any:
    """Return the columns of a text file by name, (count,) float32 each."""
    lines = io.BytesIO(data)
    lines.seek(body)
    parts, done = [], 0
    while done < count:
        words = (line.split(None, len(properties)) for line in iter(partial(lines.readline, HEADER_BYTES), b""))
        rows = list(islice(filter(None, words), min(_ROWS_AT_ONCE, count - done)))
        if not rows:
            raise ValueError(f"it ends after {done} of {count} points")
        if any(len(row) != len(properties) for row in rows):
            raise ValueError(f"a point of it has more or fewer numbers than {len(properties)}")
        with np.errstate(over="ignore"):
            parts.append(np.array(rows, np.float32).reshape(-1, len(properties)))
        done += len(rows)
    table = np.concatenate(parts) if parts else np.empty((0, len(properties)), np.float32)
    return {name: table[:, column] for column, (name, _) in enumerate(properties)}


def _colours(vertices: Any, kinds: dict[str, str]) -> NDArray[np.float32] | None:
    """Return colours 0 to 1: floats are stored so, numbers of 16 bits as 0 to 65535, all others as 0 to 255."""
    names = next((names for names in _COLOURS if all(name in kinds for name in names)), None)
    if names is None:
        return None
    colours = np.ones((len(vertices[names[0]]), 4), dtype=np.float32)
    for column, name in enumerate(names):
        kind = kinds[name]
        colours[:, column] = vertices[name] / np.float32(1.0 if kind[0] == "f" else 65535.0 if kind == "u2" else 255.0)
    if not np.isfinite(colours).all() or (colours < 0).any() or (colours > _BRIGHTEST).any():
        raise ValueError("a colour of it is beyond what its kind of number holds")
    return colours
