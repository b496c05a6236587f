"""The wall as a map: height map and orthophoto."""

from .height import forecast_height_map, make_height_map
from .height_map import HeightMap, HeightSurface

__all__ = ["HeightMap", "HeightSurface", "forecast_height_map", "make_height_map"]
