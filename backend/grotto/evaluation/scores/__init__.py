"""Scores of results against truth."""

from .cameras import CameraScore, score_cameras, score_model
from .heights import HeightScore, score_height
from .orthophoto import OrthoScore, score_orthophoto
from .perceptual import lpips_cell, lpips_note, mean_lpips
from .views import ViewScores, heldout_scores

__all__ = [
    "CameraScore",
    "HeightScore",
    "OrthoScore",
    "ViewScores",
    "heldout_scores",
    "lpips_cell",
    "lpips_note",
    "mean_lpips",
    "score_cameras",
    "score_height",
    "score_model",
    "score_orthophoto",
]
