"""Files that other tools open: reading and writing, each with a round trip in the tests."""

from .artefact import Artefact, read_artefact, write_artefact
from .colmap_cameras import is_colmap_model, read_colmap_cameras, remarks_on_colmap
from .foreign_transforms import read_foreign_transforms, remarks_on_transforms
from .given_cameras import GivenCamera
from .given_lens import GivenLens, turn_of
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
from .partial_lens import PartialLens
from .picture_metadata import is_whole_jpeg, without_metadata
from .ply import (
    Mesh,
    PointCloud,
    SplatCloud,
    read_mesh_ply,
    read_points_ply,
    read_splat_ply,
    write_mesh_ply,
    write_points_ply,
    write_splat_ply,
)
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
from .regular_file import NotRegularError, in_kernel_folder, is_regular, open_regular, path_below, why_not_regular
from .spz import read_spz, write_spz
from .transforms import PhotoCamera, read_transforms, write_transforms
from .world_shift import NO_SHIFT, SHIFT_FILE, Shift, write_shift

__all__ = [
    "BLEND",
    "DEGREE_0",
    "MASK",
    "NO_SHIFT",
    "SHIFT_FILE",
    "TILE",
    "Artefact",
    "GivenCamera",
    "GivenLens",
    "GlbNode",
    "Mesh",
    "NotRegularError",
    "PartialLens",
    "PhotoCamera",
    "PointCloud",
    "RasterGrid",
    "Shift",
    "SplatCloud",
    "TexturedMesh",
    "harmonic_terms",
    "in_kernel_folder",
    "is_colmap_model",
    "is_regular",
    "is_whole_jpeg",
    "open_regular",
    "path_below",
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
    "remarks_on_colmap",
    "remarks_on_transforms",
    "turn_of",
    "why_not_regular",
    "without_metadata",
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
    "write_shift",
    "write_splat_ply",
    "write_spz",
    "write_transforms",
]
