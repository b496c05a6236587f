"""The wall recipe measured against truth."""

from .baseline import default_database
from .measure import bench_wall
from .report import bars, markdown
from .score import WallScore, score_wall

__all__ = ["WallScore", "bars", "bench_wall", "default_database", "markdown", "score_wall"]
