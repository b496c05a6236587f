"""A generated sheet of six views, made into a field and a textured mesh, compared with the sheet's own tiles."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import Silent
from ...contract.options import FieldOptions
from ...fields import fit_field, fitting_device, load_field, render_field
from ...formats import write_glb
from ...metrics import psnr
from ...render.mesh import render_textured
from ...scene import Camera, Rendered, View, camera_around, zero123plus_rig
from ...views import object_region, views_of_sheet
from ..bench import Bench
from ..markdown import markdown_table
from .six_view_asset import six_view_asset

_ORBIT, _TILE_PX = 6, 160
HEADS = (":what", ":tiles", "mean dB", ":each tile")
_FIELD_OF_VIEW_DEG, _DISTANCE = 49.134, 2.3112  # of v1.1: see `scene/rigs.py`


def run(sheet: Path, /, out: Path, rig: str = "v1.1", steps: int = 0, resolution: int = 0) -> str:
    """Fit a field to a sheet, make its textured mesh, and compare both with the tiles over white.

    Args:
        sheet: RGBA picture of three rows of two tiles
        out: the folder of ice.glb, ice.md and ice.jpg
        rig: of the sheet's cameras: v1.1 or v1.2
        steps: of the fit; 0 takes what suits the field
        resolution: nodes along the object's longest side; 0 takes what suits the field
    """
    out.mkdir(parents=True, exist_ok=True)
    with Image.open(sheet) as picture:
        values = np.asarray(picture.convert(picture.mode if picture.mode in ("RGB", "RGBA") else "RGBA"), np.float32) / 255
    views = views_of_sheet(values.astype(np.float32), zero123plus_rig(rig, values.shape[1] // 2))
    region = object_region([view.camera for view in views], [view.alpha for view in views if view.alpha is not None], 1.0)
    options = FieldOptions(field="zerorf", field_steps=steps, field_resolution=resolution)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="grotto-") as folder:
        made = fit_field(views, region, options, Path(folder), Silent())
        field = load_field(made, fitting_device(made, Silent()))
    fitted = time.monotonic()
    asset = six_view_asset(field, views, Silent(), texture_px=2048)
    whole = time.monotonic()
    write_glb(out / "ice.glb", asset.refined, "ice")
    fitted_px = made_px(views)
    small = [view.fitted(fitted_px) for view in views]
    sizes = f"{made.steps} steps, {made.settings['resolution']} nodes along the longest side"
    spent = f"{fitted - began:.0f} s; mesh and texture {whole - fitted:.0f} s"
    notes = "".join(f" Note: {note}." for note in made.notes)
    rows = []
    for name, render in (
        ("field", lambda camera: render_field(field, camera)),
        ("mesh without refinement", lambda camera: render_textured(asset.plain, camera)),
        ("mesh", lambda camera: render_textured(asset.refined, camera)),
    ):
        for size, judged in ((f"{views[0].camera.width} px", views), (f"{fitted_px} px", small)):
            each = tile_scores(render, judged)
            rows.append((name, size, f"{np.mean(each):.2f}", " ".join(f"{value:.1f}" for value in each)))
    facts = asset.facts
    closed = "closed" if facts.watertight else "not closed"
    mesh = f"Mesh: {facts.faces} faces, {facts.islands} component{'s' * (facts.islands != 1)}, {closed}."
    text = f"Field: {made.kind}, {sizes}, {spent}.{notes}\n\n{markdown_table(HEADS, rows)}\n{mesh}\n"
    (out / "ice.md").write_text(text, encoding="utf-8")
    pictures = [
        [view.over(1.0) for view in views],
        [np.clip(render_field(field, view.camera).over(1.0), 0, 1) for view in views],
        [np.clip(render_textured(asset.refined, _orbit_camera(number)).over(1.0), 0, 1) for number in range(_ORBIT)],
    ]
    _picture(pictures).save(out / "ice.jpg", quality=80)
    return text


def made_px(views: list[View]) -> int:
    """Side of the pictures that a fit on a CPU uses."""
    return min(128, views[0].camera.width)


def tile_scores(render: Callable[[Camera], Rendered], views: list[View]) -> list[float]:
    """PSNR in dB of each view over white."""
    return [psnr(np.clip(render(view.camera).over(1.0), 0, 1), view.over(1.0)) for view in views]


def _orbit_camera(number: int) -> Camera:
    return camera_around(60.0 + 360.0 * number / _ORBIT, 10.0, 2 * _TILE_PX, _FIELD_OF_VIEW_DEG, _DISTANCE)


def _picture(rows: list[list[NDArray[np.float32]]]) -> Image.Image:
    sheet = Image.new("RGB", (_TILE_PX * max(len(row) for row in rows), _TILE_PX * len(rows)), "white")
    for down, row in enumerate(rows):
        for along, tile in enumerate(row):
            picture = Image.fromarray((tile * 255 + 0.5).astype(np.uint8)).resize((_TILE_PX, _TILE_PX), Image.Resampling.LANCZOS)
            sheet.paste(picture, (along * _TILE_PX, down * _TILE_PX))
    return sheet


BENCH = Bench(name="core.ice", title="A generated sheet of six views", run=run, tables=(HEADS,))
