"""Reliefs: bodies from one picture and its outline."""

from .carried_heights import carried_over
from .depth import shaped_by_depth
from .detail import painted_detail
from .inflation import Heights, inflate
from .on_wall import WallRelief, relief_on_wall, wall_slab_solid
from .outline import outline
from .sides import SidePaint, side_paint
from .solid import Solid, padded_solid, slab_solid, standee_solid
from .triangulation import Triangulated, filled, triangulate

__all__ = [
    "Heights", "SidePaint", "Solid", "Triangulated", "WallRelief", "carried_over", "filled", "inflate", "outline",
    "padded_solid", "painted_detail", "relief_on_wall", "shaped_by_depth", "side_paint", "slab_solid", "standee_solid",
    "triangulate", "wall_slab_solid",
]  # fmt: skip
