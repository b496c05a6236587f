"""Reliefs: bodies from one picture and its outline."""

from .depth import shaped_by_depth
from .detail import painted_detail
from .inflation import Heights, inflate
from .outline import outline
from .sides import SidePaint, side_paint
from .solid import Solid, padded_solid, slab_solid, standee_solid
from .triangulation import Triangulated, filled, triangulate

__all__ = [
    "Heights", "SidePaint", "Solid", "Triangulated", "filled", "inflate", "outline", "padded_solid", "painted_detail",
    "shaped_by_depth", "side_paint", "slab_solid", "standee_solid", "triangulate",
]  # fmt: skip
