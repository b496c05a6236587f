"""Several elements of one picture: found by a real backend, listed with ticks and thumbnails, made and placed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest
from made_job import png
from own_backend import own_backend

Part = Callable[[str], ModuleType]
WIDTH, HEIGHT = 360, 240
# Of a painted wall, px: left, top, right, bottom.
BOXES = {"red": (40, 60, 120, 200), "green": (160, 120, 240, 200), "blue": (270, 30, 330, 110)}
COLOURS = {"red": (190, 50, 40), "green": (40, 120, 60), "blue": (40, 60, 170)}
SMALL = {"quality": "DRAFT", "route": "relief", "faces": 300, "sides_px": 64, "lods": 0, "collider": False}


@pytest.fixture(scope="module")
def mural(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three figures, each an ellipse with stripes, on a pale wall."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    random = np.random.default_rng(2)
    colour = np.array([226, 214, 190]) + random.normal(0, 2, (HEIGHT, WIDTH, 1))
    for name, (left, top, right, bottom) in BOXES.items():
        inside = np.hypot((2 * x - left - right) / (right - left), (2 * y - top - bottom) / (bottom - top)) < 1
        colour[inside] = np.array(COLOURS[name]) + 12 * np.sin(y[inside] / 3)[:, None]
    path = tmp_path_factory.mktemp("wall") / "mural.png"
    png(path, np.clip(colour, 0, 255).astype(np.uint8))
    return path


@pytest.fixture(scope="module")
def found(grotto: Path, mural: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The list of what was found. The backend lives on for the module."""
    folder = tmp_path_factory.mktemp("found")
    with own_backend(folder, grotto):
        clear()
        assert bpy.ops.grotto.find_elements(source=str(mural), out=str(folder / "cut")) == {"FINISHED"}
        yield bpy.context.scene.grotto.found
        bpy.ops.grotto.forget_elements()
        bpy.context.scene.grotto.element.property_unset("source")


def clear() -> None:
    bpy.data.batch_remove(list(bpy.data.objects))
    bpy.data.batch_remove(list(bpy.data.collections))


def which(item: Any) -> str:
    """The figure that an element's box is nearest to."""
    return min(BOXES, key=lambda name: max(abs(a - b) for a, b in zip(item.box, BOXES[name], strict=True)))


def test_every_figure_is_listed_with_its_pictures(found: Any, mural: Path, part: Part) -> None:
    assert sorted(which(item) for item in found.items) == sorted(BOXES)
    assert found.source == str(mural) == bpy.context.scene.grotto.element.source
    for item in found.items:
        assert np.abs(np.array(item.box) - BOXES[which(item)]).max() <= 8
        assert item.ticked
        assert Path(item.picture).is_file()
        assert part("addon.pictures").icon_of(item.thumbnail, Path(item.thumbnail)) >= 0  # without a window there are no icons
        assert tuple(bpy.data.images.load(item.thumbnail).size) == (256, 256)


def test_of_mere_proposals_the_artist_chooses(found: Any, part: Part, tmp_path: Path) -> None:
    folder, source = Path(found.items[0].picture).parents[2], found.source
    told = json.loads((folder / "result.json").read_text())
    told["facts"]["cut_out_by"] = "classical: proposals on a wall painted all over"
    (tmp_path / "result.json").write_text(json.dumps(told))
    fill = part("addon.scene.elements").fill
    assert fill(found, tmp_path, source) == len(BOXES)
    assert not any(item.ticked for item in found.items)
    fill(found, folder, source)
    assert all(item.ticked for item in found.items)


def test_another_picture_has_no_list(found: Any, part: Part) -> None:
    is_list_of = part("addon.scene.elements").is_list_of
    assert is_list_of(found, found.source)
    assert not is_list_of(found, "/another/picture.png")


def test_ticks(found: Any) -> None:
    bpy.ops.grotto.tick_elements(ticked=False)
    assert not any(item.ticked for item in found.items)
    with pytest.raises(RuntimeError, match="o element is ticked"):
        bpy.ops.grotto.create_elements(**SMALL)
    bpy.ops.grotto.tick_elements()
    assert all(item.ticked for item in found.items)


def corners(name: str) -> np.ndarray:
    """(n, 3) of the mesh in the scene."""
    item = bpy.data.objects[f"{name} Mesh"]
    return np.array([item.matrix_world @ vertex.co for vertex in item.data.vertices])


@pytest.fixture
def made(found: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Red and green, made with the placement that is asked for; names are the artist's."""
    clear()
    for item in found.items:
        item.ticked = which(item) != "blue"
        item.name = f"my {which(item)}"
    ended = bpy.ops.grotto.create_elements(out=str(tmp_path), placement=request.param, height_m=2.0, **SMALL)
    assert ended == {"FINISHED"}
    assert bpy.context.window_manager.grotto_exit_code == 0
    bpy.context.view_layer.update()
    yield request.param, tmp_path
    clear()


@pytest.mark.slow
@pytest.mark.parametrize("made", ["SIDE_BY_SIDE"], indirect=True)
def test_side_by_side_each_has_the_height(made: tuple[str, Path]) -> None:
    assert sorted(path.name for path in made[1].iterdir()) == ["my green", "my red"]
    assert "my blue Mesh" not in bpy.data.objects
    red, green = corners("my red"), corners("my green")
    for body in (red, green):
        assert (body[:, 2].min(), body[:, 2].max()) == pytest.approx((0.0, 2.0), abs=0.01)
    assert red[:, 0].max() < green[:, 0].min()


@pytest.mark.slow
@pytest.mark.parametrize("made", ["AS_PAINTED"], indirect=True)
def test_as_painted_they_stand_where_the_picture_has_them(made: tuple[str, Path], found: Any) -> None:
    """One scale for all: distances and sizes in the scene are those in the picture, within two of its pixels."""
    metres = 2.0 / max(item.box[3] - item.box[1] for item in found.items if item.ticked)
    red, green = corners("my red"), corners("my green")
    for body, name in ((red, "red"), (green, "green")):
        left, top, right, bottom = BOXES[name]
        assert np.ptp(body[:, 0]) / metres == pytest.approx(right - left, abs=4)
        assert np.ptp(body[:, 2]) / metres == pytest.approx(bottom - top, abs=4)
    assert (green[:, 0].min() - red[:, 0].min()) / metres == pytest.approx(BOXES["green"][0] - BOXES["red"][0], abs=3)
    assert (red[:, 2].max() - green[:, 2].max()) / metres == pytest.approx(BOXES["green"][1] - BOXES["red"][1], abs=3)
    assert json.loads(bpy.data.objects["my red"]["grotto_facts"])["route"] == "relief"


@pytest.mark.slow
def test_one_that_fails_stops_no_other(found: Any, tmp_path: Path) -> None:
    clear()
    for item in found.items:
        item.ticked, item.name = which(item) != "blue", which(item)
    lost = next(item for item in found.items if item.name == "red")
    picture = Path(lost.picture)
    whole = picture.read_bytes()
    picture.write_bytes(whole[:100])
    try:
        assert bpy.ops.grotto.create_elements(out=str(tmp_path), **SMALL) == {"FINISHED"}
    finally:
        picture.write_bytes(whole)
    assert bpy.context.window_manager.grotto_exit_code == 2
    assert "green Mesh" in bpy.data.objects
    assert "red Mesh" not in bpy.data.objects


def test_a_budget_sets_the_faces(installed: str) -> None:
    settings = bpy.context.scene.grotto.element
    try:
        for name, faces in (("700", 700), ("5k", 5000), ("100k", 100_000)):
            settings.budget = name
            assert settings.faces == faces
            assert settings.budget == name
        settings.faces = 1234
        assert settings.budget == "CUSTOM"
    finally:
        settings.property_unset("faces")
