"""Which of the user's files count into a stamp: those that a stage may read for a path among its inputs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_OURS = ("request.json", "artefact.json")  # a folder with one of these is a job's or a stage's, and no stage reads it as input
_HIDDEN_BUT_READ = (".mask", ".masks")  # where RealityCapture keeps masks

Counted = tuple[str, Path | None]
"""A name, and the file whose content counts under it; None where the name alone does."""

Finder = Callable[[Path], Iterable[Counted] | None]
"""What the stages of a recipe read for an input, by the functions that they find it with; None for an input that is all read."""


def files_read(path: Path, finds: Finder | None = None) -> Iterator[Counted]:
    """Everything that counts for an input, sorted by name: what `finds` gives, else the file or all below the folder.

    Links are followed, as by the stages that find pictures, and each folder is entered once. Without `finds`, hidden files and
    folders, and folders that jobs made, are left out.
    """
    found = finds(path) if finds is not None else None
    if found is not None:
        yield from sorted(found, key=lambda counted: (counted[0], str(counted[1])))
    elif not path.is_dir():
        yield path.name, path
    else:
        below = sorted(_below(path), key=lambda file: file.relative_to(path).parts)
        yield from ((file.relative_to(path).as_posix(), file) for file in below)


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
