"""Slabs that follow a finished wall."""

from .body import BodyOnWall, asked_wall, forecast_body_on_wall, make_body_on_wall, on_wall_provenance, wall_facts
from .box import WallFiles, list_beside, wall_files
from .place import CutOnWall, forecast_place, place_on_wall

__all__ = [
    "BodyOnWall",
    "CutOnWall",
    "WallFiles",
    "asked_wall",
    "forecast_body_on_wall",
    "forecast_place",
    "list_beside",
    "make_body_on_wall",
    "on_wall_provenance",
    "place_on_wall",
    "wall_facts",
    "wall_files",
]
