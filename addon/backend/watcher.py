"""The one thread that calls the backend while Blender has windows. It uses nothing of bpy.

The main thread hands it calls (and gets a Future each), and reads the latest `BackendStatus`, an immutable value.
"""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from ...backend.grotto.contract import Action, JobState, Kind, Problem, ProblemError
from . import connection
from .client import BackendClient, JobStatus, Machine
from .connection import BackendSettings, BackendState
from .process import is_alive

T = TypeVar("T")

BUSY_SECONDS = 0.5
IDLE_SECONDS = 2.0
LEASE_SECONDS = 10.0
STALE_SECONDS = 10.0  # without progress, after which nobody knows the time left
KNOWN_FILE = "known_jobs.txt"  # beside the backend's log: ids of the jobs at the last look

UNKNOWN_MACHINE = Machine()


@dataclass(frozen=True)
class BackendStatus:
    """What the panels show of the backend."""

    state: BackendState = BackendState.STOPPED
    version: str = ""
    jobs: tuple[JobStatus, ...] = ()
    problem: Problem | None = None
    problem_job: str = ""  # id of the job with the problem, "" where it is the backend's
    machine: Machine = UNKNOWN_MACHINE
    known_jobs: tuple[str, ...] = ()  # ids at the last look, also that of an earlier Blender

    def job(self, job_id: str) -> JobStatus | None:
        return next((job for job in self.jobs if job.id == job_id), None)

    @property
    def active(self) -> tuple[JobStatus, ...]:
        return tuple(job for job in self.jobs if not job.state.ended)


class BackendWatcher:
    """Attach to a backend whenever one runs, renew the lease, follow the jobs, and perform calls."""

    def __init__(self, settings: BackendSettings) -> None:
        self.settings = settings  # replaced by the main thread when the preferences change
        self.status = BackendStatus(known_jobs=_known_jobs(settings))
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self._stopping = threading.Event()
        self._client: BackendClient | None = None
        self._process: subprocess.Popen[str] | None = None
        self._lease_time = 0.0
        self._pid = 0
        self._loss: Problem | None = None  # of the backend, while it does not answer
        self._failure: Problem | None = None  # of the job that failed last
        self._moved: dict[str, tuple[tuple[object, ...], float]] = {}  # last progress of a job and its time
        self._thread = threading.Thread(target=self._run, name="grotto-watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 3.0) -> None:
        """Release the lease and end the thread."""
        self._stopping.set()
        self._calls.put(lambda: None)
        if self._thread.is_alive():
            self._thread.join(seconds)

    def dismiss(self) -> None:
        """Remove the problem from the panel."""
        self.status = replace(self.status, problem=None, problem_job="")

    def show_problem(self, problem: Problem, job_id: str = "") -> None:
        self.status = replace(self.status, problem=problem, problem_job=job_id)

    def call(self, action: Callable[[BackendClient], T], *, start: bool = False) -> Future[T]:
        """Perform an action with the backend on this thread; `start` starts a backend if none runs."""
        future: Future[T] = Future()

        def perform() -> None:
            try:
                future.set_result(action(self._reach(start)))
            except ProblemError as error:
                self.show_problem(error.problem)
                future.set_exception(error)
            except BaseException as error:
                future.set_exception(error)
                raise

        self._calls.put(perform)
        return future

    def read_quietly(self, action: Callable[[BackendClient], None]) -> Future[None]:
        """Perform an action that nobody asked for, if a backend is connected; a problem is nobody's, and is not shown."""
        future: Future[None] = Future()

        def perform() -> None:
            try:
                if self._client is not None:
                    action(self._client)
            except ProblemError:
                pass
            finally:
                future.set_result(None)

        self._calls.put(perform)
        return future

    def submit(self, action: Callable[[BackendClient], JobStatus], added: Callable[[str], None]) -> Future[JobStatus]:
        """Submit or retry a job; start a backend if none runs. `added` is called with the job's id on this thread.

        The job stands in `status` before that, so that nobody takes an earlier attempt's end for its own.
        """

        def run(client: BackendClient) -> JobStatus:
            job = action(client)
            others = tuple(other for other in self.status.jobs if other.id != job.id)
            cleared = self.status.problem_job == job.id
            self.status = replace(self.status, jobs=(job, *others))
            if cleared:
                self.dismiss()
            added(job.id)
            return job

        return self.call(run, start=True)

    def start_backend(self) -> Future[None]:
        return self.call(lambda client: None, start=True)

    def stop_backend(self, *, force: bool) -> Future[None]:
        """Stop the backend; the future is done when the process has ended."""

        def end(client: BackendClient) -> None:
            connection.stop(client, force=force)
            self._disconnect()
            self.status = replace(self.status, state=BackendState.STOPPED, jobs=(), problem=None, problem_job="")

        return self.call(end)

    def _reach(self, start: bool) -> BackendClient:
        """Return the client; attach or start first. A problem is also shown on the panel."""
        if self._client is not None:
            return self._client
        if start:
            self.status = replace(self.status, state=BackendState.STARTING, problem=None, problem_job="")
        try:
            client, process = self._start_or_attach(start)
        except ProblemError as error:
            self.status = replace(self.status, state=BackendState.UNUSABLE, problem=error.problem, problem_job="")
            raise
        self._process = process or self._process
        self._use(client)
        return client

    def _start_or_attach(self, start: bool) -> tuple[BackendClient, subprocess.Popen[str] | None]:
        if start:
            return connection.ensure(self.settings, stopped=self._stopping.is_set)
        client = connection.attach()
        if client is None:
            raise ProblemError(
                Problem(Kind.MISSING_RESOURCE, "the backend is not running", "start it first", Action.START_BACKEND)
            )
        return client, None

    def _use(self, client: BackendClient) -> None:
        self._client, self._pid = client, client.runtime.pid
        self._lease_time = 0.0
        self.status = replace(self.status, state=BackendState.RUNNING, version=client.runtime.version)

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except ProblemError as error:
                self._handle_loss(error.problem)
            try:
                wait = BUSY_SECONDS if self.status.active and self._client else IDLE_SECONDS
                self._calls.get(timeout=wait)()
            except queue.Empty:
                pass
        self._release()

    def _follow(self) -> None:
        """Read the jobs once. Raises ProblemError where the backend does not answer."""
        if self._client is None:
            client = connection.attach()
            if client is None:
                return
            self._use(client)
        client = self._client
        assert client is not None
        now = time.monotonic()
        if now - self._lease_time >= LEASE_SECONDS or self._lease_time == 0.0:
            client.renew_lease(self.settings.client_id)
            self.status = replace(self.status, machine=client.machine())
            self._lease_time = now
        jobs = tuple(self._without_stale_time(job) for job in client.jobs())
        failed = next((job for job in jobs if job.problem and self._was_running(job)), None)
        self._remember_jobs(jobs)
        self.status = self._without_old_problem(replace(self.status, state=BackendState.RUNNING, jobs=jobs))
        if failed is not None and failed.problem is not None:
            self._failure = failed.problem
            self.show_problem(failed.problem, failed.id)

    def _without_stale_time(self, job: JobStatus) -> JobStatus:
        """Return the job without a time left where no progress came for a while."""
        if job.state.ended:
            self._moved.pop(job.id, None)
            return job
        progress, now = (job.number, job.fraction, job.message), time.monotonic()
        last, since = self._moved.get(job.id, ((), now))
        if progress != last:
            self._moved[job.id] = (progress, now)
            return job
        return job if now - since < STALE_SECONDS else replace(job, seconds_left=None)

    def _without_old_problem(self, status: BackendStatus) -> BackendStatus:
        """Return the status without a loss that is over, and without the problem of a job that goes on or is done."""
        job = status.job(status.problem_job)
        lost, self._loss = status.problem is not None and status.problem == self._loss, None
        if job is not None and job.problem is not None and lost:
            self._failure = job.problem  # the backend had really ended
            return replace(status, problem=job.problem)
        goes_on = job is not None and job.problem is None and status.problem == self._failure
        return replace(status, problem=None, problem_job="") if lost or goes_on else status

    def _remember_jobs(self, jobs: tuple[JobStatus, ...]) -> None:
        """Keep the ids of the jobs for a Blender that starts while no backend runs."""
        known = tuple(job.id for job in jobs)
        if known != self.status.known_jobs:
            self.status = replace(self.status, known_jobs=known)
            with suppress(OSError):
                self.settings.log.parent.mkdir(parents=True, exist_ok=True)
                _known_file(self.settings).write_text("\n".join(known), encoding="utf-8")

    def _was_running(self, job: JobStatus) -> bool:
        before = self.status.job(job.id)
        return job.state is JobState.FAILED and before is not None and not before.state.ended

    def _handle_loss(self, problem: Problem) -> None:
        if problem.action is not Action.START_BACKEND:
            if problem != self.status.problem:
                self.status = replace(self.status, state=BackendState.UNUSABLE, problem=problem, problem_job="")
            self._disconnect()
            return
        if self._answers_again():
            return
        active = self.status.active
        code = self._process.poll() if self._process else None
        if not active:
            self.status = replace(self.status, state=BackendState.STOPPED)
            return
        how = f" (code {code})" if code else ""
        lives = code is None and is_alive(self._pid)
        cause = "the backend does not answer" if lives else f"the backend stopped{how} during the job {active[0].name}"
        remedy = "wait, its jobs go on; or restart it" if lives else "restart it and retry; finished stages are kept"
        self._loss = Problem(Kind.MISSING_RESOURCE, cause, remedy, Action.START_BACKEND)
        jobs = self.status.jobs
        if not lives:
            jobs = tuple(job if job.state.ended else replace(job, state=JobState.FAILED, problem=self._loss) for job in jobs)
        self.status = replace(self.status, state=BackendState.LOST, jobs=jobs, problem=self._loss, problem_job=active[0].id)

    def _answers_again(self) -> bool:
        """Try once more on a new connection: one slow or broken answer does not mean that the backend has ended."""
        self._disconnect()
        try:
            client = connection.attach()
        except ProblemError:
            return False
        if client is not None:
            self._use(client)
        return client is not None

    def _release(self) -> None:
        if self._client is None:
            return
        with suppress(ProblemError):  # the lease expires by itself
            self._client.release_lease(self.settings.client_id)
        self._disconnect()


def _known_file(settings: BackendSettings) -> Path:
    return settings.log.with_name(KNOWN_FILE)


def _known_jobs(settings: BackendSettings) -> tuple[str, ...]:
    try:
        return tuple(_known_file(settings).read_text(encoding="utf-8").split())
    except OSError:
        return ()
