"""Which of the user's files count into a stamp: those that a stage may read for a path among its inputs."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_OURS = ("request.json", "artefact.json")  # a folder with one of these is a job's or a stage's, and no stage reads it as input
_HIDDEN_BUT_READ = (".mask", ".masks")  # where RealityCapture keeps masks

Finder = Callable[[Path], Iterable[Path]]
"""The files that the stages of a recipe find for an input, by the function that they find them with."""


def files_read(path: Path, finds: Finder | None = None) -> Iterator[tuple[str, Path]]:
    """Every file that counts for an input, with its name in the stamp, sorted: all below a folder, and what `finds` adds.

    Links are followed, as by the stages that find pictures, and each folder is entered once. Hidden files and folders, and
    folders that jobs made, are left out.
    """
    if not path.is_dir():
        yield path.name, path
        return
    below = sorted(_below(path), key=lambda file: file.relative_to(path).parts)
    yield from ((file.relative_to(path).as_posix(), file) for file in below)
    seen = {os.path.realpath(file) for file in below}
    more = {os.path.realpath(file): file for file in (finds(path) if finds is not None else ())}
    yield from sorted((os.path.relpath(file, path), file) for real, file in more.items() if real not in seen)


def is_regular(path: Path) -> bool:
    """Whether there is a file that can be read to its end: no pipe, device or socket, also behind a link."""
    return stat.S_ISREG(path.stat().st_mode)


def _below(folder: Path) -> Iterator[Path]:
    entered: set[str] = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        ours = Path(here) != folder and any(name in names for name in _OURS)
        if ours or real in entered:  # a link may lead back to where we have been
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith(".") or name.casefold() in _HIDDEN_BUT_READ)
        yield from (Path(here, name) for name in names if not name.startswith("."))
