"""The stage `relief` of an element: its outline becomes a closed body."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress, ReliefOptions
from ..formats import Artefact, Mesh, read_mesh_ply, write_mesh_ply
from ..meshes import RayCaster, mesh_facts
from ..relief import Heights, Solid, filled, inflate, outline, padded_solid, painted_detail, slab_solid, standee_solid
from .element_cut import CutElement

BODY = "body.ply"
FRONT = "front.npy"
_WORK_PX = 800  # longer side of the element while its outline is found: edges are known to a fraction of a pixel
_MARGIN_PX = 4
_DENSE = 260  # triangles along the longer side of the relief that all others are measured by
_FINEST_PX = 0.8  # of rim edges
_HALF_EDGE = 0.003  # of the longer side: front and back stand this far off the outline's plane
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
    body: str = BODY
    front: str = FRONT  # which faces show the picture itself

    def mesh(self) -> Mesh:
        """The body."""
        return read_mesh_ply(self.folder / self.body)

    def shows_picture(self) -> NDArray[np.bool_]:
        """(m,) faces of the front."""
        return np.load(self.folder / self.front)

    def places_px(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points (n, 3) lie in the whole picture (n, 2), seen from straight before it."""
        x = points[:, 0].astype(np.float64) * self.scale_px_per_m + self.left_px
        y = self.bottom_px - points[:, 2].astype(np.float64) * self.scale_px_per_m
        return np.stack([x, y], axis=1)


def make_body(cut: CutElement, options: ReliefOptions, folder: Path, report: Progress) -> ElementBody:
    """Inflate the element's outline, add painted detail, and close it with as many triangles as asked for.

    Raises bad input where nothing is cut out.
    """
    report(0.0, "following the outline")
    work = work_cut(cut)
    curves = outline(work.alpha)
    longest = float(max(np.ptp(np.concatenate(list(curves)), axis=0)))
    report(0.2, "inflating")
    heights = relief_heights(work, options)
    report(0.5, f"building {options.element_faces} faces")
    solid = _solid(heights, curves, longest, options)
    vertices, scale, left_px, bottom_px = _in_metres(solid, work, options)
    mesh = Mesh(vertices=vertices.astype(np.float32), faces=solid.faces.astype(np.int32))
    write_mesh_ply(folder / BODY, mesh)
    np.save(folder / FRONT, solid.front)
    facts = mesh_facts(mesh)
    error = relief_error(solid, heights) if options.shape != "standee" else 0.0
    return ElementBody(
        folder=folder, faces=facts.faces, vertices=facts.vertices, components=facts.islands, watertight=facts.watertight,
        depth_m=float(np.ptp(vertices[:, 1])), thickness=float(np.ptp(vertices[:, 1]) / np.ptp(vertices[:, 0])),
        relief_error=error, scale_px_per_m=scale, left_px=left_px, bottom_px=bottom_px,
    )  # fmt: skip


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


def forecast_body(cut: CutElement, options: ReliefOptions) -> int:
    """Bytes: the picture, and some hundred for each triangle."""
    return 300_000_000 + 30 * cut.width * cut.height + 2000 * options.element_faces


@dataclass(frozen=True, kw_only=True)
class WorkCut:
    """The element's part of the picture at the size at which its outline is found."""

    colour: NDArray[np.float32]  # (h, w, 3)
    alpha: NDArray[np.float32]  # (h, w)
    left: int  # px of the whole picture
    top: int
    scale: float  # px here for one of the picture's

    def in_picture(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (n, 2) px here as places in the whole picture."""
        return places / self.scale + np.array([self.left, self.top])


def work_cut(cut: CutElement) -> WorkCut:
    """The element with a little around it, 800 px long."""
    left, top, right, bottom = cut.box
    margin = max(1, round(_MARGIN_PX * max(right - left, bottom - top) / _WORK_PX))
    left, top = max(0, left - margin), max(0, top - margin)
    right, bottom = min(cut.width, right + margin), min(cut.height, bottom + margin)
    alpha, colour = cut.alpha()[top:bottom, left:right], cut.colour()[top:bottom, left:right]
    scale = _WORK_PX / max(right - left, bottom - top)
    size = (max(2, round((right - left) * scale)), max(2, round((bottom - top) * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return WorkCut(
        colour=np.clip(cv2.resize(colour, size, interpolation=how), 0, 1), left=left, top=top, scale=scale,
        alpha=np.clip(cv2.resize(alpha, size, interpolation=how), 0, 1),
    )  # fmt: skip


def relief_heights(work: WorkCut, options: ReliefOptions) -> Heights:
    """The dense relief that bodies of few faces are measured by."""
    curves = outline(work.alpha)
    figure = filled(curves, max(work.alpha.shape) / _DENSE)
    base = inflate(figure)
    lines = painted_detail(work.colour, figure.points, base, options.detail)
    part = options.roundness * (_SLAB_PART if options.shape == "slab" else 1.0)
    return Heights(over=figure, values=np.maximum(part * base + lines, 0.0) * ~figure.on_rim)


def _solid(heights: Heights, curves: tuple[NDArray[np.float64], ...], longest: float, options: ReliefOptions) -> Solid:
    faces = options.element_faces
    if options.shape == "standee":
        return standee_solid(curves, 0.5 * options.thickness * longest, faces, _FINEST_PX)
    if options.shape == "slab":
        half = 0.5 * options.thickness * longest
        return slab_solid(curves, heights, _SLAB_MARGIN * longest, half, faces, _FINEST_PX)

    def back(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return options.back_depth * heights.at(places)

    return padded_solid(curves, heights, back, _HALF_EDGE * longest, faces, _FINEST_PX)


def _in_metres(solid: Solid, work: WorkCut, options: ReliefOptions) -> tuple[NDArray[np.float64], float, float, float]:
    """Vertices in the element's frame; px of the picture a metre, and where x = 0 and z = 0 lie in it."""
    places = work.in_picture(solid.vertices[:, :2] * np.array([1.0, -1.0]))
    lowest, highest = places.min(0), places.max(0)
    pixel_m = options.height_m / float(highest[1] - lowest[1])
    middle, bottom = 0.5 * float(lowest[0] + highest[0]), float(highest[1])
    x, z = (places[:, 0] - middle) * pixel_m, (bottom - places[:, 1]) * pixel_m
    y = -solid.vertices[:, 2] / work.scale * pixel_m
    y -= 0.5 * (y.min() + y.max())
    return np.stack([x, y, z], axis=1), 1 / pixel_m, middle, bottom
