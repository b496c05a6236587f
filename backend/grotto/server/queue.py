"""The queue: jobs wait, run one at a time in workers of their own, and end; told to the store at every turn.

Nothing slow happens under the queue's lock: disks are asked before and after, and clients are answered from what was last told.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..contract import Action, Event, JobRequest, JobState, Kind, Problem, ProblemError, StateChanged, bad_input, bug
from ..recipes import Entry
from ..runner import Journal, Supervisor, check_request, prepare
from .history import Job, Store, known_jobs, stamp_in
from .refusal import Refusal
from .taken import TakenFolders

log = logging.getLogger(__name__)

INTERRUPTED = Problem(
    Kind.MISSING_RESOURCE,
    "the backend was stopped while the job ran",
    "retry: finished stages are kept",
    Action.RETRY,
)
_LOCK_SECONDS = 3.0  # the time that the worker of a backend that died may need to end


@dataclass(frozen=True)
class Told:
    """A job as clients last saw it."""

    state: JobState
    json: bytes


class JobQueue:
    """All jobs of this backend. Safe to call from several threads; answers are copies."""

    def __init__(self, store: Store, recipes: Mapping[str, Entry], jobs_folder: Path, workers: int) -> None:
        self._store, self._recipes, self._jobs_folder = store, recipes, jobs_folder
        self._jobs: dict[str, Job] = {}
        self._told: dict[str, Told] = {}  # read without the lock: single operations on a dictionary are atomic
        self._counts: Counter[JobState] = Counter()
        self._taken = TakenFolders()
        self._supervisors: dict[str, Supervisor] = {}
        self._started: dict[str, float] = {}  # monotonic seconds by running job
        self._turn = threading.Condition(threading.RLock())
        self._closing = False
        jobs, changed = known_jobs(store, jobs_folder)
        for job in jobs:
            self._put(job)
            if job.state in (JobState.RUNNING, JobState.CANCELLING):
                self._end(job, JobState.FAILED, INTERRUPTED)
                self._tell(job)
            elif not job.state.ended:
                self._taken.hold(job.request(), job.id)
        for job in changed:
            store.remember(job)
        self._threads = [threading.Thread(target=self._serve, name=f"worker-{k}", daemon=True) for k in range(workers)]

    def start(self) -> None:
        """Begin with the jobs that wait."""
        for thread in self._threads:
            thread.start()

    def submit(self, recipe: str, source: str, out: str | None, options: dict[str, Any], redo: bool = False) -> Job:
        """Queue a job. Raises ProblemError where its folders cannot be used."""
        name = secrets.token_hex(4)
        request = JobRequest(recipe, source, out if out is not None else str(self._jobs_folder / name), options, redo)
        check_request(request)
        now = time.time()
        job = Job(id=name, recipe=recipe, input=source, out=request.out, options=options, created=now, queued=now, redo=redo)
        self._taken.add(request, name)
        try:
            prepare(request)
            return self._queue(job)
        except BaseException:
            self._taken.drop(name)
            raise

    def retry(self, name: str, redo: bool = False) -> Job:
        """Queue a failed or cancelled job again; its finished stages are kept.

        With `redo`, which takes jobs that are done too, those that other code made are done again.
        """
        job = dataclasses.replace(self.get(name), redo=redo, queued=time.time())
        self._refuse_retry(job, redo)
        self._taken.add(job.request(), name)  # refuses a second retry of the same job, too
        try:
            self._refuse_retry(self.get(name), redo)  # it may have run since we looked
            job.begin_again(JobState.QUEUED)
            return self._queue(job)
        except BaseException:
            self._taken.drop(name)
            raise

    def get(self, name: str) -> Job:
        """The job of a name. Raises Refusal where there is none."""
        with self._turn:
            return dataclasses.replace(self._find(name))

    def told(self, name: str) -> Told:
        """A job as JSON, without waiting for anybody. Raises Refusal where there is none."""
        told = self._told.get(name)
        if told is None:
            raise _no_such_job()
        return told

    def json_of(self, name: str) -> bytes | None:
        """A job as JSON, without waiting for anybody; None where there is none."""
        told = self._told.get(name)
        return None if told is None else told.json

    def list(self, most_ended: int) -> list[bytes]:
        """Jobs as JSON, newest first: all jobs that wait or run, and at most so many that have ended."""
        found = []
        for told in reversed(list(self._told.values())):
            most_ended -= told.state.ended
            if most_ended >= 0 or not told.state.ended:
                found.append(told.json)
        return found

    def of_recipe(self, recipe: str) -> tuple[Job, ...]:
        """Copies of all jobs of a recipe, oldest first."""
        with self._turn:
            return tuple(dataclasses.replace(job) for job in self._jobs.values() if job.recipe == recipe)

    def cancel(self, name: str) -> Job:
        """Take a waiting job out, or ask a running one to stop."""
        with self._turn:
            job = self._find(name)
            if job.state.ended:
                raise Refusal(409, f"job {name} has ended already ({job.state})", "nothing is left to cancel")
            waited = job.state is JobState.QUEUED
            if waited:
                self._end(job, JobState.CANCELLED, None)
            supervisor = self._supervisors.get(name)
        if waited:
            self._tell(job)
        if supervisor is not None:
            supervisor.cancel()
        return self.get(name)

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state, without waiting for anybody."""
        return {str(state): self._counts[state] for state in JobState}

    def busy(self) -> bool:
        """Whether any job waits or runs."""
        return any(self._counts[state] for state in JobState if not state.ended)

    def running(self) -> bool:
        return bool(self._supervisors)

    def close(self) -> None:
        """Interrupt what runs; waiting jobs stay queued for the next backend."""
        with self._turn:
            self._closing = True
            self._turn.notify_all()
            supervisors = list(self._supervisors.values())
        for supervisor in supervisors:
            supervisor.cancel()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=3.0)

    def _queue(self, job: Job) -> Job:
        self._store.add(job)
        self._tell(job)
        with self._turn:
            self._put(job)
            self._turn.notify()
            return dataclasses.replace(job)

    def _serve(self) -> None:
        while True:
            with self._turn:
                job = self._next()
                while job is None and not self._closing:
                    self._turn.wait()
                    job = self._next()
                if self._closing or job is None:
                    return
                supervisor = self._begin(job)
            if supervisor is None:
                self._tell(job)
                continue
            end = self._work(job, supervisor)
            stamp = stamp_in(job) if end.state is JobState.DONE else None
            with self._turn:
                del self._supervisors[job.id]
                interrupted = self._closing and end.state is JobState.CANCELLED
                state, problem = (JobState.FAILED, INTERRUPTED) if interrupted else (end.state, end.problem)
                self._end(job, state, problem, stamp or "")
            if interrupted:
                self._tell(job)

    def _next(self) -> Job | None:
        return next((job for job in self._jobs.values() if job.state is JobState.QUEUED), None)

    def _begin(self, job: Job) -> Supervisor | None:
        entry = self._recipes.get(job.recipe)
        job.begin_again(JobState.RUNNING)
        job.started, self._started[job.id] = time.time(), time.monotonic()
        if entry is None:  # left by another version
            self._end(job, JobState.FAILED, bad_input(f"there is no recipe {job.recipe}", "").problem)
            return None
        supervisor = self._supervisors[job.id] = Supervisor(entry.module, Path(job.out), partial(self._take, job))
        self._changed(job)
        return supervisor

    def _work(self, job: Job, supervisor: Supervisor) -> StateChanged:
        try:
            prepare(job.request(), _LOCK_SECONDS)
            return supervisor.run()
        except ProblemError as error:
            problem = error.problem
        except Exception as error:
            log.exception("job %s could not be run", job.id)
            problem = bug(f"the worker could not be started ({type(error).__name__})").problem
        end = StateChanged(time=time.time(), state=JobState.FAILED, problem=problem)
        Journal(Path(job.out))(end)
        return end

    def _take(self, job: Job, event: Event) -> None:
        with self._turn:
            worth_writing = job.take(event)
            self._changed(job) if worth_writing else self._show(job)

    def _end(self, job: Job, state: JobState, problem: Problem | None, stamp: str = "") -> None:
        job.state, job.problem, job.ended, job.seconds_left, job.stamp = state, problem, time.time(), None, stamp
        begun = self._started.pop(job.id, None)
        if begun is not None and job.started is not None:
            job.ended = job.started + time.monotonic() - begun  # the clock of the wall may have been set meanwhile
        if state is JobState.DONE:
            job.fraction, job.message = 1.0, ""
        self._taken.drop(job.id)
        self._changed(job)

    def _put(self, job: Job) -> None:
        self._jobs[job.id] = job
        self._show(job)

    def _changed(self, job: Job) -> None:
        """Show a job as it is now, and have it written where the disk allows it; a job at work goes on."""
        self._show(job)
        self._store.remember(job)

    def _show(self, job: Job) -> None:
        before = self._told.get(job.id)
        self._told[job.id] = Told(job.state, json.dumps(job.as_json(), allow_nan=False).encode("ascii"))
        self._counts[job.state] += 1
        if before is not None:
            self._counts[before.state] -= 1

    def _tell(self, job: Job) -> None:
        """Write a change of state into the job's own events."""
        Journal(Path(job.out))(StateChanged(time=time.time(), state=job.state, problem=job.problem))

    def _find(self, name: str) -> Job:
        job = self._jobs.get(name)
        if job is None:
            raise _no_such_job()
        return job

    def _refuse_retry(self, job: Job, redo: bool) -> None:
        if not job.state.ended or (job.state is JobState.DONE and not redo):
            remedy = "retry it with redo to have it made anew" if job.state.ended else "wait until it ends, or cancel it"
            raise Refusal(409, f"job {job.id} is {job.state}", remedy)


def _no_such_job() -> Refusal:
    return Refusal(404, "there is no such job", "see the list of jobs")
