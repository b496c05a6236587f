"""Outlines of masks: traced, simplified, triangulated."""

from .outline_fit import arc_positions, fit_polygons, matching_points
from .tracing import Curve, curve_length, resampled, signed_area, simplified, trace_outline
from .triangulation import FilledOutline, Triangulated, points_clear_of, triangulate, triangulate_evenly
from .working_cut import WorkingCut, working_cut

__all__ = [
    "Curve",
    "FilledOutline",
    "Triangulated",
    "WorkingCut",
    "arc_positions",
    "curve_length",
    "fit_polygons",
    "matching_points",
    "points_clear_of",
    "resampled",
    "signed_area",
    "simplified",
    "trace_outline",
    "triangulate",
    "triangulate_evenly",
    "working_cut",
]
