"""Meshes that artists use: few faces, exact textures."""

from .decimation import decimate
from .fusion import fuse_depths
from .marching_cubes import surface_of_grid
from .nearest import Nearest, nearest_on_mesh
from .ray_cast import Hits, RayCaster
from .repair import Repaired, repair
from .validity import MeshFacts, is_manifold, mesh_facts
from .wall_mesh import WallMesh, forecast_wall_mesh, make_wall_mesh

__all__ = [
    "Hits", "MeshFacts", "Nearest", "RayCaster", "Repaired", "WallMesh", "decimate", "forecast_wall_mesh", "fuse_depths",
    "is_manifold", "make_wall_mesh", "mesh_facts", "nearest_on_mesh", "repair", "surface_of_grid",
]  # fmt: skip
