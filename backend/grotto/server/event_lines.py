"""A job's events by line number, so that a client can attach again where it was."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from ..contract import EVENTS_FILE

MOST_LINES = 1000  # in one answer


class EventLines:
    """Remembers where each line of an events.jsonl begins, so that a long job's file is not read again and again."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / EVENTS_FILE
        self._starts = [0]  # of every line, and the end of the last whole one
        self._lock = threading.Lock()

    def after(self, seen: int) -> tuple[list[tuple[int, dict[str, Any]]], int]:
        """Events after the first `seen` lines, each with its line's number from 1, and how many lines are seen then.

        Lines torn by a kill count and are left out.
        """
        with self._lock:
            try:
                with self._file.open("rb") as file:
                    if os.fstat(file.fileno()).st_size < self._starts[-1]:
                        self._starts = [0]  # another file now
                    self._read_on(file.fileno())
                    upto = min(len(self._starts) - 1, seen + MOST_LINES)
                    if seen >= upto:
                        return [], min(seen, len(self._starts) - 1)
                    file.seek(self._starts[seen])
                    text = file.read(self._starts[upto] - self._starts[seen])
            except FileNotFoundError:
                return [], 0
        numbered = enumerate(text.split(b"\n")[:-1], start=seen + 1)
        return [(number, event) for number, line in numbered if (event := _event(line)) is not None], upto

    def _read_on(self, handle: int) -> None:
        os.lseek(handle, self._starts[-1], os.SEEK_SET)
        begin = self._starts[-1]
        pending = b""
        while piece := os.read(handle, 1 << 16):
            pending += piece
            *lines, pending = pending.split(b"\n")
            for line in lines:
                begin += len(line) + 1
                self._starts.append(begin)


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, dict) and "event" in data else None
