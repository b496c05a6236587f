"""A figure on a plinth in a court: how much of it the mesh of a scan shows, how well and how truly.

The courts are recipes, not files: equal options give equal photos. Each set's job is kept below DIR, its score in DIR/NAME.json,
so a stopped run goes on where it was; other values of `mesh_of` share a set's cameras and splats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...contract import Silent
from ...formats import read_glb, read_mesh_ply, read_splat_ply, read_transforms
from ...metrics import psnr
from ...render.mesh import render_parts
from ...scene import write_picture
from ...splats import from_cloud, render_splats
from ...synthetic import COURT_MASKS, COURT_SUBJECT, COURT_SURROUNDINGS, make_court_set
from ...views import camera_of
from ..bench import Bench
from ..markdown import markdown_table
from .job import asset_paths, scan_job
from .subject_distance import subject_chamfer
from .whole_scenes import SCENE_HEADS, SCENES, scan_scenes, scene_table

FIGURES = ("deer", "knot", "teapot")
SIDES = (5.0, 20.0)
HOLDOUT = 5
SMALL: dict[str, str | int] = {  # draft with fewer faces and texels, as the photos are small
    "pairing": "sequence",
    "faces": 10_000,
    "lods": 0,
    "bake_px": 1024,
    "bake_padding": 2,
    "backdrop_px": 512,
}
HEADS = (
    ":figure",
    "court, heights",
    "cover",
    "mesh, dB",
    "splats, dB",
    "Chamfer, % of the height",
    "faces",
    "said cover",
    "wall min",
    ":held",
)
COURT_STEPS = 3000  # of the splats, twice the draft's: with its own 1,500, tips two pixels wide stay half transparent
LEAST_COVER, MOST_LOSS_DB, MOST_CHAMFER = 0.98, 3.0, 0.5


@dataclass(frozen=True, kw_only=True)
class SubjectResult:
    """One row. The subject's pixels are those of the true masks of the held-out photos."""

    figure: str
    side: float  # of the court, in heights of the subject
    cover: float  # of the subject's pixels by the mesh: means over the held-out photos
    mesh_db: float  # PSNR there
    splats_db: float
    chamfer: float  # percent of the subject's height
    faces: int
    said_cover: float  # what the result says, by its own masks; -1 where it knows no subject
    minutes: float  # sum of the stages' wall time

    @property
    def held(self) -> bool:
        """Whether the row is within the bars."""
        near = self.mesh_db >= self.splats_db - MOST_LOSS_DB
        return self.cover >= LEAST_COVER and near and self.chamfer <= MOST_CHAMFER


def run(
    out: Path,
    figures: tuple[str, ...] = FIGURES,
    sides: tuple[float, ...] = SIDES,
    size: int = 320,
    mesh_of: str = "auto",
    via: str = "splats",
    field: str = "neus",
    most: int = 0,
) -> str:
    """Scan each figure in each court from 32 photos with known cameras; 8 more are held out.

    Then a room from within, and the fox where GROTTO_DATA has it: each by itself and as a scene.

    Args:
        out: the folder of sets, jobs, scores and pictures; a stopped run goes on in it
        figures: which made objects stand on the plinth
        sides: of the court, in heights of the subject
        size: side of the photos in px
        mesh_of: the scan's option; scene is what a scan was before it told a subject from its scene
        via: of the scan: both also fits a field to the subject, by the masks of the splats
        field: its kind
        most: do at most this many scans; 0 does all
    """
    out.mkdir(parents=True, exist_ok=True)
    names = [(figure, side) for side in sides for figure in figures]
    options = {"via": via, "field": field, "mesh_of": mesh_of, "holdout": HOLDOUT, "view_px": size, **SMALL}
    done = 0
    for figure, side in names:
        path = _score_path(out, figure, side, mesh_of)
        if path.is_file() or (most and done >= most):
            continue
        photos = out / f"{figure}-{side:g}"
        if not (photos / "transforms.json").is_file():
            make_court_set(figure, side, photos, Silent(), size=size)
        job = out / f"{photos.name}-job"
        result = scan_job(photos, {**options, "splat_steps": COURT_STEPS}, job)
        score = measure(photos, job, result, path.with_suffix(".png"), figure, side)
        path.write_text(json.dumps(asdict(score), indent=1) + "\n", encoding="utf-8")
        done += 1
    left = most - done if most else 2 * len(SCENES)
    scan_scenes(out, {name: value for name, value in options.items() if name != "mesh_of"}, size, left)
    return f"{subject_table(out, names, mesh_of)}\n\n{scene_table(out)}"


def subject_table(out: Path, names: Sequence[tuple[str, float]], mesh_of: str) -> str:
    """The table of the sets (figure, side), those without a score marked as not measured."""
    rows = []
    for figure, side in names:
        path = _score_path(out, figure, side, mesh_of)
        if path.is_file():
            rows.append(_cells(SubjectResult(**json.loads(path.read_text(encoding="utf-8")))))
        else:
            rows.append((figure, f"{side:g}", "not measured", *[""] * (len(HEADS) - 3)))
    return markdown_table(HEADS, rows)


def measure(photos: Path, job: Path, result: Mapping[str, Any], picture: Path, figure: str, side: float) -> SubjectResult:
    """Score a job against its court; write a picture of held-out photos, splats, mesh with its backdrop and the mesh alone."""
    meshes = [read_glb(job / path) for path in asset_paths(result, "mesh", ("", "backdrop"))]
    splats = from_cloud(read_splat_ply(job / asset_paths(result, "splats", ("",))[0]))
    covers, mesh_db, splats_db, strips = [], [], [], []
    for number, placed in enumerate(read_transforms(photos / "transforms.json")):
        if number % HOLDOUT:
            continue
        camera = camera_of(placed)
        photo = np.asarray(Image.open(photos / placed.file_path).convert("RGB"), np.float32) / 255
        mask = np.asarray(Image.open(photos / COURT_MASKS / Path(placed.file_path).name).convert("L"), np.float32) / 255
        main, whole, seen = render_parts(meshes[:1], camera), render_parts(meshes, camera), render_splats(splats, camera)
        covers.append(float(np.average(main.opacity, weights=mask)))
        pictures = [np.clip(picture.over(0.5), 0, 1) for picture in (seen, whole)]
        splats_db.append(psnr(pictures[0], photo, mask))
        mesh_db.append(psnr(pictures[1], photo, mask))
        strips.append(np.concatenate([photo, *pictures, np.clip(main.over(1.0), 0, 1)], axis=1))
    write_picture(picture, np.concatenate(strips[::3], axis=0))
    truth, around = read_mesh_ply(photos / COURT_SUBJECT), read_mesh_ply(photos / COURT_SURROUNDINGS)
    cameras = [camera_of(placed) for placed in read_transforms(photos / "transforms.json")]
    height = float(np.ptp(truth.vertices[:, 2]))
    return SubjectResult(
        figure=figure,
        side=side,
        cover=float(np.mean(covers)),
        mesh_db=float(np.mean(mesh_db)),
        splats_db=float(np.mean(splats_db)),
        chamfer=100 * subject_chamfer(meshes[0], truth, around, cameras) / height,
        faces=len(meshes[0].faces),
        said_cover=float(result["facts"].get("subject_cover", -1.0)),
        minutes=sum(result["timings"].values()) / 60,
    )


def _cells(row: SubjectResult) -> tuple[str, ...]:
    return (
        row.figure,
        f"{row.side:g}",
        f"{row.cover:.3f}",
        f"{row.mesh_db:.1f}",
        f"{row.splats_db:.1f}",
        f"{row.chamfer:.2f}",
        f"{row.faces:,}",
        "-" if row.said_cover < 0 else f"{row.said_cover:.3f}",
        f"{row.minutes:.1f}",
        "yes" if row.held else "no",
    )


def _score_path(out: Path, figure: str, side: float, mesh_of: str) -> Path:
    return out / f"{figure}-{side:g}-{mesh_of}.json"


BENCH = Bench(name="scan.subject", title="A figure on a plinth in a court", run=run, tables=(HEADS, SCENE_HEADS))
