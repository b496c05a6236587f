"""The element's evaluation: conditions as table 2 has them, shares of vertices, tables, and words that are refused."""

from __future__ import annotations

import io

import numpy as np
import pytest

from grotto.contract import ProblemError
from grotto.evaluation import evaluate_command, tables_in
from grotto.evaluation.element import (
    AdverseScore,
    Body,
    BodyScore,
    CurvePoint,
    adverse_table,
    interval,
    objects_table,
    painted,
    share_of_vertices,
)
from grotto.evaluation.scenes import CLEAN, CONDITIONS, Adverse, spoiled
from grotto.formats import Mesh
from grotto.runner import StageInTerminal
from grotto.scene import View, camera_around
from grotto.synthetic import photograph
from grotto.synthetic.objects import make_object


@pytest.fixture(scope="module")
def views() -> list[View]:
    return photograph(make_object("bowl", 0), [camera_around(turn, 20.0, 64) for turn in (0, 90, 180, 270)], samples=1)


def only(kind: str, amount: float) -> Adverse:
    return next(one for one in CONDITIONS if (one.kind, one.amount) == (kind, amount))


def test_noise_has_the_variance_that_was_asked_for_and_masks_stay(views: list[View]) -> None:
    grey = [View(name=view.name, camera=view.camera, colour=np.full_like(view.colour, 0.5), alpha=view.alpha) for view in views]
    made = spoiled(grey, only("noise", 500), 0)
    assert np.var([view.colour for view in made]) * 255**2 == pytest.approx(500, rel=0.05)
    assert all((one.alpha == other.alpha).all() for one, other in zip(made, views, strict=True))
    again = spoiled(grey, only("noise", 500), 0)
    assert (again[2].colour == made[2].colour).all()


def test_light_is_a_factor_and_clean_is_clean(views: list[View]) -> None:
    assert spoiled(views, only("light", 0.5), 0)[1].colour == pytest.approx(0.5 * views[1].colour)
    assert (spoiled(views, CLEAN, 0)[0].colour == views[0].colour).all()


def test_a_square_is_black_opaque_and_of_its_size(views: list[View]) -> None:
    (first, *_), before = spoiled(views, only("occlusion", 40), 3), views[0]
    assert first.alpha is not None
    black = (first.colour == 0).all(2) & (first.alpha == 1)
    changed = (first.colour != before.colour).any(2) | (first.alpha != before.alpha)
    assert black[changed].all()
    assert 20 < black.sum() <= 8 * 8 + (before.colour == 0).all(2).sum()  # 40 px of 320 are 8 of 64


def test_an_interval_is_student_s() -> None:
    assert interval([0.25]) == "0.2500"
    assert interval([0.1, 0.2, 0.3]) == "0.2000 ± 0.2484"  # 4.303 * 0.1 / sqrt 3


def test_table_2_tells_how_far_likeness_falls() -> None:
    def score(kind: str, amount: float, ssim: float) -> AdverseScore:
        return AdverseScore(name="deer", kind=kind, amount=amount, chamfer_own=0.01, chamfer_truth=0.02, ssim=ssim, faces=9)

    text = adverse_table([score("clean", 0.0, 0.95), score("noise", 500, 0.94), score("noise", 3000, 0.935)])
    assert "noise 0.015" in text
    assert tables_in(text)[0].rows[-1][:4] == ("noise 3000", "1", "0.0100", "0.013")


def point(method: str, vertices: int, ssim: float) -> CurvePoint:
    return CurvePoint(name="deer", method=method, faces=2 * vertices, vertices=vertices, ssim=ssim, psnr_db=20.0)


def test_the_share_of_vertices_is_read_off_the_best_baseline_s_curve() -> None:
    mine = point("refined", 400, 0.9)
    slow = [point("hull", 100, 0.5), point("hull", 4000, 0.9)]
    fast = [point("zerorf", 500, 0.8), point("zerorf", 1500, 1.0)]
    assert share_of_vertices([mine, *slow, *fast], mine) == pytest.approx(0.4)
    assert share_of_vertices([mine, point("vm", 100, 0.5), point("vm", 900, 0.6)], mine) == 0
    assert share_of_vertices([mine, point("vm", 100, 0.95)], mine) == pytest.approx(4)


def test_bodies_are_named_and_averaged() -> None:
    def score(method: str, chamfer: float) -> BodyScore:
        return BodyScore(
            name="deer",
            rig="v1.1",
            inconsistent=False,
            method=method,
            faces=10,
            vertices=7,
            input_ssim=0.9,
            input_psnr_db=20.0,
            psnr_db=25.0,
            ssim=0.9,
            iou=0.95,
            chamfer=chamfer,
            normals=0.9,
            cpu_s=1.0,
        )

    text = objects_table([score("ours", 0.01), score("ours", 0.03), score("other", 0.05)])
    (table,) = tables_in(text)
    row = dict(zip(table.heads, table.rows[0], strict=True))
    assert (row["body"], row["sets"], row["Chamfer %"], row["normals"], row["deer Ch. %"]) == (
        "ours",
        "2",
        "2.00",
        "0.900",
        "2.00",
    )
    assert "Inconsistent" not in text


def test_a_body_of_parts_counts_its_corners_once(views: list[View]) -> None:
    made = make_object("bowl", 0).mesh
    light = Mesh(vertices=made.vertices, faces=made.faces[:400])
    body = painted(light, views)
    assert body.faces == 400
    assert body.corners == len(np.unique(made.vertices[np.unique(made.faces[:400])], axis=0))
    twice = Body(parts=(*body.parts, *body.parts))
    assert twice.faces == 800
    assert twice.corners == body.corners


@pytest.mark.parametrize("words", [["--parts", "magic"], ["--objects", "dragon"]])
def test_unknown_parts_and_objects_are_refused(words: list[str], tmp_path) -> None:
    stream = io.StringIO()
    with pytest.raises(ProblemError, match=r"(?i)there is no (magic|dragon)"):
        evaluate_command("element", ["--out", str(tmp_path), *words], stream, lambda title: StageInTerminal(title, stream))


def test_parts_without_pictures_say_so(tmp_path) -> None:
    stream = io.StringIO()
    words = ["--out", str(tmp_path), "--parts", "masks,parts"]
    evaluate_command("element", words, stream, lambda title: StageInTerminal(title, stream))
    written = (tmp_path / "element.md").read_text()
    assert written.count("Not measured: no folder of painted figures") == 2
    assert "## Parts and layers" in written
