"""Results measured against truth: what a wall's cameras, height map and orthophoto are worth."""

from .camera_score import CameraScore, score_cameras, score_model
from .height_score import HeightScore, score_height
from .measuring import bench_wall
from .ortho_score import OrthoScore, score_orthophoto
from .shell import evaluate_command
from .wall_report import Bar, bars, markdown
from .wall_score import WallScore, score_wall

__all__ = [
    "Bar", "CameraScore", "HeightScore", "OrthoScore", "WallScore", "bars", "bench_wall", "evaluate_command", "markdown",
    "score_cameras", "score_height", "score_model", "score_orthophoto", "score_wall",
]  # fmt: skip
