"""Splats drawn with gradients, by several engines."""

from .compositing import Splatted, composite, splat, tile_hits
from .footprints import project
from .harmonics import base_of_colours

__all__ = ["Splatted", "base_of_colours", "composite", "project", "splat", "tile_hits"]
