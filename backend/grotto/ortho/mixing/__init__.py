"""Many photos of one tile, mixed into one picture."""

from .looks import Look, single
from .mixer import ON_CPU, TileMixer

__all__ = ["ON_CPU", "Look", "TileMixer", "single"]
