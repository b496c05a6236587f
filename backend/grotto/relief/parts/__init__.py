"""Parts of a figure: segmentation, depth order, stepped relief, layers."""

from .junctions import OrderCue, cue_weights, neighbours, order_cues
from .layer_mesh import LayerMesh, bulges_m, layer_mesh
from .layers import LayerPicture, group_layers, layer_grid, layer_inflation, layer_map, layer_picture
from .order import agreement, part_confidences, part_levels, rank_parts
from .pictures import flat_colours, numbered, part_colour
from .segmentation import part_labels, segment_parts
from .stepped import sampled_factor, step_factor

__all__ = [
    "LayerMesh",
    "LayerPicture",
    "OrderCue",
    "agreement",
    "bulges_m",
    "cue_weights",
    "flat_colours",
    "group_layers",
    "layer_grid",
    "layer_inflation",
    "layer_map",
    "layer_mesh",
    "layer_picture",
    "neighbours",
    "numbered",
    "order_cues",
    "part_colour",
    "part_confidences",
    "part_labels",
    "part_levels",
    "rank_parts",
    "sampled_factor",
    "segment_parts",
    "step_factor",
]
