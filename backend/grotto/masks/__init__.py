"""Masks: elements cut out of their pictures by alpha, plain background, or a box and strokes."""

from .cut_out import CutOut, cut_out
from .elements import Element, find_elements, thumbnail
from .hints import Hints, read_strokes
from .plain_ground import from_plain_ground
from .rules import drop_specks, fill_holes, keep_slivers
from .segment import Scene, make_scene, segment

__all__ = [
    "CutOut", "Element", "Hints", "Scene", "cut_out", "drop_specks", "fill_holes", "find_elements", "from_plain_ground",
    "keep_slivers", "make_scene", "read_strokes", "segment", "thumbnail",
]  # fmt: skip
