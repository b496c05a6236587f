"""Closed bodies from outlines: heights, sides, backs."""

from .back_rim import back_rim
from .budget import nearest_relief, rim_of
from .carried_heights import carried_over
from .depth import shaped_by_depth
from .detail import painted_detail
from .inflation import Heights, inflate
from .inlaid_paint import InlaidPaint, inlaid_paint
from .insertion import inserted_relief, rim_faces, turned
from .on_wall import WallRelief, relief_on_wall, wall_slab_solid
from .sides import SidePaint, carried_out, side_paint
from .solid import Solid, padded_solid, slab_solid, standee_solid

__all__ = [
    "Heights",
    "InlaidPaint",
    "SidePaint",
    "Solid",
    "WallRelief",
    "back_rim",
    "carried_out",
    "carried_over",
    "inflate",
    "inlaid_paint",
    "inserted_relief",
    "nearest_relief",
    "padded_solid",
    "painted_detail",
    "relief_on_wall",
    "rim_faces",
    "rim_of",
    "shaped_by_depth",
    "side_paint",
    "slab_solid",
    "standee_solid",
    "turned",
    "wall_slab_solid",
]
