"""Archive pictures of one flat wall at unlike scales: is every overlapping one placed, and how exactly?"""

from __future__ import annotations

import os
from pathlib import Path

from ..bench import Bench
from ..markdown import markdown_table
from .archive_sets import MADE, REAL, ArchiveOutcome, archive_sets, measured, set_name

SEED, SETS = 63_000, 10  # of the sets reported: no parameter was chosen on them
BAR_PX = 1.5
BAR_HEADS = (":demand", "held", "of", "bar", ":verdict")
SET_HEADS = (
    ":set",
    ":paint",
    "wide",
    "details",
    "finest over coarsest",
    "placed",
    "chained",
    "error, px",
    "worst picture, px",
    "chained, px",
    "chained worst, px",
    "lean, degrees",
    "CPU s",
)


def run(out: Path, seed: int = SEED, sets: int = SETS, at_most: int = 0, draw: bool = True, real: bool = True) -> str:
    """Make sets of archive pictures, find their mosaics as a draft job does, and return the tables.

    A stopped run goes on where it was: finished sets are kept in `out`, those with real painted figures beside those without,
    and both are in the tables. Painted figures are those of $GROTTO_DATA/elements.

    Args:
        out: the folder of sets, one folder and one file of outcomes each
        seed: of the first set
        sets: how many
        at_most: measure no more than this many sets that are not finished yet; 0: all, below 0: none
        draw: draw each mosaic, as mosaic.png in the set's folder
        real: lay real painted figures on the walls, where their folder is there
    """
    out.mkdir(parents=True, exist_ok=True)
    data = os.environ.get("GROTTO_DATA", "")
    figures = Path(data) / "elements" if data and (Path(data) / "elements").is_dir() else None
    left = at_most or sets
    found = []
    for folder in dict.fromkeys((None, figures)):
        asked = folder == (figures if real else None)
        for chosen in archive_sets(seed, sets):
            finished = (out / f"{set_name(chosen, folder)}.json").is_file()
            if not finished and (left <= 0 or not asked):
                continue
            found.append(measured(chosen, out, folder, draw))
            left -= not finished
    text = f"{archive_bars(found, sets)}\n{archive_table(found)}"
    if real and figures is None:
        text += "\nWithout real figures: GROTTO_DATA has no folder `elements`.\n"
    (out / "archive.md").write_text(text, encoding="utf-8")
    return text


def archive_bars(found: list[ArchiveOutcome], sets: int) -> str:
    """The demands, over the sets that were measured, apart for made paint and for real figures on it."""
    rows = []
    for paint in (MADE, REAL):
        own = [one for one in found if one.paint == paint]
        if own or paint == MADE:
            rows += _bars(own, sets, paint)
    return markdown_table(BAR_HEADS, rows)


def _bars(found: list[ArchiveOutcome], sets: int, paint: str) -> list[tuple[str, ...]]:
    so_far = "" if len(found) == sets else " so far"
    rows = [
        ("sets in which every overlapping picture is placed", sum(whole(one) for one in found)),
        (f"of those, sets with an error of at most {BAR_PX:g} px", sum(whole(one) and one.error_px <= BAR_PX for one in found)),
        ("the same of chained homographies", sum(one.chained >= one.overlapping and one.chained_px <= BAR_PX for one in found)),
    ]
    if found:
        verdicts = [("held" if held == len(found) else "missed") + so_far for _, held in rows[:2]] + ["baseline"]
    else:
        verdicts = ["not measured"] * 3
    bars = [str(len(found)), str(len(found)), "–"]
    return [
        (f"{what} ({paint})", str(held), str(len(found)), bar, verdict)
        for (what, held), bar, verdict in zip(rows, bars, verdicts, strict=True)
    ]


def whole(found: ArchiveOutcome) -> bool:
    """Whether no overlapping picture is left out."""
    return found.missing == 0


def archive_table(found: list[ArchiveOutcome]) -> str:
    """One row a set."""
    rows = [
        (
            one.name,
            one.paint,
            str(one.wide),
            str(one.details),
            f"{one.ratio:.1f}",
            f"{one.overlapping - one.missing} of {one.overlapping}",
            str(one.chained),
            _px(one.error_px),
            _px(one.worst_px),
            _px(one.chained_px),
            _px(one.chained_worst_px),
            f"{one.upright_deg:.2f}",
            f"{one.seconds:.0f}",
        )
        for one in found
    ]
    return markdown_table(SET_HEADS, rows)


def _px(value: float) -> str:
    return "–" if value != value else f"{value:.2f}" if value < 100 else "over 100"


BENCH = Bench(name="wall.archive", title="Archive pictures of made walls", run=run, tables=(BAR_HEADS, SET_HEADS))
