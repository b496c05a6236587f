"""Elements pasted onto made walls, cut out again stroke by stroke."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input
from ...contract.options import MakeWallOptions
from ...masks import Hints
from ...masks.prompted import prepare_picture, segment
from ...synthetic.painting import paint
from ..bench import Bench
from ..scenes import SIDE_PX, STYLES, Element, Pasted, element_of, made_element, next_stroke, paste
from .masks_table import Curve, curve_heads, element_heads, masks_table, strip

Mask = NDArray[np.bool_]
Cutter = Callable[[Mask, Mask], Mask]

_STROKES = 10
_STRIP = ("apsara/narrative", "lotus_hand/mixed", "nine_coloured_deer/narrative", "palace/mixed", "wing_spirit/narrative")


@dataclass(frozen=True)
class _Run:
    """The curve of one method, and its masks after each number of strokes."""

    curve: tuple[float, ...]
    masks: dict[int, Mask]


def run(
    elements: Path,
    /,
    *,
    out: Path,
    seed: int = 0,
    names: tuple[str, ...] = (),
    strokes: int = _STROKES,
    baseline: bool = True,
    made: int = 0,
) -> str:
    """Cut every element out of every style of wall; write masks.md, masks.json and masks.jpg, and return the table.

    Args:
        elements: folder of elements on white
        out: the folder of table, scores and picture
        seed: of the walls and of the places
        names: which elements; none means all
        strokes: number of strokes that the scripted user paints
        baseline: whether plain GrabCut is measured too
        made: number of randomly drawn elements to use in place of the folder's, for choosing weights
    """
    files = sorted(path for path in elements.glob("*.png") if not names or path.stem in names)
    if not files and not made:
        raise bad_input(f"{elements} holds no element", "name the folder of elements on white")
    out.mkdir(parents=True, exist_ok=True)
    curves: list[Curve] = []
    rows: list[NDArray[np.uint8]] = []
    walls = {style: _wall(style, seed) for style in STYLES}
    chosen = [element_of(path.stem, _read(path)) for path in files] if not made else _made(made, walls[STYLES[0]], seed)
    for element in chosen:
        for style in STYLES:
            place = np.random.default_rng([seed, zlib.crc32(element.name.encode()), STYLES.index(style)])
            pasted = paste(element, walls[style], place)
            ours = follow(pasted, our_cutter(pasted), strokes)
            plain = follow(pasted, grabcut_cutter(pasted), strokes) if baseline else None
            name = f"{element.name}/{style}"
            curves.append(Curve(name, ours.curve, plain.curve if plain else ()))
            (out / "masks.json").write_text(json.dumps([curve.__dict__ for curve in curves], indent=1) + "\n", encoding="utf-8")
            if name in _STRIP:
                rows.append(
                    strip(pasted, [ours.masks[k] for k in (0, 3, 10) if k in ours.masks], plain.masks.get(3) if plain else None)
                )
    if rows:
        cv2.imwrite(str(out / "masks.jpg"), np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 72])
    text = masks_table(curves)
    (out / "masks.md").write_text(text, encoding="utf-8")
    return text


def follow(pasted: Pasted, cut: Cutter, strokes: int) -> _Run:
    """Compute intersection over union after 0 to `strokes` strokes, each through the middle of the largest wrong part."""
    subject, background = np.zeros(pasted.truth.shape, dtype=bool), np.zeros(pasted.truth.shape, dtype=bool)
    curve: list[float] = []
    masks: dict[int, Mask] = {}
    for number in range(strokes + 1):
        found = cut(subject, background)
        curve.append(float((found & pasted.truth).sum() / max(1, (found | pasted.truth).sum())))
        masks[number] = found
        stroke = next_stroke(found, pasted.truth)
        if stroke is not None:
            (subject if stroke.on_subject else background)[stroke.painted] = True
    return _Run(tuple(curve), masks)


def our_cutter(pasted: Pasted) -> Cutter:
    prepared = prepare_picture(pasted.colour, Hints(box=pasted.box))

    def cut(subject: Mask, background: Mask) -> Mask:
        return segment(pasted.colour, Hints(pasted.box, subject.copy(), background.copy()), prepared) >= 0.5

    return cut


def grabcut_cutter(pasted: Pasted) -> Cutter:
    """Prepare OpenCV's GrabCut as its own example uses it: the box, then strokes into the same mask, its models kept."""
    pixels = np.ascontiguousarray((pasted.colour[..., ::-1] * 255).astype(np.uint8))
    labels = np.zeros(pasted.truth.shape, np.uint8)
    left, top, right, bottom = (round(side) for side in pasted.box)
    labels[top:bottom, left:right] = cv2.GC_PR_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    begun = False

    def cut(subject: Mask, background: Mask) -> Mask:
        nonlocal begun
        labels[subject], labels[background] = cv2.GC_FGD, cv2.GC_BGD
        how, rounds = (cv2.GC_EVAL, 3) if begun else (cv2.GC_INIT_WITH_MASK, 5)
        cv2.grabCut(pixels, labels, (0, 0, 1, 1), *models, rounds, how)
        begun = True
        return np.asarray((labels & 1) > 0)

    return cut


def _made(count: int, wall: NDArray[np.uint8], seed: int) -> list[Element]:
    return [
        replace(made_element(np.random.default_rng([seed, number]), wall, SIDE_PX), name=f"made_{number + 1:02d}")
        for number in range(count)
    ]


def _wall(style: str, seed: int) -> NDArray[np.uint8]:
    return paint(2000, 1400, 0.6, MakeWallOptions(style=style, seed=seed), None, _silent)


def _silent(fraction: float, message: str = "") -> None:
    """Report nothing: painting takes seconds."""


def _read(path: Path) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise bad_input(f"{path.name} cannot be read", "leave only pictures in the folder")
    return np.asarray(pixels[..., ::-1], dtype=np.uint8)


BENCH = Bench(
    name="element.masks",
    title="Masks",
    run=run,
    tables=(curve_heads(_STROKES + 1), element_heads((0, 3, 10))),
)
