"""The queue: jobs wait, run one at a time in workers of their own, and end; told to the store at every turn."""

from __future__ import annotations

import dataclasses
import logging
import secrets
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..contract import Action, Event, JobRequest, JobState, Kind, Problem, ProblemError, Result, StateChanged, bad_input, bug
from ..recipes import Entry
from ..runner import Journal, Supervisor, check_request, prepare
from .record import Job
from .refusal import Refusal
from .store import Store

log = logging.getLogger(__name__)

INTERRUPTED = Problem(
    Kind.MISSING_RESOURCE,
    "the backend was stopped while the job ran",
    "retry: finished stages are kept",
    Action.RETRY,
)
_LOCK_SECONDS = 3.0  # the time that the worker of a backend that died may need to end


class JobQueue:
    """All jobs of this backend. Safe to call from several threads; answers are copies."""

    def __init__(self, store: Store, recipes: Mapping[str, Entry], jobs_folder: Path, workers: int) -> None:
        self._store, self._recipes, self._jobs_folder = store, recipes, jobs_folder
        self._jobs: dict[str, Job] = {}
        self._supervisors: dict[str, Supervisor] = {}
        self._turn = threading.Condition(threading.RLock())
        self._closing = False
        for job in store.read():
            self._jobs[job.id] = job
            if job.state in (JobState.RUNNING, JobState.CANCELLING):
                self._end(job, JobState.FAILED, INTERRUPTED, tell=True)
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
        with self._turn:
            self._refuse_taken(request.out, "")
            prepare(request)
            job = Job(id=name, recipe=recipe, input=source, out=request.out, options=options, created=time.time(), redo=redo)
            self._store.write(job)
            self._jobs[job.id] = job
            self._tell(job)
            self._turn.notify()
            return dataclasses.replace(job)

    def list(self, most_ended: int) -> list[Job]:
        """Newest first: all jobs that wait or run, and at most so many that have ended."""
        with self._turn:
            newest = list(reversed(self._jobs.values()))
            ended = [job.id for job in newest if job.state.ended][:most_ended]
            return [dataclasses.replace(job) for job in newest if not job.state.ended or job.id in ended]

    def get(self, name: str) -> Job:
        """The job of a name. Raises Refusal where there is none."""
        with self._turn:
            return dataclasses.replace(self._find(name))

    def cancel(self, name: str) -> Job:
        """Take a waiting job out, or ask a running one to stop."""
        with self._turn:
            job = self._find(name)
            if job.state.ended:
                raise Refusal(409, f"job {name} has ended already ({job.state})", "nothing is left to cancel")
            if job.state is JobState.QUEUED:
                self._end(job, JobState.CANCELLED, None, tell=True)
            supervisor = self._supervisors.get(name)
        if supervisor is not None:
            supervisor.cancel()
        return self.get(name)

    def retry(self, name: str, redo: bool = False) -> Job:
        """Queue a failed or cancelled job again; its finished stages are kept.

        With `redo`, which takes jobs that are done too, those that other code made are done again.
        """
        with self._turn:
            job = self._find(name)
            if not job.state.ended or (job.state is JobState.DONE and not redo):
                remedy = "retry it with redo to have it made anew" if job.state.ended else "wait until it ends, or cancel it"
                raise Refusal(409, f"job {name} is {job.state}", remedy)
            self._refuse_taken(job.out, name)
            job.redo = redo
            job.begin_again(JobState.QUEUED)
            self._store.write(job)
            self._tell(job)
            self._turn.notify()
            return dataclasses.replace(job)

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self._turn:
            states = [job.state for job in self._jobs.values()]
        return {str(state): states.count(state) for state in JobState}

    def busy(self) -> bool:
        """Whether any job waits or runs."""
        with self._turn:
            return any(not job.state.ended for job in self._jobs.values())

    def running(self) -> bool:
        with self._turn:
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

    def _serve(self) -> None:
        while True:
            with self._turn:
                job = self._next()
                while job is None and not self._closing:
                    self._turn.wait()
                    job = self._next()
                if self._closing or job is None:
                    return
                job.begin_again(JobState.RUNNING)
                job.started = time.time()
                entry = self._recipes.get(job.recipe)
                if entry is None:  # left by another version
                    self._end(job, JobState.FAILED, bad_input(f"there is no recipe {job.recipe}", "").problem, tell=True)
                    continue
                supervisor = Supervisor(entry.module, Path(job.out), partial(self._take, job))
                self._supervisors[job.id] = supervisor
            self._remember(job)
            end = self._work(job, supervisor)
            with self._turn:
                del self._supervisors[job.id]
                interrupted = self._closing and end.state is JobState.CANCELLED
                state, problem = (JobState.FAILED, INTERRUPTED) if interrupted else (end.state, end.problem)
                self._end(job, state, problem, tell=interrupted)

    def _next(self) -> Job | None:
        return next((job for job in self._jobs.values() if job.state is JobState.QUEUED), None)

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
        if worth_writing:
            self._remember(job)

    def _end(self, job: Job, state: JobState, problem: Problem | None, tell: bool) -> None:
        job.state, job.problem, job.ended, job.seconds_left = state, problem, time.time(), None
        if state is JobState.DONE:
            job.fraction, job.message = 1.0, ""
            try:
                job.stamp = str(Result.read(Path(job.out)).job.get("stamp", ""))
            except (OSError, ValueError, KeyError, TypeError) as error:
                log.warning("the result of job %s cannot be read: %s", job.id, error)
        self._remember(job)
        if tell:
            self._tell(job)

    def _tell(self, job: Job) -> None:
        """Write a change of state into the job's own events."""
        Journal(Path(job.out))(StateChanged(time=time.time(), state=job.state, problem=job.problem))

    def _remember(self, job: Job) -> None:
        """Write a job where the disk allows it; the next change tries again, and a job at work goes on."""
        try:
            self._store.write(job)
        except ProblemError as error:
            log.warning("%s", error)

    def _find(self, name: str) -> Job:
        job = self._jobs.get(name)
        if job is None:
            raise Refusal(404, "there is no such job", "see the list of jobs")
        return job

    def _refuse_taken(self, out: str, name: str) -> None:
        folder = Path(out).resolve()
        for job in self._jobs.values():
            if not job.state.ended and Path(job.out).resolve() == folder and job.id != name:
                raise Refusal(409, f"job {job.id} already waits or runs in {out}", "choose another output folder")
