"""The wall recipe itself, killed and cancelled in each of its stages: nothing finished is done twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_processes import Server, alive, read_events, run_grotto, start_grotto, wait_until, workers_of

from grotto.contract import Result, StageDone, StageStarted

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

FLAGS = ("--quality", "draft")


@pytest.fixture(scope="module")
def wall_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wall")
    made = run_grotto(folder, "make-wall", "--out", folder / "set", "--columns", 4, "--rows", 3, seconds=300)
    assert made.returncode == 0, made.stderr
    return folder / "set" / "photos"


STAGES = ["photos", "features", "pairs", "matches", "cameras", "frame", "height", "orthophoto", "mesh", "undistort", "report"]


def worked(out: Path) -> list[str]:
    """Every stage that was really finished by work, in order, over all attempts."""
    begun, finished = "", []
    for event in read_events(out):
        if isinstance(event, StageStarted):
            begun = "" if event.reused else event.stage
        elif isinstance(event, StageDone) and event.stage == begun:
            finished.append(event.stage)
    return finished


def begun(out: Path, stage: str, attempt: int) -> bool:
    """Whether a stage is at work in an attempt, counted from 0."""
    from grotto.contract import JobState, StateChanged

    running = -1
    for event in read_events(out):
        if isinstance(event, StateChanged) and event.state is JobState.RUNNING:
            running += 1
        if isinstance(event, StageStarted) and event.stage == stage and not event.reused and running == attempt:
            return True
    return False


def draft() -> dict[str, Any]:
    from grotto.contract.recipes import WALL_QUALITIES, to_nested

    return to_nested(WALL_QUALITIES["draft"])


def test_kill_of_the_worker_in_each_stage(start: Callable[..., Server], wall_photos: Path, tmp_path: Path) -> None:
    server, out = start(), tmp_path / "out"
    body = {"input": str(wall_photos), "out": str(out), "options": draft()}
    job = server.http.post("/jobs/wall", json=body).json()
    for attempt, stage in enumerate(STAGES):
        wait_until(lambda stage=stage, attempt=attempt: begun(out, stage, attempt), 300, f"{stage} at work")
        killed = time.monotonic()
        server.worker().kill()
        failed = server.wait(job, "failed", 3.0)
        assert time.monotonic() - killed < 3.0
        assert failed["problem"]["action"] == "retry" and failed["stage"] == stage
        assert server.http.get("/health").status_code == 200
        assert server.http.post(f"/jobs/{job['id']}/retry").status_code == 200
    done = server.wait(job, "done", 300)
    assert worked(out) == STAGES  # each exactly once
    assert done["kept_stages"] == STAGES[:-1]
    assert Result.read(out).main("mesh") is not None


def test_ctrl_c_in_each_stage(wall_photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ("run", "wall", wall_photos, "--out", out, *FLAGS)
    for attempt, stage in enumerate(STAGES):
        process = start_grotto(tmp_path, *command)
        wait_until(lambda stage=stage, attempt=attempt: begun(out, stage, attempt), 300, f"{stage} at work")
        worker = workers_of(process.pid)[0]
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        assert time.monotonic() - asked < 2.0, stage
        assert process.returncode == 130
        assert not alive(worker.pid)
    done = run_grotto(tmp_path, *command, seconds=300)
    assert done.returncode == 0, done.stderr
    assert worked(out) == STAGES


def test_the_same_wall_has_the_same_stamp_through_both_doors(
    start: Callable[..., Server], wall_photos: Path, tmp_path: Path
) -> None:
    server = start()
    body = {"input": str(wall_photos), "out": str(tmp_path / "http"), "options": draft()}
    over_http = server.wait(server.http.post("/jobs/wall", json=body).json(), "done", 300)
    done = run_grotto(tmp_path, "run", "wall", wall_photos, "--out", tmp_path / "shell", *FLAGS, seconds=300)
    assert done.returncode == 0, done.stderr
    assert Result.read(tmp_path / "shell").job["stamp"] == over_http["stamp"]
