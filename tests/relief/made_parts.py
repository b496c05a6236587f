"""Drawn figures of known parts: what lies before what is known, since it was drawn later."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_COLOURS = (
    (0.75, 0.30, 0.20), (0.25, 0.40, 0.70), (0.85, 0.75, 0.40), (0.30, 0.60, 0.45),
    (0.90, 0.88, 0.82), (0.50, 0.30, 0.45), (0.55, 0.45, 0.30), (0.35, 0.65, 0.75),
)  # fmt: skip
INK = (0.12, 0.09, 0.08)


@dataclass(frozen=True)
class Drawn:
    """A figure (h, w, 3), its opacity (h, w), and which shape each pixel shows, 1 the backmost; 0 outside."""

    colour: np.ndarray
    alpha: np.ndarray
    shape: np.ndarray
    count: int


def drawn(shapes: list[np.ndarray], size: int, *, line_px: int = 3, grain: float = 0.02, seed: int = 0) -> Drawn:
    """Polygons (n, 2) px laid over one another, each with an ink line around it, on paper with grain."""
    colour = np.ones((size, size, 3), np.float32)
    shape = np.zeros((size, size), np.int32)
    for number, polygon in enumerate(shapes, start=1):
        corners = np.round(polygon * 16).astype(np.int32)
        paint = _COLOURS[(number - 1) % len(_COLOURS)]
        cv2.fillPoly(colour, [corners], paint, cv2.LINE_AA, 4)
        if line_px:
            cv2.polylines(colour, [corners], True, INK, line_px, cv2.LINE_AA, 4)
        cv2.fillPoly(shape, [corners], number, cv2.LINE_8, 4)
    rng = np.random.default_rng(seed)
    noisy = np.clip(colour + grain * cv2.GaussianBlur(rng.standard_normal(colour.shape).astype(np.float32), (0, 0), 1.0), 0, 1)
    return Drawn(noisy, (shape > 0).astype(np.float32), shape, len(shapes))


def disc(x: float, y: float, radius: float, squeeze: float = 1.0, turn: float = 0.0) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    across, down = radius * np.cos(angle), radius * squeeze * np.sin(angle)
    return np.stack([x + across * np.cos(turn) - down * np.sin(turn), y + across * np.sin(turn) + down * np.cos(turn)], axis=1)


def ribbon(start: tuple[float, float], stop: tuple[float, float], width: float, sway: float) -> np.ndarray:
    """A band from start to stop that sways once to either side."""
    way = np.linspace(0, 1, 60)
    along = np.array(stop) - np.array(start)
    normal = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    middle = np.array(start) + way[:, None] * along + (sway * np.sin(2 * np.pi * way))[:, None] * normal
    return np.concatenate([middle + 0.5 * width * normal, (middle - 0.5 * width * normal)[::-1]])


def fan(seed: int, size: int = 400, count: int = 5) -> Drawn:
    """Overlapping ellipses about a middle, in an order by chance."""
    rng = np.random.default_rng(seed)
    shapes = []
    for turn in rng.permutation(count):
        angle = 2 * np.pi * (turn + rng.uniform(-0.15, 0.15)) / count
        place = size * (0.5 + 0.19 * np.array([np.cos(angle), np.sin(angle)]))
        shapes.append(disc(*place, size * rng.uniform(0.17, 0.21), rng.uniform(0.75, 1.0), rng.uniform(0, 3)))
    return drawn(shapes, size, seed=seed)


def matched(found: np.ndarray, made: Drawn) -> dict[int, int]:
    """Which drawn shape each part found mostly shows."""
    return {
        part: int(np.bincount(made.shape[found == part], minlength=made.count + 1)[1:].argmax() + 1)
        for part in range(1, int(found.max()) + 1)
    }


def overlaps(made: Drawn) -> list[tuple[int, int]]:
    """Pairs (behind, front) of shapes that border on each other for at least 12 px where both show."""
    pairs: dict[tuple[int, int], int] = {}
    for one, other in ((made.shape[:, :-1], made.shape[:, 1:]), (made.shape[:-1], made.shape[1:])):
        border = (one != other) & (one > 0) & (other > 0)
        for low, high in np.sort(np.stack([one[border], other[border]], axis=1), axis=1).tolist():
            pairs[low, high] = pairs.get((low, high), 0) + 1
    return [pair for pair, length in pairs.items() if length >= 12]
