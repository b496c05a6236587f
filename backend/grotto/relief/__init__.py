"""Reliefs: bodies from one picture and its outline."""

from .carried_heights import carried_over
from .depth import shaped_by_depth
from .detail import painted_detail
from .inflation import Heights, inflate
from .inlaid_paint import InlaidPaint, inlaid_paint
from .junctions import Vote, neighbours, votes_of, weights_of
from .layers import LayerPicture, bulge, grouped, layer_map, layer_picture, sheet
from .on_wall import WallRelief, relief_on_wall, wall_slab_solid
from .order import agreement, confidences, levels, ranked
from .outline import outline
from .parts import LOOK_PX, part_labels
from .sides import SidePaint, side_paint
from .solid import Solid, padded_solid, slab_solid, standee_solid
from .stepped import stepped_part
from .triangulation import Triangulated, filled, triangulate

__all__ = [
    "LOOK_PX", "Heights", "InlaidPaint", "LayerPicture", "SidePaint", "Solid", "Triangulated", "Vote", "WallRelief",
    "agreement", "bulge", "carried_over", "confidences", "filled", "grouped", "inflate", "inlaid_paint", "layer_map",
    "layer_picture", "levels", "neighbours", "outline", "padded_solid", "painted_detail", "part_labels", "ranked",
    "relief_on_wall", "shaped_by_depth", "sheet", "side_paint", "slab_solid", "standee_solid", "stepped_part", "triangulate",
    "votes_of", "wall_slab_solid", "weights_of",
]  # fmt: skip
