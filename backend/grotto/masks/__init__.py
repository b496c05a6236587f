"""Masks: elements cut out of their pictures by alpha, plain background, or a box and strokes."""

from .appearance import grain_of, lab_of
from .cut_out import CutOut, cut_out
from .edges import soft_edges
from .elements import find_elements
from .hints import Hints, check_hints, fitted_hints, read_strokes
from .plain_ground import from_plain_ground
from .regions import Regions, make_regions
from .rules import drop_specks, fill_holes, keep_slivers
from .squared import squared

__all__ = [
    "CutOut",
    "Hints",
    "Regions",
    "check_hints",
    "cut_out",
    "drop_specks",
    "fill_holes",
    "find_elements",
    "fitted_hints",
    "from_plain_ground",
    "grain_of",
    "keep_slivers",
    "lab_of",
    "make_regions",
    "read_strokes",
    "soft_edges",
    "squared",
]
