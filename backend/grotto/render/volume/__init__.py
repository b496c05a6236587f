"""Volumes drawn with gradients: compositing, occupancy, rays."""

from .composite import Composite, composite, composite_packed
from .occupancy import OccupancyGrid, Packed
from .rays import RayPool, Rays
from .sparse import FixedSamples, lay_samples

__all__ = [
    "Composite",
    "FixedSamples",
    "OccupancyGrid",
    "Packed",
    "RayPool",
    "Rays",
    "composite",
    "composite_packed",
    "lay_samples",
]
