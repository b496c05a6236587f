"""The views of a scan: from photos, a video or a document of cameras to pictures that fits can use."""

from .make_views import forecast_views, make_views
from .reading import forecast_scan_photos, read_scan_photos
from .region import object_region
from .registration import Registered, register_picture
from .sheet import views_of_sheet
from .sources import ScanSource, find_source, frames_of
from .validation_views import FEW_VIEWS, split_validation_views
from .video import VideoFrames, choose_frames, forecast_video, sharpest
from .view_set import ViewFile, ViewSet

__all__ = [
    "FEW_VIEWS",
    "Registered",
    "ScanSource",
    "VideoFrames",
    "ViewFile",
    "ViewSet",
    "choose_frames",
    "find_source",
    "forecast_scan_photos",
    "forecast_video",
    "forecast_views",
    "frames_of",
    "make_views",
    "object_region",
    "read_scan_photos",
    "register_picture",
    "sharpest",
    "split_validation_views",
    "views_of_sheet",
]
