"""The stage `on_wall` of an element: a bas-relief on a plate that follows the wall from which its picture was taken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....contract import Progress, bad_input
from ....contract.options import BudgetOptions, ReliefOptions
from ....contract.recipes import ElementOptions
from ....meshes.repair import mesh_facts
from ....relief.body import InlaidPaint, Solid, WallRelief, inlaid_paint, relief_on_wall, wall_slab_solid
from ....relief.outline import outline
from ....scene import RayCaster
from ..cut import CutElement
from ..parts import Steps
from ..relief import FINEST_PX, HEIGHT, ElementBody, ElementDepth, keep_level, level_faces, relief_heights
from ..work import WorkCut, work_cut
from .box import WallFiles, wall_files
from .place import CutOnWall

WALL_FROM_ELEMENT = "wall_from_element"  # fact: the matrix that puts the element onto its wall
Box = tuple[float, float, float, float]


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

    def side_paint(self, work: WorkCut) -> InlaidPaint:
        """The figure's sides in its own colours, the plate's in the wall's."""
        left, top, right, bottom = (round(side) for side in plate_of(self.plate, work))
        plate = np.zeros(work.alpha.shape, np.float32)
        plate[top:bottom, left:right] = 1
        return inlaid_paint(work.colour, work.alpha, plate)

    def shown_alpha(self, cut: CutElement) -> NDArray[np.float32]:
        """(h, w) the whole plate shows the picture."""
        left, top, right, bottom = self.plate
        shown = np.zeros((cut.height, cut.width), np.float32)
        shown[top:bottom, left:right] = 1
        return shown


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
    report(0.0, "following outline and wall")
    work = work_cut(cut)
    curves = outline(work.alpha)
    figure = relief_heights(work, None if depth is None else depth.nearness(), options, steps)
    plate = plate_of(cut.box, work)

    def wall(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return cut.wall_heights(work.in_picture(places)) * work.scale

    relief = relief_on_wall(figure, wall, plate)
    thickness = options.thickness * float(max(np.ptp(np.concatenate(list(curves)), axis=0)))
    counts = [budget.faces, *level_faces(budget)]
    left_px, bottom_px = 0.5 * (cut.box[0] + cut.box[2]), float(cut.box[3])
    solids = []
    for level, faces in enumerate(counts):
        report(0.3 + 0.6 * level / len(counts), f"building {faces} faces")
        solids.append(wall_slab_solid(curves, relief, plate, thickness, faces, FINEST_PX))
    ahead = solids[0].vertices[:, 2] / work.scale * cut.pixel
    middle = -0.5 * float(ahead.min() + ahead.max())
    made = []
    for level, solid in enumerate(solids):
        places = work.in_picture(solid.vertices[:, :2] * np.array([1.0, -1.0]))
        y = -solid.vertices[:, 2] / work.scale * cut.pixel - middle
        vertices = np.stack([(places[:, 0] - left_px) * cut.pixel, y, (bottom_px - places[:, 1]) * cut.pixel], axis=1)
        made.append(keep_level(folder, level, solid, vertices))
    np.save(folder / HEIGHT, _height_px(relief, work))
    facts, extent = mesh_facts(made[0]), np.ptp(made[0].vertices, axis=0)
    return BodyOnWall(
        folder=folder, faces=facts.faces, vertices=facts.vertices, components=facts.islands, watertight=facts.watertight,
        scale_px_per_m=1 / cut.pixel, left_px=left_px, bottom_px=bottom_px, depth_m=float(extent[1]),
        thickness=float(extent[1] / extent[0]), relief_error=_error(solids[0], relief), levels=len(counts),
        shift=(cut.x_min + left_px * cut.pixel, middle, cut.z_max - bottom_px * cut.pixel), plate=cut.box,
    )  # fmt: skip


def forecast_body_on_wall(
    cut: CutOnWall, depth: ElementDepth | None, steps: Steps | None, budget: BudgetOptions, options: ReliefOptions
) -> int:
    """Bytes: the picture, and some hundred for each triangle."""
    return 400_000_000 + 30 * cut.width * cut.height + 2000 * budget.faces


def plate_of(box: tuple[int, int, int, int], work: WorkCut) -> Box:
    """A box of the picture in px of the work cut."""
    corners = (np.array(box, np.float64).reshape(2, 2) - np.array([work.left, work.top])) * work.scale
    (left, top), (right, bottom) = corners
    return float(left), float(top), float(right), float(bottom)


def asked_wall(options: ElementOptions) -> WallFiles | None:
    """The wall that an element is to lie on, or None. Raises bad input for what cannot be done on a wall."""
    place = options.on_wall
    if not place.wall:
        if place.wall_box:
            raise bad_input("wall_box says a place, and no wall is named", "name its job with wall", option="wall")
        return None
    if options.route not in ("auto", "relief"):
        raise bad_input(f"the route {options.route} lays nothing on a wall", "choose the route relief", option="route")
    if options.relief.shape != "slab":
        raise bad_input(f"the shape {options.relief.shape} does not lie on a wall", "choose the shape slab", option="shape")
    return wall_files(Path(place.wall).expanduser().absolute())


def on_wall_provenance(cut: CutOnWall) -> dict[str, Any]:
    """What the mesh says of the wall it was made for."""
    around = {"front": "the picture, the wall's orthophoto around it"} if cut.around else {}
    return {"wall": cut.wall, "wall_box_px": list(cut.wall_box_px), **around}


def wall_facts(cut: CutOnWall, body: BodyOnWall) -> dict[str, Any]:
    """What the result says of the place on the wall."""
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


def _height_px(relief: WallRelief, work: WorkCut) -> NDArray[np.float32]:
    rows, columns = np.mgrid[: work.alpha.shape[0], : work.alpha.shape[1]] + 0.5
    places = np.stack([columns.reshape(-1), rows.reshape(-1)], axis=1)
    lowest, highest = relief.front.over.points.min(0) + 1e-6, relief.front.over.points.max(0) - 1e-6
    return np.asarray(relief.front.at(np.clip(places, lowest, highest)).reshape(work.alpha.shape), np.float32)


def _error(solid: Solid, relief: WallRelief) -> float:
    """95th percentile of the front's distance from wall and figure together, as a part of the figure's height."""
    over = relief.front.over
    low, high = solid.vertices[:, :2].min(0), solid.vertices[:, :2].max(0)
    upright = over.points * np.array([1.0, -1.0])
    inner = (upright > low).all(1) & (upright < high).all(1)
    wanted = relief.front.values[inner]
    above = float(solid.vertices[:, 2].max()) + 1.0
    start = np.column_stack([upright[inner], np.full(len(wanted), above)])
    hits = RayCaster(solid.vertices, solid.faces).first(start, np.tile([0.0, 0.0, -1.0], (len(start), 1)))
    met = hits.face >= 0
    found = above - hits.distance[met] - solid.foot_px
    return float(np.percentile(np.abs(found - wanted[met]), 95) / max(relief.highest, 1e-9))
