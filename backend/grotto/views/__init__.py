"""The views of a scan: from photos, a video or a document of cameras to pictures that fits can use."""

from .box_mask import box_mask, inside_box, surface_in_box
from .comparison import RenderScore, compare_view, evenly_chosen, mean_of, uncovered_colour
from .consistency import contradiction, faults_of
from .documents import other_cameras, read_document
from .make_views import forecast_views, make_views
from .quarter_turns import outline_iou_by_turn
from .reading import document_files, forecast_scan_photos, read_scan_photos
from .region import object_region
from .registration import Registered, register_picture
from .sheet import cut_tiles, views_of_sheet
from .sources import ScanSource, document_of, find_source
from .surroundings import surroundings
from .validation_views import FEW_VIEWS, split_validation_views
from .video import VideoFrames, choose_frames, forecast_video, sharpest
from .video_writing import VideoWriter
from .view_set import ViewFile, ViewSet, camera_of
from .written import write_object_views, write_rgba

__all__ = [
    "FEW_VIEWS",
    "Registered",
    "RenderScore",
    "ScanSource",
    "VideoFrames",
    "VideoWriter",
    "ViewFile",
    "ViewSet",
    "box_mask",
    "camera_of",
    "choose_frames",
    "compare_view",
    "contradiction",
    "cut_tiles",
    "document_files",
    "document_of",
    "evenly_chosen",
    "faults_of",
    "find_source",
    "forecast_scan_photos",
    "forecast_video",
    "forecast_views",
    "inside_box",
    "make_views",
    "mean_of",
    "object_region",
    "other_cameras",
    "outline_iou_by_turn",
    "read_document",
    "read_scan_photos",
    "register_picture",
    "sharpest",
    "split_validation_views",
    "surface_in_box",
    "surroundings",
    "uncovered_colour",
    "views_of_sheet",
    "write_object_views",
    "write_rgba",
]
