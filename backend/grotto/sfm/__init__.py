"""Structure from motion: features, pairs, matches, cameras, the frame of wall or scan, and undistorted photos."""

from .features import Features, extract_features, forecast_features
from .mapping import find_cameras, forecast_cameras
from .matching import Matches, VerifiedPair, forecast_matches, match_pairs
from .pairs import Pairs, choose_pairs, forecast_pairs
from .plane import Plane, find_wall_plane, fit_plane
from .reconstruction import CameraGroup, Reconstruction
from .scan_frame import forecast_scan_frame, set_scan_frame
from .scan_matches import extract_scan_features, match_scan_pairs
from .scan_pairs import choose_scan_pairs, forecast_scan_pairs
from .sparse_scene import SparseScene
from .triangulation import forecast_triangulation, triangulate_given
from .undistort import Pinhole, Undistorted, forecast_undistort, pinhole_of, undistort_photos, undistortion_map
from .wall_frame import WallFrame, forecast_wall_frame, set_wall_frame

__all__ = [
    "CameraGroup", "Features", "Matches", "Pairs", "Pinhole", "Plane", "Reconstruction", "SparseScene", "Undistorted",
    "VerifiedPair", "WallFrame", "choose_pairs", "choose_scan_pairs", "extract_features", "extract_scan_features",
    "find_cameras", "find_wall_plane", "fit_plane", "forecast_cameras", "forecast_features", "forecast_matches",
    "forecast_pairs", "forecast_scan_frame", "forecast_scan_pairs", "forecast_triangulation", "forecast_undistort",
    "forecast_wall_frame", "match_pairs", "match_scan_pairs", "pinhole_of", "set_scan_frame", "set_wall_frame",
    "triangulate_given", "undistort_photos", "undistortion_map",
]  # fmt: skip
