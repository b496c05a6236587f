"""Meshes that artists use: few faces, exact textures."""

from .marching_cubes import surface_of_grid
from .ray_cast import Hits, RayCaster
from .repair import Repaired, repair
from .validity import MeshFacts, is_manifold, mesh_facts
from .wall_mesh import WallMesh, forecast_wall_mesh, make_wall_mesh

__all__ = [
    "Hits", "MeshFacts", "RayCaster", "Repaired", "WallMesh", "forecast_wall_mesh", "is_manifold", "make_wall_mesh", "mesh_facts", "repair",
    "surface_of_grid",
]  # fmt: skip
