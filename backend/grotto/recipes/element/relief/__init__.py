"""The route from the outline."""

from .body import HEIGHT, ElementBody, forecast_body, make_body, write_level
from .depth import DEPTH_MODEL, ElementDepth, depth_weights, estimate_depth, forecast_depth

__all__ = [
    "DEPTH_MODEL",
    "HEIGHT",
    "ElementBody",
    "ElementDepth",
    "depth_weights",
    "estimate_depth",
    "forecast_body",
    "forecast_depth",
    "make_body",
    "write_level",
]
