"""Drawn figures of known parts: what lies before what is known, since it was drawn later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]  # (n, 2) px

_COLOURS = (
    (0.75, 0.30, 0.20),
    (0.25, 0.40, 0.70),
    (0.85, 0.75, 0.40),
    (0.30, 0.60, 0.45),
    (0.90, 0.88, 0.82),
    (0.50, 0.30, 0.45),
    (0.55, 0.45, 0.30),
    (0.35, 0.65, 0.75),
)
_INK = (0.12, 0.09, 0.08)
_BORDER_PX = 12  # shapes with a shorter common border do not count as neighbours


@dataclass(frozen=True)
class DrawnParts:
    """A figure of shapes laid over one another."""

    colour: NDArray[np.float32]  # (h, w, 3)
    alpha: NDArray[np.float32]  # (h, w)
    shape: NDArray[np.int32]  # (h, w) the shape that each pixel shows, 1 the backmost; 0 outside
    count: int

    def shown_by(self, labels: NDArray[np.int32]) -> dict[int, int]:
        """The shape that each part 1 to n of labels (h, w) mostly shows."""
        shown = {}
        for part in range(1, int(labels.max()) + 1):
            counts = np.bincount(self.shape[labels == part], minlength=self.count + 1)
            shown[part] = int(counts[1:].argmax()) + 1
        return shown

    def neighbours(self) -> list[tuple[int, int]]:
        """Pairs (behind, front) of shapes that border on each other where both show."""
        pairs: dict[tuple[int, int], int] = {}
        for one, other in ((self.shape[:, :-1], self.shape[:, 1:]), (self.shape[:-1], self.shape[1:])):
            border = (one != other) & (one > 0) & (other > 0)
            for low, high in np.sort(np.stack([one[border], other[border]], axis=1), axis=1).tolist():
                pairs[low, high] = pairs.get((low, high), 0) + 1
        return [pair for pair, length in pairs.items() if length >= _BORDER_PX]


def draw_parts(shapes: Sequence[Polygon], size: int, *, line_px: int = 3, grain: float = 0.02, seed: int = 0) -> DrawnParts:
    """Polygons laid over one another on a square of `size` px, each with an ink line around it, with a little grain."""
    colour = np.ones((size, size, 3), np.float32)
    shape = np.zeros((size, size), np.int32)
    for number, polygon in enumerate(shapes, start=1):
        corners = np.round(polygon * 16).astype(np.int32)
        cv2.fillPoly(colour, [corners], _COLOURS[(number - 1) % len(_COLOURS)], cv2.LINE_AA, 4)
        if line_px:
            cv2.polylines(colour, [corners], True, _INK, line_px, cv2.LINE_AA, 4)
        cv2.fillPoly(shape, [corners], (number,), cv2.LINE_8, 4)
    rng = np.random.default_rng(seed)
    noise = np.asarray(cv2.GaussianBlur(rng.standard_normal(colour.shape).astype(np.float32), (0, 0), 1.0), np.float32)
    noisy = np.clip(colour + np.float32(grain) * noise, 0, 1).astype(np.float32)
    return DrawnParts(noisy, (shape > 0).astype(np.float32), shape, len(shapes))


def drawn_disc(x: float, y: float, radius: float, squeeze: float = 1.0, turn: float = 0.0) -> Polygon:
    """A disc, or an ellipse turned by `turn`."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    across, down = radius * np.cos(angle), radius * squeeze * np.sin(angle)
    return np.stack([x + across * np.cos(turn) - down * np.sin(turn), y + across * np.sin(turn) + down * np.cos(turn)], axis=1)


def drawn_ribbon(start: tuple[float, float], stop: tuple[float, float], width: float, sway: float) -> Polygon:
    """A band from start to stop that sways once to either side."""
    way = np.linspace(0, 1, 60)
    along = np.array(stop) - np.array(start)
    normal = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    middle = np.array(start) + way[:, None] * along + (sway * np.sin(2 * np.pi * way))[:, None] * normal
    return np.concatenate([middle + 0.5 * width * normal, (middle - 0.5 * width * normal)[::-1]])


def drawn_fan(seed: int, size: int = 400, count: int = 5, ribbons: int = 0) -> DrawnParts:
    """Overlapping ellipses about a middle, with bands across them, in an order by chance."""
    rng = np.random.default_rng(seed)
    shapes = []
    for turn in rng.permutation(count):
        angle = 2 * np.pi * (turn + rng.uniform(-0.15, 0.15)) / count
        place = size * (0.5 + 0.19 * np.array([np.cos(angle), np.sin(angle)]))
        shapes.append(
            drawn_disc(
                float(place[0]), float(place[1]), size * rng.uniform(0.17, 0.21), rng.uniform(0.75, 1.0), rng.uniform(0, 3)
            )
        )
    for _ in range(ribbons):
        angle, off = rng.uniform(0, np.pi), size * rng.uniform(-0.15, 0.15)
        way = np.array([np.cos(angle), np.sin(angle)])
        middle = 0.5 * size + off * np.array([-way[1], way[0]])
        ends = [tuple((middle + sense * 0.46 * size * way).tolist()) for sense in (-1, 1)]
        band = drawn_ribbon(ends[0], ends[1], size * rng.uniform(0.06, 0.09), size * rng.uniform(0.0, 0.03))
        shapes.insert(int(rng.integers(0, len(shapes) + 1)), band)
    return draw_parts(shapes, size, seed=seed)
