"""What a job will cost, before it starts: usual figures, corrected by earlier jobs of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_processes import Server

from grotto.contract import EVENTS_FILE, JobState
from grotto.contract.recipes import ELEMENT_QUALITIES, WALL_QUALITIES, ElementOptions, ScanOptions, WallOptions, to_nested
from grotto.recipes import RECIPES
from grotto.server import estimate
from grotto.server.history import Job


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(8):
        Image.fromarray(np.zeros((300, 400, 3), np.uint8)).save(folder / f"{number}.jpg")
    return folder


def ran(folder: Path, source: Path, seconds: float, memory_mb: float, **values: object) -> Job:
    """A job of a wall that took so long and so much."""
    folder.mkdir()
    events = [{"event": "stage_done", "stage": "mesh", "seconds": 1, "peak_memory_mb": peak} for peak in (10.0, memory_mb)]
    (folder / EVENTS_FILE).write_text("".join(json.dumps(event) + "\n" for event in events))
    given = {"state": JobState.DONE, "started": 100.0, "ended": 100.0 + seconds, "created": 99.0, **values}
    options = to_nested(WALL_QUALITIES["draft"])
    return Job(id=folder.name, recipe="wall", input=str(source), out=str(folder), options=options, **given)


def test_without_earlier_jobs_the_range_is_wide_and_says_so(photos: Path) -> None:
    found = estimate(RECIPES["wall"], photos, WALL_QUALITIES["draft"], ())
    assert found is not None
    assert found.earlier_jobs == 0
    assert found.most_seconds > 5 * found.least_seconds > 0
    assert 200 < found.memory_mb < 2000


def test_more_and_larger_photos_cost_more(photos: Path) -> None:
    few = estimate(RECIPES["wall"], photos, WallOptions(), ())
    for number in range(8, 40):
        (photos / f"{number}.jpg").write_bytes((photos / "0.jpg").read_bytes())
    many = estimate(RECIPES["wall"], photos, WallOptions(), ())
    assert few is not None and many is not None
    assert many.most_seconds > few.most_seconds


def test_a_document_of_cameras_costs_what_its_photos_cost(photos: Path) -> None:
    (photos / "transforms.json").write_text("{}")
    folder, document = (estimate(RECIPES["scan"], source, ScanOptions(), ()) for source in (photos, photos / "transforms.json"))
    assert folder == document


def test_earlier_jobs_of_this_machine_correct_it(tmp_path: Path, photos: Path) -> None:
    jobs = [ran(tmp_path / f"{number}", photos, seconds, 1500.0) for number, seconds in enumerate((380.0, 400.0, 440.0))]
    found = estimate(RECIPES["wall"], photos, WALL_QUALITIES["draft"], jobs)
    assert found is not None
    assert found.earlier_jobs == 3
    assert found.least_seconds <= 380
    assert found.most_seconds >= 440
    assert found.most_seconds < 3 * found.least_seconds
    assert found.memory_mb == pytest.approx(1500, abs=1)


def test_jobs_that_did_not_do_all_the_work_do_not_count(tmp_path: Path, photos: Path) -> None:
    kept = ran(tmp_path / "kept", photos, 2.0, 100.0, kept_stages=["photos"])
    failed = ran(tmp_path / "failed", photos, 2.0, 100.0, state=JobState.FAILED)
    found = estimate(RECIPES["wall"], photos, WALL_QUALITIES["draft"], [kept, failed])
    assert found is not None
    assert found.earlier_jobs == 0


def test_of_outside_models_nobody_knows(tmp_path: Path) -> None:
    assert estimate(RECIPES["element"], tmp_path / "a.png", ElementOptions(route="model"), ()) is None


def test_it_is_told_over_http_and_starts_nothing(server: Server, photos: Path) -> None:
    before = len(server.http.get("/jobs").json()["jobs"])
    body = {"input": str(photos / "0.jpg"), "options": to_nested(ELEMENT_QUALITIES["draft"])}
    told = server.http.post("/estimates/element", json=body)
    assert told.status_code == 200, told.text
    assert told.json()["least_seconds"] < told.json()["most_seconds"]
    assert server.http.post("/estimates/wall", json={"input": str(photos / "none"), "options": {}}).status_code < 500
    assert len(server.http.get("/jobs").json()["jobs"]) == before
