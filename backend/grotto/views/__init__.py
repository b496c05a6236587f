"""The views of a scan: from photos, a video or a document of cameras to pictures that fits can use."""

from .make_views import forecast_views, heldout_names, make_views
from .reading import forecast_scan_photos, read_scan_photos
from .region import look_at_point, object_region, scene_region, spread_of
from .registration import Registered, register_picture
from .sheet import views_of_sheet
from .sources import ScanSource, find_source
from .video import VideoFrames, choose_frames, forecast_video
from .view_set import ViewFile, ViewSet

__all__ = [
    "Registered", "ScanSource", "VideoFrames", "ViewFile", "ViewSet", "choose_frames", "find_source", "forecast_scan_photos",
    "forecast_video", "forecast_views", "heldout_names", "look_at_point", "make_views", "object_region", "read_scan_photos",
    "register_picture", "scene_region", "spread_of", "views_of_sheet",
]  # fmt: skip
