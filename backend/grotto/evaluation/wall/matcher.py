"""The attention matcher on held-out made walls and on real paint, beside the ratio test on the same points."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...models.lightglue import LIGHTGLUE_ALIKED
from ...models.matching import LoadedMatcher
from ..bench import Bench
from ..markdown import markdown_table
from .matcher_scores import FALSE_INLIERS, UPRIGHT_DEG, WayScores, score_way
from .matcher_sets import SetViews, aliked_views, matcher_sets, views_of
from .matcher_times import Times, matcher_times
from .matcher_ways import Way, lightglue, ways

SEED = 62_000  # of the walls reported: no parameter was chosen on them, and no matcher was trained on them
MAIN = 2  # ways that are compared on all sets; the others, forms of the matcher, on the first alone
BARS = {"thousand figures, little grain": 0.10, "thousand figures, grainy": 0.08}
OTHER_BAR = 0.07
FALSE_SHARE = 1 / 3
BAR_HEADS = (":demand", "found", "bar", ":verdict")
SET_HEADS = (
    ":set",
    ":way",
    "pairs",
    "accuracy",
    "recall",
    "strict recall",
    "recall at .90",
    "recall at .95",
    "turned, recall at .90",
    "turned pairs",
    "false pairs",
    "pairs apart",
)
TURN_HEADS = (
    ":set",
    ":way",
    "upright pairs",
    "upright, accuracy",
    "upright, true pairs found",
    "turned pairs",
    "turned, accuracy",
    "turned, true pairs found",
    "false pairs",
    "pairs apart",
    "CPU s a pair",
    "CPU s a view",
)
TIME_HEADS = ("points", ":part", "CPU s", "with Sinkhorn, CPU s", "saved, %")


def run(
    out: Path,
    seed: int = SEED,
    places: int = 4,
    points: int = 1024,
    pairs: int = 24,
    matcher: str = "",
    others: str = "",
    times_points: int = 2048,
) -> str:
    """Match views of walls that no matcher was trained on, and return the tables.

    Painted figures of $GROTTO_DATA/elements are the set of real paint, where that folder is there. Sets that were scored with
    the same weights are kept in `out`, and so are views: a stopped run goes on where it was.

    Args:
        out: the folder of views and scores
        seed: of the first wall
        places: of a wall that are looked at, four times each
        points: of a view, the largest
        pairs: that overlap, of a set, and at most as many without overlap
        matcher: folder of the matcher; empty takes that which ships
        others: folders of matchers that were trained with other parts, separated by commas: a row each
        times_points: points of a picture for the times; 0 leaves them out
    """
    out.mkdir(parents=True, exist_ok=True)
    data = os.environ.get("GROTTO_DATA", "")
    figures = Path(data) / "elements" if data and (Path(data) / "elements").is_dir() else None
    folders = tuple(Path(word.strip()) for word in others.split(",") if word.strip())
    compared, loaded = ways(Path(matcher) if matcher else None, folders)
    on_aliked = lightglue()
    found: dict[str, list[WayScores]] = {}
    apart: dict[str, list[WayScores]] = {}
    for number, chosen in enumerate(matcher_sets(seed, places, figures is not None)):
        views = views_of(chosen, out / f"set-{number}", figures, points)
        described = [dataclasses.asdict(chosen), points, pairs, loaded.sha256]
        found[chosen.name] = []
        for place, way in enumerate(compared if number == 0 else compared[:MAIN]):
            least = pairs if place < MAIN and not chosen.figures else 0  # painted figures are laid on more than once
            path = out / f"scores-{number}-{place}.json"
            found[chosen.name].append(
                _scored(path, [*described, least, way.name], way, functools.partial(_as_found, views), (pairs, least))
            )
        apart[chosen.name] = found[chosen.name][:MAIN]
        if on_aliked is not None:
            least = 0 if chosen.figures else pairs
            path = out / f"scores-{number}-lightglue.json"
            there = functools.partial(aliked_views, views, out / f"set-{number}", points)
            apart[chosen.name].append(_scored(path, [*described, least, on_aliked.name], on_aliked, there, (pairs, least)))
    text = f"{_about(loaded)}\n{matcher_bars(found)}\n{_table(found)}\n{_turn_text()}{_turn_table(apart)}"
    if times_points:
        text += f"\n{_time_table(_times(out / 'times.json', loaded, times_points))}"
    if figures is None:
        text += "\nWithout real paint: GROTTO_DATA has no folder `elements`.\n"
    if on_aliked is None:
        text += f"\nLightGlue on ALIKED: not measured, as the weights {LIGHTGLUE_ALIKED} are not installed.\n"
    (out / "matcher.md").write_text(text, encoding="utf-8")
    return text


def matcher_bars(found: dict[str, list[WayScores]]) -> str:
    """The demands: recall over the best ratio test at the same accuracy, and false pairs."""
    rows = []
    for name, scores in found.items():
        ratio, attention = scores[0], scores[1]
        gain, bar = attention.recall_at[0] - ratio.recall_at[0], BARS.get(name, OTHER_BAR)
        what = f"recall at accuracy .90 above the best ratio test, {name}"
        rows.append((what, f"{gain:+.4f}", f"{bar:+.2f}", "held" if gain >= bar else "missed"))
    false = [sum(scores[way].apart_verified for scores in found.values()) for way in (0, 1)]
    apart = sum(scores[0].apart_pairs for scores in found.values())
    held = false[1] <= FALSE_SHARE * false[0]
    what = f"pairs without overlap, of {apart}, of which {FALSE_INLIERS} matches agree (ratio test: {false[0]})"
    rows.append((what, str(false[1]), f"{FALSE_SHARE * false[0]:.1f}", "held" if held else "missed"))
    return markdown_table(BAR_HEADS, rows)


def _about(loaded: LoadedMatcher) -> str:
    card = loaded.card
    return (
        f"Weights {loaded.sha256[:12]}, trained on {card.get('pairs_seen', 'unknown')} pairs; views of 640 x 480 px, "
        f"points of the product's own extractor. Turned pairs: by more than {UPRIGHT_DEG:.0f} degrees.\n"
    )


def _table(found: dict[str, list[WayScores]]) -> str:
    rows = []
    for name, scores in found.items():
        for one in scores:
            rows.append(
                (
                    name,
                    one.way,
                    str(one.pairs),
                    _part(one.accuracy),
                    _part(one.recall),
                    _part(one.strict_recall),
                    *(_part(value) for value in one.recall_at),
                    _part(one.turned_recall_at),
                    str(one.turned_pairs),
                    str(one.apart_verified) if one.apart_pairs else "–",
                    str(one.apart_pairs) if one.apart_pairs else "–",
                )
            )
    return markdown_table(SET_HEADS, rows)


def _turn_text() -> str:
    return (
        f"Pairs turned by at most {UPRIGHT_DEG:.0f} degrees and by more, at each way's threshold, on its own points: true pairs "
        "are mutual within 3 px, whichever their orientation and size. Times are CPU-seconds of all threads.\n\n"
    )


def _turn_table(found: dict[str, list[WayScores]]) -> str:
    """Upright and turned pairs apart, each way on its own points, with true pairs that ask for no orientation."""
    rows = []
    for name, scores in found.items():
        for one in scores:
            upright = one.pairs - one.turned_pairs
            parts = (str(upright), _part(one.upright_accuracy), _part(one.upright_found))
            turned = (str(one.turned_pairs), _part(one.turned_accuracy), _part(one.turned_found))
            false = (str(one.apart_verified), str(one.apart_pairs)) if one.apart_pairs else ("–", "–")
            rows.append((name, one.way, *parts, *turned, *false, _part(one.pair_cpu_s), _part(one.view_cpu_s)))
    return markdown_table(TURN_HEADS, rows)


def _times(path: Path, loaded: LoadedMatcher, points: int) -> Times:
    """The times, measured or read."""
    identity = f"{loaded.sha256} {points}"
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["of"] == identity:
            return Times(**kept["times"])
    times = matcher_times(loaded.network, points)
    path.write_text(json.dumps({"of": identity, "times": dataclasses.asdict(times)}) + "\n", encoding="utf-8")
    return times


def _time_table(times: Times) -> str:
    def row(part: str, ours: float, sinkhorn: float) -> tuple[str, ...]:
        return str(times.points), part, f"{ours:.3f}", f"{sinkhorn:.3f}", f"{100 * (1 - ours / sinkhorn):.0f}"

    return markdown_table(
        TIME_HEADS,
        [
            row("assignment alone", times.assignment, times.sinkhorn),
            row("whole matcher", times.network + times.assignment, times.network + times.sinkhorn),
            (str(times.points), "nearest neighbours with ratio", f"{times.ratio:.3f}", "–", "–"),
        ],
    )


def _as_found(views: SetViews) -> tuple[SetViews, float]:
    """The product's own points, whose time is not measured here."""
    return views, float("nan")


def _scored(
    path: Path,
    described: list[Any],
    way: Way,
    views: Callable[[], tuple[SetViews, float]],  # and the CPU-seconds of finding a view's points
    most: tuple[int, int],  # pairs that overlap, and pairs apart
) -> WayScores:
    """The scores of one way, measured or read."""
    identity = json.dumps([*described, [field.name for field in dataclasses.fields(WayScores)]])
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["of"] == identity:
            return WayScores(**{**kept["scores"], "recall_at": tuple(kept["scores"]["recall_at"])})
    there, view_cpu_s = views()
    scores = score_way(way, there, *most, view_cpu_s)
    path.write_text(json.dumps({"of": identity, "scores": dataclasses.asdict(scores)}, indent=1) + "\n", encoding="utf-8")
    return scores


def _part(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"


BENCH = Bench(
    name="wall.matcher",
    title="Attention matcher beside the ratio test",
    run=run,
    tables=(BAR_HEADS, SET_HEADS, TURN_HEADS, TIME_HEADS),
)
