"""Scans: pairs, matches, the frame of the scene, given cameras."""

from .frame import forecast_scan_frame, set_scan_frame, upright_axes
from .matches import extract_scan_features, match_scan_pairs
from .pairs import choose_scan_pairs, followers, forecast_scan_pairs, neighbours
from .sparse_scene import SparseScene
from .triangulation import forecast_triangulation, triangulate_given

__all__ = [
    "SparseScene",
    "choose_scan_pairs",
    "extract_scan_features",
    "followers",
    "forecast_scan_frame",
    "forecast_scan_pairs",
    "forecast_triangulation",
    "match_scan_pairs",
    "neighbours",
    "set_scan_frame",
    "triangulate_given",
    "upright_axes",
]
