"""Views of one object written as a view set that other tools open: pictures with alpha, and transforms.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..formats import write_transforms
from ..scene import View, photo_camera
from .region import object_region
from .view_set import CAMERAS, ViewFile, ViewSet

PHOTOS = "photos"


def write_object_views(views: Sequence[View], folder: Path) -> ViewSet:
    """Write views with alpha and known cameras as a view set. Raises bad input where they share no region."""
    (folder / PHOTOS).mkdir()
    for view in views:
        alpha = view.alpha if view.alpha is not None else np.ones(view.colour.shape[:2], np.float32)
        write_rgba(folder / _file(view), np.dstack([view.colour, alpha]))
    write_transforms(folder / CAMERAS, [photo_camera(view.camera, _file(view), f"tile {int(view.name) + 1}") for view in views])
    region = object_region([view.camera for view in views], [view.alpha for view in views if view.alpha is not None], 1.0)
    return ViewSet(
        folder=folder,
        files=tuple(ViewFile(name=_file(view), mask="", heldout=False) for view in views),
        cameras=CAMERAS,
        photos=PHOTOS,
        region=region,
        cloud="",
        given=True,
        view_px=max(views[0].camera.width, views[0].camera.height),
    )


def write_rgba(path: Path, picture: NDArray[np.floating]) -> None:
    """Write a picture (h, w, 4), 0 to 1, straight alpha, as 8-bit PNG."""
    Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA").save(path)


def _file(view: View) -> str:
    return f"{PHOTOS}/{view.name}.png"
