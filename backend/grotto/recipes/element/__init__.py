"""The recipe `element`: one cut, one finish, and a folder for each route."""

from .cut import CutElement, cut_element
from .depth import DEPTH_MODEL, depth_weights, estimate_depth
from .finish import make_element_asset
from .recipe import RECIPE, route_of, with_installed_rig
from .work import work_cut

__all__ = [
    "DEPTH_MODEL",
    "RECIPE",
    "CutElement",
    "cut_element",
    "depth_weights",
    "estimate_depth",
    "make_element_asset",
    "route_of",
    "with_installed_rig",
    "work_cut",
]
