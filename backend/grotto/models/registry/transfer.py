"""Fetch one file over a line that may drop: what arrived stays on the disk, and the next request starts behind it."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path

from ...contract import ProblemError, Progress, missing_resource
from .entries import megabytes
from .hub import NETWORK_ERRORS, ListedFile, Server, may_pass, network_problem, open_file

PART = ".part"  # ending of a file that has not arrived completely
_BLOCK = 1 << 18  # bytes at most between two looks for a cancellation
_LONGEST_WAIT_S = 20.0  # that a server may ask for
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Arrived = Callable[[int], None]  # called with the bytes of the file that are there


def fetch_file(server: Server, commit: str, file: ListedFile, target: Path, arrived: Arrived, report: Progress) -> str:
    """Fetch `file` to `target`, from where an earlier attempt stopped; returns its sha256.

    Raises a missing resource where the line stays broken, the disk is full, or what came is not what the publisher lists.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + PART)
    if target.is_file():
        target.replace(part)  # complete, but nobody recorded its hash
    if _length(part) > file.size_bytes:
        part.unlink()  # of another file
    stitched = _length(part) > 0
    drops = _complete(server, commit, file, part, arrived, report)
    digest = _digest(part, file, report)
    if not digest and (stitched or drops):
        report.note(f"{file.path} arrived in several pieces that do not fit together: it is fetched again from its start")
        part.unlink()
        drops = _complete(server, commit, file, part, arrived, report)
        digest = _digest(part, file, report)
    if not digest:
        part.unlink()
        raise missing_resource(
            f"{server.host} sent another {file.path} than its publisher lists (the hashes differ); it was thrown away",
            f"try again later or through another network, or {server.by_hand}",
        )
    if drops:
        report.note(f"the line dropped {drops} times while {file.path} was fetched; each time it went on where it had stopped")
    part.replace(target)
    return digest


def disk_problem(error: OSError, folder: Path) -> ProblemError:
    """The missing resource of a write that failed, with the free space where the disk is full."""
    if error.errno in _FULL:
        free = megabytes(shutil.disk_usage(folder).free)
        return missing_resource(
            f"the disk of {folder} is full ({free} are free); what arrived is kept",
            "make room and repeat the command, which goes on there, or name another place with GROTTO_MODELS",
        )
    reason = (error.strerror or str(error)).lower()
    return missing_resource(f"{folder} cannot be written ({reason})", "name another place with GROTTO_MODELS")


def _complete(server: Server, commit: str, file: ListedFile, part: Path, arrived: Arrived, report: Progress) -> int:
    """Append to `part` until it has its length; returns how often the line dropped."""
    drops = fruitless = 0
    while (length := _length(part)) < file.size_bytes or not part.exists():
        try:
            _append(server, commit, file, part, arrived, report)
        except NETWORK_ERRORS as error:
            gained = _length(part) - length
            fruitless = 0 if gained > 0 else fruitless + 1
            if fruitless >= len(server.waits_s) or not (isinstance(error, ShortAnswer) or may_pass(error)):
                raise network_problem(error, server, f"file {file.path}", _kept(part, file)) from error
            drops += 1
            _wait(error, server.waits_s[fruitless], report)
    if _length(part) > file.size_bytes:
        part.unlink()
        raise missing_resource(
            f"{server.host} sent more of {file.path} than its publisher lists; it was thrown away", server.by_hand
        )
    return drops


class ShortAnswer(OSError):
    """The server closed the line before the file was complete."""


def _append(server: Server, commit: str, file: ListedFile, part: Path, arrived: Arrived, report: Progress) -> None:
    start = _length(part)
    with open_file(server, commit, file.path, start) as (response, begins):
        if begins > start:
            raise ShortAnswer(f"it answered from byte {begins} on instead of {start}")
        try:
            writing = part.open("r+b" if part.exists() else "wb")
        except OSError as error:
            raise disk_problem(error, part.parent) from error
        with writing:
            writing.truncate(begins)  # 0 where the server cannot start later
            writing.seek(begins)
            length = begins
            while block := response.read1(_BLOCK):  # what is there: a read of a whole block loses its part when the line drops
                report.check()
                try:
                    writing.write(block)
                    writing.flush()
                except OSError as error:
                    raise disk_problem(error, part.parent) from error
                length += len(block)
                arrived(length)
                if length > file.size_bytes:
                    return
            os.fsync(writing.fileno())
    if length < file.size_bytes:
        raise ShortAnswer("the line was closed early")


def _wait(error: BaseException, seconds: float, report: Progress) -> None:
    if isinstance(error, urllib.error.HTTPError):
        asked = str(error.headers.get("Retry-After") or "")
        seconds = min(_LONGEST_WAIT_S, float(asked)) if asked.isdigit() else seconds
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        report.check()
        time.sleep(0.05)


def _kept(part: Path, file: ListedFile) -> str:
    length = _length(part)
    if not length:
        return ""
    return f"{megabytes(length)} of {megabytes(file.size_bytes)} are kept, and the same command goes on there"


def _digest(part: Path, file: ListedFile, report: Progress) -> str:
    """The sha256 of what arrived; empty where it is not the file that its publisher lists."""
    found, git = hashlib.sha256(), hashlib.sha1(f"blob {file.size_bytes}\0".encode(), usedforsecurity=False)
    with part.open("rb") as content:
        while block := content.read(8 * 1024 * 1024):
            report.check()
            found.update(block)
            if not file.sha256:
                git.update(block)
    right = found.hexdigest() == file.sha256 if file.sha256 else git.hexdigest() == file.git_id
    return found.hexdigest() if right else ""


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
