"""The route from six views."""

from .front import ELEMENT_FROM_RIG, stand_element
from .route import GENERATE, OF_VIEWS, SHEET, from_views
from .sheet import make_sheet_views

__all__ = ["ELEMENT_FROM_RIG", "GENERATE", "OF_VIEWS", "SHEET", "from_views", "make_sheet_views", "stand_element"]
