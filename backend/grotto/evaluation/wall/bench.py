"""The wall recipe on a made wall."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import tyro

from ...contract.options import MakeWallOptions
from ...contract.recipes import WALL_QUALITIES
from ...runner import StageInTerminal
from ..bench import Bench
from .measure import QUALITY, bench_wall
from .report import BAR_HEADS, CAMERA_HEADS

STANDARD_SET = MakeWallOptions(columns=16, rows=6)


def run(out: Path, make: Annotated[MakeWallOptions, tyro.conf.OmitArgPrefixes] = STANDARD_SET) -> str:
    """Make a wall, do the whole job with it, measure the result against the truth, and return the report.

    Args:
        out: the folder of set, job and report
        make: what is painted and how it is photographed
    """
    with StageInTerminal("Measuring", sys.stderr) as report:
        return bench_wall(out.absolute(), make, WALL_QUALITIES[QUALITY], report)


BENCH = Bench(name="wall", title="The wall recipe on a made wall", run=run, tables=(BAR_HEADS, CAMERA_HEADS))
