"""Scenes with exact truth: painted walls and photographs of them."""

from .lens import project, viewing_directions
from .make_wall import make_wall
from .photograph import srgb_of_linear
from .truth import CameraTruth, OrthophotoTruth, PhotoTruth, WallTruth, read_truth

__all__ = [
    "CameraTruth", "OrthophotoTruth", "PhotoTruth", "WallTruth", "make_wall", "project", "read_truth", "srgb_of_linear",
    "viewing_directions",
]  # fmt: skip
