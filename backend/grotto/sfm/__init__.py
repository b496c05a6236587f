"""Structure from motion: features, pairs, matches, cameras, the frame of wall or scan, and undistorted photos."""

from .features import Features, extract_features, forecast_features
from .layout import overlap, solve_layout
from .mapping import find_cameras, forecast_cameras
from .matching import Matches, VerifiedPair, forecast_matches, match_pairs
from .pairs import Pairs, choose_pairs, forecast_pairs, mutual_matches
from .plane import find_wall_plane, fit_plane
from .reconstruction import CameraGroup, Reconstruction
from .refinement import align_patches, flatten
from .retrieval import likely_pairs
from .scan_frame import forecast_scan_frame, set_scan_frame, upright_axes
from .scan_matches import extract_scan_features, match_scan_pairs
from .scan_pairs import choose_scan_pairs, followers, forecast_scan_pairs, neighbours
from .similarity import PairSimilarity, fit_similarity, vote_similarity
from .sparse_scene import SparseScene
from .triangulation import forecast_triangulation, triangulate_given
from .undistort import Pinhole, Undistorted, forecast_undistort, pinhole_of, undistort_photos, undistortion_map
from .wall_frame import WallFrame, forecast_wall_frame, parse_known_points, set_wall_frame, wall_axes

__all__ = [
    "CameraGroup",
    "Features",
    "Matches",
    "PairSimilarity",
    "Pairs",
    "Pinhole",
    "Reconstruction",
    "SparseScene",
    "Undistorted",
    "VerifiedPair",
    "WallFrame",
    "align_patches",
    "choose_pairs",
    "choose_scan_pairs",
    "extract_features",
    "extract_scan_features",
    "find_cameras",
    "find_wall_plane",
    "fit_plane",
    "fit_similarity",
    "flatten",
    "followers",
    "forecast_cameras",
    "forecast_features",
    "forecast_matches",
    "forecast_pairs",
    "forecast_scan_frame",
    "forecast_scan_pairs",
    "forecast_triangulation",
    "forecast_undistort",
    "forecast_wall_frame",
    "likely_pairs",
    "match_pairs",
    "match_scan_pairs",
    "mutual_matches",
    "neighbours",
    "overlap",
    "parse_known_points",
    "pinhole_of",
    "set_scan_frame",
    "set_wall_frame",
    "solve_layout",
    "triangulate_given",
    "undistort_photos",
    "undistortion_map",
    "upright_axes",
    "vote_similarity",
    "wall_axes",
]
