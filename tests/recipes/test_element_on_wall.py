"""Bas-reliefs on a finished wall: where they lie, what they show, and what is refused."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import finished_wall
import numpy as np
import pytest
from finished_wall import FIGURE, PIXEL, X_MIN, Z_MAX, relief_mm
from PIL import Image

from grotto.contract import (
    ELEMENT_QUALITIES,
    ElementOptions,
    JobRequest,
    ProblemError,
    Result,
    from_flat,
    to_flat,
    to_nested,
)
from grotto.formats import read_glb_parts
from grotto.recipes.element import RECIPE
from grotto.runner import Run

QUICK = {"element_faces": 1500, "sides_px": 128, "relief_lods": 0, "normals_px": 0, "occlusion": False, "shape": "slab"}


def made_of(source: Path, out: Path, **flat: object) -> Result:
    chosen = from_flat(ElementOptions, {**to_flat(ELEMENT_QUALITIES["draft"]), **QUICK, **flat})
    out.mkdir(parents=True, exist_ok=True)
    run = Run(
        RECIPE, JobRequest("element", str(source), str(out), to_nested(chosen)), chosen, lambda event: None, threading.Event()
    )
    result = run.complete(RECIPE.run(source, chosen, run))
    result.write(out)
    return result


def cut_set(folder: Path, box: tuple[int, int, int, int] = FIGURE, size: tuple[int, int] | None = None) -> Path:
    """An element of the wall as grotto cut writes it: RGBA in elements/, and elements.json beside them."""
    (folder / "elements").mkdir(parents=True)
    (folder / "elements_512").mkdir()
    left, top, right, bottom = box
    part = finished_wall.painted()[top:bottom, left:right]
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    alpha = (np.clip(50.5 - np.hypot(x - 140, y - 110), 0, 1) * 255).astype(np.uint8)
    Image.fromarray(np.dstack([part, alpha]), "RGBA").save(folder / "elements/element_001.png")
    width, height = size or (finished_wall.WIDTH, finished_wall.HEIGHT)
    row = {"name": "element_001", "box_px": list(box), "picture": "elements/element_001.png"}
    (folder / "elements.json").write_text(json.dumps({"width": width, "height": height, "elements": [row]}))
    return folder / "elements/element_001.png"


def on_wall(result: Result, out: Path) -> np.ndarray:
    """Vertices of front and sides in the wall's frame."""
    parts = read_glb_parts(out / next(asset.path for asset in result.assets if asset.kind == "mesh"))
    points = np.concatenate([part.vertices for part in parts.values()]).astype(np.float64)
    matrix = np.array(result.facts["wall_from_element"])
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def test_a_cut_out_lies_where_it_was_painted_and_its_back_follows_the_wall(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    source = cut_set(tmp_path / "cut")
    result = made_of(source, tmp_path / "job", wall=str(wall), height_m=7.0)
    points, facts = on_wall(result, tmp_path / "job"), result.facts
    assert facts["watertight"]
    assert facts["components"] == 1
    assert facts["scale"] == "metric"
    assert facts["wall_box_px"] == list(FIGURE)
    assert any("height_m is not used" in note for note in result.notes)
    plate_px = np.array([85, 55, 195, 165])  # a twentieth around the disc
    x = X_MIN + plate_px[[0, 2]] * PIXEL
    z = Z_MAX - plate_px[[3, 1]] * PIXEL
    assert points[:, [0, 2]].min(0) == pytest.approx([x[0], z[0]], abs=1e-4)
    assert points[:, [0, 2]].max(0) == pytest.approx([x[1], z[1]], abs=1e-4)
    assert facts["height_m"] == pytest.approx(110 * PIXEL, abs=1e-4)
    thickness = 0.04 * 100 * PIXEL
    ahead = -points[:, 1] - relief_mm(points[:, 0], points[:, 2]) / 1000  # of the wall
    assert np.abs(ahead).min() < 1e-4
    assert ahead.min() > -1.5e-3  # the height map's step rounds the relief by about a millimetre
    away = np.hypot(points[:, 0] - (X_MIN + 140 * PIXEL), points[:, 2] - (Z_MAX - 110 * PIXEL)) / PIXEL
    plain = away > 54
    assert np.minimum(np.abs(ahead[plain]), np.abs(ahead[plain] - thickness)).max() < 1.5e-3
    assert ahead.max() == pytest.approx(thickness + 0.25 * 50 * PIXEL, rel=0.06)
    assert facts["relief_error_p95"] < 0.05
    assert facts["input_view_ssim"] > 0.97


def test_what_the_plate_shows_around_a_cut_out_is_the_walls_paint(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    result = made_of(cut_set(tmp_path / "cut"), tmp_path / "job", wall=str(wall))
    shown = np.asarray(Image.open(tmp_path / "job/place/picture.png").convert("RGB"))
    painted = finished_wall.painted()[55:165, 85:195]
    assert shown.shape == painted.shape
    assert np.abs(shown.astype(int) - painted).max() <= 1
    assert result.facts["picture_px"] == [110, 110]
    assert result.facts["element_box_px"] == [5, 5, 105, 105]


def test_the_orthophoto_itself_and_a_stated_place_give_the_same_body(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    whole = made_of(wall / "orthophoto/orthophoto.png", tmp_path / "a", wall=str(wall), cut_box="85,55,195,165")
    large = tmp_path / "large.png"
    Image.open(cut_set(tmp_path / "cut")).resize((300, 300), Image.Resampling.BICUBIC).save(large)
    stated = made_of(large, tmp_path / "b", wall=str(wall), wall_box="90,60,190,160")
    assert "orthophoto's" in whole.facts["placed_by"]
    assert stated.facts["placed_by"] == "the option wall_box"
    first, second = on_wall(whole, tmp_path / "a"), on_wall(stated, tmp_path / "b")
    np.testing.assert_allclose(first.min(0), second.min(0), atol=0.012)
    np.testing.assert_allclose(first.max(0), second.max(0), atol=0.012)


def test_holes_in_the_walls_height_are_carried_over_and_told(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall", hole=(slice(16, 26), slice(22, 34)))
    result = made_of(cut_set(tmp_path / "cut"), tmp_path / "job", wall=str(wall))
    assert 0.1 < result.facts["wall_height_carried_on"] < 0.5
    assert any("no height: it was carried on" in note for note in result.notes)
    points = on_wall(result, tmp_path / "job")
    ahead = -points[:, 1] - relief_mm(points[:, 0], points[:, 2]) / 1000
    assert ahead.min() > -6e-3
    assert result.facts["watertight"]


def test_a_wall_without_scale_gives_a_body_without_scale(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall", metric=False)
    result = made_of(cut_set(tmp_path / "cut"), tmp_path / "job", wall=str(wall))
    assert result.facts["scale"] == "arbitrary"
    assert {asset.units for asset in result.assets} == {"arbitrary"}


def test_what_does_not_fit_the_wall_is_refused_in_plain_words(tmp_path: Path) -> None:
    wall = str(finished_wall.finished_wall(tmp_path / "wall"))
    source = cut_set(tmp_path / "cut")
    foreign, other = cut_set(tmp_path / "foreign", size=(999, 500)), tmp_path / "other.png"
    Image.open(source).save(other)
    empty = finished_wall.finished_wall(tmp_path / "empty", hole=(slice(None), slice(None)))
    refused: list[tuple[Path, dict[str, object], str]] = [
        (source, {"wall": str(tmp_path)}, "holds no finished wall"),
        (source, {"wall": wall, "shape": "figure"}, "figure does not lie on a wall"),
        (source, {"wall": wall, "route": "views"}, "lays nothing on a wall"),
        (source, {"wall_box": "1,2,3,4"}, "no wall is named"),
        (other, {"wall": wall}, "its place on the wall is not known"),
        (other, {"wall": wall, "wall_box": "250,100,350,200"}, "not on the orthophoto"),
        (other, {"wall": wall, "wall_box": "90,60,190,110"}, "other proportions"),
        (other, {"wall": wall, "wall_box": "90,60"}, "not left,top,right,bottom"),
        (foreign, {"wall": wall}, "cut out of a picture of 999 x 500"),
        (source, {"wall": str(empty)}, "no height where the picture lies"),
    ]
    for number, (picture, flat, told) in enumerate(refused):
        with pytest.raises(ProblemError, match=told):
            made_of(picture, tmp_path / f"job{number}", **flat)


def test_a_picture_of_another_wall_is_doubted(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    source = cut_set(tmp_path / "cut")
    result = made_of(source, tmp_path / "job", wall=str(wall), wall_box="190,110,290,210")
    assert any("does not look like the orthophoto" in note for note in result.notes)
