"""The recipe `element`: one cut, one finish, and a folder for each route."""

from .cut import CutElement, cut_element
from .recipe import RECIPE, route_of
from .work import work_cut

__all__ = ["RECIPE", "CutElement", "cut_element", "route_of", "work_cut"]
