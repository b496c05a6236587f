"""Connections: how long one may say nothing whole, and how many may be open, so that nobody without the token stops us.

Uvicorn has no time limit until a request is complete, and none on the number of connections that send none.
"""

from __future__ import annotations

import asyncio
import hmac
import sys
from dataclasses import dataclass

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_SECONDS = 5.0  # from a request's first byte, or a connection's beginning, to the end of its headers
BODY_SECONDS = 10.0
MOST_CONNECTIONS = 256
MOST_STRANGERS = 64  # connections that have not shown the token yet
_MOST_HANDLES = 4096


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long and how many."""

    headers_seconds: float = HEADERS_SECONDS
    body_seconds: float = BODY_SECONDS
    most: int = MOST_CONNECTIONS
    most_strangers: int = MOST_STRANGERS


def limited_protocol(token: str, limits: Limits) -> type[asyncio.Protocol]:
    """HTTP/1.1 for uvicorn within limits. Where too many strangers are connected, the one that came first is let go."""
    bearer = f"Bearer {token}".encode()
    opened: dict[Limited, None] = {}  # in the order in which they came

    class Limited(H11Protocol):
        known = False  # whether it has shown the token
        timer: asyncio.TimerHandle | None = None
        awaited = ""  # "headers" or "body": what the timer is for

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn declares the narrower type
            opened[self] = None
            self._await("headers")
            _make_room()

        def connection_lost(self, exc: Exception | None) -> None:
            opened.pop(self, None)
            self._await("")
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if not self.known and self.headers:
                shown = [value for name, value in self.headers if name == b"authorization"]
                self.known = len(shown) == 1 and hmac.compare_digest(shown[0], bearer)
            self._look()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._look()

        def is_idle(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _look(self) -> None:
            state = self.conn.their_state
            begun = self.cycle is None or bool(self.conn.trailing_data[0])
            self._await("body" if state is h11.SEND_BODY else "headers" if state is h11.IDLE and begun else "")

        def _await(self, what: str) -> None:
            """Start the timer for what is awaited now; it is not started anew by more bytes of the same."""
            if what == self.awaited:
                return
            if self.timer is not None:
                self.timer.cancel()
            seconds = limits.headers_seconds if what == "headers" else limits.body_seconds
            self.timer = self.loop.call_later(seconds, self.transport.abort) if what else None
            self.awaited = what

    def _make_room() -> None:
        strangers = [connection for connection in opened if not connection.known]
        gone = strangers[0] if len(strangers) > limits.most_strangers else None
        if gone is None and len(opened) > limits.most:
            idle = [connection for connection in opened if connection.is_idle()]
            gone = idle[0]  # the newest is idle, at least
        if gone is not None:
            opened.pop(gone)
            gone.transport.abort()

    return Limited


def allow_many_handles() -> None:
    """Raise this process's own limit of open files, where the system lets us."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_HANDLES if hard == resource.RLIM_INFINITY else min(hard, _MOST_HANDLES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
