"""Paper 000's table 1 on painted figures, next to baselines.

What one picture gives: our relief at three budgets; the dense relief decimated to the smaller ones; plain inflation; a flat
cut-out. Painted figures have no true shape, so besides the input view only thickness and the distance from the dense relief show
whether there is any. Each score is kept, so that a stopped run continues.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...contract import bad_input
from ...meshes.remesh import decimate
from ...metrics import compare_surfaces, psnr, ssim
from ...scene import Camera, View, look_at
from ..bench import Bench
from ..markdown import markdown_table
from ..scores import lpips_cell, lpips_note, mean_lpips
from .bodies import PICTURES, Body, element_job, painted, placed, scored
from .front import front_error
from .jobs import job_mask

BUDGETS = (20_000, 5000, 700)
SIDE_PX = 512  # of the view that is judged, as in paper 000
_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
_AWAY = 100.0  # of the picture's longer side: as good as without perspective


@dataclass(frozen=True, kw_only=True)
class FigureScore:
    """One body of one picture. Chamfer from our dense relief, in parts of its box's diagonal; thickness in parts of the width."""

    name: str
    method: str
    asked: int
    faces: int
    vertices: int
    ssim: float
    psnr_db: float
    thickness: float
    chamfer: float
    front_p95: float  # of the front's distance from that of the dense relief, as a part of the relief's height
    uncovered: float  # part of the dense front's points that the body does not cover
    lpips: float | None = None  # None where its weights are not installed


def figures_in(pictures: Path) -> list[Path]:
    """List the pictures of a folder, by name. Raises bad input where there is none."""
    found = sorted(path for path in pictures.glob("*") if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise bad_input(f"there is no picture in {pictures}", "choose a folder of painted figures")
    return found


def figure_view(path: Path) -> View:
    """Read a picture as a view; its camera is far away on -y, and the picture's longer side is 2 units long at the origin."""
    with Image.open(path) as image:
        colour = np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
    height, width = colour.shape[:2]
    away = 2.0 * _AWAY
    focal = 0.5 * away * max(height, width)
    camera = Camera(
        camera_from_world=look_at(np.array([0.0, -away, 0.0]), np.zeros(3)),
        focal_x=focal,
        focal_y=focal,
        centre_x=width / 2,
        centre_y=height / 2,
        width=width,
        height=height,
    )
    return View(name=path.stem, camera=camera, colour=colour, alpha=None)


def over_white(view: View) -> View:
    """Composite the view over white, without alpha."""
    return replace(view, colour=view.over(1.0), alpha=None)


def bodies_of(view: View, out: Path, wanted: set[tuple[str, int]]) -> Iterator[tuple[str, int, Body, View]]:
    """Yield all wanted bodies by method and budget, each with the cut-out picture that it should look like."""
    made: dict[int, Body] = {}
    for faces in BUDGETS:
        body, shown = _made(view, {}, faces, out / f"{view.name}-relief-{faces}")
        made[faces] = body
        if ("relief", faces) in wanted:
            yield "relief", faces, body, shown
        if faces != BUDGETS[0] and ("relief, decimated", faces) in wanted:
            yield "relief, decimated", faces, painted(decimate(made[BUDGETS[0]].welded(), faces), [shown]), shown
    for method in ("plain inflation", "flat cut-out"):
        if (method, BUDGETS[0]) in wanted:
            body, shown = _made(view, PICTURES[method], BUDGETS[0], out / f"{view.name}-{method.replace(' ', '-')}")
            yield method, BUDGETS[0], body, shown


def _made(view: View, values: Mapping[str, Any], faces: int, out: Path) -> tuple[Body, View]:
    light = {"lods": 0, "occlusion": False, "normals_px": 0, "sides_px": 1024, "collider": False}
    result, glb = element_job(view, {**light, **values, "faces": faces}, out)
    return placed(result, glb, view), replace(view, alpha=job_mask(result, out / "job"))


METHODS = (
    *(("relief", faces) for faces in BUDGETS),
    *(("relief, decimated", faces) for faces in BUDGETS[1:]),
    ("plain inflation", BUDGETS[0]),
    ("flat cut-out", BUDGETS[0]),
)
HEADS = (
    ":body",
    "pictures",
    "faces",
    "vertices",
    "SSIM",
    "least",
    "PSNR dB",
    "LPIPS",
    "thickness %",
    "least",
    "body's Chamfer from the dense relief, % of the diagonal",
    "front p95, % of the relief's height",
    "most",
    "front not covered %",
    "most",
)


def run(pictures: Path, /, out: Path) -> str:
    """Make and score what has no score yet, write figures.md of all scores, and return the table.

    Args:
        pictures: folder of painted figures
        out: the folder of scores, jobs and table
    """
    out.mkdir(parents=True, exist_ok=True)
    scores = []
    for path in figures_in(pictures):
        view = figure_view(path)
        missing = {one for one in METHODS if not _kept(out, path.stem, *one).is_file()}
        dense: Body | None = None
        for method, asked, body, shown in bodies_of(view, out / "jobs", missing | {METHODS[0]}) if missing else ():
            dense = body if dense is None else dense
            found = _score(path.stem, method, asked, body, dense, shown)
            _kept(out, path.stem, method, asked).write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
        kept = [_kept(out, path.stem, *one) for one in METHODS]
        scores += [FigureScore(**json.loads(one.read_text(encoding="utf-8"))) for one in kept]
    text = figures_table(scores)
    (out / "figures.md").write_text(text, encoding="utf-8")
    return text


def _score(name: str, method: str, asked: int, body: Body, dense: Body, shown: View) -> FigureScore:
    scale = SIDE_PX / max(shown.camera.width, shown.camera.height)
    fitted = shown.fitted(round(scale * max(shown.camera.width, shown.camera.height)))
    seen, wanted = scored(body.render, fitted), fitted.over(1.0)
    mesh = body.mesh()
    size = np.ptp(mesh.vertices.astype(np.float64), axis=0)
    diagonal = float(np.linalg.norm(np.ptp(dense.mesh().vertices.astype(np.float64), axis=0)))
    front = front_error(mesh, dense.mesh())
    return FigureScore(
        name=name,
        method=method,
        asked=asked,
        faces=body.faces,
        vertices=body.corners,
        ssim=float(ssim(seen, wanted)),
        psnr_db=psnr(seen, wanted),
        lpips=mean_lpips([(seen, wanted)]),
        thickness=float(size[1] / size[0]),
        chamfer=0.0 if body is dense else compare_surfaces(mesh, dense.mesh()).chamfer / diagonal,
        front_p95=front.p95,
        uncovered=front.uncovered / front.points,
    )


def figures_table(scores: Sequence[FigureScore]) -> str:
    """Markdown: a row a method with means over the pictures and the worst of them."""
    rows = []
    for method, asked in METHODS:
        own = [score for score in scores if (score.method, score.asked) == (method, asked)]
        if own:
            thick = [100 * score.thickness for score in own]
            likeness = [score.ssim for score in own]
            off = [100 * score.front_p95 for score in own]
            missing = [100 * score.uncovered for score in own]
            rows.append(
                (
                    method,
                    str(len(own)),
                    f"{np.mean([score.faces for score in own]):.0f}",
                    f"{np.mean([score.vertices for score in own]):.0f}",
                    f"{np.mean(likeness):.4f}",
                    f"{min(likeness):.4f}",
                    f"{np.mean([score.psnr_db for score in own]):.1f}",
                    lpips_cell([score.lpips for score in own]),
                    f"{np.mean(thick):.0f}",
                    f"{min(thick):.0f}",
                    f"{100 * np.mean([score.chamfer for score in own]):.2f}",
                    f"{np.mean(off):.2f}",
                    f"{max(off):.2f}",
                    f"{np.mean(missing):.2f}",
                    f"{max(missing):.2f}",
                )
            )
    return markdown_table(HEADS, rows) + lpips_note([score.lpips for score in scores])


def _kept(out: Path, name: str, method: str, asked: int) -> Path:
    return out / f"{name}-{method.replace(', ', '-').replace(' ', '-')}-{asked}.json"


BENCH = Bench(name="element.figures", title="Painted figures", run=run, tables=(HEADS,))
