"""The cut recipe measured."""

from .bench import overlap
from .table import MuralScore

__all__ = ["MuralScore", "overlap"]
