"""The queue and history of jobs on disk: SQLite, one row a job, written by one thread."""

from __future__ import annotations

import json
import logging
import queue
import sqlite3
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from ...contract import ProblemError
from .folder_list import FolderList, JobPlace
from .history_file import START_SECONDS, DamagedError, Row, is_damage, open_history, put_aside, refusal, write_rows
from .record import Job

log = logging.getLogger(__name__)

FOLDERS_FILE = "job_folders.jsonl"
_AGAIN_SECONDS = 3.0  # until rows that the disk did not take are written once more
_END_SECONDS = 8.0  # the last rows at the end get so long, a writer's wait for another program included


@dataclass(frozen=True)
class _Write:
    """A row to be written; with `answer`, somebody waits for it and it is dropped where the disk does not take it."""

    row: Row
    answer: Future[None] | None = field(default=None, compare=False)


class Store:
    """Reads and writes jobs. A file that is no history is put aside whole, with all that can be read of it taken over.

    Raises a missing resource where the file cannot be used now: a lock, missing rights or a full disk are no damage.
    """

    def __init__(self, file: Path, wait_seconds: float = START_SECONDS) -> None:
        self._file, self._wait_seconds = file, wait_seconds
        self._rows: dict[str, Row] = {}  # as they are on the disk
        self._unwritten: dict[str, Row] = {}
        self._open()
        self._jobs = [job for job in map(_job, self._rows.values()) if job is not None]
        self.folders = FolderList(file.with_name(FOLDERS_FILE))
        self.folders.add(JobPlace(job.id, job.out, job.created) for job in self._jobs)
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._serve, name="history", daemon=True)
        self._writer.start()

    def read(self) -> list[Job]:
        """The jobs as they were at the start, oldest first; rows that cannot be understood are left out."""
        return list(self._jobs)

    def add(self, job: Job) -> None:
        """Write a job and wait until it is on the disk. Raises ProblemError where the disk does not take it."""
        answer: Future[None] = Future()
        self._writes.put(_Write(_row(job), answer))
        answer.result()
        self.folders.add([JobPlace(job.id, job.out, job.created)])

    def remember(self, job: Job) -> None:
        """Have a job written as it is now; what the disk does not take is tried again. Returns at once."""
        self._writes.put(_Write(_row(job)))

    def close(self) -> None:
        """Write what waits, and close."""
        self._writes.put(None)
        self._writer.join(_END_SECONDS)

    def _serve(self) -> None:
        ending = False
        while not ending:
            writes, ending = self._next()
            try:
                problem: Exception | None = self._take(writes)
            except Exception as error:  # passed on to whoever waits; the thread must serve the next
                log.exception("the list of jobs met an error of ours")
                problem = error
            for answer in (write.answer for write in writes if write.answer is not None):
                answer.set_result(None) if problem is None else answer.set_exception(problem)
        self._database.close()

    def _next(self) -> tuple[list[_Write], bool]:
        """All that waits, once something does or rows are to be tried again; and whether the end was asked for."""
        writes: list[_Write] = []
        try:
            write = self._writes.get(timeout=_AGAIN_SECONDS if self._unwritten else None)
            while True:
                if write is None:
                    return writes, True
                writes.append(write)
                write = self._writes.get_nowait()
        except queue.Empty:
            return writes, False

    def _take(self, writes: list[_Write]) -> ProblemError | None:
        self._unwritten |= {write.row[0]: write.row for write in writes if write.answer is None}
        rows = {**self._unwritten, **{write.row[0]: write.row for write in writes if write.answer is not None}}
        if not rows:
            return None
        try:
            self._write(rows)
        except sqlite3.Error as error:
            problem = refusal(self._file, error)
        except ProblemError as error:
            problem = error
        else:
            self._rows |= rows
            self._unwritten.clear()
            return None
        log.warning("%s", problem)
        return problem

    def _write(self, rows: dict[str, Row]) -> None:
        """Write rows into the file that lies there now. Raises sqlite3.Error or a problem where that cannot be done."""
        if _identity(self._file) != self._identity:  # deleted or replaced under us
            log.warning("the list of jobs %s was replaced: all jobs are written into the new file", self._file)
            self._database.close()
            self._open()
        try:
            write_rows(self._database, rows.values())
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            self._database.close()
            self._put_aside(str(error))
            write_rows(self._database, rows.values())

    def _open(self) -> None:
        """Open the file that lies there now, and add the rows that are known here."""
        try:
            self._database, rows = open_history(self._file, self._wait_seconds)
        except DamagedError as error:
            self._put_aside(str(error))
        else:
            self._take_over(rows)

    def _put_aside(self, damage: str) -> None:
        """Begin a new file with what can be read of the damaged one and what is known here."""
        aside, rows = put_aside(self._file)
        log.warning(
            "the list of jobs %s is damaged (%s): it is now %s, of which %d jobs can be read",
            self._file,
            damage,
            aside,
            len(rows),
        )
        self._database, _ = open_history(self._file, self._wait_seconds)
        self._take_over([row for row in rows if _job(row) is not None])

    def _take_over(self, rows: list[Row]) -> None:
        found = {row[0]: row for row in rows}
        known = {name: row for name, row in self._rows.items() if found.get(name) != row}
        self._rows = {**found, **self._rows}
        write_rows(self._database, known.values())
        self._identity = _identity(self._file)


def _row(job: Job) -> Row:
    return job.id, job.created, json.dumps(job.as_json()).encode("ascii")


def _job(row: Row) -> Job | None:
    try:
        return Job.from_json(json.loads(row[2]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        log.warning("a job in the list of jobs cannot be understood: %s", error)
        return None


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file lies at a path, None where there is none."""
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
