"""The stage `relief` of an element: its outline becomes a closed body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....contract import Progress
from ....contract.options import BudgetOptions, ReliefOptions
from ....formats import Artefact, Mesh, read_mesh_ply, write_mesh_ply
from ....meshes.repair import mesh_facts
from ....relief.body import (
    Heights,
    InlaidPaint,
    SidePaint,
    Solid,
    inflate,
    padded_solid,
    painted_detail,
    shaped_by_depth,
    side_paint,
    slab_solid,
    standee_solid,
)
from ....relief.outline import filled, outline
from ....scene import RayCaster
from ..cut import CutElement
from ..parts import Steps
from ..work import WorkCut, work_cut
from .depth import ElementDepth

BODY, FRONT = "body_{}.ply", "front_{}.npy"  # by level of detail
HEIGHT = "height.npy"
_LEVEL_PART = 0.25  # of the faces of the level before
_FEWEST = 200  # faces, below which a figure is none
_DENSE = 260  # triangles along the longer side of the relief that all others are measured by
FINEST_PX = 0.8  # of rim edges
_HALF_EDGE = 0.003  # of the longer side: front and back stand this far off the outline's plane
_OVER_PEAKS = 1.01  # flat triangles cut peaks off
_SLAB_MARGIN = 0.05  # of the longer side
_SLAB_PART = 0.25  # of a figure's height: bas-reliefs are flat


@dataclass(frozen=True, kw_only=True)
class ElementBody(Artefact):
    """A closed body in the element's frame: metres, x right, z up, its front towards -y, the middle of its foot at 0."""

    faces: int
    vertices: int
    components: int
    watertight: bool
    scale_px_per_m: float  # of the whole picture
    left_px: float  # where x = 0 is in the picture
    bottom_px: float  # where z = 0 is
    depth_m: float  # from front to back
    thickness: float  # the same as a part of the width
    relief_error: float  # 95th percentile of the front's distance from the dense relief, as a part of its height; flat: 0
    levels: int = 1  # of detail, each with a quarter of the faces of the one before; the first is the body
    height: str = HEIGHT  # the dense relief over the element's part of the picture, px of that part

    def mesh(self, level: int = 0) -> Mesh:
        """The body, or a level of detail."""
        return read_mesh_ply(self.folder / BODY.format(level))

    def shows_picture(self, level: int = 0) -> NDArray[np.bool_]:
        """(m,) faces that show the picture itself."""
        return np.load(self.folder / FRONT.format(level))

    def height_px(self) -> NDArray[np.float32]:
        """(h, w) how far the dense relief stands out, px of the work cut."""
        return np.load(self.folder / self.height)

    def side_paint(self, work: WorkCut) -> SidePaint | InlaidPaint:
        """The colours of its sides and back."""
        return side_paint(work.colour, work.alpha, outline(work.alpha))

    def shown_alpha(self, cut: CutElement) -> NDArray[np.float32]:
        """(h, w) where the body shows the picture, seen as the picture does."""
        return cut.alpha()

    def places_px(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points (n, 3) lie in the whole picture (n, 2), seen from straight before it."""
        x = points[:, 0].astype(np.float64) * self.scale_px_per_m + self.left_px
        y = self.bottom_px - points[:, 2].astype(np.float64) * self.scale_px_per_m
        return np.stack([x, y], axis=1)


def make_body(
    cut: CutElement,
    depth: ElementDepth | None,
    steps: Steps | None,
    budget: BudgetOptions,
    options: ReliefOptions,
    folder: Path,
    report: Progress,
) -> ElementBody:
    """Inflate the element's outline, or part by part, let depth shape it, add painted detail, and close it with triangles.

    Raises bad input where nothing is cut out.
    """
    report(0.0, "following the outline")
    work = work_cut(cut)
    curves = outline(work.alpha)
    longest = float(max(np.ptp(np.concatenate(list(curves)), axis=0)))
    report(0.2, "inflating")
    nearness = None if depth is None else depth.nearness()
    heights = relief_heights(work, nearness, options, steps)
    behind = heights if steps is None else relief_heights(work, nearness, options)
    heights, behind = _thick_enough(heights, behind, curves, options)
    report(0.5, f"building {budget.faces} faces")
    solid = _solid(heights, behind, curves, longest, options, budget.faces)
    vertices, scale, left_px, bottom_px = _in_metres(solid, work, options)
    mesh = keep_level(folder, 0, solid, vertices)
    counts = level_faces(budget)
    for level, faces in enumerate(counts, start=1):
        report(0.6 + 0.4 * (level - 1) / len(counts), f"level of detail with {faces} faces")
        lighter = _solid(heights, behind, curves, longest, options, faces)
        keep_level(folder, level, lighter, _at_scale(lighter, work, scale, left_px, bottom_px, solid))
    np.save(folder / HEIGHT, _height_px(heights, work))
    facts = mesh_facts(mesh)
    error = relief_error(solid, heights) if options.shape != "standee" else 0.0
    return ElementBody(
        folder=folder, faces=facts.faces, vertices=facts.vertices, components=facts.islands, watertight=facts.watertight,
        depth_m=float(np.ptp(vertices[:, 1])), thickness=float(np.ptp(vertices[:, 1]) / np.ptp(vertices[:, 0])),
        relief_error=error, scale_px_per_m=scale, left_px=left_px, bottom_px=bottom_px, levels=1 + len(counts),
    )  # fmt: skip


def _thick_enough(
    heights: Heights, behind: Heights, curves: tuple[NDArray[np.float64], ...], options: ReliefOptions
) -> tuple[Heights, Heights]:
    """The heights of front and back, of figures that would be thinner than they may be that much higher."""
    size = np.ptp(np.concatenate(list(curves)), axis=0)
    made = float(heights.values.max()) + options.back_depth * float(behind.values.max())
    wanted = _OVER_PEAKS * options.least_thickness * min(1.0, options.roundness) * float(size[0]) - 2 * _HALF_EDGE * float(
        size.max()
    )
    if options.shape != "figure" or not 0 < made < wanted:
        return heights, behind
    more = wanted / made
    return replace(heights, values=more * heights.values), replace(behind, values=more * behind.values)


def level_faces(budget: BudgetOptions) -> list[int]:
    """Faces of the levels of detail after the first."""
    wanted = [round(budget.faces * _LEVEL_PART**level) for level in range(1, budget.lods + 1)]
    return [faces for faces in wanted if faces >= _FEWEST]


def keep_level(folder: Path, level: int, solid: Solid, vertices: NDArray[np.float64]) -> Mesh:
    """Write a level of detail: its mesh, and which of its faces show the picture."""
    mesh = Mesh(vertices=vertices.astype(np.float32), faces=solid.faces.astype(np.int32))
    write_mesh_ply(folder / BODY.format(level), mesh)
    np.save(folder / FRONT.format(level), solid.front)
    return mesh


def _height_px(heights: Heights, work: WorkCut) -> NDArray[np.float32]:
    rows, columns = np.mgrid[: work.alpha.shape[0], : work.alpha.shape[1]] + 0.5
    found = heights.at(np.stack([columns.reshape(-1), rows.reshape(-1)], axis=1))
    return np.asarray(found.reshape(work.alpha.shape), np.float32)


def relief_error(solid: Solid, heights: Heights) -> float:
    """95th percentile of how far the body's front lies from the dense relief at its points, as a part of the relief's height."""
    inner = ~heights.over.on_rim
    places, wanted = heights.over.points[inner], heights.values[inner]
    highest = float(wanted.max()) if len(wanted) else 0.0
    if highest <= 0:
        return 0.0
    above = float(solid.vertices[:, 2].max()) + 1.0
    start = np.column_stack([places * np.array([1.0, -1.0]), np.full(len(places), above)])
    hits = RayCaster(solid.vertices, solid.faces).first(start, np.tile([0.0, 0.0, -1.0], (len(start), 1)))
    met = hits.face >= 0
    found = above - hits.distance[met] - solid.foot_px
    return float(np.percentile(np.abs(found - wanted[met]), 95) / highest)


def forecast_body(
    cut: CutElement, depth: ElementDepth | None, steps: Steps | None, budget: BudgetOptions, options: ReliefOptions
) -> int:
    """Bytes: the picture, and some hundred for each triangle."""
    return 300_000_000 + 30 * cut.width * cut.height + 2000 * budget.faces


def relief_heights(
    work: WorkCut, nearness: NDArray[np.float32] | None, options: ReliefOptions, steps: Steps | None = None
) -> Heights:
    """The dense relief that bodies of few faces are measured by."""
    curves = outline(work.alpha)
    figure = filled(curves, max(work.alpha.shape) / _DENSE)
    base = inflate(figure)
    if steps is not None:
        base = base * steps.times(work, figure.points)
    if nearness is not None:
        base = shaped_by_depth(base, figure.points, nearness, work.alpha, options.depth_weight)
    lines = painted_detail(work.colour, figure.points, base, options.detail)
    part = options.roundness * (_SLAB_PART if options.shape == "slab" else 1.0)
    return Heights(over=figure, values=np.maximum(part * base + lines, 0.0) * ~figure.on_rim)


def _solid(
    heights: Heights, behind: Heights, curves: tuple[NDArray[np.float64], ...], longest: float, options: ReliefOptions,
    faces: int,
) -> Solid:  # fmt: skip
    if options.shape == "standee":
        return standee_solid(curves, 0.5 * options.thickness * longest, faces, FINEST_PX)
    if options.shape == "slab":
        half = 0.5 * options.thickness * longest
        return slab_solid(curves, heights, _SLAB_MARGIN * longest, half, faces, FINEST_PX)

    def back(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return options.back_depth * behind.at(places)

    return padded_solid(curves, heights, back, _HALF_EDGE * longest, faces, FINEST_PX)


def _in_metres(solid: Solid, work: WorkCut, options: ReliefOptions) -> tuple[NDArray[np.float64], float, float, float]:
    """Vertices in the element's frame; px of the picture a metre, and where x = 0 and z = 0 lie in it."""
    places = work.in_picture(solid.vertices[:, :2] * np.array([1.0, -1.0]))
    lowest, highest = places.min(0), places.max(0)
    scale = float(highest[1] - lowest[1]) / options.height_m
    middle, bottom = 0.5 * float(lowest[0] + highest[0]), float(highest[1])
    return _at_scale(solid, work, scale, middle, bottom, solid), scale, middle, bottom


def _at_scale(
    solid: Solid, work: WorkCut, scale: float, left_px: float, bottom_px: float, like: Solid
) -> NDArray[np.float64]:  # fmt: skip
    """Vertices in the element's frame, with the depth's middle of another solid at y = 0: levels of detail lie in one another."""
    places = work.in_picture(solid.vertices[:, :2] * np.array([1.0, -1.0]))
    depth = like.vertices[:, 2]
    y = (0.5 * (depth.min() + depth.max()) - solid.vertices[:, 2]) / work.scale / scale
    return np.stack([(places[:, 0] - left_px) / scale, y, (bottom_px - places[:, 1]) / scale], axis=1)
