"""Reliefs: bodies from one picture and its outline."""

from .back_rim import back_rim
from .budget import nearest_relief, rim_of
from .carried_heights import carried_over
from .depth import shaped_by_depth
from .detail import painted_detail
from .inflation import Heights, inflate
from .inlaid_paint import InlaidPaint, inlaid_paint
from .insertion import inserted_relief, rim_faces, turned
from .junctions import Vote, neighbours, votes_of, weights_of
from .layers import LayerPicture, bulge, grouped, layer_map, layer_picture, sheet
from .on_wall import WallRelief, relief_on_wall, wall_slab_solid
from .order import agreement, confidences, levels, ranked
from .outline import evenly, length, outline, reduced, signed_area
from .parts import LOOK_PX, part_labels
from .sides import SidePaint, carried_out, side_paint
from .solid import Solid, padded_solid, slab_solid, standee_solid
from .stepped import stepped_part
from .straddling import straddling
from .triangulation import filled, triangulate

__all__ = [
    "LOOK_PX",
    "Heights",
    "InlaidPaint",
    "LayerPicture",
    "SidePaint",
    "Solid",
    "Vote",
    "WallRelief",
    "agreement",
    "back_rim",
    "bulge",
    "carried_out",
    "carried_over",
    "confidences",
    "evenly",
    "filled",
    "grouped",
    "inflate",
    "inlaid_paint",
    "inserted_relief",
    "layer_map",
    "layer_picture",
    "length",
    "levels",
    "nearest_relief",
    "neighbours",
    "outline",
    "padded_solid",
    "painted_detail",
    "part_labels",
    "ranked",
    "reduced",
    "relief_on_wall",
    "rim_faces",
    "rim_of",
    "shaped_by_depth",
    "sheet",
    "side_paint",
    "signed_area",
    "slab_solid",
    "standee_solid",
    "stepped_part",
    "straddling",
    "triangulate",
    "turned",
    "votes_of",
    "wall_slab_solid",
    "weights_of",
]
