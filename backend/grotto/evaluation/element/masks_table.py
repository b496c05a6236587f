"""The masks' benchmark as tables and as a strip of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..markdown import Heads, markdown_table
from ..scenes import Pasted

_TILE_PX = 256
_SHOWN = (0, 3, 10)


@dataclass(frozen=True)
class Curve:
    """Intersection over union after 0, 1, 2 ... strokes, of ours and of plain GrabCut."""

    name: str
    ours: tuple[float, ...]
    grabcut: tuple[float, ...]


def curve_heads(steps: int) -> Heads:
    """Heads of the table of mean curves, from no stroke to `steps` - 1."""
    return (":strokes", *map(str, range(steps)))


def element_heads(shown: Sequence[int]) -> Heads:
    """Heads of the table of elements, after these numbers of strokes."""
    return (":element on wall", *(f"{method} {step}" for method in ("Grotto", "GrabCut") for step in shown))


def masks_table(curves: Sequence[Curve]) -> str:
    """Markdown: both mean curves, then each element after 0, 3 and 10 strokes."""
    steps = len(curves[0].ours)
    shown = [step for step in _SHOWN if step < steps]
    means = [("Grotto", *_cells(np.mean([curve.ours for curve in curves], axis=0)))]
    plain = [curve.grabcut for curve in curves if curve.grabcut]
    if plain:
        means.append(("plain GrabCut", *_cells(np.mean(plain, axis=0))))
    rows = []
    for curve in curves:
        baseline = _cells([curve.grabcut[step] for step in shown]) if curve.grabcut else [""] * len(shown)
        rows.append((curve.name, *_cells([curve.ours[step] for step in shown]), *baseline))
    return markdown_table(curve_heads(steps), means) + "\n" + markdown_table(element_heads(shown), rows)


def _cells(values: Iterable[float]) -> list[str]:
    return [f"{value:.3f}".lstrip("0") for value in values]


def strip(pasted: Pasted, ours: list[NDArray[np.bool_]], grabcut: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """Draw one row: the picture with its box, our masks, and GrabCut's; the true contour is yellow."""
    picture = (pasted.colour * 255).astype(np.uint8)
    boxed = picture.copy()
    left, top, right, bottom = (round(side) for side in pasted.box)
    cv2.rectangle(boxed, (left, top), (right - 1, bottom - 1), (255, 255, 255), 3)
    tiles = [boxed]
    rim = cv2.morphologyEx(pasted.truth.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    for mask in [*ours, *([] if grabcut is None else [grabcut])]:
        tile = np.where(mask[..., None], picture, (0.25 * picture + (90, 20, 70)).astype(np.uint8))
        tile[rim] = (255, 230, 0)
        tiles.append(tile)
    small = [cv2.resize(tile, (_TILE_PX, _TILE_PX), interpolation=cv2.INTER_AREA) for tile in tiles]
    return np.asarray(np.hstack(small), dtype=np.uint8)
