import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# The worker processes of these tests import the small recipe by its name, and so do the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runner"))

import real_processes

ACTIVE = ("queued", "running", "cancelling")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return real_processes.make_source(tmp_path)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., real_processes.Server]]:
    """Starts backends in the test's own folder; each start is another process."""
    started: list[real_processes.Server] = []

    def start(*flags: str) -> real_processes.Server:
        started.append(real_processes.Server(tmp_path, *flags))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[real_processes.Server]:
    """One backend for the tests of a module that leave it as it was."""
    folder = tmp_path_factory.mktemp("shared")
    real_processes.make_source(folder)
    server = real_processes.Server(folder)
    yield server
    server.close()


@pytest.fixture
def server(shared: real_processes.Server) -> Iterator[real_processes.Server]:
    """The module's backend, for tests that leave it running; jobs that a test leaves at work are cancelled."""
    yield shared

    def at_work() -> list[str]:
        return [job["id"] for job in shared.http.get("/jobs").json()["jobs"] if job["state"] in ACTIVE]

    for job in at_work():
        shared.http.post(f"/jobs/{job}/cancel")
    real_processes.wait_until(lambda: not at_work(), 10, "an idle backend")
