"""Blender meshes from arrays."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import bpy
import numpy as np
from bpy.types import Mesh
from numpy.typing import NDArray

from ..readers.glb import GlbMesh


def _flat(array: NDArray[Any], kind: Any) -> NDArray[Any]:
    """Return a flat array in the type that `foreach_set` copies directly."""
    return np.ascontiguousarray(array, dtype=kind).ravel()


def build_mesh(name: str, source: GlbMesh) -> Mesh:
    """Make a smooth mesh with UVs and the vertex attributes of the file."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(source.positions))
    mesh.vertices.foreach_set("co", _flat(source.positions, np.float32))
    mesh.loops.add(source.triangles.size)
    mesh.loops.foreach_set("vertex_index", _flat(source.triangles, np.int32))
    mesh.polygons.add(len(source.triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, source.triangles.size, 3, dtype=np.int32))
    if source.uv is not None:
        layer = mesh.uv_layers.new(name="UVMap", do_init=False)
        layer.uv.foreach_set("vector", _flat(source.uv[source.triangles.ravel()], np.float32))
    for key, values in source.extra.items():
        if values.ndim == 1:
            attribute = mesh.attributes.new(key, "FLOAT", "POINT")
            attribute.data.foreach_set("value", _flat(values, np.float32))
    _calculate_edges(mesh)
    mesh.shade_smooth()
    return mesh


def joined(sources: Sequence[GlbMesh]) -> tuple[GlbMesh, NDArray[np.int32], NDArray[np.float32]]:
    """Join parts of one body; return the mesh, the part (F,) of each triangle, and the UVs (3 F, 2) of the corners.

    Vertices that parts share are merged, so that shading has no seam. Attributes of vertices that every part has are kept; a
    merged vertex has those of the first part.
    """
    first = np.cumsum([0, *(len(source.positions) for source in sources)])
    positions = np.concatenate([source.positions for source in sources])
    points, chosen, place = np.unique(positions, axis=0, return_index=True, return_inverse=True)
    corners = np.concatenate([source.triangles + start for source, start in zip(sources, first, strict=False)])
    blank = [np.zeros((len(source.positions), 2), np.float32) if source.uv is None else source.uv for source in sources]
    of_part = np.repeat(np.arange(len(sources), dtype=np.int32), [len(source.triangles) for source in sources])
    whole = GlbMesh(
        name=sources[0].name,
        positions=points,
        triangles=place.reshape(-1)[corners].astype(np.int32),
        uv=None,
        image=None,
        extra={key: np.concatenate([source.extra[key] for source in sources])[chosen] for key in _shared(sources)},
    )
    return whole, of_part, np.concatenate(blank)[corners.ravel()]


def _shared(sources: Sequence[GlbMesh]) -> list[str]:
    """Return the names of the attributes, one value a vertex, that all parts have."""
    return [key for key in sources[0].extra if all(key in part.extra and part.extra[key].ndim == 1 for part in sources)]


def build_joined(name: str, sources: Sequence[GlbMesh]) -> Generator[str, None, Mesh]:
    """Make one smooth mesh of several parts, with a material slot for each: one step joins, one builds."""
    whole, of_part, uv = joined(sources)
    yield "parts joined"
    mesh = build_mesh(name, whole)
    layer = mesh.uv_layers.new(name="UVMap", do_init=False)
    layer.uv.foreach_set("vector", _flat(uv, np.float32))
    mesh.polygons.foreach_set("material_index", _flat(of_part, np.int32))
    return mesh


def _calculate_edges(mesh: Mesh) -> None:
    """Calculate edges and remove their selection: Blender 5.0 crashes where a script writes to it."""
    mesh.update(calc_edges=True)
    selection = mesh.attributes.get(".select_edge")
    if selection is not None:
        mesh.attributes.remove(selection)


def build_points(name: str, positions: NDArray[np.float32]) -> Mesh:
    """Make a mesh of vertices only."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(positions))
    mesh.vertices.foreach_set("co", _flat(positions, np.float32))
    mesh.update()
    return mesh


def build_rectangle(name: str, x_min: float, x_max: float, z_min: float, z_max: float) -> Mesh:
    """Make an upright rectangle at y = 0 that faces cameras at negative y, with UVs for an upright picture."""
    corners = np.array([[x_min, 0, z_min], [x_max, 0, z_min], [x_max, 0, z_max], [x_min, 0, z_max]])
    mesh = build_points(name, corners.astype(np.float32))
    mesh.loops.add(4)
    mesh.loops.foreach_set("vertex_index", np.arange(4, dtype=np.int32))
    mesh.polygons.add(1)
    mesh.polygons.foreach_set("loop_start", np.zeros(1, dtype=np.int32))
    layer = mesh.uv_layers.new(name="UVMap", do_init=False)
    layer.uv.foreach_set("vector", np.array([0, 0, 1, 0, 1, 1, 0, 1], dtype=np.float32))
    _calculate_edges(mesh)
    return mesh
