"""The stage `relief` of an element: make a closed body from its outline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....contract import Progress, ReliefOptions
from ....formats import Artefact, Mesh, read_mesh_ply, write_mesh_ply
from ....meshes.repair import mesh_facts
from ....relief.body import (
    InlaidPaint,
    Placement,
    SidePaint,
    Solid,
    dense_relief,
    depth_middle_px,
    figure_solid,
    height_map,
    level_faces,
    picture_places,
    place_by_height,
    relief_error,
    side_paint,
    thick_enough,
    vertices_m,
)
from ....relief.outline import WorkingCut
from ..cut import CutElement
from ..parts import Steps
from ..work import work_cut
from .depth import ElementDepth

BODY, FRONT = "body_{}.ply", "front_{}.npy"  # by level of detail
HEIGHT = "height.npy"


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
    height: str = HEIGHT  # the dense relief over the working cut, working pixels

    def mesh(self, level: int = 0) -> Mesh:
        """The body, or a level of detail."""
        return read_mesh_ply(self.folder / BODY.format(level))

    def shows_picture(self, level: int = 0) -> NDArray[np.bool_]:
        """(m,) faces that show the picture itself."""
        return np.load(self.folder / FRONT.format(level))

    def height_px(self) -> NDArray[np.float32]:
        """(h, w) the dense relief's heights, working pixels."""
        return np.load(self.folder / self.height)

    def side_paint(self, work: WorkingCut) -> SidePaint | InlaidPaint:
        """The colours of its sides and back."""
        return side_paint(work.colour, work.alpha, work.curves)

    def shown_alpha(self, alpha: NDArray[np.float32]) -> NDArray[np.float32]:
        """(h, w) the opacity with which the body shows the picture, of the cut-out's own opacity (h, w)."""
        return alpha

    @property
    def placement(self) -> Placement:
        """Where the whole picture lies in the element's frame."""
        return Placement(scale_px_per_m=self.scale_px_per_m, left_px=self.left_px, bottom_px=self.bottom_px)


def make_body(
    cut: CutElement, depth: ElementDepth | None, steps: Steps | None, options: ReliefOptions, folder: Path, report: Progress
) -> ElementBody:
    """Inflate the element's outline, let parts and depth shape it, add painted detail, and close it with triangles.

    Raises bad input where nothing is cut out.
    """
    report(0.0, "tracing the outline")
    work = work_cut(cut)
    report(0.2, "inflating")
    nearness = None if depth is None else depth.nearness()
    front = dense_relief(work, options, nearness, None if steps is None else steps.factor(work))
    back = front if steps is None else dense_relief(work, options, nearness)
    front, back = thick_enough(front, back, work.curves, options)
    report(0.5, f"building {options.element_faces} faces")
    solid = figure_solid(front, back, work, options, options.element_faces)
    placement, middle_px = place_by_height(picture_places(solid, work), options.height_m), depth_middle_px(solid)
    mesh = write_level(folder, 0, solid, vertices_m(solid, work, placement, middle_px))
    counts = level_faces(options)
    for level, faces in enumerate(counts, start=1):
        report(0.6 + 0.4 * (level - 1) / len(counts), f"level of detail with {faces} faces")
        lighter = figure_solid(front, back, work, options, faces)
        write_level(folder, level, lighter, vertices_m(lighter, work, placement, middle_px))
    np.save(folder / HEIGHT, height_map(front, work))
    facts, extent = mesh_facts(mesh), np.ptp(mesh.vertices, axis=0)
    return ElementBody(
        folder=folder,
        faces=facts.faces,
        vertices=facts.vertices,
        components=facts.islands,
        watertight=facts.watertight,
        depth_m=float(extent[1]),
        thickness=float(extent[1] / extent[0]),
        relief_error=relief_error(solid, front) if options.shape != "standee" else 0.0,
        levels=1 + len(counts),
        **vars(placement),
    )


def write_level(folder: Path, level: int, solid: Solid, vertices: NDArray[np.float64]) -> Mesh:
    """Write a level of detail: its mesh, and which of its faces show the picture."""
    mesh = Mesh(vertices=vertices.astype(np.float32), faces=solid.faces.astype(np.int32))
    write_mesh_ply(folder / BODY.format(level), mesh)
    np.save(folder / FRONT.format(level), solid.front)
    return mesh


def forecast_body(cut: CutElement, depth: ElementDepth | None, steps: Steps | None, options: ReliefOptions) -> int:
    """Bytes: the picture, and some hundred for each triangle."""
    return 300_000_000 + 30 * cut.width * cut.height + 2000 * options.element_faces
