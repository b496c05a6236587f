"""The wall recipe measured against truth."""

from .baseline import default_database
from .bench import BENCH, STANDARD_SET
from .lenses import BENCH as LENSES
from .measure import bench_wall
from .report import bars, markdown
from .score import WallScore, score_wall

__all__ = ["BENCH", "LENSES", "STANDARD_SET", "WallScore", "bars", "bench_wall", "default_database", "markdown", "score_wall"]
