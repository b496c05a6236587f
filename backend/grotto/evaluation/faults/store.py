"""Trials of the list of jobs: damaged, locked, deleted, overwritten."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from .trial import Trial
from .victim import START_SECONDS, Victim, small_picture, within

_JOBS = 12
_QUICK_SECONDS = 1.0  # a status that takes longer waited for the disk
_PAGE = 4096


def _filled(folder: Path, count: int = _JOBS) -> set[str]:
    """A state with so many jobs, all unfinished, left by a backend that was killed; the names of its jobs."""
    source = small_picture(folder / "input" / "disc.png")
    with Victim(folder) as victim:
        names = {victim.submit(source)["id"]}
        victim.hold_worker()
        names |= {victim.submit(source)["id"] for _ in range(count - 1)}
    return names


def _history(folder: Path) -> Path:
    return folder / "state" / "jobs.db"


def _jobs_after_a_start(folder: Path, names: set[str]) -> str:
    """What is wrong with the jobs of a backend that starts now; empty where it knows all of them."""
    with Victim(folder) as victim:
        if not victim.runtime:
            return f"the backend did not start: {(folder / 'server.log').read_text(errors='replace').splitlines()[-1:]}"
        if within(START_SECONDS, lambda: victim.ask("GET", "health")[0] == 200) is None:
            return "the backend does not answer"
        known = {job["id"] for job in victim.jobs()}
    return "" if known == names else f"{len(known & names)} of {len(names)} jobs are known, and {len(known - names)} others"


def _checkpoint(folder: Path) -> None:
    """Move everything from the write-ahead log into the file itself."""
    with contextlib.closing(sqlite3.connect(_history(folder))) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _noise(file: Path, page: int, chance: random.Random) -> None:
    with file.open("r+b") as handle:
        handle.seek(page * _PAGE)
        handle.write(chance.randbytes(_PAGE))


def noisy_page(folder: Path, number: int) -> list[str]:
    names = _filled(folder)
    _checkpoint(folder)
    file, chance = _history(folder), random.Random(number)
    _noise(file, chance.randrange(1, file.stat().st_size // _PAGE), chance)
    return [_jobs_after_a_start(folder, names)]


def noisy_head(folder: Path, number: int) -> list[str]:
    """The head of the file, or of its write-ahead log, which is not written into it yet."""
    names = _filled(folder)
    chance = random.Random(number)
    if number % 2:
        _checkpoint(folder)
        _noise(_history(folder), 0, chance)
        return [_jobs_after_a_start(folder, names)]
    log = _history(folder).with_name("jobs.db-wal")
    _noise(log, 0, chance)
    damaged = log.read_bytes()
    seen = _jobs_after_a_start(folder, names)
    aside = [path.read_bytes() == damaged for path in log.parent.glob("*unreadable*-wal")]
    return [seen or ("" if aside == [True] else "the damaged log was not put aside as it was")]


def deleted_at_rest(folder: Path, _number: int) -> list[str]:
    names = _filled(folder)
    for file in _history(folder).parent.glob("jobs.db*"):
        file.unlink()
    return [_jobs_after_a_start(folder, names)]


@contextlib.contextmanager
def _held(file: Path) -> Iterator[None]:
    """The file held by another program, so that nobody else can read or write it."""
    database = sqlite3.connect(file, isolation_level=None, timeout=30)
    try:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        database.close()


def locked_at_start(folder: Path, _number: int) -> list[str]:
    names = _filled(folder, 4)
    with _held(_history(folder)), Victim(folder) as victim:
        try:
            code = victim.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            return ["the backend neither starts nor ends"]
    said = (folder / "server.log").read_text(errors="replace").splitlines()[-1]
    if code != 3 or "another program holds the list of jobs" not in said.lower():
        return [f"exit code {code}: {said}"]
    return [_jobs_after_a_start(folder, names)]


def locked_while_running(folder: Path, _number: int) -> list[str]:
    source = small_picture(folder / "input" / "disc.png")
    with Victim(folder) as victim:
        job = victim.submit(source)
        victim.hold_worker()
        blocker = sqlite3.connect(_history(folder), isolation_level=None, timeout=30)
        blocker.execute("BEGIN EXCLUSIVE")
        with contextlib.closing(victim.connect()) as asking:
            headers = {"Authorization": victim.bearer, "Content-Type": "application/json"}
            asking.request("POST", "/v1/jobs/element", json.dumps({"input": str(source)}), headers)
            slowest = 0.0
            until = time.monotonic() + 3.0
            while time.monotonic() < until:
                began = time.monotonic()
                victim.job(job["id"])
                slowest = max(slowest, time.monotonic() - began)
                time.sleep(0.05)
            refused = asking.getresponse().status
        blocker.close()
        accepted = victim.submit(source)["state"]
    if slowest > _QUICK_SECONDS:
        return [f"a status took {slowest:.1f} s"]
    return ["" if (refused, accepted) == (503, "queued") else f"submit said {refused}, and {accepted} after the lock"]


def replaced_while_running(folder: Path, number: int) -> list[str]:
    """Deleted, or overwritten with something else."""
    source = small_picture(folder / "input" / "disc.png")
    with Victim(folder) as victim:
        names = {victim.submit(source)["id"]}
        victim.hold_worker()
        if number % 2:
            _history(folder).write_bytes(b"this is no history" * 1000)
        else:
            _history(folder).unlink()
        names |= {victim.submit(source)["id"] for _ in range(3)}
        (folder / "state" / "job_folders.jsonl").unlink()  # the history alone must do
    return [_jobs_after_a_start(folder, names)]


def end_not_written(folder: Path, _number: int) -> list[str]:
    """The end of a job does not reach the list of jobs, and the backend is killed."""
    source = small_picture(folder / "input" / "disc.png")
    with Victim(folder) as victim:
        job = victim.submit(source)
        blocker = sqlite3.connect(_history(folder), isolation_level=None, timeout=30)
        blocker.execute("BEGIN EXCLUSIVE")
        ended = within(10 * START_SECONDS, lambda: victim.job(job["id"])["state"] in ("done", "failed"))
        state = victim.job(job["id"])["state"]
        victim.kill()
        blocker.close()
    if not ended or state != "done":
        return [f"the job is {state}"]
    with Victim(folder) as victim:
        state = victim.job(job["id"])["state"]
    return ["" if state == "done" else f"a job that was done is {state}"]


STORE_TRIALS = (
    Trial(
        name="store.page",
        what="noise over one page of the list of jobs, not the first",
        expected="starts, and knows all jobs",
        times=10,
        attempt=noisy_page,
    ),
    Trial(
        name="store.head",
        what="noise over the head of it or of its log",
        expected="starts, knows all jobs, the log aside as it was",
        times=2,
        attempt=noisy_head,
    ),
    Trial(
        name="store.deleted",
        what="deleted between two starts",
        expected="starts, and knows all jobs",
        times=1,
        attempt=deleted_at_rest,
    ),
    Trial(
        name="store.locked_start",
        what="held by another program at a start",
        expected="refuses in words; all jobs at the next start",
        times=2,
        attempt=locked_at_start,
    ),
    Trial(
        name="store.locked",
        what="held by another program while a job runs",
        expected="submit refused in words, status within 1 s",
        times=2,
        attempt=locked_while_running,
    ),
    Trial(
        name="store.replaced",
        what="deleted or overwritten while a job runs",
        expected="all jobs at the next start",
        times=2,
        attempt=replaced_while_running,
    ),
    Trial(
        name="store.end_lost",
        what="the end of a job cannot be written, then kill -9",
        expected="the job is done",
        times=1,
        attempt=end_not_written,
    ),
)
