"""Pictures from the studio: whatever the size of the result, it fills the picture, is lit, and stands upright."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import made_job
import made_scan
import numpy as np
import pytest

Part = Callable[[str], ModuleType]


def read_picture(path: Path) -> Any:
    """(h, w, 3), first row on top."""
    picture = bpy.data.images.load(str(path))
    width, height = picture.size
    return np.array(picture.pixels[:]).reshape(height, width, 4)[::-1, :, :3]


@pytest.mark.parametrize("scale", [1.0, 37.0])
def test_the_picture_shows_the_wall(imported: bpy.types.Object, tmp_path: Path, scale: float, part: Part) -> None:
    studio, wall = part("addon.studio"), part("addon.studio.wall")
    imported.scale = (scale, scale, scale)
    bpy.context.view_layer.update()
    studio.light_wall(imported)
    studio.render_view(tmp_path / "picture.png", samples=4, percent=10)
    pixels = read_picture(tmp_path / "picture.png")
    assert pixels.shape[:2] == (wall.HEIGHT_PX // 10, wall.WIDTH_PX // 10)
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


@pytest.fixture
def scan(empty: None, tmp_path: Path, part: Part, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The root of a small imported scan; pictures of it are small too."""
    monkeypatch.setattr(part("addon.studio.subject"), "SIDE_PX", 48)
    bpy.ops.grotto.import_result(directory=str(made_scan.make_scan(tmp_path / "job")))
    return next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)


def test_parts_are_rendered_side_by_side(scan: Any, tmp_path: Path, part: Part) -> None:
    studio, parts = part("addon.studio"), part("addon.importers.parts").parts_of(scan)
    paths = [found.path for found in parts if found.kind in ("mesh", "splats") and not found.label.startswith("LOD")]
    studio.light_subject(scan, bounded=True)
    studio.render_parts(scan, paths, tmp_path / "picture.png", samples=2)
    pixels = read_picture(tmp_path / "picture.png")
    assert pixels.shape[:2] == (48, 48 * len(paths))
    background = pixels[2, 2]
    for number in range(len(paths)):
        middle = pixels[16:32, 48 * number + 16 : 48 * number + 32]
        assert np.abs(middle - background).max() > 0.1, f"{paths[number]} is not seen"
    assert part("addon.importers.parts").is_shown(scan, paths[0])


def test_a_turntable_leaves_the_result_where_it_was(scan: Any, tmp_path: Path, part: Part) -> None:
    scan.location = (3.0, 2.0, 1.0)
    bpy.context.view_layer.update()
    studio, before = part("addon.studio"), np.array(scan.matrix_world)
    studio.light_subject(scan, bounded=True)
    studio.render_turntable(scan, tmp_path / "picture.png", samples=1, turns_degrees=(0, 90))
    assert read_picture(tmp_path / "picture.png").shape[:2] == (48, 96)
    assert np.array(scan.matrix_world) == pytest.approx(before)


def test_the_focus_is_where_all_cameras_look(part: Part) -> None:
    focus = np.array([0.3, -1.2, 2.0])
    positions = np.random.default_rng(3).normal(size=(6, 3)) * 4
    axes = (focus - positions) / np.linalg.norm(focus - positions, axis=1, keepdims=True)
    assert np.array(part("addon.studio.framing").shared_focus(positions, axes)) == pytest.approx(focus, abs=1e-5)


def test_the_view_is_on_the_side_of_the_cameras(part: Part) -> None:
    framing = part("addon.studio.framing")
    angles = np.linspace(0.0, 2 * np.pi, 8, endpoint=False)
    around = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    everywhere = framing.view_direction(around, framing.Vector())
    assert np.array(everywhere) == pytest.approx(np.array(framing.DEFAULT_DIRECTION.normalized()))
    one_side = framing.view_direction(around[:3], framing.Vector())
    assert np.array(one_side) @ around[1] > np.cos(framing.ASIDE) - 1e-6
