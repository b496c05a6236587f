"""A bas-relief on a wall: a plate of even thickness whose back follows the wall's relief."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..outline import Curve, Triangulated, WorkingCut, triangulate
from .budget import greedy_relief, simplified_rim
from .figure import FINEST_PX, front_error
from .inflation import Heights
from .solid import Shape, Solid, close, face_count, shows_picture

Box = tuple[float, float, float, float]  # left, top, right, bottom, px

_NET = 100  # triangles along the longer side of the plate, which sample the wall
_BEYOND = 0.01  # of the plate's longer side: the dense surface reaches beyond it, so that its border is inside
_EDGE_ERROR = 0.02  # of the thickness: how far a straight edge of the plate may stray from the wall
_EDGE_PART = 1 / 16  # of the faces: corners on the plate's edges at most
_BACK_PART = 0.2  # of the inner points
_TRIES, _NEAR = 3, 0.9
_SAMPLES = 257  # along an edge


@dataclass(frozen=True, kw_only=True)
class WallRelief:
    """Heights over the whole plate, px towards the viewer, over triangles as dense as each needs."""

    exact: Shape  # of the wall itself, anywhere
    wall: Heights  # of the wall itself, over a regular net
    front: Heights  # of wall and figure together, without the plate's thickness
    highest: float  # of the figure alone


def relief_on_wall(figure: Heights, wall: Shape, plate: Box) -> WallRelief:
    """Add the figure's heights to the wall's over the plate.

    wall: heights (n,) px at places (n, 2) px, x right and y down.
    """
    left, top, right, bottom = plate
    longest = max(right - left, bottom - top)
    room, spacing = _BEYOND * longest, longest / _NET
    outer = _evenly(_rectangle(left - room, top - room, right + room, bottom + room), spacing)
    net = _net(left, top, right, bottom, spacing)
    tree = cKDTree(figure.over.points)
    apart = float(np.median(tree.query(figure.over.points, k=2)[0][:, 1]))
    dense = triangulate([outer], np.concatenate([figure.over.points, net[tree.query(net)[0] > apart]]))
    ground = triangulate([outer], net)
    front = wall(dense.points)
    away, which = tree.query(dense.points)
    front += np.where(away == 0, np.maximum(figure.values[which], 0), 0)
    return WallRelief(
        exact=wall,
        wall=Heights(over=ground, values=wall(ground.points)),
        front=Heights(over=dense, values=front),
        highest=float(figure.values.max()),
    )


def plate_mask(plate: Box | tuple[int, int, int, int], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """(h, w) 1 on a plate's box, 0 elsewhere."""
    left, top, right, bottom = (round(side) for side in plate)
    mask = np.zeros(shape, np.float32)
    mask[top:bottom, left:right] = 1
    return mask


def wall_relief_map(relief: WallRelief, work: WorkingCut) -> NDArray[np.float32]:
    """Heights of wall and figure at all pixels of the working cut (h, w), working pixels; constant beyond the relief."""
    places = relief.front.over.points
    lowest, highest = places.min(0) + 1e-6, places.max(0) - 1e-6
    heights = relief.front.at(np.clip(work.pixel_centres(), lowest, highest))
    return np.asarray(heights.reshape(work.alpha.shape), np.float32)


def wall_relief_error(solid: Solid, relief: WallRelief) -> float:
    """95th percentile of the front's distance from wall and figure together, as a part of the figure's height."""
    places = relief.front.over.points
    low, high = solid.vertices[:, :2].min(0), solid.vertices[:, :2].max(0)
    upright = places * np.array([1.0, -1.0])
    inner = (upright > low).all(1) & (upright < high).all(1)
    return front_error(solid, places[inner], relief.front.values[inner]) / max(relief.highest, 1e-9)


def wall_slab_solid(
    curves: Sequence[Curve], relief: WallRelief, plate: Box, thickness_px: float, faces: int, finest_px: float = FINEST_PX
) -> Solid:
    """A plate over the wall of at most `faces` triangles; z is 0 at the wall's own zero, and its back lies on the wall."""
    requested, solids = faces, []
    for _ in range(_TRIES):
        solids.append(_slab(curves, relief, plate, thickness_px, requested, finest_px))
        count = len(solids[-1].faces)
        if _NEAR * faces <= count <= faces:
            break
        requested = max(round(requested * 0.5 * (1 + _NEAR) * faces / count), 1)
        if requested > 2 * faces:
            break  # a flat wall needs fewer
    fitting = [solid for solid in solids if len(solid.faces) <= faces]
    return max(fitting, key=face_count) if fitting else min(solids, key=face_count)


def _slab(curves: Sequence[Curve], relief: WallRelief, plate: Box, thickness_px: float, faces: int, finest_px: float) -> Solid:
    rim = _edges(relief.exact, plate, thickness_px, max(4, round(_EDGE_PART * faces)))
    foot = np.concatenate(simplified_rim(curves, faces, finest_px))
    left = max(0, faces // 2 - 2 * len(rim) - len(foot))
    lit = greedy_relief(relief.front, [rim], round((1 - _BACK_PART) * left), foot, rim_at_zero=False)
    dark = greedy_relief(relief.wall, _curves(lit), round(_BACK_PART * left), rim_at_zero=False)
    flat = close(lit, np.zeros(len(lit.points)), dark, np.zeros(len(dark.points)), 0.5 * thickness_px)
    vertices = flat.vertices.copy()
    ahead = relief.exact(lit.points)
    ahead[~lit.on_rim] = relief.front.at(lit.points[~lit.on_rim])
    vertices[:, 2] = np.concatenate([ahead + thickness_px, relief.exact(dark.points)])
    return replace(flat, vertices=vertices, front=shows_picture(vertices, flat.faces, len(lit.faces)), foot_px=thickness_px)


def _edges(wall: Shape, plate: Box, thickness_px: float, most: int) -> Curve:
    """The plate's outline with corners where the wall behind it bends, `most` at most."""
    corners = _rectangle(*plate)
    sides = [
        np.linspace(0, 1, _SAMPLES)[:, None] * (np.roll(corners, -1, axis=0)[side] - corners[side]) + corners[side]
        for side in range(4)
    ]
    heights = [wall(side) for side in sides]
    error = _EDGE_ERROR * thickness_px
    while True:
        kept = [_bends(one, error) for one in heights]
        if sum(len(side) - 1 for side in kept) <= most:
            return np.concatenate([side[chosen[:-1]] for side, chosen in zip(sides, kept, strict=True)])
        error *= 1.5


def _bends(heights: NDArray[np.float64], error: float) -> list[int]:
    """Simplify a profile (n,): indices between which straight lines are off by `error` at most (Douglas and Peucker 1973)."""
    kept, waiting = {0, len(heights) - 1}, [(0, len(heights) - 1)]
    while waiting:
        low, high = waiting.pop()
        line = np.linspace(heights[low], heights[high], high - low + 1)
        away = np.abs(heights[low : high + 1] - line)
        worst = int(np.argmax(away))
        if away[worst] > error:
            kept.add(low + worst)
            waiting += [(low, low + worst), (low + worst, high)]
    return sorted(kept)


def _evenly(corners: Curve, spacing: float) -> Curve:
    """A closed curve with points `spacing` apart on its edges."""
    parts = []
    for start, stop in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        count = max(1, round(float(np.linalg.norm(stop - start)) / spacing))
        parts.append(start + np.arange(count)[:, None] / count * (stop - start))
    return np.concatenate(parts)


def _net(left: float, top: float, right: float, bottom: float, spacing: float) -> NDArray[np.float64]:
    """Places (n, 2) of a hexagonal net within a box: of a square one four lie on one circle, and triangles are not unique."""
    x, y = np.meshgrid(np.arange(left + spacing / 4, right, spacing), np.arange(top + spacing / 4, bottom, spacing * 0.75**0.5))
    x[1::2] += spacing / 2
    inside = x < right
    return np.stack([x[inside], y[inside]], axis=1)


def _rectangle(left: float, top: float, right: float, bottom: float) -> Curve:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def _curves(figure: Triangulated) -> tuple[Curve, ...]:
    return tuple(figure.points[loop] for loop in figure.loops)
