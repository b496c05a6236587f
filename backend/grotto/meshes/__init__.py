"""Meshes that artists use: few faces, exact textures."""

from .bake import Baked, as_png, bake, bake_colours, check_bake_memory, forecast_bake, textured
from .carried_texture import Coloured, carried_texture, joined_shape
from .collider import convex_collider
from .decimation import decimate
from .dual_cells import dual_cells
from .dual_contouring import dual_contour
from .edge_collapse import collapse_edges
from .edge_flip import flip_edges
from .edge_split import split_edges
from .fill import beyond_islands, carried_over_surface
from .flexicubes import FlexiWeights, flexicubes
from .fusion import fuse_depths
from .judges import FEW_VIEWS, split_judges
from .large_steps import LargeSteps, UniformAdam, laplacian
from .lod import lod_chain, surface_distance
from .marching_cubes import surface_of_grid
from .marching_tetrahedra import tetrahedral_grid, tetrahedral_surface
from .nearest import nearest_on_mesh
from .occlusion import vertex_occlusion
from .point_normals import point_normals
from .points_to_surface import points_to_surface
from .projection import Projector, vertex_normals
from .refinement import refine_mesh
from .refinement_loop import RefinementSetting
from .remesh import remesh
from .repair import repair
from .seen import seen_vertices
from .smoothing import smoothed
from .specular import SpecularFit, fit_specular, read_specular, render_specular, write_specular
from .surface_maps import TextureSpace, tangent_space, tangents_of
from .texture import carried_on
from .texture_fit import fit_texture
from .unwrap import Unwrapped, unwrap
from .validity import MeshFacts, is_manifold, mesh_facts
from .vertex_colours import fit_vertex_colours
from .wall_mesh import WallMesh, forecast_wall_mesh, make_wall_mesh

__all__ = [
    "FEW_VIEWS",
    "Baked",
    "Coloured",
    "FlexiWeights",
    "LargeSteps",
    "MeshFacts",
    "Projector",
    "RefinementSetting",
    "SpecularFit",
    "TextureSpace",
    "UniformAdam",
    "Unwrapped",
    "WallMesh",
    "as_png",
    "bake",
    "bake_colours",
    "beyond_islands",
    "carried_on",
    "carried_over_surface",
    "carried_texture",
    "check_bake_memory",
    "collapse_edges",
    "convex_collider",
    "decimate",
    "dual_cells",
    "dual_contour",
    "fit_specular",
    "fit_texture",
    "fit_vertex_colours",
    "flexicubes",
    "flip_edges",
    "forecast_bake",
    "forecast_wall_mesh",
    "fuse_depths",
    "is_manifold",
    "joined_shape",
    "laplacian",
    "lod_chain",
    "make_wall_mesh",
    "mesh_facts",
    "nearest_on_mesh",
    "point_normals",
    "points_to_surface",
    "read_specular",
    "refine_mesh",
    "remesh",
    "render_specular",
    "repair",
    "seen_vertices",
    "smoothed",
    "split_edges",
    "split_judges",
    "surface_distance",
    "surface_of_grid",
    "tangent_space",
    "tangents_of",
    "tetrahedral_grid",
    "tetrahedral_surface",
    "textured",
    "unwrap",
    "vertex_normals",
    "vertex_occlusion",
    "write_specular",
]
