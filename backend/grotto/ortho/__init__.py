"""The wall as a map: height map and orthophoto."""

from .height import forecast_height_map, make_height_map
from .height_map import HeightMap, HeightSurface
from .orthophoto import Orthophoto, forecast_orthophoto, make_orthophoto

__all__ = [
    "HeightMap", "HeightSurface", "Orthophoto", "forecast_height_map", "forecast_orthophoto", "make_height_map",
    "make_orthophoto",
]  # fmt: skip
