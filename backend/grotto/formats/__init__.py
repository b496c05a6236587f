"""Files that other tools open: reading and writing, each with a round trip in the tests."""

from .artefact import Artefact, read_artefact, write_artefact
from .colmap_cameras import is_colmap_model, read_colmap_cameras
from .foreign_transforms import read_foreign_transforms
from .given_cameras import GivenCamera, GivenLens
from .glb import (
    BLEND,
    MASK,
    GlbNode,
    TexturedMesh,
    read_glb,
    read_glb_nodes,
    read_glb_parts,
    write_glb,
    write_glb_nodes,
    write_glb_parts,
)
from .harmonics import DEGREE_0, harmonic_terms
from .llff import write_llff
from .mesh import Mesh, read_mesh_ply, write_mesh_ply
from .ply import PointCloud, read_points_ply, write_points_ply
from .raster import (
    TILE,
    RasterGrid,
    read_count_tiff,
    read_float_tiff,
    read_ortho_reduced,
    read_ortho_window,
    write_count_tiff,
    write_float_tiff,
    write_ortho_tiff,
)
from .splat_ply import SplatCloud, read_splat_ply, write_splat_ply
from .spz import read_spz, write_spz
from .transforms import PhotoCamera, read_transforms, write_transforms

__all__ = [
    "BLEND",
    "DEGREE_0",
    "MASK",
    "TILE",
    "Artefact",
    "GivenCamera",
    "GivenLens",
    "GlbNode",
    "Mesh",
    "PhotoCamera",
    "PointCloud",
    "RasterGrid",
    "SplatCloud",
    "TexturedMesh",
    "harmonic_terms",
    "is_colmap_model",
    "read_artefact",
    "read_colmap_cameras",
    "read_count_tiff",
    "read_float_tiff",
    "read_foreign_transforms",
    "read_glb",
    "read_glb_nodes",
    "read_glb_parts",
    "read_mesh_ply",
    "read_ortho_reduced",
    "read_ortho_window",
    "read_points_ply",
    "read_splat_ply",
    "read_spz",
    "read_transforms",
    "write_artefact",
    "write_count_tiff",
    "write_float_tiff",
    "write_glb",
    "write_glb_nodes",
    "write_glb_parts",
    "write_llff",
    "write_mesh_ply",
    "write_ortho_tiff",
    "write_points_ply",
    "write_splat_ply",
    "write_spz",
    "write_transforms",
]
