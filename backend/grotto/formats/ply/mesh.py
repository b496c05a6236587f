"""Triangle meshes between stages, as binary PLY that other tools open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input, malformed_as_bad_input
from ..inflation import refuse_inflated
from .colours import colours_of
from .tables import ListColumn, PlyTable, read_tables

_FACE = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
_WORDS = {"f4": "float", "u1": "uchar"}
_CORNERS = ("vertex_indices", "vertex_index")


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Triangles in the world. Counter-clockwise faces look at the viewer."""

    vertices: NDArray[np.float32]  # (n, 3)
    faces: NDArray[np.int32]  # (m, 3)
    colours: NDArray[np.float32] | None = None  # (n, 3) sRGB's values, 0 to 1
    seen: NDArray[np.float32] | None = None  # (n,) 1 seen by a photo, 0 invented


def write_mesh_ply(path: Path, mesh: Mesh) -> None:
    """Write positions, faces, colours (8 bit) and the attribute `seen` where the mesh has them."""
    columns: list[tuple[str, str, NDArray[np.generic]]] = [
        (axis, "f4", mesh.vertices[:, index]) for index, axis in enumerate("xyz")
    ]
    if mesh.colours is not None:
        rgb = np.clip(mesh.colours * 255 + 0.5, 0, 255).astype(np.uint8)
        columns += [(name, "u1", rgb[:, index]) for index, name in enumerate(("red", "green", "blue"))]
        columns.append(("alpha", "u1", np.full(len(rgb), 255, np.uint8)))
    if mesh.seen is not None:
        columns.append(("seen", "f4", mesh.seen))
    rows = np.empty(len(mesh.vertices), [(name, f"<{kind}") for name, kind, _ in columns])
    for name, _, values in columns:
        rows[name] = values
    faces = np.empty(len(mesh.faces), _FACE)
    faces["count"], faces["corners"] = 3, mesh.faces
    header = [
        "ply",
        "format binary_little_endian 1.0",
        f"element vertex {len(rows)}",
        *(f"property {_WORDS[kind]} {name}" for name, kind, _ in columns),
        f"element face {len(faces)}",
        "property list uchar int vertex_indices",
        "end_header",
        "",
    ]
    path.write_bytes("\n".join(header).encode("ascii") + rows.tobytes() + faces.tobytes())


def read_mesh_ply(path: Path) -> Mesh:
    """Read the faces of a PLY, binary of either byte order or text, with properties in any order.

    Faces with more than three corners become fans of triangles, which suits convex ones. Raises a bad-input problem for anything
    that holds no triangles, is cut short, or contradicts itself.
    """
    tables = read_tables(path, ("vertex", "face"))
    vertices, faces = tables.get("vertex"), tables.get("face")
    corners = None if faces is None else next((faces.lists[name] for name in _CORNERS if name in faces.lists), None)
    missing = [axis for axis in "xyz" if vertices is None or axis not in vertices.columns]
    if vertices is None or corners is None or missing:
        what = ", ".join(missing) or "the list vertex_indices of its faces"
        raise bad_input(f"{path.name} holds no triangles: {what} is missing", "choose a PLY mesh")
    with malformed_as_bad_input(f"the mesh {path.name} cannot be read", "make the file again"):
        colours = colours_of(vertices)
        return Mesh(
            vertices=vertices.stacked("x", "y", "z"),
            faces=_triangles(corners, vertices),
            colours=None if colours is None else (colours / 255).astype(np.float32),
            seen=vertices.stacked("seen")[:, 0] if "seen" in vertices.columns else None,
        )


def _triangles(corners: ListColumn, vertices: PlyTable) -> NDArray[np.int32]:
    """(m, 3) of faces with any number of corners."""
    numbers = corners.values
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < vertices.count):  # not a number is neither
        raise ValueError("a face names a point that is not there")
    if numbers.dtype.kind == "f" and (numbers != np.floor(numbers)).any():
        raise ValueError("a face names a point by a number that is not whole")
    lengths = corners.lengths
    if len(lengths) and int(lengths.min()) < 3:
        raise ValueError("a face has fewer than three corners")
    whole = numbers.astype(np.int32)
    if not len(lengths) or int(lengths.max()) == 3:
        return whole.reshape(-1, 3)
    refuse_inflated(36 * (len(whole) - 2 * len(lengths)), numbers.nbytes)
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    faces = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths.astype(np.int64) - 2)  # of each triangle
    first = starts[faces]
    step = np.arange(len(faces)) - np.repeat(starts - 2 * np.arange(len(lengths)), lengths.astype(np.int64) - 2)
    return np.stack([whole[first], whole[first + step + 1], whole[first + step + 2]], axis=1)
