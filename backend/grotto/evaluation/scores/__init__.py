"""Scores of results against truth."""

from .cameras import CameraScore, score_cameras, score_model
from .heights import HeightScore, score_height
from .orthophoto import OrthoScore, score_orthophoto

__all__ = ["CameraScore", "HeightScore", "OrthoScore", "score_cameras", "score_height", "score_model", "score_orthophoto"]
