"""What is up on a wall: the photos' common up, where some of them may lie on their side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
QUARTER = np.pi / 2


def upright_majority(ups: Floats, normal: Floats) -> NDArray[np.bool_]:
    """Which of (n, 3) up directions point the way that most of them do, up to 45 degrees, seen along the wall's unit normal.

    Cameras are held level or turned by quarters: the angles' lean is found modulo a quarter, then the quarter with the most
    photos wins; of equally many the one of the first photo. Directions along the normal have no say and count as agreeing.
    """
    first = np.eye(3)[int(np.argmin(np.abs(normal)))]
    right = np.cross(first, normal)
    right /= np.linalg.norm(right)
    plane = ups @ right + 1j * (ups @ np.cross(normal, right))
    told = np.abs(plane) > 0.1
    if not told.any():
        return np.ones(len(ups), bool)
    angle = np.angle(plane)
    lean = np.angle(np.mean(np.exp(4j * angle[told]))) / 4
    quarter = np.round((angle - lean) / QUARTER).astype(np.int64) % 4
    votes = np.bincount(quarter[told], minlength=4)
    best = next(int(q) for q in quarter[told] if votes[q] == votes.max())
    return ~told | (quarter == best)


def turned_axes(axes: Floats, degrees: int) -> Floats:
    """The rows x, y, z of a wall frame once the wall is turned clockwise, seen from the front, by 0, 90, 180 or 270 degrees."""
    x, y, z = axes
    for _ in range(degrees // 90 % 4):
        x, z = z, -x
    return np.stack([x, y, z])
