"""Files that have an end: whether a path leads to one, and the one way in which a user's file is opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# File systems of the kernel: their files have no size, may have no end, and some of them wait.
KERNEL_FOLDERS = ("/proc", "/sys")


class NotRegularError(OSError):
    """There is something at a path that is no file with an end; the words are for the user."""


def why_not_regular(path: Path) -> str:
    """Why what lies at a path, links followed, cannot be read to an end; "" for a regular file. Opens nothing.

    Raises OSError where there is nothing, or where it may not be looked at.
    """
    what = _kind(path.stat().st_mode)
    if what:
        return f"it is {what} and no file"
    return "it is a file of the kernel's, which has no end" if in_kernel_folder(path) else ""


def is_regular(path: Path) -> bool:
    """Whether a path leads to a file with an end; False where there is nothing or it may not be looked at."""
    try:
        return not why_not_regular(path)
    except (OSError, ValueError):
        return False


def in_kernel_folder(path: Path) -> bool:
    """Whether a path, links followed, lies among the kernel's own files."""
    real = os.path.realpath(path)
    return real.startswith(tuple(folder + "/" for folder in KERNEL_FOLDERS)) or real in KERNEL_FOLDERS


def path_below(folder: Path, name: str) -> Path:
    """The path of a file that a document names relative to `folder`. Raises ValueError for a name that leads out, as written."""
    path = Path(os.path.normpath(folder / name.replace("\\", "/")))
    if "\0" in name or not path.is_relative_to(os.path.normpath(folder)):
        raise ValueError(f"{name!r} leads out of its folder")
    return path


def open_regular(path: Path) -> BinaryIO:
    """A regular file opened for reading, links followed; never waits for what is none.

    Raises NotRegularError for a pipe, device, socket or folder, and OSError where the file cannot be opened.
    """
    why = why_not_regular(path)  # before it is opened: opening a device may already do something
    if why:
        raise NotRegularError(why)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    try:
        what = _kind(os.fstat(handle).st_mode)  # it may have been exchanged meanwhile
        if what:
            raise NotRegularError(f"it is {what} and no file")
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
