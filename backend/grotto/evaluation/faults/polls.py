"""Polls of a job's status from many clients while it runs, beside the simplest server that asyncio can make.

Machines differ and are shared, so the bar is a share: both servers are asked by the same clients, in turns.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..markdown import Heads, markdown_table
from .poll_client import poll
from .victim import START_SECONDS, Victim, small_picture, within

HEADS: Heads = (":server", "clients", "offered/s", "answered/s", "p50 ms", "p99 ms", "kept connection, p50 ms")
_ALONE_SECONDS, _ALONE_HZ = 2.0, 50.0  # of the client that polls alone
_START_SECONDS = 2.0  # for all clients to be there

_BARE = """
import asyncio, socket
BODY = b"x" * {size}
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(BODY) + BODY
class Bare(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.transport.write(ANSWER * data.count(b"\\r\\n\\r\\n"))
async def main():
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.bind(("127.0.0.1", 0))
    print(door.getsockname()[1], flush=True)
    server = await asyncio.get_running_loop().create_server(Bare, sock=door)
    await server.serve_forever()
asyncio.run(main())
"""


@dataclass(frozen=True, kw_only=True)
class Polls:
    """What a server made of the polls that it was offered."""

    server: str
    clients: int
    offered_hz: float
    answered_hz: float
    p50_ms: float
    p99_ms: float
    kept_ms: float  # p50 of one client that polls alone


def run(out: Path, seconds: float = 30.0, rate: float = 1000.0, clients: int = 8) -> str:
    """Poll the status of a running job, and a bare asyncio server with answers of the same size, in turns.

    Args:
        out: the folder of the backend's state
        seconds: how long each of the two is polled
        rate: polls a second that all clients offer together
        clients: each a process with one connection
    """
    out.mkdir(parents=True, exist_ok=True)
    source = small_picture(out.absolute() / "input" / "disc.png")
    with Victim(out.absolute() / "backend") as victim:
        queued = [victim.submit(source) for _ in range(4)]  # while one is at work, the others follow
        job = queued[0]["id"]
        within(START_SECONDS, lambda: victim.job(job)["state"] == "running")
        size = len(str(victim.job(job)))
        with _bare(size) as port:
            measured = [
                _poll("Grotto", victim.port, f"/v1/jobs/{job}", victim.bearer, seconds, rate, clients),
                _poll("bare asyncio", port, "/", "", seconds, rate, clients),
            ]
        at_work = victim.ask("GET", "health")[1]["jobs"]["running"]
    while_running = "" if at_work else "\nAll jobs had ended before the polls had.\n"
    return polls_table(measured) + while_running


def polls_table(measured: list[Polls]) -> str:
    """One row a server."""
    rows = [
        (
            entry.server,
            str(entry.clients),
            f"{entry.offered_hz:.0f}",
            f"{entry.answered_hz:.0f}",
            f"{entry.p50_ms:.1f}",
            f"{entry.p99_ms:.1f}",
            f"{entry.kept_ms:.2f}",
        )
        for entry in measured
    ]
    return markdown_table(HEADS, rows)


def _poll(server: str, port: int, path: str, bearer: str, seconds: float, rate: float, clients: int) -> Polls:
    alone = poll(port, path, bearer, _ALONE_SECONDS, _ALONE_HZ, 0.0)
    start = time.monotonic() + _START_SECONDS
    script = Path(__file__).with_name("poll_client.py")
    words = [str(port), path, bearer, str(seconds), str(rate / clients), str(start)]
    started = [subprocess.Popen([sys.executable, "-S", str(script), *words], stdout=subprocess.PIPE) for _ in range(clients)]
    times = sorted(time_ms for client in started for time_ms in json.loads(client.communicate()[0]))
    return Polls(
        server=server,
        clients=clients,
        offered_hz=rate,
        answered_hz=len(times) / seconds,
        p50_ms=times[len(times) // 2],
        p99_ms=times[min(len(times) - 1, int(0.99 * len(times)))],
        kept_ms=statistics.median(alone),
    )


@contextlib.contextmanager
def _bare(size: int) -> Iterator[int]:
    """The port of a bare server whose answers have so many bytes."""
    process = subprocess.Popen([sys.executable, "-c", _BARE.format(size=size)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
