"""Likeness against vertices on made objects, ours next to every baseline.

Starts from the meshes that the bench `element.objects` left. For each budget of faces ours is refined at that budget and the
baselines are decimated to it; all are painted alike, and scored by SSIM on held-out views.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from ...contract import Silent, bad_input
from ...contract.options import RefineOptions
from ...formats import Mesh, read_glb
from ...meshes.refine import refine_mesh
from ...meshes.remesh import decimate
from ...meshes.repair import repair
from ...scene import View
from ...synthetic.objects import OBJECTS
from ..bench import Bench
from ..core import rig_views
from ..markdown import Heads, markdown_table
from ..scores import heldout_scores
from .bodies import painted

RIG = "v1.2"
BUDGETS = (700, 1500, 4000, 10_000, 20_000)
OURS = "refined"
STARTS = {"zerorf": "zerorf-decimated", "voxel": "voxel-refined", "vm": "vm-refined", "hull": "hull-projected"}
_REFINE_STEPS = 120


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """One mesh of one budget."""

    name: str
    method: str  # "refined", or the field whose mesh was decimated
    faces: int
    vertices: int
    ssim: float
    psnr_db: float


def curve_point(name: str, method: str, mesh: Mesh, inputs: Sequence[View], heldout: Sequence[View]) -> CurvePoint:
    """Paint a mesh with the six views and score it."""
    body = painted(mesh, inputs)
    found = heldout_scores(body.render, heldout)
    return CurvePoint(
        name=name,
        method=method,
        faces=len(mesh.faces),
        vertices=len(mesh.vertices),
        ssim=found.ssim,
        psnr_db=found.psnr_db,
    )


def share_of_vertices(points: Sequence[CurvePoint], mine: CurvePoint) -> float:
    """Divide the vertices of one of our meshes by those that the best baseline needs for its SSIM; 0 where none reaches it.

    Between budgets a baseline's vertices are interpolated along its curve.
    """
    needed = math.inf
    for method in {point.method for point in points} - {OURS}:
        own = sorted((point for point in points if point.method == method), key=lambda point: point.vertices)
        for low, high in pairwise(own):
            if low.ssim < mine.ssim <= high.ssim:
                part = (mine.ssim - low.ssim) / (high.ssim - low.ssim)
                needed = min(needed, low.vertices + part * (high.vertices - low.vertices))
        if own and own[0].ssim >= mine.ssim:
            needed = min(needed, own[0].vertices)
    return mine.vertices / needed


def run(objects: Path, /, out: Path, names: tuple[str, ...] = tuple(OBJECTS), seed: int = 0) -> str:
    """Make all curves, write curves.md, and return the table.

    Args:
        objects: folder that the bench element.objects has filled
        out: the folder of points and table
        names: which made objects
        seed: that of element.objects
    """
    out.mkdir(parents=True, exist_ok=True)
    points: list[CurvePoint] = []
    for name in names:
        path = out / f"{name}.json"
        if not path.is_file():
            found = _points(objects, name, seed)
            path.write_text(json.dumps([asdict(point) for point in found], indent=1) + "\n", encoding="utf-8")
        points += [CurvePoint(**values) for values in json.loads(path.read_text(encoding="utf-8"))]
    text = curve_table(points)
    (out / "curves.md").write_text(text, encoding="utf-8")
    return text


def curve_table(points: Sequence[CurvePoint]) -> str:
    """Markdown: a row for each of our meshes with its SSIM, that of the baselines at that budget, and the share of vertices."""
    methods = [method for method in STARTS if any(point.method == method for point in points)]
    rows = []
    for name in dict.fromkeys(point.name for point in points):
        own = [point for point in points if point.name == name]
        for budget in BUDGETS:
            near = {point.method: point for point in own if 0.5 * budget < point.faces <= budget}
            if OURS not in near:
                continue
            share = share_of_vertices(own, near[OURS])
            part = "no baseline reaches it" if share == 0 else f"{100 * share:.0f} %"
            cells = [f"{near[method].ssim:.4f}" if method in near else "-" for method in methods]
            ours = name, str(near[OURS].faces), str(near[OURS].vertices), f"{near[OURS].ssim:.4f}"
            rows.append((*ours, *cells, part))
    return markdown_table(curve_heads(methods), rows)


def curve_heads(methods: Sequence[str]) -> Heads:
    """Heads of the table."""
    return (":object", "faces", "vertices", "ours SSIM", *(f"{method}, decimated" for method in methods), "share of vertices")


def _points(objects: Path, name: str, seed: int) -> list[CurvePoint]:
    inputs, heldout = rig_views(name, RIG, seed)
    found = []
    for method, file in STARTS.items():
        path = objects / f"{name}-{RIG}-{seed}-clean-{file}.glb"
        if not path.is_file():
            raise bad_input(f"there is no {path.name} in {objects}", "run the bench element.objects first")
        textured = read_glb(path)
        places, welded = np.unique(textured.vertices, axis=0, return_inverse=True)
        faces = welded.reshape(-1)[textured.faces.astype(np.int64)].astype(np.int32)
        whole = repair(Mesh(vertices=places, faces=faces), smallest_island=0.1, largest_hole=math.inf).mesh
        for budget in BUDGETS:
            light = decimate(whole, budget)
            found.append(curve_point(name, method, light, inputs, heldout))
            if method == "zerorf":
                wish = RefineOptions(refine_steps=_REFINE_STEPS)
                refined = refine_mesh(light, inputs, (), budget, wish, Silent()).mesh
                found.append(curve_point(name, OURS, refined, inputs, heldout))
    return found


BENCH = Bench(name="element.curve", title="Likeness against vertices", run=run, tables=(curve_heads(tuple(STARTS)),))
