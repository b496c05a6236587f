"""Read coloured points from PLY files with properties in any order, with numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....backend.grotto.contract import bad_input

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
    end = data.find(b"end_header")
    if not data.startswith(b"ply") or end < 0:
        raise bad_input(f"{name} is not a PLY file", "choose a point cloud in PLY format")
    body = data.index(b"\n", end) + 1
    form, count, properties, element = "", -1, [], ""
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
            properties.append((words[2], KINDS[words[1]]))
    if form not in ORDERS or count < 0:
        raise bad_input(f"{name} has no points or no known format", "save it as binary PLY with the element vertex")
    return form, count, properties, body


def read_ply(path: Path) -> PointCloud:
    """Read points and, where the file has them, colours. Raises ProblemError naming what is missing."""
    data = path.read_bytes()
    form, count, properties, body = read_header(data, path.name)
    for axis in "xyz":
        if axis not in dict(properties):
            raise bad_input(f"{path.name} has points without {axis}", "save it with the properties x, y and z")
    kind: np.dtype[Any] = np.dtype([(name, ORDERS[form] + code) for name, code in properties])
    if form == "ascii":
        rows = np.array(
            [line.split()[: len(properties)] for line in data[body:].decode("ascii").splitlines()[:count]], dtype=np.float64
        )
        if len(rows) < count:
            raise bad_input(f"{path.name} ends after {len(rows)} of {count} points", "make it again")
        vertices: Any = np.rec.fromarrays(list(rows.T), dtype=kind)
    else:
        if len(data) - body < count * kind.itemsize:
            raise bad_input(f"{path.name} ends before its {count} points do", "make it again")
        vertices = np.frombuffer(data, kind, count, body)
    positions = np.stack([vertices[axis] for axis in "xyz"], axis=1).astype(np.float32)
    return PointCloud(positions=np.ascontiguousarray(positions), colours=_colours(vertices, dict(properties)))


def _colours(vertices: Any, kinds: dict[str, str]) -> NDArray[np.float32] | None:
    names = next((names for names in _COLOURS if all(name in kinds for name in names)), None)
    if names is None:
        return None
    colours = np.ones((len(vertices), 4), dtype=np.float32)
    for column, name in enumerate(names):
        whole = kinds[name][0] == "u"
        colours[:, column] = vertices[name] / (np.iinfo(kinds[name]).max if whole else 1.0)
    return colours
