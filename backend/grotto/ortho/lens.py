"""Where a wall point lands in a photo: perspective cameras with Brown's distortion, in plain arrays.

COLMAP's camera models SIMPLE_PINHOLE, PINHOLE, SIMPLE_RADIAL, RADIAL and OPENCV are all this one with some terms at 0
(src/colmap/sensor/models.h). Our own arrays are here because orthophotos project millions of points a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input

Floats = NDArray[np.floating]

_LAYOUTS = {
    "SIMPLE_PINHOLE": ("f", "cx", "cy"),
    "PINHOLE": ("fx", "fy", "cx", "cy"),
    "SIMPLE_RADIAL": ("f", "cx", "cy", "k1"),
    "RADIAL": ("f", "cx", "cy", "k1", "k2"),
    "OPENCV": ("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2"),
}
_LEAST_DEPTH = 1e-9
_WIDEST = 10.0  # tangent of the widest angle from the axis that is ever projected


@dataclass(frozen=True, kw_only=True)
class Lens:
    """Intrinsics in px of a photo of (width, height); the top left pixel's centre is at (0.5, 0.5)."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    @classmethod
    def from_colmap(cls, model: str, params: Floats, camera_size: tuple[int, int], photo_size: tuple[int, int]) -> Lens:
        """The lens of a COLMAP camera for a photo that may be larger or smaller than the camera says.

        Raises a bad-input problem for fisheye and other models that are not listed above.
        """
        if model not in _LAYOUTS:
            raise bad_input(f"camera model {model} cannot be used for an orthophoto", f"use one of {', '.join(_LAYOUTS)}")
        named = dict(zip(_LAYOUTS[model], (float(value) for value in params), strict=True))
        sx, sy = photo_size[0] / camera_size[0], photo_size[1] / camera_size[1]
        return cls(
            width=photo_size[0],
            height=photo_size[1],
            fx=named.get("f", named.get("fx", 0.0)) * sx,
            fy=named.get("f", named.get("fy", 0.0)) * sy,
            cx=named["cx"] * sx,
            cy=named["cy"] * sy,
            **{key: named[key] for key in ("k1", "k2", "p1", "p2") if key in named},
        )

    @property
    def focal(self) -> float:
        """Geometric mean of both focal lengths, px."""
        return float(np.sqrt(self.fx * self.fy))

    def project(self, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Pixels (column, row) of camera-frame points; NaN behind the camera and where the distortion folds back."""
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = x / z, y / z
        square = a * a + b * b
        radial = 1.0 + square * (self.k1 + square * self.k2)
        column, row = a * radial, b * radial
        if self.p1 or self.p2:
            column = column + 2.0 * self.p1 * a * b + self.p2 * (square + 2.0 * a * a)
            row = row + 2.0 * self.p2 * a * b + self.p1 * (square + 2.0 * b * b)
        bad = ~(z > _LEAST_DEPTH) | ~(square < self.largest_radius() ** 2)
        column = np.where(bad, np.nan, column * self.fx + self.cx)
        row = np.where(bad, np.nan, row * self.fy + self.cy)
        return column, row

    def directions(self, columns: Floats, rows: Floats) -> Floats:
        """Camera-frame directions (n, 3) with z = 1 of pixels, the inverse of `project` by Newton-like fixed points."""
        a0, b0 = (columns - self.cx) / self.fx, (rows - self.cy) / self.fy
        a, b = a0.copy(), b0.copy()
        limit = self.largest_radius()
        for _ in range(50):
            square = a * a + b * b
            radial = 1.0 + square * (self.k1 + square * self.k2)
            da = 2.0 * self.p1 * a * b + self.p2 * (square + 2.0 * a * a)
            db = 2.0 * self.p2 * a * b + self.p1 * (square + 2.0 * b * b)
            a, b = (a0 - da) / radial, (b0 - db) / radial
            beyond = np.maximum(np.hypot(a, b) / limit, 1.0)
            a, b = a / beyond, b / beyond
        return np.stack([a, b, np.ones_like(a)], axis=-1)

    def largest_radius(self) -> float:
        """Tangent of the angle up to which distortion grows outwards: beyond it pixels would be shown twice."""
        roots = np.roots([5.0 * self.k2, 3.0 * self.k1, 1.0])  # of d/dr (r + k1 r^3 + k2 r^5), in r^2
        real = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0]
        return min(_WIDEST, float(np.sqrt(min(real))) if real else _WIDEST)
