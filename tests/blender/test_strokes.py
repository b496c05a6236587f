"""Strokes on the mask, and the element cut again: a real backend, the canvas, the scene before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from made_job import png
from own_backend import own_backend

WIDTH, HEIGHT = 120, 80
LEFT, RIGHT = (35, 40), (88, 40)  # middles of two discs
SMALL = {"quality": "DRAFT", "route": "relief", "faces": 300, "sides_px": 64, "lods": 0, "collider": False}


def away(middle: tuple[int, int]) -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return np.hypot(x - middle[0], y - middle[1])


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red and a blue disc on plain white, joined by a bridge: one element, until strokes say otherwise."""
    y = np.mgrid[:HEIGHT, :WIDTH][0] + 0.5
    colour = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    colour[(np.abs(y - 40) < 5) & (away(LEFT) < 55) & (away(RIGHT) < 55)] = (90, 90, 90)
    colour[away(LEFT) < 22] = (200, 60, 40)
    colour[away(RIGHT) < 22] = (40, 60, 200)
    path = tmp_path_factory.mktemp("discs") / "discs.png"
    png(path, colour)
    return path


@pytest.fixture(scope="module")
def made(grotto: Path, picture: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The job's folder of the whole picture. The backend lives on for the module."""
    folder = tmp_path_factory.mktemp("strokes")
    with own_backend(folder, grotto):
        bpy.data.batch_remove(list(bpy.data.objects))
        bpy.data.batch_remove(list(bpy.data.collections))
        assert bpy.ops.grotto.create_element(source=str(picture), out=str(folder / "job"), **SMALL) == {"FINISHED"}
        yield folder / "job"


def facts(job: Path) -> dict[str, Any]:
    return json.loads((job / "result.json").read_text())["facts"]


def paint(image: Any, middle: tuple[int, int], value: float, radius: float) -> None:
    pixels = np.array(image.pixels[:], np.float32).reshape(HEIGHT, WIDTH, 4)
    pixels[::-1][away(middle) < radius, :3] = value
    image.pixels.foreach_set(pixels.ravel())


def test_nothing_painted_is_said(made: Path) -> None:
    with pytest.raises(RuntimeError, match="Paint strokes first"):
        bpy.ops.grotto.cut_again()
    assert bpy.ops.grotto.paint_strokes() == {"FINISHED"}
    with pytest.raises(RuntimeError, match="paint white"):
        bpy.ops.grotto.cut_again()
    with pytest.raises(RuntimeError, match="no picture of strokes"):
        bpy.ops.grotto.cut_again(strokes="/nowhere/strokes.png")


def test_the_canvas_shows_picture_and_mask(made: Path) -> None:
    """Neither pure white nor pure black, so that every stroke can be told; what is not the element is bluish."""
    bpy.ops.grotto.paint_strokes()
    image = bpy.data.images["discs Strokes"]
    assert tuple(image.size) == (WIDTH, HEIGHT)
    shown = np.array(image.pixels[:]).reshape(HEIGHT, WIDTH, 4)[::-1, :, :3]
    assert shown.min() > 0.05
    assert shown.max() < 0.95
    red, beside = shown[LEFT[1], LEFT[0]], shown[4, 4]
    assert red[0] > 2 * red[2]
    assert beside[2] > beside[0] + 0.05
    assert image.packed_file is not None


def test_cut_again_replaces_the_body_and_reruns_what_follows(made: Path, picture: Path) -> None:
    before = facts(made)
    assert before["element_box_px"][2] > 100  # both discs
    root, body, camera = (bpy.data.objects[name] for name in ("discs", "discs Mesh", "discs Picture"))
    root.location, root.rotation_euler = (1.0, 2.0, 3.0), (0.0, 0.0, 0.5)
    body.location = (0.0, 0.0, 0.25)
    body.modifiers.new("Bend", "SIMPLE_DEFORM")
    width = body.dimensions.x
    objects, meshes, images = set(bpy.data.objects), len(bpy.data.meshes), len(bpy.data.images)
    materials = [material.name for material in body.data.materials]

    bpy.ops.grotto.paint_strokes()
    canvas = bpy.data.images["discs Strokes"]
    paint(canvas, LEFT, 1.0, 15)
    paint(canvas, RIGHT, 0.0, 27)
    assert bpy.ops.grotto.cut_again() == {"FINISHED"}

    assert (made / "strokes" / "1.png").is_file()
    after = facts(made)
    assert after["element_box_px"][2] < 80  # the left one alone
    assert json.loads((made / "request.json").read_text())["options"]["cut"]["cut_strokes"] == str(made / "strokes" / "1.png")
    assert set(bpy.data.objects) == objects
    assert bpy.data.objects["discs Mesh"] is body
    assert body.parent is root
    assert tuple(root.location) == (1.0, 2.0, 3.0)
    assert tuple(body.location) == (0.0, 0.0, 0.25)
    assert [modifier.name for modifier in body.modifiers] == ["Bend"]
    bpy.context.view_layer.update()
    assert len(body.data.polygons) == after["faces"]
    assert json.loads(root["grotto_facts"]) == after
    assert (len(bpy.data.meshes), body.data.name) == (meshes, "discs Mesh")
    assert [material.name for material in body.data.materials] == materials
    assert len(bpy.data.images) <= images + 1  # the canvas
    assert width != pytest.approx(body.dimensions.x, rel=0.05)
    assert camera.data.ortho_scale == pytest.approx(after["picture_frame_m"][2] - after["picture_frame_m"][0], rel=1e-5)


def test_the_next_canvas_remembers_the_strokes(made: Path, tmp_path: Path) -> None:
    bpy.ops.grotto.paint_strokes()
    shown = np.array(bpy.data.images["discs Strokes"].pixels[:]).reshape(HEIGHT, WIDTH, 4)[::-1, :, :3]
    assert shown[LEFT[1], LEFT[0]] == pytest.approx(1.0)
    assert shown[RIGHT[1], RIGHT[0]] == pytest.approx(0.0)


@pytest.mark.slow
def test_a_script_gives_its_own_strokes(made: Path, tmp_path: Path) -> None:
    """Also beside the .blend, where Blender writes "//": and the user's file is not written to."""
    strokes = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    strokes[away(RIGHT) < 15] = 255
    strokes[away(LEFT) < 27, 3] = 255
    path = tmp_path / "mine.png"
    png(path, strokes)
    words = path.read_bytes()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert bpy.ops.grotto.cut_again(strokes="//mine.png") == {"FINISHED"}
    assert facts(made)["element_box_px"][0] > 40  # the right one alone
    assert path.read_bytes() == words
    assert json.loads((made / "request.json").read_text())["options"]["cut"]["cut_strokes"] == str(path)


def test_the_sidebars_strokes_may_be_beside_the_blend(made: Path, picture: Path, tmp_path: Path, part: Any) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    settings = bpy.context.scene.grotto.element
    settings.cut_strokes = "//strokes.png"
    try:
        options = part("addon.scene.options").read_values(part("addon.recipes").ELEMENT.options, settings)
    finally:
        settings.cut_strokes = ""
    assert options["cut_strokes"] == str(tmp_path / "strokes.png")


def test_strokes_are_for_elements_alone(imported: Any) -> None:
    with pytest.raises(RuntimeError, match="can not be read"):
        bpy.ops.grotto.paint_strokes()
