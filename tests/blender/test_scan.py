"""The recipe scan in Blender: what it takes, what it refuses in words, and the way of an artist who chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import bpy
import pytest

Part = Callable[[str], ModuleType]


@pytest.fixture
def settings(installed: str) -> Iterator[bpy.types.PropertyGroup]:
    """The sidebar's settings with Scan chosen; as new afterwards."""
    shown = bpy.context.scene.grotto
    shown.recipe = "SCAN"
    yield shown
    shown.recipe = "WALL"
    for group in (shown.wall, shown.scan):
        group.source = ""


@pytest.mark.parametrize("name", ["", "nowhere at all", "notes.txt", "photo.jpg"])
def test_what_no_scan_can_begin_with_is_bad_input(settings: bpy.types.PropertyGroup, tmp_path: Path, name: str) -> None:
    source = tmp_path / name if name else None
    if source is not None and source.suffix:
        source.write_text("not a video")
    with pytest.raises(RuntimeError, match="folder"):
        bpy.ops.grotto.create_scan(source=str(source or ""))
    assert bpy.context.window_manager.grotto_exit_code == 2


@pytest.mark.parametrize("name", ["transforms.json", "round the jar.MP4", "photos"])
def test_a_folder_a_video_and_known_cameras_are_handed_on(
    settings: bpy.types.PropertyGroup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """They pass this door: what is missing here is the backend."""
    monkeypatch.setenv("GROTTO_RUNTIME", str(tmp_path / "none.json"))
    source = tmp_path / name
    source.write_text("{}") if source.suffix else source.mkdir()
    with pytest.raises(RuntimeError, match=r"[Nn]o backend is set"):
        bpy.ops.grotto.create_scan(source=str(source))
    assert bpy.context.window_manager.grotto_exit_code == 3


def test_a_wall_takes_no_video(settings: bpy.types.PropertyGroup, tmp_path: Path) -> None:
    (tmp_path / "wall.mp4").write_text("")
    with pytest.raises(RuntimeError, match="is not a folder"):
        bpy.ops.grotto.create_wall(source=str(tmp_path / "wall.mp4"))


def test_choosing_goes_to_the_chosen_recipe(settings: bpy.types.PropertyGroup, part: Part) -> None:
    assert bpy.ops.grotto.choose_source_file(filepath="/videos/jar.mp4") == {"FINISHED"}
    assert (settings.scan.source, settings.wall.source) == ("/videos/jar.mp4", "")
    settings.recipe = "WALL"
    assert bpy.ops.grotto.choose_source(directory="/pictures/wall") == {"FINISHED"}
    assert (settings.scan.source, settings.wall.source) == ("/videos/jar.mp4", "/pictures/wall")


def test_the_panel_says_what_to_choose_first(settings: bpy.types.PropertyGroup, part: Part, installed: str) -> None:
    why_disabled, recipes = part("addon.panels.create").why_disabled, part("addon.recipes").RECIPES
    preferences = bpy.context.preferences.addons[installed].preferences
    assert why_disabled(recipes["scan"], settings.scan) == "Set up the backend first"
    preferences.backend = "/somewhere"
    assert why_disabled(recipes["scan"], settings.scan) == "Choose photos or a video first"
    settings.scan.source = "/videos/jar.mp4"
    assert why_disabled(recipes["scan"], settings.scan) == ""
    assert why_disabled(recipes["wall"], settings.wall) == "Choose a folder of photos first"
    preferences.backend = ""


@pytest.mark.parametrize(
    "words", [["scan"], ["scan", "photos", "--via", "magic"], ["scan", "photos", "--camera-distance-m", "1"]]
)
def test_wrong_words_are_bad_input(part: Part, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert part("operators.command.cli").run(words) == 2
    assert "usage:" in capsys.readouterr().err
