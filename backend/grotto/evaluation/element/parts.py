"""Parts of drawn figures against the truth, and of painted ones. Each job stays, so that a stopped run continues."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...relief.parts import cue_weights, neighbours, order_cues, part_labels, rank_parts
from ...synthetic import DrawnParts, drawn_fan
from ..bench import Bench
from ..markdown import markdown_table
from .figures import figures_in
from .jobs import relief_job

_MOST = 20
_BORDER_PX = 12  # parts with a shorter common border do not count as neighbours
_SHAPES = (3, 4, 5, 6, 7, 8)
_JOBS: dict[str, dict[str, Any]] = {"figure": {"parts": "auto"}, "layers": {"shape": "layers"}}
_TILE_PX = 180
DRAWN_HEADS = (":drawn figures", "figures", "all shapes found", "neighbours in order", "T-junctions right")
PICTURE_HEADS = (
    ":picture",
    "parts",
    "levels",
    "agreement",
    "parts and order, s",
    ":closed",
    "front p95, % of the relief's height",
    "thickness %",
    "SSIM",
    "layers",
    "layers' SSIM",
    "layers' PSNR dB",
    "layers, s",
)
_CROP = 0.07  # of a preview, on each side


@dataclass
class Agreement:
    """Counts of parts and orders that agree with those of drawn figures."""

    figures: int = 0
    whole: int = 0  # figures of which every shape was found
    right: int = 0  # neighbours brought into their true order
    neighbours: int = 0
    votes_right: int = 0  # of T-junctions
    votes: int = 0

    def add(self, drawn: DrawnParts) -> None:
        """Count one more figure. A shape that a band cuts in two is two parts."""
        labels = part_labels(drawn.colour, drawn.alpha, _MOST)
        votes = order_cues(labels)
        order = rank_parts(cue_weights(votes, int(labels.max())))
        shows = drawn.shown_by(labels)
        place = {part: place for place, part in enumerate(order)}
        self.figures += 1
        self.whole += set(shows.values()) == {int(shape) for shape in np.unique(drawn.shape) if shape}
        for (one, other), length in neighbours(labels).items():
            if 0 < one < other and length >= _BORDER_PX and shows[one] != shows[other]:
                self.neighbours += 1
                self.right += (place[one] > place[other]) == (shows[one] > shows[other])
        junctions = [(shows[vote.front], shows[vote.behind]) for vote in votes if vote.cue == "t_junction"]
        self.votes += sum(front != behind for front, behind in junctions)
        self.votes_right += sum(front > behind for front, behind in junctions)


def drawn_table(figures: int) -> str:
    """Markdown: how often parts and their order are found on random drawn figures, without and with bands across them."""
    rows = []
    for ribbons in (0, 1, 2):
        found = Agreement()
        for seed in range(figures):
            found.add(drawn_fan(seed, count=_SHAPES[seed % len(_SHAPES)], ribbons=ribbons))
        name = "3 to 8 ellipses" + ("" if ribbons == 0 else f" and {ribbons} band{'s' * (ribbons > 1)}")
        ordered = f"{100 * found.right / max(found.neighbours, 1):.1f} % of {found.neighbours}"
        junctions = f"{100 * found.votes_right / max(found.votes, 1):.1f} % of {found.votes}"
        rows.append((name, str(found.figures), str(found.whole), ordered, junctions))
    return markdown_table(DRAWN_HEADS, rows)


def run(pictures: Path, /, out: Path, drawn: int = 60, shown: tuple[str, ...] = ("apsara", "lady_robe", "wing_spirit")) -> str:
    """Measure parts on drawn figures, make every picture of a folder into a figure of parts and into layers; return the tables.

    Args:
        pictures: folder of painted figures
        out: the folder of jobs, tables and picture
        drawn: number of drawn figures of each kind
        shown: names of the pictures in parts.jpg
    """
    sources = figures_in(pictures)
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    tiles = []
    for source in sources:
        made = {kind: relief_job(source, _JOBS[kind], out / f"{source.stem}-{kind}") for kind in _JOBS}
        rows.append(_row(source.stem, made, out / f"{source.stem}-layers"))
        if source.stem in shown:
            tiles.append(_tile(out / f"{source.stem}-figure", out / f"{source.stem}-layers"))
    if tiles:
        Image.fromarray(np.concatenate(tiles)).save(out / "parts.jpg", quality=80)
    text = drawn_table(drawn) + "\n" + markdown_table(PICTURE_HEADS, rows)
    (out / "parts.md").write_text(text, encoding="utf-8")
    return text


def _row(name: str, made: dict[str, dict[str, Any]], layers: Path) -> tuple[str, ...]:
    figure, stack = made["figure"]["facts"], made["layers"]["facts"]
    order = json.loads((layers / "order" / "parts.json").read_text(encoding="utf-8"))
    depth = 1 + max(row["level"] for row in order["parts"])
    closed = "yes" if figure["watertight"] else "NO"
    parts = str(stack["parts"]) if "parts" in figure else f"{stack['parts']}, left off"
    times = made["layers"]["timings"]
    return (
        name,
        parts,
        str(depth),
        f"{stack['parts_agreement']:.2f}",
        f"{times['parts'] + times['order']:.1f}",
        closed,
        f"{100 * figure['relief_error_p95']:.2f}",
        f"{100 * figure['thickness_of_width']:.0f}",
        f"{figure['input_view_ssim']:.4f}",
        str(len(stack["layers"])),
        f"{stack['input_view_ssim']:.4f}",
        f"{stack['input_view_psnr_db']:.1f}",
        f"{times['layers']:.1f}",
    )


def _tile(figure: Path, layers: Path) -> Any:
    """Draw the numbered parts; to their right the body and, below it, the layers, from 0, 35, 70 and 180 degrees."""
    numbered = Image.open(layers / "order" / "numbered.png").convert("RGB")
    strips = [Image.open(path).convert("RGB") for path in _previews((figure, layers))]
    height = 2 * _TILE_PX
    row = Image.new("RGB", (2 * _TILE_PX + 4 * _TILE_PX, height), (255, 255, 255))
    numbered.thumbnail((2 * _TILE_PX, height), Image.Resampling.LANCZOS)
    row.paste(numbered, (_TILE_PX - numbered.width // 2, _TILE_PX - numbered.height // 2))
    for number, strip in enumerate(strips):
        side = strip.height
        for turn in range(4):
            inner = strip.crop(
                (round((turn + _CROP) * side), round(_CROP * side), round((turn + 1 - _CROP) * side), round((1 - _CROP) * side))
            )
            small = inner.resize((_TILE_PX, _TILE_PX), Image.Resampling.LANCZOS)
            row.paste(small, ((2 + turn) * _TILE_PX, number * _TILE_PX))
    return np.asarray(row)


def _previews(jobs: Sequence[Path]) -> list[Path]:
    found = []
    for job in jobs:
        assets = json.loads((job / "result.json").read_text(encoding="utf-8"))["assets"]
        found.append(job / next(asset["path"] for asset in assets if asset["kind"] == "preview"))
    return found


BENCH = Bench(name="element.parts", title="Parts and layers", run=run, tables=(DRAWN_HEADS, PICTURE_HEADS))
