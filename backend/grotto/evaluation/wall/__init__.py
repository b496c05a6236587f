"""The wall recipe measured against truth."""

from .archive import BENCH as ARCHIVE
from .archive import archive_bars, archive_table
from .archive_sets import MADE, REAL, ArchiveOutcome, archive_sets, measure_archive, overlapping
from .baseline import default_database
from .bench import BENCH, STANDARD_SET
from .edge_sets import EdgeOutcome
from .edges import BENCH as EDGES
from .edges import edge_bars
from .lens_sets import LensOutcome, one_lens_sets, two_lens_sets
from .lens_sets import measured as measured_lenses
from .lenses import BENCH as LENSES
from .lenses import bars as lens_bars
from .matcher import BENCH as MATCHER
from .matcher import matcher_bars
from .matcher_scores import WayScores
from .measure import bench_wall
from .report import bars, markdown
from .score import WallScore, score_wall

__all__ = [
    "ARCHIVE",
    "BENCH",
    "EDGES",
    "LENSES",
    "MADE",
    "MATCHER",
    "REAL",
    "STANDARD_SET",
    "ArchiveOutcome",
    "EdgeOutcome",
    "LensOutcome",
    "WallScore",
    "WayScores",
    "archive_bars",
    "archive_sets",
    "archive_table",
    "bars",
    "bench_wall",
    "default_database",
    "edge_bars",
    "lens_bars",
    "markdown",
    "matcher_bars",
    "measure_archive",
    "measured_lenses",
    "one_lens_sets",
    "overlapping",
    "score_wall",
    "two_lens_sets",
]
