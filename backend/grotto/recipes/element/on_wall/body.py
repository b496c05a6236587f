"""The stage `on_wall` of an element: a bas-relief on a plate that follows the wall from which its picture was taken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....contract import Progress
from ....contract.options import BudgetOptions, ReliefOptions
from ....meshes.repair import mesh_facts
from ....relief.body import (
    InlaidPaint,
    Placement,
    dense_relief,
    depth_middle_px,
    inlaid_paint,
    level_faces,
    plate_mask,
    relief_on_wall,
    vertices_m,
    wall_relief_error,
    wall_relief_map,
    wall_slab_solid,
)
from ....relief.outline import WorkingCut
from ..body import HEIGHT, ElementBody, write_level
from ..depth import ElementDepth
from ..parts import Steps
from ..work import work_cut
from .place import CutOnWall

WALL_FROM_ELEMENT = "wall_from_element"  # fact: the matrix that puts the element onto its wall


@dataclass(frozen=True, kw_only=True)
class BodyOnWall(ElementBody):
    """A body on a wall: its frame is the wall's, moved by `shift`; units are the wall's."""

    shift: tuple[float, float, float]  # of the element's origin in the wall's frame
    plate: tuple[int, int, int, int]  # px of the picture

    @property
    def wall_from_element(self) -> NDArray[np.float64]:
        """(4, 4)"""
        made = np.eye(4)
        made[:3, 3] = self.shift
        return made

    def side_paint(self, work: WorkingCut) -> InlaidPaint:
        """The figure's sides in its own colours, the plate's in the wall's."""
        return inlaid_paint(work.colour, work.alpha, plate_mask(work.box_from_picture(self.plate), work.alpha.shape))

    def shown_alpha(self, alpha: NDArray[np.float32]) -> NDArray[np.float32]:
        """(h, w) 1 on the whole plate, which shows the picture."""
        return plate_mask(self.plate, alpha.shape)


def make_body_on_wall(
    cut: CutOnWall,
    depth: ElementDepth | None,
    steps: Steps | None,
    budget: BudgetOptions,
    options: ReliefOptions,
    folder: Path,
    report: Progress,
) -> BodyOnWall:
    """Lay a plate on the wall, let the figure stand out of it, and close it with triangles.

    Raises bad input where nothing is cut out.
    """
    report(0.0, "tracing outline and wall")
    work = work_cut(cut)
    nearness = None if depth is None else depth.nearness()
    figure = dense_relief(work, options, nearness, None if steps is None else steps.factor(work))
    wall, plate = cut.read_wall(), work.box_from_picture(cut.box)
    relief = relief_on_wall(figure, lambda places: wall.at(work.in_picture(places)) * work.scale, plate)
    counts = [budget.faces, *level_faces(budget)]
    solids = []
    for level, faces in enumerate(counts):
        report(0.3 + 0.6 * level / len(counts), f"building {faces} faces")
        solids.append(wall_slab_solid(work.curves, relief, plate, options.thickness * work.longest_px, faces))
    placement = Placement(scale_px_per_m=1 / cut.pixel, left_px=0.5 * (cut.box[0] + cut.box[2]), bottom_px=float(cut.box[3]))
    middle_px = depth_middle_px(solids[0])
    meshes = [
        write_level(folder, level, solid, vertices_m(solid, work, placement, middle_px)) for level, solid in enumerate(solids)
    ]
    np.save(folder / HEIGHT, wall_relief_map(relief, work))
    facts, extent = mesh_facts(meshes[0]), np.ptp(meshes[0].vertices, axis=0)
    x, z = cut.x_min + placement.left_px * cut.pixel, cut.z_max - placement.bottom_px * cut.pixel
    return BodyOnWall(
        folder=folder,
        faces=facts.faces,
        vertices=facts.vertices,
        components=facts.islands,
        watertight=facts.watertight,
        depth_m=float(extent[1]),
        thickness=float(extent[1] / extent[0]),
        relief_error=wall_relief_error(solids[0], relief),
        levels=len(counts),
        shift=(x, -middle_px / work.scale * cut.pixel, z),
        plate=cut.box,
        **vars(placement),
    )


def forecast_body_on_wall(
    cut: CutOnWall, depth: ElementDepth | None, steps: Steps | None, budget: BudgetOptions, options: ReliefOptions
) -> int:
    """Bytes: the picture, and some hundred for each triangle."""
    return 400_000_000 + 30 * cut.width * cut.height + 2000 * budget.faces


def on_wall_provenance(cut: CutOnWall) -> dict[str, Any]:
    """Extras of the mesh on its wall."""
    around = {"front": "the picture, the wall's orthophoto around it"} if cut.around else {}
    return {"wall": cut.wall, "wall_box_px": list(cut.wall_box_px), **around}


def wall_facts(cut: CutOnWall, body: BodyOnWall) -> dict[str, Any]:
    """Facts of the place on the wall."""
    return {
        "height_m": round(float(np.ptp(body.mesh().vertices[:, 2])), 6),
        "element_box_px": list(cut.element_box),
        "scale": "metric" if cut.metric else "arbitrary",
        "wall": cut.wall,
        "wall_box_px": [round(side, 3) for side in cut.wall_box_px],
        "placed_by": cut.placed_by,
        "wall_height_carried_on": round(cut.filled, 4),
        WALL_FROM_ELEMENT: [[round(float(value), 7) for value in row] for row in body.wall_from_element],
    }
