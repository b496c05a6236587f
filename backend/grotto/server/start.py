"""Starting the backend: a port of the kernel's choice, a new token, one line that says where it is."""

from __future__ import annotations

import importlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from ..contract import (
    EXIT_DONE,
    PRODUCT,
    PROTOCOL,
    VERSION,
    Runtime,
    missing_resource,
    read_runtime,
    runtime_path,
    speaks_our_protocol,
    write_runtime,
)
from ..recipes import Entry
from ..runner import FileLock
from .backend import Backend
from .client import answers
from .history import Store
from .leases import Leases
from .queue import JobQueue

if TYPE_CHECKING:
    from fastapi import FastAPI

_ASK_SECONDS = 0.5
_BACKLOG = 512  # connections that the kernel holds until they are accepted


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """How to serve."""

    workers: int = 1  # jobs at a time
    stop_when_idle: bool = False  # end when no client and no job is left
    new: bool = False  # start a second backend even where one lives


def state_folder() -> Path:
    """Where queue, history and results without a folder of their own are kept; GROTTO_STATE names another place."""
    named = os.environ.get("GROTTO_STATE")
    return Path(named) if named else Path(platformdirs.user_state_dir(PRODUCT, appauthor=False))


def serve(options: ServeOptions, recipes: Mapping[str, Entry]) -> int:
    """Serve until told to stop; prints where on one line. Raises ProblemError where it cannot start."""
    from .connections import allow_many_handles  # loads uvicorn, a second's work

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    allow_many_handles()
    address = runtime_path()
    try:
        address.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(address.with_name(address.name + ".lock")):  # two started at once: the second finds the first
            if not options.new and (living := living_backend()) is not None:
                _say(living)
                return EXIT_DONE
            _load_web()
            folder, lock = _own_state()
            door = _open_door()
            url = f"http://127.0.0.1:{door.getsockname()[1]}"
            runtime = Runtime(PRODUCT, VERSION, PROTOCOL, url, secrets.token_urlsafe(32), os.getpid())
            write_runtime(runtime)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise missing_resource(
            f"the backend cannot write {error.filename or address} ({reason})",
            "name other places with GROTTO_RUNTIME and GROTTO_STATE",
        ) from error
    try:
        _answer(runtime, door, folder, options, recipes)
    finally:
        if read_runtime() == runtime:
            address.unlink(missing_ok=True)
        lock.release()
    return EXIT_DONE


def _load_web() -> None:
    """Load what answering takes, a second's work, before the runtime file says that somebody answers."""
    for name in ("uvicorn", f"{__package__}.app"):
        importlib.import_module(name)


def _answer(runtime: Runtime, door: socket.socket, folder: Path, options: ServeOptions, recipes: Mapping[str, Entry]) -> None:
    """Answer requests until a signal, a client or idleness ends it; jobs that run are interrupted then."""
    import uvicorn

    from .connections import Limits, limited_protocol

    store = Store(folder / "jobs.db")
    jobs = JobQueue(store, recipes, folder / "jobs", options.workers)
    leases = Leases()

    def stop() -> None:
        server.should_exit = True

    backend = Backend(jobs=jobs, leases=leases, recipes=recipes, stop=stop, stopping=lambda: server.should_exit)
    app = make_app(backend, runtime.token, door.getsockname()[1])
    config = uvicorn.Config(
        app,
        http=limited_protocol(runtime.token, Limits()),
        log_level="warning",
        access_log=False,
        ws="none",
        backlog=_BACKLOG,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    jobs.start()
    if options.stop_when_idle:
        threading.Thread(target=_watch, args=(backend,), name="idle watch", daemon=True).start()
    # Uvicorn raises the signals it took once more at its end: these keep that from ending us before we have tidied up.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _number, _frame: stop())
    _say(runtime)
    try:
        server.run(sockets=[door])
    finally:
        jobs.close()
        store.close()


def _open_door() -> socket.socket:
    """A listening socket on a port of the kernel's choice.

    It names its protocol: asyncio sends small answers at once (TCP_NODELAY) only on sockets that do, and every answer would
    wait 40 ms for an acknowledgement else.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        door.bind(("127.0.0.1", 0))
        door.listen(_BACKLOG)
    except OSError:
        door.close()
        raise
    return door


def make_app(backend: Backend, token: str, port: int) -> FastAPI:
    """The HTTP interface, guarded for its port and token. FastAPI is loaded only now: `grotto jobs` starts without it."""
    from .app import guarded_app

    return guarded_app(backend, token, port)


def _watch(backend: Backend) -> None:
    while not backend.leases.may_stop(backend.jobs.busy()):
        time.sleep(_ASK_SECONDS)
    backend.stop()


def _own_state() -> tuple[Path, FileLock]:
    """A state folder that no other living backend uses: the usual one, or a numbered one beside backends that live."""
    usual = state_folder()
    for number in range(1, 100):
        folder = usual if number == 1 else usual / f"beside-{number}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / "server.lock")
        if lock.acquire():
            return folder, lock
    raise missing_resource("a hundred backends are running", "stop some of them")


def living_backend() -> Runtime | None:
    """The backend of the runtime file, where it answers and speaks our protocol."""
    runtime = read_runtime()
    return runtime if runtime is not None and speaks_our_protocol(runtime) and answers(runtime) else None


def _say(runtime: Runtime) -> None:
    sys.stdout.write(json.dumps(asdict(runtime)) + "\n")
    sys.stdout.flush()
