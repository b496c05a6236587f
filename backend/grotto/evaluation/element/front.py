"""The front of a light body against that of the dense relief: how far it lies off, and where it is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...formats import Mesh
from ...scene import RayCaster

_POINTS_ALONG = 400  # of the grid of points, along the longer side of the dense relief
_RIM = 1e-3  # of a body's width or height: vertices this near to an end lie on the rim


@dataclass(frozen=True, kw_only=True)
class FrontError:
    """Distances of a light front from the dense one, seen from straight ahead."""

    points: int  # of the dense relief's front
    p95: float  # 95th percentile at points that both cover, as a part of the relief's height
    uncovered: int  # points that the light body does not cover


def front_error(light: Mesh, dense: Mesh) -> FrontError:
    """Compare two bodies in one world whose pictures look along +y, on a square grid over x and z.

    Depths are measured from each body's rim, since a body stands with its depth's middle at y = 0 and a light one may be thinner.
    The relief's height is the range of depths of the dense front. Raises ValueError where the dense body covers no point.
    """
    vertices = dense.vertices.astype(np.float64)
    low, high = vertices.min(0), vertices.max(0)
    step = float(max(high[0] - low[0], high[2] - low[2])) / _POINTS_ALONG
    x, z = np.meshgrid(np.arange(low[0] + step / 2, high[0], step), np.arange(low[2] + step / 2, high[2], step))
    start_y = min(low[1], float(light.vertices[:, 1].min())) - 1.0
    starts = np.column_stack([x.reshape(-1), np.full(x.size, start_y), z.reshape(-1)])
    goal = _depths(dense, starts)
    covered = np.isfinite(goal)
    if not covered.any():
        raise ValueError("the dense body covers no point")
    found = _depths(light, starts[covered])
    met = np.isfinite(found)
    difference = (found[met] - _rim_y(light)) - (goal[covered][met] - _rim_y(dense))
    height = float(np.ptp(goal[covered]))
    off = np.abs(difference) if met.any() else np.zeros(1)
    return FrontError(
        points=int(covered.sum()), p95=float(np.percentile(off, 95)) / height if height > 0 else 0.0, uncovered=int((~met).sum())
    )


def _rim_y(mesh: Mesh) -> float:
    """Mean y of the rim, at its leftmost, rightmost, lowest and highest place."""
    vertices = mesh.vertices.astype(np.float64)
    near = _RIM * np.ptp(vertices, axis=0)
    places = []
    for axis in (0, 2):
        along = vertices[:, axis]
        places += [along <= along.min() + near[axis], along >= along.max() - near[axis]]
    return float(np.mean([vertices[place, 1].mean() for place in places]))


def _depths(mesh: Mesh, starts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances (n,) along +y to a mesh; infinite where rays miss it."""
    along = np.tile([0.0, 1.0, 0.0], (len(starts), 1))
    return RayCaster(mesh.vertices, mesh.faces).first(starts, along).distance.astype(np.float64)
