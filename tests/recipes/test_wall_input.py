"""What the wall recipe says to photos that cannot become one wall. Nothing is lost; in the shell, the exit code is 2."""

import shutil
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from wall_jobs import FEATURES, done, run_wall

from grotto.contract import JobRequest, Kind, Problem, ProblemError, Silent, from_flat, to_flat
from grotto.contract.options import MakeWallOptions
from grotto.contract.recipes import WALL_QUALITIES, WallOptions, to_nested
from grotto.recipes.wall import RECIPE
from grotto.runner import Run
from grotto.synthetic import make_wall

SMALL = {"columns": 3, "rows": 2, "photo_width": 720, "photo_height": 480, "focal_px": 780.0}


def small_wall(folder: Path, style: str, seed: int) -> Path:
    make_wall(folder, from_flat(MakeWallOptions, {**SMALL, "style": style, "seed": seed}), Silent())
    return folder / "photos"


def refused(photos: Path, out: Path, **flat: object) -> Problem:
    """The problem of bad input that a wall ends with, in this process."""
    chosen = from_flat(WallOptions, {**to_flat(WALL_QUALITIES["draft"]), **flat})
    out.mkdir(exist_ok=True)
    run = Run(RECIPE, JobRequest("wall", str(photos), str(out), to_nested(chosen)), chosen, lambda event: None, threading.Event())
    with pytest.raises(ProblemError) as caught:
        RECIPE.run(photos, chosen, run)
    assert caught.value.problem.kind is Kind.BAD_INPUT
    return caught.value.problem


@pytest.mark.slow
def test_two_walls_are_told_apart_and_the_larger_is_made(tmp_path: Path) -> None:
    both = tmp_path / "both"
    both.mkdir()
    for number, style in enumerate(("narrative", "thousand")):
        for photo in sorted(small_wall(tmp_path / style, style, number).iterdir())[: 6 - number]:
            shutil.copy(photo, both / f"{style} {photo.name}")
    result = done(both, tmp_path / "job", "--quality", "draft")
    assert result.facts["registered_photos"] == 6
    assert result.facts["models_found"] == 2
    split = next(note for note in result.notes if "fall into 2 parts" in note)
    assert "thousand 0001.jpg" in split and "folder of its own" in split
    assert "fall into 2 parts" in (tmp_path / "job" / "report" / "report.html").read_text(encoding="utf-8")


def test_photos_of_different_things_are_refused_in_a_sentence(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for seed in range(4):
        random = np.random.default_rng(seed)
        paint = cv2.resize(random.uniform(0, 255, (48, 64, 3)), (400, 300), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(photos / f"{seed}.jpg"), np.clip(paint, 0, 255).astype(np.uint8))
    ended = run_wall(photos, tmp_path / "job", "--quality", "draft")
    assert ended.returncode == 2
    assert "No two photos show the same part of the wall" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert (tmp_path / "job" / "features" / "artefact.json").exists()


def test_blank_photos_are_refused_in_a_sentence(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for level in (120, 130, 140):
        cv2.imwrite(str(photos / f"{level}.jpg"), np.full((480, 640, 3), level, np.uint8))
    assert "hardly any detail" in refused(photos, tmp_path / "job").sentence().lower()


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        ({"known_length_m": 1.0}, "without its two points"),
        ({"known_length_m": 1.0, "known_points": "no.jpg:1,1 0001.jpg:9,9"}, "not among the placed photos"),
        ({"known_length_m": 1.0, "known_points": "0001.jpg:1,1 0001.jpg:9999,9"}, "lies outside photo"),
        ({"known_points": "0001.jpg:100,100 0002.jpg:300,300"}, "without their distance"),
    ],
)
def test_a_scale_that_cannot_be_is_refused_and_the_cameras_stay(
    wall_job: Path, wall_set: Path, scale: dict[str, object], words: str
) -> None:
    assert words in refused(wall_set / "photos", wall_job, features_per_photo=FEATURES, **scale).sentence()
    assert (wall_job / "cameras" / "artefact.json").exists()


@pytest.mark.slow
def test_crops_of_one_flat_picture_hold_their_focal_length_and_say_so(tmp_path: Path) -> None:
    """The sliding-window protocol of the mural paper: pure shifts, on which a free focal length collapses."""
    options = {"capture": "crops", "columns": 4, "rows": 4, "painting_px": 2400, "style": "mixed"}
    make_wall(tmp_path / "set", from_flat(MakeWallOptions, options), Silent())
    result = done(tmp_path / "set" / "photos", tmp_path / "job", "--quality", "draft")
    assert result.facts["registered_photos"] == 16
    assert result.facts["focal_from"] == ["guessed"]
    assert result.facts["focal_search"] == "held"
    assert result.facts["focal_interval_px"] == [[0.0, 0.0]]
    assert any("focal length cannot be found" in note for note in result.notes)
    assert result.facts["flatness_of_extent"] < 1e-3
