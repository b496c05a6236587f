"""Bodies of single pictures, judged: seen where the picture has them, spoilt pictures, and tables that leave nothing out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.evaluation import tables_in
from grotto.evaluation.element import METHODS, Body, FigureScore, InputScore, figure_view, figures_table, front_error, input_table
from grotto.evaluation.element import figures as element_figures
from grotto.evaluation.element import input as element_input
from grotto.evaluation.scenes import CONDITIONS
from grotto.formats import Mesh, TexturedMesh


def leaf(path: Path, size: int = 200) -> Path:
    """A painted leaf, off the middle of a white picture."""
    y, x = np.mgrid[:size, :size] + 0.5
    inside = np.clip(40 * (1 - ((x - 80) / 60) ** 2 - ((y - 120) / 30) ** 2), 0, 1)[..., None]
    paint = np.where((np.sin(x / 5) > 0)[..., None], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1])
    Image.fromarray(((paint * inside + 1 - inside) * 255).astype(np.uint8)).save(path)
    return path


def test_a_picture_s_camera_sees_two_units_without_perspective(tmp_path: Path) -> None:
    view = figure_view(leaf(tmp_path / "leaf.png"))
    corners = np.array([[-1.0, 0.0, 1.0], [1.0, 0.3, -1.0]])
    seen = np.c_[corners, np.ones(2)] @ view.camera.camera_from_world.T
    x = view.camera.focal_x * seen[:, 0] / seen[:, 2] + view.camera.centre_x
    y = view.camera.focal_y * seen[:, 1] / seen[:, 2] + view.camera.centre_y
    assert np.allclose([x[0], y[0]], [0, 0], atol=1e-6)
    assert np.allclose([x[1], y[1]], [200, 200], atol=0.5)


def test_seams_are_no_places() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    one = TexturedMesh(vertices=square[:3], faces=np.array([[0, 1, 2]], np.uint32), uv=square[:3, :2], normals=None, texture=b"")
    two = TexturedMesh(
        vertices=square[[0, 2, 3]], faces=np.array([[0, 1, 2]], np.uint32), uv=square[:3, :2], normals=None, texture=b""
    )
    body = Body(parts=(one, two))
    assert (len(body.mesh().vertices), body.corners, len(body.welded().faces)) == (6, 4, 2)
    assert np.allclose(body.welded().vertices[body.welded().faces[1]], square[[0, 2, 3]])


def test_refused_pictures_stand_in_the_table() -> None:
    good = InputScore(
        name="a", kind="noise", amount=500, painted=True, way="guess", chamfer_own=0.01, chamfer_truth=None, ssim=0.9, iou=0.8
    )
    bad = InputScore(name="b", kind="noise", amount=500, painted=True, way="refused")
    alone = InputScore(name="b", kind="light", amount=1.5, painted=True, way="refused")
    text = input_table([good, bad, alone])
    (table,) = tables_in(text)
    assert table.rows == (
        ("noise 500", "2", "0.0100", "", "0.9000", "0.800", "0.800", "guess 1, refused 1"),
        ("light 1.5", "1", "", "", "", "", "", "refused 1"),
    )
    assert "Made objects" not in text


def figure(likeness: float, front: float, uncovered: float, lpips: float | None = None) -> FigureScore:
    return FigureScore(
        name="a",
        method="relief",
        asked=700,
        faces=698,
        vertices=350,
        ssim=likeness,
        psnr_db=30.0,
        thickness=0.2,
        chamfer=0.01,
        front_p95=front,
        uncovered=uncovered,
        lpips=lpips,
    )


def test_methods_are_averaged_and_their_worst_is_named() -> None:
    text = figures_table([figure(0.98, 0.1, 0.0), figure(1.0, 0.3, 0.002)])
    (table,) = tables_in(text)
    assert table.rows[0][:6] == ("relief", "2", "698", "350", "0.9900", "0.9800")
    assert table.rows[0][-4:] == ("20.00", "30.00", "0.10", "0.20")
    assert table.rows[0][table.heads.index("LPIPS")] == "-" and "LPIPS: not measured" in text


def test_lpips_stands_in_the_table_where_it_was_measured() -> None:
    text = figures_table([figure(0.98, 0.1, 0.0, lpips=0.1), figure(1.0, 0.3, 0.0, lpips=0.3)])
    (table,) = tables_in(text)
    assert table.rows[0][table.heads.index("LPIPS")] == "0.200" and "not measured" not in text


def pyramid(height: float, reach: float = 1.0) -> Mesh:
    """A closed pyramid over the square x, z in -reach..reach whose tip points to -y; its rim lies at y = 0."""
    corners = [[-reach, 0, -reach], [reach, 0, -reach], [reach, 0, reach], [-reach, 0, reach], [0, -height, 0]]
    faces = [[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4], [0, 2, 1], [0, 3, 2]]
    return Mesh(vertices=np.array(corners, np.float32), faces=np.array(faces, np.int32))


def test_a_flatter_front_is_off_by_its_share_of_the_height_and_missing_points_are_counted() -> None:
    same = front_error(pyramid(0.5), pyramid(0.5))
    assert (same.uncovered, same.p95) == (0, pytest.approx(0, abs=1e-6))
    flatter = front_error(pyramid(0.4), pyramid(0.5))
    assert flatter.uncovered == 0
    assert flatter.p95 == pytest.approx(0.2 * (1 - np.sqrt(0.05)), abs=0.005)  # a fifth of the height where the dense one is high
    smaller = front_error(pyramid(0.5, 0.9), pyramid(0.5))
    assert smaller.uncovered / smaller.points == pytest.approx(1 - 0.81, abs=0.01)


@pytest.mark.slow
def test_all_bodies_of_a_picture_look_like_it(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    leaf(tmp_path / "pictures" / "leaf.png", 400)
    element_figures.run(tmp_path / "pictures", out=tmp_path / "out")
    scores = [json.loads(path.read_text()) for path in sorted((tmp_path / "out").glob("leaf-*.json"))]
    assert len(scores) == len(METHODS)
    assert all(score["ssim"] > 0.9 for score in scores)
    dense = next(score for score in scores if score["method"] == "relief" and score["asked"] == 20_000)
    assert (dense["chamfer"], dense["front_p95"], dense["uncovered"]) == (0.0, 0.0, 0.0)
    assert all(score["front_p95"] > 0 for score in scores if score["method"] != "relief" or score["asked"] < 20_000)


@pytest.mark.slow
def test_spoilt_pictures_are_judged_by_their_clean_one(tmp_path: Path) -> None:
    element_input.run(tmp_path / "out", objects=("bowl",))
    scores = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "out").glob("bowl-*.json")}
    assert len(scores) == len(CONDITIONS)
    assert scores["bowl-clean-0"]["chamfer_own"] == 0.0
    assert scores["bowl-clean-0"]["iou"] == 1.0
    assert scores["bowl-light-0.5"]["chamfer_own"] > 0.0
