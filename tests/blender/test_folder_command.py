"""`blender --command grotto element FOLDER`: a job and a GLB each, a table with reasons, the exit code."""

from __future__ import annotations

import contextlib
import io
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
SMALL = ["--quality", "draft", "--route", "relief", "--faces", "300", "--sides-px", "64", "--lods", "0", "--no-collider"]


def disc(path: Path, radius: float, colour: tuple[int, int, int], px: int = 64) -> Path:
    """A disc with alpha; of radius 0 nothing."""
    y, x = np.mgrid[:px, :px] + 0.5
    alpha = np.clip(radius + 0.5 - np.hypot(x - px / 2, y - px / 2), 0, 1) if radius else np.zeros((px, px))
    png(path, np.dstack([np.broadcast_to(colour, (px, px, 3)), np.round(255 * alpha)]).astype(np.uint8))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures, one with nothing on it, one that is damaged, and what is no picture."""
    made = tmp_path_factory.mktemp("many") / "a folder"
    made.mkdir()
    disc(made / "b red.png", 24, (200, 60, 40))
    disc(made / "c blue.png", 16, (40, 60, 200))
    disc(made / "d empty.png", 0, (0, 0, 0))
    (made / "e broken.png").write_bytes(b"\x89PNG and no more")
    (made / "notes.txt").write_text("no picture")
    return made


@pytest.fixture(scope="module")
def backend(grotto: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("backend")
    with own_backend(place, grotto):
        yield place


def run(part: Part, *words: Any) -> tuple[int, list[str]]:
    printed = io.StringIO()
    bpy.data.batch_remove(list(bpy.data.objects))
    with contextlib.redirect_stdout(printed):
        code = part("operators.command.cli").run(["element", *(str(word) for word in words), *SMALL])
    return code, printed.getvalue().splitlines()


@pytest.mark.slow
def test_each_picture_has_a_job_a_glb_and_a_row(backend: Path, folder: Path, part: Part, tmp_path: Path) -> None:
    blend = tmp_path / "all.blend"
    code, lines = run(part, folder, "--out", tmp_path / "jobs", "--glb", tmp_path / "glb", "--blend", blend)
    assert code == 2
    assert sorted(path.name for path in (tmp_path / "glb").iterdir()) == ["b red.glb", "c blue.glb"]
    assert (tmp_path / "jobs" / "b red" / "result.json").is_file()
    lines = [line for line in lines if not line.startswith("Info: ")]  # Blender's own, of the file it saved
    rows = {line.split("  ")[0]: line for line in lines[-5:]}
    assert "done" in rows["b red.png"]
    assert "b red.glb" in rows["b red.png"]
    for name, why in (("d empty.png", "noth"), ("e broken.png", "read")):
        assert "failed" in rows[name]
        assert why in rows[name].lower()
    assert lines[-1] == "2 of 4 pictures done"
    assert blend.is_file()
    bpy.context.view_layer.update()
    first, second = (bpy.data.objects[f"{name} Mesh"] for name in ("b red", "c blue"))
    assert max((first.matrix_world @ corner.co).x for corner in first.data.vertices) < min(
        (second.matrix_world @ corner.co).x for corner in second.data.vertices
    )


def test_a_good_picture_has_its_glb_and_a_bad_one_its_reason(backend: Path, part: Part, tmp_path: Path) -> None:
    disc(tmp_path / "good.png", 20, (10, 200, 10))
    (tmp_path / "torn.png").write_bytes(b"\x89PNG and no more")
    code, lines = run(part, tmp_path, "--glb", tmp_path / "glb")
    assert (code, lines[-1]) == (2, "1 of 2 pictures done"), lines
    assert [path.name for path in (tmp_path / "glb").iterdir()] == ["good.glb"]
    assert "faces, good.glb" in lines[-3]
    assert "failed" in lines[-2]
    assert not bpy.data.objects


@pytest.mark.slow
def test_when_all_go_well_the_code_is_0(backend: Path, part: Part, tmp_path: Path) -> None:
    disc(tmp_path / "one.png", 20, (10, 200, 10))
    code, lines = run(part, tmp_path, "--glb", tmp_path / "glb")
    assert (code, lines[-1]) == (0, "1 of 1 pictures done"), lines


@pytest.mark.slow
def test_one_picture_is_made_as_before(backend: Path, folder: Path, part: Part, tmp_path: Path) -> None:
    code, _ = run(part, folder / "b red.png", "--glb", tmp_path / "red.glb")
    assert code == 0
    assert (tmp_path / "red.glb").stat().st_size > 1000


def test_a_folder_without_pictures_is_bad_input(installed: str, part: Part, tmp_path: Path) -> None:
    assert run(part, tmp_path)[0] == 2


def test_pictures_of_one_name_do_not_write_over_each_other(part: Part) -> None:
    names_of = part("operators.command.many_pictures").names_of
    assert names_of([Path("a.png"), Path("a.jpg"), Path("b.png")]) == ["a_png", "a_jpg", "b"]


@pytest.mark.parametrize(("then", "jobs"), [("CHOOSE", 0), pytest.param("CREATE", 2, marks=pytest.mark.slow)])
def test_dropped_pictures_become_elements(backend: Path, folder: Path, tmp_path: Path, then: str, jobs: int) -> None:
    """As Blender calls a file handler's operator: with a directory and files."""
    bpy.data.batch_remove(list(bpy.data.objects))
    settings = bpy.context.scene.grotto
    settings.element.faces, settings.element.sides_px, settings.recipe = 300, 128, "WALL"
    files = [{"name": "b red.png"}, {"name": "c blue.png"}]
    assert bpy.ops.grotto.drop_picture(directory=str(folder), files=files, then=then) == {"FINISHED"}
    assert (settings.recipe, settings.element.source) == ("ELEMENT", str(folder / "b red.png"))
    assert len([item for item in bpy.data.objects if item.name.endswith("Mesh")]) == jobs


def test_what_is_no_picture_is_refused_when_dropped(installed: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(RuntimeError, match="not a picture"):
        bpy.ops.grotto.drop_picture(directory=str(tmp_path), files=[{"name": "a.txt"}])


def test_the_file_handler_offers_itself_over_viewports_only(part: Part) -> None:
    handler = part("operators.drop").GROTTO_FH_element
    assert ".png" in handler.bl_file_extensions.split(";")
    assert handler.bl_import_operator == "grotto.drop_picture"
    areas = {area.type: area for area in bpy.context.window_manager.windows[0].screen.areas}
    for kind, area in areas.items():
        with bpy.context.temp_override(area=area):
            assert handler.poll_drop(bpy.context) == (kind == "VIEW_3D")
    assert "VIEW_3D" in areas
    assert len(areas) > 1
