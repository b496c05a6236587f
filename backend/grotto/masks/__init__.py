"""Masks: elements cut out of their pictures by alpha, plain background, or a box and strokes."""

from .cut_out import CutOut, cut_out
from .edges import soft_edges
from .elements import Element, find_elements, thumbnail
from .hints import Hints, check_hints, fitted_hints, read_strokes
from .instances import Instance, find_in_tiles, instance_of, once, tiles_of, window_of
from .plain_ground import from_plain_ground
from .rules import drop_specks, fill_holes, keep_slivers
from .segment import Scene, make_scene, segment
from .wall_ground import PLAIN, not_ground

__all__ = [
    "PLAIN", "CutOut", "Element", "Hints", "Instance", "Scene", "check_hints", "cut_out", "drop_specks", "fill_holes",
    "find_elements", "find_in_tiles", "fitted_hints", "from_plain_ground", "instance_of", "keep_slivers", "make_scene",
    "not_ground", "once", "read_strokes", "segment", "soft_edges", "thumbnail", "tiles_of", "window_of",
]  # fmt: skip
