"""The options of each recipe: which groups it has, and what its qualities set."""

from .base import RecipeOptions, from_nested, to_nested
from .cut import CUT_QUALITIES, CutMuralOptions
from .element import ELEMENT_QUALITIES, ElementOptions
from .scan import SCAN_QUALITIES, ScanOptions
from .wall import WALL_QUALITIES, WallOptions

__all__ = [
    "CUT_QUALITIES",
    "ELEMENT_QUALITIES",
    "SCAN_QUALITIES",
    "WALL_QUALITIES",
    "CutMuralOptions",
    "ElementOptions",
    "RecipeOptions",
    "ScanOptions",
    "WallOptions",
    "from_nested",
    "to_nested",
]
