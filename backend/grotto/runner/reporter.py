"""What a stage talks to while it works: throttled events, the job's overall fraction and the time left."""

from __future__ import annotations

import math
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..contract import Cancelled, Event, Note, Preview, StageProgress
from .job_folder import PREVIEWS_FOLDER
from .memory import free_bytes

_EVERY_SECONDS = 0.25
_LEAST_SECONDS = 3.0  # a forecast of the time left from less than this would jump about
_LEAST_PART = 0.02


@dataclass
class Clock:
    """How much of the job's usual time is behind it, and how long that took."""

    total: float  # sum of all shares
    kept: float = 0.0  # shares of stages that were finished earlier
    worked: float = 0.0  # shares of stages finished in this run
    started: float = 0.0  # monotonic seconds

    def overall(self, share: float, fraction: float) -> float:
        """Part of the job that is behind it while a stage of this share is at this fraction."""
        return min(1.0, (self.kept + self.worked + share * fraction) / self.total) if self.total > 0 else 0.0

    def seconds_left(self, share: float, fraction: float, now: float) -> float | None:
        """Time to the end at the speed so far, or None while too little is known."""
        worked = self.worked + share * fraction
        spent = now - self.started
        if spent < _LEAST_SECONDS or worked < _LEAST_PART * self.total:
            return None
        return max(0.0, (self.total - self.kept - worked) * spent / worked)


class Reporter:
    """The `Progress` of one stage. Safe to call from several threads."""

    def __init__(
        self,
        stage: str,
        share: float,
        clock: Clock,
        emit: Callable[[Event], None],
        token: threading.Event,
        job: Path,
        resume_folder: Path | None = None,
    ) -> None:
        self.resume_folder = resume_folder
        self.notes: list[str] = []
        self.last_preview = ""
        self._stage, self._share, self._clock, self._emit, self._token, self._job = stage, share, clock, emit, token, job
        self._last = 0.0
        self._lock = threading.Lock()

    def __call__(self, fraction: float, message: str = "") -> None:
        self.check()
        now = time.monotonic()
        with self._lock:
            if now - self._last < _EVERY_SECONDS and fraction < 1.0:
                return
            self._last = now
        fraction = min(1.0, max(0.0, fraction)) if math.isfinite(fraction) else 0.0
        left = self._clock.seconds_left(self._share, fraction, now)
        self._emit(
            StageProgress(
                time=time.time(),
                stage=self._stage,
                fraction=round(fraction, 4),
                overall=round(self._clock.overall(self._share, fraction), 4),
                seconds_left=None if left is None else round(left, 1),
                message=message,
            )
        )

    def note(self, message: str) -> None:
        self.check()
        self.notes.append(message)
        self._emit(Note(time=time.time(), stage=self._stage, message=message))

    def preview(self, picture: Path) -> None:
        """Copied out of the stage's folder, whose name changes when the stage has finished."""
        self.check()
        name = f"{PREVIEWS_FOLDER}/{self._stage}{picture.suffix.lower()}"
        target = self._job / name
        target.parent.mkdir(exist_ok=True)
        temporary = target.with_name(f".{target.name}.part")
        shutil.copyfile(picture, temporary)
        temporary.replace(target)
        self.last_preview = name
        self._emit(Preview(time=time.time(), stage=self._stage, path=name))

    def files(self, done: int, count: int) -> None:
        """Say how far the hashing of the user's files is, which comes before the first stage."""
        self.check()
        if done > 0:
            self(0.0, f"checking files, {done} of {count}")

    def check(self) -> None:
        if self._token.is_set():
            raise Cancelled

    @property
    def cancelled(self) -> bool:
        return self._token.is_set()

    @property
    def free_memory(self) -> int:
        return free_bytes()
