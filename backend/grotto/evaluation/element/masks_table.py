"""The masks' benchmark as a table and as a strip of pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..scenes import Pasted

STROKES = 10
_TILE_PX = 256
_SHOWN = (0, 3, 10)


@dataclass(frozen=True)
class Curve:
    """Intersection over union after 0, 1, 2 .. strokes, of ours and of plain GrabCut."""

    name: str
    ours: tuple[float, ...]
    grabcut: tuple[float, ...]


def table(curves: list[Curve]) -> str:
    """Both mean curves, and each element at 0, 3 and 10 strokes, in markdown."""
    steps = len(curves[0].ours)
    shown = [step for step in _SHOWN if step < steps]
    lines = ["| strokes | " + " | ".join(map(str, range(steps))) + " |", "|---|" + "---:|" * steps]
    lines.append("| Grotto | " + _row(np.mean([curve.ours for curve in curves], axis=0)) + " |")
    plain = [curve for curve in curves if curve.grabcut]
    if plain:
        lines.append("| plain GrabCut | " + _row(np.mean([curve.grabcut for curve in plain], axis=0)) + " |")
    heads = [f"{who} {step}" for who in ("Grotto", "GrabCut") for step in shown]
    lines += ["", "| element on wall | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for curve in curves:
        other = [curve.grabcut[step] for step in shown] if curve.grabcut else []
        cells = _row(np.array([*(curve.ours[step] for step in shown), *other]))
        lines.append(f"| {curve.name} | {cells}" + (" |" if other else " |" + " |" * len(shown)))
    return "\n".join(lines) + "\n"


def _row(values: NDArray[np.float64]) -> str:
    return " | ".join(f"{value:.3f}".lstrip("0") for value in values)


def strip(pasted: Pasted, ours: list[NDArray[np.bool_]], grabcut: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """One row: the picture with its box, our cuts, and GrabCut's; the true contour is yellow."""
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
