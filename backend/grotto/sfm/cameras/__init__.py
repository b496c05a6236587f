"""Cameras from matches."""

from .alignment import AlignmentEngine, OpenCVAlignment, align_patches, flatten, magnification
from .edge_mapping import edge_views
from .incremental import drop_loose_photos, map_photos
from .mapping import colour_points, find_cameras, forecast_cameras
from .patch_aligner import PatchAligner
from .posed import posed_cameras
from .reconstruction import CameraGroup, Reconstruction
from .thinning import thin_matches
from .unplaced import describe_unplaced, show_the_same

__all__ = [
    "AlignmentEngine",
    "CameraGroup",
    "OpenCVAlignment",
    "PatchAligner",
    "Reconstruction",
    "align_patches",
    "colour_points",
    "describe_unplaced",
    "drop_loose_photos",
    "edge_views",
    "find_cameras",
    "flatten",
    "forecast_cameras",
    "magnification",
    "map_photos",
    "posed_cameras",
    "show_the_same",
    "thin_matches",
]
