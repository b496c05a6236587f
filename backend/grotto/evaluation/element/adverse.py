"""Paper 000's table 2 on made objects: noise, light and black squares in the frames of an orbit.

Six views, ZeroRF, an orbit of 100 frames: the frames are disturbed, and from these a field of many views, a mesh and its texture
are made, as NeRF2Mesh has it. Each score is kept, so that a stopped run continues.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from ...contract import Silent
from ...contract.options import FieldOptions, RefineOptions
from ...fields import density_grid, fit_field, fitting_device, load_field, render_field
from ...formats import Mesh, read_glb, read_mesh_ply, write_glb, write_mesh_ply
from ...meshes.refine import refine_mesh
from ...meshes.remesh import decimate
from ...meshes.repair import repair
from ...meshes.surface import surface_of_grid
from ...metrics import compare_surfaces, ssim
from ...render.mesh import render_textured
from ...scene import View, camera_around, write_picture
from ...synthetic.objects import OBJECTS, make_object
from ...views import split_validation_views
from ..bench import Bench
from ..core import REGION, rig_views
from ..scenes import CLEAN, CONDITIONS, Adverse, spoiled
from .adverse_table import ADVERSE_HEADS, AdverseScore, adverse_table
from .bodies import Body, painted

RIG = "v1.2"
FRAMES, FRAME_PX = 100, 128
_FIELD_OF_VIEW_DEG, _DISTANCE, _ELEVATION_DEG = 30.0, 4.0, 15.0
_STEPS, _NODES, _CELLS, _FACES, _REFINE_STEPS = 400, 112, 128, 10_000, 60
_COMPARED = 12  # frames that SSIM is measured at
_SHOWN = ("clean 0", "noise 3000", "light 0.5", "light 1.5", "occlusion 40")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A mesh with its texture."""

    mesh: Mesh
    body: Body


def orbit_frames(name: str, seed: int) -> list[View]:
    """Render 100 frames around a made object from the ZeroRF that was fitted to its six views."""
    inputs, _ = rig_views(name, RIG, seed)
    with tempfile.TemporaryDirectory(prefix="grotto-") as folder:
        made = fit_field(inputs, REGION, FieldOptions(field="zerorf", field_seed=seed), Path(folder), Silent())
        field = load_field(made, fitting_device(made, Silent()))
    frames = []
    for number in range(FRAMES):
        camera = camera_around(360.0 * number / FRAMES, _ELEVATION_DEG, FRAME_PX, _FIELD_OF_VIEW_DEG, _DISTANCE)
        seen = render_field(field, camera)
        colour = seen.colour / np.maximum(seen.opacity, 1e-3)[..., None]
        frames.append(
            View(
                name=f"{number:03}",
                camera=camera,
                colour=np.clip(colour, 0, 1).astype(np.float32),
                alpha=np.clip(seen.opacity, 0, 1),
            )
        )
    return frames


def mesh_of_frames(frames: Sequence[View], seed: int) -> Made:
    """Fit a voxel field to all frames, refine its surface against them, and paint it with them."""
    options = FieldOptions(field="voxel", field_steps=_STEPS, field_resolution=_NODES, field_seed=seed)
    torch.manual_seed(seed)
    with tempfile.TemporaryDirectory(prefix="grotto-") as folder:
        made = fit_field(frames, REGION, options, Path(folder), Silent())
        field = load_field(made, fitting_device(made, Silent()))
    grid = density_grid(field, _CELLS)
    whole = surface_of_grid(grid.values, grid.lowest, grid.step, grid.level)
    plain = decimate(repair(whole, smallest_island=0.1, largest_hole=math.inf).mesh, _FACES)
    fitted, validation = split_validation_views(frames)
    refining = RefineOptions(refine_steps=_REFINE_STEPS)
    refined = refine_mesh(plain, fitted, validation, _FACES, refining, Silent())
    mesh = repair(refined.mesh, smallest_island=0.1, largest_hole=math.inf).mesh
    return Made(mesh=mesh, body=painted(mesh, frames))


def score(name: str, condition: Adverse, seed: int, made: Made, clean: Mesh, frames: Sequence[View]) -> AdverseScore:
    """Compare a disturbed result with the clean one, with the truth, and with the clean frames."""
    truth = make_object(name, seed).mesh
    diagonal = float(np.linalg.norm(np.ptp(truth.vertices.astype(np.float64), axis=0)))
    compared = frames[:: len(frames) // _COMPARED][:_COMPARED]
    likeness = []
    for view in compared:
        seen = np.clip(made.body.render(view.camera).over(1.0), 0, 1).astype(np.float32)
        likeness.append(float(ssim(seen, view.over(1.0))))
    own = 0.0 if condition == CLEAN else compare_surfaces(made.mesh, clean).chamfer / diagonal
    return AdverseScore(
        name=name,
        kind=condition.kind,
        amount=condition.amount,
        chamfer_own=own,
        ssim=float(np.mean(likeness)),
        chamfer_truth=compare_surfaces(made.mesh, truth).chamfer / diagonal,
        faces=len(made.mesh.faces),
    )


def run(out: Path, objects: tuple[str, ...] = tuple(OBJECTS), seed: int = 0, most: int = 0) -> str:
    """Make and score what has no score yet, write adverse.md and a picture, and return the table.

    Args:
        out: the folder of scores, meshes and table
        objects: which made objects
        seed: of objects, fits and disturbances
        most: make at most this many; 0 makes all
    """
    out.mkdir(parents=True, exist_ok=True)
    made_now = 0
    for name in objects:
        missing = [one for one in CONDITIONS if not _path(out, name, one).is_file()]
        if not missing or (most and made_now >= most):
            continue
        frames = orbit_frames(name, seed)
        for condition in missing:
            if most and made_now >= most:
                break
            made_now += 1
            made = mesh_of_frames(spoiled(frames, condition, seed), seed)
            _keep(out, name, condition, made)
            clean = read_mesh_ply(_path(out, name, CLEAN).with_suffix(".ply"))
            found = score(name, condition, seed, made, clean, frames)
            _path(out, name, condition).write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    paths = [_path(out, name, condition) for name in objects for condition in CONDITIONS]
    scores = [AdverseScore(**json.loads(path.read_text(encoding="utf-8"))) for path in paths if path.is_file()]
    text = adverse_table(scores)
    (out / "adverse.md").write_text(text, encoding="utf-8")
    _sheet(out, objects)
    left = len(paths) - len(scores)
    return text + (f"\n{left} of {len(paths)} are still to be made\n" if left else "")


def _keep(out: Path, name: str, condition: Adverse, made: Made) -> None:
    write_mesh_ply(_path(out, name, condition).with_suffix(".ply"), made.mesh)
    write_glb(_path(out, name, condition).with_suffix(".glb"), made.body.parts[0], name)


def _sheet(out: Path, objects: Sequence[str]) -> None:
    """Write adverse.png: a row an object, a column a condition."""
    camera = camera_around(60.0, _ELEVATION_DEG, 200, _FIELD_OF_VIEW_DEG, _DISTANCE)
    rows = []
    for name in objects:
        files = [_path(out, name, one).with_suffix(".glb") for one in CONDITIONS if one.label in _SHOWN]
        if all(path.is_file() for path in files):
            tiles = [np.clip(render_textured(read_glb(path), camera).over(1.0), 0, 1) for path in files]
            rows.append(np.concatenate(tiles, axis=1))
    if rows:
        write_picture(out / "adverse.png", np.concatenate(rows))


def _path(out: Path, name: str, condition: Adverse) -> Path:
    return out / f"{name}-{condition.label.replace(' ', '-')}.json"


BENCH = Bench(name="element.adverse", title="Adverse conditions", run=run, tables=(ADVERSE_HEADS,))
