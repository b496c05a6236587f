"""Instances found without strokes: proposals, tiles of a large picture, masks placed at full size."""

from .grouping import RegionTree, build_region_tree
from .instances import (
    Instance,
    find_in_tiles,
    hinted,
    instance_from_mask,
    mask_of_all,
    mask_over_box,
    non_maximum_suppression,
    tiles_of,
)
from .opacity import finder_by_opacity, known_opacity, placed_at_full_size, sharpened_opacity
from .propose import propose_elements

__all__ = [
    "Instance",
    "RegionTree",
    "build_region_tree",
    "find_in_tiles",
    "finder_by_opacity",
    "hinted",
    "instance_from_mask",
    "known_opacity",
    "mask_of_all",
    "mask_over_box",
    "non_maximum_suppression",
    "placed_at_full_size",
    "propose_elements",
    "sharpened_opacity",
    "tiles_of",
]
