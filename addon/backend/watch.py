"""The watch: the one thread that talks to the backend while Blender has windows. Nothing of Blender is touched here.

The main thread asks (and gets a Future), and reads the latest `View`, an immutable value that the thread replaces.
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
from typing import TypeVar

from ...backend.grotto.contract import Action, JobState, Kind, Problem, ProblemError
from . import reach as backend
from .client import Client, Job
from .reach import BackendSettings, BackendState

T = TypeVar("T")

BUSY_SECONDS = 0.5
IDLE_SECONDS = 2.0
LEASE_SECONDS = 10.0


@dataclass(frozen=True)
class View:
    """What the panels show."""

    state: BackendState = BackendState.STOPPED
    version: str = ""
    jobs: tuple[Job, ...] = ()
    problem: Problem | None = None
    problem_job: str = ""  # id of the job that the problem is about, "" where it is about the backend

    def job(self, job_id: str) -> Job | None:
        return next((job for job in self.jobs if job.id == job_id), None)

    @property
    def active(self) -> tuple[Job, ...]:
        return tuple(job for job in self.jobs if not job.state.ended)


class Watch:
    """Attaches to a backend whenever one runs, renews the lease, follows the jobs, and does what is asked."""

    def __init__(self, settings: BackendSettings) -> None:
        self.settings = settings  # replaced by the main thread when the preferences change
        self.view = View()
        self._asked: queue.Queue[Callable[[], None]] = queue.Queue()
        self._stopping = threading.Event()
        self._client: Client | None = None
        self._process: subprocess.Popen[str] | None = None
        self._lease_time = 0.0
        self._thread = threading.Thread(target=self._run, name="grotto-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 3.0) -> None:
        """Release the lease and end the thread."""
        self._stopping.set()
        self._asked.put(lambda: None)
        if self._thread.is_alive():
            self._thread.join(seconds)

    def dismiss(self) -> None:
        """Take the problem off the panel."""
        self.view = replace(self.view, problem=None, problem_job="")

    def show_problem(self, problem: Problem, job_id: str = "") -> None:
        self.view = replace(self.view, problem=problem, problem_job=job_id)

    def ask(self, action: Callable[[Client], T], *, start: bool = False) -> Future[T]:
        """Do something with the backend on the watch's thread; `start` starts one where none runs."""
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

        self._asked.put(perform)
        return future

    def ask_start(self) -> Future[None]:
        return self.ask(lambda client: None, start=True)

    def ask_stop(self, *, force: bool) -> Future[None]:
        """End the backend; the future is done when it has gone."""

        def end(client: Client) -> None:
            backend.stop(client, force=force)
            self._leave()
            self.view = replace(self.view, state=BackendState.STOPPED, jobs=(), problem=None, problem_job="")

        return self.ask(end)

    def _reach(self, start: bool) -> Client:
        """The client; attaches or starts first. Keeps the problem for the panel."""
        if self._client is not None:
            return self._client
        if start:
            self.view = replace(self.view, state=BackendState.STARTING, problem=None, problem_job="")
        try:
            client, process = self._start_or_attach(start)
        except ProblemError as error:
            self.view = replace(self.view, state=BackendState.UNUSABLE, problem=error.problem, problem_job="")
            raise
        self._process = process or self._process
        self._enter(client)
        return client

    def _start_or_attach(self, start: bool) -> tuple[Client, subprocess.Popen[str] | None]:
        if start:
            return backend.ensure(self.settings, stopped=self._stopping.is_set)
        client = backend.attach()
        if client is None:
            raise ProblemError(
                Problem(Kind.MISSING_RESOURCE, "the backend is not running", "start it first", Action.START_BACKEND)
            )
        return client, None

    def _enter(self, client: Client) -> None:
        self._client = client
        self._lease_time = 0.0
        self.view = replace(self.view, state=BackendState.RUNNING, version=client.runtime.version)

    def _leave(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except ProblemError as error:
                self._lost(error.problem)
            try:
                wait = BUSY_SECONDS if self.view.active and self._client else IDLE_SECONDS
                self._asked.get(timeout=wait)()
            except queue.Empty:
                pass
        self._release()

    def _follow(self) -> None:
        """One look at the backend. Raises ProblemError where it is gone."""
        if self._client is None:
            client = backend.attach()
            if client is None:
                return
            self._enter(client)
        client = self._client
        assert client is not None
        now = time.monotonic()
        if now - self._lease_time >= LEASE_SECONDS or self._lease_time == 0.0:
            client.renew_lease(self.settings.client_id)
            self._lease_time = now
        jobs = client.jobs()
        failed = next((job for job in jobs if job.problem and self._was_running(job)), None)
        self.view = replace(self.view, state=BackendState.RUNNING, jobs=jobs)
        if failed is not None and failed.problem is not None:
            self.show_problem(failed.problem, failed.id)

    def _was_running(self, job: Job) -> bool:
        before = self.view.job(job.id)
        return job.state is JobState.FAILED and before is not None and not before.state.ended

    def _lost(self, problem: Problem) -> None:
        if problem.action is not Action.START_BACKEND:
            if problem != self.view.problem:
                self.view = replace(self.view, state=BackendState.UNUSABLE, problem=problem, problem_job="")
            self._leave()
            return
        if self._answers_after_all():
            return
        active = self.view.active
        code = self._process.poll() if self._process else None
        if not active:
            self.view = replace(self.view, state=BackendState.STOPPED)
            return
        how = f" (code {code})" if code else ""
        said = Problem(
            Kind.MISSING_RESOURCE,
            f"the backend stopped{how} while {active[0].name} was being made",
            "restart it and retry: finished stages are kept",
            Action.START_BACKEND,
        )
        stopped = tuple(job if job.state.ended else replace(job, state=JobState.FAILED, problem=said) for job in self.view.jobs)
        self.view = replace(self.view, state=BackendState.LOST, jobs=stopped, problem=said, problem_job=active[0].id)

    def _answers_after_all(self) -> bool:
        """One slow or broken answer is not the end: ask once more on a new connection."""
        self._leave()
        try:
            client = backend.attach()
        except ProblemError:
            return False
        if client is not None:
            self._enter(client)
        return client is not None

    def _release(self) -> None:
        if self._client is None:
            return
        with suppress(ProblemError):  # the lease ends by itself
            self._client.release_lease(self.settings.client_id)
        self._leave()
