"""The stage `report`: the page made of what the other stages left."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ....contract import Progress
from ....formats import Artefact
from ....sfm.wall import why_no_wall
from .gathering import WallArtefacts, WallJob, gather
from .page import write_report


@dataclass(frozen=True, kw_only=True)
class ReportPage(Artefact):
    """One self-contained HTML file."""

    file: str


def write_wall_report(made: WallArtefacts, job: WallJob, folder: Path, report: Progress) -> ReportPage:
    """Write report.html, dated today."""
    report(0.0, "gathering")
    data = gather(made, dataclasses.replace(job, made_on=f"{date.today():%-d %B %Y}"))
    if data.no_wall and not why_no_wall(made.frame.likeness):  # else the wall's frame has said so
        report.note(data.no_wall)
    report(0.3, "drawing")
    page = write_report(data, folder)
    return ReportPage(folder=folder, file=page.name)


def forecast_wall_report(made: WallArtefacts, job: WallJob) -> int:
    """Bytes: the model in memory, the pictures at a few thousand pixels each."""
    size = sum(file.stat().st_size for file in (made.frame.folder / made.frame.model).iterdir())
    return 700_000_000 + 60 * size
