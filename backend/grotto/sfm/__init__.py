"""Structure from motion: features, pairs, matches, cameras, the frame of the wall, and undistorted photos."""

from .features import Features, extract_features, forecast_features
from .mapping import find_cameras, forecast_cameras
from .matching import Matches, VerifiedPair, forecast_matches, match_pairs
from .pairs import Pairs, choose_pairs, forecast_pairs
from .plane import Plane, find_wall_plane, fit_plane
from .reconstruction import CameraGroup, Reconstruction
from .undistort import Undistorted, forecast_undistort, undistort_photos
from .wall_frame import WallFrame, forecast_wall_frame, set_wall_frame

__all__ = [
    "CameraGroup", "Features", "Matches", "Pairs", "Plane", "Reconstruction", "Undistorted", "VerifiedPair", "WallFrame",
    "choose_pairs", "extract_features", "find_cameras", "find_wall_plane", "fit_plane", "forecast_cameras",
    "forecast_features", "forecast_matches", "forecast_pairs", "forecast_undistort", "forecast_wall_frame", "match_pairs",
    "set_wall_frame", "undistort_photos",
]  # fmt: skip
