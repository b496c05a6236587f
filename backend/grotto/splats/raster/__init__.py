"""Splats drawn with gradients, by several engines."""

from .compositing import Splatted, composite_splats, splat, tile_hits
from .footprints import project_splats
from .harmonics import base_of_colours

__all__ = ["Splatted", "base_of_colours", "composite_splats", "project_splats", "splat", "tile_hits"]
