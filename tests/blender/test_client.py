"""The client of the backend: jobs that it does not know are named, whatever the answer was."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

Part = Callable[[str], ModuleType]


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers as the backend does for a job that is not there, and for a path that leads nowhere."""

    def do_GET(self) -> None:
        words = "there is no such job" if self.path.count("/") == 3 else "Not Found"
        body = json.dumps({"kind": "bad_input", "cause": words, "remedy": "", "action": "", "option": ""}).encode()
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def client(part: Part) -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    runtime = part("backend.grotto.contract").Runtime(
        product="grotto", version="1", protocol=1, url=f"http://127.0.0.1:{server.server_port}", token="t", pid=1
    )
    yield part("addon.backend.client").BackendClient(runtime)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("call", ["job", "cancel", "retry"])
@pytest.mark.parametrize(
    ("job_id", "said"), [("0000", "no job '0000'"), ("a/b", "no job 'a/b'"), ("", "No job is named"), (" ", "No job")]
)
def test_a_wrong_id_is_named(client: Any, part: Part, call: str, job_id: str, said: str) -> None:
    with pytest.raises(part("backend.grotto.contract").ProblemError, match=said) as refused:
        getattr(client, call)(job_id)
    assert refused.value.problem.kind == "bad_input"


def test_the_machine_is_read_from_any_health(part: Part) -> None:
    machine = part("addon.backend.client").Machine
    assert machine.from_health({"engines": {"cpu": "2 processors"}, "memory_free_mb": 20_600}).line == "CPU, 20 GB free"
    assert machine.from_health({"engines": {"cpu": "2", "cuda": "available"}, "memory_free_mb": 9_000}).line == "CUDA, 9 GB free"
    assert machine.from_health({}).line == "CPU"
