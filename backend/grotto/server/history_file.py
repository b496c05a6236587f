"""The SQLite file of the jobs: opened and checked, and put aside whole where it is damaged."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from ..contract import Action, ProblemError, missing_resource

log = logging.getLogger(__name__)

_TABLE = "CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, created REAL NOT NULL, data TEXT NOT NULL)"
_WRITE = "INSERT INTO jobs VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data"
_START_SECONDS = 10.0  # at the start, another program that holds the file is waited for so long
_WRITE_SECONDS = 5.0
_ENDINGS = ("-wal", "-shm", "")  # SQLite keeps a history in three files; the last renamed is the one that a start looks for
_MOST_ROWS = 20_000  # looked for one by one where a damaged file does not tell how many it holds

# An error of our own fixed statements means that the tables are not ours; locks, rights and full disks have codes of their own.
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_MISMATCH)
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

Row = tuple[str, float, bytes]  # id, creation in seconds since the epoch, the job as JSON


class DamagedError(Exception):
    """The file is no history, or parts of it cannot be read."""


def open_history(file: Path) -> tuple[sqlite3.Connection, list[Row]]:
    """Open the file, made where there is none, and read its rows in the order in which their jobs came.

    Raises DamagedError, and a missing resource where the file cannot be used now.
    """
    try:
        database = sqlite3.connect(file, timeout=_START_SECONDS, check_same_thread=False)
    except sqlite3.Error as error:
        raise refusal(file, error) from error
    try:
        database.text_factory = bytes  # damaged words are no UTF-8
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        with database:
            database.execute(_TABLE)
        rows = database.execute("SELECT id, created, data FROM jobs ORDER BY rowid").fetchall()
        (checked,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if checked != b"ok":
            raise DamagedError(checked.decode("utf-8", errors="replace"))
        database.execute(f"PRAGMA busy_timeout={1000 * _WRITE_SECONDS:.0f}")
    except sqlite3.Error as error:
        database.close()
        raise (DamagedError(str(error)) if is_damage(error) else refusal(file, error)) from error
    except DamagedError:
        database.close()
        raise
    return database, [row for row in map(_row, rows) if row is not None]


def write_rows(database: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Write rows, all of them or none. Raises sqlite3.Error."""
    with database:
        database.executemany(_WRITE, ((name, created, data.decode("utf-8", errors="replace")) for name, created, data in rows))


def put_aside(file: Path) -> tuple[Path, list[Row]]:
    """Rename a damaged history with all of its files, and return its new name and the rows that can still be read."""
    aside = _free_name(file)
    for ending in _ENDINGS:
        part = file.with_name(file.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside, _rescued(aside)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is wrong; a lock, missing rights or a full disk are no damage."""
    return _code(error) in _DAMAGE


def refusal(file: Path, error: sqlite3.Error) -> ProblemError:
    """What a file that cannot be used now is to the user."""
    if _code(error) in _HELD:
        return missing_resource(
            f"another program holds the list of jobs {file}", "close that program, then try again", Action.RETRY
        )
    if _code(error) == sqlite3.SQLITE_FULL:
        return missing_resource(f"the disk of the list of jobs {file} is full", "free some space, then try again", Action.RETRY)
    return missing_resource(
        f"the list of jobs {file} cannot be used ({error})", "make it writable, or name another place with GROTTO_STATE"
    )


def _code(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)  # absent where Python itself refused
    return None if code is None else int(code) & 0xFF  # extended codes hold the primary one in their low byte


def _free_name(file: Path) -> Path:
    name = f"{file.name}.unreadable-{int(time.time())}"
    names = (name if number == 0 else f"{name}-{number}" for number in range(1_000_000))
    return next(path for path in map(file.with_name, names) if not path.exists())


def _rescued(file: Path) -> list[Row]:
    """Rows of a damaged file, read one by one past the pages that cannot be read; the file is not written to."""
    try:
        database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
    except sqlite3.Error:
        return []
    try:
        database.text_factory = bytes
        rows = (_one(database, number) for number in range(1, _last_rowid(database) + 1))
        return [row for row in rows if row is not None]
    except sqlite3.Error as error:  # no page of it can be read
        log.info("nothing of %s can be read: %s", file, error)
        return []
    finally:
        database.close()


def _last_rowid(database: sqlite3.Connection) -> int:
    database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    try:
        (last,) = database.execute("SELECT max(rowid) FROM jobs").fetchone()
    except sqlite3.Error:
        return _MOST_ROWS
    return min(int(last or 0), 50 * _MOST_ROWS)  # a damaged page may hold any number


def _one(database: sqlite3.Connection, rowid: int) -> Row | None:
    try:
        row = database.execute("SELECT id, created, data FROM jobs WHERE rowid = ?", (rowid,)).fetchone()
    except sqlite3.Error:
        return None
    return _row(row) if row is not None else None


def _row(row: tuple[object, object, object]) -> Row | None:
    name, created, data = row
    if not isinstance(name, bytes) or not isinstance(created, float | int) or not isinstance(data, bytes):
        return None
    try:
        return name.decode("ascii"), float(created), data
    except UnicodeDecodeError:
        return None
