"""Which files of the user's the stages that read photos find for an input: what their stamps must follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...contract import ProblemError
from ...photos import files_of_masks_beside, find_pictures


def pictures_read(source: Path) -> Iterator[Path]:
    """Every picture below a folder and every file of masks beside it, by the functions that photos and masks are found with."""
    source = source.resolve()
    if not source.is_dir():
        return
    try:
        found, _ = find_pictures(source)
        beside = files_of_masks_beside(source)
    except (ProblemError, OSError):  # it cannot be read, which the stage says
        return
    yield from (picture.path for picture in found)
    yield from beside
