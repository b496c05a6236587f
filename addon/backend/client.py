"""Client of the backend's HTTP interface. A call may wait, so with windows open only threads make calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...backend.grotto.contract import (
    Action,
    JobState,
    Kind,
    Problem,
    ProblemError,
    Runtime,
    bad_input,
    bug,
    missing_resource,
)
from ..names import name_of_input

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0
NOT_FOUND = 404


@dataclass(frozen=True)
class JobStatus:
    """The latest state of a job, as the backend reports it."""

    id: str
    recipe: str
    state: JobState
    input: str
    out: str
    title: str = ""
    number: int = 0
    count: int = 0
    fraction: float = 0.0
    message: str = ""
    seconds_left: float | None = None
    preview: str = ""  # relative to `out`
    problem: Problem | None = None
    stamp: str = ""
    notes: tuple[str, ...] = ()  # for the user, in the order in which they came
    created: float = 0.0  # seconds since the epoch

    @property
    def name(self) -> str:
        """The name shown for the job."""
        return name_of_input(self.input) or self.id

    @property
    def stage_line(self) -> str:
        """ "3/11 Matching photos", or the state where no stage runs."""
        if self.state is JobState.RUNNING and self.title:
            return f"{self.number}/{self.count} {self.title}"
        return str(self.state).capitalize()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> JobStatus:
        """Build from the backend's JSON. Raises KeyError or ValueError where it has another form."""
        problem = data.get("problem")
        return cls(
            id=str(data["id"]),
            recipe=data["recipe"],
            state=JobState(data["state"]),
            input=data["input"],
            out=data["out"],
            title=data.get("title") or "",
            number=data.get("number") or 0,
            count=data.get("count") or 0,
            fraction=data.get("fraction") or 0.0,
            message=data.get("message") or "",
            seconds_left=data.get("seconds_left"),
            preview=data.get("preview") or "",
            problem=Problem.from_json(problem) if problem else None,
            stamp=data.get("stamp") or "",
            notes=tuple(data.get("notes") or ()),
            created=float(data.get("created") or 0.0),
        )


@dataclass(frozen=True)
class Machine:
    """What the backend computes with."""

    has_cuda: bool = False
    free_gb: int = 0  # memory; 0 where the backend does not say

    @classmethod
    def from_health(cls, health: dict[str, Any]) -> Machine:
        """Read the engines and the free memory of the answer to `health`."""
        engines, free_mb = health.get("engines"), health.get("memory_free_mb")
        free_gb = round(free_mb / 1024) if isinstance(free_mb, int) else 0
        return cls(has_cuda=isinstance(engines, dict) and "cuda" in engines, free_gb=free_gb)

    @property
    def line(self) -> str:
        """ "CPU, 20 GB free"."""
        device = "CUDA" if self.has_cuda else "CPU"
        return f"{device}, {self.free_gb} GB free" if self.free_gb else device


class RefusedError(ProblemError):
    """The backend refused a call; `status` is that of HTTP."""

    def __init__(self, problem: Problem, status: int) -> None:
        super().__init__(problem)
        self.status = status


def unknown_job(job_id: str) -> ProblemError:
    return bad_input(f"there is no job {job_id!r}", "give the id of a job in the list of jobs", Action.NONE)


def backend_unreachable() -> ProblemError:
    return missing_resource("the backend does not answer", "start it again; finished stages are kept", Action.START_BACKEND)


def _requests() -> Any:
    try:
        import requests
    except ModuleNotFoundError as error:
        raise missing_resource(
            "this Blender comes without the Python package requests",
            "install it (Debian: python3-requests), or install Blender from blender.org",
        ) from error
    return requests


class BackendClient:
    """Calls to one backend. Every call has a time limit and raises ProblemError. Use one client for each thread.

    `trust_env` is off: the backend is on this machine, and proxies of the environment must not get its requests.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._session: requests.Session = _requests().Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {runtime.token}"

    def close(self) -> None:
        self._session.close()

    def _call(self, method: str, path: str, body: Any = None, *, seconds: float = READ_SECONDS) -> Any:
        requests = _requests()
        try:
            answer = self._session.request(
                method, f"{self.runtime.url}/v1/{path}", json=body, timeout=(CONNECT_SECONDS, seconds), allow_redirects=False
            )
        except requests.RequestException as error:
            raise backend_unreachable() from error
        if answer.status_code < 300:
            return answer.json() if answer.content else None
        raise RefusedError(_problem_in(answer), answer.status_code)

    def health(self) -> dict[str, Any]:
        """Return the description of the program at this address, which may be any program."""
        answer = self._call("GET", "health", seconds=CONNECT_SECONDS)
        return answer if isinstance(answer, dict) else {}

    def machine(self) -> Machine:
        """Return what the backend computes with."""
        return Machine.from_health(self.health())

    def submit(self, recipe: str, source: str, options: dict[str, Any], out: str = "") -> JobStatus:
        """Submit a job. `options` is nested; with an empty `out` the backend chooses the job folder."""
        body: dict[str, Any] = {"input": source, "options": options}
        if out:
            body["out"] = out
        return self._job(self._call("POST", f"jobs/{recipe}", body))

    def jobs(self) -> tuple[JobStatus, ...]:
        """Return all jobs of the backend, newest first."""
        answer = self._call("GET", "jobs")
        return tuple(self._job(item) for item in answer["jobs"])

    def job(self, job_id: str) -> JobStatus:
        return self._job(self._call_of("GET", job_id))

    def cancel(self, job_id: str) -> None:
        self._call_of("POST", job_id, "/cancel")

    def retry(self, job_id: str, *, redo: bool = False) -> None:
        """Run a job again. Finished stages are kept; with `redo`, those that another version made are made anew."""
        self._call_of("POST", job_id, "/retry", {"redo": True} if redo else None)

    def events(self, job_id: str, after: int) -> dict[str, Any]:
        """Return the events since number `after`: {"events": [...], "next": N, "state": ...}."""
        answer: dict[str, Any] = self._call_of("GET", job_id, f"/events.json?after={after}")
        return answer

    def estimate(self, recipe: str, source: str, options: dict[str, Any]) -> dict[str, Any]:
        """Return about how long a job would take and how much memory: see `server/estimates.py`."""
        answer: dict[str, Any] = self._call("POST", f"estimates/{recipe}", {"input": source, "options": options})
        return answer

    def _call_of(self, method: str, job_id: str, rest: str = "", body: Any = None) -> Any:
        """Call for one job. Raises bad input that names the job where the backend does not know it."""
        if not job_id.strip():
            raise bad_input("no job is named", "give the id of a job in the list of jobs", Action.NONE)
        try:
            return self._call(method, f"jobs/{quote(job_id, safe='')}{rest}", body)
        except ProblemError as error:
            if not isinstance(error, RefusedError) or error.status != NOT_FOUND:
                raise
            raise unknown_job(job_id) from error

    def renew_lease(self, client_id: str) -> None:
        """Renew the lease that keeps an idle backend running; to be repeated every ten seconds."""
        self._call("POST", f"clients/{client_id}", seconds=CONNECT_SECONDS)

    def release_lease(self, client_id: str) -> None:
        """Release the lease: an idle backend may stop."""
        self._call("DELETE", f"clients/{client_id}", seconds=1.0)

    def shut_down(self, *, force: bool) -> None:
        """Stop the backend; without `force` the call fails while a job runs."""
        self._call("POST", "shutdown", {"force": force})

    def _job(self, data: Any) -> JobStatus:
        try:
            return JobStatus.from_json(data)
        except (KeyError, ValueError, TypeError) as error:
            raise bug(f"the backend reported a job in an unknown form ({error})") from error


def _problem_in(answer: requests.Response) -> Problem:
    try:
        return Problem.from_json(answer.json())
    except (ValueError, KeyError, AttributeError, TypeError):
        return Problem(
            Kind.BUG, f"the backend answered {answer.status_code}", "open the log, and send it with your report", Action.OPEN_LOG
        )
