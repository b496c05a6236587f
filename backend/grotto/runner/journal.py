"""The journal: every event of a job as a line of events.jsonl, and the reading of it from any line on."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from ..contract import EVENTS_FILE, Event, event_to_json

log = logging.getLogger(__name__)


class Journal:
    """Appends events to events.jsonl, and to a stream where there is one; safe to call from several threads."""

    def __init__(self, folder: Path, stream: int | None = None) -> None:
        self._file = folder / EVENTS_FILE
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        # A name that is not UTF-8 on the user's disk holds lone surrogates; written with a backslash they are JSON again.
        line = (event_to_json(event) + "\n").encode("utf-8", errors="backslashreplace")
        with self._lock:
            self._append(line)
            if self._stream is not None:
                try:
                    _write_all(self._stream, line)
                except BrokenPipeError:
                    self._stream = None  # the reader is gone; the lifeline notices by itself

    def _append(self, line: bytes) -> None:
        try:
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                size = os.fstat(handle).st_size
                torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n" if hasattr(os, "pread") else False
                _write_all(handle, b"\n" + line if torn else line)
            finally:
                os.close(handle)
        except OSError as error:  # a full disk must not hide the problem from whoever listens to the stream
            log.warning("cannot write %s: %s", self._file, error)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
