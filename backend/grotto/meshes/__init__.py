"""Meshes that artists use: few faces, exact textures."""

from .bake import Baked, as_png, bake, bake_colours, check_bake_memory, forecast_bake, textured
from .carried_texture import Coloured, carried_texture, joined_shape
from .collider import convex_collider
from .decimation import decimate
from .dual_cells import dual_cells
from .dual_contouring import dual_contour
from .fill import beyond_islands
from .flexicubes import FlexiSurface, FlexiWeights, flexicubes
from .fusion import fuse_depths
from .judges import FEW_VIEWS, split_judges
from .lod import Level, lod_chain, surface_distance
from .marching_cubes import surface_of_grid
from .marching_tetrahedra import TetrahedralGrid, marching_tetrahedra, tetrahedral_grid, tetrahedral_surface
from .nearest import Nearest, nearest_on_mesh
from .occlusion import vertex_occlusion
from .point_normals import point_normals
from .points_to_surface import points_to_surface
from .projection import vertex_normals
from .ray_cast import Hits, RayCaster
from .refinement import Refined, refine_mesh
from .refinement_loop import RefinementSetting
from .repair import Repaired, repair
from .seen import seen_vertices
from .smoothing import smoothed
from .specular import Specular, fit_specular, read_specular, write_specular
from .surface_maps import TextureSpace, tangent_space, tangents_of
from .texture import carried_on
from .texture_fit import fit_texture
from .unwrap import Unwrapped, UnwrapReport, unwrap
from .validity import MeshFacts, is_manifold, mesh_facts
from .wall_mesh import WallMesh, forecast_wall_mesh, make_wall_mesh

__all__ = [
    "FEW_VIEWS", "Baked", "Coloured", "FlexiSurface", "FlexiWeights", "Hits", "Level", "MeshFacts", "Nearest", "RayCaster",
    "Refined", "RefinementSetting", "Repaired", "Specular", "TetrahedralGrid", "TextureSpace", "UnwrapReport", "Unwrapped",
    "WallMesh", "as_png", "bake", "bake_colours", "beyond_islands", "carried_on", "carried_texture", "check_bake_memory",
    "convex_collider", "decimate", "dual_cells", "dual_contour", "fit_specular", "fit_texture", "flexicubes", "forecast_bake",
    "forecast_wall_mesh", "fuse_depths", "is_manifold", "joined_shape", "lod_chain", "make_wall_mesh", "marching_tetrahedra",
    "mesh_facts", "nearest_on_mesh", "point_normals", "points_to_surface", "read_specular", "refine_mesh", "repair",
    "seen_vertices", "smoothed", "split_judges", "surface_distance", "surface_of_grid", "tangent_space", "tangents_of",
    "tetrahedral_grid", "tetrahedral_surface", "textured", "unwrap", "vertex_normals", "vertex_occlusion", "write_specular",
]  # fmt: skip
