"""Points and matches of other people's networks, ALIKED and LightGlue, to compare our own matcher with."""

from .aliked import aliked_points
from .lightglue import LIGHTGLUE_THRESHOLD, lightglue_matches
from .weights import LIGHTGLUE_ALIKED, build_aliked, build_lightglue, load_aliked, load_lightglue

__all__ = [
    "LIGHTGLUE_ALIKED",
    "LIGHTGLUE_THRESHOLD",
    "aliked_points",
    "build_aliked",
    "build_lightglue",
    "lightglue_matches",
    "load_aliked",
    "load_lightglue",
]
