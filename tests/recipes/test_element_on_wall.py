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

from grotto.contract import JobRequest, ProblemError, Result, Silent, from_flat, to_flat
from grotto.contract.options import BudgetOptions, CutOptions, ReliefOptions
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions, to_nested
from grotto.formats import read_glb, read_glb_parts
from grotto.recipes.element import RECIPE, cut_element
from grotto.recipes.element.on_wall import BodyOnWall, CutOnWall, list_beside, make_body_on_wall, place_on_wall, wall_files
from grotto.runner import Run
from grotto.scene import RayCaster

QUICK = {"faces": 1500, "sides_px": 128, "lods": 0, "normals_px": 0, "occlusion": False, "shape": "slab"}


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
    radius = 50.4 - 0.2 * (1 + np.sin(7 * np.arctan2(y - 110, x - 140) + 0.4))  # no three of its corners on one line
    alpha = (np.clip(radius - np.hypot(x - 140, y - 110), 0, 1) * 255).astype(np.uint8)
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


class Noting(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def placed(source: Path, wall: Path, out: Path, wall_box: str = "") -> tuple[CutOnWall, list[str]]:
    """The cut-out with its place on the wall, and what was told."""
    (out / "cut").mkdir(parents=True)
    (out / "place").mkdir()
    cut, report = cut_element(source, None, None, CutOptions(), out / "cut", Silent()), Noting()
    found = place_on_wall(cut, source.name, wall_files(wall), list_beside(source), wall_box, out / "place", report)
    return found, report.notes


def body_of(cut: CutOnWall, folder: Path) -> tuple[BodyOnWall, np.ndarray]:
    """A small body, and its vertices in the wall's frame."""
    folder.mkdir()
    body = make_body_on_wall(cut, None, None, BudgetOptions(faces=1500, lods=0), ReliefOptions(shape="slab"), folder, Silent())
    return body, body.mesh().vertices.astype(np.float64) + np.array(body.shift)


def test_a_cut_out_lies_where_it_was_painted_and_its_back_follows_the_wall(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    cut, notes = placed(cut_set(tmp_path / "set"), wall, tmp_path)
    assert cut.wall_box_px == FIGURE
    assert notes == ["on a wall an element keeps its painted height: the option height_m is not used"]
    body, points = body_of(cut, tmp_path / "body")
    assert body.watertight
    assert body.components == 1
    plate_px = np.array([85, 55, 195, 165])  # a twentieth around the disc
    x, z = X_MIN + plate_px[[0, 2]] * PIXEL, Z_MAX - plate_px[[3, 1]] * PIXEL
    assert points[:, [0, 2]].min(0) == pytest.approx([x[0], z[0]], abs=1e-4)
    assert points[:, [0, 2]].max(0) == pytest.approx([x[1], z[1]], abs=1e-4)
    thickness = 0.04 * 100 * PIXEL
    ahead = -points[:, 1] - relief_mm(points[:, 0], points[:, 2]) / 1000  # of the wall
    assert ahead.min() > -1e-3
    away = np.hypot(points[:, 0] - (X_MIN + 140 * PIXEL), points[:, 2] - (Z_MAX - 110 * PIXEL)) / PIXEL
    plain = away > 54
    assert np.minimum(np.abs(ahead[plain]), np.abs(ahead[plain] - thickness)).max() < 1e-3
    assert ahead.max() == pytest.approx(thickness + 0.25 * 50 * PIXEL, rel=0.06)
    assert body.relief_error < 0.05
    assert -0.5 * body.depth_m - 1e-6 <= body.mesh().vertices[:, 1].min() <= 0


@pytest.mark.slow
def test_the_whole_recipe_says_where_the_body_belongs(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    result = made_of(cut_set(tmp_path / "cut"), tmp_path / "job", wall=str(wall), height_m=7.0)
    points, facts = on_wall(result, tmp_path / "job"), result.facts
    assert points[:, 0].min() == pytest.approx(X_MIN + 85 * PIXEL, abs=1e-4)
    assert points[:, 2].max() == pytest.approx(Z_MAX - 55 * PIXEL, abs=1e-4)
    assert (-points[:, 1] - relief_mm(points[:, 0], points[:, 2]) / 1000).min() > -1e-3
    assert facts["scale"] == "metric"
    assert facts["height_m"] == pytest.approx(110 * PIXEL, abs=1e-4)
    assert facts["element_box_px"] == [5, 5, 105, 105]
    assert facts["input_view_ssim"] > 0.97
    assert facts["wall_box_px"] == list(FIGURE)


def test_what_the_plate_shows_around_a_cut_out_is_the_walls_paint(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    cut, _ = placed(cut_set(tmp_path / "set"), wall, tmp_path)
    shown = np.asarray(Image.open(cut.folder / cut.picture).convert("RGB"))
    painted = finished_wall.painted()[55:165, 85:195]
    assert shown.shape == painted.shape
    assert np.abs(shown.astype(int) - painted).max() <= 1
    assert cut.box == (0, 0, 110, 110)
    assert cut.element_box == (5, 5, 105, 105)
    assert (cut.alpha()[5:105, 5:105].mean(), cut.alpha()[:5].max()) == pytest.approx((np.pi / 4, 0), abs=0.01)


def test_a_stated_place_and_the_orthophotos_own_size_are_places_too(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall")
    large = tmp_path / "large.png"
    Image.open(cut_set(tmp_path / "set")).resize((300, 300), Image.Resampling.BICUBIC).save(large)
    stated, _ = placed(large, wall, tmp_path / "a", wall_box="90,60,190,160")
    assert stated.pixel == pytest.approx(PIXEL / 3)
    assert stated.x_min + stated.box[0] * stated.pixel == pytest.approx(X_MIN + 85 * PIXEL, abs=PIXEL)
    assert stated.z_max - stated.box[1] * stated.pixel == pytest.approx(Z_MAX - 55 * PIXEL, abs=PIXEL)
    figure = Image.new("RGBA", (finished_wall.WIDTH, finished_wall.HEIGHT))
    figure.paste(Image.open(tmp_path / "set/elements/element_001.png"), FIGURE[:2])
    figure.save(tmp_path / "whole.png")
    whole, _ = placed(tmp_path / "whole.png", wall, tmp_path / "b")
    assert whole.placed_by == "its size, which is the orthophoto's"
    assert (whole.x_min, whole.z_max, whole.pixel) == pytest.approx((X_MIN, Z_MAX, PIXEL))
    assert whole.element_box == FIGURE


def test_holes_in_the_walls_height_are_carried_over_and_told(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall", hole=(slice(16, 26), slice(22, 34)))
    cut, notes = placed(cut_set(tmp_path / "set"), wall, tmp_path)
    assert 0.1 < cut.filled < 0.5
    assert any("no measured height; it was interpolated" in note for note in notes)
    places = np.random.default_rng(0).uniform(0, 110, (500, 2))
    x, z = cut.x_min + places[:, 0] * cut.pixel, cut.z_max - places[:, 1] * cut.pixel
    error = cut.read_wall().at(places) * cut.pixel - relief_mm(x, z) / 1000
    assert np.abs(error).max() < 6e-3  # of a bulge of 15 mm
    assert np.median(np.abs(error)) < 5e-4


def test_a_wall_without_scale_gives_a_body_without_scale(tmp_path: Path) -> None:
    wall = finished_wall.finished_wall(tmp_path / "wall", metric=False)
    assert not placed(cut_set(tmp_path / "set"), wall, tmp_path)[0].metric


def test_what_does_not_fit_the_wall_is_refused_in_plain_words(tmp_path: Path) -> None:
    wall = str(finished_wall.finished_wall(tmp_path / "wall"))
    source = cut_set(tmp_path / "cut")
    foreign, other = cut_set(tmp_path / "foreign", size=(999, 500)), tmp_path / "other.png"
    Image.open(source).save(other)
    empty = finished_wall.finished_wall(tmp_path / "empty", hole=(slice(None), slice(None)))
    reaching = finished_wall.finished_wall(tmp_path / "reaching")
    told = (reaching / "result.json").read_text()
    (reaching / "result.json").write_text(told.replace('"path": "', f'"path": "{wall}/'))
    refused: list[tuple[Path, dict[str, object], str]] = [
        (source, {"wall": str(reaching)}, "holds no finished wall"),
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
    source = cut_set(tmp_path / "set")
    _, notes = placed(source, wall, tmp_path, wall_box="190,110,290,210")
    assert any("does not look like the orthophoto" in note for note in notes)


@pytest.mark.slow
def test_a_real_wall_carries_a_slab_that_fits_its_mesh(wall_job: Path, tmp_path: Path) -> None:
    """From photos of a made wall: the back lies on the wall job's own mesh."""
    source = wall_job / "orthophoto/orthophoto.png"
    width, height = Image.open(source).size
    box = f"{0.4 * width:.0f},{0.4 * height:.0f},{0.55 * width:.0f},{0.78 * height:.0f}"
    result = made_of(source, tmp_path / "job", wall=str(wall_job), cut_box=box, faces=6000)
    assert result.facts["watertight"]
    points = on_wall(result, tmp_path / "job")
    mesh = read_glb(wall_job / "mesh/wall.glb")
    start = points + np.array([0, -1.0, 0]) * (points[:, 1:2] + 5.0)
    hits = RayCaster(mesh.vertices, mesh.faces.astype(np.int64)).first(start, np.tile([0.0, 1.0, 0.0], (len(start), 1)))
    met = hits.face >= 0
    assert met.mean() > 0.95
    ahead = start[met, 1] + hits.distance[met] - points[met, 1]
    assert np.percentile(ahead, 1) > -2e-3
    back = ahead < 0.012  # half the plate; its front stands off by 24 mm and more
    assert back.sum() > 100
    assert np.abs(ahead[back]).max() < 3e-3
