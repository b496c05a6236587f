"""A job's events by line number, so that a client can attach again where it was."""

from __future__ import annotations

import os
import threading
from array import array
from pathlib import Path
from typing import Any

from ..contract import EVENTS_FILE, MALFORMED, parse_json

MOST_LINES = 1000  # in one answer
LONGEST_LINE = 2**20  # bytes; no event of ours is longer
_MOST_BYTES = 8 * LONGEST_LINE  # in one answer


class EventLines:
    """Remembers where each line of an events.jsonl begins, so that a long job's file is not read again and again."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / EVENTS_FILE
        self._starts = array("q", [0])  # of every line, and the end of the last whole one
        self._lock = threading.Lock()

    def after(self, seen: int) -> tuple[list[tuple[int, dict[str, Any]]], int]:
        """Events after the first `seen` lines, each with its line's number from 1, and how many lines are seen then.

        Lines torn by a kill, and lines that are too long for an event, count and are left out.
        """
        found: list[tuple[int, dict[str, Any]]] = []
        with self._lock:
            try:
                with self._file.open("rb") as file:
                    if os.fstat(file.fileno()).st_size < self._starts[-1]:
                        self._starts = array("q", [0])  # another file now
                    self._read_on(file.fileno())
                    upto = min(len(self._starts) - 1, seen + MOST_LINES)
                    if seen >= upto:
                        return [], min(seen, len(self._starts) - 1)
                    left = _MOST_BYTES
                    for number in range(seen, upto):
                        length = self._starts[number + 1] - self._starts[number]
                        if length > LONGEST_LINE:
                            continue
                        if length > left:
                            return found, number
                        left -= length
                        file.seek(self._starts[number])
                        event = _event(file.read(length))
                        if event is not None:
                            found.append((number + 1, event))
            except FileNotFoundError:
                return [], 0
        return found, upto

    def _read_on(self, handle: int) -> None:
        """Find the lines that were added."""
        begin = self._starts[-1]
        os.lseek(handle, begin, os.SEEK_SET)
        while piece := os.read(handle, 1 << 16):
            end = piece.find(b"\n")
            while end >= 0:
                self._starts.append(begin + end + 1)
                end = piece.find(b"\n", end + 1)
            begin += len(piece)


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        data = parse_json(line)
    except MALFORMED:
        return None
    return data if isinstance(data, dict) and "event" in data else None
