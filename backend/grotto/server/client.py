"""A client of the running backend for the command line. Proxies are never asked: the backend is on this machine."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from ..contract import PRODUCT, Action, Problem, ProblemError, Runtime, missing_resource, read_runtime, speaks_our_protocol

_SECONDS = 10.0


class Client:
    """Calls the backend of the runtime file. Raises ProblemError in plain words, its own or the backend's."""

    def __init__(self) -> None:
        runtime = read_runtime()
        if runtime is None:
            raise _not_running()
        if not speaks_our_protocol(runtime):
            raise missing_resource(
                f"the running backend is Grotto {runtime.version}, which speaks another protocol",
                "stop it, and start this one with `grotto serve`",
                Action.START_BACKEND,
            )
        self._runtime = runtime

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The JSON answer of /v1/`path`."""
        try:
            return _call(self._runtime, method, path, body)
        except urllib.error.HTTPError as error:
            raise ProblemError(Problem.from_json(json.loads(error.read()))) from error
        except (OSError, ValueError) as error:
            raise _not_running() from error


def answers(runtime: Runtime) -> bool:
    """Whether the backend at this address lives and is the one that wrote it."""
    try:
        said = _call(runtime, "GET", "health", None)
    except (OSError, ValueError):
        return False
    return said.get("product") == PRODUCT and said.get("pid") == runtime.pid


def _call(runtime: Runtime, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {runtime.token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{runtime.url}/v1/{path}", data=data, headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_SECONDS) as answer:
        return json.loads(answer.read())


def _not_running() -> ProblemError:
    return missing_resource("no backend is running", "start one with `grotto serve`", Action.START_BACKEND)
