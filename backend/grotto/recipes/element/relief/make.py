"""The stage `relief` of an element: make a closed body from its outline."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ....contract import Progress
from ....contract.options import BudgetOptions, ReliefOptions
from ....meshes.repair import mesh_facts
from ....relief.body import (
    dense_relief,
    depth_middle_px,
    figure_solid,
    height_map,
    level_faces,
    picture_places,
    place_by_height,
    relief_error,
    thick_enough,
    vertices_m,
)
from ..body import HEIGHT, ElementBody, write_level
from ..cut import CutElement
from ..depth import ElementDepth
from ..parts import Steps
from ..work import work_cut


def make_body(
    cut: CutElement,
    depth: ElementDepth | None,
    steps: Steps | None,
    budget: BudgetOptions,
    options: ReliefOptions,
    folder: Path,
    report: Progress,
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
    report(0.5, f"building {budget.faces} faces")
    solid = figure_solid(front, back, work, options, budget.faces)
    placement, middle_px = place_by_height(picture_places(solid, work), options.height_m), depth_middle_px(solid)
    mesh = write_level(folder, 0, solid, vertices_m(solid, work, placement, middle_px))
    counts = level_faces(budget)
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


def forecast_body(
    cut: CutElement, depth: ElementDepth | None, steps: Steps | None, budget: BudgetOptions, options: ReliefOptions
) -> int:
    """Bytes: the picture, and some hundred for each triangle."""
    return 300_000_000 + 30 * cut.width * cut.height + 2000 * budget.faces
