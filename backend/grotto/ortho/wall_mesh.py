"""The stage `mesh`: height map and orthophoto as one textured mesh."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import Progress, bad_input
from ..contract.options import MeshOptions
from ..formats import Artefact, TexturedMesh, read_ortho_reduced, write_glb
from ..meshes.texture import as_jpeg, fill_transparent
from .height_map import HeightMap, HeightSurface
from .height_sheet import fitting_sheet, vertex_normals
from .orthophoto import Orthophoto

MESH_FILE = "wall.glb"
_NAME = "wall"
_BYTES_PER_NODE = 700
_BYTES_PER_TEXEL = 20
_FIXED_BYTES = 200_000_000


@dataclass(frozen=True, kw_only=True)
class WallMesh(Artefact):
    """The wall as a GLB with the orthophoto as its texture. Wall frame."""

    file: str
    faces: int
    vertices: int
    texture_width: int  # px
    texture_height: int


def make_wall_mesh(height: HeightMap, orthophoto: Orthophoto, options: MeshOptions, folder: Path, report: Progress) -> WallMesh:
    """Triangulate the height map, reduce it to the requested faces, and texture it with the orthophoto.

    Raises a bad-input problem where the height map is empty.
    """
    report(0.0, "laying a grid over the relief")
    return write_wall_mesh(HeightSurface.read(height), height.metric, orthophoto, options, folder, report)


def write_wall_mesh(
    surface: HeightSurface, metric: bool, orthophoto: Orthophoto, options: MeshOptions, folder: Path, report: Progress
) -> WallMesh:
    """Triangulate a surface and texture it. Raises a bad-input problem where nothing of it is known."""
    sheet = fitting_sheet(surface, options.faces, report)
    if not len(sheet.faces):
        raise bad_input(
            "the height map is too small for a mesh",
            "take photos that overlap more, or give a smaller height_spacing_mm",
            option="height_spacing_mm",
        )
    report(0.5, "reducing the orthophoto to the texture")
    scale = min(1.0, options.texture_px / max(orthophoto.width, orthophoto.height))
    width, rows = max(1, round(orthophoto.width * scale)), max(1, round(orthophoto.height * scale))
    texture = fill_transparent(read_ortho_reduced(orthophoto.folder / orthophoto.file, width, rows))
    report(0.8, "writing the mesh")
    mesh = TexturedMesh(
        vertices=sheet.vertices.astype(np.float32),
        faces=sheet.faces.astype(np.uint32),
        uv=projected_uv(sheet.vertices, orthophoto),
        normals=vertex_normals(sheet),
        texture=as_jpeg(texture),
        extras={"scale": "metric" if metric else "arbitrary"},
    )
    write_glb(folder / MESH_FILE, mesh, _NAME)
    report(1.0)
    return WallMesh(
        folder=folder,
        file=MESH_FILE,
        faces=len(mesh.faces),
        vertices=len(mesh.vertices),
        texture_width=width,
        texture_height=rows,
    )


def projected_uv(vertices: NDArray[np.float64], orthophoto: Orthophoto) -> NDArray[np.float32]:
    """(n, 2) of vertices (n, 3): the place on the orthophoto straight before them, u right and v down, 0 to 1."""
    u = (vertices[:, 0] - orthophoto.x_min) / (orthophoto.width * orthophoto.pixel)
    v = (orthophoto.z_max - vertices[:, 2]) / (orthophoto.height * orthophoto.pixel)
    return np.clip(np.stack([u, v], axis=1), 0.0, 1.0).astype(np.float32)


def forecast_wall_mesh(height: HeightMap, orthophoto: Orthophoto, options: MeshOptions) -> int:
    """Bytes that `make_wall_mesh` will hold at most."""
    scale = min(1.0, options.texture_px / max(orthophoto.width, orthophoto.height))
    texels = orthophoto.width * orthophoto.height * scale**2
    nodes = min(1_500_000, height.width * height.height)
    return int(_FIXED_BYTES + nodes * _BYTES_PER_NODE + texels * _BYTES_PER_TEXEL)
