"""Leases: which clients are there, so that a backend started for them can stop after the last has left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LEASE_SECONDS = 30.0
RENEW_SECONDS = 10.0
GRACE_SECONDS = 60.0  # for the first client to come
IDLE_SECONDS = 3.0


class Leases:
    """Clients announce themselves and renew; those that say nothing any more are forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()
        self._last_needed = clock() + GRACE_SECONDS - IDLE_SECONDS

    def renew(self, client: str) -> None:
        with self._lock:
            self._until[client] = self._clock() + LEASE_SECONDS
            self._last_needed = self._clock()

    def drop(self, client: str) -> None:
        with self._lock:
            self._until.pop(client, None)

    def count(self) -> int:
        now = self._clock()
        with self._lock:
            self._until = {client: until for client, until in self._until.items() if until > now}
            return len(self._until)

    def may_stop(self, busy: bool) -> bool:
        """Whether nobody has needed the backend for a few seconds. Ask often."""
        now = self._clock()
        if self.count() > 0:
            self._last_needed = now
        elif busy:
            self._last_needed = max(self._last_needed, now)
        if busy or self.count() > 0:
            return False
        return now - self._last_needed >= IDLE_SECONDS
