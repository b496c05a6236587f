"""The queue and history of jobs on disk: SQLite, one row a job."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from pathlib import Path

from ..contract import missing_resource
from .record import Job

log = logging.getLogger(__name__)

_TABLE = "CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, created REAL NOT NULL, data TEXT NOT NULL)"
_WRITE = "INSERT INTO jobs VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data"


class Store:
    """Reads and writes jobs. A file that is not readable as a history is put aside, never deleted."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._database = _open(file)
        except sqlite3.DatabaseError as error:
            aside = file.with_name(f"{file.name}.unreadable-{int(time.time())}")
            log.warning("the history %s cannot be read (%s); it is now %s", file, error, aside)
            file.rename(aside)
            for extra in ("-wal", "-shm"):
                file.with_name(file.name + extra).unlink(missing_ok=True)
            self._database = _open(file)

    def write(self, job: Job) -> None:
        """Remember a job as it is. Raises ProblemError where the disk does not take it."""
        row = (job.id, job.created, json.dumps(job.as_json()))
        try:
            with self._lock, self._database:
                self._database.execute(_WRITE, row)
        except sqlite3.OperationalError as error:
            raise missing_resource(f"the list of jobs cannot be written ({error})", "free some space on the disk") from error

    def read(self) -> list[Job]:
        """All jobs, oldest first; rows that cannot be understood are left out."""
        with self._lock:
            rows = self._database.execute("SELECT data FROM jobs ORDER BY created, rowid").fetchall()
        jobs = []
        for (data,) in rows:
            try:
                jobs.append(Job.from_json(json.loads(data)))
            except (KeyError, TypeError, ValueError) as error:
                log.warning("a job in the history cannot be understood: %s", error)
        return jobs

    def close(self) -> None:
        with self._lock:
            self._database.close()


def _open(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=10, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        with database:
            database.execute(_TABLE)
        database.execute("SELECT data FROM jobs LIMIT 1").fetchall()
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database
