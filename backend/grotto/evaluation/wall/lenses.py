"""Lenses of one picture size without EXIF: are two told apart, is one left whole, do intervals hold the true focal length?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..bench import Bench
from ..markdown import markdown_table
from .lens_sets import CAPTURES, LensOutcome, LensSet, measured, one_lens_sets, two_lens_sets

RATIOS = (1.02, 1.1, 1.4, 2.0)
TWO_SEED, HAND_SEED, ONE_SEED = 7100, 8100, 9100  # of the sets reported: no parameter was chosen on them
BAR_HEADS = (":demand", "held", "of", "bar", ":verdict")
TWO_HEADS = (
    ":photos",
    ":wall",
    ":second lens",
    "ratio",
    "photos placed",
    "lenses",
    "photos astray",
    ":focal lengths (true), px",
    "width off, %",
    ":scale",
    "s",
)
ONE_HEADS = (
    ":sets",
    "n",
    "split",
    "refused",
    "doubted",
    "intervals that hold",
    "median half width, %",
    "median error, %",
    "s each",
)
WIDTH = 0.005


def run(
    out: Path,
    walls: bool = True,
    singles: int = 40,
    two_seed: int = TWO_SEED,
    hand_seed: int = HAND_SEED,
    one_seed: int = ONE_SEED,
    at_most: int = 0,
) -> str:
    """Find the cameras of made walls with two lenses and with one, as a draft job does, and return the tables.

    A stopped run goes on where it was: finished sets are kept in `out`.

    Args:
        out: the folder of outcomes, one file a set
        walls: measure the walls with two lenses, of each ratio: three from a rail, three by hand
        singles: sets of 9 photos of 600 px with one lens
        two_seed: of the first wall with two lenses, from a rail
        hand_seed: of the first wall with two lenses, by hand
        one_seed: of the first set with one lens
        at_most: measure no more than this many sets that are not finished yet; 0: all, below 0: none
    """
    out.mkdir(parents=True, exist_ok=True)
    rail = two_lens_sets(two_seed, RATIOS, "rail") if walls else []
    hand = two_lens_sets(hand_seed, RATIOS, "by hand") if walls else []
    left = [at_most or len(rail) + len(hand) + singles]
    pairs = _all(hand, out / f"hand-{hand_seed}", left) + _all(rail, out / f"two-{two_seed}", left)
    ones = _all(one_lens_sets(one_seed, singles), out / f"one-{one_seed}", left)
    text = ""
    whole_run = len(pairs) == len(rail) + len(hand) and len(ones) == singles
    for part in (bars(pairs, ones, whole_run), two_table(pairs), one_table(ones)):
        text += f"{part}\n" if part else ""
    (out / "lenses.md").write_text(text, encoding="utf-8")
    return text


def _all(sets: list[LensSet], out: Path, left: list[int]) -> list[LensOutcome]:
    out.mkdir(parents=True, exist_ok=True)
    found = []
    for chosen in sets:
        finished = any(path.stem == chosen.stem for path in out.glob("*.json"))
        if left[0] <= 0 and not finished:
            continue
        found.append(measured(chosen, out))
        left[0] -= not finished
    return found


def bars(two: list[LensOutcome], one: list[LensOutcome], whole_run: bool = True) -> str:
    """The demands as a table, each over the sets that were measured; of a part of a run, the verdict says so."""
    so_far = "" if whole_run else " so far"
    clear = {capture: [found for found in two if found.ratio >= 1.3 and found.capture == capture] for capture in CAPTURES}
    faint = [found for found in two if found.ratio < 1.3]
    rows = [
        *(
            (f"ratios 1.4 and 2 solved, width within 0.5 %, {capture}", sum(map(solved, sets)), len(sets), len(sets))
            for capture, sets in clear.items()
        ),
        ("ratios 1.02 and 1.1 solved or called arbitrary", sum(honest(found) for found in faint), len(faint), len(faint)),
        ("sets with one lens neither split nor refused", sum(whole(found) for found in one), len(one), len(one)),
        ("intervals that hold the true focal length", sum(found.held for found in one), len(one), int(np.ceil(0.9 * len(one)))),
    ]
    return markdown_table(
        BAR_HEADS,
        [
            (what, str(held), str(of), str(bar), ("held" if held >= bar else "missed") + so_far)
            for what, held, of, bar in rows
            if of
        ],
    )


def solved(found: LensOutcome) -> bool:
    """Whether all photos stand with their own lens, and widths are right."""
    return not found.refused and found.mixed == 0 and found.metric and found.width_error <= WIDTH


def honest(found: LensOutcome) -> bool:
    """Whether the set is solved, or its scale is called arbitrary."""
    return solved(found) or (not found.refused and not found.metric)


def whole(found: LensOutcome) -> bool:
    """Whether a set with one lens was neither split nor refused."""
    return not found.refused and found.lenses == 1


def two_table(outcomes: list[LensOutcome]) -> str:
    """One row a set with two lenses; empty without any."""
    rows = [
        (
            found.capture,
            found.name.split(",")[0],
            found.pattern,
            f"{found.ratio:g}",
            f"{found.placed} of {found.total}",
            str(found.lenses),
            str(found.mixed),
            "; ".join(f"{focal:.0f} ({true:.0f})" for focal, true in zip(found.focal_px, found.true_px, strict=True)),
            f"{100 * found.width_error:.2f}",
            "refused" if found.refused else "metric" if found.metric else "arbitrary",
            f"{found.seconds:.0f}",
        )
        for found in outcomes
    ]
    return markdown_table(TWO_HEADS, rows) if rows else ""


def one_table(outcomes: list[LensOutcome]) -> str:
    """The sets with one lens, by style and together; empty without any."""
    rows = [_one_row("all", outcomes)] if outcomes else []
    return markdown_table(ONE_HEADS, rows) if rows else ""


def _one_row(name: str, outcomes: list[LensOutcome]) -> tuple[str, ...]:
    single = [found for found in outcomes if found.lenses == 1 and found.interval_px[0][1] > 0]
    half = [(found.interval_px[0][1] - found.interval_px[0][0]) / 2 / found.focal_px[0] for found in single]
    error = [abs(found.focal_px[0] / found.true_px[0] - 1) for found in single]
    return (
        name,
        str(len(outcomes)),
        str(sum(found.lenses > 1 for found in outcomes)),
        str(sum(bool(found.refused) for found in outcomes)),
        str(sum(bool(found.doubts) for found in outcomes)),
        str(sum(found.held for found in outcomes)),
        f"{100 * float(np.median(half)):.2f}" if half else "–",
        f"{100 * float(np.median(error)):.2f}" if error else "–",
        f"{float(np.median([found.seconds for found in outcomes])):.0f}",
    )


BENCH = Bench(name="wall.lenses", title="Lenses of made walls", run=run, tables=(BAR_HEADS, TWO_HEADS, ONE_HEADS))
