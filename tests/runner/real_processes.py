"""Real processes for the tests of runner, server and command line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from grotto.contract import EVENTS_FILE, Event, event_from_json

HERE = Path(__file__).resolve().parent
SEARCHED = os.pathsep.join((str(HERE), str(HERE.parents[1] / "backend")))  # the small recipe, and the backend of these tests
GROTTO = [sys.executable, str(HERE / "grotto_with_slow.py")]
STAGES = ("first", "second", "third")


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's: state and runtime file lie in the test's folder. The backend is this checkout's."""
    own = {"GROTTO_STATE": str(folder / "state"), "GROTTO_RUNTIME": str(folder / "runtime" / "backend.json")}
    return {**os.environ, **own, "PYTHONPATH": SEARCHED, "NO_PROXY": "", "http_proxy": "http://127.0.0.1:9"}


def make_source(folder: Path) -> Path:
    source = folder / "source"
    source.mkdir()
    (source / "a.jpg").write_text("one")
    (source / "b.jpg").write_text("two")
    return source


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true value of `condition`; fails after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def workers_of(pid: int) -> list[psutil.Process]:
    """The worker processes below a process."""
    try:
        children = psutil.Process(pid).children(recursive=True)
        return [child for child in children if "grotto.runner.worker" in child.cmdline()]
    except psutil.NoSuchProcess:
        return []


def calls(out: Path) -> list[str]:
    """The stages that really worked in a job folder, in order; see slow_recipe."""
    file = out / "calls.txt"
    return file.read_text().split() if file.exists() else []


def run_grotto(folder: Path, *words: object, seconds: float = 30.0) -> subprocess.CompletedProcess[str]:
    """A command of grotto, to its end."""
    command = [*GROTTO, *map(str, words)]
    return subprocess.run(command, env=environment(folder), capture_output=True, text=True, timeout=seconds, check=False)


def start_grotto(folder: Path, *words: object, **more: Any) -> subprocess.Popen[str]:
    """A command of grotto, running."""
    command = [*GROTTO, *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | more
    return subprocess.Popen(command, env=environment(folder), **pipes)


class Server:
    """A backend in a process of its own."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.log = (folder / "server.log").open("ab")
        self.process = start_grotto(folder, "serve", *flags, stderr=self.log)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (folder / "server.log").read_text()
        self.runtime: dict[str, Any] = json.loads(line)
        self.token = {"Authorization": f"Bearer {self.runtime['token']}"}
        self.http = httpx.Client(base_url=self.runtime["url"] + "/v1", headers=self.token, trust_env=False, timeout=20)

    def submit(self, source: Path, out: Path | None = None, **options: dict[str, Any]) -> dict[str, Any]:
        body = {"input": str(source), "options": options} | ({"out": str(out)} if out else {})
        answer = self.http.post("/jobs/slow", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def job(self, job: dict[str, Any]) -> dict[str, Any]:
        return self.http.get(f"/jobs/{job['id']}").json()

    def wait(self, job: dict[str, Any], state: str, seconds: float = 15.0) -> dict[str, Any]:
        """The job once it is in a state; fails at once where it ended in another."""

        def there() -> dict[str, Any] | None:
            now = self.job(job)
            if now["state"] != state:
                assert now["state"] not in ("done", "failed", "cancelled"), now
                return None
            return now

        return wait_until(there, seconds, f"job {state}")

    def wait_stage(self, job: dict[str, Any], stage: str, seconds: float = 15.0) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            now = self.job(job)
            return now if now["stage"] == stage and now["state"] == "running" else None

        return wait_until(there, seconds, f"stage {stage}")

    def worker(self) -> psutil.Process:
        return wait_until(lambda: workers_of(self.process.pid), 5, "a worker")[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process.stdout.close()
        self.log.close()


def read_lines(folder: Path, after: int = 0) -> list[str]:
    """Whole lines of events.jsonl after the first `after`."""
    file = folder / EVENTS_FILE
    lines = file.read_bytes().split(b"\n")[:-1] if file.is_file() else []
    return [line.decode("utf-8", errors="replace") for line in lines[after:]]


def read_events(folder: Path) -> list[Event]:
    """All events of a job but for lines torn by a kill."""
    events = []
    for line in read_lines(folder):
        with contextlib.suppress(KeyError, ValueError, TypeError, AttributeError):
            events.append(event_from_json(line))
    return events
