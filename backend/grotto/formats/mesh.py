"""Triangle meshes between stages, as binary PLY that other tools open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Triangles in the world. Counter-clockwise faces look at the viewer."""

    vertices: NDArray[np.float32]  # (n, 3)
    faces: NDArray[np.int32]  # (m, 3)
    colours: NDArray[np.float32] | None = None  # (n, 3) sRGB's values, 0 to 1
    seen: NDArray[np.float32] | None = None  # (n,) 1 seen by a photo, 0 invented


def write_mesh_ply(path: Path, mesh: Mesh) -> None:
    """Write positions, faces, colours (8 bit) and the attribute `seen` where the mesh has them."""
    import trimesh  # here, since every command reads formats and few read meshes

    made = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    if mesh.colours is not None:
        made.visual.vertex_colors = np.clip(mesh.colours * 255 + 0.5, 0, 255).astype(np.uint8)
    if mesh.seen is not None:
        made.vertex_attributes["seen"] = mesh.seen.astype(np.float32)
    path.write_bytes(trimesh.exchange.ply.export_ply(made, encoding="binary"))


def read_mesh_ply(path: Path) -> Mesh:
    """Read what `write_mesh_ply` wrote. Raises a bad-input problem for anything that holds no triangles."""
    import trimesh

    try:
        with path.open("rb") as file:
            read = trimesh.exchange.ply.load_ply(file, fix_texture=False)
        made = trimesh.Trimesh(**read, process=False)
        raw = read["metadata"]["_ply_raw"]["vertex"]["data"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise bad_input(f"{path.name} holds no triangles", "choose a PLY mesh") from error
    coloured = made.visual.kind == "vertex"
    seen = raw["seen"] if "seen" in raw.dtype.names else None
    return Mesh(
        vertices=np.asarray(made.vertices, np.float32),
        faces=np.asarray(made.faces, np.int32),
        colours=np.asarray(made.visual.vertex_colors[:, :3] / 255, np.float32) if coloured else None,
        seen=None if seen is None else np.array(seen, np.float32).reshape(-1),
    )
