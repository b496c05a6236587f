"""Gaussian splats: ellipsoids and discs fitted to pictures, their rendering and their surfaces."""

from .compositing import Splatted, splat, tile_hits
from .fit import fit_splats
from .gaussians import Gaussians, from_cloud, to_cloud
from .level_set import OrientedPoints, surface_points
from .store import Splats, load_splats, render_splats

__all__ = [
    "Gaussians", "OrientedPoints", "Splats", "Splatted", "fit_splats", "from_cloud", "load_splats", "render_splats", "splat",
    "surface_points", "tile_hits", "to_cloud",
]  # fmt: skip
