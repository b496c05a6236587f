"""The recipe `element`: one cut, one finish, and a folder for each route."""

from .cut import CutElement, cut_element
from .recipe import RECIPE, models_used, route_of
from .work import WorkCut, work_cut

__all__ = ["RECIPE", "CutElement", "WorkCut", "cut_element", "models_used", "route_of", "work_cut"]
