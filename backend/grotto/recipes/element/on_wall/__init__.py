"""Slabs that follow a finished wall."""

from .body import BodyOnWall, make_body_on_wall
from .box import WallFiles, list_beside, wall_files
from .place import CutOnWall, place_on_wall
from .route import lay_on_wall, plan_on_wall, requested_wall

__all__ = [
    "BodyOnWall",
    "CutOnWall",
    "WallFiles",
    "lay_on_wall",
    "list_beside",
    "make_body_on_wall",
    "place_on_wall",
    "plan_on_wall",
    "requested_wall",
    "wall_files",
]
