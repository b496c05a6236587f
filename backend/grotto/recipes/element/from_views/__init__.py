"""The route from six views."""

from .front import ELEMENT_FROM_RIG, painted_over, stand_element
from .orbit import orbit_cameras
from .route import GENERATE, SHEET, from_views, plan_from_views
from .sheet import contradiction, faults_of, make_sheet_views
from .via_sfm import camera_errors

__all__ = [
    "ELEMENT_FROM_RIG",
    "GENERATE",
    "SHEET",
    "camera_errors",
    "contradiction",
    "faults_of",
    "from_views",
    "make_sheet_views",
    "orbit_cameras",
    "painted_over",
    "plan_from_views",
    "stand_element",
]
