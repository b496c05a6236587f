"""Which files of the user's the stages that read photos find for an input: what their stamps must follow."""

from __future__ import annotations

import os
from pathlib import Path

from ...contract import ProblemError
from ...photos import files_of_masks_beside, find_pictures


def pictures_read(source: Path) -> list[tuple[str, Path | None]] | None:
    """The pictures below a folder, the masks beside it, and by name and reason alone what is left out; None for a file.

    These are the lists that photos and masks are found with, and nothing else below the folder counts.
    """
    source = source.resolve()
    if not source.is_dir():
        return None
    try:
        found, skipped = find_pictures(source)
        beside = files_of_masks_beside(source)
    except (ProblemError, OSError) as error:  # it cannot be read, which the stage says
        return [(str(error), None)]
    return [
        *((picture.name, picture.path) for picture in found),
        *((os.path.relpath(file, source), file) for file in beside),
        *((f"{file.name}: {file.reason}", None) for file in skipped),
    ]
