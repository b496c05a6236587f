"""Surfaces of splats."""

from .alignment import Alignment
from .level_set import surface_points

__all__ = ["Alignment", "surface_points"]
