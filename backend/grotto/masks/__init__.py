"""Masks: elements cut out of their pictures by alpha, plain background, or a box and strokes."""

from .appearance import grain_of, lab_of
from .contour import contour_cost
from .cut_out import CutOut, cut_out
from .edges import soft_edges
from .elements import find_elements, thumbnail
from .grouping import Groups, grouped
from .hints import Hints, check_hints, fitted_hints, read_strokes
from .instances import Instance, find_in_tiles, instance_of, once, tiles_of, window_of
from .plain_ground import from_plain_ground
from .proposals import propose
from .regions import Regions, make_regions
from .rules import drop_specks, fill_holes, keep_slivers
from .segment import make_scene, segment
from .squared import squared

__all__ = [
    "CutOut",
    "Groups",
    "Hints",
    "Instance",
    "Regions",
    "check_hints",
    "contour_cost",
    "cut_out",
    "drop_specks",
    "fill_holes",
    "find_elements",
    "find_in_tiles",
    "fitted_hints",
    "from_plain_ground",
    "grain_of",
    "grouped",
    "instance_of",
    "keep_slivers",
    "lab_of",
    "make_regions",
    "make_scene",
    "once",
    "propose",
    "read_strokes",
    "segment",
    "soft_edges",
    "squared",
    "thumbnail",
    "tiles_of",
    "window_of",
]
