"""The map from a made view's pixels to the wall it shows: a homography after a smooth warp, as relief bends pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
VIEW_WIDTH, VIEW_HEIGHT = 640, 480
WAVES = 4
_CORNERS = 0.09  # of the view's size, by which perspective moves a corner
_ITERATIONS = 6
_UPRIGHT, _SLANTED = 0.7, 0.85  # shares of views turned by few degrees; and with those turned by at most 40


@dataclass(frozen=True)
class ViewMap:
    """The exact map of one view. Places have their origin at the top left corner of the top left pixel."""

    wall_from_view: Floats  # (3, 3) px of the wall from px of the view, after the warp
    waves: Floats  # (k, 5) of the warp: radians per px along x and y, phase, shift in px along x and y

    def to_wall(self, place: Floats) -> Floats:
        """Places (n, 2) of the wall that the view shows at (n, 2)."""
        return _projected(self.wall_from_view, place + self._shift(place))

    def to_view(self, place: Floats) -> Floats:
        """Places (n, 2) of the view that show the wall's (n, 2)."""
        straight = _projected(np.asarray(np.linalg.inv(self.wall_from_view), np.float64), place)
        found = straight
        for _ in range(_ITERATIONS):  # the warp's slope is far below 1: each round gains two digits or more
            found = straight - self._shift(found)
        return found

    def _shift(self, place: Floats) -> Floats:
        phase = place @ self.waves[:, :2].T + self.waves[:, 2]
        return np.asarray(np.sin(phase) @ self.waves[:, 3:], np.float64)


def draw_view_map(middle: Floats, random: np.random.Generator) -> ViewMap:
    """A view about a place of the wall (2,): mostly upright, at .6 to 1.2 px per px of the wall, seen a little askance."""
    scale = float(np.exp(random.uniform(np.log(0.6), np.log(1.2))))
    kind = random.random()
    if kind < _UPRIGHT:
        turn_deg = float(random.normal(0, 4))
    else:
        turn_deg = float(random.uniform(-40, 40) if kind < _SLANTED else random.uniform(-180, 180))
    size = np.array([VIEW_WIDTH, VIEW_HEIGHT], np.float64)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]]) * size
    moved = corners + random.uniform(-_CORNERS, _CORNERS, (4, 2)) * size - size / 2
    turn = np.radians(turn_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    waves = np.zeros((WAVES, 5))
    wavelength = random.uniform(220, 900, WAVES)
    direction = random.uniform(0, 2 * np.pi, WAVES)
    waves[:, :2] = (2 * np.pi / wavelength)[:, None] * np.column_stack([np.cos(direction), np.sin(direction)])
    waves[:, 2] = random.uniform(0, 2 * np.pi, WAVES)
    waves[:, 3:] = random.normal(0, 1, (WAVES, 2)) * random.uniform(0, 6) / np.sqrt(2 * WAVES)
    return ViewMap(_four_points(corners, moved @ rotation.T / scale + middle), waves)


def _projected(matrix: Floats, place: Floats) -> Floats:
    found = np.column_stack([place, np.ones(len(place))]) @ matrix.T
    return np.asarray(found[:, :2] / found[:, 2:], np.float64)


def _four_points(before: Floats, after: Floats) -> Floats:
    """The homography (3, 3) that takes four places to four others (Hartley and Zisserman 2004, eq. 4.1, with h33 = 1)."""
    rows, right = [], []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)
