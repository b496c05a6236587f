"""The six-view bench: the table's arithmetic, the order of fits, and that a stopped run goes on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from grotto.evaluation import tables_in
from grotto.evaluation.core import METHODS, SixViewScore, margin_db, run_six_views, six_view_table, wanted_fits
from grotto.evaluation.scores import heldout_scores
from grotto.scene import Camera, Rendered, View, look_at


def _score(name: str, method: str, psnr_db: float, *, inconsistent: bool = False, mesh: float | None = None) -> SixViewScore:
    return SixViewScore(
        name=name,
        rig="v1.2",
        seed=0,
        inconsistent=inconsistent,
        method=method,
        psnr_db=psnr_db,
        ssim=0.9,
        iou=0.95,
        cpu_s=10.0,
        steps=5,
        resolution=8,
        mesh_plain_db=None if mesh is None else mesh - 1,
        mesh_refined_db=mesh,
        mesh_islands=None if mesh is None else 1,
        mesh_cpu_s=None if mesh is None else 3.0,
    )


def test_leads_are_taken_set_by_set() -> None:
    scores = [
        _score("deer", "zerorf", 30.0),
        _score("deer", "voxel", 28.0),
        _score("bowl", "zerorf", 20.0),
        _score("bowl", "voxel", 21.0),
        _score("knot", "zerorf", 50.0),  # no voxels to compare with: it does not count
        _score("deer", "zerorf", 10.0, inconsistent=True),
        _score("deer", "voxel", 0.0, inconsistent=True),
    ]
    assert margin_db(scores, "zerorf", "voxel", False) == (pytest.approx(0.5), 2)
    assert margin_db(scores, "zerorf", "voxel", True) == (pytest.approx(10.0), 1)
    assert margin_db(scores, "zerorf", "vm", False)[1] == 0


def test_the_table_tells_means_objects_leads_and_meshes() -> None:
    scores = [
        _score("deer", "zerorf", 30.0, mesh=31.0),
        _score("bowl", "zerorf", 26.0, mesh=26.5),
        _score("deer", "voxel", 27.0),
    ]
    text = six_view_table(scores)
    rows = {row[0]: row[1:] for table in tables_in(text) for row in table.rows}
    assert rows["zerorf"][:2] == ("2", "28.00")
    assert rows["zerorf"][-2:] == ("30.00", "26.00")
    assert rows["voxel"][-2:] == ("27.00", "")
    assert rows["clean, all 2"] == ("28.00", "27.75", "28.75", "1", "3")
    assert "+3.00 dB over voxel (1 sets)" in text
    assert "Inconsistent" not in text


def test_the_first_seed_comes_first_and_nothing_twice() -> None:
    fits = list(wanted_fits(("deer", "bowl"), ("v1.1", "v1.2"), (0, 1)))
    assert len(set(fits)) == len(fits)
    assert sum(not chosen.inconsistent and method == "zerorf" for chosen, method in fits) == 8
    assert sum(chosen.inconsistent and method == "zerorf" for chosen, method in fits) == 4
    first_of_seed_1 = next(place for place, (chosen, _) in enumerate(fits) if chosen.seed == 1)
    assert {chosen.seed for chosen, _ in fits[:first_of_seed_1]} == {0}
    assert {method for _, method in fits} == set(METHODS)


def test_a_true_rendering_has_a_full_score() -> None:
    camera = Camera(
        camera_from_world=look_at(np.array([3.0, 0.0, 0.0]), np.zeros(3)),
        focal_x=20.0,
        focal_y=20.0,
        centre_x=8.0,
        centre_y=8.0,
        width=16,
        height=16,
    )
    colour = np.random.default_rng(0).random((16, 16, 3)).astype(np.float32)
    alpha = np.zeros((16, 16), np.float32)
    alpha[4:12, 4:12] = 1
    view = View(name="a", camera=camera, colour=colour, alpha=alpha)

    def render(_: Camera) -> Rendered:
        return Rendered(colour=colour * alpha[..., None] * 0.9, opacity=alpha, depth=alpha)

    scores = heldout_scores(render, [view])
    expected = -10 * np.log10(float(((0.1 * colour * alpha[..., None]) ** 2).mean()))
    assert scores.psnr_db == pytest.approx(expected, abs=1e-3)
    assert 0.9 < scores.ssim < 1
    assert scores.iou == 1.0


@pytest.mark.slow
def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    def once() -> str:
        return run_six_views(
            tmp_path, objects=("deer",), rigs=("v1.2",), seeds=(0,), resolution=24, steps=3, meshes=False, most=1
        )

    assert "8 of 9 fits are still to be made" in once()
    path = next(tmp_path.glob("*-zerorf.json"))
    kept = json.loads(path.read_text())
    kept["psnr_db"] = 77.0
    path.write_text(json.dumps(kept))
    assert "77.00" in once()
    assert len(list(tmp_path.glob("*.json"))) == 2
