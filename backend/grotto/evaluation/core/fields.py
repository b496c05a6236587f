"""Every kind of field on one made object.

The object is a recipe, not a file: equal options give equal pictures. Each field's result is kept in DIR/<field> and used
again by a later run with the same options and the same code of fields, so a stopped run goes on where it was.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ...contract import Silent
from ...contract.options import FieldOptions
from ...fields import DensityGrid, Field, density_grid, fit_field, fitting_device, load_field, render_field
from ...formats import Mesh, write_mesh_ply
from ...meshes.repair import mesh_facts, repair
from ...meshes.surface import surface_of_grid
from ...metrics import compare_surfaces, psnr, silhouette_iou
from ...render.mesh.differentiable import render_mesh
from ...scene import Region, View, camera_around, random_cameras
from ...synthetic import photograph
from ...synthetic.objects import MadeObject, make_object
from ..bench import Bench
from ..markdown import markdown_table

FIELDS = ("voxel", "vm", "zerorf", "hash", "nerf", "volsdf", "neus")
# About a minute of one core each: the table compares kinds at like cost, not what each can do at most.
STEPS = {"voxel": 300, "vm": 150, "zerorf": 250, "hash": 300, "nerf": 500, "volsdf": 300, "neus": 300}
RESOLUTIONS = {"voxel": 128}
_SPARE = 0.05  # of the object's size, around it
_SEED, _HELD_SEED = 1, 2
_TILE_PX = 200
HEADS = (
    ":field",
    "steps",
    "CPU s",
    "PSNR, dB",
    "of the object, dB",
    "IoU",
    "Chamfer",
    "normals",
    "faces",
    ":closed",
)
_RESULT, _STRIP = "score.json", "strip.png"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The object, the views that fits use, and the held-out views."""

    made: MadeObject
    region: Region
    views: list[View]
    held: list[View]


@dataclass(frozen=True, kw_only=True)
class FieldScore:
    """One row of the table. Lengths in thousandths of the region's longest side."""

    field: str
    steps: int
    seconds: float  # of CPU, for the fit
    psnr_db: float  # mean over the held-out views, on white
    object_psnr_db: float  # of the object's pixels only
    iou: float  # of the silhouettes
    chamfer: float  # of the mended level surface
    normals: float  # mean |n . n'|
    faces: int
    closed: bool
    engine: str
    notes: tuple[str, ...]


def scene(name: str, views: int, held: int, px: int) -> Scene:
    """Photograph the object from random places; other random places are held out."""
    made = make_object(name)
    low, high = made.mesh.vertices.min(0).astype(float), made.mesh.vertices.max(0).astype(float)
    spare = _SPARE * float((high - low).max())
    (x, y, z), (to_x, to_y, to_z) = (low - spare).tolist(), (high + spare).tolist()
    region = Region(lowest=(x, y, z), highest=(to_x, to_y, to_z), bounded=True)
    return Scene(
        made=made,
        region=region,
        views=photograph(made, random_cameras(views, _SEED, px), 3),
        held=photograph(made, random_cameras(held, _HELD_SEED, px), 3),
    )


def run(
    out: Path,
    object_name: str = "deer",
    fields: tuple[str, ...] = FIELDS,
    views: int = 24,
    held: int = 8,
    px: int = 128,
    cells: int = 160,
    threads: int = 1,
) -> str:
    """Fit all fields, write fields.md and fields.jpg, and return the table.

    Args:
        out: the folder of both, and of each field's result
        object_name: which made object is photographed
        fields: the rows
        views: pictures that the fits see
        held: held-out pictures
        px: side of the pictures
        cells: of the level surface along the region's longest side
        threads: of the fits
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads)
    given = None
    rows = []
    for kind in fields:
        options = FieldOptions(field=kind, field_steps=STEPS[kind], field_resolution=RESOLUTIONS.get(kind, 0))
        asked = f"{object_name} {views} {held} {px} {cells} {threads} {options} {_code()}"
        folder = out / kind
        if _asked_of(folder) != asked:
            given = given or scene(object_name, views, held, px)
            folder.mkdir(exist_ok=True)
            row = _measured(given, options, cells, folder)
            kept = {"asked": asked, "score": dataclasses.asdict(row)}
            (folder / _RESULT).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        rows.append(_read(folder))
        (out / "fields.md").write_text(_table(rows), encoding="utf-8")
    _sheet(out, fields).save(out / "fields.jpg", quality=85)
    return _table(rows)


def _measured(given: Scene, options: FieldOptions, cells: int, folder: Path) -> FieldScore:
    """Fit one field and score it; writes its strip of pictures and its mesh into the folder."""
    began = time.process_time()
    artefact = fit_field(given.views, given.region, options, folder, Silent())
    seconds = time.process_time() - began
    field = load_field(artefact, fitting_device(artefact, Silent()))
    seen = [render_field(field, view.camera) for view in given.held]
    pictures = [made.over(1.0) for made in seen]
    truths = [view.over(1.0) for view in given.held]
    alphas = [np.ones(view.colour.shape[:2]) if view.alpha is None else view.alpha for view in given.held]
    mesh = repair(_surface(density_grid(field, cells)), largest_hole=math.inf).mesh
    write_mesh_ply(folder / "mesh.ply", mesh)
    surfaces = compare_surfaces(mesh, given.made.mesh)
    length = 1000 / float(given.region.size.max())
    facts = mesh_facts(mesh)
    _strip(given, field, mesh, folder)
    return FieldScore(
        field=artefact.kind,
        steps=artefact.steps,
        seconds=seconds,
        psnr_db=_mean([psnr(picture, truth) for picture, truth in zip(pictures, truths, strict=True)]),
        object_psnr_db=_mean([psnr(*three) for three in zip(pictures, truths, alphas, strict=True)]),
        iou=_mean([silhouette_iou(made.opacity, alpha) for made, alpha in zip(seen, alphas, strict=True)]),
        chamfer=length * surfaces.chamfer,
        normals=surfaces.normal_consistency,
        faces=facts.faces,
        closed=facts.watertight,
        engine=artefact.engine,
        notes=artefact.notes,
    )


def _surface(grid: DensityGrid) -> Mesh:
    return surface_of_grid(grid.values, grid.lowest, grid.step, grid.level)


def _strip(given: Scene, field: Field, mesh: Mesh, folder: Path) -> None:
    """Write truth, field and shaded surface, seen from a held-out side, as a strip of three tiles."""
    camera = camera_around(-60, 15, _TILE_PX)
    truth = photograph(given.made, [camera], 3)[0].over(1.0)
    shaded = render_mesh(_shaded(mesh), camera, samples=2).over(1.0)
    strip = np.concatenate([truth, render_field(field, camera).over(1.0), shaded], axis=1)
    Image.fromarray((np.clip(strip, 0, 1) * 255).astype(np.uint8)).save(folder / _STRIP)


def _shaded(mesh: Mesh) -> Mesh:
    """Shade each face of the mesh in one grey, so that unevenness shows."""
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
    shade = 0.25 + 0.7 * np.clip(normal @ np.array([0.25, -0.6, 0.76]), 0, 1)
    return Mesh(
        vertices=corners.reshape(-1, 3).astype(np.float32),
        faces=np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3),
        colours=np.repeat(shade[:, None] * (1.0, 0.95, 0.87), 3, axis=0).astype(np.float32),
    )


def _sheet(out: Path, fields: Sequence[str]) -> Image.Image:
    """Draw the true picture, then each field's picture over its surface."""
    columns = len(fields) + 1
    sheet = Image.new("RGB", (columns * _TILE_PX, 2 * _TILE_PX + 16), "white")
    drawing = ImageDraw.Draw(sheet)
    for number, name in enumerate(fields):
        with Image.open(out / name / _STRIP) as opened:
            strip = opened.convert("RGB")
        parts: list[NDArray[np.uint8]] = np.split(np.asarray(strip), 3, axis=1)
        if number == 0:
            sheet.paste(Image.fromarray(parts[0]), (0, 0))
            drawing.text((6, 2 * _TILE_PX), "photograph", fill="black")
        left = (number + 1) * _TILE_PX
        sheet.paste(Image.fromarray(np.concatenate(parts[1:], axis=0)), (left, 0))
        drawing.text((left + 6, 2 * _TILE_PX), name, fill="black")
    return sheet


def _table(rows: Sequence[FieldScore]) -> str:
    cells = [
        (
            row.field,
            str(row.steps),
            f"{row.seconds:.0f}",
            f"{row.psnr_db:.1f}",
            f"{row.object_psnr_db:.1f}",
            f"{row.iou:.3f}",
            f"{row.chamfer:.2f}",
            f"{row.normals:.3f}",
            f"{row.faces:,}",
            "yes" if row.closed else "no",
        )
        for row in rows
    ]
    engines = [f"- {row.field}: {row.engine}{''.join(f'; {note}' for note in row.notes)}\n" for row in rows]
    return markdown_table(HEADS, cells) + "\n" + "".join(engines)


def _asked_of(folder: Path) -> str:
    path = folder / _RESULT
    return str(json.loads(path.read_text(encoding="utf-8"))["asked"]) if path.is_file() else ""


def _read(folder: Path) -> FieldScore:
    kept = json.loads((folder / _RESULT).read_text(encoding="utf-8"))["score"]
    return FieldScore(**{**kept, "notes": tuple(kept["notes"])})


def _code() -> str:
    """Hash the code of fields and renderers: results of other code are not used again."""
    rooms = Path(__file__).resolve().parents[2]
    files = sorted(path for room in ("fields", "render") for path in (rooms / room).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


BENCH = Bench(name="core.fields", title="Kinds of fields on one object", run=run, tables=(HEADS,))
