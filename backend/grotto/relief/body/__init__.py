"""Closed bodies from outlines: heights, sides, backs."""

from .back_rim import back_rim
from .budget import nearest_relief, rim_of
from .carried_heights import carried_over
from .depth import shaped_by_depth
from .detail import painted_detail
from .figure import dense_relief, figure_solid, height_map, level_faces, relief_error, thick_enough
from .height_normals import height_normals, sampled_normals
from .inflation import Heights, inflate
from .inlaid_paint import InlaidPaint, inlaid_paint
from .insertion import inserted_relief, rim_faces, turned
from .on_wall import WallRelief, plate_mask, relief_on_wall, wall_relief_error, wall_relief_map, wall_slab_solid
from .placement import Placement, depth_middle_px, picture_places, place_by_height, vertices_m
from .sides import SidePaint, carried_out, side_paint
from .solid import Solid, padded_solid, slab_solid, standee_solid

__all__ = [
    "Heights",
    "InlaidPaint",
    "Placement",
    "SidePaint",
    "Solid",
    "WallRelief",
    "back_rim",
    "carried_out",
    "carried_over",
    "dense_relief",
    "depth_middle_px",
    "figure_solid",
    "height_map",
    "height_normals",
    "inflate",
    "inlaid_paint",
    "inserted_relief",
    "level_faces",
    "nearest_relief",
    "padded_solid",
    "painted_detail",
    "picture_places",
    "place_by_height",
    "plate_mask",
    "relief_error",
    "relief_on_wall",
    "rim_faces",
    "rim_of",
    "sampled_normals",
    "shaped_by_depth",
    "side_paint",
    "slab_solid",
    "standee_solid",
    "thick_enough",
    "turned",
    "vertices_m",
    "wall_relief_error",
    "wall_relief_map",
    "wall_slab_solid",
]
