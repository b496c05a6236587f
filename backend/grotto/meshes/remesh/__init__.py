"""Meshes with fewer or more even triangles: decimation, remeshing, levels of detail, colliders."""

from .collider import convex_collider
from .decimation import decimate
from .edge_collapse import collapse_edges
from .edge_flip import flip_edges
from .edge_split import split_edges
from .isotropic import remesh
from .lod import lod_chain, surface_distance
from .nearest import Nearest, nearest_on_mesh

__all__ = [
    "Nearest",
    "collapse_edges",
    "convex_collider",
    "decimate",
    "flip_edges",
    "lod_chain",
    "nearest_on_mesh",
    "remesh",
    "split_edges",
    "surface_distance",
]
