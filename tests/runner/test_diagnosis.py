"""From exceptions and deaths to problems in words."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from grotto.contract import Kind, ProblemError, bad_input
from grotto.runner import in_a_sentence, problem_of, problem_of_death, problem_outside_jobs


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (MemoryError(), Kind.MISSING_RESOURCE, "memory ran out during finding cameras"),
        (OutOfMemoryError("CUDA"), Kind.MISSING_RESOURCE, "memory ran out"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), Kind.MISSING_RESOURCE, "memory ran out"),
        (RuntimeError("std::bad_alloc"), Kind.MISSING_RESOURCE, "memory ran out"),
        (OSError(errno.ENOSPC, "No space left on device"), Kind.MISSING_RESOURCE, "filled up"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), Kind.MISSING_RESOURCE, "filled up"),
        (sqlite3.OperationalError("database or disk is full"), Kind.MISSING_RESOURCE, "filled up"),
        (PermissionError(errno.EACCES, "Permission denied", "/photos/a.jpg"), Kind.MISSING_RESOURCE, "/photos/a.jpg"),
        (OSError(errno.EROFS, "Read-only file system", "/job/x"), Kind.MISSING_RESOURCE, "read-only file system"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/photos/a.jpg"), Kind.MISSING_RESOURCE, "/photos/a.jpg is not there"),
        (bad_input("the photo is sad", "cheer it up"), Kind.BAD_INPUT, "the photo is sad"),
        (ZeroDivisionError(), Kind.BUG, "ZeroDivisionError"),
    ],
)
def test_what_was_raised(tmp_path: Path, error: Exception, kind: Kind, words: str) -> None:
    problem = problem_of(error, tmp_path, "Finding cameras")
    assert problem.kind is kind
    assert words in problem.cause
    assert problem.remedy and problem.action


def test_a_file_that_our_own_job_misses_is_a_bug(tmp_path: Path) -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file", str(tmp_path / "features" / "database.db"))
    assert problem_of(error, tmp_path, "Matching").kind is Kind.BUG


@pytest.mark.parametrize(
    ("code", "memory", "kind", "words"),
    [
        (-9, True, Kind.MISSING_RESOURCE, "because memory ran out"),
        (-9, False, Kind.MISSING_RESOURCE, "was killed during the start"),
        (-11, False, Kind.BUG, "signal 11, SIGSEGV"),
        (-63, False, Kind.BUG, "signal 63"),
        (1, False, Kind.BUG, "exit code 1"),
    ],
)
def test_how_it_died(tmp_path: Path, code: int, memory: bool, kind: Kind, words: str) -> None:
    problem = problem_of_death(code, tmp_path, "", memory)
    assert problem.kind is kind and words in problem.cause


def test_titles_in_sentences() -> None:
    assert in_a_sentence("Finding cameras") == "finding cameras"
    assert in_a_sentence("SIFT features") == "SIFT features"
    assert in_a_sentence("") == ""


def test_a_traceback_outside_jobs_is_kept_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        problem = problem_outside_jobs(error)
    (log,) = tmp_path.glob("grotto-*/worker.log")
    assert str(log) in problem.remedy
    assert "Traceback" in log.read_text() and "by nothing" in log.read_text()
    assert isinstance(ProblemError(problem), Exception)
