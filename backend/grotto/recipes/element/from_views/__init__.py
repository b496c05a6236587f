"""The routes from six views: a model's of the cut-out, or a finished sheet."""

from .front import ELEMENT_FROM_RIG, stand_element
from .route import from_picture, from_sheet, plan_from_picture, plan_from_sheet
from .sheet import make_sheet_views

__all__ = [
    "ELEMENT_FROM_RIG",
    "from_picture",
    "from_sheet",
    "make_sheet_views",
    "plan_from_picture",
    "plan_from_sheet",
    "stand_element",
]
