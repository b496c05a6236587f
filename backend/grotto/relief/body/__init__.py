"""Closed bodies from outlines: inflation, solids, side colours, and their place in the element's frame."""

from .back_rim import back_rim
from .budget import greedy_relief, simplified_rim
from .depth import scale_by_depth
from .detail import painted_detail
from .figure import dense_relief, figure_solid, height_map, level_faces, relief_error, thick_enough
from .height_inpainting import inpaint_heights
from .height_normals import height_normals, sampled_normals
from .inflation import Heights, inflate
from .inlaid_paint import InlaidPaint, inlaid_paint
from .insertion import greedy_insertion, oriented, triangulate_rim
from .on_wall import WallRelief, plate_mask, relief_on_wall, wall_relief_error, wall_relief_map, wall_slab_solid
from .placement import Placement, depth_middle_px, picture_places, place_by_height, vertices_m
from .sides import SidePaint, extend_colours, side_paint
from .solid import Solid, inflated_solid, slab_solid, standee_solid

__all__ = [
    "Heights",
    "InlaidPaint",
    "Placement",
    "SidePaint",
    "Solid",
    "WallRelief",
    "back_rim",
    "dense_relief",
    "depth_middle_px",
    "extend_colours",
    "figure_solid",
    "greedy_insertion",
    "greedy_relief",
    "height_map",
    "height_normals",
    "inflate",
    "inflated_solid",
    "inlaid_paint",
    "inpaint_heights",
    "level_faces",
    "oriented",
    "painted_detail",
    "picture_places",
    "place_by_height",
    "plate_mask",
    "relief_error",
    "relief_on_wall",
    "sampled_normals",
    "scale_by_depth",
    "side_paint",
    "simplified_rim",
    "slab_solid",
    "standee_solid",
    "thick_enough",
    "triangulate_rim",
    "vertices_m",
    "wall_relief_error",
    "wall_relief_map",
    "wall_slab_solid",
]
