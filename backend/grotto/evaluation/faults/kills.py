"""Trials of kill -9: workers and backends at random moments of real jobs, submits, and models that outlive their worker."""

from __future__ import annotations

import contextlib
import http.client
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from ...contract import EVENTS_FILE, JobState, Silent, StageDone, StageStarted, StateChanged, event_from_json
from ...contract.options import MakeWallOptions
from ...contract.recipes import WALL_QUALITIES, to_nested
from ...synthetic import make_wall
from .trial import Trial
from .victim import SMALL_ELEMENT, START_SECONDS, Victim, is_alive, small_picture, within

_MOST_KILLS = 12  # of one job, which then may end
_NOTICE_SECONDS = 3.0
_JOB_SECONDS = 3600.0
_GONE_SECONDS = 4.0


def killed_job(make_input: Callable[[Path], Path], recipe: str, options: dict[str, Any], folder: Path, number: int) -> list[str]:
    """One job, killed again and again at random moments until it is done; an entry for each kill, and one for its end."""
    chance = random.Random(number)
    source, out = make_input(folder / "input"), folder / "out"
    seen: list[str] = []
    victim = Victim(folder)
    try:
        job = victim.submit(source, out, recipe, options=options)
        for _ in range(_MOST_KILLS):
            _wait_for_event(victim, job["id"], out, chance.randrange(1, 12))
            time.sleep(chance.uniform(0.0, 0.3))
            if victim.job(job["id"])["state"] == "done":
                break
            workers = victim.workers()
            if chance.random() < 0.5:
                seen.append(_kill_worker(victim, job["id"], workers))
            else:
                victim.kill()
                gone = within(_GONE_SECONDS, partial(_all_gone, workers))
                victim = Victim(folder)
                state = victim.job(job["id"])["state"]
                fine = gone and state in ("failed", "done", "queued")
                seen.append("" if fine else f"after a kill of the backend the job is {state}, worker gone: {bool(gone)}")
            if victim.job(job["id"])["state"] in ("failed", "cancelled"):
                victim.ask("POST", f"jobs/{job['id']}/retry")
        within(_JOB_SECONDS, lambda: victim.job(job["id"])["state"] in ("done", "failed"))
        seen.append(_end(victim.job(job["id"]), out))
    finally:
        victim.kill()
    return seen


def _all_gone(processes: list[psutil.Process]) -> bool:
    return not any(map(is_alive, processes))


def _kill_worker(victim: Victim, job: str, workers: list[psutil.Process]) -> str:
    if not workers:
        return ""  # it ended, or is being started
    began = time.monotonic()
    with contextlib.suppress(psutil.Error):
        workers[0].kill()
    noticed = within(_NOTICE_SECONDS, lambda: victim.job(job)["state"] in ("failed", "done"))
    return "" if noticed else f"a dead worker is not noticed after {time.monotonic() - began:.1f} s"


def _wait_for_event(victim: Victim, job: str, out: Path, count: int) -> None:
    """Until so many events more were written, or the job has ended."""
    file = out / EVENTS_FILE

    def lines() -> int:
        return file.read_bytes().count(b"\n") if file.is_file() else 0

    before = lines()
    within(10 * START_SECONDS, lambda: lines() >= before + count or victim.job(job)["state"] in ("done", "failed", "cancelled"))


def _end(job: dict[str, Any], out: Path) -> str:
    """What is wrong with a job that was killed and retried until its end."""
    if job.get("state") != "done":
        return f"the job is {job.get('state')}: {job.get('problem')}"
    worked = _worked(out)
    twice = [stage for stage in set(worked) if worked.count(stage) > 1]
    left = [path.name for path in out.iterdir() if path.name.endswith((".part", ".old", ".resume"))]
    if twice or left:
        return f"done twice: {', '.join(twice) or 'none'}; left behind: {', '.join(left) or 'nothing'}"
    return "" if (out / "result.json").is_file() else "there is no result"


def _worked(out: Path) -> list[str]:
    """The stages that were finished by work, over all attempts."""
    begun, finished = "", []
    for line in (out / EVENTS_FILE).read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = event_from_json(line)
        except (KeyError, ValueError, TypeError):  # torn by a kill
            continue
        if isinstance(event, StageStarted):
            begun = "" if event.reused else event.stage
        elif isinstance(event, StageDone) and event.stage == begun:
            finished.append(event.stage)
        elif isinstance(event, StateChanged) and event.state is JobState.RUNNING:
            begun = ""
    return finished


def killed_submits(folder: Path, number: int) -> list[str]:
    """The backend is killed while jobs are submitted: what it acknowledged is known afterwards."""
    chance = random.Random(number)
    source = small_picture(folder / "input" / "disc.png")
    acknowledged: list[str] = []
    with Victim(folder) as victim:
        acknowledged.append(victim.submit(source)["id"])
        victim.hold_worker()
        killer = subprocess.Popen(
            [sys.executable, "-c", f"import os, time; time.sleep({chance.uniform(0.0, 0.3)}); os.kill({victim.process.pid}, 9)"]
        )
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):  # the answer that does not come any more
            while len(acknowledged) < 1000:
                acknowledged.append(victim.submit(source)["id"])
        killer.wait()
    with Victim(folder) as victim:
        known = {job["id"] for job in victim.jobs()}
    lost = [name for name in acknowledged if name not in known]
    torn = [
        path.parent.name for path in (folder / "state" / "jobs").glob("*/request.json") if not path.read_bytes().endswith(b"}\n")
    ]
    return [f"{len(lost)} of {len(acknowledged)} acknowledged jobs are lost, {len(torn)} requests torn" if lost or torn else ""]


_STARTER = """
import sys, time
from grotto.runner import start_watched
child = start_watched([sys.executable, "-c", "import ctypes; ctypes.PyDLL(None).sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def outlived_parent(_folder: Path, _number: int) -> list[str]:
    """A process that never lets go of Python's lock, as a model in a call of C, whose parent is killed."""
    parent = subprocess.Popen([sys.executable, "-c", _STARTER], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(1.0)  # into its call
    parent.kill()
    parent.wait()
    parent.stdout.close()
    gone = within(_GONE_SECONDS, lambda: not is_alive(child))
    if not gone:
        child.kill()
    return ["" if gone else f"alive {_GONE_SECONDS:.0f} s after its parent"]


def _element_input(folder: Path) -> Path:
    return small_picture(folder / "disc.png")


def _wall_input(folder: Path) -> Path:
    make_wall(folder / "set", MakeWallOptions(columns=3, rows=3, photo_width=600, photo_height=450), Silent())
    return folder / "set" / "photos"


KILL_TRIALS = (
    Trial(
        name="kills.outlived",
        what="the parent of a process that holds Python's lock",
        expected="gone with its parent",
        times=3,
        attempt=outlived_parent,
    ),
    Trial(
        name="kills.submit",
        what="the backend while jobs are submitted",
        expected="no acknowledged job lost, no torn request",
        times=25,
        attempt=killed_submits,
    ),
    Trial(
        name="kills.element",
        what="worker or backend of an element job, at random",
        expected="noticed, resumed, no stage twice, nothing left",
        times=100,
        attempt=partial(killed_job, _element_input, "element", SMALL_ELEMENT),
    ),
    Trial(
        name="kills.wall",
        what="worker or backend of a wall job, at random",
        expected="noticed, resumed, no stage twice, nothing left",
        times=100,
        attempt=partial(killed_job, _wall_input, "wall", to_nested(WALL_QUALITIES["draft"])),
    ),
)
