"""Painted figures on made murals, found and cut out by the recipe cut."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import JobRequest, bad_input, from_flat, to_flat
from ...contract.recipes import to_nested
from ...recipes import RECIPES
from ...runner import run_here
from ..bench import Bench
from ..scenes import MURAL_STYLES, Colour, Element, Laid, element_of, mural_of
from .table import MURAL_HEADS, MuralScore, cut_table, element_heads

_A_MURAL = 7  # elements at most
_LARGE_PX = 20_000
_DRAWN_PX = 620  # width of a mural in the picture


@dataclass(frozen=True)
class Proposal:
    """An element that was cut out: its box on the mural, and its mask in it."""

    box: tuple[int, int, int, int]
    mask: NDArray[np.bool_]


def run(
    elements: Path,
    /,
    *,
    out: Path,
    styles: tuple[str, ...] = MURAL_STYLES,
    seeds: tuple[int, ...] = (0, 1),
    width_px: int = 2000,
    quality: str = "draft",
    large: bool = False,
) -> str:
    """Lay the elements onto murals, cut each mural, compare, write cut.md, cut.json and cut.jpg, and return the table.

    Args:
        elements: folder of elements on white
        out: the folder of murals, jobs, table and picture; finished jobs are used again
        styles: of plain, narrative and mixed
        seeds: of walls and places; each mural has about half of the elements, in turns
        width_px: of the murals
        quality: of the recipe cut
        large: also a narrative mural of 20,000 px, for its time and memory
    """
    files = sorted(elements.glob("*.png"))
    if not files:
        raise bad_input(f"{elements} holds no element", "name the folder of elements on white")
    out.mkdir(parents=True, exist_ok=True)
    known = [element_of(path.stem, _read(path)) for path in files]
    runs = [(style, seed, width_px) for style in styles for seed in seeds]
    runs += [("narrative", 0, _LARGE_PX)] if large else []
    scores, drawn = [], []
    for style, seed, width in runs:
        chosen = [element for number, element in enumerate(known) if number % 2 == seed % 2][:_A_MURAL]
        score, picture = _one(style, seed, width, chosen, quality, out)
        scores.append(score)
        (out / "cut.json").write_text(json.dumps([asdict(score) for score in scores], indent=1) + "\n", encoding="utf-8")
        if seed == seeds[0] and width == width_px:
            drawn.append(picture)
    if drawn:
        Image.fromarray(np.hstack(drawn)).save(out / "cut.jpg", quality=72)
    text = cut_table(scores)
    (out / "cut.md").write_text(text, encoding="utf-8")
    return text


def _one(style: str, seed: int, width: int, elements: list[Element], quality: str, out: Path) -> tuple[MuralScore, Colour]:
    wall, laid = mural_of(style, seed, elements, width)
    source = out / f"{style}-{seed}-{width}.jpg"
    if not source.is_file():
        cv2.imwrite(str(source), wall[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    size = wall.shape[1], wall.shape[0]
    small = np.asarray(
        cv2.resize(wall, (_DRAWN_PX, round(_DRAWN_PX * size[1] / size[0])), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
    del wall
    result, found = _cut(source, quality, out / f"{source.stem}-job")
    best = {one.name: max((overlap(one, proposal) for proposal in found), default=0.0) for one in laid}
    score = MuralScore(
        style=style,
        seed=seed,
        width=size[0],
        height=size[1],
        best=best,
        proposals=len(found),
        way=result["facts"]["cut_out_by"],
        seconds=sum(result["timings"].values()),
        peak_mb=float(result["facts"]["peak_memory_mb"]),
    )
    nearest = [max(found, key=lambda proposal: overlap(one, proposal)) for one in laid if best[one.name] > 0]
    return score, _outlined(small, laid, nearest, size[0])


def _cut(source: Path, quality: str, out: Path) -> tuple[dict[str, Any], list[Proposal]]:
    """Cut a mural; returns the result's manifest and the proposals, none where nothing was found."""
    entry = RECIPES["cut"]
    options = from_flat(entry.options, {**to_flat(entry.qualities[quality]), "segmenter": "classical"})
    path = out / "result.json"
    if not path.is_file():
        request = JobRequest("cut", str(source.absolute()), str(out.absolute()), to_nested(options))
        with Path(os.devnull).open("w") as quiet:
            run_here(entry.module, request, quiet)
    if not path.is_file():
        raise bad_input(f"{source.name} was not cut", f"see {out}/worker.log")
    result = json.loads(path.read_text(encoding="utf-8"))
    found = []
    for row in result["facts"]["elements"]:
        cut = cv2.imread(str(out / row["picture"]), cv2.IMREAD_UNCHANGED)  # Pillow warns of pictures this large
        if cut is None:
            raise bad_input(f"{row['picture']} cannot be read", f"cut {source.name} again")
        found.append(Proposal(tuple(row["box_px"]), np.asarray(cut[..., 3] >= 128)))
    return result, found


def overlap(laid: Laid, found: Proposal) -> float:
    """Compute intersection over union of the true mask and a proposal's."""
    left, top = max(laid.box[0], found.box[0]), max(laid.box[1], found.box[1])
    right, bottom = min(laid.box[2], found.box[2]), min(laid.box[3], found.box[3])
    if left >= right or top >= bottom:
        return 0.0
    one, other = (
        item.mask[top - item.box[1] : bottom - item.box[1], left - item.box[0] : right - item.box[0]] for item in (laid, found)
    )
    shared = int((one & other).sum())
    return shared / (int(laid.mask.sum()) + int(found.mask.sum()) - shared)


def _outlined(small: Colour, laid: list[Laid], nearest: list[Proposal], width: int) -> Colour:
    """Draw the reduced mural, paler, with the true outlines in white and those of the nearest proposals in magenta."""
    drawn, scale = np.ascontiguousarray(small // 2 + 70), small.shape[1] / width
    for items, colour, line in ((nearest, (255, 0, 200), 2), (laid, (255, 255, 255), 1)):
        for item in items:
            curves, _ = cv2.findContours(item.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            moved = [np.round((curve + np.array(item.box[:2])) * scale).astype(np.int32) for curve in curves]
            cv2.polylines(drawn, moved, True, colour, line, cv2.LINE_AA)
    return drawn


def _read(path: Path) -> Colour:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise bad_input(f"{path.name} cannot be read", "leave only pictures in the folder")
    return np.asarray(pixels[..., ::-1], dtype=np.uint8)


BENCH = Bench(name="cut", title="Elements of murals", run=run, tables=(MURAL_HEADS, element_heads(MURAL_STYLES)))
