"""Workers as real processes: how they die, how they are stopped, and what is said of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import slow_recipe
from real_processes import STAGES, alive, calls, read_events, wait_until

from grotto.contract import Event, JobRequest, JobState, Kind, Note, Problem, Result, StageStarted, StateChanged
from grotto.contract.recipes import to_nested
from grotto.runner import Supervisor, prepare


class Job:
    """A job of the small recipe, run by a supervisor in a thread."""

    def __init__(self, source: Path, out: Path) -> None:
        self.source, self.out = source, out
        self.events: list[Event] = []
        self.supervisor: Supervisor | None = None
        self.end: StateChanged | None = None

    def start(self, **groups: object) -> None:
        options = slow_recipe.SlowOptions(**groups)
        self.events = []
        prepare(JobRequest("slow", str(self.source), str(self.out), to_nested(options)))
        self.supervisor = Supervisor("slow_recipe", self.out, self.events.append)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.end = self.supervisor.run()

    def join(self, seconds: float = 20.0) -> StateChanged:
        self.thread.join(seconds)
        assert self.end is not None, "the job did not end"
        end, self.end = self.end, None
        return end

    def run(self, **groups: object) -> StateChanged:
        self.start(**groups)
        return self.join()

    def wait_for(self, stage: str) -> None:
        def begun() -> bool:
            return any(isinstance(e, StageStarted) and e.stage == stage and not e.reused for e in list(self.events))

        wait_until(begun, 15, f"stage {stage}")


@pytest.fixture
def job(tmp_path: Path, source: Path) -> Iterator[Job]:
    made = Job(source, tmp_path / "out")
    yield made
    if made.supervisor is not None:
        made.supervisor.kill()


def acting(act: str, **more: Any) -> dict[str, object]:
    return {"second": slow_recipe.SecondOptions(act=act, **more)}


def slow_in(stage: str, seconds: float = 60.0) -> dict[str, object]:
    kinds = {"first": slow_recipe.FirstOptions, "second": slow_recipe.SecondOptions, "third": slow_recipe.ThirdOptions}
    return {stage: kinds[stage](**{f"{stage}_seconds": seconds})}


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        ("raise", Kind.BUG, "RuntimeError"),
        ("problem", Kind.BAD_INPUT, "the word is unkind"),
        ("memory", Kind.MISSING_RESOURCE, "memory ran out during raising voices"),
        ("memory_in_c", Kind.MISSING_RESOURCE, "memory ran out during raising voices"),
        ("segfault", Kind.BUG, "SIGSEGV"),
        ("abort", Kind.BUG, "SIGABRT"),
        ("exit", Kind.BUG, "exit code 7"),
        ("kill", Kind.MISSING_RESOURCE, "memory"),
    ],
)
def test_every_death_is_a_problem_in_words(job: Job, act: str, kind: Kind, words: str) -> None:
    end = job.run(**acting(act))
    assert end.state is JobState.FAILED
    assert end.problem.kind is kind
    assert words in end.problem.cause
    assert end.problem.remedy
    assert read_events(job.out)[-1] == end  # the folder tells it too
    assert not (job.out / "second").exists()


def test_a_job_goes_on_after_a_death(job: Job) -> None:
    for act in ("raise", "segfault", ""):
        job.run(**acting(act))
    assert calls(job.out) == ["first", "second", "third"]  # each stage once, though the job ran three times


def test_tracebacks_are_in_the_log_only(job: Job) -> None:
    job.run(**acting("raise"))
    log = (job.out / "worker.log").read_text()
    assert "Traceback" in log and "something odd" in log
    job.run(**acting("segfault"))
    assert "Segmentation fault" in (job.out / "worker.log").read_text()


def test_what_libraries_print_goes_to_the_log(job: Job) -> None:
    assert job.run(**acting("chatter")).state is JobState.DONE
    log = (job.out / "worker.log").read_text()
    assert "noise from a library in C++" in log and "noise from Python" in log
    assert job.events == read_events(job.out)


def test_a_recipe_that_cannot_be_imported_is_a_bug(job: Job) -> None:
    prepare(JobRequest("slow", str(job.source), str(job.out), {}))
    end = Supervisor("no_such_recipe", job.out, lambda event: None).run()
    assert end.problem.kind is Kind.BUG
    assert "no_such_recipe" in (job.out / "worker.log").read_text()


@pytest.mark.parametrize("stage", STAGES)
def test_cancel_in_every_stage(job: Job, stage: str) -> None:
    job.start(**slow_in(stage))
    job.wait_for(stage)
    start = time.monotonic()
    job.supervisor.cancel()
    end = job.join()
    assert time.monotonic() - start < 1.0  # it looked at the token: nobody had to kill it
    assert end.state is JobState.CANCELLED and end.problem is None
    assert [e.state for e in job.events if isinstance(e, StateChanged)] == ["running", "cancelling", "cancelled"]
    finished = list(STAGES[: STAGES.index(stage)])
    assert calls(job.out) == finished
    assert job.run().state is JobState.DONE
    assert calls(job.out)[: len(finished)] == finished
    assert [e.stage for e in job.events if isinstance(e, StageStarted) and e.reused] == finished


@pytest.mark.parametrize("act", ["sleep", "sleep_with_lock", "ignore_signals"])
def test_cancel_within_two_seconds_whatever_the_stage_does(job: Job, act: str) -> None:
    job.start(**acting(act))
    job.wait_for("second")
    time.sleep(0.2)
    start = time.monotonic()
    job.supervisor.cancel()
    assert job.join().state is JobState.CANCELLED
    assert time.monotonic() - start < 2.0


def test_cancel_before_the_worker_has_started(job: Job) -> None:
    prepare(JobRequest("slow", str(job.source), str(job.out), {}))
    supervisor = Supervisor("slow_recipe", job.out, job.events.append)
    supervisor.cancel()
    assert supervisor.run().state is JobState.CANCELLED
    assert supervisor.pid is None


@pytest.mark.parametrize("how", ["cancel", "kill"])
def test_nothing_that_the_worker_started_stays(job: Job, how: str) -> None:
    job.start(**acting("child"))
    file = job.out / "child.txt"
    child = int(wait_until(lambda: file.exists() and file.read_text(), 10, "the child"))
    assert alive(child)
    job.supervisor.cancel() if how == "cancel" else os.kill(job.supervisor.pid, signal.SIGKILL)
    job.join()
    wait_until(lambda: not alive(child), 2, "the child's end")


@pytest.mark.parametrize("stage", ["second", *(pytest.param(stage, marks=pytest.mark.slow) for stage in ("first", "third"))])
def test_kill_in_every_stage_is_noticed_and_resumed(job: Job, stage: str) -> None:
    job.start(**slow_in(stage))
    job.wait_for(stage)
    wait_until((job.out / f".{stage}.part").exists, 5, "its folder")
    start = time.monotonic()
    os.kill(job.supervisor.pid, signal.SIGKILL)
    end = job.join()
    assert time.monotonic() - start < 1.0
    assert end.state is JobState.FAILED and end.problem.kind is Kind.MISSING_RESOURCE
    assert list(job.out.glob(".*.part"))  # the kill left it
    finished = list(STAGES[: STAGES.index(stage)])
    assert job.run().state is JobState.DONE
    assert [e.stage for e in job.events if isinstance(e, StageStarted) and e.reused] == finished
    assert not list(job.out.glob(".*.part"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_termination_of_the_worker_is_a_cancel(job: Job, number: signal.Signals) -> None:
    job.start(**slow_in("second"))
    job.wait_for("second")
    os.kill(job.supervisor.pid, number)
    assert job.join().state is JobState.CANCELLED


def test_termination_under_a_librarys_handler_is_a_cancel(job: Job) -> None:
    job.start(**acting("ignore_signals"))
    job.wait_for("second")
    time.sleep(0.3)
    os.kill(job.supervisor.pid, signal.SIGTERM)
    assert job.join().state is JobState.CANCELLED


PARENT = """
import sys
from pathlib import Path
from grotto.runner import Supervisor
supervisor = Supervisor("slow_recipe", Path(sys.argv[1]), lambda event: None)
supervisor.run()
"""


@pytest.mark.parametrize("act", ["", "sleep", "sleep_with_lock", "child"])
def test_a_lost_parent_ends_the_worker(job: Job, act: str) -> None:
    options = slow_recipe.SlowOptions(second=slow_recipe.SecondOptions(act=act, second_seconds=60))
    prepare(JobRequest("slow", str(job.source), str(job.out), to_nested(options)))
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(job.out)])
    try:
        wait_until(lambda: any(isinstance(e, StageStarted) and e.stage == "second" for e in read_events(job.out)), 15, "second")
        time.sleep(0.3)
        family = psutil.Process(parent.pid).children(recursive=True)
        assert family
        parent.kill()
        parent.wait(5)
        wait_until(lambda: not any(alive(process.pid) for process in family), 2, "the worker's end")
    finally:
        parent.kill()


def test_a_forecast_above_the_limit_is_refused_before_the_stage(job: Job) -> None:
    end = job.run(**acting("", needs_mb=3000), memory_limit_mb=2000)
    assert end.problem.kind is Kind.MISSING_RESOURCE
    assert "Raising voices needs 2.9 GB of memory, 2.0 GB are allowed" in end.problem.cause
    assert calls(job.out) == ["first"]
    assert job.run(**acting("", needs_mb=3000), memory_limit_mb=4000).state is JobState.DONE
    assert job.run(**acting("", needs_mb=3000), memory_limit_mb=2000).state is JobState.DONE  # nothing is left to do


def test_a_forecast_above_the_machine_is_refused(job: Job) -> None:
    end = job.run(**acting("", needs_mb=9_000_000))
    assert end.problem.kind is Kind.MISSING_RESOURCE
    assert "needs 8789.1 GB of memory" in end.problem.cause and "are free" in end.problem.cause


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if not made or made.returncode != 0:
        pytest.skip("a small disk can only be mounted with rights on this machine")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("act", ["fill", "fill_in_c"])
def test_a_full_disk_is_said_and_finished_stages_stay(source: Path, small_disk: Path, act: str) -> None:
    job = Job(source, small_disk / "out")
    end = job.run(**acting(act))
    assert end.state is JobState.FAILED
    assert end.problem.kind is Kind.MISSING_RESOURCE
    assert f"the disk that holds {job.out} filled up during raising voices" == end.problem.cause
    assert shutil.disk_usage(small_disk).free > 10 << 20  # what did not finish gave its space back
    assert read_events(job.out)[-1] == end
    assert job.run().state is JobState.DONE
    assert [e.stage for e in job.events if isinstance(e, StageStarted) and e.reused] == ["first"]


def test_a_disk_that_is_full_from_the_start(source: Path, small_disk: Path) -> None:
    job = Job(source, small_disk / "out")
    job.out.mkdir()
    job.start()
    job.join()
    with (small_disk / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    end = job.run(first=slow_recipe.FirstOptions(word="other")) if prepared(job) else None
    assert end is None or end.problem.kind is Kind.MISSING_RESOURCE
    (small_disk / "ballast").unlink()
    assert job.run().state is JobState.DONE


def prepared(job: Job) -> bool:
    """Whether even the request could be written to the full disk."""
    from grotto.contract import ProblemError

    try:
        prepare(JobRequest("slow", str(job.source), str(job.out), {}))
    except ProblemError as error:
        assert error.problem.kind is Kind.MISSING_RESOURCE
        return False
    return True


def test_a_file_size_limit_counts_as_a_full_disk(job: Job) -> None:
    """Works without rights: the shell's `ulimit -f` makes writing fail as a full disk does."""
    options = slow_recipe.SlowOptions(**acting("fill"))
    prepare(JobRequest("slow", str(job.source), str(job.out), to_nested(options)))
    worker = f'ulimit -f 2048; exec "{sys.executable}" -m grotto.runner.worker slow_recipe "{job.out}"'
    with subprocess.Popen(["bash", "-c", worker], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.wait(30) == Kind.MISSING_RESOURCE.exit_code
    events = read_events(job.out)
    problem: Problem | None = events[-1].problem
    assert problem is not None and problem.kind is Kind.MISSING_RESOURCE


def test_names_that_are_not_utf8_do_not_stop_a_job(job: Job) -> None:
    name = os.fsdecode(b"caf\xe9")
    (job.source / f"{name}.jpg").write_text("three")
    end = job.run(first=slow_recipe.FirstOptions(word="plain", note=name))
    assert end.state is JobState.DONE
    assert any(isinstance(e, Note) and name in e.message for e in job.events)
    assert name in Result.read(job.out).notes[0]
