"""The route from the outline."""

from .body import FINEST_PX, HEIGHT, ElementBody, forecast_body, keep_level, level_faces, make_body, relief_heights
from .depth import DEPTH_MODEL, ElementDepth, depth_weights, estimate_depth, forecast_depth

__all__ = [
    "DEPTH_MODEL",
    "FINEST_PX",
    "HEIGHT",
    "ElementBody",
    "ElementDepth",
    "depth_weights",
    "estimate_depth",
    "forecast_body",
    "forecast_depth",
    "keep_level",
    "level_faces",
    "make_body",
    "relief_heights",
]
