"""The body of a figure from its outline: a dense relief, thick enough, and closed solids of few faces that follow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...contract.options import BudgetOptions, ReliefOptions
from ...scene import RayCaster
from ..outline import Curve, WorkingCut, triangulate_evenly
from .depth import scale_by_depth
from .detail import painted_detail
from .inflation import Heights, inflate
from .solid import Solid, inflated_solid, slab_solid, standee_solid

Factor = Callable[[NDArray[np.float64]], NDArray[np.float64]]  # (n,) at places (n, 2) working pixels

FINEST_PX = 0.8  # of rim edges
_DENSE = 260  # triangles along the longer side of the dense relief, against which all others are measured
_HALF_EDGE = 0.003  # of the longer side: front and back stand this far off the outline's plane
_OVER_PEAKS = 1.01  # flat triangles cut peaks off
_SLAB_MARGIN = 0.05  # of the longer side
_SLAB_PART = 0.25  # of a figure's height: bas-reliefs are flat
_LEVEL_PART = 0.25  # of the faces of the level before
_FEWEST = 200  # faces: with fewer no figure is recognised


def dense_relief(
    work: WorkingCut, options: ReliefOptions, nearness: NDArray[np.float32] | None = None, factor: Factor | None = None
) -> Heights:
    """Heights in working pixels over a dense triangulation: inflation, times part steps and depth, plus painted detail.

    nearness: (h, w) an estimate of depth, larger is nearer. factor: of the inflation by parts.
    """
    figure = triangulate_evenly(work.curves, max(work.alpha.shape) / _DENSE)
    base = inflate(figure)
    if factor is not None:
        base = base * factor(figure.points)
    if nearness is not None:
        base = scale_by_depth(base, figure.points, nearness, work.alpha, options.depth_weight)
    lines = painted_detail(work.colour, figure.points, base, options.detail)
    share = options.roundness * (_SLAB_PART if options.shape == "slab" else 1.0)
    return Heights(over=figure, values=np.maximum(share * base + lines, 0.0) * ~figure.on_rim)


def thick_enough(front: Heights, back: Heights, curves: tuple[Curve, ...], options: ReliefOptions) -> tuple[Heights, Heights]:
    """The heights of front and back; of figures thinner than `least_thickness` of their width, scaled up to that."""
    size = np.ptp(np.concatenate(list(curves)), axis=0)
    depth_px = float(front.values.max()) + options.back_depth * float(back.values.max())
    edges_px = 2 * _HALF_EDGE * float(size.max())
    least_px = _OVER_PEAKS * options.least_thickness * min(1.0, options.roundness) * float(size[0]) - edges_px
    if options.shape != "figure" or not 0 < depth_px < least_px:
        return front, back
    scale = least_px / depth_px
    return replace(front, values=scale * front.values), replace(back, values=scale * back.values)


def figure_solid(front: Heights, back: Heights, work: WorkingCut, options: ReliefOptions, faces: int) -> Solid:
    """A closed solid of about `faces` triangles in the shape that the options name, in working pixels."""
    half_px = 0.5 * options.thickness * work.longest_px
    if options.shape == "standee":
        return standee_solid(work.curves, half_px, faces, FINEST_PX)
    if options.shape == "slab":
        return slab_solid(work.curves, front, _SLAB_MARGIN * work.longest_px, half_px, faces, FINEST_PX)

    def behind(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return options.back_depth * back.at(places)

    return inflated_solid(work.curves, front, behind, _HALF_EDGE * work.longest_px, faces, FINEST_PX)


def level_faces(budget: BudgetOptions) -> list[int]:
    """Faces of the levels of detail after the first, each with a quarter of the faces of the level before."""
    counts = [round(budget.faces * _LEVEL_PART**level) for level in range(1, budget.lods + 1)]
    return [faces for faces in counts if faces >= _FEWEST]


def height_map(heights: Heights, work: WorkingCut) -> NDArray[np.float32]:
    """Heights at all pixels of the working cut (h, w), working pixels."""
    return np.asarray(heights.at(work.pixel_centres()).reshape(work.alpha.shape), np.float32)


def relief_error(solid: Solid, heights: Heights) -> float:
    """95th percentile of the distance between a solid's front and the dense relief, as a part of the relief's height."""
    inner = ~heights.over.on_rim
    expected = heights.values[inner]
    highest = float(expected.max()) if len(expected) else 0.0
    return front_error(solid, heights.over.points[inner], expected) / highest if highest > 0 else 0.0


def front_error(solid: Solid, places: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """95th percentile of |height of a solid's front - expected (n,)| at places (n, 2) px, y down; px."""
    above = float(solid.vertices[:, 2].max()) + 1.0
    origins = np.column_stack([places * np.array([1.0, -1.0]), np.full(len(places), above)])
    hits = RayCaster(solid.vertices, solid.faces).first(origins, np.tile([0.0, 0.0, -1.0], (len(origins), 1)))
    met = hits.face >= 0
    heights = above - hits.distance[met] - solid.foot_px
    return float(np.percentile(np.abs(heights - expected[met]), 95))
