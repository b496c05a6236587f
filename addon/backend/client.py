"""Client of the backend's HTTP interface. A call may wait, so with windows open only threads make calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...backend.grotto.contract import Action, JobState, Kind, Problem, ProblemError, Runtime, bug, missing_resource
from ..names import name_of_input

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0


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
        )


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
        raise ProblemError(_problem_in(answer))

    def health(self) -> dict[str, Any]:
        """Return the description of the program at this address, which may be any program."""
        answer = self._call("GET", "health", seconds=CONNECT_SECONDS)
        return answer if isinstance(answer, dict) else {}

    def has_cuda(self) -> bool:
        """Whether the backend can use a CUDA GPU."""
        engines = self.health().get("engines")
        return isinstance(engines, dict) and "cuda" in engines

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
        return self._job(self._call("GET", f"jobs/{job_id}"))

    def cancel(self, job_id: str) -> None:
        self._call("POST", f"jobs/{job_id}/cancel")

    def retry(self, job_id: str, *, redo: bool = False) -> None:
        """Run a job again. Finished stages are kept; with `redo`, those that another version made are made anew."""
        self._call("POST", f"jobs/{job_id}/retry", {"redo": True} if redo else None)

    def events(self, job_id: str, after: int) -> dict[str, Any]:
        """Return the events since number `after`: {"events": [...], "next": N, "state": ...}."""
        answer: dict[str, Any] = self._call("GET", f"jobs/{job_id}/events.json?after={after}")
        return answer

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
