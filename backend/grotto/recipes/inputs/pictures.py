"""Which files of the user's the stages that read photos find for an input: what their stamps must follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...contract import ProblemError
from ...photos import find_pictures

_MASK_WORDS = ("mask", "matte", "segment")  # in names of folders that may hold masks


def pictures_read(source: Path) -> Iterator[Path]:
    """Every picture that is found below a folder, by the function that photos are found with, and in mask folders beside it."""
    source = source.resolve()
    if not source.is_dir():
        return
    beside = [folder for folder in _folders_in(source.parent) if folder != source and _may_hold_masks(folder)]
    for folder in (source, *beside):
        try:
            found, _ = find_pictures(folder)
        except ProblemError:  # it cannot be read, which the stage says
            continue
        yield from (picture.path for picture in found)


def _may_hold_masks(folder: Path) -> bool:
    return any(word in folder.name.casefold() for word in _MASK_WORDS)


def _folders_in(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return []
