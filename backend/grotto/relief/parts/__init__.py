"""Parts of a figure: told apart, ordered, layered."""

from .junctions import Vote, neighbours, votes_of, weights_of
from .layer_mesh import LayerMesh, bulges_m, layer_mesh
from .layers import LayerPicture, bulge, grouped, layer_map, layer_picture, sheet
from .order import agreement, confidences, levels, ranked
from .pictures import flat_colours, numbered, part_colour
from .segmentation import part_labels, segment_parts
from .stepped import sampled_factor, stepped_part

__all__ = [
    "LayerMesh",
    "LayerPicture",
    "Vote",
    "agreement",
    "bulge",
    "bulges_m",
    "confidences",
    "flat_colours",
    "grouped",
    "layer_map",
    "layer_mesh",
    "layer_picture",
    "levels",
    "neighbours",
    "numbered",
    "part_colour",
    "part_labels",
    "ranked",
    "sampled_factor",
    "segment_parts",
    "sheet",
    "stepped_part",
    "votes_of",
    "weights_of",
]
