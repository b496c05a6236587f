"""A backend in a process of its own, to be attacked, and the client that watches it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import cv2
import numpy as np
import psutil

from ...contract import bug
from ...contract.recipes import ELEMENT_QUALITIES, to_nested
from ...runner import start_watched

T = TypeVar("T")
START_SECONDS = 120.0  # busy machines take long to import


class Victim:
    """`grotto serve` with its state in `folder`. Ends with the `with` block, whatever was done to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        own = {"GROTTO_STATE": str(folder / "state"), "GROTTO_RUNTIME": str(folder / "runtime" / "backend.json")}
        with (folder / "server.log").open("ab") as log:
            self.process = start_watched(  # a bench that is killed leaves no backend behind
                [sys.executable, "-m", "grotto", "serve"],
                env={**os.environ, **own},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.runtime: dict[str, Any] = json.loads(line) if line else {}  # empty where it refused to start

    def __enter__(self) -> Victim:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    @property
    def port(self) -> int:
        """The port it listens to."""
        return int(self.runtime["url"].rpartition(":")[2])

    @property
    def bearer(self) -> str:
        """The header that shows the token."""
        return f"Bearer {self.runtime['token']}"

    def connect(self, seconds: float = 30.0) -> http.client.HTTPConnection:
        """A connection that stays open for several requests."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, seconds: float = 30.0
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer, over a connection of its own."""
        with contextlib.closing(self.connect(seconds)) as connection:
            headers = {"Authorization": self.bearer, "Content-Type": "application/json"}
            connection.request(method, f"/v1/{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def submit(self, source: Path, out: Path | None = None, recipe: str = "element", **body: Any) -> dict[str, Any]:
        """Queue a draft job of a small picture, or another."""
        options = body.pop("options", SMALL_ELEMENT)
        place = {} if out is None else {"out": str(out)}
        status, said = self.ask("POST", f"jobs/{recipe}", {"input": str(source), "options": options, **place, **body})
        if status != 201:
            raise bug(f"a job was refused ({said.get('cause')})")
        return said

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs, the newest first."""
        return list(self.ask("GET", "jobs?ended=10000")[1]["jobs"])

    def job(self, name: str) -> dict[str, Any]:
        """A job as it is now."""
        return self.ask("GET", f"jobs/{name}")[1]

    def workers(self) -> list[psutil.Process]:
        """The worker processes that live below it."""
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
            return [child for child in children if "grotto.runner.worker" in child.cmdline()]
        except psutil.Error:
            return []

    def hold_worker(self) -> psutil.Process:
        """Stop the worker at work, so that further jobs wait behind it."""
        worker = within(START_SECONDS, lambda: next(iter(self.workers()), None))
        if worker is None:
            raise bug("no worker was started")
        worker.suspend()
        return worker

    def kill(self) -> None:
        """End it as `kill -9` does."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


SMALL_ELEMENT = {
    **(draft := to_nested(ELEMENT_QUALITIES["draft"])),
    "budget": {**draft["budget"], "faces": 900},
}


def small_picture(path: Path) -> Path:
    """A painted disc with a tail on white, 120 px."""
    path.parent.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[:120, :120] + 0.5
    inside = (np.hypot(x - 54, y - 60) < 36) | ((np.abs(y - 60) < 6) & (x > 60) & (x < 110))
    paint = np.where((np.sin(x / 6) > 0)[..., None], (50, 80, 150), (30, 50, 180))
    cv2.imwrite(str(path), np.where(inside[..., None], paint, 255).astype(np.uint8))
    return path


def within(seconds: float, condition: Callable[[], T | None]) -> T | None:
    """The first value of `condition` that is not None and not False; None after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value is not None and value is not False:
            return value
        time.sleep(0.02)
    return None


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still runs; one that only waits to be reaped does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
