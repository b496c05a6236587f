"""Bodies of made objects from six views or one picture, against the truth.

Paper 000's table 1 with what the input view alone does not show: held-out views, and the distance from the true surface. Each
score is kept as JSON, so that a stopped run continues.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image

from ...formats import Mesh, write_glb
from ...metrics import compare_surfaces, psnr, ssim
from ...scene import RIGS, View, camera_around, write_picture, zero123plus_rig
from ...synthetic import disturb, photograph
from ...synthetic.objects import OBJECTS, make_object
from ..bench import Bench
from ..core import SixViewSet, rig_views
from ..scores import heldout_scores
from .bodies import FIELDS, PICTURES, Body, field_bodies, hull_body, picture_body
from .objects_table import BodyScore, object_heads, objects_table

INPUT_PX = 512  # of the single picture, as in paper 000
SIDE_DEG = 90.0  # azimuth
_TURNS_DEG = (90, 125, 160, 270)
_SHOWN_PX = 200
OURS, DECIMATED, HULL = "zerorf, refined", "zerorf, decimated", "hull, projected"


def single_picture(name: str, rig: str, seed: int) -> View:
    """Take the picture that the single-picture methods start from: the object from its side, level, 512 px."""
    camera = zero123plus_rig(rig, INPUT_PX)[0]
    field_of_view_deg = float(np.degrees(2 * np.arctan(0.5 * INPUT_PX / camera.focal_x)))
    distance = float(np.linalg.norm(camera.position))
    return photograph(make_object(name, seed), [camera_around(SIDE_DEG, 0.0, INPUT_PX, field_of_view_deg, distance)])[0]


def score_body(
    chosen: SixViewSet, method: str, body: Body, truth: Mesh, views: tuple[View, Sequence[View]], cpu_s: float
) -> BodyScore:
    """Score a body: at the input picture, on held-out views, and by its distance from the true surface.

    views: the input picture, and the held-out views. Chamfer is in parts of the diagonal of the truth's box.
    """
    picture, heldout = views
    seen, shown = np.clip(body.render(picture.camera).over(1.0), 0, 1).astype(np.float32), picture.over(1.0)
    held = heldout_scores(body.render, heldout)
    diagonal = float(np.linalg.norm(np.ptp(truth.vertices.astype(np.float64), axis=0)))
    surface = compare_surfaces(body.mesh(), truth)
    return BodyScore(
        name=chosen.name,
        rig=chosen.rig,
        inconsistent=chosen.inconsistent,
        method=method,
        faces=body.faces,
        vertices=body.corners,
        input_ssim=float(ssim(seen, shown)),
        input_psnr_db=psnr(seen, shown),
        psnr_db=held.psnr_db,
        ssim=held.ssim,
        iou=held.iou,
        lpips=held.lpips,
        chamfer=surface.chamfer / diagonal,
        normals=surface.normal_consistency,
        cpu_s=cpu_s,
    )


def bodies_of(
    chosen: SixViewSet, inputs: Sequence[View], picture: View, wanted: set[str], out: Path
) -> Iterator[tuple[str, Body, float]]:
    """Yield the bodies of all wanted methods, with their CPU seconds."""
    for kind in FIELDS:
        names = {kind + ", refined", kind + ", decimated"} & wanted
        if names:
            began = time.process_time()
            plain, refined = field_bodies(kind, inputs, chosen.seed)
            spent = time.process_time() - began
            for name, body in ((kind + ", refined", refined), (kind + ", decimated", plain)):
                if name in names:
                    yield name, body, spent
    if HULL in wanted:
        began = time.process_time()
        yield HULL, hull_body(inputs), time.process_time() - began
    for name, values in PICTURES.items():
        if name in wanted:
            began = time.process_time()
            body = picture_body(picture, values, out / "jobs" / f"{chosen.label}-{name.replace(' ', '-')}")
            yield name, body, time.process_time() - began


def methods_of(chosen: SixViewSet) -> list[str]:
    """List the methods of a set; those of one picture only once, as it is the same picture."""
    of_views = [OURS, DECIMATED, "voxel, refined", "vm, refined", HULL]
    return of_views if chosen.inconsistent else [*of_views, *PICTURES]


def run(
    out: Path,
    objects: tuple[str, ...] = tuple(OBJECTS),
    rigs: tuple[str, ...] = tuple(reversed(RIGS)),
    seed: int = 0,
    most: int = 0,
) -> str:
    """Make and score what has no score yet, write objects.md and a picture, and return the table.

    Args:
        out: the folder of scores, meshes and table
        objects: which made objects
        rigs: which rigs of six cameras
        seed: of object, distortion and fit
        most: make at most this many sets; 0 makes all
    """
    out.mkdir(parents=True, exist_ok=True)
    sets = [
        SixViewSet(name=name, rig=rig, seed=seed, inconsistent=inconsistent)
        for rig in rigs
        for inconsistent in (False, True)
        for name in objects
    ]
    made = 0
    for chosen in sets:
        missing = {method for method in methods_of(chosen) if not _path(out, chosen, method).is_file()}
        if not missing or (most and made >= most):
            continue
        made += 1
        inputs, heldout = rig_views(chosen.name, chosen.rig, seed)
        if chosen.inconsistent:
            inputs = disturb(inputs, seed)
        picture, truth = single_picture(chosen.name, chosen.rig, seed), make_object(chosen.name, seed).mesh
        for method, body, spent in bodies_of(chosen, inputs, picture, missing, out):
            score = score_body(chosen, method, body, truth, (picture, heldout), spent)
            if len(body.parts) == 1:
                write_glb(_path(out, chosen, method).with_suffix(".glb"), body.parts[0], chosen.name)
            _write_strip(_path(out, chosen, method).with_suffix(".png"), body, chosen.rig)
            _path(out, chosen, method).write_text(json.dumps(asdict(score), indent=1) + "\n", encoding="utf-8")
    paths = [_path(out, chosen, method) for chosen in sets for method in methods_of(chosen)]
    scores = [BodyScore(**json.loads(path.read_text(encoding="utf-8"))) for path in paths if path.is_file()]
    text = objects_table(scores)
    (out / "objects.md").write_text(text, encoding="utf-8")
    _sheet(out, [chosen for chosen in sets if not chosen.inconsistent and chosen.rig == rigs[0]])
    left = len(paths) - len(scores)
    return text + (f"\n{left} of {len(paths)} bodies are still to be made\n" if left else "")


def _write_strip(path: Path, body: Body, rig: str) -> None:
    """Write the body from its side, 35, 70 and 180 degrees from there, unlit, over white."""
    like = zero123plus_rig(rig, _SHOWN_PX)[0]
    field_of_view_deg = float(np.degrees(2 * np.arctan(0.5 * _SHOWN_PX / like.focal_x)))
    distance = float(np.linalg.norm(like.position))
    cameras = [camera_around(float(turn), 5.0, _SHOWN_PX, field_of_view_deg, distance) for turn in _TURNS_DEG]
    write_picture(path, np.concatenate([np.clip(body.render(camera).over(1.0), 0, 1) for camera in cameras], axis=1))


def _sheet(out: Path, sets: Sequence[SixViewSet]) -> None:
    """Write objects.jpg: a row a method that has all pictures, the objects next to one another."""
    rows = []
    for method in (OURS, "voxel, refined", "vm, refined", HULL, *PICTURES):
        paths = [_path(out, chosen, method).with_suffix(".png") for chosen in sets]
        if paths and all(path.is_file() for path in paths):
            rows.append(np.concatenate([np.asarray(Image.open(path).convert("RGB")) for path in paths], axis=1))
    if rows:
        sheet = Image.fromarray(np.concatenate(rows))
        sheet.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.LANCZOS).save(out / "objects.jpg", quality=80)


def _path(out: Path, chosen: SixViewSet, method: str) -> Path:
    return out / f"{chosen.label}-{method.replace(',', '').replace(' ', '-')}.json"


BENCH = Bench(name="element.objects", title="Bodies of made objects", run=run, tables=(object_heads(tuple(OBJECTS)),))
