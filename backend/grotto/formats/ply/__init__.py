"""PLY files (Greg Turk's Stanford polygon format, 1.0): point clouds, triangle meshes, Gaussian splats."""

from .mesh import Mesh, read_mesh_ply, write_mesh_ply
from .points import PointCloud, read_points_ply, write_points_ply
from .splats import SplatCloud, read_splat_ply, write_splat_ply

__all__ = [
    "Mesh",
    "PointCloud",
    "SplatCloud",
    "read_mesh_ply",
    "read_points_ply",
    "read_splat_ply",
    "write_mesh_ply",
    "write_points_ply",
    "write_splat_ply",
]
