"""Masks: elements cut out of their pictures by alpha, plain background, or a box and strokes."""

from .cut_out import CutOut, cut_out
from .edges import soft_edges
from .elements import Element, find_elements, thumbnail
from .hints import Hints, check_hints, fitted_hints, read_strokes
from .instances import Instance, find_in_tiles, instance_of, once, tiles_of, window_of
from .plain_ground import from_plain_ground
from .proposals import propose
from .rules import drop_specks, fill_holes, keep_slivers
from .segment import Scene, make_scene, segment
from .squared import squared

__all__ = [
    "CutOut", "Element", "Hints", "Instance", "Scene", "check_hints", "cut_out", "drop_specks", "fill_holes",
    "find_elements", "find_in_tiles", "fitted_hints", "from_plain_ground", "instance_of", "keep_slivers", "make_scene",
    "once", "propose", "read_strokes", "segment", "soft_edges", "squared", "thumbnail", "tiles_of", "window_of",
]  # fmt: skip
