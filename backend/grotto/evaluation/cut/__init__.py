"""The cut recipe measured."""

from .bench import bench, overlap
from .table import MuralScore

__all__ = ["MuralScore", "bench", "overlap"]
