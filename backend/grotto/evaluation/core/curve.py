"""Likeness against the number of vertices, of a finished scan with views held out.

The scan's dense surface is reduced to several sizes, once by plain decimation
(fast-simplification) and once by refinement within the same number of faces; both are unwrapped and baked alike, and the GLB's
texture is rendered through the held-out cameras.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ...contract import Silent, bad_input
from ...contract.options import BakeOptions, RefineOptions
from ...fields import RadianceField, density_grid, fitting_device, load_field
from ...formats import Mesh, read_artefact, read_mesh_ply, write_mesh_ply
from ...meshes.appearance import fit_texture
from ...meshes.refine import refine_mesh
from ...meshes.remesh import decimate
from ...meshes.repair import repair
from ...meshes.surface import surface_of_grid
from ...meshes.texture import bake, textured, unwrap
from ...metrics import psnr
from ...render.mesh import render_textured
from ...scene import View
from ...views import ViewSet, split_validation_views
from ..bench import Bench
from ..markdown import markdown_table

_WAYS = ("decimated", "refined")
HEADS = ("faces asked", "decimated: vertices", "dB", "refined: vertices", "dB", "decimated would need", "share of vertices")


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """One mesh of the curve."""

    way: str  # "decimated" or "refined"
    faces: int
    vertices: int
    psnr_db: float  # mean over the held-out views, before white
    seconds: float  # of the CPU, baking excepted
    kept: str  # what refinement returned: "given" where it did not help


def run(
    job: Path,
    /,
    out: Path,
    faces: tuple[int, ...] = (1000, 2000, 4000, 8000, 16000, 32000),
    steps: int = 400,
    texture_px: int = 1024,
    resolution: int = 160,
) -> str:
    """Measure both ways at every size, write curve.md and curve.png, and return the table. Measured points are kept.

    Args:
        job: folder of a finished scan with a field and views held out
        out: the folder of table and picture
        faces: the sizes
        steps: of refinement
        texture_px: side of the texture
        resolution: of the dense surface, cells along the region's longest side
    """
    out.mkdir(parents=True, exist_ok=True)
    views = read_artefact(ViewSet, job / "views")
    heldout = views.load(heldout=True)
    if not heldout:
        raise bad_input("no view of the scan was held out", "scan with --holdout 8")
    dense = _dense(job, resolution, out)
    points = []
    for count in faces:
        for way in _WAYS:
            kept = out / f"{way}_{count}.json"
            if not kept.is_file():
                point = _measured(way, decimate(dense, count), count, views.load(), heldout, steps, texture_px)
                kept.write_text(json.dumps(asdict(point)), encoding="utf-8")
            points.append(CurvePoint(**json.loads(kept.read_text(encoding="utf-8"))))
    text = _table(points)
    (out / "curve.md").write_text(text, encoding="utf-8")
    _plot(points).save(out / "curve.png", optimize=True)
    return text


def _dense(job: Path, resolution: int, out: Path) -> Mesh:
    path = out / "dense.ply"
    if not path.is_file():
        fitted = read_artefact(RadianceField, job / "field")
        grid = density_grid(load_field(fitted, fitting_device(fitted, Silent())), resolution)
        surface = surface_of_grid(grid.values, grid.lowest, grid.step, grid.level)
        write_mesh_ply(path, repair(surface, largest_hole=math.inf).mesh)
    return read_mesh_ply(path)


def _measured(
    way: str, mesh: Mesh, faces: int, views: Sequence[View], heldout: Sequence[View], steps: int, texture_px: int
) -> CurvePoint:
    begin, kept = time.process_time(), ""
    if way == "refined":
        fitted, deciding = split_validation_views(views)
        refined = refine_mesh(mesh, fitted, deciding, faces, RefineOptions(refine_steps=steps), Silent())
        mesh, kept = refined.mesh, refined.kept
    seconds = time.process_time() - begin
    laid = unwrap(mesh, texture_px, 4)
    baked = bake(laid, views, BakeOptions(bake_px=texture_px), Silent())
    texture = fit_texture(laid.vertices, laid.faces, laid.uv, baked.texture, views, 6, Silent())
    glb = textured(laid, texture)
    likeness = [psnr(np.clip(render_textured(glb, view.camera).over(1.0), 0, 1), view.over(1.0)) for view in heldout]
    return CurvePoint(
        way=way,
        faces=len(mesh.faces),
        vertices=len(np.unique(mesh.faces)),
        psnr_db=float(np.mean(likeness)),
        seconds=seconds,
        kept=kept,
    )


def vertices_at(points: Sequence[CurvePoint], psnr_db: float) -> float:
    """Number of vertices at which a curve reaches a PSNR, interpolated along the logarithm; NaN beyond its ends."""
    ordered = sorted(points, key=lambda point: point.vertices)
    for fewer, more in itertools.pairwise(ordered):
        if fewer.psnr_db <= psnr_db <= more.psnr_db and more.psnr_db > fewer.psnr_db:
            part = (psnr_db - fewer.psnr_db) / (more.psnr_db - fewer.psnr_db)
            return float(fewer.vertices * (more.vertices / fewer.vertices) ** part)
    return math.nan


def _table(points: Sequence[CurvePoint]) -> str:
    plain = [point for point in points if point.way == "decimated"]
    rows = []
    for before, after in zip(plain, (point for point in points if point.way == "refined"), strict=True):
        needed = vertices_at(plain, after.psnr_db)
        most = max(point.psnr_db for point in plain)
        need = f"{needed:,.0f}" if math.isfinite(needed) else "more than any" if after.psnr_db > most else "-"
        share = f"{100 * after.vertices / needed:.0f} %" if math.isfinite(needed) else "-"
        sizes = f"{before.vertices:,}", f"{before.psnr_db:.2f}", f"{after.vertices:,}", f"{after.psnr_db:.2f}"
        rows.append((f"{before.faces:,}", *sizes, need, share))
    return markdown_table(HEADS, rows)


def _plot(points: Sequence[CurvePoint], size: tuple[int, int] = (640, 400)) -> Image.Image:
    """Draw both curves over the logarithm of the vertices."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    left, right, top, bottom = 56, size[0] - 20, 20, size[1] - 44
    across = np.log([point.vertices for point in points])
    heights = np.array([point.psnr_db for point in points])
    low, high = math.floor(heights.min()), math.ceil(heights.max())

    def place(vertices: float, psnr_db: float) -> tuple[float, float]:
        x = left + (right - left) * (math.log(vertices) - across.min()) / max(float(np.ptp(across)), 1e-9)
        return x, bottom - (bottom - top) * (psnr_db - low) / max(high - low, 1)

    for level in range(low, high + 1):
        y = place(1.0, level)[1]
        pen.line([(left, y), (right, y)], fill=(225, 225, 225))
        pen.text((12, y - 6), f"{level} dB", fill=(90, 90, 90))
    for point in points:
        if point.way == "decimated":
            x = place(point.vertices, low)[0]
            pen.line([(x, bottom), (x, bottom + 4)], fill=(90, 90, 90))
            pen.text((x - 14, bottom + 8), f"{point.vertices:,}", fill=(90, 90, 90))
    for row, (way, colour) in enumerate(zip(_WAYS, ((120, 120, 120), (196, 78, 32)), strict=True)):
        corners = sorted(place(point.vertices, point.psnr_db) for point in points if point.way == way)
        pen.line(corners, fill=colour, width=3)
        for x, y in corners:
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
        pen.text((right - 90, bottom - 40 + 16 * row), way, fill=colour)
    pen.text((left, size[1] - 18), "vertices; mean PSNR of the textured mesh on held-out views", fill=(90, 90, 90))
    return picture


BENCH = Bench(name="core.curve", title="Likeness of a scan's mesh against its vertices", run=run, tables=(HEADS,))
