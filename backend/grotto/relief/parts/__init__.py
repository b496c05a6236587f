"""Parts of a figure: told apart, ordered, layered."""

from .junctions import Vote, neighbours, votes_of, weights_of
from .layers import LayerPicture, bulge, grouped, layer_map, layer_picture, sheet
from .order import agreement, confidences, levels, ranked
from .segmentation import LOOK_PX, part_labels
from .stepped import stepped_part

__all__ = [
    "LOOK_PX",
    "LayerPicture",
    "Vote",
    "agreement",
    "bulge",
    "confidences",
    "grouped",
    "layer_map",
    "layer_picture",
    "levels",
    "neighbours",
    "part_labels",
    "ranked",
    "sheet",
    "stepped_part",
    "votes_of",
    "weights_of",
]
