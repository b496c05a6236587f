"""Progress: the only thing that a stage knows of whoever runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

UNMEASURED = 1 << 62  # bytes: more than any machine has


class Progress(Protocol):
    """Passed to every stage. Each call may raise `Cancelled`; call at least every half second where possible."""

    def __call__(self, fraction: float, message: str = "") -> None:
        """Say how far the stage is, 0 to 1."""

    def note(self, message: str) -> None:
        """Tell the user one sentence that stays in the record: a skipped photo, a part used instead of a better one."""

    def preview(self, picture: Path) -> None:
        """Show a picture that lies in the stage's folder."""

    def check(self) -> None:
        """Raise `Cancelled` if the user asked to stop."""

    @property
    def cancelled(self) -> bool:
        """Whether the user asked to stop, for loops that must clean up first."""

    @property
    def resume_folder(self) -> Path | None:
        """A folder that outlives a stop of this stage: a long fit keeps its checkpoint there and goes on from it.

        It is the same one only while inputs, options and code are the same, and is removed when the stage has finished.
        None where nobody keeps one.
        """

    @property
    def free_memory(self) -> int:
        """Bytes of memory that the stage may still take, as its runner measures them; UNMEASURED where no runner does."""


class Silent:
    """Progress for tests and libraries: nobody listens, nobody cancels."""

    cancelled = False
    resume_folder: Path | None = None
    free_memory = UNMEASURED

    def __call__(self, fraction: float, message: str = "") -> None:
        pass

    def note(self, message: str) -> None:
        pass

    def preview(self, picture: Path) -> None:
        pass

    def check(self) -> None:
        pass


class Part:
    """A stretch of another progress, for a step inside a stage: its 0 to 1 becomes `start` to `end`."""

    def __init__(self, whole: Progress, start: float, end: float) -> None:
        self._whole, self._start, self._end = whole, start, end

    def __call__(self, fraction: float, message: str = "") -> None:
        self._whole(self._start + fraction * (self._end - self._start), message)

    def note(self, message: str) -> None:
        self._whole.note(message)

    def preview(self, picture: Path) -> None:
        self._whole.preview(picture)

    def check(self) -> None:
        self._whole.check()

    @property
    def cancelled(self) -> bool:
        return self._whole.cancelled

    @property
    def resume_folder(self) -> Path | None:
        return self._whole.resume_folder

    @property
    def free_memory(self) -> int:
        return self._whole.free_memory
