"""Surfaces extracted from fields, depths and points."""

from .dual_cells import dual_cells
from .dual_contouring import dual_contour
from .flexicubes import FlexiWeights, flexicubes
from .fusion import fuse_depths
from .level_surface import GRID_BYTES, Extractor, level_surface
from .marching_cubes import surface_of_grid
from .marching_tetrahedra import tetrahedral_grid, tetrahedral_surface
from .matched_depth import Matched, matched_depth
from .matched_surface import matched_surface
from .matched_views import matched_views
from .point_normals import point_normals
from .points_to_surface import points_to_surface, seen_surface

__all__ = [
    "GRID_BYTES",
    "Extractor",
    "FlexiWeights",
    "Matched",
    "dual_cells",
    "dual_contour",
    "flexicubes",
    "fuse_depths",
    "level_surface",
    "matched_depth",
    "matched_surface",
    "matched_views",
    "point_normals",
    "points_to_surface",
    "seen_surface",
    "surface_of_grid",
    "tetrahedral_grid",
    "tetrahedral_surface",
]
