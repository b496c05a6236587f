"""The ground on which a subject stands: a plane of sparse points below all cameras that goes on beyond the subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_TRIES = 400
_SLOPE = 0.26  # radians (15 degrees), between the plane's normal and the pictures' up
_THICK = 0.012  # of the cameras' distance: points that near lie in the plane
_AROUND = 1.6  # cameras' distances from the middle: farther points say nothing about this ground
_CELL = 0.12  # of the cameras' distance: the plane's extent is counted in cells, so that dense spots do not win
_FEWEST_CELLS = 12
_BEYOND = 0.4  # of the cameras' distance from the middle: there the ground must be seen, on more than one side
_BELOW = 0.35  # of the subject's height: a box whose lower side is that near to the ground stands on it


@dataclass(frozen=True)
class Ground:
    """A plane: normal @ x = offset; the normal points up."""

    normal: Array  # (3,) unit
    offset: float

    def heights(self, points: Array) -> Array:
        """(n,) of points (n, 3) above the plane."""
        return np.asarray(points @ self.normal - self.offset, np.float64)

    def reached_by(self, low: Array, high: Array, thickness: float) -> tuple[Array, Array]:
        """The box (low, high) with its lower side moved to just below the plane, where it stands on it or hangs over it.

        A box hangs over the ground where no point between was found: a column or a dark plinth carries it.
        """
        axis = int(np.argmax(np.abs(self.normal)))
        corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        sign = float(np.sign(self.normal[axis]))
        side = low if sign > 0 else high
        onto = corners.copy()
        onto[:, axis] = 0.0
        levels = (self.offset - onto @ self.normal) / self.normal[axis]
        level = float(levels.min() if sign > 0 else levels.max()) - sign * thickness
        low, high = low.copy(), high.copy()
        gap = sign * (float(side[axis]) - level)
        if gap > -_BELOW * float(high[axis] - low[axis]):
            (low if sign > 0 else high)[axis] = level
        return low, high


def ground_plane(points: Array, places: Array, focus: Array, up: Array, reach: float) -> Ground | None:
    """The plane, by random consensus with a fixed seed, then by least squares; None where no such plane is seen.

    points (n, 3) world; places (c, 3) of the cameras, `reach` their usual distance from the focus (3,); up (3,) unit.
    """
    offsets = points - focus
    level = offsets - (offsets @ up)[:, None] * up
    near = points[np.linalg.norm(level, axis=1) < _AROUND * reach]
    if len(near) < 3:
        return None
    random = np.random.default_rng(0)
    best, most = None, _FEWEST_CELLS - 1
    for _ in range(_TRIES):
        plane = _through(near[random.choice(len(near), 3, replace=False)], up)
        if plane is None or (plane.heights(places) < 0.05 * reach).mean() > 0.05:
            continue
        inliers = near[np.abs(plane.heights(near)) < _THICK * reach]
        cells = _extent(inliers, focus, up, reach)
        if cells > most:
            best, most = inliers, cells
    if best is None:
        return None
    middle = best.mean(0)
    normal = np.linalg.svd(best - middle, full_matrices=False)[2][2]
    normal = normal if normal @ up > 0 else -normal
    return Ground(np.asarray(normal, np.float64), float(normal @ middle))


def _through(corners: Array, up: Array) -> Ground | None:
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    length = float(np.linalg.norm(normal))
    if length < 1e-12:
        return None
    normal = normal / length if normal @ up > 0 else -normal / length
    return Ground(normal, float(normal @ corners[0])) if normal @ up > np.cos(_SLOPE) else None


def _extent(inliers: Array, focus: Array, up: Array, reach: float) -> int:
    """How many cells of the plane hold points, or 0 where those beyond the subject lie on one side of it only."""
    helper = np.eye(3)[int(np.argmin(np.abs(up)))]
    east = np.cross(helper, up)
    east /= np.linalg.norm(east)
    flat = np.stack([(inliers - focus) @ east, (inliers - focus) @ np.cross(up, east)], axis=1)
    beyond = flat[np.linalg.norm(flat, axis=1) > _BEYOND * reach]
    quarters = len(np.unique((beyond > 0) @ np.array([1, 2]))) if len(beyond) else 0
    return len(np.unique(np.floor(flat / (_CELL * reach)), axis=0)) if quarters >= 3 else 0
