"""Rails of 96 photos: how true the whole job is, and its time beside an earlier state and pycolmap's whole pipeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...bench import Bench
from ...markdown import markdown_table
from ..crops import DefaultsOutcome
from .sets import FormerOutcome, RailOutcome, measured_former, measured_job, measured_pycolmap, rail_sets, set_name

SEED = 85_000  # of the sets reported: no parameter was chosen on them
FORMER = "0aeed97"  # the first whole wall job, before its speed was worked on
MOST_CENTRES_MM, MOST_HEIGHT_MM, MOST_FOCAL, MOST_HALF_WIDTH = 0.3, 0.3, 0.001, 0.003
MOST_OF_FORMER, MOST_OF_PYCOLMAP = 1 / 3, 0.6
BAR_HEADS = (":demand", ":set", "found", "bar", ":verdict")
SET_HEADS = (
    ":set",
    "placed",
    "centres, mm",
    "focal length (true), px",
    "95 %, px",
    "height map, median mm",
    "orthophoto's shift, median mm",
    "CPU s",
)
RIVAL_HEADS = (":set", ":program", ":ended", "CPU s", "limit, CPU s", "our time over its", "placed", "centres, mm")


@dataclass(frozen=True, kw_only=True)
class RailRow:
    """A set with what was measured on it."""

    ours: RailOutcome
    former: FormerOutcome | None
    pycolmap: tuple[DefaultsOutcome, float] | None  # and mm of its centres' error


def run(
    out: Path,
    seed: int = SEED,
    columns: int = 16,
    rows: int = 6,
    former: str = FORMER,
    former_times: float = 5.0,
    pycolmap_times: float = 5.0,
    at_most: int = 0,
) -> str:
    """Do the whole job on a rail of each style, then the same with an earlier state and with pycolmap's whole defaults.

    The rivals are stopped at a multiple of our CPU time. A stopped run goes on where it was.

    Args:
        out: the folder of sets, jobs and outcomes
        seed: of the first set
        columns: photos along the wall
        rows: and above each other
        former: the commit of the earlier state; empty: none
        former_times: our CPU time, after which the earlier state is stopped
        pycolmap_times: and pycolmap; 0: it is not run
        at_most: measure no more than this many sets that are not finished yet; 0: all, below 0: none
    """
    out.mkdir(parents=True, exist_ok=True)
    sets = rail_sets(seed, columns, rows)
    left, found = at_most or len(sets), []
    for make in sets:
        stems = (
            [set_name(make)]
            + [f"{set_name(make)}-{former}"] * bool(former)
            + [f"{set_name(make)}-pycolmap"] * bool(pycolmap_times)
        )
        finished = all((out / f"{stem}.json").is_file() for stem in stems)
        measure = left > 0 and not finished
        left -= measure
        ours = measured_job(make, out, measure)
        if ours is None:
            continue
        earlier = measured_former(make, out, former, former_times * ours.cpu_s, measure) if former else None
        theirs = measured_pycolmap(make, out, pycolmap_times * ours.cpu_s, measure) if pycolmap_times else None
        found.append(RailRow(ours=ours, former=earlier, pycolmap=theirs))
    text = f"{rail_bars(found)}\n{rail_table(found)}\n{rival_table(found)}"
    (out / "rail.md").write_text(text, encoding="utf-8")
    return text


def rail_bars(found: Sequence[RailRow]) -> str:
    """Each demand on each set. A rival that was stopped took longer than its limit, so the ratio is an upper bound."""
    rows: list[tuple[str, str, str, str, str]] = []
    for row in found:
        ours = row.ours
        name = ours.name
        near = ours.focal_error <= MOST_FOCAL
        focal = near or (ours.holds_truth and ours.half_width <= MOST_HALF_WIDTH)
        holds = "holds the truth" if ours.holds_truth else "misses the truth"
        said = f"{100 * ours.focal_error:.2f} %; ±{100 * ours.half_width:.2f} %, {holds}"
        rows += [
            ("photos placed", name, str(ours.placed), str(ours.total), _verdict(ours.placed == ours.total)),
            ("camera centres, RMS", name, f"{ours.centres_mm:.3f} mm", "0.3 mm", _verdict(ours.centres_mm <= MOST_CENTRES_MM)),
            ("focal length off by, interval", name, said, "0.1 %, or held by ±0.3 %", _verdict(focal)),
            ("height map, median", name, f"{ours.height_mm:.3f} mm", "0.3 mm", _verdict(ours.height_mm <= MOST_HEIGHT_MM)),
        ]
        if row.former:
            rows.append(
                _ratio(f"whole job over {row.former.commit}", ours, row.former.run.ended, row.former.run.cpu_s, MOST_OF_FORMER)
            )
        if row.pycolmap:
            theirs = row.pycolmap[0]
            rows.append(_ratio("whole job over pycolmap's whole defaults", ours, theirs.ended, theirs.cpu_s, MOST_OF_PYCOLMAP))
    return markdown_table(BAR_HEADS, rows)


def _verdict(held: bool) -> str:
    return "held" if held else "missed"


def _ratio(demand: str, ours: RailOutcome, ended: str, cpu_s: float, most: float) -> tuple[str, str, str, str, str]:
    """A time compared; of a rival that failed, nothing is concluded."""
    ratio = ours.cpu_s / cpu_s
    if ended == "failed":
        verdict = "not measured: it failed"
    elif ended == "stopped" and ratio > most:
        verdict = "not known: it was stopped too early"
    else:
        verdict = _verdict(ratio <= most)
    return demand, ours.name, f"{'under ' if ended == 'stopped' else ''}{ratio:.2f}", f"{most:.2f}", verdict


def rail_table(found: Sequence[RailRow]) -> str:
    """One row a set."""
    return markdown_table(
        SET_HEADS,
        [
            (
                ours.name,
                f"{ours.placed} of {ours.total}",
                f"{ours.centres_mm:.3f}",
                f"{ours.focal_px:.1f} ({ours.true_focal_px:.0f})",
                f"{ours.focal_interval_px[0]:.1f} to {ours.focal_interval_px[1]:.1f}",
                f"{ours.height_mm:.3f}",
                f"{ours.shift_mm:.3f}",
                f"{ours.cpu_s:.0f}",
            )
            for ours in (row.ours for row in found)
        ],
    )


def rival_table(found: Sequence[RailRow]) -> str:
    """One row a set and rival."""
    rows = []
    for row in found:
        ours = row.ours
        if row.former:
            run = row.former.run
            numbers = (run.cpu_s, run.limit_s, row.former.placed, row.former.centres_mm)
            rows.append(_rival(ours, f"Grotto at {row.former.commit}", run.ended, numbers))
        if row.pycolmap:
            theirs, centres_mm = row.pycolmap
            ended = theirs.ended if theirs.ended == "done" else f"{theirs.ended} in {theirs.step}"
            rows.append(
                _rival(ours, "pycolmap's whole defaults", ended, (theirs.cpu_s, theirs.limit_s, theirs.placed, centres_mm))
            )
    return markdown_table(RIVAL_HEADS, rows)


def _rival(ours: RailOutcome, program: str, ended: str, numbers: tuple[float, float, int, float]) -> tuple[str, ...]:
    cpu_s, limit_s, placed, centres_mm = numbers
    centres = "–" if math.isnan(centres_mm) else f"{centres_mm:.2f}"
    ratio = f"{'under ' if ended.startswith('stopped') else ''}{ours.cpu_s / cpu_s:.2f}"
    return ours.name, program, ended, f"{cpu_s:.0f}", f"{limit_s:.0f}", ratio, f"{placed} of {ours.total}", centres


BENCH = Bench(name="wall.rail", title="Rails of 96 photos, whole jobs", run=run, tables=(BAR_HEADS, SET_HEADS, RIVAL_HEADS))
