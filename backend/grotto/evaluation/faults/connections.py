"""Trials of connections without a token: half a request, half a body, very many of them."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from .trial import Trial
from .victim import Victim

_MANY = 1100  # more than a process may usually have open
_CLOSED_SECONDS = 25.0
_HALF_HEAD = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1"
_HALF_BODY = b"POST /v1/jobs/element HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: %s\r\nContent-Length: 1000\r\n\r\n{"


@contextlib.contextmanager
def _opened(victim: Victim, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    doors: list[socket.socket] = []
    try:
        for _ in range(count):
            door = socket.create_connection(("127.0.0.1", victim.port), timeout=20)
            doors.append(door)
            with contextlib.suppress(OSError):  # it was let go already
                door.sendall(said)
        yield doors
    finally:
        for door in doors:
            door.close()


def _is_closed(door: socket.socket) -> bool:
    door.setblocking(False)
    try:
        return door.recv(1000) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _open_after(doors: list[socket.socket], seconds: float) -> int:
    """How many of them are still open then."""
    until = time.monotonic() + seconds
    left = doors
    while left and time.monotonic() < until:
        time.sleep(0.2)
        left = [door for door in left if not _is_closed(door)]
    return len(left)


def many_half_open(folder: Path, _number: int) -> list[str]:
    """1,100 connections that send half a line, and a true client beside them."""
    with Victim(folder) as victim, _opened(victim, _MANY, _HALF_HEAD) as doors:
        began = time.monotonic()
        try:
            status, _ = victim.ask("GET", "jobs", seconds=10)
        except OSError as error:
            return [f"a true client is not answered ({error})"]
        took = time.monotonic() - began
        left = _open_after(doors, _CLOSED_SECONDS)
    log = (folder / "server.log").read_text(errors="replace")
    if status != 200 or left or "Too many open files" in log:
        return [f"a true client got {status} after {took:.1f} s, and {left} half-open connections are left"]
    return [""]


def slow_requests(folder: Path, _number: int) -> list[str]:
    """A head of which a byte comes each second, a body that never ends, an idle connection: each is closed."""
    seen = []
    with Victim(folder) as victim:
        body = _HALF_BODY % (victim.port, victim.bearer.encode())
        for name, said in (("head", _HALF_HEAD), ("body", body), ("nothing", b"")):
            with _opened(victim, 1, said) as (door,):
                until = time.monotonic() + _CLOSED_SECONDS
                closed = False
                while not closed and time.monotonic() < until:
                    time.sleep(0.5)
                    closed = _is_closed(door)
                    with contextlib.suppress(OSError):
                        door.sendall(said and b"x")
                seen.append("" if closed else f"open after {_CLOSED_SECONDS:.0f} s with half a request ({name})")
    return seen


CONNECTION_TRIALS = (
    Trial(
        name="connections.many",
        what="1,100 connections that send half a line",
        expected="true clients are answered, all are closed",
        times=1,
        attempt=many_half_open,
    ),
    Trial(
        name="connections.slow",
        what="half a head, half a body, nothing",
        expected="closed within 25 s",
        times=3,
        attempt=slow_requests,
    ),
)
