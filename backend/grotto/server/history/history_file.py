"""The SQLite file of the jobs: opened and checked, and put aside whole where it is damaged."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from ...contract import Action, ProblemError, missing_resource

log = logging.getLogger(__name__)

_TABLE = "CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, created REAL NOT NULL, data TEXT NOT NULL)"
_WRITE = "INSERT INTO jobs VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data"
START_SECONDS = 10.0  # at the start, another program that holds the file is waited for so long
_WRITE_SECONDS = 5.0
_ENDINGS = ("-wal", "-shm", "")  # SQLite keeps a history in three files; the last renamed is the one that a start looks for
_MOST_ROWS = 20_000  # looked for one by one where a damaged file does not tell how many it holds

# An error of our own fixed statements means that the tables are not ours; locks, rights and full disks have codes of their own.
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_MISMATCH)
_LOG_HEADS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # of write-ahead logs: https://sqlite.org/walformat.html
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

Row = tuple[str, float, bytes]  # id, creation in seconds since the epoch, the job as JSON


class DamagedError(Exception):
    """The file is no history, or parts of it cannot be read."""


def open_history(file: Path, wait_seconds: float = START_SECONDS) -> tuple[sqlite3.Connection, list[Row]]:
    """Open the file, made where there is none, and read its rows in the order in which their jobs came.

    Another program that holds it is waited for. Raises DamagedError, and a missing resource where the file cannot be used now.
    """
    try:
        rows = _checked(file, wait_seconds) if file.exists() and file.stat().st_size > 0 else []
        database = sqlite3.connect(file, timeout=wait_seconds, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            with database:
                database.execute(_TABLE)
            database.execute(f"PRAGMA busy_timeout={1000 * min(wait_seconds, _WRITE_SECONDS):.0f}")
        except sqlite3.Error:
            database.close()
            raise
    except sqlite3.Error as error:
        raise (DamagedError(str(error)) if is_damage(error) else refusal(file, error)) from error
    return database, rows


def _checked(file: Path, wait_seconds: float) -> list[Row]:
    """The rows of a history that is whole. It is only read: SQLite would remove a log that it cannot read, damage and all."""
    with contextlib.suppress(FileNotFoundError), file.with_name(file.name + "-wal").open("rb") as log_file:
        head = log_file.read(len(_LOG_HEADS[0]))
        if head and head not in _LOG_HEADS:
            raise DamagedError("its log is none")
    with contextlib.closing(_read_only(file, wait_seconds)) as database:
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return []  # a start was killed before it could make the table
        rows = database.execute("SELECT id, created, data FROM jobs ORDER BY rowid").fetchall()
        (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if said != b"ok":
        raise DamagedError(said.decode("utf-8", errors="replace"))
    return [row for row in map(_row, rows) if row is not None]


def _read_only(file: Path, wait_seconds: float) -> sqlite3.Connection:
    database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=wait_seconds)
    database.text_factory = bytes  # damaged words are no UTF-8
    return database


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
        database = _read_only(file, 1.0)
    except sqlite3.Error:
        return []
    try:
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
