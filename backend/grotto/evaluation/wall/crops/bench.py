"""Groups of crops of painted walls: are all placed in one piece, how exactly, and what do pycolmap's defaults make of them?"""

from __future__ import annotations

import math
from pathlib import Path

from ....contract.options import MakeWallOptions
from ...bench import Bench
from ...markdown import markdown_table
from .baseline import DefaultsOutcome, measured_defaults
from .groups import STAGES, CropOutcome, crop_groups, group_name, made_group, measured

SEED, GROUPS, COLUMNS, PAINTING_PX = 83_000, 20, 11, 6000  # of the groups reported: no parameter was chosen on them
LEAST_COMPLETE, MOST_PX = 0.95, 0.1
BAR_HEADS = (":demand", "found", "of", "bar", ":verdict")
GROUP_HEADS = (
    ":group",
    ":style",
    "grain",
    "placed",
    "pieces",
    "pairs compared",
    "error, px",
    "worst place, px",
    *(f"{stage}, CPU s" for stage in STAGES),
    "all, CPU s",
)
DEFAULTS_HEADS = (
    ":group",
    ":pycolmap's defaults",
    "CPU s",
    "limit, CPU s",
    "placed",
    "models",
    "focal length, px",
    "centres, px",
)


def run(
    out: Path,
    seed: int = SEED,
    groups: int = GROUPS,
    columns: int = COLUMNS,
    painting_px: int = PAINTING_PX,
    baselines: int = 2,
    at_most: int = 0,
) -> str:
    """Cut paintings into crops, find each group's mosaic as a draft job does, and return the tables.

    A stopped run goes on where it was: finished groups are kept in `out`. pycolmap runs on the first groups, on its own
    features, with all pairs, stopped after 5 times our CPU time.

    Args:
        out: the folder of groups, one folder and one file of outcomes each
        seed: of the first group
        groups: how many
        columns: crops along each side of a painting
        painting_px: side of the square painting
        baselines: groups that pycolmap's defaults run on, too
        at_most: measure no more than this many groups that are not finished yet; 0: all, below 0: none
    """
    out.mkdir(parents=True, exist_ok=True)
    left = at_most or groups
    found: list[tuple[MakeWallOptions, CropOutcome]] = []
    for make in crop_groups(seed, groups, columns, painting_px):
        finished = (out / f"{group_name(make)}.json").is_file()
        if not finished and left <= 0:
            continue
        left -= not finished
        found.append((make, measured(make, out)))
    defaults = []
    for make, outcome in found[:baselines]:
        name = group_name(make)
        if at_most >= 0 or (out / f"{name}-pycolmap.json").is_file():
            defaults.append(measured_defaults(name, out / name, made_group(make, out / name), outcome.seconds, out))
    outcomes = [outcome for _, outcome in found]
    text = f"{crop_bars(outcomes, groups)}\n{crop_table(outcomes)}"
    text += f"\n{defaults_table(defaults)}" if defaults else ""
    (out / "crops.md").write_text(text, encoding="utf-8")
    return text


def crop_bars(found: list[CropOutcome], groups: int) -> str:
    """The demands, over the groups that were measured; of a part of a run, the verdict says so."""
    so_far = "" if len(found) == groups else f", {len(found)} of {groups} groups measured"
    whole = [one for one in found if one.complete]
    exact = sum(one.error_px <= MOST_PX for one in whole)
    least = math.ceil(LEAST_COMPLETE * len(found))
    rows = [
        ("groups with all crops in one piece", len(whole), len(found), least),
        (f"of those, groups with an error of at most {MOST_PX:g} px", exact, len(whole), len(whole)),
    ]
    return markdown_table(
        BAR_HEADS,
        [
            (what, str(held), str(of), str(bar), (("held" if held >= bar else "missed") if of else "not measured") + so_far)
            for what, held, of, bar in rows
        ],
    )


def crop_table(found: list[CropOutcome]) -> str:
    """One row a group."""
    return markdown_table(
        GROUP_HEADS,
        [
            (
                one.name,
                one.style,
                f"{one.grain:g}",
                f"{one.placed} of {one.total}",
                str(one.pieces),
                str(one.compared),
                _px(one.error_px),
                _px(one.worst_px),
                *(f"{one.cpu_s[stage]:.0f}" if stage in one.cpu_s else "–" for stage in STAGES),
                f"{one.seconds:.0f}",
            )
            for one in found
        ],
    )


def defaults_table(found: list[DefaultsOutcome]) -> str:
    """One row a group that pycolmap's defaults ran on."""
    return markdown_table(
        DEFAULTS_HEADS,
        [
            (
                one.name,
                "done" if one.ended == "done" else f"{one.ended} in {one.step}",
                f"{one.cpu_s:.0f}",
                f"{one.limit_s:.0f}",
                str(one.placed) if one.ended == "done" else "–",
                str(one.models) if one.ended == "done" else "–",
                "–" if one.placed == 0 else f"{one.focal_px[0]:.0f} to {one.focal_px[1]:.0f}",
                _px(one.centre_px),
            )
            for one in found
        ],
    )


def _px(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}" if value < 1 else f"{value:.1f}" if value < 100 else "over 100"


BENCH = Bench(name="wall.crops", title="Crops of flat paintings", run=run, tables=(BAR_HEADS, GROUP_HEADS, DEFAULTS_HEADS))
