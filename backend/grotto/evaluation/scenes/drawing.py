"""A sheet to draw random shapes on, and the random outlines and curves that are drawn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Random = np.random.Generator

FINE = 2  # drawn this many times larger, then reduced
_SHIFT = 4


class Sheet:
    """A drawing: colour (h, w, 3) 0..255 and coverage (h, w); points are in 0..1 of the side."""

    def __init__(self, side_px: int, palette: Array, random: Random) -> None:
        self.side = side_px * FINE
        self.px = 1.0 / side_px  # one pixel of the reduced drawing
        self.colour = np.zeros((self.side, self.side, 3), np.float32)
        self.coverage = np.zeros((self.side, self.side), np.uint8)
        self.palette, self.random = palette, random
        self.ink = np.array([[40, 30, 28], [110, 40, 30], [60, 45, 40], [225, 215, 200]], float)[
            random.choice(4, p=[0.4, 0.3, 0.2, 0.1])
        ]
        self.inked = 0.0 if random.random() < 0.4 else float(random.uniform(0.7, 2.6))

    def fill(self, outline: Array, colour: Array | None = None, inked: bool = True) -> None:
        self._paint([outline], self.tint() if colour is None else colour)
        if inked and self.inked > 0:
            thick = max(1, round(self.inked * FINE))
            ring = np.zeros_like(self.coverage)
            cv2.polylines(ring, [self._fixed(outline)], True, 255, thick, cv2.LINE_8, _SHIFT)
            self._lay(ring > 0, self.ink)

    def line(self, points: Array, width_px: float, colour: Array | None = None, taper: float = 0.7, inked: bool = True) -> None:
        along = np.linspace(0, 1, len(points))
        half = 0.5 * width_px * self.px * (1 - taper * np.abs(2 * along - 1) ** 2)
        self.strip(points, half, colour, inked)

    def strip(self, points: Array, half: Array, colour: Array | None = None, inked: bool = True) -> None:
        """Draw a strip along points (n, 2) of half widths (n,)."""
        tangent = np.gradient(points, axis=0)
        tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
        side = np.column_stack([-tangent[:, 1], tangent[:, 0]]) * half[:, None]
        chosen = self.tint() if colour is None else colour
        left, right = points + side, points - side
        quads = [np.array([left[i], left[i + 1], right[i + 1], right[i]]) for i in range(len(points) - 1)]
        self._paint(quads, chosen)
        if inked and self.inked > 0 and half.max() > 1.5 * self.px:
            ring = np.zeros_like(self.coverage)
            thick = max(1, round(0.8 * self.inked * FINE))
            for edge in (points + side, points - side):
                cv2.polylines(ring, [self._fixed(edge)], False, 255, thick, cv2.LINE_8, _SHIFT)
            self._lay(ring > 0, self.ink)

    def decorate(self) -> None:
        """Draw folds, spots and patches inside the covered area; no contour changes."""
        for _ in range(int(self.random.integers(0, 14))):
            start = self._inner_point()
            if start is None:
                return
            kind, mark = self.random.integers(3), np.zeros_like(self.coverage)
            if kind == 0:
                way = curve(start, start + self.random.normal(0, 0.12, 2), self.random, 0.2)
                cv2.polylines(
                    mark, [self._fixed(way)], False, 255, int(self.random.integers(1, 4)) * FINE // 2 + 1, cv2.LINE_8, _SHIFT
                )
            elif kind == 1:
                cv2.fillPoly(
                    mark, [self._fixed(blob(start, self.random.uniform(0.01, 0.09), self.random))], 255, cv2.LINE_8, _SHIFT
                )
            else:
                for _ in range(int(self.random.integers(3, 25))):
                    at = start + self.random.normal(0, 0.06, 2)
                    cv2.circle(mark, tuple(int(v) for v in at * self.side), int(self.random.integers(1, 4)), 255, -1)
            where = (mark > 0) & (self.coverage > 0)
            self.colour[where] = self.ink if self.random.random() < 0.4 else self.tint()

    def _inner_point(self) -> Array | None:
        rows, columns = np.nonzero(self.coverage[::8, ::8])
        if not len(rows):
            return None
        chosen = int(self.random.integers(len(rows)))
        return np.array([columns[chosen], rows[chosen]]) * 8 / self.side

    def tint(self) -> Array:
        return self.palette[self.random.integers(len(self.palette))] + self.random.normal(0, 4, 3)

    def _paint(self, outlines: list[Array], colour: Array) -> None:
        shape = np.zeros_like(self.coverage)
        for outline in outlines:
            cv2.fillPoly(shape, [self._fixed(outline)], 255, cv2.LINE_8, _SHIFT)
        self._lay(shape > 0, colour)

    def _lay(self, where: NDArray[np.bool_], colour: Array) -> None:
        if self.random.random() < 0.35:  # shaded along a direction
            rows, columns = np.nonzero(where)
            if len(rows):
                turn = self.random.uniform(0, 2 * np.pi)
                along = np.cos(turn) * columns + np.sin(turn) * rows
                part = (along - along.min()) / max(1e-6, float(np.ptp(along)))
                self.colour[rows, columns] = np.asarray(colour) + (part[:, None] - 0.5) * self.random.normal(0, 45, 3)
        else:
            self.colour[where] = colour
        self.coverage[where] = 255

    def _fixed(self, points: Array) -> NDArray[np.int32]:
        return np.round(points * self.side * (1 << _SHIFT)).astype(np.int32)


def blob(centre: Array, radius: float, random: Random, stretch: float = 1.0, lobes: int = 5) -> Array:
    turn = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    reach = np.ones_like(turn)
    for k in range(2, 2 + lobes):
        reach += random.normal(0, 0.22 / k) * np.cos(k * turn + random.uniform(0, 2 * np.pi))
    lean = random.uniform(0, np.pi)
    around = np.column_stack([np.cos(turn), stretch * np.sin(turn)]) * (radius * np.maximum(reach, 0.3))[:, None]
    return centre + around @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])


def curve(start: Array, end: Array, random: Random, wave: float = 0.25, count: int = 40) -> Array:
    """Draw a random curve from one point to another, with bends of about `wave` times the distance."""
    along = np.linspace(0, 1, count)
    way = end - start
    normal = np.array([-way[1], way[0]])
    bend = sum(random.normal(0, wave / k) * np.sin(k * np.pi * along) for k in range(1, 5))
    return np.asarray(start + along[:, None] * way + np.asarray(bend)[:, None] * normal)
