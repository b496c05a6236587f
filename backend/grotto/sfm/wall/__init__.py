"""The frame of a wall, and undistorted photos."""

from .frame import WallFrame, forecast_wall_frame, parse_known_points, set_wall_frame, wall_axes
from .plane import find_wall_plane, fit_plane
from .undistort import Pinhole, Undistorted, forecast_undistort, pinhole_of, undistort_photos, undistortion_map

__all__ = [
    "Pinhole",
    "Undistorted",
    "WallFrame",
    "find_wall_plane",
    "fit_plane",
    "forecast_undistort",
    "forecast_wall_frame",
    "parse_known_points",
    "pinhole_of",
    "set_wall_frame",
    "undistort_photos",
    "undistortion_map",
    "wall_axes",
]
