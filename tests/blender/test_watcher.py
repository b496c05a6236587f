"""The watch: one thread between Blender's panels and a real backend that starts, works, is killed, and comes back."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from own_backend import alive, backend_pid

Part = Callable[[str], ModuleType]


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Seconds that it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, what
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.fixture
def new_watch(place: Path, grotto: Path, part: Part) -> Iterator[Callable[[], Any]]:
    """Watches as two Blenders would have them; all are stopped at the end."""
    made = []

    def make() -> Any:
        settings = part("addon.backend.connection").BackendSettings(
            program=str(grotto), log=place / "log", client_id=uuid.uuid4().hex
        )
        watch = part("addon.backend.watcher").BackendWatcher(settings)
        made.append(watch)
        watch.start()
        return watch

    yield make
    for watch in made:
        watch.stop()
    assert [thread.name for thread in threading.enumerate() if thread.name == "grotto-watcher"] == []


def submit_wall(part: Part, watch: Any, photos: Path, out: Path) -> str:
    recipes = part("backend.grotto.contract.recipes")
    options = recipes.to_nested(recipes.WALL_QUALITIES["draft"])
    options["features"]["features_per_photo"] = 1000
    return watch.call(lambda client: client.submit("wall", str(photos), options, str(out)), start=True).result(60).id


def reach(watch: Any, job_id: str, number: int) -> None:
    """Wait until the job is at its stage of this number, or at a later one."""
    wait_for(lambda: (watch.status.job(job_id) or watch.status).__dict__.get("number", 0) >= number, 120, f"no stage {number}")


def end(watch: Any, job_id: str, part: Part) -> None:
    """Cancel a job of which enough was seen."""
    watch.call(lambda client: client.cancel(job_id)).result(5)
    wait_for(lambda: watch.status.job(job_id).state is states(part)[1].CANCELLED, 10, "not cancelled")


def states(part: Part) -> tuple[Any, Any]:
    return part("addon.backend.connection").BackendState, part("backend.grotto.contract").JobState


def test_nothing_is_started_by_watching(new_watch: Callable[[], Any], place: Path, part: Part) -> None:
    watch = new_watch()
    time.sleep(0.5)
    assert watch.status.state is states(part)[0].STOPPED
    assert backend_pid(place) == 0


def test_without_a_backend_asking_says_so(new_watch: Callable[[], Any], part: Part) -> None:
    contract = part("backend.grotto.contract")
    with pytest.raises(contract.ProblemError, match="not running"):
        new_watch().call(lambda client: client.jobs()).result(10)


def test_a_second_blender_joins_and_the_idle_backend_stops_after_the_last(
    new_watch: Callable[[], Any], place: Path, part: Part
) -> None:
    first, second = new_watch(), new_watch()
    first.start_backend().result(60)
    pid = backend_pid(place)
    running = states(part)[0].RUNNING
    wait_for(lambda: first.status.state is second.status.state is running, 6, "the second did not join")
    first.stop()
    time.sleep(4.5)  # an idle backend without clients ends after three seconds
    assert alive(pid)
    second.stop()
    wait_for(lambda: not alive(pid), 15, "the idle backend did not stop")


@pytest.mark.slow
def test_a_job_is_followed_and_its_pictures_found(new_watch: Callable[[], Any], place: Path, photos: Path, part: Part) -> None:
    watch = new_watch()
    job_id = submit_wall(part, watch, photos, place / "job")
    seen: list[str] = []
    fractions: list[float] = []

    def ended() -> bool:
        job = watch.status.job(job_id)
        if job is not None:
            fractions.append(job.fraction)
            if job.title and (not seen or seen[-1] != job.title):
                seen.append(job.title)
        return job is not None and job.state.ended

    wait_for(ended, 120, "the job did not end")
    job = watch.status.job(job_id)
    assert job.state is states(part)[1].DONE
    assert len(seen) >= 3
    assert fractions == sorted(fractions)
    assert (place / "job" / job.preview).is_file()
    assert job.stamp
    assert watch.status.problem is None


def test_cancel_ends_the_job_in_two_seconds(new_watch: Callable[[], Any], place: Path, photos: Path, part: Part) -> None:
    watch = new_watch()
    job_id = submit_wall(part, watch, photos, place / "job")
    wait_for(lambda: bool(watch.status.job(job_id) and watch.status.job(job_id).title), 60, "no stage began")
    watch.call(lambda client: client.cancel(job_id)).result(5)
    cancelled = states(part)[1].CANCELLED
    assert wait_for(lambda: watch.status.job(job_id).state is cancelled, 5, "not cancelled") < 3.0
    assert watch.status.problem is None


def test_a_failed_job_shows_its_problem(new_watch: Callable[[], Any], place: Path, part: Part) -> None:
    (place / "none").mkdir()
    (place / "none" / "note.txt").write_text("no photo")
    watch = new_watch()
    job_id = submit_wall(part, watch, place / "none", place / "job")
    wait_for(lambda: watch.status.problem is not None, 60, "no problem was shown")
    assert watch.status.problem.kind == "bad_input"
    assert watch.status.problem_job == job_id


def test_a_backend_killed_in_mid_job_is_told_in_seconds_and_retry_goes_on(
    new_watch: Callable[[], Any], place: Path, photos: Path, part: Part
) -> None:
    watch = new_watch()
    job_id = submit_wall(part, watch, photos, place / "job")
    reach(watch, job_id, 3)
    os.kill(backend_pid(place), signal.SIGKILL)
    state, job_state = states(part)
    took = wait_for(lambda: watch.status.state is state.LOST, 10, "the death was not noticed")
    assert took < 4.0
    assert "stopped" in watch.status.problem.cause
    assert watch.status.problem.action == "start_backend"
    assert watch.status.problem_job == job_id

    watch.start_backend().result(60)
    assert watch.status.problem is None
    wait_for(lambda: watch.status.job(job_id) is not None and watch.status.state is state.RUNNING, 10, "the job is not listed")
    assert watch.status.job(job_id).state is job_state.FAILED
    watch.call(lambda client: client.retry(job_id)).result(10)
    events = place / "job/events.jsonl"
    wait_for(lambda: events.read_text().count('"reused": true') >= 2, 60, "the stages that were done are not kept")
    end(watch, job_id, part)


def test_the_next_blender_finds_the_job_at_work(new_watch: Callable[[], Any], place: Path, photos: Path, part: Part) -> None:
    first = new_watch()
    job_id = submit_wall(part, first, photos, place / "job")
    first.stop()
    pid = backend_pid(place)
    second = new_watch()
    wait_for(lambda: second.status.job(job_id) is not None, 10, "the job is not listed")
    assert backend_pid(place) == pid
    reach(second, job_id, second.status.job(job_id).number + 1)
    end(second, job_id, part)


def test_stopping_is_refused_while_a_job_runs_unless_forced(
    new_watch: Callable[[], Any], place: Path, photos: Path, part: Part
) -> None:
    watch = new_watch()
    contract = part("backend.grotto.contract")
    job_id = submit_wall(part, watch, photos, place / "job")
    wait_for(lambda: bool(watch.status.job(job_id) and watch.status.job(job_id).title), 60, "no stage began")
    with pytest.raises(contract.ProblemError, match="A job is running"):
        watch.stop_backend(force=False).result(10)
    pid = backend_pid(place)
    watch.stop_backend(force=True).result(10)
    wait_for(lambda: not alive(pid), 10, "the backend did not stop")
    assert watch.status.state is states(part)[0].STOPPED


class Answers:
    """A client of a backend that answers what the test says, and how often it was asked."""

    runtime = None

    def __init__(self, jobs: tuple[Any, ...]) -> None:
        self.listed = jobs

    def jobs(self) -> tuple[Any, ...]:
        return self.listed

    def renew_lease(self, client_id: str) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def idle_watch(part: Part, installed: str, tmp_path: Path) -> Callable[..., Any]:
    """A watch whose thread does not run, with a job of a backend that answers as the test says."""

    def make(**job: Any) -> Any:
        contract, client = part("backend.grotto.contract"), part("addon.backend.client")
        settings = part("addon.backend.connection").BackendSettings(program="", log=tmp_path / "backend.log", client_id="1")
        watch = part("addon.backend.watcher").BackendWatcher(settings)
        watch._client = Answers((client.JobStatus("7", "wall", contract.JobState.RUNNING, "/a", "/b", **job),))
        watch._client.machine = lambda: client.Machine(has_cuda=False, free_gb=20)
        return watch

    return make


def test_time_left_is_hidden_where_no_progress_comes(
    idle_watch: Callable[..., Any], part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, watcher = idle_watch(fraction=0.39, seconds_left=10.0), part("addon.backend.watcher")
    now = [100.0]
    monkeypatch.setattr(watcher.time, "monotonic", lambda: now[0])
    for second, left in ((0.0, 10.0), (9.0, 10.0), (10.5, None), (60.0, None)):
        now[0] = 100.0 + second
        watch._follow()
        assert watch.status.jobs[0].seconds_left == left
    watch._client.listed = (replace(watch._client.listed[0], fraction=0.4),)
    watch._follow()
    assert watch.status.jobs[0].seconds_left == 10.0


def test_an_unchanged_answer_is_an_equal_status(idle_watch: Callable[..., Any]) -> None:
    watch = idle_watch(fraction=0.39)
    watch._follow()
    before = watch.status
    watch._follow()
    assert watch.status == before
    assert before.machine.line == "CPU, 20 GB free"


@pytest.mark.parametrize("lives", [True, False])
def test_a_card_of_a_loss_goes_when_the_backend_answers(
    idle_watch: Callable[..., Any], part: Part, monkeypatch: pytest.MonkeyPatch, lives: bool
) -> None:
    watch, state = idle_watch(fraction=0.39), states(part)[0]
    watch._follow()
    client = watch._client
    monkeypatch.setattr(part("addon.backend.connection"), "attach", lambda: None)
    monkeypatch.setattr(part("addon.backend.watcher"), "is_alive", lambda pid: lives)
    watch._handle_loss(part("addon.backend.client").backend_unreachable().problem)
    assert watch.status.state is state.LOST
    assert ("does not answer" if lives else "stopped during the job a") in watch.status.problem.cause
    assert watch.status.jobs[0].state.ended is not lives
    watch._client = client
    watch._follow()
    assert (watch.status.state, watch.status.problem) == (state.RUNNING, None)


def test_jobs_are_known_to_the_next_blender(idle_watch: Callable[..., Any]) -> None:
    watch = idle_watch()
    watch._follow()
    assert idle_watch().status.known_jobs == ("7",)


def test_a_question_that_nobody_asked_shows_no_problem(idle_watch: Callable[..., Any], part: Part) -> None:
    def refuse(client: Any) -> None:
        raise part("addon.backend.client").backend_unreachable()

    for connected in (True, False):
        watch = idle_watch()
        watch._client = watch._client if connected else None
        answer = watch.read_quietly(refuse)
        watch._calls.get()()
        assert answer.result(0) is None
        assert watch.status.problem is None


@pytest.mark.slow
def test_a_frozen_backend_is_said_and_its_job_goes_on(
    new_watch: Callable[[], Any], place: Path, photos: Path, part: Part
) -> None:
    watch = new_watch()
    job_id = submit_wall(part, watch, photos, place / "job")
    reach(watch, job_id, 1)
    state, pid = states(part)[0], backend_pid(place)
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: watch.status.state is state.LOST, 30, "the freeze was not noticed")
        assert "does not answer" in watch.status.problem.cause
        assert not watch.status.job(job_id).state.ended
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: watch.status.state is state.RUNNING and watch.status.problem is None, 10, "the card stays")
    end(watch, job_id, part)
