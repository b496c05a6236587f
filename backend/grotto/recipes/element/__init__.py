"""The recipe `element`: one cut, one finish, and a folder for each route."""

from .cut import CutElement, cut_element
from .finish import make_element_asset
from .recipe import RECIPE, models_used, route_of
from .relief import make_body
from .work import WorkCut, work_cut

__all__ = [
    "RECIPE",
    "CutElement",
    "WorkCut",
    "cut_element",
    "make_body",
    "make_element_asset",
    "models_used",
    "route_of",
    "work_cut",
]
