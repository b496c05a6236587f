"""Cameras with the edge of the model adjusted as it grows, beside adjustments of the whole: CPU time and error, same matches."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np

from ..bench import Bench
from ..markdown import markdown_table
from .edge_sets import EdgeOutcome, matched_wall, placed

SEED = 12_100  # of the wall reported: no parameter was chosen on it
TIME_BAR, ERROR_BAR = 0.5, 1.5  # parts of global adjustment's
BAR_HEADS = (":focal length", ":edge beside global", "found", "bar", ":verdict")
WAY_HEADS = (
    ":focal length",
    ":adjustment",
    "placed",
    "models",
    "CPU s",
    "centres, mm",
    "out of plane, mm",
    "rotation, degrees",
    "focal length, px",
    "farthest apart in repeats, mm",
)


def run(
    out: Path, columns: int = 16, rows: int = 10, features: int = 1500, repeats: int = 2, seed: int = SEED, free: bool = True
) -> str:
    """Make a wall photographed from a rail, match it once, place its cameras both ways, and return the tables.

    The focal length is first held at the true value, as after a search for it, and then free from a guess. A stopped run goes on
    where it was: matches and finished runs are kept in `out`.

    Args:
        out: the folder of wall, matches and outcomes
        columns: photos in a row
        rows: rows of photos, each photo 600 x 400 px
        features: of a photo, at most
        repeats: of each way
        seed: of the wall
        free: with a free focal length, too
    """
    wall = matched_wall(out / f"wall-{columns}-{rows}-{features}-{seed}", columns, rows, features, seed)
    found = []
    for hold in (True, False) if free else (True,):
        for adjustment in ("global", "edge"):
            for repeat in range(repeats):
                path = wall / f"{adjustment}-{'held' if hold else 'free'}-{repeat}.json"
                if not path.is_file():
                    outcome = placed(wall, adjustment, hold)
                    path.write_text(json.dumps(dataclasses.asdict(outcome)) + "\n", encoding="utf-8")
                found.append(EdgeOutcome(**json.loads(path.read_text(encoding="utf-8"))))
    return f"{edge_bars(found)}\n{_ways(found)}"


def edge_bars(outcomes: list[EdgeOutcome]) -> str:
    """The demands on edge adjustment as a table: medians of the repeats as parts of global adjustment's."""
    rows = []
    for hold in (True, False):
        ways = [_of(outcomes, hold, adjustment) for adjustment in ("edge", "global")]
        if not all(ways):
            continue
        for what, name, bar in (("CPU time", "seconds", TIME_BAR), ("error of centres", "centre_mm", ERROR_BAR)):
            edge, whole = (_median(way, name) for way in ways)
            complete = all(outcome.placed == outcome.total for outcome in ways[0])
            held = edge <= bar * whole and complete
            rows.append((_lens(hold), what, f"{edge / whole:.2f}", f"{bar:g}", "held" if held else "missed"))
    return markdown_table(BAR_HEADS, rows)


def _ways(outcomes: list[EdgeOutcome]) -> str:
    rows = []
    for hold in (True, False):
        for adjustment in ("global", "edge"):
            runs = _of(outcomes, hold, adjustment)
            if not runs:
                continue
            centres = np.array([outcome.centres_mm for outcome in runs if len(outcome.centres_mm) == len(runs[0].centres_mm)])
            rows.append(
                (
                    _lens(hold),
                    adjustment,
                    f"{min(outcome.placed for outcome in runs)} of {runs[0].total}",
                    str(max(outcome.models for outcome in runs)),
                    f"{_median(runs, 'seconds'):.1f}",
                    f"{_median(runs, 'centre_mm'):.2f}",
                    f"{_median(runs, 'out_of_plane_mm'):.2f}",
                    f"{_median(runs, 'rotation_deg'):.3f}",
                    f"{_median(runs, 'focal_px'):.1f}",
                    f"{np.ptp(centres, axis=0).max():.2g}" if len(centres) == len(runs) > 1 else "–",
                )
            )
    return markdown_table(WAY_HEADS, rows)


def _of(outcomes: list[EdgeOutcome], hold: bool, adjustment: str) -> list[EdgeOutcome]:
    return [outcome for outcome in outcomes if outcome.hold == hold and outcome.adjustment == adjustment]


def _median(outcomes: list[EdgeOutcome], name: str) -> float:
    return float(np.median([getattr(outcome, name) for outcome in outcomes]))


def _lens(hold: bool) -> str:
    return "held at the true value" if hold else "free from a guess"


BENCH = Bench(name="wall.edges", title="Adjusting the edge of a model, or all of it", run=run, tables=(BAR_HEADS, WAY_HEADS))
