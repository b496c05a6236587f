"""The murals' paper's tables, remade on made walls: which bench stands for which table, and one page of them all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract import Progress, bad_input, from_flat
from ...contract.options import MakeWallOptions
from ..bench import Bench

RAIL_STYLES = ("narrative", "faded", "thousand", "mixed")
RAILS = {"rail-100": (16, 6), "rail-200": (20, 10)}  # columns and rows of photos
RAIL_SEED = 84_000
PAGE = "wall.md"
NO_TABLE_3 = (
    "Table 3 lists the coverage of the paper's own murals and has no counterpart here. Its photographs are not public, so every "
    "table below is of generated walls, whose truth is exact. A reprojection error, which Tables 4 to 8 judge by, is shown where "
    "a bench has it and is no verdict: a bent wall has as small a one."
)


@dataclass(frozen=True, kw_only=True)
class PaperPart:
    """One part of the page: a bench in the place of tables of the paper."""

    name: str
    bench: str
    tables: tuple[str, ...]  # of the paper; empty for what the paper has no table of
    holds: str  # what those tables hold
    lacks: str  # what of them is not measured here, or differs
    runs: tuple[tuple[str, Mapping[str, Any]], ...] = (("", {}),)  # title and options of each run of the bench


def _rail_runs(name: str) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    columns, rows = RAILS[name]
    values = {"columns": columns, "rows": rows}
    return tuple(
        (style, {"make": from_flat(MakeWallOptions, {**values, "style": style, "seed": RAIL_SEED + columns + number})})
        for number, style in enumerate(RAIL_STYLES)
    )


OTHER_PROGRAMS = "VisualSFM, OpenMVG and MVE are not run: none of them is a package of this project"
WHOLE_DEFAULTS = "pycolmap gets our features and verified pairs; its own whole pipeline runs in the part rail, on 96 photos"
PARTS: tuple[PaperPart, ...] = (
    PaperPart(
        name="matcher",
        bench="wall.matcher",
        tables=("Table 1", "Table 2"),
        holds="Table 1, accuracy, recall (within 5 px of a homography) and time of nearest neighbours, SuperGlue, LightGlue "
        "and the paper's matcher; Table 2, the matcher without its gate, and with Sinkhorn",
        lacks="SuperGlue is not run, and LightGlue only where its weights are installed, on ALIKED's points. The other ways "
        "have SIFT's points, not SuperPoint's. Of Table 2, gate and Sinkhorn are "
        "exchanged in trained weights; forms that are trained apart are rows only where their folders are given to the bench",
    ),
    PaperPart(
        name="rail-100",
        bench="wall",
        tables=("Table 4", "Table 6"),
        holds="Table 4, mean reprojection error of five programs on the same matches, on four sets of about 100 photos; Table 6, "
        "whole systems on about 100 photos of each mural",
        lacks=f"{OTHER_PROGRAMS}. For Table 6, {WHOLE_DEFAULTS}",
        runs=_rail_runs("rail-100"),
    ),
    PaperPart(
        name="rail",
        bench="wall.rail",
        tables=("Table 6",),
        holds="whole systems on about 100 photos of each mural",
        lacks=f"{OTHER_PROGRAMS}. pycolmap's whole pipeline is stopped at a multiple of our time",
    ),
    PaperPart(
        name="edges",
        bench="wall.edges",
        tables=("Table 5",),
        holds="reprojection error and time of edge-based adjustment, beside adjustment of all photos",
        lacks="",
    ),
    PaperPart(
        name="rail-200",
        bench="wall",
        tables=("Table 7",),
        holds="whole systems on about 200 photos of each mural",
        lacks=f"{OTHER_PROGRAMS}. {WHOLE_DEFAULTS}",
        runs=_rail_runs("rail-200"),
    ),
    PaperPart(
        name="crops",
        bench="wall.crops",
        tables=("Table 8",),
        holds="share of 500 groups of 121 crops (of paintings of MuralDH) that are reconstructed, 70.6 % by the paper's system, "
        "minutes a group, and reprojection error",
        lacks="The paintings are made, as MuralDH is not at hand, and the groups are 20. In place of a reprojection error stands "
        "the true error. VisualSFM is not run; pycolmap's whole defaults run on two groups, stopped at 5 times our CPU time",
    ),
    PaperPart(name="archive", bench="wall.archive", tables=(), holds="", lacks=""),
    PaperPart(name="lenses", bench="wall.lenses", tables=(), holds="", lacks=""),
)


def all_parts(benches: Mapping[str, Bench]) -> tuple[PaperPart, ...]:
    """The parts of the page, and behind them each bench of walls that none of them names."""
    named = {part.bench for part in PARTS}
    others = sorted(name for name in benches if name.startswith("wall.") and name not in named)
    return (
        *PARTS,
        *(PaperPart(name=name.removeprefix("wall."), bench=name, tables=(), holds="", lacks="") for name in others),
    )


def evaluate_wall(out: Path, chosen: Sequence[str], at_most: int, benches: Mapping[str, Bench], report: Progress) -> str:
    """Run the benches of the chosen parts into `out`, write the page, and return it; a stopped run goes on where it was.

    chosen: names of parts, all where there is none. at_most: in each part, measure no more than this many sets that are not
    finished yet (0: all; below 0: none, only the page). Raises bad input for unknown parts.
    """
    parts = all_parts(benches)
    names = [part.name for part in parts]
    if unknown := [name for name in chosen if name not in names]:
        raise bad_input(f"there is no {unknown[0]}", f"choose of {', '.join(names)}")
    out.mkdir(parents=True, exist_ok=True)
    wanted = [part for part in parts if not chosen or part.name in chosen]
    texts = []
    for number, part in enumerate(wanted):
        report(number / len(wanted), part.name)
        texts.append(f"## {_title(part)}\n\n{_section(part, out, at_most, benches.get(part.bench))}")
        page = "\n".join([f"# Walls, by the tables of the murals' paper\n\n{NO_TABLE_3}\n", *texts])
        (out / PAGE).write_text(page, encoding="utf-8")  # after each part: a run takes hours, and may be stopped
    report(1.0, "done")
    return page


def _title(part: PaperPart) -> str:
    return f"{' and '.join(part.tables)}: {part.name}" if part.tables else f"Beyond the paper: {part.name}"


def _section(part: PaperPart, out: Path, at_most: int, bench: Bench | None) -> str:
    words = [f"In the paper: {part.holds}."] if part.holds else []
    words += [f"What differs: {part.lacks}."] if part.lacks else []
    if bench is None:
        return "\n\n".join([*words, f"**Not measured yet: there is no bench {part.bench}.**"]) + "\n"
    left = at_most or len(part.runs)
    for title, options in part.runs:
        folder = out / part.name / title if title else out / part.name
        text, added = _table(bench, folder, options, at_most, left)
        left -= added
        words.append(f"### {part.name}, {title}\n\n{text.strip()}" if title else text.strip())
    return "\n\n".join(words) + "\n"


def _table(bench: Bench, folder: Path, options: Mapping[str, Any], at_most: int, left: int) -> tuple[str, int]:
    """The bench's text, and how many sets it added: a bench without `at_most` is one set, and its text is kept."""
    run: Callable[..., str] = bench.run
    if "at_most" in inspect.signature(run).parameters:
        return run(out=folder, at_most=at_most, **options), 0
    kept = folder.with_name(f"{folder.name}.finished.md")
    if kept.is_file():
        return kept.read_text(encoding="utf-8"), 0
    if left <= 0:
        return "**Not measured yet.**", 0
    text = run(out=folder, **options)
    kept.write_text(text, encoding="utf-8")
    return text, 1
