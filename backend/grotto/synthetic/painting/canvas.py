"""A wall to paint on: filled outlines and brush lines with edges smoothed, in units of the painter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Colour = tuple[float, float, float]

_SHIFT = 4  # OpenCV's fixed point: a sixteenth of a pixel


@dataclass(frozen=True)
class Place:
    """Where an element stands: its origin on the wall, its unit's size, its lean, and whether it is mirrored. Millimetres."""

    x: float
    y: float
    size: float
    lean: float = 0.0  # radians, clockwise
    mirrored: bool = False

    def on_wall(self, points: Array) -> Array:
        """Points (n, 2) of the element on the wall."""
        sign = -1.0 if self.mirrored else 1.0
        cos, sin = np.cos(self.lean), np.sin(self.lean)
        x, y = sign * points[:, 0], points[:, 1]
        return np.column_stack([self.x + self.size * (cos * x - sin * y), self.y + self.size * (sin * x + cos * y)])


class Canvas:
    """The painting: sRGB (h, w, 3). x to the right and y down from the top left, in millimetres."""

    def __init__(self, width_px: int, height_px: int, mm_per_texel: float, ground: Colour) -> None:
        self.pixels = np.full((height_px, width_px, 3), np.round(ground), dtype=np.uint8)
        self.mm_per_texel = mm_per_texel
        self.width, self.height = width_px * mm_per_texel, height_px * mm_per_texel

    def fill(self, points_mm: Array, colour: Colour) -> None:
        """Fill a closed outline (n, 2)."""
        cv2.fillPoly(self.pixels, [self._fixed(points_mm)], _whole(colour), cv2.LINE_AA, _SHIFT)

    def fills(self, outlines_mm: list[Array], colour: Colour) -> None:
        """Fill many outlines in one colour; where two cover each other, neither (even and odd)."""
        if outlines_mm:
            cv2.fillPoly(self.pixels, [self._fixed(points) for points in outlines_mm], _whole(colour), cv2.LINE_AA, _SHIFT)

    def line(self, points_mm: Array, width_mm: float, colour: Colour, taper: float = 0.7) -> None:
        """A brush line along points (n, 2): full in the middle, thinner by `taper` at its ends."""
        along = np.linspace(0.0, 1.0, len(points_mm))
        half = 0.5 * width_mm * (1.0 - taper * np.abs(2.0 * along - 1.0) ** 2.5)
        tangent = np.gradient(points_mm, axis=0)
        length = np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
        normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / length
        side = half[:, None] * normal
        self.fill(np.concatenate([points_mm + side, (points_mm - side)[::-1]]), colour)

    def outline(self, points_mm: Array, width_mm: float, colour: Colour) -> None:
        """A closed line of even width."""
        thickness = max(1, round(width_mm / self.mm_per_texel))
        cv2.polylines(self.pixels, [self._fixed(points_mm)], True, _whole(colour), thickness, cv2.LINE_AA, _SHIFT)

    def _fixed(self, points_mm: Array) -> NDArray[np.int32]:
        pixels = points_mm / self.mm_per_texel - 0.5
        return np.round(pixels * (1 << _SHIFT)).astype(np.int32)


class Hand:
    """Paints one element: outlines in the element's units go through its place to the wall."""

    def __init__(self, canvas: Canvas, place: Place, sway: float = 0.0) -> None:
        self.canvas, self.place, self.sway = canvas, place, sway

    def fill(self, points: Array, colour: Colour, ink: Colour | None = None, ink_width: float = 0.0) -> None:
        """Fill an outline (n, 2), and draw its contour where an ink is given."""
        wall = self._on_wall(points)
        self.canvas.fill(wall, colour)
        if ink is not None:
            self.canvas.outline(wall, ink_width * self.place.size, ink)

    def fills(self, outlines: list[Array], colour: Colour) -> None:
        """Fill many outlines in one colour."""
        self.canvas.fills([self._on_wall(points) for points in outlines], colour)

    def line(self, points: Array, width: float, colour: Colour, taper: float = 0.7) -> None:
        """A brush line of a width in the element's units."""
        self.canvas.line(self._on_wall(points), width * self.place.size, colour, taper)

    def band(self, points: Array, width: float, colour: Colour, ink: Colour, taper: float = 0.5) -> None:
        """A ribbon: a broad line between two thin ones, with a light stripe in it."""
        self.line(points, width, ink, taper)
        self.line(points, 0.76 * width, colour, taper)

    def contour(self, points: Array, width: float, colour: Colour) -> None:
        """A closed line of even width."""
        self.canvas.outline(self._on_wall(points), width * self.place.size, colour)

    def _on_wall(self, points: Array) -> Array:
        if self.sway:
            points = points + np.column_stack([self.sway * np.sin(2.2 * np.pi * points[:, 1]), np.zeros(len(points))])
        return self.place.on_wall(points)


def points(text: str) -> Array:
    """Points (n, 2) from "x,y x,y ...", as SVG writes them."""
    return np.array([[float(value) for value in pair.split(",")] for pair in text.split()])


def smooth(points: Sequence[tuple[float, float]] | Array, closed: bool = True, per_span: int = 6) -> Array:
    """A Catmull-Rom curve through points: (n, 2)."""
    p = np.asarray(points, dtype=np.float64)
    if closed:
        before, a, b, after = np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0)
    else:
        wide = np.concatenate([p[:1], p, p[-1:]])
        before, a, b, after = wide[:-3], wide[1:-2], wide[2:-1], wide[3:]
    t = (np.arange(per_span) / per_span)[None, :, None]
    before, a, b, after = before[:, None], a[:, None], b[:, None], after[:, None]
    curve = a + 0.5 * t * (b - before + t * (2 * before - 5 * a + 4 * b - after + t * (3 * (a - b) + after - before)))
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, p[-1:]])


def ellipse(x: float, y: float, rx: float, ry: float, count: int = 28) -> Array:
    """An ellipse's outline (count, 2)."""
    angle = np.linspace(0.0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([x + rx * np.cos(angle), y + ry * np.sin(angle)])


def box(left: float, top: float, right: float, bottom: float) -> Array:
    """A rectangle's outline (4, 2)."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _whole(colour: Colour) -> tuple[int, int, int]:
    r, g, b = (int(min(255, max(0, round(value)))) for value in colour)
    return r, g, b
