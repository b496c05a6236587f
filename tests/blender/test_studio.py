"""The demo's picture: whatever the wall's size, it fills the picture, is lit, and stands upright."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import made_job
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("scale", [1.0, 37.0])
def test_the_picture_shows_the_wall(imported: bpy.types.Object, tmp_path: Path, scale: float) -> None:
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        import studio
    finally:
        sys.path.remove(str(ROOT / "packaging"))
    imported.scale = (scale, scale, scale)
    bpy.context.view_layer.update()
    studio.furnish(imported)
    studio.render(tmp_path / "picture.png", samples=4, percent=10)
    picture = bpy.data.images.load(str(tmp_path / "picture.png"))
    width, height = picture.size
    pixels = np.array(picture.pixels[:]).reshape(height, width, 4)[::-1, :, :3]
    assert (width, height) == (studio.WIDTH_PX // 10, studio.HEIGHT_PX // 10)
    centres = {}
    for name, colour in made_job.CORNERS.items():
        direction = np.array(colour) / np.linalg.norm(colour)
        brightness = np.linalg.norm(pixels, axis=-1)
        alike = (pixels @ direction > 0.93 * brightness) & (brightness > 0.12)
        assert alike.mean() > 0.02, f"{name} is not seen"
        centres[name] = np.argwhere(alike).mean(0)
    assert centres["top left"][0] < centres["bottom left"][0]
    assert centres["top left"][1] < centres["top right"][1]
    assert centres["bottom left"][1] < centres["bottom right"][1]
