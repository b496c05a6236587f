"""The list of jobs on the disk: what is damaged, locked, deleted or behind is mended from what the job folders hold."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grotto.contract import JobState, Kind, ProblemError, Result, StateChanged
from grotto.recipes import RECIPES
from grotto.runner import Journal
from grotto.server import JobQueue, Store

_PAGE = 4096
Open = Callable[..., JobQueue]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens the queue of one state folder, as a backend does that runs no job; the one before is closed first."""
    stores: list[Store] = []

    def open_queue() -> JobQueue:
        while stores:
            stores.pop().close()
        stores.append(Store(tmp_path / "jobs.db", wait_seconds=0.2))
        return JobQueue(stores[-1], RECIPES, tmp_path / "jobs", workers=0)

    yield open_queue
    while stores:
        stores.pop().close()


@pytest.fixture
def picture(tmp_path: Path) -> str:
    file = tmp_path / "input" / "figure.png"
    file.parent.mkdir()
    file.write_bytes(b"a picture, for all that the queue knows")
    return str(file)


def ids(queue: JobQueue) -> list[str]:
    return [json.loads(job)["id"] for job in queue.list(10_000)]


def submitted(queue: JobQueue, picture: str, count: int) -> list[str]:
    return [queue.submit("element", picture, None, {}).id for _ in range(count)]


def held(file: Path) -> sqlite3.Connection:
    """The file held by another program; closing the connection lets it go."""
    database = sqlite3.connect(file, isolation_level=None, timeout=5)
    database.execute("PRAGMA locking_mode=EXCLUSIVE")
    database.execute("BEGIN EXCLUSIVE")
    return database


@pytest.mark.parametrize("page", [0, 1, 2, 3, -1])
def test_noise_over_any_page_loses_no_job(opened: Open, picture: str, tmp_path: Path, page: int) -> None:
    names = submitted(opened(), picture, 30)
    opened()  # closing the one before moves all of its rows into the file itself
    file = tmp_path / "jobs.db"
    damaged = bytearray(file.read_bytes())
    start = (page % (len(damaged) // _PAGE)) * _PAGE
    damaged[start : start + _PAGE] = random.Random(page).randbytes(_PAGE)
    for part in tmp_path.glob("jobs.db*"):
        part.rename(part.with_name("old-" + part.name))  # out of the way of the queue that is still open
    file.write_bytes(damaged)
    queue = opened()
    assert sorted(ids(queue)) == sorted(names)
    assert {queue.get(name).state for name in names} == {JobState.QUEUED}


def test_a_damaged_history_is_put_aside_with_its_log(tmp_path: Path) -> None:
    Store(tmp_path / "jobs.db").close()
    writer = sqlite3.connect(tmp_path / "jobs.db")  # as a backend that was killed, which leaves its log
    writer.execute("INSERT INTO jobs VALUES ('a', 1.0, 'b')")
    writer.commit()
    left = {ending: (tmp_path / f"jobs.db{ending}").read_bytes() for ending in ("", "-wal", "-shm")}
    writer.close()
    for ending, content in left.items():
        (tmp_path / f"jobs.db{ending}").write_bytes(content)
    with (tmp_path / "jobs.db-wal").open("r+b") as file:
        file.write(b"noise")
    Store(tmp_path / "jobs.db").close()
    aside = {path.name.rpartition("-")[2]: path for path in tmp_path.glob("*unreadable*")}
    assert len(aside) == 3, aside
    assert aside["wal"].read_bytes() == b"noise" + left["-wal"][5:]


def test_a_locked_history_is_waited_for_then_refused_and_left_alone(tmp_path: Path) -> None:
    Store(tmp_path / "jobs.db").close()
    before = (tmp_path / "jobs.db").read_bytes()
    blocker = held(tmp_path / "jobs.db")
    with pytest.raises(ProblemError, match=r"[Aa]nother program holds the list of jobs") as refused:
        Store(tmp_path / "jobs.db", wait_seconds=0.2)
    assert refused.value.problem.kind is Kind.MISSING_RESOURCE
    blocker.close()
    assert (tmp_path / "jobs.db").read_bytes() == before
    Store(tmp_path / "jobs.db", wait_seconds=0.2).close()
    assert not list(tmp_path.glob("*unreadable*"))


def test_nobody_waits_for_the_disk_but_who_submits(opened: Open, picture: str, tmp_path: Path) -> None:
    queue = opened()
    (first,) = submitted(queue, picture, 1)
    blocker = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    problems: list[ProblemError] = []

    def submit() -> None:
        try:
            submitted(queue, picture, 1)
        except ProblemError as error:
            problems.append(error)

    waiting = threading.Thread(target=submit)
    waiting.start()
    asked = 0
    while waiting.is_alive() and asked < 1000:
        assert queue.told(first).state is JobState.QUEUED and queue.get(first).id == first and ids(queue) == [first]
        asked += 1
    waiting.join()
    assert asked > 5
    assert problems[0].problem.kind is Kind.MISSING_RESOURCE
    assert queue.cancel(first).state is JobState.CANCELLED  # not written yet, and not lost
    blocker.close()
    (second,) = submitted(queue, picture, 1)
    again = opened()
    assert (again.get(first).state, again.get(second).state) == (JobState.CANCELLED, JobState.QUEUED)


@pytest.mark.parametrize("fate", ["deleted", "overwritten", "replaced"])
def test_a_history_that_goes_under_us_is_written_anew(opened: Open, picture: str, tmp_path: Path, fate: str) -> None:
    queue = opened()
    names = submitted(queue, picture, 2)
    file = tmp_path / "jobs.db"
    if fate == "deleted":
        file.unlink()
    elif fate == "overwritten":
        file.write_bytes(b"this is no history" * 1000)
    else:
        file.unlink()
        sqlite3.connect(file).close()
        file.write_bytes(b"nor is this" * 1000)
    names += submitted(queue, picture, 2)
    (tmp_path / "job_folders.jsonl").unlink()
    assert ids(opened()) == names[::-1]


def test_jobs_are_rebuilt_from_their_folders(opened: Open, picture: str, tmp_path: Path) -> None:
    queue = opened()
    waiting = queue.submit("element", picture, None, {"cut": {"box": "1 2 3 4"}})
    done = queue.submit("element", picture, str(tmp_path / "mine"), {})
    cancelled = queue.cancel(queue.submit("element", picture, None, {}).id)
    end_well(Path(done.out), done.request().__dict__)
    opened()
    for file in tmp_path.glob("jobs.db*"):
        file.rename(file.with_name(f"gone-{file.name}"))
    again = opened()
    assert ids(again) == [cancelled.id, done.id, waiting.id]
    assert [again.get(job.id).state for job in (waiting, done, cancelled)] == ["queued", "done", "cancelled"]
    assert again.get(waiting.id).options == {"cut": {"box": "1 2 3 4"}}
    assert (again.get(done.id).stamp, again.get(done.id).out) == ("abc", str(tmp_path / "mine"))


def end_well(out: Path, request: dict[str, object]) -> None:
    """What a worker leaves that ended while nobody could write it into the list of jobs."""
    journal = Journal(out)
    journal(StateChanged(time=time.time(), state=JobState.RUNNING))
    Result(recipe="element", assets=(), facts={}, job={"request": request, "stamp": "abc"}).write(out)
    journal(StateChanged(time=time.time(), state=JobState.DONE))


def test_a_job_that_ended_unwritten_is_not_run_again(opened: Open, picture: str) -> None:
    queue = opened()
    ended, others = queue.submit("element", picture, None, {}), queue.submit("element", picture, None, {})
    end_well(Path(ended.out), ended.request().__dict__)
    end_well(Path(others.out), {**others.request().__dict__, "options": {"cut": {}}})  # of a shell, in the same folder
    again = opened()
    assert again.get(ended.id).state is JobState.DONE and again.get(ended.id).stamp == "abc"
    assert again.get(others.id).state is JobState.QUEUED


def test_a_job_that_was_left_running_is_interrupted_and_may_be_retried(opened: Open, picture: str) -> None:
    job = opened().submit("element", picture, None, {})
    Journal(Path(job.out))(StateChanged(time=time.time(), state=JobState.RUNNING))
    again = opened()
    assert again.get(job.id).state is JobState.FAILED and again.get(job.id).problem.action == "retry"
    assert again.retry(job.id).state is JobState.QUEUED
    with pytest.raises(ProblemError, match="queued"):
        again.retry(job.id)
    assert opened().get(job.id).state is JobState.QUEUED


def test_a_clock_that_is_set_back_changes_no_order(opened: Open, picture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = opened()
    names = submitted(queue, picture, 1)
    yesterday = time.time() - 86_400
    monkeypatch.setattr(time, "time", lambda: yesterday)
    names += submitted(queue, picture, 1)
    assert ids(opened()) == names[::-1]


def test_folders_of_unfinished_jobs_are_nobody_elses(opened: Open, picture: str, tmp_path: Path) -> None:
    queue = opened()
    out = tmp_path / "jobs of mine" / "outer"
    job = queue.submit("element", picture, str(out), {})
    inner = out / "made.png"
    inner.write_bytes(b"")
    (tmp_path / "link").symlink_to(out, target_is_directory=True)
    for source, place in [
        (picture, out),
        (picture, out / "first"),
        (picture, tmp_path / "link" / "deep"),
        (picture, tmp_path / "jobs of mine"),
        (str(inner), tmp_path / "elsewhere"),
    ]:
        with pytest.raises(ProblemError, match=job.id):
            queue.submit("element", source, str(place), {})
    assert queue.submit("element", picture, str(tmp_path / "jobs of mine" / "outer too"), {}).state is JobState.QUEUED
    queue.cancel(job.id)
    assert queue.submit("element", picture, str(out), {}).state is JobState.QUEUED
