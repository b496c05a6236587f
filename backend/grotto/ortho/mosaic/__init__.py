"""Orthophoto and mesh of a flat wall from a mosaic's pictures."""

from .drawing import (
    forecast_mosaic_mesh,
    forecast_mosaic_orthophoto,
    make_mosaic_mesh,
    make_mosaic_orthophoto,
)
from .view import FlatView, flat_views

__all__ = [
    "FlatView",
    "flat_views",
    "forecast_mosaic_mesh",
    "forecast_mosaic_orthophoto",
    "make_mosaic_mesh",
    "make_mosaic_orthophoto",
]
