"""A job's events in a terminal: a live line for people, one line a stage for logs."""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import TextIO

from ..contract import Event, JobState, Note, StageDone, StageProgress, StageStarted, StateChanged
from .memory import PeakMemory, free_bytes


class Terminal:
    """Prints events as they come. Give it to a `Supervisor`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._stage: StageStarted | None = None
        self._notes: list[str] = []
        self._width = 0

    def __call__(self, event: Event) -> None:
        try:
            self._tell(event)
        except BrokenPipeError:  # the reader has seen enough; the job goes on
            self._stream = io.StringIO()

    def _tell(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self._stage = event
            if not self._live:
                self._stream.write(self._title(event))
        elif isinstance(event, StageProgress):
            self._progress(event)
        elif isinstance(event, Note):
            self._notes.append(event.message)
            if self._stage is None:  # between two stages
                self._clear()
                self._flush_notes()
        elif isinstance(event, StageDone):
            self._end_stage(event)
        elif isinstance(event, StateChanged):
            self._state(event)
        self._stream.flush()

    def _title(self, event: StageStarted) -> str:
        return f"[{event.number}/{event.count}] {event.title}"

    def _progress(self, event: StageProgress) -> None:
        if not self._live:
            return
        if self._stage is None:
            self._show(event.message)  # before the first stage: the user's files are being looked at
            return
        left = "" if event.seconds_left is None else f", {duration(event.seconds_left)} left"
        message = f"  {event.message}" if event.message else ""
        self._show(f"{self._title(self._stage)} {event.fraction:.0%} (job {event.overall:.0%}{left}){message}")

    def _end_stage(self, event: StageDone) -> None:
        if self._stage is None:
            return
        how = "kept from before" if self._stage.reused else f"{duration(event.seconds)}, {event.peak_memory_mb:.0f} MB"
        if self._live:
            self._show(f"{self._title(self._stage)}: {how}")
            self._stream.write("\n")
        else:
            self._stream.write(f": {how}\n")
        self._stage, self._width = None, 0
        self._flush_notes()

    def _state(self, event: StateChanged) -> None:
        if event.state is JobState.CANCELLING and self._live:
            self._show("cancelling")
        if event.state.ended and self._stage is not None:
            self._show(f"{self._title(self._stage)}: {event.state}") if self._live else self._stream.write(f": {event.state}")
            self._stream.write("\n")
            self._stage = None
            self._flush_notes()

    def _flush_notes(self) -> None:
        for message in self._notes:
            self._stream.write(f"  note: {message}\n")
        self._notes.clear()

    def _clear(self) -> None:
        """Remove the live line, so that whole lines can follow."""
        if self._width:
            self._show("")
            self._stream.write("\r")
            self._width = 0

    def _show(self, text: str) -> None:
        """Write over the live line."""
        columns = shutil.get_terminal_size().columns - 1
        text = text[:columns]
        self._stream.write("\r" + text.ljust(min(self._width, columns)))
        self._width = len(text)


class StageInTerminal:
    """`Progress` of a function that is called without a job, such as make-wall; its line is closed by `with`."""

    cancelled = False
    resume_folder: Path | None = None

    def __init__(self, title: str, stream: TextIO) -> None:
        self._title, self._terminal = title, Terminal(stream)
        self._began = time.monotonic()
        self._terminal(StageStarted(time=time.time(), stage="", title=title, number=1, count=1))

    def __call__(self, fraction: float, message: str = "") -> None:
        event = StageProgress(time=time.time(), stage="", fraction=fraction, overall=fraction, seconds_left=None, message=message)
        self._terminal(event)

    def note(self, message: str) -> None:
        self._terminal(Note(time=time.time(), stage="", message=message))

    def preview(self, picture: Path) -> None:
        pass

    def check(self) -> None:
        pass

    @property
    def free_memory(self) -> int:
        return free_bytes()

    def __enter__(self) -> StageInTerminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        now = time.time()
        if kind is None:
            seconds = time.monotonic() - self._began
            self._terminal(StageDone(time=now, stage="", seconds=seconds, peak_memory_mb=PeakMemory().megabytes()))
        else:
            state = JobState.CANCELLED if kind is KeyboardInterrupt else JobState.FAILED
            self._terminal(StateChanged(time=now, state=state))


def duration(seconds: float) -> str:
    """Seconds for people: "3.2 s", "4 min 10 s", "2 h 05 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
