"""The frame of a wall, and undistorted photos."""

from .frame import WallFrame, forecast_wall_frame, parse_known_points, set_wall_frame, wall_axes
from .judgement import WallLikeness, measure_likeness, why_a_wall, why_no_wall
from .plane import find_wall_plane, fit_plane
from .undistort import Pinhole, Undistorted, forecast_undistort, pinhole_of, undistort_photos, undistortion_map
from .upright import turned_axes, upright_majority

__all__ = [
    "Pinhole",
    "Undistorted",
    "WallFrame",
    "WallLikeness",
    "find_wall_plane",
    "fit_plane",
    "forecast_undistort",
    "forecast_wall_frame",
    "measure_likeness",
    "parse_known_points",
    "pinhole_of",
    "set_wall_frame",
    "turned_axes",
    "undistort_photos",
    "undistortion_map",
    "upright_majority",
    "wall_axes",
    "why_a_wall",
    "why_no_wall",
]
