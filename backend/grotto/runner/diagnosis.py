"""From what was raised, or how a process died, to a problem in plain words."""

from __future__ import annotations

import errno
import shutil
import signal
import tempfile
import traceback
from pathlib import Path

from ..contract import LOG_FILE, Action, Kind, Problem, ProblemError
from .memory import MB

_NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EIO)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NEARLY_FULL_BYTES = 4 * MB
_MEMORY_WORDS = ("allocate memory", "insufficient memory", "bad_alloc", "out of memory", "bad allocation")
_DISK_WORDS = ("no space left", "disk is full", "disk full", "file too large")


def problem_of(error: BaseException, job: Path, stage: str = "") -> Problem:
    """The problem behind an exception. `stage` is the title of the stage that raised it, "" outside of any."""
    if isinstance(error, ProblemError):
        return error.problem
    where = in_a_sentence(stage) or "the job"
    words = str(error).lower()
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or any(w in words for w in _MEMORY_WORDS):
        return Problem(
            Kind.MISSING_RESOURCE,
            f"memory ran out during {where}",
            "close other programs or choose a lower quality, then retry",
            Action.CHANGE_OPTIONS,
        )
    if (isinstance(error, OSError) and error.errno in _FULL) or any(w in words for w in _DISK_WORDS) or disk_is_full(job):
        return full_disk(job, where)
    if isinstance(error, OSError) and error.errno in _NOT_OURS:
        cause = f"{error.filename or job} cannot be read or written ({(error.strerror or '').lower()})"
        return Problem(Kind.MISSING_RESOURCE, cause, "change its rights or choose another place, then retry", Action.RETRY)
    if isinstance(error, FileNotFoundError) and error.filename and not Path(error.filename).is_relative_to(job):
        return Problem(
            Kind.MISSING_RESOURCE, f"{error.filename} is not there any more", "bring it back, then retry", Action.RETRY
        )
    kind = type(error).__name__
    return Problem(Kind.BUG, f"{where} met an error of ours ({kind})", f"send {job / LOG_FILE} with a report", Action.OPEN_LOG)


def problem_outside_jobs(error: Exception) -> Problem:
    """The problem behind an exception where no job keeps a log: the traceback goes to a new file that a bug names."""
    folder = Path(tempfile.mkdtemp(prefix="grotto-"))
    problem = problem_of(error, folder)
    (folder / LOG_FILE).write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
    return problem


def in_a_sentence(title: str) -> str:
    """A stage's title within a sentence: "Finding cameras" as "finding cameras", "SIFT features" as it is."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def full_disk(job: Path, where: str) -> Problem:
    return Problem(
        Kind.MISSING_RESOURCE,
        f"the disk that holds {job} filled up during {where}",
        "free some space, then retry: finished stages are kept",
        Action.RETRY,
    )


def disk_is_full(folder: Path) -> bool:
    """Whether so little is left that a library may have failed for it, whatever words it found."""
    try:
        return shutil.disk_usage(folder).free < _NEARLY_FULL_BYTES
    except OSError:
        return False


def problem_of_death(exit_code: int, job: Path, stage: str, memory_ran_out: bool) -> Problem:
    """The problem of a worker that ended without a word. `exit_code` is negative for a signal."""
    where = in_a_sentence(stage) or "the start"
    if exit_code == -9:  # SIGKILL, a name that Windows does not have
        if memory_ran_out:
            cause = f"the system ended the worker during {where} because memory ran out (SIGKILL)"
        else:
            cause = f"the worker was killed during {where} (SIGKILL), which systems do when memory runs out"
        return Problem(
            Kind.MISSING_RESOURCE,
            cause,
            "close other programs or choose a lower quality, then retry: finished stages are kept",
            Action.RETRY,
        )
    if disk_is_full(job):
        return full_disk(job, where)
    how = f"by signal {-exit_code}, {_signal_name(-exit_code)}" if exit_code < 0 else f"with exit code {exit_code}"
    return Problem(
        Kind.BUG,
        f"the worker died during {where} ({how})",
        f"retry, as finished stages are kept; if it dies again, send {job / LOG_FILE} with a report",
        Action.RETRY,
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
