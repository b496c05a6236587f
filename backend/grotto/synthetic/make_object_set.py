"""Making an object: photograph it from a rig, and write photos, cameras and truth into one folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..contract import VERSION, Progress, bad_input
from ..contract.options import MakeObjectOptions
from ..contract.recipes import to_nested
from ..formats import write_mesh_ply, write_transforms
from ..scene import Camera, View, orbit, photo_camera, random_cameras, write_picture, zero123plus_rig
from .objects import make_object
from .turntable import disturb, photographs

PHOTOS, CAMERAS, TRUTH, RECIPE = "photos", "transforms.json", "truth.ply", "object.json"


def make_object_set(name: str, out: Path, options: MakeObjectOptions, report: Progress) -> None:
    """Write `out`/photos (RGBA PNG), transforms.json, truth.ply, and the recipe as object.json.

    Refuses unknown names, and a folder that holds anything but an earlier set of ours, which it replaces. Equal arguments
    give equal pictures.
    """
    report(0.0, "Geometry")
    made = make_object(name, options.seed)
    _prepare(out)
    cameras = _cameras(options)
    views: list[View] = []
    for index, view in enumerate(photographs(made, cameras, options.samples)):
        views.append(view)
        report(0.1 + 0.8 * (index + 1) / len(cameras), f"Photo {index + 1} of {len(cameras)}")
    if options.inconsistent:
        views = disturb(views, options.seed)
    report(0.9, "Files")
    for view in views:
        write_picture(
            out / PHOTOS / f"{view.name}.png",
            np.dstack([view.colour, np.ones(view.colour.shape[:2]) if view.alpha is None else view.alpha]),
        )
    listed = [photo_camera(view.camera, f"{PHOTOS}/{view.name}.png", f"{view.name}.png") for view in views]
    write_transforms(out / CAMERAS, listed)
    write_mesh_ply(out / TRUTH, made.mesh)
    recipe = {"made_by": f"Grotto {VERSION} make-object", "object": name, "options": to_nested(options)}
    (out / RECIPE).write_text(json.dumps(recipe, indent=1) + "\n", encoding="utf-8")
    report(1.0, f"{len(views)} photos")


def _cameras(options: MakeObjectOptions) -> list[Camera]:
    if options.rig == "orbit":
        return orbit(options.views, options.size)
    if options.rig == "random":
        return random_cameras(options.views, options.seed, options.size)
    return zero123plus_rig(options.rig, options.size)


def _prepare(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise bad_input(f"{out} is a file", "choose another folder")
    if out.exists() and any(out.iterdir()) and not (out / RECIPE).is_file():
        raise bad_input(f"{out} is not empty", "choose an empty folder, or one that make-object made")
    (out / PHOTOS).mkdir(parents=True, exist_ok=True)
    for old in (out / PHOTOS).glob("[0-9]*.png"):
        old.unlink()
