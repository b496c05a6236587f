"""The body of an element: a closed mesh with its levels of detail, and where its picture lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...formats import Artefact, Mesh, read_mesh_ply, write_mesh_ply
from ...relief.body import InlaidPaint, Placement, SidePaint, Solid, side_paint
from ...relief.outline import WorkingCut

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


def write_level(folder: Path, level: int, solid: Solid, vertices: NDArray[np.float64]) -> Mesh:
    """Write a level of detail: its mesh, and which of its faces show the picture."""
    mesh = Mesh(vertices=vertices.astype(np.float32), faces=solid.faces.astype(np.int32))
    write_mesh_ply(folder / BODY.format(level), mesh)
    np.save(folder / FRONT.format(level), solid.front)
    return mesh
