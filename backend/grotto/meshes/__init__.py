"""Meshes that artists use: few faces, exact textures."""

from .wall_mesh import WallMesh, forecast_wall_mesh, make_wall_mesh

__all__ = ["WallMesh", "forecast_wall_mesh", "make_wall_mesh"]
