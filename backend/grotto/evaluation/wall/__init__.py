"""The wall recipe measured against truth."""

from .archive import BENCH as ARCHIVE
from .archive import archive_bars, archive_table
from .archive_sets import MADE, REAL, ArchiveOutcome, archive_sets, measure_archive, overlapping
from .baseline import default_database
from .bench import BENCH, STANDARD_SET
from .crops import BENCH as CROPS
from .crops import CropOutcome, DefaultsOutcome, crop_bars, crop_groups, crop_table, defaults_table, mosaic_error, run_defaults
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
from .paper import PARTS as PAPER_PARTS
from .paper import PaperPart, evaluate_wall
from .rail import BENCH as RAIL
from .report import bars, markdown
from .score import WallScore, score_wall

__all__ = [
    "ARCHIVE",
    "BENCH",
    "CROPS",
    "EDGES",
    "LENSES",
    "MADE",
    "MATCHER",
    "PAPER_PARTS",
    "RAIL",
    "REAL",
    "STANDARD_SET",
    "ArchiveOutcome",
    "CropOutcome",
    "DefaultsOutcome",
    "EdgeOutcome",
    "LensOutcome",
    "PaperPart",
    "WallScore",
    "WayScores",
    "archive_bars",
    "archive_sets",
    "archive_table",
    "bars",
    "bench_wall",
    "crop_bars",
    "crop_groups",
    "crop_table",
    "default_database",
    "defaults_table",
    "edge_bars",
    "evaluate_wall",
    "lens_bars",
    "markdown",
    "matcher_bars",
    "measure_archive",
    "measured_lenses",
    "mosaic_error",
    "one_lens_sets",
    "overlapping",
    "run_defaults",
    "score_wall",
    "two_lens_sets",
]
