"""The HTTP interface, version 1: what a client may ask, and the words in which it is refused."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from pydantic import ConfigDict, Strict, StringConstraints, create_model
from starlette.exceptions import HTTPException

from ..contract import PRODUCT, PROTOCOL, VERSION, Problem, ProblemError, bad_input, bug
from ..contract.recipes import to_nested
from ..recipes import Entry
from .backend import Backend
from .estimates import estimate
from .event_lines import EventLines
from .guard import Guard
from .job_files import job_file
from .leases import LEASE_SECONDS, RENEW_SECONDS
from .quick import QuickStatus
from .refusal import Refusal, status_of

_POLL_SECONDS = 0.15
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")  # pydantic's errors for names that no option has
_BREATH_SECONDS = 10.0  # a stream that says nothing sends a comment, so that a lost client is noticed

ClientName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
UsersPath = Annotated[str, Strict(), StringConstraints(max_length=4096)]
Seen = Annotated[int, Query(ge=0, description="How many lines of the job's events the client has seen")]


class PlainJSON(JSONResponse):
    """JSON in ASCII: names of files that are not UTF-8 on the user's disk come through as escapes."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False).encode("ascii")


def guarded_app(backend: Backend, token: str, port: int) -> FastAPI:
    """The application, guarded for its port and token."""
    app = FastAPI(
        title=PRODUCT,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        default_response_class=PlainJSON,
    )
    app.add_middleware(QuickStatus, told=backend.jobs.json_of)
    app.add_middleware(Guard, token=token, port=port)
    _add_words(app)
    _add_life(app, backend)
    for recipe, entry in backend.recipes.items():
        _add_recipe(app, backend, recipe, entry)
    _add_jobs(app, backend)
    _add_events(app, backend)
    return app


def _add_life(app: FastAPI, backend: Backend) -> None:
    @app.get("/v1/health")
    async def health() -> Response:
        """Whether the backend lives and what it can do; the only answer without a token, and nothing private in it."""
        said = {
            "product": PRODUCT,
            "version": VERSION,
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "jobs": backend.jobs.counts(),
            **backend.machine.said(),
        }
        return PlainJSON(said)

    @app.post("/v1/clients/{client}")
    def renew(client: ClientName) -> dict[str, float]:
        """Say that a client is there; to be said again before the lease ends."""
        backend.leases.renew(client)
        return {"lease_seconds": LEASE_SECONDS, "renew_seconds": RENEW_SECONDS}

    @app.delete("/v1/clients/{client}")
    def leave(client: ClientName) -> dict[str, int]:
        """Say that a client has left."""
        backend.leases.drop(client)
        return {"clients": backend.leases.count()}

    @app.post("/v1/shutdown")
    def shutdown(force: Annotated[bool, Body(embed=True, strict=True)] = False) -> dict[str, bool]:
        """End the backend. A running job is interrupted only by force; retry goes on from its finished stages."""
        if backend.jobs.running() and not force:
            raise Refusal(409, "a job is running", "cancel it first, or stop the backend by force")
        backend.stop()
        return {"stopping": True}


def _add_recipe(app: FastAPI, backend: Backend, recipe: str, entry: Entry) -> None:
    body = create_model(
        f"Submit{recipe.title()}",
        __config__=ConfigDict(extra="forbid"),
        input=(UsersPath, ...),
        out=(UsersPath | None, None),
        options=(entry.options, entry.options()),
        redo=(Annotated[bool, Strict()], False),
    )

    def submit(asked: Any) -> dict[str, Any]:
        """Queue a job. `input` and `out` are absolute paths; without `out` the backend keeps the result.

        Finished stages in `out` are kept; with `redo`, those that another version made are done again.
        """
        return backend.jobs.submit(recipe, asked.input, asked.out, to_nested(asked.options), asked.redo).as_json()

    def forecast(asked: Any) -> dict[str, int]:
        """About how long such a job takes and how much memory; {} where nobody knows. Nothing is started."""
        expected = estimate(entry, Path(asked.input), asked.options, backend.jobs.of_recipe(recipe))
        return expected.as_json() if expected is not None else {}

    for function in (submit, forecast):
        function.__annotations__["asked"] = body  # the declaration of the recipe's options is the schema
    app.post(f"/v1/jobs/{recipe}", status_code=201)(submit)
    app.post(f"/v1/estimates/{recipe}")(forecast)


def _add_jobs(app: FastAPI, backend: Backend) -> None:
    @app.get("/v1/jobs")
    async def jobs(ended: Annotated[int, Query(ge=0, le=10_000)] = 100) -> Response:
        """Newest first: all jobs that wait or run, and the last `ended` of those that do not."""
        return _json(b'{"jobs": [' + b", ".join(backend.jobs.list(ended)) + b"]}")

    @app.get("/v1/jobs/{name}")
    async def job(name: str) -> Response:
        return _json(backend.jobs.told(name).json)

    @app.post("/v1/jobs/{name}/cancel")
    def cancel(name: str) -> dict[str, Any]:
        return backend.jobs.cancel(name).as_json()

    @app.post("/v1/jobs/{name}/retry")
    def retry(name: str, redo: Annotated[bool, Body(embed=True, strict=True)] = False) -> dict[str, Any]:
        """Queue a failed or cancelled job again. Finished stages are kept; with `redo`, those of another version are not."""
        return backend.jobs.retry(name, redo).as_json()

    @app.get("/v1/jobs/{name}/result")
    def result(name: str) -> FileResponse:
        """result.json of a job that is done."""
        found = backend.jobs.get(name)
        if found.state != "done":
            raise Refusal(409, f"job {name} is {found.state}", "ask again when it is done")
        return FileResponse(job_file(Path(found.out), "result.json"), media_type="application/json")

    @app.get("/v1/jobs/{name}/files/{path:path}")
    def files(name: str, path: str) -> FileResponse:
        """A file of the job's folder, by its path in the result."""
        return FileResponse(job_file(Path(backend.jobs.get(name).out), path))


def _add_events(app: FastAPI, backend: Backend) -> None:
    @app.get("/v1/jobs/{name}/events.json")
    def events_once(name: str, after: Seen = 0) -> dict[str, Any]:
        """The events after the first `after` lines; ask again with `after` = `next`."""
        state = backend.jobs.told(name).state  # before the lines, so that an ended job's lines are all there
        events, seen = backend.events(name).after(after)
        return {"events": [event for _, event in events], "next": seen, "state": state}

    @app.get("/v1/jobs/{name}/events")
    async def events(name: str, after: Seen = 0) -> StreamingResponse:
        """The same as a stream of server-sent events whose ids are values for `after`; it ends with the job."""
        lines = backend.events(name)
        return StreamingResponse(_stream(backend, name, lines, after), media_type="text/event-stream")


async def _stream(backend: Backend, name: str, lines: EventLines, seen: int) -> AsyncIterator[str]:
    silent = 0.0
    while not backend.stopping():
        ended = backend.jobs.told(name).state.ended
        events, next_seen = await asyncio.to_thread(lines.after, seen)
        for number, event in events:
            yield f"id: {number}\ndata: {json.dumps(event)}\n\n"
        if ended and next_seen == seen:
            return
        silent = 0.0 if events else silent + _POLL_SECONDS
        if silent >= _BREATH_SECONDS:
            silent = 0.0
            yield ": still here\n\n"
        if next_seen == seen:
            await asyncio.sleep(_POLL_SECONDS)
        seen = next_seen


def _add_words(app: FastAPI) -> None:
    """Every refusal is a problem in plain words; what the client sent is never echoed."""

    @app.exception_handler(ProblemError)
    def problem(_request: Request, error: ProblemError) -> JSONResponse:
        return _answer(status_of(error), error.problem)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "body")[:100] or "the request"
        cause = f"the value of {place} cannot be taken ({_lower(first['msg'])})"
        of_option = first["loc"][:2] == ("body", "options") and first["type"] not in _UNKNOWN
        named = str(first["loc"][-1]) if of_option else ""
        return _answer(422, bad_input(cause, "see the list of options", option=named).problem)

    @app.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        return _answer(error.status_code, bad_input(_lower(str(error.detail)), "").problem)

    @app.exception_handler(Exception)
    def failed(_request: Request, error: Exception) -> JSONResponse:
        return _answer(500, bug(f"the backend met an error of ours ({type(error).__name__})").problem)


def _json(text: bytes) -> Response:
    return Response(text, media_type="application/json")


def _answer(status: int, problem: Problem) -> JSONResponse:
    return PlainJSON(problem.as_json(), status_code=status)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
