"""Scenes with exact truth: painted walls, objects, and photographs of both."""

from .archive import ArchivePicture, ArchiveSet, lay_figures, make_archive, read_archive
from .court import Court, court_cameras, make_court, photograph_court, room_cameras
from .court_set import COURT_MASKS, COURT_SUBJECT, COURT_SURROUNDINGS, make_court_set, make_room_set
from .drawn_parts import DrawnParts, draw_parts, drawn_disc, drawn_fan, drawn_ribbon
from .lens import project, viewing_directions
from .make_object_set import make_object_set
from .make_wall import make_wall
from .photograph import srgb_of_linear, wall_points
from .rail import rail_camera, rail_stations
from .relief import Surface, make_surface
from .truth import CameraTruth, PhotoTruth, WallTruth, read_truth
from .turntable import disturb, photograph

__all__ = [
    "COURT_MASKS",
    "COURT_SUBJECT",
    "COURT_SURROUNDINGS",
    "ArchivePicture",
    "ArchiveSet",
    "CameraTruth",
    "Court",
    "DrawnParts",
    "PhotoTruth",
    "Surface",
    "WallTruth",
    "court_cameras",
    "disturb",
    "draw_parts",
    "drawn_disc",
    "drawn_fan",
    "drawn_ribbon",
    "lay_figures",
    "make_archive",
    "make_court",
    "make_court_set",
    "make_object_set",
    "make_room_set",
    "make_surface",
    "make_wall",
    "photograph",
    "photograph_court",
    "project",
    "rail_camera",
    "rail_stations",
    "read_archive",
    "read_truth",
    "room_cameras",
    "srgb_of_linear",
    "viewing_directions",
    "wall_points",
]
