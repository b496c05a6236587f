"""Scenes with exact truth: painted walls, objects, and photographs of both."""

from .drawn_parts import DrawnParts, draw_parts, drawn_disc, drawn_fan, drawn_ribbon
from .lens import project, viewing_directions
from .make_object_set import make_object_set
from .make_wall import make_wall
from .objects import OBJECTS, MadeObject, make_object
from .painting import paint
from .photograph import srgb_of_linear
from .rigs import RIGS, camera_around, orbit, random_cameras, zero123plus_rig
from .truth import CameraTruth, OrthophotoTruth, PhotoTruth, WallTruth, read_truth
from .turntable import disturb, photograph

__all__ = [
    "OBJECTS", "RIGS", "CameraTruth", "DrawnParts", "MadeObject", "OrthophotoTruth", "PhotoTruth", "WallTruth",
    "camera_around", "disturb", "draw_parts", "drawn_disc", "drawn_fan", "drawn_ribbon", "make_object", "make_object_set",
    "make_wall", "orbit", "paint", "photograph", "project", "random_cameras", "read_truth", "srgb_of_linear",
    "viewing_directions", "zero123plus_rig",
]  # fmt: skip
