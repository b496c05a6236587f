"""Gaussian splats: ellipsoids and discs fitted to pictures, their rendering and their surfaces."""

from .compositing import Splatted, splat
from .fit import fit_splats
from .gaussians import Gaussians, from_cloud, to_cloud
from .store import Splats, load_splats, render_splats

__all__ = [
    "Gaussians", "Splats", "Splatted", "fit_splats", "from_cloud", "load_splats", "render_splats", "splat", "to_cloud",
]  # fmt: skip
